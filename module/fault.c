// SPDX-License-Identifier: GPL-2.0
/*
 * Where a fault or a system call of user mode passes through the kernel, stamped: by
 * probes on tracepoints and by return.c, for one thread an open file. Each file's
 * recorder is its probes' own data, so a probe needs no lock: it writes only when the
 * thread that armed is the one that runs, and a recorder is never freed or begun
 * anew while its probes could run. While no file is armed, no probe is registered.
 */
#include <linux/mutex.h>
#include <linux/nospec.h>
#include <linux/preempt.h>
#include <linux/rculist.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/tracepoint.h>
#include <asm/trapnr.h>

#include <ringprobe_stamp.h>
#include "compat.h"
#include "point.h"
#include "ringprobe.h"

#define RECORDS	512

/* What an exception becomes, and a system call that seccomp refuses. */
#define OWN_FAULT (rt_sigmask(SIGSEGV) | rt_sigmask(SIGBUS) | rt_sigmask(SIGILL) | \
		   rt_sigmask(SIGTRAP) | rt_sigmask(SIGFPE) | rt_sigmask(SIGSYS))

enum point { POINT_SIGNAL, POINT_PAGE, POINT_CALL, POINTS };

struct ringprobe_recorder {
	struct task_struct *task;	/* whose faults; NULL: not armed */
	u64 exec_id;			/* which of its programs */
	bool registered[POINTS];
	u32 flags;			/* RINGPROBE_FAULT_F_* */
	bool in_call;			/* its return is to be stamped */
	struct hlist_node returning;	/* with RINGPROBE_FAULT_F_RETURN */
	u32 total;			/* records */
	u32 lost;
	struct ringprobe_fault_record record[RECORDS];
};

/* A context's recorder, and all of it but what its probes write. */
static DEFINE_MUTEX(lock);

/* The recorders that are told of returns: changed under the lock, read with interrupts off. */
static HLIST_HEAD(returning);

/* Only the armed thread gets here, and no fault of its nests in another. */
static void record(struct ringprobe_recorder *recorder, u64 stamp, u32 signal, u32 vector)
{
	u32 total = recorder->total;

	if (total >= RECORDS) {
		WRITE_ONCE(recorder->lost, recorder->lost + 1);
		return;
	}
	recorder->record[total] = (struct ringprobe_fault_record){ stamp, signal, vector };
	/* pairs with take(): the record is whole before it counts */
	smp_store_release(&recorder->total, total + 1);
}

/* An interrupt may come while the thread runs, and is not of the thread's doing. */
static bool is_armed(const struct ringprobe_recorder *recorder)
{
	return current == recorder->task && in_task() &&
	       current->self_exec_id == recorder->exec_id;
}

static void at_signal(void *data, int sig, struct kernel_siginfo *info,
		      struct task_struct *task, int group, int result)
{
	struct ringprobe_recorder *recorder = data;
	u64 stamp;

	if (task != recorder->task || !is_armed(recorder))
		return;
	stamp = ringprobe_stamp();
	/* si_code: what user space sends has none above 0 */
	if (info == SEND_SIG_PRIV || info == SEND_SIG_NOINFO || info->si_code <= 0 ||
	    !siginmask(sig, OWN_FAULT))
		return;
	record(recorder, stamp, sig, sig == SIGSYS ? 0 : current->thread.trap_nr);
}

static void at_page_fault(void *data, unsigned long address, struct pt_regs *regs,
			  unsigned long error_code)
{
	struct ringprobe_recorder *recorder = data;

	if (is_armed(recorder))
		record(recorder, ringprobe_stamp(), 0, X86_TRAP_PF);
}

static void at_call(void *data, struct pt_regs *regs, long number)
{
	struct ringprobe_recorder *recorder = data;
	u64 stamp;

	compat_probe_begin();
	if (is_armed(recorder)) {
		stamp = ringprobe_stamp();
		if (recorder->flags & RINGPROBE_FAULT_F_RETURN) {
			recorder->in_call = true;
			ringprobe_return_expect();
		}
		if (recorder->flags & RINGPROBE_FAULT_F_CALLS) {
			record(recorder, stamp, 0, RINGPROBE_FAULT_CALL);
			record(recorder, ringprobe_stamp(), 0, RINGPROBE_FAULT_CALLED);
		}
	}
	compat_probe_end();
}

/* For whichever thread it is that returns here, at @stamp: it may be none that is armed. */
void ringprobe_fault_at_return(u64 stamp)
{
	struct ringprobe_recorder *recorder;

	hlist_for_each_entry_rcu(recorder, &returning, returning) {
		if (!is_armed(recorder) || !recorder->in_call)
			continue;
		recorder->in_call = false;
		record(recorder, stamp, 0, RINGPROBE_FAULT_RETURN);
		record(recorder, ringprobe_stamp(), 0, RINGPROBE_FAULT_RETURNED);
	}
}

