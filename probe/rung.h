/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A rung of the ladder: one thing that is timed, in ticks. One rung lives at a
 * time: it begins, gives samples, and ends, in each block anew; after its end
 * no thread, child, descriptor or handler of it is left. Nothing is printed.
 */
#ifndef RUNG_H
#define RUNG_H

#include <stdbool.h>
#include <stdint.h>

#include "measure_bracket.h"

/* The way that is timed, and so which mitigations lengthen it. */
enum rung_way {
	RUNG_STAYS,		/* in ring 3 */
	RUNG_CROSSES,		/* into ring 0 and back */
	RUNG_SWITCHES,		/* crossings, and another task runs in between */
	RUNG_LEAVES,		/* out of the guest and back */
};

/* Where instructions are counted: how alike the medians of two boots are. */
enum rung_repeats {
	RUNG_EXACTLY,
	RUNG_NEARLY,		/* within 2 %: it allocates, schedules, or searches the memory map */
	RUNG_NEVER,		/* it depends on when it happens */
};

/* Why a rung cannot be had. */
enum rung_lack {
	RUNG_HERE,		/* it can */
	RUNG_ABSENT,		/* this machine or kernel does not have it */
	RUNG_DENIED,		/* the module or the rights for it are missing */
	RUNG_FAILED,		/* it began, and went wrong */
};

struct rung_place {
	int fd;			/* the device, or what dev_open() said */
	int cpu, other_cpu;	/* where it is measured; another one, or -1 */
	enum rung_lack lack;	/* set beside a reason */
};

struct rung {
	const char *name;	/* NULL: the end of a list */
	const char *label;
	const char *includes;
	enum rung_way way;
	enum rung_repeats repeats;
	unsigned int share;	/* so many samples of the others for one of its own */
	bool sleeps;		/* gives up the CPU, or faults: that does not spoil it */
	bool whole;		/* no empty bracket is in it */
	bool operation;		/* of the module, measured on request only */
	/* NULL, or why not, with place->lack; then there is nothing to end */
	const char *(*begin)(struct rung_place *place);
	int64_t (*sample)(void);	/* ticks, or -errno */
	void (*end)(void);		/* may be NULL */
};

/* Parts of the ladder, in its order. */
extern const struct rung rung_calls[], rung_syscalls[], rung_netlink[], rung_faults[],
	rung_passes[], rung_makes[], rung_ports[], rung_machine[];

const char *rung_lacks(struct rung_place *place, enum rung_lack lack, const char *why);
const char *rung_needs_module(struct rung_place *place);	/* NULL if it is there */
/* The time of a call; -errno where it was refused otherwise than @expected. */
int64_t rung_call(const struct measure_call *call, long expected);

/*
 * Instructions between two stamps, as one block: it gives ticks. They may call
 * (the red zone is stepped over) and use RAX, RDX, RBX, RCX and R8 to R11.
 */
#define RUNG_BRACKET(insns, ...) __extension__ ({					\
	uint32_t low_, high_, last_low_, last_high_;					\
											\
	__asm__ volatile("lea	-128(%%rsp), %%rsp\n\t"					\
		RINGPROBE_STAMP_ASM							\
		"mov	%%eax, %[low_]\n\t"						\
		"mov	%%edx, %[high_]\n\t"						\
		insns "\n\t"								\
		RINGPROBE_STAMP_ASM							\
		"lea	128(%%rsp), %%rsp"						\
		: [low_] "=&r"(low_), [high_] "=&r"(high_),				\
		  "=&a"(last_low_), "=&d"(last_high_)					\
		: __VA_ARGS__								\
		: "rbx", "rcx", "r8", "r9", "r10", "r11", "memory", "cc");		\
	(int64_t)(measure_join(last_low_, last_high_) - measure_join(low_, high_));	\
})

#endif
