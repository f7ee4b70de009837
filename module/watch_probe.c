// SPDX-License-Identifier: GPL-2.0
/*
 * The tasks of all watches, and the probes that run when one of them passes. Each CPU
 * knows the watched task that it runs, by the probe on sched_switch, so that a system
 * call of any other task costs one look at that. No probe allocates or waits for memory.
 *
 * A task is in the hash table once for each watch of it, from when it is added or forked
 * until it exits. Probes find it there under RCU, with preemption off; only the lock's
 * holder changes the table. What counts belongs to the task or to the CPU, so it
 * needs no lock: a task is in one call at a time, and on one CPU. Of one that has exited
 * the record keeps what it counted, until a fork needs it.
 */
#include <linux/cpu.h>
#include <linux/err.h>
#include <linux/hash.h>
#include <linux/nospec.h>
#include <linux/pid.h>
#include <linux/rculist.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/tracepoint.h>
#include <asm/syscall.h>
#include <asm/trap_pf.h>
#include <asm/tsc.h>
#include <asm/unistd.h>
#include <asm/unistd_32_ia32.h>

#include "compat.h"
#include "point.h"
#include "watch.h"

#define BUCKET_BITS	10
#define NO_CALL		(~0U)

struct ringprobe_watch_task {
	struct hlist_node node;		/* in the table; unhashed: watched no more */
	struct task_struct *task;	/* pinned; NULL: unused */
	struct ringprobe_watch *watch;
	struct ringprobe_watch_table * __percpu *table;	/* the watch's */
	bool counting;			/* the task's own; RINGPROBE_WATCH_F_ON_EXEC */
	u32 call;			/* the offset of its cell in a table, or NO_CALL */
	u64 entered;			/* that call */
	u64 away;			/* since then, without a CPU */
	u64 on;				/* when it got its CPU; 0: it has none */
	u64 off;			/* when it lost it; 0: never */
	u64 count, cpu_ticks;		/* the task's own sums, */
	u64 base_count, base_cpu_ticks;	/* and what is taken off */
	union {
		struct rcu_head rcu;
		struct list_head unused;
	};
	u32 tid, pid;			/* of one that has exited; 0: not to be told of */
	char comm[TASK_COMM_LEN];
} ____cacheline_aligned;	/* those of tasks on two CPUs share no line */

static_assert(sizeof(struct ringprobe_watch_task) % L1_CACHE_BYTES == 0);

static struct hlist_head buckets[1 << BUCKET_BITS];
/* The first of the task that this CPU runs; NULL: that is not watched. */
static DEFINE_PER_CPU(struct ringprobe_watch_task *, running);
/* The table, each watch's unused ones, and the three numbers beside them. */
static DEFINE_RAW_SPINLOCK(lock);
/* Rows of calls that return how many bytes they moved. */
static DECLARE_BITMAP(moves_bytes, RINGPROBE_WATCH_ROWS) __ro_after_init;

/* ---- the table ---- */

static struct hlist_head *bucket_of(const struct task_struct *task)
{
	return &buckets[hash_ptr(task, BUCKET_BITS)];
}

static struct ringprobe_watch_task *same(struct hlist_node *from, const struct task_struct *task)
{
	struct ringprobe_watch_task *it;

	for (; from; from = rcu_dereference_raw(hlist_next_rcu(from))) {
		it = hlist_entry(from, struct ringprobe_watch_task, node);
		if (it->task == task)
			return it;
	}
	return NULL;
}

static struct ringprobe_watch_task *first_of(const struct task_struct *task)
{
	return same(rcu_dereference_raw(hlist_first_rcu(bucket_of(task))), task);
}

static struct ringprobe_watch_task *next_of(const struct ringprobe_watch_task *it)
{
	return same(rcu_dereference_raw(hlist_next_rcu(&it->node)), it->task);
}

/* The lock is held. */
static bool has(const struct ringprobe_watch *watch, const struct task_struct *task)
{
	struct ringprobe_watch_task *it;

	for (it = first_of(task); it; it = next_of(it))
		if (it->watch == watch)
			return true;
	return false;
}

