// SPDX-License-Identifier: GPL-2.0
/*
 * Rungs that no system call has a part in: leaving the guest, and ring 0 coming
 * by itself, which ring 3 can only see as a gap between two reads of the clock.
 */
#include <cpuid.h>
#include <errno.h>
#include <stddef.h>

#include "env.h"
#include "measure.h"
#include "rung.h"
#include "stats.h"

#define TYPICAL		1000		/* reads of the clock, to know them by */
#define GAP		20		/* times the typical: something came between */
#define PATIENCE	50000000	/* reads without a gap: then there is none */

static int64_t typical;

static const char *begin_cpuid(struct rung_place *place)
{
	if (!env_get()->hypervisor_bit)
		return rung_lacks(place, RUNG_ABSENT, "no hypervisor: CPUID leaves nothing");
	if (measure_clock()->unit != MEASURE_TICKS)
		return rung_lacks(place, RUNG_ABSENT, "an emulated CPU has no VM exit");
	return NULL;
}

static int64_t sample_cpuid(void)
{
	return RUNG_BRACKET("xor	%%eax, %%eax\n\tcpuid", "D"(0));
}

/* After NOPs, which cost next to nothing: an emulator is slow where the clock is read. */
static uint64_t now(void)
{
	uint32_t low, high;

	__asm__ volatile(".rept	64\n\tnop\n\t.endr\n\trdtsc" : "=a"(low), "=d"(high));
	return measure_join(low, high);
}

static const char *begin_gap(struct rung_place *place)
{
	static int64_t deltas[TYPICAL];
	uint64_t before = now();

	(void)place;
	for (size_t i = 0; i < TYPICAL; i++) {
		uint64_t after = now();

		deltas[i] = (int64_t)(after - before);
		before = after;
	}
	stats_sort(deltas, TYPICAL);
	typical = stats_percentile(deltas, TYPICAL, 500);
	if (typical < (int64_t)measure_clock()->quantum)
		typical = (int64_t)measure_clock()->quantum;
	return NULL;
}

/* The next gap, without the read of the clock that is in it. */
static int64_t sample_gap(void)
{
	uint64_t before = now();

	for (long i = 0; i < PATIENCE; i++) {
		uint64_t after = now();
		int64_t gap = (int64_t)(after - before);

		if (gap > GAP * typical)
			return gap - typical;
		before = after;
	}
	return -ETIME;
}

const struct rung rung_machine[] = {
	{ .name = "cpuid", .label = "VM exit (cpuid)", .share = 1, .way = RUNG_LEAVES,
	  .begin = begin_cpuid, .sample = sample_cpuid,
	  .includes = "CPUID, which a hypervisor has to answer" },
	{ .name = "gap", .label = "uncalled: a gap", .share = 34, .way = RUNG_CROSSES,
	  .repeats = RUNG_NEVER, .sleeps = true, .whole = true,
	  .begin = begin_gap, .sample = sample_gap,
	  .includes = "a loop without any system call, and the CPU was away: an interrupt, mostly; "
		      "a hypervisor can make gaps, too" },
	{ .name = NULL },
};
