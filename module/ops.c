// SPDX-License-Identifier: GPL-2.0
/*
 * The operation table, and the one place where arguments enter and leave the
 * kernel. Every door looks an operation up here, asks access.c here and copies
 * here; handlers see kernel memory only. User memory is read once: what has
 * been checked is what is used.
 */
#include <linux/nospec.h>
#include <linux/uaccess.h>

#include "event.h"
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
	struct ringprobe_batch batch;
	u64 words[sizeof(struct ringprobe_info) / sizeof(u64)];	/* the largest */
};

/* To clear its words is to clear all of it: what no handler fills in goes out as 0. */
static_assert(sizeof(union argument) == sizeof_field(union argument, words));

struct operation {
	u32 size;			/* known to this kernel; 0: takes no argument */
	u32 min_size;			/* of its first version */
	u32 in_words;			/* as many words are read */
	u32 flags;			/* the flags it knows */
	u32 access;			/* RINGPROBE_ACCESS_* */
	bool explains;			/* the answer goes out on an error of its own, too */
	bool sleeps;			/* touches more of the user's memory, or waits */
	int (*run)(struct file *file, void *arg);
};

/* One that only reports: @last_in is the last field that it reads. */
#define REPORT(type, last_in, last, known_flags, handler) {		\
	.size = sizeof(struct type),					\
	.min_size = offsetofend(struct type, last),			\
	.in_words = DIV_ROUND_UP(offsetofend(struct type, last_in), sizeof(u64)), \
	.flags = known_flags, .run = handler }

#define ACTION(type, last, need, handler, ...) {			\
	.size = sizeof(struct type),					\
	.min_size = offsetofend(struct type, last),			\
	.in_words = sizeof(struct type) / sizeof(u64),			\
	.access = need, .run = handler, __VA_ARGS__ }

static const struct operation operations[] = {
	[_IOC_NR(RINGPROBE_IOC_NOP)] = { },
	[_IOC_NR(RINGPROBE_IOC_INFO)] =
		REPORT(ringprobe_info, width, version, RINGPROBE_INFO_F_ALL, ringprobe_info),
	[_IOC_NR(RINGPROBE_IOC_CPL)] =
		REPORT(ringprobe_cpl, flags, reserved, 0, ringprobe_cpl),
	[_IOC_NR(RINGPROBE_IOC_STAMP)] =
		REPORT(ringprobe_stamp, flags, reserved, 0, ringprobe_stamp_ioctl),
	[_IOC_NR(RINGPROBE_IOC_PORT_IN)] =
		ACTION(ringprobe_port, ticks, RINGPROBE_ACCESS_IN, ringprobe_port_in),
	[_IOC_NR(RINGPROBE_IOC_PORT_OUT)] =
		ACTION(ringprobe_port, ticks, RINGPROBE_ACCESS_OUT, ringprobe_port_out),
	[_IOC_NR(RINGPROBE_IOC_INSN)] =
		ACTION(ringprobe_insn, reserved, RINGPROBE_ACCESS_INSN, ringprobe_insn,
		       .sleeps = true),
	[_IOC_NR(RINGPROBE_IOC_FAULT_ARM)] =
		ACTION(ringprobe_fault_arm, reserved, RINGPROBE_ACCESS_INSN, ringprobe_fault_arm,
		       .flags = RINGPROBE_FAULT_F_ALL, .sleeps = true),
	[_IOC_NR(RINGPROBE_IOC_FAULT_READ)] =
		ACTION(ringprobe_fault_read, record, RINGPROBE_ACCESS_INSN, ringprobe_fault_read,
		       .sleeps = true),
	[_IOC_NR(RINGPROBE_IOC_PORT_BATCH_IN)] =
		ACTION(ringprobe_batch, reserved, RINGPROBE_ACCESS_IN, ringprobe_batch_in,
		       .explains = true, .sleeps = true),
	[_IOC_NR(RINGPROBE_IOC_PORT_BATCH)] =
		ACTION(ringprobe_batch, reserved, RINGPROBE_ACCESS_BOTH, ringprobe_batch,
		       .explains = true, .sleeps = true),
};

/*
 * Takes the argument in: the size, then as many words as the operation reads, in
 * one go and each once; word by word, which for a few is shorter than
 * copy_struct_from_user(). Writes the first word back and the last that will be
 * answered, read anew for that alone: an argument lies in two pages at most, so it is
 * known, before anything is done, that the answer can be written. How many words the
 * answer has, or -errno; the size is not above RINGPROBE_ARG_MAX then, but may be
 * above what is known. By a pointer, since UBSAN would check an array's bounds by a
 * call.
 */
static __always_inline int copy_in(const struct operation *op, union argument *arg,
				   u64 __user *user)
{
	u64 *to = arg->words;
	u32 i, words, known, size;
	int err = -EFAULT;
	u64 word;

	if (!user_access_begin(user, op->size))
		return err;
	unsafe_get_user(to[0], user, end);
	size = arg->header.size;
	err = size > RINGPROBE_ARG_MAX ? -E2BIG : -EINVAL;
	if (size > RINGPROBE_ARG_MAX || size < op->min_size || size % sizeof(u64))
		goto end;

	err = -EFAULT;
	known = min(size, op->size) / sizeof(u64);
	words = min(known, op->in_words);
	for (i = 1; i < words; i++)
		unsafe_get_user(to[i], user + i, end);
	unsafe_get_user(word, user + known - 1, end);
	unsafe_put_user(word, user + known - 1, end);
	unsafe_put_user(to[0], user, end);
	err = known;
end:
	user_access_end();
	return err;
}

