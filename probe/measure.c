// SPDX-License-Identifier: GPL-2.0
/*
 * The protocol: pin, lock memory, prefault, warm up; then blocks in which the
 * series alternate sample by sample, so that drift hits all of them alike; the
 * contamination counters are read around each block, never inside. Between the
 * two stamps of a bracket there is nothing but the crossing.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <ringprobe.h>
#include "measure.h"
#include "measure_bracket.h"
#include "measure_noise.h"
#include "pin.h"
#include "stats.h"

/* One turn of the loop: the stamped call, the plain one, the empty bracket. */
struct turn {
	struct measure_bracket stamped, plain;
	struct ringprobe_stamp inside;	/* ioctl only */
	uint64_t empty;
};

struct run {
	enum measure_via via;
	measure_bracket_fn bracket;
	struct measure_call stamped, plain;
	struct turn *turns;
	struct ringprobe_stamp *argument;	/* ioctl: what the kernel fills */
};

static void block(const struct run *run, size_t turns)
{
	size_t i;

	for (i = 0; i < turns; i++) {
		struct turn *turn = &run->turns[i];

		memset(run->argument, 0, sizeof(*run->argument));
		run->argument->size = sizeof(*run->argument);
		run->bracket(&run->stamped, &turn->stamped);
		turn->inside = *run->argument;
		run->bracket(&run->plain, &turn->plain);
		turn->empty = measure_bracket_empty();
	}
}

/* The stamps of a turn in the order of time; how many. */
static int stamps_of(enum measure_via via, const struct turn *turn, uint64_t stamps[4])
{
	int n = 0;

	stamps[n++] = turn->stamped.first;
	if (via == MEASURE_LSEEK) {
		stamps[n++] = turn->stamped.ret;
	} else if (via == MEASURE_IOCTL) {
		stamps[n++] = turn->inside.first;
		stamps[n++] = turn->inside.last;
	}
	stamps[n++] = turn->stamped.last;
	return n;
}

/* The differences of a kept block go to the end of the rows, overhead and all. */
static void keep(const struct run *run, struct measure_result *result)
{
	size_t i, at = result->n;

	for (i = 0; i < result->per_block; i++, at++) {
		const struct turn *turn = &run->turns[i];
		int64_t plain = (int64_t)(turn->plain.last - turn->plain.first);
		uint64_t stamps[4];
		int n = stamps_of(run->via, turn, stamps), j;
		bool ordered = true;

		for (j = 1; j < n; j++)
			ordered &= stamps[j - 1] <= stamps[j];
		result->misordered += !ordered;

		if (n > 2) {
			result->row[MEASURE_ENTRY][at] = (int64_t)(stamps[1] - stamps[0]);
			result->row[MEASURE_EXIT][at] = (int64_t)(stamps[n - 1] - stamps[n - 2]);
		}
		if (n > 3)
			result->row[MEASURE_INSIDE][at] = (int64_t)(stamps[2] - stamps[1]);
		result->row[MEASURE_TOTAL][at] = (int64_t)(stamps[n - 1] - stamps[0]);
		result->row[MEASURE_PLAIN][at] = plain;
		if (run->via == MEASURE_LSEEK)
			result->row[MEASURE_STAMP][at] = result->row[MEASURE_TOTAL][at] - plain;
		result->row[MEASURE_EMPTY][at] = (int64_t)turn->empty;
	}
	result->n = at;
	result->blocks_kept++;
}

/* How many empty brackets a row contains: one between any two stamps. */
static int brackets_in(enum measure_via via, enum measure_row row)
{
	switch (row) {
	case MEASURE_STAMP:
	case MEASURE_EMPTY:
		return 0;
	case MEASURE_TOTAL:
		return via == MEASURE_LSEEK ? 2 : via == MEASURE_IOCTL ? 3 : 1;
	default:
		return 1;
	}
}

/*
 * Takes the overhead off, and turns ticks into instructions where that is what
 * they are. Counts samples that become negative, and leaves them as they are.
 */
