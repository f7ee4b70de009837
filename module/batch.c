// SPDX-License-Identifier: GPL-2.0
/*
 * Many port accesses in one call. Two passes: all ops are copied in and checked,
 * then all are done and answered. What is done is the copy that was checked, and
 * user memory is read once. No lock is held and nothing is allocated, unless two
 * batches run on one descriptor at a time.
 */
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include <ringprobe_insn.h>
#include <ringprobe_stamp.h>
#include "ringprobe.h"

#define CHUNK	32	/* ops, between two looks at signals and the scheduler */

/* An op as the word that it is copied by, so that it is one access to user memory. */
union word {
	struct ringprobe_op op;
	u64 word;
};

#define ACCESS(word)	((u8)((word) >> 16))
#define IS_ACCESS	(0xffULL << 16)
#define IN_8		BIT_ULL(16)
#define IS_OUT		BIT_ULL(23)		/* RINGPROBE_OP_OUT, where it lies in the word */
#define HAS_STATUS	(0xffULL << 24)
#define DONE		((u64)RINGPROBE_OP_DONE << 24)
#define VALUE(word)	((u32)((word) >> 32))

static_assert(offsetof(struct ringprobe_op, access) == 2);
static_assert(offsetof(struct ringprobe_op, status) == 3);
static_assert(offsetof(struct ringprobe_op, value) == 4);

static __always_inline bool fits(u64 word)
{
	return ACCESS(word) == (4 | RINGPROBE_OP_OUT) ||
	       !(VALUE(word) >> 8 * (ACCESS(word) & ~RINGPROBE_OP_OUT));
}

/* What is to be said of an op where not all were good. */
static u8 judge(const union word *word, bool in_only)
{
	const struct ringprobe_op *op = &word->op;
	bool out = op->access & RINGPROBE_OP_OUT;
	u32 layers = ringprobe_access_port_layers(op->port, op->access & ~RINGPROBE_OP_OUT, out);

	if (layers & RINGPROBE_LAYER_RANGE || op->status ||
	    (out && (in_only || !fits(word->word))))
		return RINGPROBE_OP_INVALID;
	return layers ? RINGPROBE_OP_REFUSED : RINGPROBE_OP_NOT_RUN;
}

static __always_inline bool is_good(u64 word, bool in_only)
{
	if (word & (in_only ? HAS_STATUS | IS_OUT : HAS_STATUS))
		return false;
	if (!ringprobe_allow_covers(word, ACCESS(word)))
		return false;
	return in_only || !(word & IS_OUT) || fits(word);
}

/*
 * Copies the ops in and checks them; tries by the way whether each can be answered,
 * by writing back what was read. 1: all are good, 0: not all, or -EFAULT.
 */
static __always_inline int take(union word *ops, u64 __user *user, u32 count, bool in_only)
{
	bool good = true;
	u64 word;
	u32 i;

	if (!user_access_begin(user, count * sizeof(*ops)))
		return -EFAULT;
	for (i = 0; i < count; i++) {
		unsafe_get_user(word, user + i, fault);
		ops[i].word = word;
		unsafe_put_user(word, user + i, fault);
		if (unlikely(!is_good(word, in_only)))
			good = false;
	}
	user_access_end();
	return good;

fault:
	user_access_end();
	return -EFAULT;
}

static int refuse(union word *ops, u64 __user *user, u32 count, bool in_only)
{
	u32 i, first = RINGPROBE_OP_NOT_RUN;

	for (i = 0; i < count; i++) {
		ops[i].op.status = judge(&ops[i], in_only);
		if (!first)
			first = ops[i].op.status;
		if (put_user(ops[i].word, user + i))
			return -EFAULT;
	}
	return first == RINGPROBE_OP_INVALID ? -EINVAL : -EACCES;
}

/* The access, and the answer. One comparison for what is asked most. */
static __always_inline u64 perform(u64 word)
{
	u64 value;

	if (likely((word & IS_ACCESS) == IN_8)) {
		value = ringprobe_insn_in8(word);
	} else if (!(word & IS_OUT)) {
		value = ringprobe_insn_in(word, ACCESS(word));
	} else {
		value = VALUE(word);
		ringprobe_insn_out(word, ACCESS(word) & ~RINGPROBE_OP_OUT, value);
	}
	return value << 32 | (u32)word | DONE;
}

/*
 * How many were done and answered; fewer than @count: the answer met a fault. That
 * both arrays lie in the user's half, take() and try_stamps() have found: once the
 * access is made, only a page can be missing.
 */
