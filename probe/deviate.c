// SPDX-License-Identifier: GPL-2.0
/* Each was seen, and looked up in the source of what it runs on, where that is named. */
#include "deviate.h"

#include <string.h>

#include "env.h"
#include "predict.h"
#include "run.h"

#define TCG DEVIATE_TCG, "QEMU's TCG (7.2)"
#define MAKER "outside 64-bit code it does not ask who made the CPU"
#define TCG10 DEVIATE_TCG, "QEMU's TCG (10.0)"
#define KVM DEVIATE_KVM_AMD, "KVM on AMD (6.18)"
#define PVM DEVIATE_PVM, "PVM (6.18)"

static const struct deviate known[] = {
	{ "iretq", 3, TCG, false, DEVIATE_SMAP, 14, 0,
	  "it reads the stack with ring 0's rights, SMAP forbids that, and Linux oopses (QEMU 9.1 "
	  "mended it)" },
	{ "stack_non_canonical", 3, TCG, false, DEVIATE_TRY, 13, 0,
	  "any non-canonical address raises #GP" },
	{ "unaligned", 3, TCG, false, DEVIATE_TRY, -1, 0, "alignment is not checked" },
	{ "int_gate", 3, TCG, false, DEVIATE_TRY, 13, 0x0e * 16 + 2,
	  "the error code is 16 times the vector (do_interrupt64()), not 8" },
	{ "int_nmi", 3, TCG, false, DEVIATE_TRY, 13, 0x02 * 16 + 2,
	  "the error code is 16 times the vector (do_interrupt64()), not 8" },
	{ "rdmsr_unknown", 0, TCG, false, DEVIATE_TRY, -1, 0, "RDMSR of any unknown number reads 0" },
	{ "rdpmc", 0, TCG, false, DEVIATE_TRY, 6, 0, "there are no counters, and it says #UD" },
	{ "int1", 3, TCG, false, DEVIATE_TRY, 6, 0, "it is taken for the emulator's own breakpoint" },
	{ "sysexit", 3, TCG, true, DEVIATE_TRY, 13, 0, MAKER },
	{ "sysenter", 3, TCG, true, DEVIATE_TRY, 14, 0x14, MAKER },
	{ "sysretq", 3, TCG, true, DEVIATE_TRY, 13, 0, MAKER },
	{ "syscall", 3, TCG, true, DEVIATE_INTEL, 14, 0,
	  MAKER ", and enters ring 0 where Linux has put no door for Intel's: at address 0" },
	{ "invd", 3, TCG10, false, DEVIATE_TRY, -1, 0, "CPL is not looked at (decode-new.c.inc), and there is no "
	  "cache to lose" },
	{ "wbinvd", 3, TCG10, false, DEVIATE_TRY, -1, 0, "CPL is not looked at (decode-new.c.inc)" },
	{ "wbnoinvd", 3, TCG10, false, DEVIATE_TRY, -1, 0, "CPL is not looked at (decode-new.c.inc)" },
	{ "into", 3, TCG10, false, DEVIATE_TRY, -1, 0, "it is taken in 64-bit mode, too (decode-new.c.inc; mended "
	  "in December 2025)" },
	{ "sysexit", 3, KVM, false, DEVIATE_TRY, 13, 0,
	  "it takes every #UD to emulate other makers' instructions, and looks at CPL first "
	  "(arch/x86/kvm/emulate.c)" },
	{ "vmrun", 3, KVM, false, DEVIATE_TRY, 13, 0,
	  "SVM is on under every guest (svm_set_efer()), so that CPL is looked at" },
	{ "rdtsc_forbidden", 3, PVM, false, DEVIATE_TRY, -1, 0,
	  "the kernel itself runs in ring 3 there, and its CR4.TSD does not reach the CPU" },
};

const char *deviate_avoid(const char *mnemonic)
{
	/* the same code of the emulator's; in either syntax */
	static const char *const returns[] = { "iret", "lret", "retf" };

	if (!env_get()->tcg || !env_get()->smap)
		return NULL;
	for (size_t i = 0; i < sizeof(returns) / sizeof(returns[0]); i++)
		if (strstr(mnemonic, returns[i]))
			return known[0].why;
	return NULL;
}

static bool is_avoided(const struct deviate *deviate)
{
	return deviate->avoid == DEVIATE_SMAP ? env_get()->smap : predict_this_cpu()->intel;
}

static bool is_here(const struct deviate *deviate)
{
	if (deviate->cpu == DEVIATE_TCG)
		return env_get()->tcg;
	/* CPUID names another, so by what it lacks: a segment that every kernel in ring 0 has */
	if (deviate->cpu == DEVIATE_PVM)
		return predict_this_cpu()->hides && !run_mode_there(RUN_MODE_32);
	return !strcmp(env_get()->hypervisor, "KVMKVMKVM") && !predict_this_cpu()->intel;
}

/* One that is there to be avoided is none where it can be tried. */
const struct deviate *deviate_known(const struct atlas_entry *entry, int ring, enum run_mode mode)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i].ring == ring && !strcmp(known[i].id, entry->id) && is_here(&known[i]) &&
		    (!known[i].only_32 || mode == RUN_MODE_32) &&
		    (!known[i].avoid || is_avoided(&known[i])))
			return &known[i];
	return NULL;
}
