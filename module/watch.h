/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Watches: system calls of sets of tasks, counted. watch.c has the sets and the sums,
 * watch_probe.c the tasks and what runs when one of them passes. What is declared here is
 * called under netlink.c's mutex, if nothing else is said; what the probes touch,
 * watch_probe.c guards.
 */
#ifndef RINGPROBE_WATCH_H
#define RINGPROBE_WATCH_H

#include <linux/list.h>
#include <linux/module.h>
#include <linux/percpu-defs.h>
#include <linux/sched.h>
#include <linux/signal_types.h>
#include <linux/types.h>

#include <ringprobe_netlink.h>

/* Each ABI has a row for each number below this, and one for all others. */
#define RINGPROBE_WATCH_CALLS	512
#define RINGPROBE_WATCH_ROWS	(2 * (RINGPROBE_WATCH_CALLS + 1))

/* Kinds of page fault: the bits present and write of the error code, and 4 for a fetch. */
#define RINGPROBE_WATCH_FAULTS	8
#define RINGPROBE_WATCH_SIGNALS	(_NSIG + 1)

/* What is counted of one call; what is time is in ticks. */
struct ringprobe_watch_cell {
	u64 count, errors, bytes;
	u64 moves_bytes;	/* the call returns how many: constant */
	u64 wall, away;		/* away: of it, without a CPU */
	u64 min, max;		/* min: at first the highest number */
	u64 bucket[RINGPROBE_WATCH_BUCKETS];	/* their sum: calls that returned */
};

/* One for each CPU and watch, written by that CPU alone. */
struct ringprobe_watch_table {
	struct ringprobe_watch_cell cell[RINGPROBE_WATCH_ROWS];
	u64 cpu_ticks;
	u64 fault[RINGPROBE_WATCH_FAULTS];
	u64 signal[RINGPROBE_WATCH_SIGNALS];	/* by number */
	/* what is taken off this CPU's own sums; not counted */
	u64 base_count, base_cpu_ticks;
};

struct ringprobe_watch_task;
struct pid_namespace;

/* Of one task, for who asks. */
struct ringprobe_watch_about {
	u32 tid, pid;
	char comm[TASK_COMM_LEN];
	bool ended;
	u64 count, cpu_ticks;
};

struct ringprobe_watch {
	struct list_head list;
	u32 id, owner, flags, generation;
	u64 began;
	struct pid_namespace *ns;		/* its owner's */
	struct ringprobe_watch_table * __percpu *table;
	struct ringprobe_watch_table *base;	/* what is taken off; NULL: never reset */
	struct ringprobe_watch_task *task;	/* RINGPROBE_WATCH_TASKS_MAX */
	/* watch_probe.c's, under its lock */
	struct list_head unused;
	bool ended;
	u32 tasks;
	u64 exited, untracked;
};

struct ringprobe_watch_total {
	u32 tasks;
	u64 exited, untracked, cpu_ticks, now;
};

/* watch.c. Zeroed, for vfree(); NULL: no memory. */
void *ringprobe_watch_allocate(size_t bytes);
/* A new one watches nobody; ERR_PTR(): -ENOMEM, -EOPNOTSUPP. */
struct ringprobe_watch *ringprobe_watch_new(u32 owner, u32 flags);
/* Afterwards no probe touches it, nobody finds it, and it is in the list @ended. */
void ringprobe_watch_end(struct ringprobe_watch *watch, struct list_head *ended);
/* All of @owner's, with one wait for all. */
void ringprobe_watch_end_all(u32 owner, struct list_head *ended);
/* One that has ended. The mutex is not needed. */
void ringprobe_watch_free(struct ringprobe_watch *watch);
/* NULL: there is none, or it is another's. */
struct ringprobe_watch *ringprobe_watch_find(u32 owner, u32 id);
/* From now on the sums are of what is counted from now on. 0 or -ENOMEM. */
int ringprobe_watch_reset(struct ringprobe_watch *watch);
void ringprobe_watch_total(struct ringprobe_watch *watch, struct ringprobe_watch_total *total);
/* False: nothing was counted in this row. @returned: how many of the calls. */
bool ringprobe_watch_sum(const struct ringprobe_watch *watch, u32 row,
			 struct ringprobe_watch_cell *sum, u64 *returned);

u64 ringprobe_watch_fault(const struct ringprobe_watch *watch, u32 kind);
u64 ringprobe_watch_signal(const struct ringprobe_watch *watch, u32 number);
/* Of one CPU that may not be; false: no task was on it. */
bool ringprobe_watch_cpu(const struct ringprobe_watch *watch, u32 cpu, u64 *count, u64 *cpu_ticks);

/* watch_probe.c. A probe is registered while there is a watch that needs it. */
void ringprobe_watch_probe_init(void);
bool ringprobe_watch_moves_bytes(u32 row);
int ringprobe_watch_probe_begin(struct ringprobe_watch *watch);
/* Afterwards no probe touches any of this list. */
void ringprobe_watch_probe_end(const struct list_head *watches);
/* Of the @i-th of RINGPROBE_WATCH_TASKS_MAX; false: there is none to tell of. */
bool ringprobe_watch_about(const struct ringprobe_watch *watch, u32 i,
			   struct ringprobe_watch_about *about);
void ringprobe_watch_reset_tasks(struct ringprobe_watch *watch);
/* All threads of process @pid: 0, -ESRCH, -EINVAL (the kernel's own), -E2BIG. */
int ringprobe_watch_process(struct ringprobe_watch *watch, u32 pid);
/* Those that have a CPU now are seen from now on, and not only after the next switch. */
void ringprobe_watch_see(void);
/* The time of those that have a CPU now is in the tables. */
void ringprobe_watch_settle(struct ringprobe_watch *watch);
/* .tasks, .exited and .untracked. The mutex is not needed of one that has ended. */
void ringprobe_watch_numbers(struct ringprobe_watch *watch, struct ringprobe_watch_total *total);

#endif