static __always_inline u32 chunk(const union word *ops, u64 __user *user, u64 __user *stamps,
				 u32 count)
{
	u64 stamp, word;
	u32 i = 0;

	if (!user_access_begin(user, count * sizeof(*ops)))
		return 0;
	for (; i < count; i++) {
		if (stamps)
			stamp = ringprobe_stamp();
		word = perform(ops[i].word);
		unsafe_put_user(word, user + i, fault);
		if (stamps)
			unsafe_put_user(stamp, stamps + i, fault);
	}
fault:
	user_access_end();
	return i;
}

static u32 chunk_plain(const union word *ops, u64 __user *user, u32 count)
{
	return chunk(ops, user, NULL, count);
}

static noinline u32 chunk_stamped(const union word *ops, u64 __user *user, u64 __user *stamps,
				  u32 count)
{
	return chunk(ops, user, stamps, count);
}

/* A fatal signal ends it; never -ERESTARTSYS, which would do it all again. */
static int run(struct ringprobe_batch *batch, const union word *ops)
{
	u64 __user *user = u64_to_user_ptr(batch->ops);
	u64 __user *stamps = u64_to_user_ptr(batch->stamps);
	u32 at, n, done;

	for (at = 0; at < batch->count && !fatal_signal_pending(current); at += n) {
		n = min_t(u32, batch->count - at, CHUNK);
		if (stamps)
			done = chunk_stamped(ops + at, user + at, stamps + at, n);
		else
			done = chunk_plain(ops + at, user + at, n);
		batch->completed += done;
		if (done < n)
			return (batch->completed + 1) | RINGPROBE_FAULTED;
		cond_resched();
	}
	return batch->completed;
}

static void count(struct ringprobe_context *context, const union word *ops, u32 done, bool in_only)
{
	u32 i, out = 0;

	for (i = 0; !in_only && i < done; i++)
		out += !!(ops[i].word & IS_OUT);
	if (done > out)
		ringprobe_page_count(context, RINGPROBE_COUNT_IN, done - out);
	if (out)
		ringprobe_page_count(context, RINGPROBE_COUNT_OUT, out);
}

/* Reads and writes back each stamp's place: can it be written? */
static int try_stamps(u64 __user *stamps, u32 count)
{
	u64 old;
	u32 i;

	if (!user_access_begin(stamps, count * sizeof(*stamps)))
		return -EFAULT;
	for (i = 0; i < count; i++) {
		unsafe_get_user(old, stamps + i, fault);
		unsafe_put_user(old, stamps + i, fault);
	}
	user_access_end();
	return 0;

fault:
	user_access_end();
	return -EFAULT;
}

static int check(const struct ringprobe_batch *batch)
{
	if (!batch->count || batch->count > RINGPROBE_BATCH_MAX || batch->reserved ||
	    batch->ops % sizeof(u64) || batch->stamps % sizeof(u64))
		return -EINVAL;
	return batch->stamps ? try_stamps(u64_to_user_ptr(batch->stamps), batch->count) : 0;
}

static void note_unsafe(const union word *ops, u32 count)
{
	u32 i;

	for (i = 0; i < count; i++)
		ringprobe_port_note(ops[i].op.port, ops[i].op.access & RINGPROBE_OP_OUT);
}

static __always_inline int check_and_run(struct ringprobe_context *context,
					 struct ringprobe_batch *batch, union word *ops,
					 bool in_only)
{
	u64 __user *user = u64_to_user_ptr(batch->ops);
	int good = take(ops, user, batch->count, in_only), made;

	if (good < 0)
		return good;
	if (!good)
		return refuse(ops, user, batch->count, in_only);
	if (ringprobe_allow_unsafe)
		note_unsafe(ops, batch->count);
	made = run(batch, ops);
	count(context, ops, made & ~RINGPROBE_FAULTED, in_only);
	return made;
}

/* The first batch of a descriptor allocates, later ones find it there. */
static __always_inline int batch(struct file *file, struct ringprobe_batch *batch, bool in_only)
{
	struct ringprobe_context *context = file->private_data;
	union word *ops;
	int err;

	batch->completed = 0;
	err = check(batch);
	if (err)
		return err;
	ops = xchg(&context->ops, NULL);
	if (!ops)
		ops = kmalloc_array(RINGPROBE_BATCH_MAX, sizeof(*ops), GFP_KERNEL_ACCOUNT);
	if (!ops)
		return -ENOMEM;
	err = check_and_run(context, batch, ops, in_only);
	if (cmpxchg(&context->ops, NULL, ops))
		kfree(ops);
	return err;
}

int ringprobe_batch_in(struct file *file, void *arg)
{
	return batch(file, arg, true);
}

int ringprobe_batch(struct file *file, void *arg)
{
	return batch(file, arg, false);
}
