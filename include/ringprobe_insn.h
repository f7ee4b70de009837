/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The instructions that both rings run: one inline function per width and
 * direction, compiled into the module and into the probe. DX form throughout:
 * EC/ED/EE/EF, with 66 before ED and EF for 16 bits (Intel SDM vol. 2, IN and
 * OUT). "memory" keeps the compiler from moving accesses across a device.
 */
#ifndef RINGPROBE_INSN_H
#define RINGPROBE_INSN_H

#ifndef __KERNEL__
#include <sys/cdefs.h>	/* __always_inline */
#endif
#include <linux/types.h>

static __always_inline __u32 ringprobe_insn_in8(__u16 port)
{
	__u8 value;

	__asm__ volatile("inb %w1, %b0" : "=a"(value) : "d"(port) : "memory");
	return value;
}

static __always_inline __u32 ringprobe_insn_in16(__u16 port)
{
	__u16 value;

	__asm__ volatile("inw %w1, %w0" : "=a"(value) : "d"(port) : "memory");
	return value;
}

static __always_inline __u32 ringprobe_insn_in32(__u16 port)
{
	__u32 value;

	__asm__ volatile("inl %w1, %k0" : "=a"(value) : "d"(port) : "memory");
	return value;
}

static __always_inline void ringprobe_insn_out8(__u16 port, __u8 value)
{
	__asm__ volatile("outb %b0, %w1" : : "a"(value), "d"(port) : "memory");
}

static __always_inline void ringprobe_insn_out16(__u16 port, __u16 value)
{
	__asm__ volatile("outw %w0, %w1" : : "a"(value), "d"(port) : "memory");
}

static __always_inline void ringprobe_insn_out32(__u16 port, __u32 value)
{
	__asm__ volatile("outl %k0, %w1" : : "a"(value), "d"(port) : "memory");
}

/* Load from @port, @width bytes (1, 2 or 4), zero-extended. */
static __always_inline __u32 ringprobe_insn_in(__u16 port, __u32 width)
{
	return width == 1 ? ringprobe_insn_in8(port) :
	       width == 2 ? ringprobe_insn_in16(port) :
			    ringprobe_insn_in32(port);
}

/* Store the low @width bytes (1, 2 or 4) of @value to @port. */
static __always_inline void ringprobe_insn_out(__u16 port, __u32 width, __u32 value)
{
	if (width == 1)
		ringprobe_insn_out8(port, (__u8)value);
	else if (width == 2)
		ringprobe_insn_out16(port, (__u16)value);
	else
		ringprobe_insn_out32(port, value);
}

#endif
