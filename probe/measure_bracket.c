// SPDX-License-Identifier: GPL-2.0
/*
 * The brackets, generated: any two of them differ by their NOPs alone.
 */
#include <stddef.h>

#include "measure.h"
#include "measure_bracket.h"

/*
 * The whole bracket in one block. Between the stamps: the first one is saved
 * in two registers, the call's number and third argument are moved in place
 * (RAX and RDX were the stamp's), SYSCALL, and RAX is saved from the last one.
 * SYSCALL destroys RCX and R11 (Intel SDM vol. 2, SYSCALL). The NOPs stand
 * outside all of this, so any two variants differ by the NOPs alone.
 */
#define BRACKET(before, after)							\
static void bracket_##before##_##after(const struct measure_call *call,	\
				       struct measure_bracket *out)		\
{										\
	uint32_t low, high, last_low, last_high;				\
	uint64_t ret;								\
										\
	__asm__ volatile(RINGPROBE_STAMP_ASM					\
		"mov	%%eax, %[low]\n\t"					\
		"mov	%%edx, %[high]\n\t"					\
		".rept	" #before "\n\tnop\n\t.endr\n\t"			\
		"mov	%[a3], %%rdx\n\t"					\
		"mov	%[nr], %%rax\n\t"					\
		"syscall\n\t"							\
		".rept	" #after "\n\tnop\n\t.endr\n\t"				\
		"mov	%%rax, %[ret]\n\t"					\
		RINGPROBE_STAMP_ASM						\
		: [low] "=&r"(low), [high] "=&r"(high), [ret] "=&r"(ret),	\
		  "=&a"(last_low), "=&d"(last_high)				\
		: "D"(call->a1), "S"(call->a2), [a3] "r"(call->a3),		\
		  [nr] "r"(call->nr)						\
		: "rcx", "r11", "memory", "cc");				\
	out->first = measure_join(low, high);					\
	out->ret = ret;								\
	out->last = measure_join(last_low, last_high);				\
}

/* 0, 1, 7, 64 on one side, none on the other: what the proof of the split needs. */
BRACKET(0, 0)
BRACKET(1, 0)
BRACKET(7, 0)
BRACKET(64, 0)
BRACKET(0, 1)
BRACKET(0, 7)
BRACKET(0, 64)

static const struct {
	unsigned int before, after;
	measure_bracket_fn run;
} brackets[] = {
	{ 0, 0, bracket_0_0 },
	{ 1, 0, bracket_1_0 }, { 7, 0, bracket_7_0 }, { 64, 0, bracket_64_0 },
	{ 0, 1, bracket_0_1 }, { 0, 7, bracket_0_7 }, { 0, 64, bracket_0_64 },
};

measure_bracket_fn measure_bracket_find(unsigned int before, unsigned int after)
{
	size_t i;

	for (i = 0; i < sizeof(brackets) / sizeof(brackets[0]); i++)
		if (brackets[i].before == before && brackets[i].after == after)
			return brackets[i].run;
	return NULL;
}
