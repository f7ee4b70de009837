// SPDX-License-Identifier: GPL-2.0
/* Rungs that stay in ring 3: what a crossing is compared with. */
#include <time.h>

#include "rung.h"

static __attribute__((naked, noinline, used)) void nothing(void)
{
	__asm__("ret");
}

static int64_t sample_empty(void)
{
	return (int64_t)measure_bracket_empty();
}

static int64_t sample_function(void)
{
	return RUNG_BRACKET("call	%P[function]", [function] "i"(nothing));
}

static int64_t sample_indirect(void)
{
	return RUNG_BRACKET("call	*%[function]", [function] "r"(nothing));
}

static int64_t sample_vdso(void)
{
	uint64_t first = ringprobe_stamp();
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (int64_t)(ringprobe_stamp() - first);
}

const struct rung rung_calls[] = {
	{ .name = "empty", .label = "empty bracket", .share = 1, .whole = true,
	  .includes = "two reads of the clock, nothing between; taken off all the others",
	  .sample = sample_empty },
	{ .name = "function", .label = "function call", .share = 1,
	  .includes = "CALL and RET",
	  .sample = sample_function },
	{ .name = "indirect", .label = "indirect call", .share = 1,
	  .includes = "CALL through a register, without a retpoline, and RET",
	  .sample = sample_indirect },
	{ .name = "vdso", .label = "clock, through the vDSO", .share = 1,
	  .includes = "clock_gettime(CLOCK_MONOTONIC) of libc; no crossing where the clock source "
		      "can be read in ring 3",
	  .sample = sample_vdso },
	{ .name = NULL },
};