static int watch_task(struct ringprobe_watch *watch, struct task_struct *task, bool counting)
{
	struct ringprobe_watch_task *it;
	unsigned long flags;
	int err = 0;

	raw_spin_lock_irqsave(&lock, flags);
	it = list_first_entry_or_null(&watch->unused, struct ringprobe_watch_task, unused);
	if (watch->ended || has(watch, task)) {
		it = NULL;
	} else if (!it) {
		watch->untracked++;
		err = -E2BIG;
	} else {
		list_del(&it->unused);
		*it = (struct ringprobe_watch_task){
			.task = get_task_struct(task), .watch = watch, .table = watch->table,
			.counting = counting, .call = NO_CALL,
		};
		hlist_add_head_rcu(&it->node, bucket_of(task));
		watch->tasks++;
	}
	raw_spin_unlock_irqrestore(&lock, flags);
	return err;
}

static void recycle(struct rcu_head *rcu)
{
	struct ringprobe_watch_task *it = container_of(rcu, struct ringprobe_watch_task, rcu);
	unsigned long flags;

	put_task_struct(it->task);
	it->task = NULL;
	raw_spin_lock_irqsave(&lock, flags);
	list_add_tail(&it->unused, &it->watch->unused);	/* it is needed last */
	raw_spin_unlock_irqrestore(&lock, flags);
}

/* The lock is held. */
static void keep_name(struct ringprobe_watch_task *it)
{
	it->tid = task_pid_nr_ns(it->task, it->watch->ns);
	it->pid = task_tgid_nr_ns(it->task, it->watch->ns);
	strscpy_pad(it->comm, it->task->comm, sizeof(it->comm));
}

/* It ends: whichever of its watches there still are. */
static void forget_task(const struct task_struct *task)
{
	struct ringprobe_watch_task *it;
	unsigned long flags;

	raw_spin_lock_irqsave(&lock, flags);
	while ((it = first_of(task))) {
		if (it->watch->flags & RINGPROBE_WATCH_F_TASKS)
			keep_name(it);
		hlist_del_init_rcu(&it->node);
		it->watch->tasks--;
		it->watch->exited++;
		call_rcu(&it->rcu, recycle);
	}
	raw_spin_unlock_irqrestore(&lock, flags);
}

/* ---- the probes ---- */

static struct ringprobe_watch_table *table_of(const struct ringprobe_watch_task *it)
{
	return *this_cpu_ptr(it->table);
}

static struct ringprobe_watch_cell *cell_of(const struct ringprobe_watch_task *it, u32 call)
{
	return (void *)table_of(it) + call;
}

static u32 call_of(unsigned long number)
{
	unsigned long row = min_t(unsigned long, number, RINGPROBE_WATCH_CALLS);

	row = array_index_nospec(row, RINGPROBE_WATCH_CALLS + 1);
	if (in_ia32_syscall())
		row += RINGPROBE_WATCH_CALLS + 1;
	return row * sizeof(struct ringprobe_watch_cell);
}

static __always_inline void enter(long number)
{
	struct ringprobe_watch_task *it = this_cpu_read(running);
	u64 now;
	u32 call;

	if (likely(!it))
		return;
	now = rdtsc();
	call = call_of(number);
	for (; it; it = next_of(it)) {
		if (!it->counting)
			continue;
		it->call = call;
		it->entered = now;
		it->away = 0;
		it->count++;
		cell_of(it, call)->count++;
	}
}

static void leave_one(struct ringprobe_watch_task *it, u64 now, long result)
{
	struct ringprobe_watch_cell *cell = cell_of(it, it->call);
	s64 wall = now - it->entered;

	/* CPUs whose counters differ */
	if (unlikely(wall < 0))
		wall = 0;
	if (wall < cell->min)
		cell->min = wall;
	if (wall > cell->max)
		cell->max = wall;
	cell->wall += wall;
	cell->away += it->away;
	cell->bucket[min(fls64(wall), RINGPROBE_WATCH_BUCKETS - 1)]++;
	if (IS_ERR_VALUE(result))
		cell->errors++;
	else if (cell->moves_bytes)
		cell->bytes += result;
	it->call = NO_CALL;
}

static __always_inline void leave(long result)
{
	struct ringprobe_watch_task *it = this_cpu_read(running);
	u64 now;

	if (likely(!it))
		return;
	now = rdtsc();
	for (; it; it = next_of(it))
		if (it->call != NO_CALL)
			leave_one(it, now, result);
}

static void at_sys_enter(void *data, struct pt_regs *regs, long number)
{
	compat_probe_begin();
	enter(number);
	compat_probe_end();
}

