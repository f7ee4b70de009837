/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The module's generic-netlink family as calls, see ringprobe_netlink.h. All that
 * can fail return 0 or -errno, and leave the kernel's words on it in .why.
 */
#ifndef NETLINK_H
#define NETLINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/types.h>

#include <ringprobe_netlink.h>

struct nl_sock;

struct netlink {
	struct nl_sock *sock;
	int family;
	char why[256];		/* "": the kernel said no more than the errno */
};

struct netlink_info {
	char version[32];
	__u32 tsc_khz, tasks_max, buckets;
};

/* One call of one table, as the attributes have it. */
struct netlink_call {
	__u32 abi, nr;
	__u64 count, errors, bytes, returned, wall, cpu, min, max;
	__u64 histogram[RINGPROBE_WATCH_BUCKETS];
};

/* A thread, of process .pid, or a CPU: then .pid is 0 and .name is "". */
struct netlink_who {
	__u32 id, pid;
	char name[16];
	bool ended;
	__u64 count, cpu_ticks;
};

enum {
	NETLINK_FAULTS = 32,	/* kinds: more than the bits that make one */
	NETLINK_SIGNALS = 65,
};

struct netlink_stats {
	__u32 tasks;
	__u64 exited, untracked, cpu_ticks, now;
	struct netlink_call *calls;
	size_t n, room;
	/* of tasks or of CPUs, whichever the watch was made for */
	struct netlink_who *who;
	size_t who_n, who_room;
	__u64 faults[NETLINK_FAULTS], signals[NETLINK_SIGNALS];
};

/* -ENOENT: no such family here. Close it in either case. */
int netlink_open(struct netlink *netlink);
void netlink_close(struct netlink *netlink);
int netlink_info(struct netlink *netlink, struct netlink_info *info);
/* The watch ends with the socket. */
int netlink_watch_add(struct netlink *netlink, const __u32 *pids, size_t n, __u32 flags,
		      __u32 *watch);
int netlink_watch_del(struct netlink *netlink, __u32 watch);
int netlink_reset(struct netlink *netlink, __u32 watch);
/* What was there is replaced; free it in either case. */
int netlink_stats(struct netlink *netlink, __u32 watch, struct netlink_stats *stats);
void netlink_stats_free(struct netlink_stats *stats);
/* The call of that number in that table, or NULL. */
const struct netlink_call *netlink_call(const struct netlink_stats *stats, __u32 abi, __u32 nr);

/* One more of those, cleared, or NULL. */
struct netlink_who *netlink_more_who(struct netlink_stats *stats);

/*
 * netlink_bare.c: GET_INFO, to be timed: a descriptor, or -errno; and the ticks
 * from before the request was sent until its reply was there, or -errno.
 */
int netlink_bare_open(void);
int64_t netlink_bare_ask(int fd);

#endif
