// SPDX-License-Identifier: GPL-2.0
/*
 * The rounds, in blocks that alternate between nothing armed and the module's probe
 * and notifier armed: the difference is what they cost. The kernel's records are
 * read after a block, when nothing is armed any more.
 */
#define _GNU_SOURCE
#include "path.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "dev.h"
#include "measure_bracket.h"
#include "path_way.h"
#include "pin.h"
#include "priv.h"

/* Four records a round, and two of the call that ends the recording: below 512. */
enum { ROUNDS = 120, LEAD_IN = 8, RECORDS = 512, KERNEL = 4 };

struct round {
	uint64_t at[PATH_POINTS];
	enum path_way way;
};

struct records {
	uint32_t n;
	struct ringprobe_fault_record at[RECORDS];
};

struct block {
	struct measure_call call;
	struct ringprobe_stamp argument;	/* ioctl: what the kernel fills */
	struct round round[ROUNDS];
	struct records records;
};

/* Sums of a series, leg by leg, before they are described. */
struct legs {
	int64_t *leg[PATH_POINTS];
	size_t room;
};

static void set_call(const struct path *path, struct block *block)
{
	if (path->fd < 0)
		block->call = (struct measure_call){ SYS_getppid, 0, 0, 0 };
	else if (path->via == MEASURE_IOCTL)
		block->call = (struct measure_call){ SYS_ioctl, path->fd, RINGPROBE_IOC_STAMP,
						     (long)&block->argument };
	else
		block->call = (struct measure_call){ SYS_lseek, path->fd, 0, SEEK_CUR };
}

static void run_rounds(const struct path *path, struct block *block)
{
	const measure_bracket_fn bracket = measure_bracket_find(0, 0);

	for (int i = 0; i < ROUNDS; i++) {
		struct round *round = &block->round[i];
		struct measure_bracket out;

		memset(&block->argument, 0, sizeof(block->argument));
		block->argument.size = sizeof(block->argument);
		path_way_mark();
		bracket(&block->call, &out);
		round->way = path_way_taken();
		memset(round->at, 0, sizeof(round->at));
		round->at[PATH_USER] = out.first;
		round->at[PATH_HANDLER] = block->argument.first;
		round->at[PATH_HANDLED] = path->via == MEASURE_IOCTL ? block->argument.last : out.ret;
		round->at[PATH_BACK] = out.last;
	}
}

/* Each record goes to the round that it lies in; two of a kind spoil it. */
static void place_records(struct block *block)
{
	uint32_t k = 0;

	for (int i = 0; i < ROUNDS; i++) {
		uint64_t *at = block->round[i].at;

		while (k < block->records.n && block->records.at[k].stamp < at[PATH_USER])
			k++;
		for (; k < block->records.n && block->records.at[k].stamp <= at[PATH_BACK]; k++) {
			static const enum path_point points[KERNEL] = {
				PATH_CALL, PATH_CALLED, PATH_RETURN, PATH_RETURNED,
			};
			uint32_t kind = block->records.at[k].vector - RINGPROBE_FAULT_CALL;

			if (kind < KERNEL)
				at[points[kind]] = at[points[kind]] ? UINT64_MAX :
						   block->records.at[k].stamp;
		}
	}
}

/* Adds a round's legs; false: it lacks a stamp, or they are out of order. */
static bool keep(const struct path_series *series, const struct round *round, struct legs *legs,
		 int64_t between)
{
	int64_t leg[PATH_POINTS] = { 0 };
	enum path_point from = PATH_USER;

	for (enum path_point to = PATH_USER + 1; to < PATH_POINTS; to++) {
		if (!(series->present & 1U << to))
			continue;
		if (round->at[to] < round->at[from] || round->at[to] == UINT64_MAX)
			return false;
		leg[from] = (int64_t)(round->at[to] - round->at[from]) - between;
		leg[PATH_WHOLE] += leg[from];
		from = to;
	}
	for (int i = 0; i < PATH_POINTS; i++)
		legs->leg[i][series->n] = measure_in_unit(leg[i]);
	return true;
}

static int run_block(const struct path *path, struct block *block, struct path_series *series,
		     struct legs *legs, uint32_t flags)
{
	int err = 0;

