// SPDX-License-Identifier: GPL-2.0
/*
 * What the TSC counts on this machine, found by what instructions cost: time,
 * the time of an emulator, or instructions.
 */
#include <cpuid.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "env.h"
#include "measure.h"
#include "measure_bracket.h"
#include "stats.h"

#define CLOCK_REPEATS	200
#define CLOCK_QUANTUM	20000

/*
 * The shortest and the typical time of @ops copies of one instruction. RBX
 * holds the value that dependent instructions pass on.
 */
#define RUN(name, ops, insn)							\
static uint64_t run_##name##_##ops(void)					\
{										\
	uint32_t low, high, last_low, last_high;				\
										\
	__asm__ volatile(RINGPROBE_STAMP_ASM					\
		"mov	%%eax, %[low]\n\t"					\
		"mov	%%edx, %[high]\n\t"					\
		".rept	" #ops "\n\t" insn "\n\t.endr\n\t"			\
		RINGPROBE_STAMP_ASM						\
		: [low] "=&r"(low), [high] "=&r"(high),				\
		  "=&a"(last_low), "=&d"(last_high)				\
		: : "rbx", "memory", "cc");					\
	return measure_join(last_low, last_high) - measure_join(low, high);			\
}

#define RUNS(name, insn)							\
	RUN(name, 100, insn) RUN(name, 200, insn) RUN(name, 400, insn)		\
	static uint64_t (*const runs_##name[])(void) = {			\
		run_##name##_100, run_##name##_200, run_##name##_400,		\
	};

RUNS(add, "add	$1, %%rbx")
RUNS(imul, "imul	%%rbx, %%rbx")
RUNS(nop, "nop")

static void slope(uint64_t (*const runs[])(void), struct measure_slope *out)
{
	static const int ops[] = { 100, 200, 400 };
	int64_t samples[CLOCK_REPEATS], median[3];
	bool still = true;
	int i, j;

	for (i = 0; i < 3; i++) {
		for (j = 0; j < CLOCK_REPEATS; j++)
			samples[j] = (int64_t)runs[i]();
		stats_sort(samples, CLOCK_REPEATS);
		median[i] = stats_percentile(samples, CLOCK_REPEATS, 500);
		out->mad = stats_mad(samples, CLOCK_REPEATS);
		still &= samples[0] == median[i] && out->mad == 0;
	}
	out->per_op = (double)(median[2] - median[0]) / (ops[2] - ops[0]);
	out->exact = still && median[1] > median[0] &&
		     median[2] - median[1] == 2 * (median[1] - median[0]);
}

/*
 * Counting instructions: NOP, ADD and IMUL all cost the same whole number of
 * ticks, always, and so do the five instructions of the empty bracket. No
 * hardware does that: there a NOP is cheaper than an ADD, an ADD than an IMUL,
 * and a fence dearer than all.
 */
static bool counts_instructions(const struct measure_clock *clock)
{
	double ticks = clock->nop.per_op;

	return clock->nop.exact && clock->add.exact && clock->imul.exact &&
	       ticks >= 1 && ticks == (double)(uint64_t)ticks &&
	       clock->add.per_op == ticks && clock->imul.per_op == ticks &&
	       clock->empty == 5 * (int64_t)ticks;
}

/*
 * QEMU's translator names itself as hypervisor and in the CPU's brand. Where
 * both are hidden: it makes no code of a NOP, so 4096 of them take no time. No
 * hardware does 64 in a tick.
 */
RUN(nop, 4096, "nop")

static bool is_emulated(const struct measure_clock *clock)
{
	int64_t samples[CLOCK_REPEATS];
	int i;

	for (i = 0; i < CLOCK_REPEATS; i++)
		samples[i] = (int64_t)run_nop_4096();
	stats_sort(samples, CLOCK_REPEATS);
	return env_get()->tcg || strstr(env_get()->cpu_model, "QEMU TCG") ||
	       stats_percentile(samples, CLOCK_REPEATS, 500) - clock->empty < 4096 / 64;
}

static int64_t cpuid_cost(void)
{
	int64_t samples[101];
	unsigned int a, b, c, d, i;

	for (i = 0; i < 101; i++) {
		uint64_t first = ringprobe_stamp();

		__cpuid(0, a, b, c, d);
		samples[i] = (int64_t)(ringprobe_stamp() - first);
	}
	stats_sort(samples, 101);
	return stats_percentile(samples, 101, 500);
}