static void at_sys_exit(void *data, struct pt_regs *regs, long result)
{
	compat_probe_begin();
	leave(result);
	compat_probe_end();
}

/* It has had the CPU until @now. */
static void had_cpu(struct ringprobe_watch_task *it, u64 now)
{
	if (!it->counting || !it->on)
		return;
	table_of(it)->cpu_ticks += now - it->on;
	it->cpu_ticks += now - it->on;
	it->on = now;
}

static void lose_cpu(struct ringprobe_watch_task *it, u64 now)
{
	had_cpu(it, now);
	it->on = 0;
	it->off = now;
}

static void get_cpu_back(struct ringprobe_watch_task *it, u64 now)
{
	it->on = now;
	if (it->call != NO_CALL && it->off)
		it->away += now - it->off;
}

/* Interrupts are off. */
static void at_switch(void *data, bool preempt, struct task_struct *prev,
		      struct task_struct *next, unsigned int prev_state)
{
	struct ringprobe_watch_task *it = this_cpu_read(running);
	struct ringprobe_watch_task *first = first_of(next);
	u64 now;

	if (likely(!it && !first))
		return;
	now = rdtsc();
	for (; it; it = next_of(it))
		lose_cpu(it, now);
	this_cpu_write(running, first);
	for (it = first; it; it = next_of(it))
		get_cpu_back(it, now);
}

static void at_page_fault(void *data, unsigned long address, struct pt_regs *regs,
			  unsigned long error_code)
{
	struct ringprobe_watch_task *it;
	u32 kind = (error_code & 3) | (error_code & X86_PF_INSTR ? 4 : 0);

	compat_probe_begin();
	for (it = this_cpu_read(running); it; it = next_of(it))
		if (it->counting && it->watch->flags & RINGPROBE_WATCH_F_FAULTS)
			table_of(it)->fault[kind]++;
	compat_probe_end();
}

/* It is sent to @task, which may be another than runs here. */
static void at_signal(void *data, int number, struct kernel_siginfo *info,
		      struct task_struct *task, int group, int result)
{
	struct ringprobe_watch_task *it;
	unsigned long flags;

	if (number < 0 || number > _NSIG)
		return;
	local_irq_save(flags);		/* a timer's may come in between */
	for (it = first_of(task); it; it = next_of(it))
		if (it->counting && it->watch->flags & RINGPROBE_WATCH_F_FAULTS)
			table_of(it)->signal[number]++;
	local_irq_restore(flags);
}

static void at_fork(void *data, struct task_struct *parent, struct task_struct *child)
{
	struct ringprobe_watch_task *it;

	rcu_read_lock();
	for (it = first_of(parent); it; it = next_of(it))
		if (same_thread_group(parent, child) ||
		    it->watch->flags & RINGPROBE_WATCH_F_INHERIT)
			watch_task(it->watch, child, it->counting);
	rcu_read_unlock();
}

static void at_exec(void *data, struct task_struct *task, pid_t old, struct linux_binprm *bprm)
{
	struct ringprobe_watch_task *it;

	rcu_read_lock();
	for (it = first_of(task); it; it = next_of(it)) {
		if (it->counting)
			continue;
		it->on = rdtsc();
		it->counting = true;
	}
	rcu_read_unlock();
}

/* Interrupts are off so that it is not switched to while it can still be found. */
static void at_process_exit(COMPAT_EXIT_PROBE_ARGUMENTS)
{
	struct ringprobe_watch_task *it;
	u64 now;

	local_irq_disable();
	now = rdtsc();
	for (it = this_cpu_read(running); it; it = next_of(it))
		lose_cpu(it, now);
	this_cpu_write(running, NULL);
	forget_task(task);
	local_irq_enable();
}

/* ---- the tracepoints ---- */

static struct ringprobe_point points[] __ro_after_init = {
	/* who runs where is known before a call can count */
	{ "sched_switch", at_switch }, { "sched_process_fork", at_fork },
	{ "sched_process_exec", at_exec }, { "sched_process_exit", at_process_exit },
	{ "sys_enter", at_sys_enter }, { "sys_exit", at_sys_exit },
	{ "page_fault_user", at_page_fault, RINGPROBE_WATCH_F_FAULTS },
	{ "signal_generate", at_signal, RINGPROBE_WATCH_F_FAULTS },
};

static u32 watches[ARRAY_SIZE(points)];	/* that need each */

