// SPDX-License-Identifier: GPL-2.0
/*
 * The operation table, and the one place where arguments enter and leave the
 * kernel. Every door looks an operation up here, asks access.c here and copies
 * here; handlers see kernel memory only. User memory is read once: what has
 * been checked is what is used.
 */
#include <linux/nospec.h>
#include <linux/uaccess.h>

#include "ringprobe.h"

/* What all arguments begin with. */
struct header {
	u32 size;
	u32 flags;
};

union argument {
	struct header header;
	struct ringprobe_info info;
	struct ringprobe_cpl cpl;
	struct ringprobe_stamp stamp;
	struct ringprobe_port port;
	struct ringprobe_insn insn;
	struct ringprobe_fault_arm fault_arm;
	struct ringprobe_fault_read fault_read;
	u64 words[sizeof(struct ringprobe_fault_read) / sizeof(u64)];	/* the largest */
};

static_assert(sizeof(union argument) == sizeof_field(union argument, words));

struct operation {
	u32 size;			/* known to this kernel; 0: takes no argument */
	u32 min_size;			/* of its first version */
	u32 flags;			/* the flags it knows */
	enum ringprobe_access access;
	int (*run)(struct file *file, void *arg);
};

#define OPERATION(type, last, known_flags, need, handler) {		\
	.size = sizeof(struct type),					\
	.min_size = offsetofend(struct type, last),			\
	.flags = known_flags, .access = need, .run = handler }

static const struct operation operations[] = {
	[_IOC_NR(RINGPROBE_IOC_NOP)] = { .access = RINGPROBE_ACCESS_OPEN },
	[_IOC_NR(RINGPROBE_IOC_INFO)] =
		OPERATION(ringprobe_info, version, RINGPROBE_INFO_F_ALL,
			  RINGPROBE_ACCESS_OPEN, ringprobe_info),
	[_IOC_NR(RINGPROBE_IOC_CPL)] =
		OPERATION(ringprobe_cpl, reserved, 0,
			  RINGPROBE_ACCESS_OPEN, ringprobe_cpl),
	[_IOC_NR(RINGPROBE_IOC_STAMP)] =
		OPERATION(ringprobe_stamp, reserved, 0,
			  RINGPROBE_ACCESS_OPEN, ringprobe_stamp_ioctl),
	[_IOC_NR(RINGPROBE_IOC_PORT_IN)] =
		OPERATION(ringprobe_port, ticks, 0,
			  RINGPROBE_ACCESS_IN, ringprobe_port_in),
	[_IOC_NR(RINGPROBE_IOC_PORT_OUT)] =
		OPERATION(ringprobe_port, ticks, 0,
			  RINGPROBE_ACCESS_OUT, ringprobe_port_out),
	[_IOC_NR(RINGPROBE_IOC_INSN)] =
		OPERATION(ringprobe_insn, reserved, 0,
			  RINGPROBE_ACCESS_INSN, ringprobe_insn),
	[_IOC_NR(RINGPROBE_IOC_FAULT_ARM)] =
		OPERATION(ringprobe_fault_arm, reserved, RINGPROBE_FAULT_F_ALL,
			  RINGPROBE_ACCESS_INSN, ringprobe_fault_arm),
	[_IOC_NR(RINGPROBE_IOC_FAULT_READ)] =
		OPERATION(ringprobe_fault_read, record, 0,
			  RINGPROBE_ACCESS_INSN, ringprobe_fault_read),
};

/*
 * Word by word: for a few words of fixed layout this is shorter than
 * copy_struct_from_user() and its kin. @size is a multiple of 8.
 */
static int copy_in(u64 *words, const u64 __user *user, u32 size)
{
	u32 i;

	if (!user_read_access_begin(user, size))
		return -EFAULT;
	for (i = 0; i < size / sizeof(u64); i++)
		unsafe_get_user(words[i], user + i, fault);
	user_read_access_end();
	return 0;

fault:
	user_read_access_end();
	return -EFAULT;
}

static int copy_out(u64 __user *user, const u64 *words, u32 size)
{
	u32 i;

	if (!user_write_access_begin(user, size))
		return -EFAULT;
	for (i = 0; i < size / sizeof(u64); i++)
		unsafe_put_user(words[i], user + i, fault);
	user_write_access_end();
	return 0;

fault:
	user_write_access_end();
	return -EFAULT;
}

/* The size, the tail and the flags of what the user says; then the argument. */
static int take(const struct operation *op, union argument *arg, void __user *user)
{
	u32 __user *user_size = user;
	u32 size, known;
	int err;

	if (get_user(size, user_size))
		return -EFAULT;
	if (size > RINGPROBE_ARG_MAX)
		return -E2BIG;
	if (size < op->min_size || size % sizeof(u64))
		return -EINVAL;

	known = min(size, op->size);
	err = copy_in(arg->words, user, known);
	if (err)
		return err;
	arg->header.size = size;

	/* Can the reply be written, each word? Asked before anything is done. */
	err = copy_out(user, arg->words, known);
	if (err)
		return err;
	if (size > known) {
		err = check_zeroed_user(user + known, size - known);
		if (err <= 0)
			return err ? err : -E2BIG;
	}
	return arg->header.flags & ~op->flags ? -EINVAL : 0;
}

static int run(const struct operation *op, struct file *file, void __user *user)
{
	union argument arg = { };
	int err;

	err = take(op, &arg, user);
	if (err)
		return err;
	err = op->run(file, &arg);
	if (err)
		return err;
	return copy_out(user, arg.words, min(arg.header.size, op->size));
}

long ringprobe_ops_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	const struct operation *op;
	/* The numbers have no size bits: with any, this is out of range. */
	u32 nr = cmd - RINGPROBE_IOC_NOP;
	u32 layers;

	if (nr >= ARRAY_SIZE(operations))
		return -ENOTTY;
	op = &operations[array_index_nospec(nr, ARRAY_SIZE(operations))];

	layers = ringprobe_access_layers(file, op->access);
	if (layers)
		return ringprobe_access_errno(layers);
	if (!op->size)
		return arg ? -EINVAL : 0;
	return run(op, file, (void __user *)arg);
}
