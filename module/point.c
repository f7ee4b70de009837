// SPDX-License-Identifier: GPL-2.0
/* The kernel exports its tracepoints by name only. */
#include <linux/string.h>
#include <linux/tracepoint.h>

#include "point.h"

struct search {
	struct ringprobe_point *points;
	int n;
};

static void compare(struct tracepoint *tracepoint, void *data)
{
	struct search *search = data;
	int i;

	for (i = 0; i < search->n; i++)
		if (!strcmp(tracepoint->name, search->points[i].name))
			search->points[i].tracepoint = tracepoint;
}

void __init ringprobe_points_find(struct ringprobe_point *points, int n)
{
	struct search search = { points, n };

	for_each_kernel_tracepoint(compare, &search);
}
