/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The ladder: all rungs measured in one run, in turn in each block, so that
 * drift hits all alike. Fills arrays of samples, prints nothing. As in measure.h,
 * a sample is never clamped, moved or dropped by itself: only a rung's whole turn
 * in a block is rejected, repeated, and counted.
 */
#ifndef LADDER_H
#define LADDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "measure.h"
#include "rung.h"

#define LADDER_MAX	48
#define LADDER_SAMPLES	3000

struct ladder_config {
	int fd;			/* the device, or what dev_open() said */
	int cpu;		/* -1: where it runs already */
	size_t samples;		/* of each rung; costly ones have a share of it */
	uint64_t only;		/* bit i: rung i is wanted; two are measured anyhow */
};

struct ladder_rung {
	const struct rung *rung;
	bool wanted;		/* not only measured for others' sake */
	enum rung_lack lack;
	const char *why;	/* not RUNG_HERE: why it is missing */
	int error;		/* RUNG_FAILED in a sample: errno; 0: as .why says */
	int64_t *samples;	/* less the empty bracket, in the clock's unit */
	size_t n, per_turn, room;
	unsigned int turns_kept, turns_total;
	struct measure_result noise;	/* only what disturbs is filled in */
};

struct ladder {
	struct ladder_rung rungs[LADDER_MAX];
	size_t n, blocks;
	int cpu, other_cpu;	/* -1: there is one only */
	int64_t overhead;	/* the smallest empty bracket */
	/* while the rung "gap" ran: ticks, and interrupts of that CPU by the kernel's count */
	int64_t gap_ticks;
	unsigned long gap_interrupts, gaps;
};

/* Rung @i in the order of the ladder, or NULL. */
const struct rung *ladder_rung(size_t i);
/* Its bit by name, 0: there is none. */
uint64_t ladder_find(const char *name, size_t length);
/* All that are not measured on request only; @operations: these, too. */
uint64_t ladder_usual(bool operations);

/*
 * 0, or -errno with *@what saying what failed. The scheduling of the caller is
 * as before afterwards. Free the ladder in either case.
 */
int ladder_run(const struct ladder_config *config, struct ladder *ladder, const char **what);
void ladder_free(struct ladder *ladder);
/* The rung of that name, if it was measured; else NULL. */
const struct ladder_rung *ladder_measured(const struct ladder *ladder, const char *name);

#endif
