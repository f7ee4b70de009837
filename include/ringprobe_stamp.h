/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The one way both rings read the clock. The first LFENCE lets earlier
 * instructions complete before the TSC is read, the second keeps later ones
 * from starting before it (Intel SDM vol. 2, RDTSC and LFENCE). On AMD, LFENCE
 * does so only with DE_CFG bit 1 set, which Linux sets where it can: INFO's
 * RINGPROBE_FEATURE_LFENCE_ORDERS says. RDTSCP is not used: it waits for
 * earlier instructions but does not hold back later ones.
 */
#ifndef RINGPROBE_STAMP_H
#define RINGPROBE_STAMP_H

#ifndef __KERNEL__
#include <sys/cdefs.h>	/* __always_inline */
#endif
#include <linux/types.h>

/* The same as text, for the assembly blocks that hold a whole bracket. */
#define RINGPROBE_STAMP_ASM	"lfence\n\trdtsc\n\tlfence\n\t"

static __always_inline __u64 ringprobe_stamp(void)
{
	__u32 low, high;

	__asm__ volatile(RINGPROBE_STAMP_ASM : "=a"(low), "=d"(high) : : "memory");
	return (__u64)high << 32 | low;
}

#endif
