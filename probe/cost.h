/* SPDX-License-Identifier: GPL-2.0 */
/* What a crossing costs on this machine, now, and what a watch adds to it. */
#ifndef COST_H
#define COST_H

#include <stdbool.h>
#include <stdint.h>

#include "netlink.h"

/* In the clock's unit. */
struct cost {
	bool given;		/* by --cost: nothing was measured */
	/* the median getppid without a watch of ours, its 95 % interval, its blocks' spread */
	int64_t crossing, low, high;
	double spread;
	/* that median in a watched task, and in another task while a watch is on, less it */
	int64_t watched, other;
};

/*
 * Measures all of it, on the CPU where it runs. @flags: of the watch to be made, tried
 * on ourselves and on process 1. 0, or -errno with *@what saying what failed.
 */
int cost_measure(struct cost *cost, struct netlink *netlink, __u32 flags, uint64_t kernel_khz,
		 const char **what);

#endif
