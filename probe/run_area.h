/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The memory in which a runner child and its parent meet. It lies at fixed
 * addresses below 2 GiB, so that code under test can be left and entered by
 * absolute addresses, with no register of its own, and an experiment can name
 * the page that it touches. Numbers, since assembly needs them.
 */
#ifndef RUN_AREA_H
#define RUN_AREA_H

#define RUN_AREA		0x20000000	/* shared: struct run_area */
#define RUN_SCRATCH		0x20004000	/* shared: 4 KiB to read and write */
#define RUN_CODE		0x20010000	/* shared: what runs; the child may not write it */
#define RUN_CHILD		0x20012000	/* shared: struct run_child; nor this, then */
#define RUN_STACK		0x20020000	/* private: RSP starts at its end */
#define RUN_STACK_END		0x20024000
#define RUN_READ_ONLY		0x20030000	/* private, each one page: */
#define RUN_NO_EXECUTE		0x20040000
#define RUN_PROTECTED		0x20050000	/* by a protection key, if there is one */
#define RUN_FRESH		0x20058000	/* not present, with RUN_SETUP_FRESH */
#define RUN_ALTERNATE		0x20060000	/* private: the stack for signals */
#define RUN_ALTERNATE_END	0x20070000

/* In struct run_area: */
#define RUN_HOST_RSP		0x20000000
#define RUN_ENTER		0x20000008	/* the stamp before */
#define RUN_HANDLER		0x20000010	/* at the signal handler's first instruction */
#define RUN_LEAVE		0x20000018	/* back in user code after it, or after the code */
#define RUN_RFLAGS		0x20000020
#define RUN_ENTRY		0x20000028	/* where to jump to, and back */
#define RUN_EXIT		0x20000030
#define RUN_REGS_IN		0x20000040
#define RUN_REGS_OUT		0x200000c0
#define RUN_RETURN		0x20000140	/* in the handler's restorer, before rt_sigreturn */

/* Linux's selectors of user segments: arch/x86/include/asm/segment.h */
#define RUN_CS_32		0x23	/* __USER32_CS: compatibility mode */
#define RUN_CS_64		0x33	/* __USER_CS */
#define RUN_DS			0x2b	/* __USER_DS; 64-bit mode asks DS and ES nothing */

/* As text for the assembler, with an offset. */
#define RUN_TEXT_(x)		#x
#define RUN_TEXT(x)		RUN_TEXT_(x)

#include <linux/types.h>
#include <stddef.h>

/* General registers in the order of their encoding (Intel SDM vol. 2, table 3-1). */
enum { RUN_RAX, RUN_RCX, RUN_RDX, RUN_RBX, RUN_RSP, RUN_RBP, RUN_RSI, RUN_RDI,
	RUN_R8, RUN_R9, RUN_R10, RUN_R11, RUN_R12, RUN_R13, RUN_R14, RUN_R15, RUN_REGS };

#define RUN_SAMPLES 256

/* The stamps of a round, in the order in which they are taken. */
enum { RUN_AT_ENTER, RUN_AT_HANDLER, RUN_AT_SIGRETURN, RUN_AT_LEAVE, RUN_STAMPS };

/* What is in it comes from a child that may have run anything: it is data. */
struct run_area {
	__u64 host_rsp;
	__u64 enter, handler, leave;
	__u64 rflags;
	__u64 entry, exit, faulted;	/* the code; what its end and what a signal lead to */
	__u64 regs_in[RUN_REGS];
	__u64 regs_out[RUN_REGS];
	__u64 sigreturn;
	/* set once, by the first signal: */
	__u32 signal;
	__u32 code;			/* si_code */
	__u64 addr;
	__u64 trap, error, cs, rip;
	__u32 syscall, arch;		/* SIGSYS only */
	__u32 samples;			/* rounds that came back, by the child's C code */
	__u32 pad;
	__u64 sample[RUN_STAMPS][RUN_SAMPLES];
};

/* What the child said of itself before the code ran, and the code cannot change. */
struct run_child {
	__u32 begun;			/* all was made safe; what follows is the code */
	__u32 cs;
	__u32 uid, gid;
	__u64 capabilities;		/* permitted, effective or inheritable */
	__u32 no_new_privs;
	__s32 unarmed;			/* negative errno: no stamps of the kernel's */
	char why_not[128];		/* not begun: what stood in the way */
};

_Static_assert(RUN_AREA + offsetof(struct run_area, host_rsp) == RUN_HOST_RSP, "host_rsp");
_Static_assert(RUN_AREA + offsetof(struct run_area, enter) == RUN_ENTER, "enter");
_Static_assert(RUN_AREA + offsetof(struct run_area, handler) == RUN_HANDLER, "handler");
_Static_assert(RUN_AREA + offsetof(struct run_area, leave) == RUN_LEAVE, "leave");
_Static_assert(RUN_AREA + offsetof(struct run_area, rflags) == RUN_RFLAGS, "rflags");
_Static_assert(RUN_AREA + offsetof(struct run_area, entry) == RUN_ENTRY, "entry");
_Static_assert(RUN_AREA + offsetof(struct run_area, exit) == RUN_EXIT, "exit");
_Static_assert(RUN_AREA + offsetof(struct run_area, regs_in) == RUN_REGS_IN, "regs_in");
_Static_assert(RUN_AREA + offsetof(struct run_area, regs_out) == RUN_REGS_OUT, "regs_out");
_Static_assert(RUN_AREA + offsetof(struct run_area, sigreturn) == RUN_RETURN, "sigreturn");
_Static_assert(RUN_AREA + sizeof(struct run_area) <= RUN_SCRATCH, "size");

#endif
