/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of the module know of each other. The allow-list is written by
 * init only. There is one lock, fault.c's: it guards what belongs to open files,
 * is taken by the operations FAULT_ARM and FAULT_READ and by the last close, and
 * is outside of the kernel's tracepoint locks. Nothing else is shared.
 */
#ifndef RINGPROBE_H
#define RINGPROBE_H

#include <linux/fs.h>
#include <linux/types.h>

#include <ringprobe.h>

/* What an operation needs of descriptor and caller. */
enum ringprobe_access {
	RINGPROBE_ACCESS_OPEN,		/* an open descriptor */
	RINGPROBE_ACCESS_IN,		/* all that PORT_IN needs */
	RINGPROBE_ACCESS_OUT,		/* all that PORT_OUT needs */
	RINGPROBE_ACCESS_INSN,		/* the same as PORT_IN, but for lockdown */
};

/* main.c */
u32 ringprobe_mode(void);

/* ops.c */
long ringprobe_ops_ioctl(struct file *file, unsigned int cmd, unsigned long arg);

/* access.c */
u32 ringprobe_access_layers(const struct file *file, enum ringprobe_access need);
u32 ringprobe_access_port_layers(u32 port, u32 width, bool out);
int ringprobe_access_errno(u32 layers);

/* allow.c */
int ringprobe_allow_init(void);
void ringprobe_allow_exit(void);
bool ringprobe_allow_covers(u32 port, u32 width, bool out);
bool ringprobe_allow_denied(u32 first, u32 last);
u32 ringprobe_allow_kind(u32 port);
u32 ringprobe_allow_count(void);
u32 ringprobe_allow_pm_timer(u32 *bits);

/* The operations: @arg is the argument in kernel memory, size and flags checked. */
int ringprobe_info(struct file *file, void *arg);
int ringprobe_cpl(struct file *file, void *arg);
int ringprobe_stamp_ioctl(struct file *file, void *arg);
int ringprobe_port_in(struct file *file, void *arg);
int ringprobe_port_out(struct file *file, void *arg);
int ringprobe_insn(struct file *file, void *arg);
int ringprobe_fault_arm(struct file *file, void *arg);
int ringprobe_fault_read(struct file *file, void *arg);

/* fault.c: what it needs besides */
void ringprobe_fault_init(void);
u64 ringprobe_fault_features(void);
int ringprobe_fault_open(struct inode *inode, struct file *file);
int ringprobe_fault_release(struct inode *inode, struct file *file);

/* stamp.c: the operation without an argument */
loff_t ringprobe_stamp_llseek(struct file *file, loff_t offset, int whence);

#endif
