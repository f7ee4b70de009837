/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Run instructions in ring 3 where they can do no harm, and bring back as data
 * what the CPU and the kernel made of them. Every call takes a fresh child
 * (confine.h): no capability, no port rights but those asked for, no file, no
 * core dump, little time.
 */
#ifndef RUN_H
#define RUN_H

#include <linux/types.h>
#include <stdbool.h>

#include "run_area.h"

#define RUN_CODE_MAX	3072	/* bytes */
#define RUN_RFLAGS_START	0x202	/* IF, and bit 1, which is always set */

/* What CS.L says of the code. RUN_MODE_32 leaves its upper registers undefined. */
enum run_mode {
	RUN_MODE_64,			/* 64-bit mode */
	RUN_MODE_32,			/* compatibility mode */
	RUN_MODES,
};

/* Rights that the child asks the kernel for before it gives up all others. */
enum run_grant {
	RUN_GRANT_NONE,
	RUN_GRANT_POST,			/* ioperm(0x80, 1, 1) */
	RUN_GRANT_ALL_PORTS,		/* iopl(3) */
};

/* What the child forbids itself, or has the kernel set up. */
enum run_setup {
	RUN_SETUP_NONE,
	RUN_SETUP_NO_TSC,		/* prctl(PR_SET_TSC, PR_TSC_SIGSEGV): CR4.TSD */
	RUN_SETUP_NO_CPUID,		/* arch_prctl(ARCH_SET_CPUID, 0): CPUID faulting */
	RUN_SETUP_KEY,			/* RUN_PROTECTED behind a key that denies access */
	RUN_SETUP_FRESH,		/* RUN_FRESH not present at the beginning of each round */
};

struct timeline;

struct run_request {
	const __u8 *code;
	__u32 size;
	enum run_mode mode;
	__u32 rounds;			/* 1 to RUN_SAMPLES */
	enum run_grant grant;
	enum run_setup setup;
	bool filtered;			/* no system call gets through; nothing is timed */
	__u32 milliseconds;		/* until it is stopped; 0: CONFINE_SECONDS */
	struct timeline *timeline;	/* NULL: no legs wanted */
	__u64 regs[RUN_REGS];		/* RSP is set by run_registers() */
};

enum run_outcome {
	RUN_NOT_RUN,			/* see why_not */
	RUN_EXECUTED,			/* to the end of the code */
	RUN_SIGNAL,			/* a signal that was caught: all of it is known */
	RUN_KILLED,			/* a signal that was not: only its number is */
	RUN_TIMEOUT,			/* did not end in time */
	RUN_LOST,			/* the child ended, but not behind the code */
};

/* Ticks of each round; the cost of an empty round is taken off (see struct run_overhead). */
struct run_ticks {
	__u32 n;
	__s64 median, min;
};

/* What stamps and the way from one to the next take with nothing in between. */
struct run_overhead {
	__s64 executed;			/* into the code and out at its end */
	__s64 stopped;			/* into it and one instruction on, as in the handler */
	__s64 stamped;			/* into it, and at once the next stamp */
};

struct run_report {
	enum run_mode mode;		/* as requested; RUN_MODE_32: registers of 32 bits */
	enum run_outcome outcome;
	char why_not[192];
	struct run_child child;		/* as whom it ran */
	int signal;
	int code;			/* si_code */
	__u64 addr;			/* si_addr */
	int trap;			/* vector, from the signal frame */
	__u64 error;			/* error code, as the kernel shows it */
	__u32 cs;			/* bits 0-1: the CPL that it happened at */
	__u64 rip;
	__u64 rflags;			/* at the end, or at the signal */
	__u32 syscall, arch;		/* SIGSYS: number and AUDIT_ARCH_* */
	__u64 regs[RUN_REGS];		/* at the end, or at the signal */
	unsigned long long scratch[8];	/* what RUN_SCRATCH begins with */
	struct run_ticks handler;	/* to the handler's first instruction; n = 0: none */
	struct run_ticks round;		/* to the next instruction of the user's */
};

/* The registers that code starts with: distinct values, pointers to RUN_SCRATCH, a stack. */
void run_registers(__u64 *regs);

/* "64-bit mode", "compatibility mode" */
const char *run_mode_name(enum run_mode mode);

/* Is there a code segment for it that ring 3 may enter? As LAR answers, now. */
bool run_mode_there(enum run_mode mode);

/* From @from to @to of each of @n rounds, less @overhead. */
void run_describe(struct run_ticks *ticks, __u32 n, const __u64 *from, const __u64 *to,
		  __s64 overhead);

void run_code(const struct run_request *request, struct run_report *report);

#endif
