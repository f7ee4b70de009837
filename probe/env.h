/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where this runs: facts that are read, not measured, once per process. What
 * has to be measured (TSC quantum, cost of CPUID) is measure.c's.
 */
#ifndef ENV_H
#define ENV_H

#include <stdbool.h>
#include <stddef.h>

#define ENV_MITIGATIONS_MAX 40

struct env_mitigation {
	char name[32];
	char state[128];
};

enum env_answer { ENV_NO, ENV_YES, ENV_UNKNOWN };

struct env {
	char kernel[128];		/* uname -r */
	char machine[32];		/* uname -m */
	char cpu_vendor[16];		/* CPUID leaf 0 */
	char cpu_model[64];		/* CPUID 0x80000002.. */
	unsigned int family, model, stepping;
	char microcode[32];		/* "" where it is not told */
	unsigned int cpus_online;
	bool hypervisor_bit;		/* CPUID 1, ECX bit 31 */
	char hypervisor[16];		/* CPUID 0x40000000; "" without the bit */
	bool tcg;			/* the signature is QEMU's emulator's */
	bool tsc_invariant;		/* CPUID 0x80000007, EDX bit 8 */
	bool rdtscp;			/* CPUID 0x80000001, EDX bit 27 */
	bool lfence_serializing;	/* CPUID 0x80000021, EAX bit 2: always so (AMD) */
	bool fred;			/* CPUID 7.1, EAX bit 17: the CPU has it */
	bool smep, smap, umip;		/* CPUID 7: the CPU has it */
	char clocksource[32];
	char governor[32];		/* cpufreq's; "" where there is none */
	char smt[16];			/* on, off, notsupported, ... ; "" unknown */
	char isolated[64];		/* list of isolated CPUs */
	char preempt[32];		/* from uname -v: PREEMPT_DYNAMIC, ... */
	enum env_answer pti;		/* page-table isolation, from meltdown's file */
	struct env_mitigation mitigations[ENV_MITIGATIONS_MAX];
	unsigned int n_mitigations;
	char lockdown[32];		/* none, integrity, confidentiality; "" no file */
	enum env_answer secure_boot;
	char container[32];		/* "docker", "wsl", ...; "" none seen */
	char user[32];			/* "root", "uid 65534" */
};

/* Collected at the first call. */
const struct env *env_get(void);
/* What the kernel says of that vulnerability; NULL: nothing. */
const char *env_mitigation(const char *name);
/* The first line of a file, and whether it has one that is not empty. */
bool env_read_line(const char *path, char *text, size_t size);
/* The object "env" of the JSON output; no text. */
void env_out(void);
/* One or two lines of text that belong beside any figure. */
void env_out_stamp(void);

#endif
