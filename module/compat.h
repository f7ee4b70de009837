/* SPDX-License-Identifier: GPL-2.0 */
/* What differs between kernel versions, in this one place. */
#ifndef RINGPROBE_COMPAT_H
#define RINGPROBE_COMPAT_H

#include <linux/hrtimer.h>
#include <linux/io_uring.h>
#include <linux/version.h>
#include <asm/msr.h>
#include <asm/tsc.h>

#include <ringprobe.h>

/* 6.16 renamed rdmsrl_safe() to rdmsrq_safe(). */
#if KERNEL_VERSION(6, 16, 0) > LINUX_VERSION_CODE
#define rdmsrq_safe(msr, value)	rdmsrl_safe(msr, value)
#endif

/* 6.13 made one call of two. */
#if KERNEL_VERSION(6, 13, 0) > LINUX_VERSION_CODE
static inline void hrtimer_setup_on_stack(struct hrtimer *timer,
					  enum hrtimer_restart (*function)(struct hrtimer *),
					  clockid_t clock, enum hrtimer_mode mode)
{
	hrtimer_init_on_stack(timer, clock, mode);
	timer->function = function;
}
#endif

/* 6.3 made vm_flags read-only. */
#if KERNEL_VERSION(6, 3, 0) > LINUX_VERSION_CODE
#include <linux/mm.h>
static inline void vm_flags_set(struct vm_area_struct *vma, vm_flags_t flags)
{
	vma->vm_flags |= flags;
}

static inline void vm_flags_clear(struct vm_area_struct *vma, vm_flags_t flags)
{
	vma->vm_flags &= ~flags;
}
#endif

/*
 * The payload of an io_uring command: 6.1 has a pointer to it, 6.6 and later the
 * SQE; since 6.19 the accessor wants the type.
 */
#if KERNEL_VERSION(6, 6, 0) > LINUX_VERSION_CODE
static inline const struct ringprobe_uring *compat_uring_payload(struct io_uring_cmd *cmd)
{
	return cmd->cmd;
}
#else
#include <linux/io_uring/cmd.h>
static inline const struct ringprobe_uring *compat_uring_payload(struct io_uring_cmd *cmd)
{
#ifdef io_uring_sqe_cmd
	return io_uring_sqe_cmd(cmd->sqe, struct ringprobe_uring);
#else
	return io_uring_sqe_cmd(cmd->sqe);
#endif
}
#endif

/* The flags of an io_uring command: 6.1 has one, and no name for all. */
#ifndef IORING_URING_CMD_MASK
#define IORING_URING_CMD_MASK	IORING_URING_CMD_FIXED
#endif

/* return.c needs user-return notifiers, which the kernel has for KVM. */
#if IS_ENABLED(CONFIG_USER_RETURN_NOTIFIER)
void ringprobe_return_init(void);
void ringprobe_return_exit(void);
bool ringprobe_return_works(void);
void ringprobe_return_expect(void);
void ringprobe_return_end(bool last);
#else
static inline void ringprobe_return_init(void) { }
static inline void ringprobe_return_exit(void) { }
static inline bool ringprobe_return_works(void) { return false; }
static inline void ringprobe_return_expect(void) { }
static inline void ringprobe_return_end(bool last) { }
#endif

/*
 * Probes are called with preemption off: those of sys_enter and sys_exit until 6.13,
 * the others until 7.0.
 */
#if KERNEL_VERSION(6, 13, 0) > LINUX_VERSION_CODE
static inline void compat_probe_begin(void) { }
static inline void compat_probe_end(void) { }
#else
static inline void compat_probe_begin(void) { preempt_disable_notrace(); }
static inline void compat_probe_end(void) { preempt_enable_notrace(); }
#endif

/* 6.16 tells the probe of sched_process_exit whether the process ends with the task. */
#if KERNEL_VERSION(6, 16, 0) > LINUX_VERSION_CODE
#define COMPAT_EXIT_PROBE_ARGUMENTS void *data, struct task_struct *task
#else
#define COMPAT_EXIT_PROBE_ARGUMENTS void *data, struct task_struct *task, bool group_dead
#endif

/* The attributes of a generic-netlink dump's request: 6.7 moved them. */
#if KERNEL_VERSION(6, 7, 0) > LINUX_VERSION_CODE
#define compat_dump_attributes(cb)	(genl_dumpit_info(cb)->attrs)
#else
#define compat_dump_attributes(cb)	(genl_dumpit_info(cb)->info.attrs)
#endif

/* Who may join a group of generic netlink: 6.7 and 6.1.67 gave it a flag of its own. */
#ifndef GENL_MCAST_CAP_NET_ADMIN
#define GENL_MCAST_CAP_NET_ADMIN	GENL_UNS_ADMIN_PERM
#endif

/* CR4.FRED got its name in 6.9; the bit is the architecture's. */
#ifndef X86_CR4_FRED
#define X86_CR4_FRED		BIT_ULL(32)
#endif

#endif
