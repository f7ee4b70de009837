/* SPDX-License-Identifier: GPL-2.0 */
/* What differs between kernel versions, in this one place. */
#ifndef RINGPROBE_COMPAT_H
#define RINGPROBE_COMPAT_H

#include <linux/hrtimer.h>
#include <linux/version.h>
#include <asm/msr.h>
#include <asm/tsc.h>

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

/* CR4.FRED got its name in 6.9; the bit is the architecture's. */
#ifndef X86_CR4_FRED
#define X86_CR4_FRED		BIT_ULL(32)
#endif

#endif
