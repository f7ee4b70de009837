/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The device, as calls. The only file that talks ioctl(), lseek() and mmap() to it (uring.c
 * and the timed brackets of measure.c and rung_*.c aside). Each returns 0 or a negative errno.
 */
#ifndef DEV_H
#define DEV_H

#include <linux/types.h>
#include <stdbool.h>
#include <ringprobe.h>

/*
 * dev_open: a descriptor (O_CLOEXEC), or -errno. @write: also for OUT.
 * -ENOENT: no node; -ENODEV: the node is not ringprobe's; -EACCES: no
 * permission; -EPROTO: a module of another ABI, or one whose INFO is not ours.
 */
int dev_open(bool write);
__u32 dev_other_abi(void);	/* the ABI that the last -EPROTO met; 0: it did not say */
int dev_nop(int fd);
int dev_info(int fd, struct ringprobe_info *info);	/* general */
int dev_info_port(int fd, __u32 port, __u32 width_bytes, struct ringprobe_info *info);
int dev_cpl(int fd, struct ringprobe_cpl *cpl);
/* .insn, .operand and .pointer are set; the rest is the answer. */
int dev_insn(int fd, struct ringprobe_insn *insn);
/* Of this thread: RINGPROBE_FAULT_F_*, 0 for no more. */
int dev_fault_arm(int fd, __u32 flags);
/* All that were recorded, in their order, at most @room. */
int dev_fault_records(int fd, struct ringprobe_fault_record *records, __u32 room, __u32 *n);
/* How many system calls of this thread, this one too, since F_CALLS alone was armed. */
int dev_fault_calls(int fd, __u64 *calls);
/* @value: written for @out, else set; @ticks may be NULL. */
int dev_port(int fd, bool out, __u32 port, __u32 width_bytes, __u32 *value, __u64 *ticks);
/*
 * @n accesses in one call; @in_only: IN alone. .status and .value of each are the
 * answer, also where it fails.
 */
int dev_batch(int fd, bool in_only, struct ringprobe_op *ops, __u32 n);
/* The same for who makes the call otherwise: the argument, and the operation's number. */
struct ringprobe_batch dev_batch_of(struct ringprobe_op *ops, __u32 n);
__u32 dev_batch_number(bool in_only);
/* The counters' page of this descriptor, or NULL. It outlives the descriptor. */
const struct ringprobe_page *dev_page_map(int fd);
void dev_page_unmap(const struct ringprobe_page *page);
/* One consistent copy, without a crossing. */
void dev_page(const struct ringprobe_page *page, struct ringprobe_page *copy);

#endif
