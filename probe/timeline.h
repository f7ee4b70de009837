/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A fault's timeline: each round of a run cut into legs by the user's stamps and,
 * where the module may be used, by the kernel's. run.c calls these around its
 * child; who wants legs sets run_request.timeline.
 */
#ifndef TIMELINE_H
#define TIMELINE_H

#include <linux/types.h>
#include <stdbool.h>

#include "run.h"

enum timeline_leg {
	TIMELINE_ENTRY,		/* the instruction, to the kernel's stamp */
	TIMELINE_DELIVERY,	/* on to the handler; without that stamp: from the instruction */
	TIMELINE_HANDLER,	/* the handler itself, ours */
	TIMELINE_SIGRETURN,	/* back to the next instruction */
	TIMELINE_RESOLVED,	/* no signal: the kernel's stamp to the next instruction */
	TIMELINE_WHOLE,
	TIMELINE_LEGS
};

struct timeline {
	int fd;			/* the device; negative: without the kernel's stamps */
	bool pages;		/* they are those of page faults, not of signals */
	/* after run_code(): */
	int err;		/* negative errno: why there are none after all */
	__u32 rounds;
	__u32 told;		/* rounds with all their stamps: those that are described */
	struct run_ticks leg[TIMELINE_LEGS];	/* n = 0: there is no such leg */
};

struct run_area;

/* In the child, with its rights: 0 or a negative errno. */
int timeline_arm(const struct timeline *timeline);
/* In the parent, after the child's end. */
void timeline_take(struct timeline *timeline, const struct run_area *area,
		   const struct run_report *report, const struct run_overhead *overhead);

#endif