static bool needs(const struct ringprobe_watch *watch, const struct ringprobe_point *point)
{
	return !point->flag || watch->flags & point->flag;
}

/* The first @n that @watch needs are needed by one less. */
static void unregister(const struct ringprobe_watch *watch, int n)
{
	while (n--)
		if (needs(watch, &points[n]) && !--watches[n])
			tracepoint_probe_unregister(points[n].tracepoint, points[n].probe, NULL);
}

static int register_one(const struct ringprobe_point *point)
{
	if (!point->tracepoint)
		return -EOPNOTSUPP;
	return tracepoint_probe_register(point->tracepoint, point->probe, NULL);
}

static int register_all(const struct ringprobe_watch *watch)
{
	int i, err;

	for (i = 0; i < ARRAY_SIZE(points); i++) {
		if (!needs(watch, &points[i]))
			continue;
		err = watches[i] ? 0 : register_one(&points[i]);
		if (err) {
			unregister(watch, i);
			tracepoint_synchronize_unregister();
			return err;
		}
		watches[i]++;
	}
	return 0;
}

/* ---- for watch.c ---- */

static void see(void *unused)
{
	struct ringprobe_watch_task *it, *first = first_of(current);
	u64 now = rdtsc();

	this_cpu_write(running, first);
	for (it = first; it; it = next_of(it))
		if (!it->on)
			it->on = now;
}

/* A CPU may have gone offline unseen, while no probe was registered. */
void ringprobe_watch_see(void)
{
	int cpu;

	cpus_read_lock();
	on_each_cpu(see, NULL, true);
	for_each_possible_cpu(cpu)
		if (!cpu_online(cpu))
			per_cpu(running, cpu) = NULL;
	cpus_read_unlock();
}

static void settle(void *watch)
{
	struct ringprobe_watch_task *it;
	u64 now = rdtsc();

	for (it = this_cpu_read(running); it; it = next_of(it))
		if (it->watch == watch)
			had_cpu(it, now);
}

void ringprobe_watch_settle(struct ringprobe_watch *watch)
{
	on_each_cpu(settle, watch, true);
}

void ringprobe_watch_numbers(struct ringprobe_watch *watch, struct ringprobe_watch_total *total)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&lock, flags);
	total->tasks = watch->tasks;
	total->exited = watch->exited;
	total->untracked = watch->untracked;
	raw_spin_unlock_irqrestore(&lock, flags);
}

int ringprobe_watch_probe_begin(struct ringprobe_watch *watch)
{
	size_t i, n = RINGPROBE_WATCH_TASKS_MAX;

	watch->task = ringprobe_watch_allocate(array_size(n, sizeof(*watch->task)));
	if (!watch->task)
		return -ENOMEM;
	INIT_LIST_HEAD(&watch->unused);
	for (i = 0; i < n; i++)
		list_add_tail(&watch->task[i].unused, &watch->unused);
	return register_all(watch);
}

static void let_go(struct ringprobe_watch *watch)
{
	unsigned long flags;
	size_t i;

	raw_spin_lock_irqsave(&lock, flags);
	watch->ended = true;	/* a fork that has found it adds no child */
	for (i = 0; i < RINGPROBE_WATCH_TASKS_MAX; i++)
		if (!hlist_unhashed(&watch->task[i].node))
			hlist_del_init_rcu(&watch->task[i].node);
	raw_spin_unlock_irqrestore(&lock, flags);
}

static void put_tasks(struct ringprobe_watch *watch)
{
	size_t i;

	for (i = 0; i < RINGPROBE_WATCH_TASKS_MAX; i++)
		if (watch->task[i].task)
			put_task_struct(watch->task[i].task);
}

void ringprobe_watch_probe_end(const struct list_head *watches)
{
	struct ringprobe_watch *watch;

	list_for_each_entry(watch, watches, list) {
		let_go(watch);
		unregister(watch, ARRAY_SIZE(points));
		cond_resched();
	}
	/* a probe that is no more is not running either */
	tracepoint_synchronize_unregister();
	/* no CPU begins to use a task, none still does, and those that exited are recycled */
	ringprobe_watch_see();
	synchronize_rcu();
	rcu_barrier();
	list_for_each_entry(watch, watches, list) {
		put_tasks(watch);
		cond_resched();
	}
}

bool ringprobe_watch_about(const struct ringprobe_watch *watch, u32 i,
			   struct ringprobe_watch_about *about)
{
	struct ringprobe_watch_task *it = &watch->task[i];
	unsigned long flags;
	bool there;

