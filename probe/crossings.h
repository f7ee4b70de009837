/* SPDX-License-Identifier: GPL-2.0 */
/*
 * System calls, counted by the kernel: of this thread, or also of the threads and
 * children that it starts after crossings_open(). What counting itself calls is
 * measured and taken off. Where nothing counts here, that is said.
 */
#ifndef CROSSINGS_H
#define CROSSINGS_H

#include <stdbool.h>
#include <linux/types.h>

enum crossings_by {
	CROSSINGS_NOT_COUNTED,
	CROSSINGS_MODULE,	/* ringprobe's own probe on sys_enter: this thread's, no others' */
	CROSSINGS_SYS_ENTER,	/* the kernel's tracepoint sys_enter, by perf_event_open() */
	CROSSINGS_TASK_IO,	/* /proc/self/io: calls that read and write, no others */
	CROSSINGS_WAYS,
};

struct crossings {
	enum crossings_by by;
	int fd;
	__u64 start;
	__u64 own;		/* what an empty count shows */
};

/* The first that works here, tried with a known number of calls. @others: theirs count. */
void crossings_open(struct crossings *crossings, bool others);
void crossings_close(struct crossings *crossings);
void crossings_start(struct crossings *crossings);
__u64 crossings_stop(struct crossings *crossings);

const char *crossings_name(enum crossings_by by);

#endif
