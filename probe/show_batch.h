/* SPDX-License-Identifier: GPL-2.0 */
/* The pictures of "batch": the ways as a table, what a call and an operation cost, a chart. */
#ifndef SHOW_BATCH_H
#define SHOW_BATCH_H

#include <stddef.h>

#include "batch.h"

struct show_batch {
	const char *unit;		/* of work: "in", "byte" */
	const char *mixed;		/* the head of the second list's column; NULL: there is none */
	const char *op;			/* what a call has many of, plural */
	size_t op_units;		/* units of work in one of them */
	bool bytes;			/* page faults and MB/s are told */
};

/* The exit status that it is worth. */
int show_batch(const struct batch_run *run, const struct show_batch *words);

#endif
