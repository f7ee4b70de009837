// SPDX-License-Identifier: GPL-2.0
/*
 * Stamps of the kernel's time-stamp counter on the way through. By lseek the
 * stamp returns in RAX, so the exit leg has no store to user memory in it; by
 * ioctl there are two, around the handler.
 */
#include <linux/module.h>
#include <linux/smp.h>

#include <ringprobe_stamp.h>
#include "ringprobe.h"

loff_t ringprobe_stamp_llseek(struct file *file, loff_t offset, int whence)
{
	if (likely(whence == SEEK_CUR && !offset))
		return ringprobe_stamp();
	if (whence == SEEK_SET && !offset)
		return 0;
	return -EINVAL;
}

static __always_inline int stamp(void *arg)
{
	u64 first = ringprobe_stamp();
	struct ringprobe_stamp *stamp = arg;

	stamp->first = first;
	stamp->cpu = raw_smp_processor_id();
	stamp->reserved = 0;
	stamp->last = ringprobe_stamp();
	return 0;
}

#ifndef RINGPROBE_DEBUG_NOPS
int ringprobe_stamp_ioctl(struct file *file, void *arg)
{
	return stamp(arg);
}
#else
/*
 * A build for the proof of the split only: the same handler with NOPs before
 * its first stamp, which must lengthen the entry leg by as many instructions,
 * and after its last, which must lengthen the exit leg. All variants are
 * called in the same way, so that nothing else differs.
 */
static ushort nops;
module_param(nops, ushort, 0600);
MODULE_PARM_DESC(nops, "0 to 3: 0, 1, 7, 64 NOPs before; 4 to 7: as many after");

#define VARIANT(before, after)						\
static noinline int stamp_##before##_##after(void *arg)			\
{									\
	int err;							\
									\
	asm volatile(".rept " #before "\n\tnop\n\t.endr" : : : "memory");	\
	err = stamp(arg);						\
	asm volatile(".rept " #after "\n\tnop\n\t.endr" : : : "memory");	\
	return err;							\
}

VARIANT(0, 0)
VARIANT(1, 0)
VARIANT(7, 0)
VARIANT(64, 0)
VARIANT(0, 1)
VARIANT(0, 7)
VARIANT(0, 64)

static int (*const variants[8])(void *arg) = {
	stamp_0_0, stamp_1_0, stamp_7_0, stamp_64_0,
	stamp_0_0, stamp_0_1, stamp_0_7, stamp_0_64,
};

int ringprobe_stamp_ioctl(struct file *file, void *arg)
{
	return variants[nops & 7](arg);
}
#endif
