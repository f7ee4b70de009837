/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A watch from its begin to its end, and reports of it: of each interval what was
 * counted in it, and at the end of the whole. Prints nothing itself.
 */
#ifndef MONITOR_H
#define MONITOR_H

#include <stdbool.h>
#include <linux/types.h>

#include "netlink.h"

/* Of whom the reports tell besides the calls. */
enum monitor_by { MONITOR_BY_SYSCALL, MONITOR_BY_PROCESS, MONITOR_BY_THREAD, MONITOR_BY_CPU };

struct monitor_report {
	const struct netlink_stats *total;	/* since the watch began */
	/* of it, in the last .seconds; the most frequent call first; min and max: of all */
	const struct netlink_stats *part;
	double seconds, elapsed;
	double own_cpu;				/* seconds of a CPU, ours, in .elapsed */
	bool last;				/* .part is the whole */
	__u64 number;				/* of reports before this one */
};

struct monitor_config {
	const __u32 *pids;			/* these processes */
	size_t n;
	char **command;				/* or this one, NULL: none */
	enum monitor_by by;
	bool faults;				/* page faults and signals, too */
	__u64 interval_ms;			/* 0: the last report only */
	__u64 reports;				/* so many and the last; 0: no end */
	bool keys;				/* q ends, r counts anew */
	/* false: nobody reads them any more */
	bool (*report)(const struct monitor_report *report, void *to);
	void *to;
};

/* Of the watch: RINGPROBE_WATCH_F_*, but for what says whom. */
__u32 monitor_flags(const struct monitor_config *config);

struct monitor_outcome {
	const char *what;	/* failed; of a command: NULL if its own execve() did */
	int status;		/* of the command, as a shell has it */
};

/* 0, or -errno with *@outcome saying what failed. */
int monitor_run(struct netlink *netlink, const struct monitor_config *config,
		struct monitor_outcome *outcome);

#endif
