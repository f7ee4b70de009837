/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A bracket: stamp, SYSCALL, stamp in one assembly block, so that nothing else
 * can come between. For who measures, and nobody else.
 */
#ifndef MEASURE_BRACKET_H
#define MEASURE_BRACKET_H

#include <stdint.h>

#include <ringprobe_stamp.h>

struct measure_call {
	long nr, a1, a2, a3;
};

struct measure_bracket {
	uint64_t first, ret, last;
};

typedef void (*measure_bracket_fn)(const struct measure_call *call, struct measure_bracket *out);

/* The variant with so many NOPs before SYSCALL and after its return, or NULL. */
measure_bracket_fn measure_bracket_find(unsigned int before, unsigned int after);

static inline __attribute__((always_inline)) uint64_t measure_join(uint32_t low, uint32_t high)
{
	return (uint64_t)high << 32 | low;
}

/* Two stamps with only the saving of the first between them. */
static inline __attribute__((always_inline)) uint64_t measure_bracket_empty(void)
{
	uint32_t low, high, last_low, last_high;

	__asm__ volatile(RINGPROBE_STAMP_ASM
		"mov	%%eax, %[low]\n\t"
		"mov	%%edx, %[high]\n\t"
		RINGPROBE_STAMP_ASM
		: [low] "=&r"(low), [high] "=&r"(high),
		  "=&a"(last_low), "=&d"(last_high)
		: : "memory");
	return measure_join(last_low, last_high) - measure_join(low, high);
}

#endif
