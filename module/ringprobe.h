/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of the module know of each other. The allow-list is written by
 * init only, a context by open() but for what says otherwise. Locks: fault.c's
 * guards the recorders, is taken by FAULT_ARM, FAULT_READ and the last close, and is
 * outside of the kernel's tracepoint and CPU hotplug locks; page.c has one to make a
 * page and one a page to write it. No two of these are held together. return.c has
 * none: what belongs to a CPU is touched there alone, with interrupts off.
 */
#ifndef RINGPROBE_H
#define RINGPROBE_H

#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/fs.h>
#include <linux/spinlock_types.h>
#include <linux/types.h>

#include <ringprobe.h>

/* What an operation needs of descriptor and caller: a sum. 0: an open descriptor. */
#define RINGPROBE_ACCESS_READ	BIT(0)	/* open for reading */
#define RINGPROBE_ACCESS_WRITE	BIT(1)	/* open for writing */
#define RINGPROBE_ACCESS_RAWIO	BIT(2)	/* CAP_SYS_RAWIO of opener and caller */
#define RINGPROBE_ACCESS_PORTS	BIT(3)	/* no lockdown */

#define RINGPROBE_ACCESS_INSN	(RINGPROBE_ACCESS_READ | RINGPROBE_ACCESS_RAWIO)
#define RINGPROBE_ACCESS_IN	(RINGPROBE_ACCESS_INSN | RINGPROBE_ACCESS_PORTS)
#define RINGPROBE_ACCESS_BOTH	(RINGPROBE_ACCESS_IN | RINGPROBE_ACCESS_WRITE)
#define RINGPROBE_ACCESS_OUT	(RINGPROBE_ACCESS_WRITE | RINGPROBE_ACCESS_RAWIO | \
				 RINGPROBE_ACCESS_PORTS)

enum ringprobe_counter {
	RINGPROBE_COUNT_IN, RINGPROBE_COUNT_OUT,	/* port accesses made */
	RINGPROBE_COUNT_REFUSED,	/* port operations that returned an error */
	RINGPROBE_COUNTERS,
};

/* Of a descriptor, or of the module: page.c. */
struct ringprobe_counters {
	atomic64_t count[RINGPROBE_COUNTERS];
	struct ringprobe_page *page;	/* made once; its content is written under @lock */
	raw_spinlock_t lock;
};

/* What belongs to an open descriptor: file->private_data. */
struct ringprobe_context {
	struct ringprobe_counters counters;
	bool opener_rawio;	/* the opener had CAP_SYS_RAWIO: his f_cred cannot change */
	struct ringprobe_recorder *recorder;	/* fault.c: under its lock; NULL: never armed */
	void *ops;		/* batch.c: taken by xchg() while a batch runs; or NULL */
};

/* main.c */
u32 ringprobe_mode(void);

/* ops.c */
int ringprobe_ops_uring(struct file *file, unsigned int cmd, void __user *user, bool nowait);
long ringprobe_ops_ioctl(struct file *file, unsigned int cmd, unsigned long arg);

/* access.c */
bool ringprobe_access_opener(const struct file *file);
u32 ringprobe_access_layers(const struct file *file, u32 need);
u32 ringprobe_access_port_layers(u32 port, u32 width, bool out);
int ringprobe_access_errno(u32 layers);

/* port.c: logs a use of unsafe_ports= */
void ringprobe_port_note(u32 port, bool out);

/* allow.c */
int ringprobe_allow_init(void);
void ringprobe_allow_exit(void);
extern const unsigned long *ringprobe_allow_maps[256];
extern bool ringprobe_allow_unsafe;	/* unsafe_ports= lists any */
bool ringprobe_allow_denied(u32 first, u32 last);
u32 ringprobe_allow_kind(u32 port);
u32 ringprobe_allow_count(void);
u32 ringprobe_allow_pm_timer(u32 *bits);

/*
 * Is this access on the allow-list? @access: the width in bytes, plus
 * RINGPROBE_OP_OUT. Any @access may be asked for, and any @port: both are in
 * bounds by their types, so there is nothing to speculate past. Asked between
 * user_access_begin() and _end(), where nothing may be called: not even KASAN.
 */
static __always_inline bool ringprobe_allow_covers(u16 port, u8 access)
{
	return arch_test_bit(port, ringprobe_allow_maps[access]);
}

/* info.c */
u64 ringprobe_info_features(void);

/*
 * The operations: @arg is the argument in kernel memory, size and flags checked. They
 * return -errno, then no port was accessed; or how many port accesses they made, plus
 * RINGPROBE_FAULTED if the last one's answer met a fault: -EFAULT, for the user.
 */
#define RINGPROBE_FAULTED	BIT(16)
int ringprobe_info(struct file *file, void *arg);
int ringprobe_cpl(struct file *file, void *arg);
int ringprobe_stamp_ioctl(struct file *file, void *arg);
int ringprobe_port_in(struct file *file, void *arg);
int ringprobe_port_out(struct file *file, void *arg);
int ringprobe_insn(struct file *file, void *arg);
int ringprobe_fault_arm(struct file *file, void *arg);
int ringprobe_fault_read(struct file *file, void *arg);
int ringprobe_batch_in(struct file *file, void *arg);
int ringprobe_batch(struct file *file, void *arg);

/* fault.c: what it needs besides */
void ringprobe_fault_init(void);
u64 ringprobe_fault_features(void);
void ringprobe_fault_exit(struct ringprobe_context *context);
void ringprobe_fault_at_return(u64 stamp);

/* uring.c: the same operations by io_uring */
struct io_uring_cmd;
int ringprobe_uring_cmd(struct io_uring_cmd *cmd, unsigned int issue_flags);

/* page.c */
extern struct ringprobe_counters ringprobe_page_total;
extern atomic_t ringprobe_page_mapped;
void ringprobe_page_init(struct ringprobe_counters *counters);
void ringprobe_page_exit(struct ringprobe_counters *counters);
void ringprobe_page_publish(struct ringprobe_context *context);
int ringprobe_page_mmap(struct file *file, struct vm_area_struct *vma);

/* Counts @n for descriptor and module. */
static inline void ringprobe_page_count(struct ringprobe_context *context,
					enum ringprobe_counter which, u32 n)
{
	atomic64_add(n, &context->counters.count[which]);
	atomic64_add(n, &ringprobe_page_total.count[which]);
	smp_mb__after_atomic();	/* counted before it is asked who reads */
	if (unlikely(atomic_read(&ringprobe_page_mapped)))
		ringprobe_page_publish(context);
}

/* netlink.c: the family; watches are what it is for */
int ringprobe_netlink_init(void);
void ringprobe_netlink_exit(void);

/* stamp.c: the operation without an argument */
loff_t ringprobe_stamp_llseek(struct file *file, loff_t offset, int whence);

#endif