static void finish(enum measure_via via, struct measure_result *result)
{
	int64_t overhead = result->n ? INT64_MAX : 0;
	size_t i;
	int row;

	for (i = 0; i < result->n; i++)
		if (result->row[MEASURE_EMPTY][i] < overhead)
			overhead = result->row[MEASURE_EMPTY][i];
	for (row = 0; row < MEASURE_ROWS; row++) {
		int64_t *v = result->row[row], less = overhead * brackets_in(via, row);

		for (i = 0; v && i < result->n; i++)
			v[i] = measure_in_unit(v[i] - less);
	}
	for (i = 0; i < result->n; i++)
		result->negative += result->row[MEASURE_TOTAL][i] < 0 ||
			(via != MEASURE_GETPPID && (result->row[MEASURE_ENTRY][i] < 0 ||
						    result->row[MEASURE_EXIT][i] < 0));
	result->overhead = measure_in_unit(overhead);
}

void *measure_memory(size_t bytes)
{
	void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (at == MAP_FAILED)
		return NULL;
	madvise(at, bytes, MADV_NOHUGEPAGE);
	memset(at, 0, bytes);
	return at;
}

static size_t row_bytes(const struct measure_result *result)
{
	return result->per_block * result->blocks_wanted * sizeof(int64_t);
}

void measure_free(struct measure_result *result)
{
	int row;

	for (row = 0; row < MEASURE_ROWS; row++)
		if (result->row[row])
			munmap(result->row[row], row_bytes(result));
	memset(result, 0, sizeof(*result));
}

static int allocate(enum measure_via via, struct measure_result *result)
{
	static const unsigned int rows[] = {
		[MEASURE_LSEEK] = (1 << MEASURE_ROWS) - 1 - (1 << MEASURE_INSIDE),
		[MEASURE_IOCTL] = (1 << MEASURE_ROWS) - 1 - (1 << MEASURE_STAMP),
		[MEASURE_GETPPID] = 1 << MEASURE_TOTAL | 1 << MEASURE_PLAIN | 1 << MEASURE_EMPTY,
	};
	int row;

	for (row = 0; row < MEASURE_ROWS; row++) {
		if (!(rows[via] & 1U << row))
			continue;
		result->row[row] = measure_memory(row_bytes(result));
		if (!result->row[row])
			return -ENOMEM;
	}
	return 0;
}

static void calls(const struct measure_config *config, struct run *run)
{
	run->via = config->via;
	switch (config->via) {
	case MEASURE_LSEEK:
		run->stamped = (struct measure_call){ SYS_lseek, config->fd, 0, SEEK_CUR };
		run->plain = (struct measure_call){ SYS_lseek, config->fd, 0, SEEK_SET };
		break;
	case MEASURE_IOCTL:
		run->stamped = (struct measure_call){ SYS_ioctl, config->fd, RINGPROBE_IOC_STAMP,
					      (long)run->argument };
		run->plain = (struct measure_call){ SYS_ioctl, config->fd, RINGPROBE_IOC_NOP, 0 };
		break;
	case MEASURE_GETPPID:
		run->stamped = (struct measure_call){ SYS_getppid, 0, 0, 0 };
		/* a number that no system call has: in, looked up, ENOSYS, out */
		run->plain = (struct measure_call){ -1, 0, 0, 0 };
		break;
	}
}

/* Warms up; -errno if the door does not open. */
static int warm_up(const struct run *run, size_t per_block)
{
	size_t done;

	for (done = 0; done < MEASURE_WARM_UP; done += per_block)
		block(run, per_block);
	/* the kernel's range of errors, as in libc's syscall() */
	if (run->turns[0].stamped.ret > (uint64_t)-4096L)
		return (int)(long)run->turns[0].stamped.ret;
	if (run->via != MEASURE_GETPPID && run->turns[0].plain.ret > (uint64_t)-4096L)
		return (int)(long)run->turns[0].plain.ret;
	return 0;
}

/* As many blocks as the protocol asks for, more if they would be too long. */
static void divide(size_t samples, struct measure_result *result)
{
	size_t blocks = (samples + MEASURE_PER_BLOCK - 1) / MEASURE_PER_BLOCK;

	if (blocks < MEASURE_BLOCKS)
		blocks = samples < MEASURE_BLOCKS ? samples : MEASURE_BLOCKS;
	result->blocks_wanted = blocks;
	result->per_block = (samples + blocks - 1) / blocks;
}

