// SPDX-License-Identifier: GPL-2.0
/*
 * One way after the other, not interleaved: while one holds ports by ioperm() each
 * exit from the kernel is dearer, for the others as well. Every round is verified,
 * outside of its stamps.
 */
#include "batch.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include <ringprobe_stamp.h>
#include "measure.h"

#define ROUNDS_MAX	31
#define ROUNDS_MIN	3
#define ROUNDS_TICKS	200000000	/* for the rounds of one list, if ROUNDS_MIN allow it */
#define CURVE_ROUNDS	7
#define SINGLE_CALLS	64

size_t batch_size(unsigned int i)
{
	return (size_t)1 << i;
}

static bool failed(struct batch_result *result, const char *what)
{
	result->outcome = BATCH_FAILED;
	snprintf(result->why, sizeof(result->why), "%s", what);
	return false;
}

/* @n units, checked afterwards; *ticks may be NULL. */
static bool round_of(const struct batch_work *work, unsigned int list, size_t n,
		     struct batch_result *result, int64_t *ticks)
{
	const char *wrong;
	uint64_t first, last;
	int err;

	work->prepare(work->state, list, result->way->traits, n);
	first = ringprobe_stamp();
	err = result->way->run(work->state, n);
	last = ringprobe_stamp();
	if (err)
		return failed(result, strerror(-err));
	wrong = work->verify(work->state, result->way->traits, n);
	if (wrong)
		return failed(result, wrong);
	if (ticks)
		*ticks = measure_in_unit((int64_t)(last - first));
	return true;
}

static long page_faults(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_minflt + usage.ru_majflt;
}

static bool count(const struct batch_work *work, struct crossings *crossings,
		  struct batch_result *result)
{
	const char *wrong;
	long faults;
	int err;

	work->prepare(work->state, 0, result->way->traits, work->n);
	faults = page_faults();
	crossings_start(crossings);
	err = result->way->run(work->state, work->n);
	result->crossings = crossings_stop(crossings);
	result->faults = page_faults() - faults;
	result->by = crossings->by;
	result->counted = crossings->by == CROSSINGS_TASK_IO ? result->way->traits & BATCH_READS :
			  crossings->by != CROSSINGS_NOT_COUNTED;
	if (err)
		return failed(result, strerror(-err));
	wrong = work->verify(work->state, result->way->traits, work->n);
	return wrong ? failed(result, wrong) : true;
}

static bool counted(const struct batch_work *work, struct crossings *crossings,
		    struct batch_result *result)
{
	bool done;

	if (work->witness)
		work->witness(work->state, true);
	done = count(work, crossings, result);
	if (work->witness)
		work->witness(work->state, false);
	return done;
}

static bool timed(const struct batch_work *work, unsigned int list, struct batch_result *result)
{
	int64_t ticks[ROUNDS_MAX], spent = 0;
	size_t n = 0;

	if (!round_of(work, list, work->n, result, NULL))	/* to warm up */
		return false;
	while (n < ROUNDS_MAX && (n < ROUNDS_MIN || spent < ROUNDS_TICKS)) {
		if (!round_of(work, list, work->n, result, &ticks[n]))
			return false;
		spent += ticks[n++];
	}
	stats_sort(ticks, n);
	result->lists[list].rounds = n;
	result->lists[list].min = ticks[0];
	result->lists[list].median = stats_percentile(ticks, n, 500);
	return true;
}

/* The median of rounds of @n operations. */
static bool median_of(const struct batch_work *work, struct batch_result *result, size_t n,
		      int64_t *median)
{
	int64_t ticks[CURVE_ROUNDS];

	for (int i = 0; i < CURVE_ROUNDS; i++)
		if (!round_of(work, 0, n * result->way->unit, result, &ticks[i]))
			return false;
	stats_sort(ticks, CURVE_ROUNDS);
	*median = stats_percentile(ticks, CURVE_ROUNDS, 500);
	return true;
}

static bool single(const struct batch_work *work, struct batch_result *result)
{
	int64_t median;

	if (!median_of(work, result, SINGLE_CALLS, &median))
		return false;
	result->each = (double)median / SINGLE_CALLS;
	return true;
}

static bool curve(const struct batch_work *work, struct batch_result *result)
{
	int64_t sizes[BATCH_SIZES];

	for (unsigned int i = 0; i < BATCH_SIZES; i++) {
		sizes[i] = (int64_t)batch_size(i);
		if (!median_of(work, result, batch_size(i), &result->curve[i]))
			return false;
	}
	stats_line(sizes, result->curve, BATCH_SIZES, &result->line);
	result->has_curve = true;
	return true;
}

/* True if there is something to close. */
static bool opened(const struct batch_work *work, struct batch_result *result)
{
	const char *why = work->refused;

	if (!why && result->way->open)
		why = result->way->open(work->state);
	if (!why)
		return true;
	result->outcome = BATCH_MISSING;
	if (!strncmp(why, BATCH_UNSUITED, strlen(BATCH_UNSUITED))) {
		result->outcome = BATCH_NOT_FOR_THIS;
		why += strlen(BATCH_UNSUITED);
	}
	snprintf(result->why, sizeof(result->why), "%s", why);
	return false;
}

static void one_way(const struct batch_work *work, struct batch_result *result)
{
	struct crossings crossings;
	bool good;

	/* before the way starts threads or processes: theirs count */
	crossings_open(&crossings, result->way->traits & BATCH_OTHERS);
	if (opened(work, result)) {
		good = counted(work, &crossings, result);
		crossings_close(&crossings);
		for (unsigned int list = 0; good && list < work->lists; list++)
			good = timed(work, list, result);
		if (good && result->way->traits & BATCH_SINGLE)
			good = single(work, result);
		if (good && result->way->traits & BATCH_MANY)
			curve(work, result);
		if (result->way->close)
			result->way->close(work->state);
	}
	crossings_close(&crossings);
}

static int64_t median_getppid(void)
{
	const struct measure_config config = {
		.via = MEASURE_GETPPID, .fd = -1, .cpu = -1, .samples = 3000,
	};
	struct measure_result result;
	int64_t median = 0;
	const char *what;

	if (!measure_run(&config, &result, &what) && result.n) {
		stats_sort(result.row[MEASURE_TOTAL], result.n);
		median = stats_percentile(result.row[MEASURE_TOTAL], result.n, 500);
	}
	measure_free(&result);
	return median;
}

void batch_run(const struct batch_work *work, struct batch_run *run)
{
	memset(run, 0, sizeof(*run));
	run->work = work;
	run->getppid = median_getppid();
	for (size_t i = 0; i < work->n_ways; i++) {
		struct batch_result *result = &run->results[i];

		result->way = &work->ways[i];
		one_way(work, result);
		if (result->way->traits & BATCH_SINGLE && result->outcome == BATCH_RAN)
			run->single = result;
	}
}

double batch_share(const struct batch_run *run, const struct batch_result *result)
{
	double total = (double)result->lists[0].median;

	return total > 0 ? (double)result->crossings * (double)run->getppid / total : 0;
}

double batch_single_cost(const struct batch_run *run)
{
	return run->single ? run->single->each : 0;
}

__u64 batch_break_even(const struct batch_run *run, const struct batch_result *result)
{
	double saved = batch_single_cost(run) - result->line.slope;

	if (!result->has_curve || !run->single || result->line.slope <= 0 || saved <= 0)
		return 0;
	return result->line.at_zero < 0 ? 1 : (__u64)(result->line.at_zero / saved) + 1;
}
