/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One system call's way, cut into legs by stamps of ring 3, of the module's probe at
 * sys_enter, of its handler and of its notifier on the way out. A round without all
 * of its stamps, or with them out of order, is left out whole, and counted.
 */
#ifndef PATH_H
#define PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "measure.h"
#include "stats.h"

/* In the order of time. A leg has the name of the stamp that it begins at. */
enum path_point {
	PATH_USER,		/* before SYSCALL */
	PATH_CALL,		/* tracepoint sys_enter: the probe begins */
	PATH_CALLED,		/* the probe ends */
	PATH_HANDLER,		/* ioctl: the handler begins */
	PATH_HANDLED,		/* the handler's last stamp; lseek: its only one */
	PATH_RETURN,		/* the user-return notifier begins */
	PATH_RETURNED,		/* it ends */
	PATH_BACK,		/* after SYSCALL */
	PATH_POINTS,
	PATH_WHOLE = PATH_BACK,	/* as a leg: from the first to the last */
};

/* How the CPU came back to ring 3, where that can be told. */
enum path_way { PATH_SYSRET, PATH_IRET, PATH_WAYS };

struct path_series {
	uint32_t present;	/* bit of each point that it has */
	size_t rounds, n;	/* taken; kept */
	struct stats leg[PATH_POINTS];	/* in the clock's unit, stamps taken off */
	size_t way[PATH_WAYS];
};

struct path {
	enum measure_via via;	/* not MEASURE_GETPPID unless fd is negative */
	int fd;
	size_t rounds;		/* of each series */
	/* after path_measure(): */
	int cpu;
	bool told;		/* the way back: the self-test held */
	int err;		/* why nothing is armed, or 0 */
	uint32_t missing;	/* RINGPROBE_FEATURE_*: legs that are merged for want of it */
	struct path_series plain, armed;
};

/* 0, or a negative errno with *@what saying what failed. */
int path_measure(struct path *path, const char **what);
static inline bool path_has(const struct path_series *series, enum path_point leg)
{
	return series->n && (leg == PATH_WHOLE || series->present & 1U << leg);
}

#endif