static struct ringprobe_point points[POINTS] __ro_after_init = {
	[POINT_SIGNAL] = { "signal_generate", at_signal, RINGPROBE_FAULT_F_SIGNALS },
	[POINT_PAGE] = { "page_fault_user", at_page_fault, RINGPROBE_FAULT_F_PAGES },
	[POINT_CALL] = { "sys_enter", at_call,
			 RINGPROBE_FAULT_F_CALLS | RINGPROBE_FAULT_F_RETURN },
};

void __init ringprobe_fault_init(void)
{
	ringprobe_points_find(points, POINTS);
}

u64 ringprobe_fault_features(void)
{
	u64 mask = 0;

	if (points[POINT_SIGNAL].tracepoint && points[POINT_PAGE].tracepoint)
		mask |= RINGPROBE_FEATURE_FAULT;
	if (points[POINT_CALL].tracepoint)
		mask |= RINGPROBE_FEATURE_CALLS;
	if (points[POINT_CALL].tracepoint && ringprobe_return_works())
		mask |= RINGPROBE_FEATURE_RETURN;
	return mask;
}

/* Afterwards no probe of @recorder runs, nor will: it may be freed, or begun anew. */
static void disarm(struct ringprobe_recorder *recorder)
{
	int i;

	if (!recorder->task)
		return;
	for (i = 0; i < POINTS; i++) {
		if (recorder->registered[i])
			tracepoint_probe_unregister(points[i].tracepoint, points[i].probe,
						    recorder);
		recorder->registered[i] = false;
	}
	tracepoint_synchronize_unregister();
	if (recorder->flags & RINGPROBE_FAULT_F_RETURN) {
		hlist_del_rcu(&recorder->returning);
		ringprobe_return_end(hlist_empty(&returning));
	}
	put_task_struct(recorder->task);
	recorder->task = NULL;
}

/* The reference keeps the task's address from becoming another's. */
static int arm(struct ringprobe_recorder *recorder, u32 flags)
{
	int i, err;

	recorder->total = 0;
	recorder->lost = 0;
	recorder->flags = flags;
	recorder->in_call = false;
	recorder->exec_id = current->self_exec_id;
	recorder->task = get_task_struct(current);
	if (flags & RINGPROBE_FAULT_F_RETURN)
		hlist_add_head_rcu(&recorder->returning, &returning);
	for (i = 0; i < POINTS; i++) {
		if (!(flags & points[i].flag))
			continue;
		err = tracepoint_probe_register(points[i].tracepoint, points[i].probe, recorder);
		if (err) {
			disarm(recorder);
			return err;
		}
		recorder->registered[i] = true;
	}
	return 0;
}

static int change(struct ringprobe_context *context, u32 flags)
{
	struct ringprobe_recorder *recorder = context->recorder;

	if (recorder)
		disarm(recorder);
	if (!flags)
		return 0;
	if (!recorder) {
		recorder = kzalloc(sizeof(*recorder), GFP_KERNEL_ACCOUNT);
		if (!recorder)
			return -ENOMEM;
		context->recorder = recorder;
	}
	return arm(recorder, flags);
}

int ringprobe_fault_arm(struct file *file, void *arg)
{
	struct ringprobe_fault_arm *request = arg;
	int i, err;

	for (i = 0; i < POINTS; i++)
		if (request->flags & points[i].flag && !points[i].tracepoint)
			return -EOPNOTSUPP;
	if (request->flags & RINGPROBE_FAULT_F_RETURN && !ringprobe_return_works())
		return -EOPNOTSUPP;
	/* io_uring's: it is not the caller, and never in user mode */
	if (request->flags && current->flags & PF_IO_WORKER)
		return -EOPNOTSUPP;
	request->capacity = RECORDS;
	request->reserved = 0;

	mutex_lock(&lock);
	err = change(file->private_data, request->flags);
	mutex_unlock(&lock);
	return err;
}

/* Its probes may be running meanwhile. */
static void take(const struct ringprobe_recorder *recorder, struct ringprobe_fault_read *reply)
{
	u32 i;

	/* pairs with record(): what lies below is whole */
	reply->total = smp_load_acquire(&recorder->total);
	reply->lost = READ_ONCE(recorder->lost);
	for (i = reply->first; i < reply->total && reply->count < RINGPROBE_FAULT_READ_MAX; i++)
		reply->record[reply->count++] = recorder->record[array_index_nospec(i, RECORDS)];
}

int ringprobe_fault_read(struct file *file, void *arg)
{
	struct ringprobe_context *context = file->private_data;
	struct ringprobe_fault_read *reply = arg;

	if (reply->first > RECORDS)
		return -EINVAL;
	memset_after(reply, 0, first);
	mutex_lock(&lock);
	if (context->recorder)
		take(context->recorder, reply);
	mutex_unlock(&lock);
	return 0;
}

/* The descriptor's end. */
void ringprobe_fault_exit(struct ringprobe_context *context)
{
	if (!context->recorder)
		return;
	mutex_lock(&lock);
	disarm(context->recorder);
	mutex_unlock(&lock);
	kfree(context->recorder);
}