static int collect(const struct measure_config *config, struct measure_result *result)
{
	struct run run = { .bracket = measure_bracket_find(config->nops_entry, config->nops_exit) };
	size_t turns_bytes;
	int err;

	if (!run.bracket || !config->samples)
		return -EINVAL;
	divide(config->samples, result);
	turns_bytes = (result->per_block + MEASURE_LEAD_IN) * sizeof(*run.turns);
	run.turns = measure_memory(turns_bytes);
	run.argument = measure_memory(sizeof(*run.argument));
	err = run.turns && run.argument ? allocate(config->via, result) : -ENOMEM;
	if (err)
		goto out;

	calls(config, &run);
	result->locked = !mlockall(MCL_CURRENT);
	err = warm_up(&run, result->per_block);
	while (!err && result->blocks_kept < result->blocks_wanted &&
	       result->blocks_total < result->blocks_wanted * MEASURE_ATTEMPTS) {
		struct measure_noise before, after;

		measure_noise_before((unsigned int)result->cpu, &before);
		block(&run, MEASURE_LEAD_IN);
		block(&run, result->per_block);
		measure_noise_after((unsigned int)result->cpu, &after);
		result->blocks_total++;
		if (measure_noise_judge(&before, &after, result))
			keep(&run, result);
	}
	if (!err)
		finish(config->via, result);
	if (result->locked)
		munlockall();
out:
	if (run.turns)
		munmap(run.turns, turns_bytes);
	if (run.argument)
		munmap(run.argument, sizeof(*run.argument));
	return err;
}

bool measure_cpu_allowed(int cpu, char *list, size_t size)
{
	cpu_set_t allowed;
	size_t used = 0;
	int i;

	if (size)
		list[0] = '\0';
	if (sched_getaffinity(0, sizeof(allowed), &allowed))
		return false;
	for (i = 0; i < CPU_SETSIZE; i++) {
		int last = i;

		if (!CPU_ISSET(i, &allowed))
			continue;
		while (last + 1 < CPU_SETSIZE && CPU_ISSET(last + 1, &allowed))
			last++;
		if (used < size)
			used += (size_t)snprintf(list + used, size - used,
						 last > i ? "%s%d-%d" : "%s%d",
						 used ? "," : "", i, last);
		i = last;
	}
	return cpu >= 0 && cpu < CPU_SETSIZE && CPU_ISSET(cpu, &allowed);
}

int measure_run(const struct measure_config *config, struct measure_result *result,
		const char **what)
{
	struct sched_param param, fifo = { .sched_priority = 1 };
	int policy = sched_getscheduler(0), err;
	struct pin pin;

	memset(result, 0, sizeof(*result));
	result->cpu = config->cpu < 0 ? sched_getcpu() : config->cpu;
	*what = "pinning to the CPU";
	if (policy < 0 || sched_getparam(0, &param))
		return -errno;
	err = pin_begin(&pin, result->cpu);
	if (err)
		return err;
	*what = "SCHED_FIFO";
	if (config->fifo && sched_setscheduler(0, SCHED_FIFO, &fifo))
		err = -errno;
	if (!err) {
		*what = "the call to be measured";
		measure_clock();
		err = collect(config, result);
	}
	if (config->fifo)
		sched_setscheduler(0, policy, &param);
	pin_end(&pin);
	return err;
}

static void least_and_median(int64_t *v, size_t n, int64_t *least, int64_t *median)
{
	stats_sort(v, n);
	*least = stats_percentile(v, n, 0);
	*median = stats_percentile(v, n, 500);
}

int measure_crossing(int fd, struct measure_crossing *crossing)
{
	const struct measure_config config = {
		.via = MEASURE_LSEEK, .fd = fd, .cpu = -1, .samples = 3000,
	};
	struct measure_result result;
	const char *what;
	int err;

	memset(crossing, 0, sizeof(*crossing));
	err = measure_run(&config, &result, &what);
	if (!err && !result.n)
		err = -EAGAIN;
	if (!err) {
		crossing->unit = measure_clock()->unit;
		crossing->samples = result.n;
		crossing->misordered = result.misordered;
		crossing->negative = result.negative;
		crossing->overhead = result.overhead;
		crossing->switches = result.switches_voluntary + result.switches_involuntary;
		least_and_median(result.row[MEASURE_ENTRY], result.n,
				 &crossing->entry_min, &crossing->entry_median);
		least_and_median(result.row[MEASURE_EXIT], result.n,
				 &crossing->exit_min, &crossing->exit_median);
		least_and_median(result.row[MEASURE_TOTAL], result.n,
				 &crossing->total_min, &crossing->total_median);
	}
	measure_free(&result);
	return err;
}
