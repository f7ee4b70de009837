/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * ringprobe: how often tasks cross into the kernel, and what they pay
 *
 * Generic-netlink family "ringprobe", described by docs/netlink/ringprobe.yaml. A
 * watch counts the system calls of a set of tasks, in the kernel, in tables of its
 * own for each CPU. It belongs to the netlink socket that added it and ends with it.
 * No port I/O is to be had here. Group "events" tells of it, and of watches that end.
 *
 * Privilege
 *	All but GET_INFO need CAP_NET_ADMIN in the initial user namespace, of who
 *	opened the socket and of who sends. The family exists in the initial network
 *	namespace only: elsewhere it is not found (ENOENT).
 *
 * Errors; extack says in words what was wrong, and where
 *	EPERM	CAP_NET_ADMIN is missing
 *	EINVAL	an attribute that is unknown, too short, too long, missing, or twice
 *		where one is meant; unknown flags; a thread of the kernel
 *	ERANGE	a PID or WATCH of 0
 *	ENOENT	no such watch, or it is another socket's
 *	ESRCH	no such process
 *	E2BIG	more tasks than a watch has room for
 *	ENOMEM	no memory
 *	EOPNOTSUPP the kernel has not the tracepoints
 *	ENOBUFS	one event or more is missing
 *
 * What is counted
 *	A call counts where it begins, and its time where it ends: in ticks of the
 *	time-stamp counter, from the entry code's probe (tracepoint sys_enter) to the
 *	exit code's (sys_exit). A call under way when the watch begins is in neither;
 *	one that never returns (exit) is counted without time, and one whose task is
 *	killed meanwhile has ended with an error. CPU time of a call is its time less
 *	that during which the task was switched out.
 *	Each figure is the sum over CPUs, each read at its own moment: a figure is
 *	whole, the figures of a dump are not of one instant.
 *
 * What it costs
 *	While any watch is on, every system call of every task takes the slow path of
 *	the entry code, as it does for perf(1) and strace(1); without one, nothing.
 */
#ifndef _UAPI_RINGPROBE_NETLINK_H
#define _UAPI_RINGPROBE_NETLINK_H

#define RINGPROBE_FAMILY_NAME		"ringprobe"
#define RINGPROBE_FAMILY_VERSION	1

/*
 * The multicast group of events, each a message of its own. To join it needs
 * CAP_NET_ADMIN in the initial user namespace (EPERM). No value that was read from a
 * port or written to one is in an event. A listener that reads too slowly misses
 * events, and is told so by ENOBUFS; nobody waits for it. While nobody listens, the
 * module looks for listeners once a tick of the kernel's clock (1 to 10 ms): what
 * happens within a tick of the first one's joining may be missed. A socket of another
 * network namespace may join by the group's number: it is sent nothing, and counts as a
 * listener. Whoever may open the device can be refused as often as he likes, and so have
 * listeners miss events.
 */
#define RINGPROBE_MCGRP_EVENTS		"events"

#define RINGPROBE_WATCH_TASKS_MAX	1024	/* tasks in a watch */
#define RINGPROBE_WATCH_BUCKETS		40	/* of the histogram */

enum {
	RINGPROBE_CMD_UNSPEC,
	/* do: no attributes; reply: VERSION, TSC_KHZ, TASKS_MAX, BUCKETS */
	RINGPROBE_CMD_GET_INFO,
	/* do: PID (one or more), FLAGS; reply: WATCH. Each PID is a process, all its threads. */
	RINGPROBE_CMD_WATCH_ADD,
	/* do: WATCH */
	RINGPROBE_CMD_WATCH_DEL,
	/*
	 * dump: WATCH; first a message with WATCH, TASKS, EXITED, UNTRACKED, CPU_TICKS and
	 * NOW, then one for each call that was seen: ABI, NR and so on. Where the watch was made
	 * for it, one for each kind of page fault (FAULT, COUNT), for each signal
	 * (SIGNAL, COUNT), for each task (TID, PID, COMM, COUNT, CPU_TICKS, and ENDED if it
	 * has; those that ended first are left out where their room was needed), and for
	 * each CPU that any was on (CPU_NR, COUNT, CPU_TICKS).
	 */
	RINGPROBE_CMD_STATS,
	/*
	 * do: WATCH. What was counted until now is taken off in STATS; not from WALL_MIN
	 * and WALL_MAX, and not from EXITED and UNTRACKED.
	 */
	RINGPROBE_CMD_RESET,

	/* Events, of which none can be asked for. */
	/* A watch has ended: WATCH, PORT_ID, TASKS and EXITED as they were at its end */
	RINGPROBE_CMD_WATCH_ENDED,
	/*
	 * An operation on /dev/ringprobe made port accesses: PID, TID, UID, OPERATION, COUNT;
	 * PORT and ACCESS if it is one of a single access; ERRNO if it failed after that.
	 */
	RINGPROBE_CMD_PORT_MADE,
	/* One for port accesses failed, and made none: the same, but no COUNT */
	RINGPROBE_CMD_PORT_REFUSED,
	/* The module is about to go: no attributes. */
	RINGPROBE_CMD_UNLOAD,

