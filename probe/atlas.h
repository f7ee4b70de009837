/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The atlas: instructions that are privileged, or look as if they should be,
 * one entry a form. What each does is in atlas_list.h; what the manuals say
 * must come of it is predict.c's.
 */
#ifndef ATLAS_H
#define ATLAS_H

#include <linux/types.h>
#include <stdbool.h>

#include "run.h"

/* In the order in which they are shown; a set as parse.h has it, and their titles. */
#define ATLAS_GROUPS "io|privileged|system-state|descriptor|sensitive|memory|doors"
enum atlas_group {
	ATLAS_IO, ATLAS_PRIVILEGED, ATLAS_STATE, ATLAS_DESCRIPTOR, ATLAS_SENSITIVE, ATLAS_MEMORY,
	ATLAS_DOORS, ATLAS_GROUP_COUNT,
};

/* What the CPU must have for the instruction to exist: without it, #UD. */
enum atlas_feature {
	ATLAS_ANY, ATLAS_INVPCID, ATLAS_XSAVE, ATLAS_MONITOR, ATLAS_SMAP, ATLAS_VMX, ATLAS_SVM,
	ATLAS_RDTSCP, ATLAS_FSGSBASE, ATLAS_PKU, ATLAS_RDPID, ATLAS_CPUID_FAULT,
};

/* The rule by which ring 3 is answered: predict.c has them one by one. */
enum atlas_rule {
	RULE_WORKS,			/* for everybody */
	RULE_CPL,			/* CPL must be 0: #GP(0) */
	RULE_PORT,			/* CPL <= IOPL, or the TSS bitmap: #GP(0) */
	RULE_BITMAP,			/* the kernel has opened the bitmap: works */
	RULE_IOPL,			/* iopl(3) opens the bitmap, and RFLAGS stay: emulated */
	RULE_IOPL_FLAG,			/* CLI and STI after iopl(3): skipped by the kernel */
	RULE_UMIP,			/* CR4.UMIP: #GP(0), then the kernel makes a value up */
	RULE_NOT_AT_CPL3,		/* #UD unless CPL is 0 */
	RULE_UNDEFINED,			/* #UD */
	RULE_OVERFLOW, RULE_BOUND,	/* #UD in 64-bit mode; else the exception is the point */
	RULE_SYSRET,			/* #GP(0); Intel: #UD but in 64-bit mode */
	RULE_SYSEXIT,			/* Intel #GP(0); AMD #UD in long mode */
	RULE_SELECTOR,			/* #GP(selector): the entry's .error */
	RULE_GATE,			/* INT n: the gate's DPL is 0: #GP(8n + 2); .error is n */
	RULE_VMXON, RULE_VMRUN,		/* #UD until a hypervisor is at work, then #GP(0) */
	RULE_HYPERCALL,			/* #UD without a hypervisor, else its business */
	RULE_ANSWER,			/* for everybody: .error is the ZF that is answered */
	RULE_IGNORED,			/* POPF: the bit does not change, nothing is raised */
	RULE_FORBIDDEN,			/* a bit of the task's forbids it: #GP(0) */
	RULE_RESERVED,			/* a wrong operand, at any CPL: #GP(0) */
	RULE_PAGE,			/* #PF(.error), as Linux shows it */
	RULE_FRESH,			/* #PF that the kernel resolves: works */
	RULE_NON_CANONICAL,		/* #GP(0) */
	RULE_STACK,			/* #SS(0) */
	RULE_ALIGN,			/* #AC(0) */
	RULE_VSYSCALL,			/* #PF; with vsyscall=xonly|emulate done by the kernel */
	RULE_INT80,			/* works where the kernel has the 32-bit table */
	RULE_SYSCALL,			/* 64-bit mode: works; else Intel #UD, AMD enters */
	RULE_SYSENTER,			/* AMD #UD in long mode; Intel enters, returns astray */
	RULE_BREAKPOINT, RULE_DEBUG, RULE_DIVIDE,	/* the exception is the point */
};

/* What ring 0 does with it. */
enum atlas_ring0 {
	RING0_NOT_RUN,			/* .why0 says why not, or what would come of it */
	RING0_INSN,			/* the module's catalogue: .arg0 is RINGPROBE_INSN_* */
	RING0_LAR,			/* LAR of each selector in the GDT */
	RING0_IN, RING0_OUT,		/* PORT_IN, PORT_OUT: .arg0 is port << 8 | bytes */
};

/* An entry as code of one mode. */
struct atlas_form {
	const char *insn;		/* as it is assembled: AT&T syntax; NULL: none */
	const char *prelude;		/* what comes before it; "" if nothing */
	const __u8 *code, *at, *end;	/* all of it, the instruction, the end */
};

struct atlas_entry {
	const char *id;			/* with '_', shown with '-' */
	struct atlas_form form[RUN_MODES];
	const char *why32;		/* why form[RUN_MODE_32] is none */
	enum atlas_group group;
	enum atlas_rule rule;
	enum atlas_feature needs;
	__u32 error;			/* error code, vector, ZF or bits: see the rule */
	enum run_grant grant;
	enum run_setup setup;
	enum atlas_ring0 ring0;
	__u32 arg0;
	bool refused0;			/* by the CPU, in ring 0 too: #GP(0) */
	const char *why0;
	const char *what;		/* a sentence */
	const char *manual;		/* name of its page: Intel SDM vol. 2, AMD APM vol. 3 */
};

extern const struct atlas_entry atlas_entries[];
extern const unsigned int atlas_count;

/* By id, '-' and '_' alike; NULL if there is none. */
const struct atlas_entry *atlas_find(const char *name);
/* The id as it is shown. */
const char *atlas_name(const struct atlas_entry *entry);
/* The code of this mode, or of 64-bit mode where there is none: to be shown. */
const struct atlas_form *atlas_shown(const struct atlas_entry *entry, enum run_mode mode);
const char *atlas_group_name(enum atlas_group group);
const char *atlas_group_title(enum atlas_group group);

#endif