	raw_spin_lock_irqsave(&lock, flags);	/* no fork takes it, and it does not exit */
	about->ended = hlist_unhashed(&it->node);
	if (!about->ended)
		keep_name(it);
	there = it->tid;
	about->tid = it->tid;
	about->pid = it->pid;
	memcpy(about->comm, it->comm, sizeof(about->comm));
	about->count = READ_ONCE(it->count) - it->base_count;
	about->cpu_ticks = READ_ONCE(it->cpu_ticks) - it->base_cpu_ticks;
	raw_spin_unlock_irqrestore(&lock, flags);
	return there;
}

void ringprobe_watch_reset_tasks(struct ringprobe_watch *watch)
{
	struct ringprobe_watch_task *it;
	unsigned long flags;

	raw_spin_lock_irqsave(&lock, flags);	/* no fork takes one meanwhile */
	for (it = watch->task; it < watch->task + RINGPROBE_WATCH_TASKS_MAX; it++) {
		it->base_count = READ_ONCE(it->count);
		it->base_cpu_ticks = READ_ONCE(it->cpu_ticks);
		if (hlist_unhashed(&it->node))
			it->tid = 0;
	}
	raw_spin_unlock_irqrestore(&lock, flags);
}

/*
 * One that exits meanwhile has passed its probe, or passes it yet. A worker of io_uring's
 * makes no system calls, and of one made later no probe tells.
 */
static int watch_thread(struct ringprobe_watch *watch, struct task_struct *thread)
{
	int err;

	if (thread->flags & (PF_EXITING | PF_IO_WORKER))
		return 0;
	err = watch_task(watch, thread, !(watch->flags & RINGPROBE_WATCH_F_ON_EXEC));
	smp_mb();	/* pairs with exit_signals(): flag, then probe */
	if (!err && READ_ONCE(thread->flags) & PF_EXITING)
		forget_task(thread);
	return err;
}

/* Threads that are made meanwhile: by one that is watched, or at the list's end. */
int ringprobe_watch_process(struct ringprobe_watch *watch, u32 number)
{
	struct pid *pid = find_get_pid(number);
	struct task_struct *leader, *thread;
	int err = -ESRCH;

	rcu_read_lock();
	leader = pid_task(pid, PIDTYPE_TGID);
	if (leader && leader->flags & PF_KTHREAD) {
		err = -EINVAL;
	} else if (leader) {
		err = 0;
		for_each_thread(leader, thread) {
			err = watch_thread(watch, thread);
			if (err)
				break;
		}
	}
	rcu_read_unlock();
	put_pid(pid);
	return err;
}

bool ringprobe_watch_moves_bytes(u32 row)
{
	return test_bit(row, moves_bytes);
}

void __init ringprobe_watch_probe_init(void)
{
	static const u16 rows[] = {
		__NR_read, __NR_write, __NR_pread64, __NR_pwrite64, __NR_readv, __NR_writev,
		__NR_preadv, __NR_pwritev, __NR_preadv2, __NR_pwritev2, __NR_sendto,
		__NR_recvfrom, __NR_sendmsg, __NR_recvmsg, __NR_sendfile, __NR_splice,
		__NR_vmsplice, __NR_tee, __NR_copy_file_range, __NR_getrandom,
	};
	static const u16 rows_32[] = {
		__NR_ia32_read, __NR_ia32_write, __NR_ia32_pread64, __NR_ia32_pwrite64,
		__NR_ia32_readv, __NR_ia32_writev, __NR_ia32_preadv, __NR_ia32_pwritev,
		__NR_ia32_preadv2, __NR_ia32_pwritev2, __NR_ia32_sendto, __NR_ia32_recvfrom,
		__NR_ia32_sendmsg, __NR_ia32_recvmsg, __NR_ia32_sendfile, __NR_ia32_sendfile64,
		__NR_ia32_splice, __NR_ia32_vmsplice, __NR_ia32_tee,
		__NR_ia32_copy_file_range, __NR_ia32_getrandom,
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		__set_bit(rows[i], moves_bytes);
	for (i = 0; i < ARRAY_SIZE(rows_32); i++)
		__set_bit(rows_32[i] + RINGPROBE_WATCH_CALLS + 1, moves_bytes);
	ringprobe_points_find(points, ARRAY_SIZE(points));
}