	__RINGPROBE_CMD_MAX,
	RINGPROBE_CMD_MAX = __RINGPROBE_CMD_MAX - 1
};

enum {
	RINGPROBE_A_UNSPEC,
	RINGPROBE_A_PAD,
	RINGPROBE_A_VERSION,	/* string: the module's */
	RINGPROBE_A_TSC_KHZ,	/* u32: ticks a millisecond, as the kernel has it */
	RINGPROBE_A_TASKS_MAX,	/* u32 */
	RINGPROBE_A_BUCKETS,	/* u32 */
	RINGPROBE_A_WATCH,	/* u32: its number, never 0 */
	RINGPROBE_A_PID,	/* u32: a process, in the caller's PID namespace */
	RINGPROBE_A_FLAGS,	/* u32: RINGPROBE_WATCH_F_* */
	RINGPROBE_A_TASKS,	/* u32: that are watched now */
	RINGPROBE_A_EXITED,	/* u64: that were, and have ended */
	RINGPROBE_A_UNTRACKED,	/* u64: children for which there was no room */
	RINGPROBE_A_CPU_TICKS,	/* u64: during which a watched task had a CPU */
	RINGPROBE_A_NOW,	/* u64: ticks since the watch began */
	RINGPROBE_A_ABI,	/* u32: 64 or 32, bits of the call's table */
	RINGPROBE_A_NR,		/* u32: the call's number; RINGPROBE_NR_OTHER */
	RINGPROBE_A_COUNT,	/* u64: calls begun; or accesses made */
	RINGPROBE_A_ERRORS,	/* u64: that returned -1 ... -4095 */
	RINGPROBE_A_BYTES,	/* u64: returned by calls like read and write */
	RINGPROBE_A_RETURNED,	/* u64: calls ended; of these is all that follows */
	RINGPROBE_A_WALL,	/* u64: ticks, the sum */
	RINGPROBE_A_CPU,	/* u64: ticks of it during which the task had a CPU */
	RINGPROBE_A_WALL_MIN,	/* u64: ticks */
	RINGPROBE_A_WALL_MAX,	/* u64: ticks */
	/* binary: __u64 [BUCKETS]; i: calls of 2^(i-1) to 2^i - 1 ticks; 0: of none; last: more */
	RINGPROBE_A_HISTOGRAM,
	/* u32: bits of the error code that say which kind: present 1, write 2, fetch 16 */
	RINGPROBE_A_FAULT,
	RINGPROBE_A_SIGNAL,	/* u32: its number */
	RINGPROBE_A_TID,	/* u32: a thread, in the PID namespace of who added the watch */
	RINGPROBE_A_COMM,	/* string: its name */
	RINGPROBE_A_ENDED,	/* flag: it is no more */
	RINGPROBE_A_CPU_NR,	/* u32: the number of a CPU */

	/* Of events; their PID and TID are of the initial PID namespace. */
	RINGPROBE_A_PORT_ID,	/* u32: the netlink port of the socket that had the watch */
	RINGPROBE_A_UID,	/* u32: the real user, in the initial user namespace */
	RINGPROBE_A_OPERATION,	/* u32: _IOC_NR() of the operation's ioctl */
	RINGPROBE_A_PORT,	/* u32: as it was asked for */
	RINGPROBE_A_ACCESS,	/* u32: the width in bytes, plus RINGPROBE_OP_OUT */
	RINGPROBE_A_ERRNO,	/* u32: positive */

	__RINGPROBE_A_MAX,
	RINGPROBE_A_MAX = __RINGPROBE_A_MAX - 1
};

/* The children of its tasks too, and theirs. */
#define RINGPROBE_WATCH_F_INHERIT	(1U << 0)
/* Count of each task from its next execve() on; a child of one that counts, at once. */
#define RINGPROBE_WATCH_F_ON_EXEC	(1U << 1)
/* Also page faults of user mode, and signals that its tasks are sent. */
#define RINGPROBE_WATCH_F_FAULTS	(1U << 2)
/* STATS tells of each task as well. */
#define RINGPROBE_WATCH_F_TASKS		(1U << 3)
/* STATS tells of each CPU as well. */
#define RINGPROBE_WATCH_F_CPUS		(1U << 4)
#define RINGPROBE_WATCH_F_ALL		(RINGPROBE_WATCH_F_INHERIT | RINGPROBE_WATCH_F_ON_EXEC | \
					 RINGPROBE_WATCH_F_FAULTS | RINGPROBE_WATCH_F_TASKS | \
				 RINGPROBE_WATCH_F_CPUS)

/* Numbers that are none of the table's: all in one. */
#define RINGPROBE_NR_OTHER		(~0U)

#endif
