/* SPDX-License-Identifier: GPL-2.0 */
/* What was counted between two looks at a watch. */
#ifndef DIFFERENCE_H
#define DIFFERENCE_H

#include <stdbool.h>

#include "netlink.h"

/*
 * *@part = *@total - *@before, without calls, tasks and CPUs of which nothing was
 * counted; the most frequent first. What of @before is told of no more is in the rest
 * (who.h) by now, and is taken off there. False: no memory.
 */
bool difference(const struct netlink_stats *total, const struct netlink_stats *before,
		struct netlink_stats *part);
bool difference_copy(const struct netlink_stats *from, struct netlink_stats *to);

#endif