/* All but the first word: size and flags are as they were. */
static __always_inline int copy_out(const union argument *arg, u64 __user *user, u32 words)
{
	const u64 *from = arg->words;
	int err = -EFAULT;
	u32 i;

	if (!user_access_begin(user, words * sizeof(u64)))
		return err;
	for (i = 1; i < words; i++)
		unsafe_put_user(from[i], user + i, end);
	err = 0;
end:
	user_access_end();
	return err;
}

/* A caller that is newer than this module asks for nothing that is not known here. */
static noinline int check_tail(const struct operation *op, u32 size, void __user *user)
{
	int zeroed = check_zeroed_user(user + op->size, size - op->size);

	return zeroed < 0 ? zeroed : zeroed ? 0 : -E2BIG;
}

static __always_inline int take(const struct operation *op, union argument *arg,
				void __user *user)
{
	int words = copy_in(op, arg, user), err;

	if (words > 0 && unlikely(arg->header.size > op->size)) {
		err = check_tail(op, arg->header.size, user);
		if (err)
			return err;
	}
	return words;
}

/*
 * Who must not sleep does not wait for a page of the user's, either: -EAGAIN, and
 * nothing was done. The answer's page was there a moment ago; in the rare case that
 * it no longer is, it is waited for, since what was done cannot be undone.
 */
static noinline int take_nowait(const struct operation *op, union argument *arg,
				void __user *user)
{
	int words;

	if (op->sleeps)
		return -EAGAIN;
	pagefault_disable();
	words = take(op, arg, user);
	pagefault_enable();
	return words == -EFAULT ? -EAGAIN : words;
}

/* What the handler returned, or -errno */
static __always_inline int run(const struct operation *op, struct file *file, union argument *arg,
			       void __user *user, u32 words)
{
	int ret;

	if (arg->header.flags & ~op->flags)
		return -EINVAL;
	ret = op->run(file, arg);
	if (ret < 0 && !op->explains)
		return ret;
	if (unlikely(copy_out(arg, user, words)))
		return ret > 0 ? ret | RINGPROBE_FAULTED : -EFAULT;
	return ret;
}

/*
 * Counts what was refused, and tells of that and of what was made. @arg: NULL, if it
 * was not read. The errno of @result.
 */
static noinline int finish(const struct operation *op, struct file *file,
			   const union argument *arg, int result)
{
	struct ringprobe_event_port event = {
		.operation = op - operations,
		.made = max(result, 0) & ~RINGPROBE_FAULTED,
		.err = result > 0 && result & RINGPROBE_FAULTED ? -EFAULT : min(result, 0),
	};

	if (event.err == -EAGAIN || !(op->access & RINGPROBE_ACCESS_PORTS))
		return event.err;
	if (event.err)
		ringprobe_page_count(file->private_data, RINGPROBE_COUNT_REFUSED, 1);
	if (arg && op->size == sizeof(arg->port))
		event.access = &arg->port;
	if (ringprobe_event_wanted())
		ringprobe_event_port(&event);
	return event.err;
}

static __always_inline int operate(const struct operation *op, struct file *file,
				   void __user *user, bool nowait)
{
	union argument arg = { .words = { } };
	u32 layers = op->access ? ringprobe_access_layers(file, op->access) : 0;
	int words, result;

	words = layers ? ringprobe_access_errno(layers) :
		nowait ? take_nowait(op, &arg, user) : take(op, &arg, user);
	result = words < 0 ? words : run(op, file, &arg, user, words);
	if (!result || (result > 0 && result < RINGPROBE_FAULTED && !ringprobe_event_wanted()))
		return 0;
	return finish(op, file, words < 0 ? NULL : &arg, result);
}

/* Compiled once for each door: a call more costs what is to be measured here. */
static __always_inline int call(struct file *file, unsigned int cmd, void __user *user,
				bool nowait)
{
	const struct operation *op;
	/* The numbers have no size bits: with any, this is out of range. */
	u32 nr = cmd - RINGPROBE_IOC_NOP;

	if (nr >= ARRAY_SIZE(operations))
		return -ENOTTY;
	op = &operations[array_index_nospec(nr, ARRAY_SIZE(operations))];
	OPTIMIZER_HIDE_VAR(op);		/* kept, where gcc would compute it at each use */

	if (!op->size)
		return user ? -EINVAL : 0;
	return operate(op, file, user, nowait);
}

long ringprobe_ops_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	return call(file, cmd, (void __user *)arg, false);
}

/* @nowait: -EAGAIN rather than to sleep; then nothing has been done. */
int ringprobe_ops_uring(struct file *file, unsigned int cmd, void __user *user, bool nowait)
{
	return call(file, cmd, user, nowait);
}
