// SPDX-License-Identifier: GPL-2.0
/*
 * What predictions depend on, read where it is told: the CPU's own word for
 * what it has, and Linux's flags where the kernel may have switched it off.
 */
#include "predict.h"

#include <cpuid.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "env.h"
#include "run.h"

/* Is @word in the line of @path that starts with @key? The first such line counts. */
static bool file_has(const char *path, const char *key, const char *word)
{
	static char line[16384];
	FILE *f = fopen(path, "re");
	bool found = false;
	size_t length = strlen(word);

	while (f && fgets(line, sizeof(line), f)) {
		if (strncmp(line, key, strlen(key)) != 0)
			continue;
		for (char *at = line; !found && (at = strstr(at, word)); at += length)
			found = (at == line || at[-1] == ' ') && strchr(" \n", at[length]);
		break;
	}
	if (f)
		fclose(f);
	return found;
}

static bool flag(const char *name)
{
	return file_has("/proc/cpuinfo", "flags", name);
}

static bool has_vsyscall_page(void)
{
	char line[512];
	FILE *f = fopen("/proc/self/maps", "re");
	bool found = false;

	while (f && !found && fgets(line, sizeof(line), f))
		found = strstr(line, "[vsyscall]") != NULL;
	if (f)
		fclose(f);
	return found;
}

/*
 * The sysctl is there where the 32-bit table was built; a parameter may switch it off, and
 * so may a hypervisor that does without 32-bit code altogether.
 */
static bool has_int80(void)
{
	static const char *const off[] = { "ia32_emulation=0", "ia32_emulation=off",
					   "ia32_emulation=false", "ia32_emulation=n" };

	for (size_t i = 0; i < sizeof(off) / sizeof(off[0]); i++)
		if (file_has("/proc/cmdline", "", off[i]))
			return false;
	return run_mode_there(RUN_MODE_32) && !access("/proc/sys/abi/vsyscall32", F_OK);
}

static void read_cpuid(struct predict_cpu *cpu)
{
	unsigned int a, b, c, d;

	if (__get_cpuid(1, &a, &b, &c, &d)) {
		cpu->monitor = c >> 3 & 1;
		cpu->vmx = c >> 5 & 1;
		cpu->xsave = c >> 27 & 1;	/* OSXSAVE: CR4.OSXSAVE is set */
		cpu->hypervisor = c >> 31;
	}
	if (__get_cpuid_count(7, 0, &a, &b, &c, &d)) {
		cpu->invpcid = b >> 10 & 1;
		cpu->smap = b >> 20 & 1;
		cpu->pku = c >> 4 & 1;		/* OSPKE: CR4.PKE is set */
		cpu->rdpid = c >> 22 & 1;
	}
	if (__get_cpuid(0x80000001, &a, &b, &c, &d)) {
		cpu->svm = c >> 2 & 1;
		cpu->rdtscp = d >> 27 & 1;
	}
}

const struct predict_cpu *predict_this_cpu(void)
{
	static struct predict_cpu cpu;
	static bool known;
	const char *vendor = env_get()->cpu_vendor;

	if (known)
		return &cpu;
	known = true;
	cpu.intel = strcmp(vendor, "AuthenticAMD") != 0 && strcmp(vendor, "HygonGenuine") != 0;
	read_cpuid(&cpu);
	cpu.hides = cpu.hypervisor && !env_get()->tcg;	/* an emulator's is its CPU's own word */
	cpu.umip = flag("umip");
	cpu.fsgsbase = flag("fsgsbase");
	cpu.cpuid_fault = flag("cpuid_fault");
	cpu.fred = flag("fred");
	cpu.vsyscall = has_vsyscall_page();
	cpu.int80 = has_int80();
	return &cpu;
}
