/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What would have a program cross less, from what was counted of it: each with its
 * evidence and what it would save, and none where it would save next to nothing.
 */
#ifndef ADVICE_H
#define ADVICE_H

#include <stddef.h>

#include "netlink.h"

#define ADVICE_MOST	8

struct advice {
	const char *key;	/* of JSON */
	char evidence[160];
	char remedy[160];
	double saves;		/* percent of the watched tasks' CPU time; crossings alone */
	const char *see;	/* the command that shows the alternative on this machine, or NULL */
};

/*
 * The dearest first; how many. @cost: of one crossing, and @cpu: time of the watched
 * tasks, in the same unit. @clocksource: the kernel's.
 */
size_t advice(const struct netlink_stats *stats, double cost, double cpu,
	      const char *clocksource, struct advice list[ADVICE_MOST]);

#endif
