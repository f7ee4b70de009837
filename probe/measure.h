/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Timing of mode switches: fills arrays of samples, prints nothing. A sample
 * is a bracket: stamp, SYSCALL, stamp in one assembly block, with no store and
 * no libc in between. One invariant: a sample is never clamped, moved or
 * dropped by itself; only whole blocks are rejected, and counted.
 */
#ifndef MEASURE_H
#define MEASURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/types.h>

/* What the TSC counts here, decided by behaviour (measure_clock()). */
enum measure_unit {
	MEASURE_TICKS,		/* hardware: ticks, which tsc_khz turns into ns */
	MEASURE_INSN,		/* QEMU -icount: instructions executed; no ns */
	MEASURE_EMULATED,	/* QEMU TCG: time of the emulator; no ns */
};

/* One instruction, repeated: ticks for 100 of them, and whether always the same. */
struct measure_slope {
	double per_op;		/* ticks */
	double mad;		/* of the longest run */
	bool exact;		/* lies on a straight line without any deviation */
};

struct measure_clock {
	enum measure_unit unit;
	uint64_t insn_ticks;	/* MEASURE_INSN: ticks per instruction (2^shift) */
	uint64_t quantum;	/* gcd of differences: the TSC's own step */
	int64_t rdtsc;		/* RDTSC to RDTSC, nothing between */
	int64_t empty;		/* the empty bracket, minimum */
	int64_t cpuid;		/* one CPUID, median: it always leaves a guest */
	struct measure_slope add, imul, nop;	/* dependent, dependent, free */
	uint64_t tsc_khz;	/* against CLOCK_MONOTONIC_RAW; 0: not MEASURE_TICKS */
};

/* Measured at the first call, on the CPU where it happens to run. */
const struct measure_clock *measure_clock(void);
const char *measure_unit_name(enum measure_unit unit);	/* "ticks" or "insn" */
/* Ticks of the TSC in the clock's unit. */
int64_t measure_in_unit(int64_t ticks);
/* @kernel_khz: the kernel's figure, 0 if there is none. 0, and NULL: no ns here. */
uint64_t measure_tsc_khz(uint64_t kernel_khz, const char **source);
double measure_ns(int64_t ticks, uint64_t tsc_khz);
/* Behind "in": the unit, and what may be made of it. Lives until the next call. */
const char *measure_unit_says(uint64_t tsc_khz);
const char *measure_clock_name(enum measure_unit unit);	/* "hardware", "instructions", "emulated" */

enum measure_via { MEASURE_LSEEK, MEASURE_IOCTL, MEASURE_GETPPID };

/* What the samples of a run are about. Not every door has all of them. */
enum measure_row {
	MEASURE_ENTRY,		/* first user stamp to kernel stamp, less one empty bracket */
	MEASURE_INSIDE,		/* ioctl: between the handler's two stamps, less one */
	MEASURE_EXIT,		/* kernel stamp to last user stamp, less one */
	MEASURE_TOTAL,		/* the sum of the above, by construction */
	MEASURE_PLAIN,		/* the same door without a kernel stamp, less one */
	MEASURE_STAMP,		/* lseek: what the stamp adds to a pair of calls */
	MEASURE_EMPTY,		/* the empty bracket itself */
	MEASURE_ROWS
};

/* Why a block is rejected; it can be several at once. */
enum measure_reason {
	MEASURE_MIGRATED,	/* it ended on another CPU */
	MEASURE_PREEMPTED,	/* involuntary context switches */
	MEASURE_FAULTED,	/* page faults */
	MEASURE_INTERRUPTED,	/* more interrupts than a timer makes */
	MEASURE_STOLEN,		/* the hypervisor took the CPU away (steal time) */
	MEASURE_REASONS
};

#define MEASURE_BLOCKS		30	/* at least, if there are so many samples */
#define MEASURE_PER_BLOCK	500	/* at most: a longer block is seldom undisturbed */
#define MEASURE_ATTEMPTS	3	/* blocks tried for each block that is wanted */
#define MEASURE_SAMPLES		15000
#define MEASURE_SAMPLES_MAX	1000000
#define MEASURE_WARM_UP		1000
#define MEASURE_LEAD_IN		20	/* unrecorded, after the counters were read */

struct measure_config {
	enum measure_via via;
	int fd;			/* the device; unused by MEASURE_GETPPID */
	int cpu;		/* -1: where it runs already */
	bool fifo;
	size_t samples;		/* of each series, rounded up to whole blocks */
	/* Proof of the split: NOPs before SYSCALL and after its return. */
	unsigned int nops_entry, nops_exit;
};

struct measure_result {
	/* NULL where this door has no such row; block after block, kept ones only */
	int64_t *row[MEASURE_ROWS];
	size_t n;		/* samples in each row: blocks_kept * per_block */
	size_t per_block;
	size_t blocks_wanted, blocks_kept, blocks_total;
	unsigned int rejected[MEASURE_REASONS];
	int64_t overhead;	/* what was subtracted: the smallest empty bracket */
	size_t misordered;	/* not user stamp <= kernel stamp <= user stamp */
	size_t negative;	/* ordered, but shorter than the empty bracket */
	/* in all blocks, the rejected ones too */
	long switches_voluntary, switches_involuntary, page_faults;
	unsigned long interrupts;
	int cpu;
	bool locked;		/* mlockall() was permitted */
};

/*
 * 0, or -errno with *@what saying what failed. The scheduling of the caller is
 * as before afterwards. Free the result in either case.
 */
int measure_run(const struct measure_config *config, struct measure_result *result,
		const char **what);
void measure_free(struct measure_result *result);

/* Whether @cpu may be used by this process; @list: those that may, "0-3,6". */
bool measure_cpu_allowed(int cpu, char *list, size_t size);
/* Memory that is there: no page of it faults later. NULL if there is none. For munmap(). */
void *measure_memory(size_t bytes);

/* A small measurement by lseek, in the clock's unit, for the tour. */
struct measure_crossing {
	enum measure_unit unit;
	size_t samples, misordered, negative;
	int64_t entry_min, entry_median;
	int64_t exit_min, exit_median;
	int64_t total_min, total_median;
	int64_t overhead;
	long switches;		/* context switches, voluntary and not */
};

int measure_crossing(int fd, struct measure_crossing *crossing);

#endif
