/* SPDX-License-Identifier: GPL-2.0 */
/* A tracepoint of the kernel's, and the probe for it: fault.c's and watch_probe.c's. */
#ifndef RINGPROBE_POINT_H
#define RINGPROBE_POINT_H

#include <linux/init.h>
#include <linux/types.h>

struct tracepoint;

struct ringprobe_point {
	const char *name;
	void *probe;
	u32 flag;			/* what asks for it; 0: everything */
	struct tracepoint *tracepoint;	/* NULL: not in this kernel */
};

/* Finds the tracepoints of @n points, once: by init. */
void ringprobe_points_find(struct ringprobe_point *points, int n);

#endif
