// SPDX-License-Identifier: GPL-2.0
/*
 * The run: pin, then in each block each rung begins, warms up, gives its share
 * of samples and ends. Two rungs are measured whether or not they are wanted:
 * the empty bracket, which is taken off, and getppid, which others are compared with.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "ladder.h"
#include "measure_noise.h"
#include "pin.h"

/* Unrecorded samples of each turn: of what is cheap, of what costs much. */
#define LEAD_IN		3
#define LEAD_IN_COSTLY	1

static const struct rung *const parts[] = {
	rung_calls, rung_syscalls, rung_netlink, rung_faults, rung_passes, rung_makes,
	rung_ports, rung_machine,
};

const struct rung *ladder_rung(size_t i)
{
	for (size_t part = 0; part < sizeof(parts) / sizeof(parts[0]); part++)
		for (const struct rung *rung = parts[part]; rung->name; rung++)
			if (!i--)
				return rung;
	return NULL;
}

uint64_t ladder_find(const char *name, size_t length)
{
	const struct rung *rung;

	for (size_t i = 0; (rung = ladder_rung(i)); i++)
		if (strlen(rung->name) == length && !strncmp(rung->name, name, length))
			return 1ULL << i;
	return 0;
}

uint64_t ladder_usual(bool operations)
{
	const struct rung *rung;
	uint64_t usual = 0;

	for (size_t i = 0; (rung = ladder_rung(i)); i++)
		if (operations || !rung->operation)
			usual |= 1ULL << i;
	return usual;
}

const struct ladder_rung *ladder_measured(const struct ladder *ladder, const char *name)
{
	for (size_t i = 0; i < ladder->n; i++)
		if (!strcmp(ladder->rungs[i].rung->name, name) && ladder->rungs[i].n)
			return &ladder->rungs[i];
	return NULL;
}

static int choose(const struct ladder_config *config, struct ladder *ladder)
{
	const uint64_t always = ladder_find("empty", 5) | ladder_find("getppid", 7);
	const struct rung *rung;

	for (size_t i = 0; ladder->n < LADDER_MAX && (rung = ladder_rung(i)); i++) {
		struct ladder_rung *to = &ladder->rungs[ladder->n];

		if (!((config->only | always) & 1ULL << i))
			continue;
		to->rung = rung;
		to->wanted = config->only & 1ULL << i;
		to->noise.cpu = ladder->cpu;
		to->per_turn = (config->samples / ladder->blocks + rung->share - 1) / rung->share;
		to->room = to->per_turn * ladder->blocks;
		to->samples = measure_memory(to->room * sizeof(*to->samples));
		ladder->n++;
		/* not a part of what a fork has to copy */
		if (!to->samples || madvise(to->samples, to->room * sizeof(*to->samples), MADV_DONTFORK))
			return -ENOMEM;
	}
	return 0;
}

static void gave_up(struct ladder_rung *to, const char *why, enum rung_lack lack, int64_t err)
{
	to->why = why;
	to->lack = lack;
	to->error = (int)-err;
	to->n = 0;
}

/* @n samples, to @at unless it is NULL; false: one went wrong. */
static bool take(struct ladder_rung *to, size_t n, int64_t *at)
{
	for (size_t i = 0; i < n; i++) {
		int64_t ticks = to->rung->sample();

		if (ticks < 0) {
			gave_up(to, NULL, RUNG_FAILED, ticks);
			return false;
		}
		if (at)
			at[i] = ticks;
	}
	return true;
}

static void count_gaps(struct ladder *ladder, const struct ladder_rung *to, uint64_t start,
		       const struct measure_noise *before, const struct measure_noise *after)
{
	ladder->gap_ticks += (int64_t)(ringprobe_stamp() - start);
	ladder->gaps += LEAD_IN_COSTLY + to->per_turn;
	ladder->gap_interrupts += after->interrupts - before->interrupts;
}

/* A lead-in, then the samples. */
static bool take_samples(struct ladder_rung *to)
{
	return take(to, to->rung->share > 1 ? LEAD_IN_COSTLY : LEAD_IN, NULL) &&
	       take(to, to->per_turn, to->samples + to->n);
}

