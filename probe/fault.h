/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Run a function where it can do no harm, and bring back as data what the CPU
 * did with it: it returned, or it raised an exception that the kernel turned
 * into a signal.
 */
#ifndef FAULT_H
#define FAULT_H

#include <linux/types.h>
#include <stdbool.h>

#define FAULT_BYTES 16			/* longest x86 instruction: 15 */

/* Vectors that are expected somewhere (Intel SDM vol. 3, exceptions). */
enum { FAULT_GENERAL_PROTECTION = 13, FAULT_PAGE_FAULT = 14 };

enum fault_outcome {
	FAULT_NOT_RUN,			/* the child could not be made safe: see .why_not */
	FAULT_RETURNED,			/* executed to the end: see .value */
	FAULT_SIGNAL,			/* stopped by a signal */
	FAULT_TIMEOUT,			/* did not end in time */
};

struct fault_report {
	enum fault_outcome outcome;
	const char *why_not;		/* FAULT_NOT_RUN: what stood in the way */
	__u64 value;			/* what the function returned */
	int signal;
	int code;			/* si_code */
	__u64 addr;			/* si_addr */
	int trap;			/* vector, from the signal frame (REG_TRAPNO) */
	__u64 error;			/* error code (REG_ERR) */
	__u32 cs;			/* CS when it happened: bits 0-1 are the CPL */
	__u64 rip;			/* of the instruction that faulted */
	__u64 rflags;
	__u8 bytes[FAULT_BYTES];	/* at RIP */
	__u32 n_bytes;
};

typedef __u64 (*fault_function)(const void *arg);

/*
 * fault_run: @function in a forked child that has no capability, no inherited
 * port rights, no open file, no core dump and little time (confine.h).
 */
void fault_run(fault_function function, const void *arg, struct fault_report *report);

const char *fault_trap_name(int trap);		/* "#GP" */
const char *fault_trap_words(int trap);		/* "general protection" */
const char *fault_signal_name(int signal);	/* "SIGSEGV" */
const char *fault_code_name(int signal, int code);	/* "SI_KERNEL" */

#endif