	priv_rawio(true);
	if (flags)
		err = dev_fault_arm(path->fd, flags);
	if (!err)
		run_rounds(path, block);
	if (!err && flags) {
		err = dev_fault_arm(path->fd, 0);
		if (!err)
			err = dev_fault_records(path->fd, block->records.at, RECORDS,
						&block->records.n);
		place_records(block);
	}
	priv_rawio(false);
	for (int i = LEAD_IN; !err && legs && i < ROUNDS && series->rounds < legs->room; i++) {
		series->rounds++;
		if (!keep(series, &block->round[i], legs, measure_clock()->empty))
			continue;
		series->n++;
		series->way[block->round[i].way]++;
	}
	return err;
}

static void describe(struct path_series *series, struct legs *legs)
{
	for (int i = 0; i < PATH_POINTS; i++)
		stats_describe(legs->leg[i], series->n, &series->leg[i]);
}

static bool allocate(struct legs *legs, size_t room)
{
	bool there = true;

	legs->room = room;
	for (int i = 0; i < PATH_POINTS; i++) {
		legs->leg[i] = calloc(room, sizeof(int64_t));
		there = there && legs->leg[i];
	}
	return there;
}

static void release(struct legs *legs)
{
	for (int i = 0; i < PATH_POINTS; i++)
		free(legs->leg[i]);
}

/* What can be armed here: flags; what is missing for the rest is noted. */
static uint32_t choose(struct path *path)
{
	struct ringprobe_info info;

	path->missing = RINGPROBE_FEATURE_CALLS | RINGPROBE_FEATURE_RETURN;
	if (path->fd < 0 || dev_info(path->fd, &info))
		return 0;
	path->missing &= ~(uint32_t)info.features;
	if (path->missing & RINGPROBE_FEATURE_CALLS)
		return 0;
	return RINGPROBE_FAULT_F_CALLS |
	       (path->missing & RINGPROBE_FEATURE_RETURN ? 0 : RINGPROBE_FAULT_F_RETURN);
}

static void set_points(struct path *path, uint32_t flags)
{
	uint32_t present = 1U << PATH_USER | 1U << PATH_BACK;

	if (path->fd >= 0)
		present |= 1U << PATH_HANDLED;
	if (path->fd >= 0 && path->via == MEASURE_IOCTL)
		present |= 1U << PATH_HANDLER;
	path->plain.present = present;
	if (flags & RINGPROBE_FAULT_F_CALLS)
		present |= 1U << PATH_CALL | 1U << PATH_CALLED;
	if (flags & RINGPROBE_FAULT_F_RETURN)
		present |= 1U << PATH_RETURN | 1U << PATH_RETURNED;
	path->armed.present = present;
}

/* The same number of each, in turn; after one of each that is not kept. */
static int run_all(struct path *path, struct block *block, struct legs *plain, struct legs *armed,
		   uint32_t flags)
{
	int err = run_block(path, block, &path->plain, NULL, 0);

	while (!err && path->plain.rounds < plain->room) {
		err = run_block(path, block, &path->plain, plain, 0);
		if (!err && flags && !path->err)
			path->err = run_block(path, block, &path->armed, armed, flags);
	}
	describe(&path->plain, plain);
	describe(&path->armed, armed);
	return err;
}

int path_measure(struct path *path, const char **what)
{
	static struct block block;
	struct legs plain, armed;
	struct pin pin;
	bool there;
	int err;

	*what = "pinning to the CPU";
	path->cpu = sched_getcpu();
	err = pin_begin(&pin, path->cpu);
	if (err)
		return err;
	*what = "the call to be measured";
	path->told = path_way_works();
	there = allocate(&plain, path->rounds);
	there = allocate(&armed, path->rounds) && there;
	if (there) {
		uint32_t flags = choose(path);

		measure_clock();
		set_points(path, flags);
		set_call(path, &block);
		mlockall(MCL_CURRENT);
		err = run_all(path, &block, &plain, &armed, flags);
		munlockall();
	} else {
		err = -ENOMEM;
	}
	release(&plain);
	release(&armed);
	pin_end(&pin);
	return err;
}
