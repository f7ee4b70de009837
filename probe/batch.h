/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The same work by many ways. A work is a table of ways, and how to tell that a way
 * did it; here each is run, checked, its crossings counted and its time taken. The
 * count and the time are of different rounds. Prints nothing.
 */
#ifndef BATCH_H
#define BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/types.h>

#include "crossings.h"
#include "stats.h"

#define BATCH_SIZES	9	/* 1, 2, 4, ... */
#define BATCH_MOST	256	/* ... operations in one crossing */
#define BATCH_LISTS	2
#define BATCH_WAYS	16

/* batch_way.traits */
#define BATCH_SINGLE	(1U << 0)	/* one call, one operation: what others are compared with */
#define BATCH_MANY	(1U << 1)	/* one crossing for up to BATCH_MOST operations */
#define BATCH_READS	(1U << 2)	/* by calls that read or write and no others */
#define BATCH_MODULE	(1U << 3)	/* through the module */
#define BATCH_TO_FILE	(1U << 4)	/* what it moves goes to a file, not to the program */

#define BATCH_OTHERS	(1U << 5)	/* threads or processes of its own do a part of it */

/* open() says this of a way that is none for this work: nothing is missing. */
#define BATCH_UNSUITED	"unsuited: "

struct batch_way {
	const char *name, *label;
	const char *needs;
	const char *gives_up;
	unsigned int traits;
	size_t unit;				/* of the work, one operation; 0: all */
	const char *(*open)(void *state);	/* NULL, or why it cannot run; may be NULL */
	int (*run)(void *state, size_t n);	/* n: units of work; 0 or -errno */
	void (*close)(void *state);		/* may be NULL */
};

struct batch_work {
	const struct batch_way *ways;
	size_t n_ways;
	size_t n;			/* units of work in a round */
	unsigned int lists;		/* kinds of work: 1 or 2 */
	void *state;
	/* Before a round of @n units by a way with these traits. */
	void (*prepare)(void *state, unsigned int list, unsigned int traits, size_t n);
	/* After a round: NULL, or what was not done. */
	const char *(*verify)(void *state, unsigned int traits, size_t n);
	/* Around the round that is counted and not timed; may be NULL. */
	void (*witness)(void *state, bool on);
	const char *refused;		/* why no way may try; NULL: each may */
};

enum batch_outcome { BATCH_RAN, BATCH_FAILED, BATCH_MISSING, BATCH_NOT_FOR_THIS };

struct batch_result {
	const struct batch_way *way;
	enum batch_outcome outcome;
	char why[160];
	bool counted;			/* crossings holds */
	enum crossings_by by;
	__u64 crossings;		/* of a round of the first list */
	long faults;			/* page faults of the same */
	struct {
		size_t rounds;
		int64_t median, min;	/* of a round, in the clock's unit */
	} lists[BATCH_LISTS];
	double each;			/* BATCH_SINGLE: one operation, one call */
	bool has_curve;
	int64_t curve[BATCH_SIZES];	/* one crossing with so many operations */
	struct stats_line line;		/* through them: at_zero a crossing, slope an operation */
};

struct batch_run {
	const struct batch_work *work;
	struct batch_result results[BATCH_WAYS];
	const struct batch_result *single;	/* the one to compare with, if it ran */
	int64_t getppid;			/* median, in the clock's unit; 0: unknown */
};

static inline size_t batch_part(size_t left, size_t most)
{
	return left < most ? left : most;
}

void batch_run(const struct batch_work *work, struct batch_run *run);

size_t batch_size(unsigned int i);		/* the i-th of BATCH_SIZES */
double batch_share(const struct batch_run *run, const struct batch_result *result);
double batch_single_cost(const struct batch_run *run);	/* of one operation; 0: unknown */
/* From how many operations on it is cheaper than one call for each; 0: never, or unknown. */
__u64 batch_break_even(const struct batch_run *run, const struct batch_result *result);

#endif
