/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What must come of an entry of the atlas in ring 3, from the manuals, the CPU's
 * own word and the kernel's settings: a function, never a table of results.
 */
#ifndef PREDICT_H
#define PREDICT_H

#include "atlas.h"

/* All that the answer depends on. */
struct predict_cpu {
	bool intel;			/* or a maker that follows it; else AMD's way */
	bool hypervisor;		/* CPUID 1, ECX bit 31 */
	bool hides;			/* it answers CPUID for a CPU that may have more */
	bool invpcid, xsave, monitor, smap, vmx, svm, rdtscp, fsgsbase, pku, rdpid;
	bool cpuid_fault;
	bool umip;			/* CR4.UMIP is set */
	bool fred;			/* events are delivered by FRED */
	bool vsyscall;			/* the page can be called */
	bool int80;			/* the kernel has the 32-bit table */
};

enum predict_verdict {
	PREDICT_WORKS,
	PREDICT_FAULTS,
	PREDICT_SPOOFED,		/* it faulted, and the kernel made a value up */
	PREDICT_EMULATED,		/* it faulted or was opened, and the kernel did it */
	PREDICT_IGNORED,		/* nothing raised, nothing done */
	PREDICT_ABSENT,			/* this CPU does not have it: #UD */
	PREDICT_HANGS,			/* stopped by force */
	PREDICT_NOT_RUN,
};

struct predict {
	enum predict_verdict verdict;
	int vector;			/* PREDICT_FAULTS, PREDICT_ABSENT */
	__u32 error;
	int other_vector;		/* as good, error code 0; -1: none */
	bool open;			/* the manuals leave it open here: no deviation */
	const char *why;		/* the rule in a few words, for one line */
	const char *source;		/* section, or kernel file */
};

/* Read once from CPUID, /proc/cpuinfo, /proc/self/maps and the command line. */
const struct predict_cpu *predict_this_cpu(void);

struct predict predict(const struct atlas_entry *entry, enum run_mode mode,
		       const struct predict_cpu *cpu);

/* "works", "faults", "spoofed", ... */
const char *predict_word(enum predict_verdict verdict);
/* The signal that Linux makes of a vector: arch/x86/kernel/traps.c, mm/fault.c. */
int predict_signal(int vector);

#endif