/* Whether the samples may stay. */
static bool measure(struct ladder *ladder, struct ladder_rung *to)
{
	bool waits = to->rung->repeats == RUNG_NEVER;
	unsigned int cpu = (unsigned int)ladder->cpu;
	struct measure_noise before, after;
	uint64_t start;

	if (to->rung->sleeps && !waits)
		return take_samples(to);
	/* before the counters are read: pages that a fork has write-protected */
	if (!waits && !take(to, LEAD_IN, NULL))
		return false;
	measure_noise_before(cpu, &before);
	start = ringprobe_stamp();
	if (!take_samples(to))
		return false;
	measure_noise_after(cpu, &after);
	if (waits)
		count_gaps(ladder, to, start, &before, &after);
	return waits || measure_noise_judge(&before, &after, &to->noise);
}

/* One turn of one rung. Whether its samples may stay. */
static bool take_turn(struct ladder *ladder, struct ladder_rung *to, struct rung_place *place)
{
	const char *why;
	bool good;

	place->lack = RUNG_HERE;
	why = to->rung->begin ? to->rung->begin(place) : NULL;
	if (why) {
		gave_up(to, why, place->lack, 0);
		return false;
	}
	to->turns_total++;
	good = measure(ladder, to);
	if (to->rung->end)
		to->rung->end();
	return good;
}

static void turn_of(struct ladder *ladder, struct ladder_rung *to, struct rung_place *place)
{
	for (int attempt = 0; attempt < MEASURE_ATTEMPTS && to->lack == RUNG_HERE; attempt++) {
		if (!take_turn(ladder, to, place))
			continue;
		to->turns_kept++;
		to->n += to->per_turn;
		return;
	}
}

/* Takes the overhead off, and turns ticks into instructions where that is what they are. */
static void finish(struct ladder *ladder)
{
	const struct ladder_rung *empty = &ladder->rungs[0];
	int64_t overhead = empty->n ? INT64_MAX : 0;

	for (size_t i = 0; i < empty->n; i++)
		if (empty->samples[i] < overhead)
			overhead = empty->samples[i];
	for (size_t r = 0; r < ladder->n; r++) {
		struct ladder_rung *to = &ladder->rungs[r];

		for (size_t i = 0; i < to->n; i++)
			to->samples[i] = measure_in_unit(to->samples[i] -
							 (to->rung->whole ? 0 : overhead));
	}
	ladder->overhead = measure_in_unit(overhead);
	ladder->gap_ticks = measure_in_unit(ladder->gap_ticks);
}

static int run(const struct ladder_config *config, struct ladder *ladder)
{
	struct rung_place place = {
		.fd = config->fd, .cpu = ladder->cpu, .other_cpu = ladder->other_cpu,
	};
	int err;

	ladder->blocks = config->samples < MEASURE_BLOCKS ? config->samples : MEASURE_BLOCKS;
	err = choose(config, ladder);
	for (size_t block = 0; !err && block < ladder->blocks; block++)
		for (size_t i = 0; i < ladder->n; i++)
			turn_of(ladder, &ladder->rungs[i], &place);
	if (!err)
		finish(ladder);
	return err;
}

int ladder_run(const struct ladder_config *config, struct ladder *ladder, const char **what)
{
	struct pin pin;
	int err;

	memset(ladder, 0, sizeof(*ladder));
	ladder->cpu = config->cpu < 0 ? sched_getcpu() : config->cpu;
	*what = "pinning to the CPU";
	err = pin_begin(&pin, ladder->cpu);
	if (err)
		return err;
	ladder->other_cpu = pin.other;
	*what = "memory for the samples";
	measure_clock();
	err = run(config, ladder);
	pin_end(&pin);
	return err;
}

void ladder_free(struct ladder *ladder)
{
	for (size_t i = 0; i < ladder->n; i++)
		if (ladder->rungs[i].samples)
			munmap(ladder->rungs[i].samples,
			       ladder->rungs[i].room * sizeof(*ladder->rungs[i].samples));
	memset(ladder, 0, sizeof(*ladder));
}