static uint64_t rdtsc_bare(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return measure_join(low, high);
}

/* The step in which the TSC advances, and the cost of reading it. */
static void quantum(struct measure_clock *clock)
{
	static uint64_t deltas[CLOCK_QUANTUM];
	uint64_t before = rdtsc_bare();
	size_t i;

	for (i = 0; i < CLOCK_QUANTUM; i++) {
		uint64_t now = rdtsc_bare();

		deltas[i] = now - before;
		before = now;
	}
	clock->quantum = stats_gcd(deltas, CLOCK_QUANTUM);
	clock->rdtsc = INT64_MAX;
	for (i = 0; i < CLOCK_QUANTUM; i++)
		if ((int64_t)deltas[i] < clock->rdtsc)
			clock->rdtsc = (int64_t)deltas[i];
}

static int64_t now_ns(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* The TSC's rate, by the kernel's clock; the nearer of two readings brackets it. */
static uint64_t calibrate(void)
{
	int64_t ns = now_ns(CLOCK_MONOTONIC_RAW), elapsed;
	uint64_t start = ringprobe_stamp(), end;

	do {
		elapsed = now_ns(CLOCK_MONOTONIC_RAW) - ns;
		end = ringprobe_stamp();
	} while (elapsed < 50000000);
	return (uint64_t)((double)(end - start) * 1e6 / (double)elapsed + 0.5);
}

const struct measure_clock *measure_clock(void)
{
	static struct measure_clock clock;
	int i;

	if (clock.quantum)
		return &clock;

	clock.empty = INT64_MAX;
	for (i = 0; i < MEASURE_WARM_UP; i++) {
		int64_t ticks = (int64_t)measure_bracket_empty();

		if (ticks < clock.empty)
			clock.empty = ticks;
	}
	slope(runs_nop, &clock.nop);
	slope(runs_add, &clock.add);
	slope(runs_imul, &clock.imul);
	clock.cpuid = cpuid_cost();
	quantum(&clock);

	if (counts_instructions(&clock)) {
		clock.unit = MEASURE_INSN;
		clock.insn_ticks = (uint64_t)clock.nop.per_op;
	} else if (is_emulated(&clock)) {
		clock.unit = MEASURE_EMULATED;
	} else {
		clock.unit = MEASURE_TICKS;
		clock.tsc_khz = calibrate();
	}
	if (!clock.quantum)
		clock.quantum = 1;
	return &clock;
}

int64_t measure_in_unit(int64_t ticks)
{
	const struct measure_clock *clock = measure_clock();

	return clock->unit == MEASURE_INSN ? ticks / (int64_t)clock->insn_ticks : ticks;
}

const char *measure_unit_name(enum measure_unit unit)
{
	return unit == MEASURE_INSN ? "insn" : "ticks";
}

uint64_t measure_tsc_khz(uint64_t kernel_khz, const char **source)
{
	const struct measure_clock *clock = measure_clock();

	*source = NULL;
	if (clock->unit != MEASURE_TICKS)
		return 0;
	*source = kernel_khz ? "the kernel's figure" : "measured";
	return kernel_khz ? kernel_khz : clock->tsc_khz;
}

double measure_ns(int64_t ticks, uint64_t tsc_khz)
{
	return (double)ticks * 1e6 / (double)tsc_khz;
}

const char *measure_unit_says(uint64_t tsc_khz)
{
	static char text[64];
	enum measure_unit unit = measure_clock()->unit;

	if (unit == MEASURE_INSN)
		return "insn: instructions, as QEMU counts them; no time";
	if (unit == MEASURE_EMULATED)
		return "TSC ticks of an emulator: no ns, compare rows only";
	snprintf(text, sizeof(text), "ticks of the TSC (not core cycles), %.3f MHz",
		 (double)tsc_khz / 1e3);
	return text;
}

const char *measure_clock_name(enum measure_unit unit)
{
	static const char *const names[] = { "hardware", "instructions", "emulated" };

	return unit <= MEASURE_EMULATED ? names[unit] : "";
}
