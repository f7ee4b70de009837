// SPDX-License-Identifier: GPL-2.0
/*
 * The rules, as the manuals have them: Intel SDM (volumes 1 to 4) and AMD APM
 * (volumes 2 and 3); what Linux makes of a fault is from the file named.
 */
#include "predict.h"

#include <signal.h>
#include <stddef.h>

enum { DE = 0, DB = 1, BP = 3, OF = 4, BR = 5, UD = 6, SS = 12, GP = 13, PF = 14, AC = 17 };

static struct predict works(const char *why, const char *source)
{
	return (struct predict){ PREDICT_WORKS, -1, 0, -1, false, why, source };
}

static struct predict faults(int vector, __u32 error, const char *why, const char *source)
{
	return (struct predict){ PREDICT_FAULTS, vector, error, -1, false, why, source };
}

static struct predict no_fault(enum predict_verdict verdict, const char *why, const char *source)
{
	return (struct predict){ verdict, -1, 0, -1, false, why, source };
}

static bool has(enum atlas_feature feature, const struct predict_cpu *cpu)
{
	switch (feature) {
	case ATLAS_ANY: return true;
	case ATLAS_INVPCID: return cpu->invpcid;
	case ATLAS_XSAVE: return cpu->xsave;
	case ATLAS_MONITOR: return cpu->monitor;
	case ATLAS_SMAP: return cpu->smap;
	case ATLAS_VMX: return cpu->vmx;
	case ATLAS_SVM: return cpu->svm;
	case ATLAS_RDTSCP: return cpu->rdtscp;
	case ATLAS_FSGSBASE: return cpu->fsgsbase;
	case ATLAS_PKU: return cpu->pku;
	case ATLAS_RDPID: return cpu->rdpid;
	case ATLAS_CPUID_FAULT: return cpu->cpuid_fault;
	}
	return true;
}

/* What ports and the interrupt flag hang on. */
static struct predict predict_io(enum atlas_rule rule)
{
	if (rule == RULE_BITMAP)
		return works("the TSS bitmap has this port open", "SDM vol. 1, I/O Permission Bit Map");
	if (rule == RULE_IOPL)
		return no_fault(PREDICT_EMULATED, "the kernel opened all ports",
				      "arch/x86/kernel/ioport.c");
	if (rule == RULE_IOPL_FLAG)
		return no_fault(PREDICT_IGNORED, "#GP, and the kernel skips it",
				      "arch/x86/kernel/traps.c, fixup_iopl_exception()");
	return faults(GP, 0, "no IOPL, no bit in the TSS", "SDM vol. 1, I/O Privilege Level");
}

static struct predict predict_umip(const struct predict_cpu *cpu)
{
	if (cpu->umip)
		return no_fault(PREDICT_SPOOFED, "UMIP: the kernel made it up",
				      "SDM vol. 3, CR4.UMIP; arch/x86/kernel/umip.c");
	return works("no UMIP: everybody may", "SDM vol. 3, CR4.UMIP");
}

/* The fast ways out, for the kernel's use. */
static struct predict predict_fast_exit(enum atlas_rule rule, enum run_mode mode,
					const struct predict_cpu *cpu)
{
	if (rule == RULE_SYSEXIT && !cpu->intel)
		return faults(UD, 0, "AMD: not in long mode", "APM vol. 3, SYSEXIT");
	if (rule == RULE_SYSRET && cpu->intel && mode == RUN_MODE_32)
		return faults(UD, 0, "Intel: 64-bit mode only", "SDM vol. 2, SYSRET");
	return faults(GP, 0, "CPL is not 0", "its page");
}

/*
 * The fast ways in, that two makers built. What comes in by the 32-bit ones Linux
 * sends back to its 32-bit vDSO, which a task like ours has not.
 */
static struct predict predict_fast_entry(enum atlas_rule rule, enum run_mode mode,
					 const struct predict_cpu *cpu)
{
	struct predict astray = faults(PF, 0x14, "it returns to 32-bit code",
				       "its page; arch/x86/entry/common.c");

	astray.open = true;
	if (rule == RULE_SYSENTER)
		return cpu->intel ? astray :
		       faults(UD, 0, "AMD: not in long mode", "APM vol. 3, SYSENTER");
	if (mode == RUN_MODE_64)
		return works("no privilege needed", "its page");
	if (cpu->intel)
		return faults(UD, 0, "Intel: 64-bit mode only", "SDM vol. 2, SYSCALL");
	return cpu->int80 ? astray : works("sent back at once", "arch/x86/entry/entry_64.S");
}

/* Where the CPU's maker or a hypervisor at work decides. */
static struct predict predict_maker(const struct atlas_entry *entry, enum run_mode mode,
				    const struct predict_cpu *cpu)
{
	struct predict it = faults(UD, 0, "not this maker's", "SDM vol. 3, VMX; APM vol. 2, SVM");

	switch (entry->rule) {
	case RULE_HYPERCALL:
		it.open = cpu->hypervisor;
		it.why = cpu->hypervisor ? "the hypervisor decides" : "no hypervisor to call";
		return it;
	case RULE_VMXON:
	case RULE_VMRUN:
		if (!(entry->rule == RULE_VMXON ? cpu->vmx : cpu->svm)) {
			it.open = cpu->hides;
			return it;
		}
		if (entry->rule == RULE_VMXON && mode == RUN_MODE_32) {
			it.why = "not in compatibility mode";
			return it;
		}
		it.other_vector = GP;	/* CR4.VMXE, EFER.SVME: a hypervisor is loaded here */
		it.why = "off, or CPL is not 0";
		return it;
	default:
		return it;
	}
}

static struct predict predict_memory(const struct atlas_entry *entry, const struct predict_cpu *cpu)
{
	switch (entry->rule) {
	case RULE_NON_CANONICAL:
		return faults(GP, 0, "not a canonical address", "SDM vol. 1, Canonical Addressing");
	case RULE_STACK:
		return faults(SS, 0, "not canonical, by the stack",
			      "SDM vol. 1, Canonical Addressing");
	case RULE_ALIGN:
		return faults(AC, 0, "CR0.AM, RFLAGS.AC and CPL 3", "SDM vol. 3, Alignment Check");
	case RULE_VSYSCALL:
		if (cpu->vsyscall)
			return no_fault(PREDICT_EMULATED, "the kernel does it instead",
					      "arch/x86/entry/vsyscall/vsyscall_64.c");
		return faults(PF, entry->error, "no vsyscall page here", "vsyscall= of the kernel");
	case RULE_FRESH:
		return works("#PF, and the kernel makes the page",
			     "SDM vol. 3, Page-Fault Exceptions; mm/memory.c");
	default:
		return faults(PF, entry->error, "the page tables say no",
			      "SDM vol. 3, Page-Fault Exceptions");
	}
}

static struct predict predict_door(const struct atlas_entry *entry, enum run_mode mode,
				   const struct predict_cpu *cpu)
{
	/* Under FRED Linux raises #GP(0) itself: arch/x86/entry/entry_fred.c */
	__u32 error = cpu->fred ? 0 : entry->error * 8 + 2;

	switch (entry->rule) {
	case RULE_INT80:
		if (cpu->int80)
			return works("its gate has DPL 3", "SDM vol. 3, Privilege of Handlers");
		return faults(GP, error, "no gate for 32-bit calls", "ia32_emulation= of the kernel");
	case RULE_GATE:
		return faults(GP, error, "the gate's DPL is 0", "SDM vol. 3, Error Code");
	case RULE_OVERFLOW:
	case RULE_BOUND:
		if (mode == RUN_MODE_64)
			return faults(UD, 0, "not defined in 64-bit mode", "its page");
		return faults(entry->rule == RULE_OVERFLOW ? OF : BR, 0, "it is the exception",
			      "SDM vol. 3, Interrupts 4 and 5");
	case RULE_BREAKPOINT:
		return faults(BP, 0, "it is the exception", "SDM vol. 3, Interrupt 3");
	case RULE_DEBUG:
		return faults(DB, 0, "it is the exception", "SDM vol. 3, Interrupt 1");
	default:
		return faults(DE, 0, "the quotient does not exist", "SDM vol. 3, Interrupt 0");
	}
}

static struct predict predict_general(const struct atlas_entry *entry, const struct predict_cpu *cpu)
{
	switch (entry->rule) {
	case RULE_CPL:
		return faults(GP, 0, "CPL is not 0", "SDM vol. 3, Privileged Instructions");
	case RULE_UMIP:
		return predict_umip(cpu);
	case RULE_NOT_AT_CPL3:
		return faults(UD, 0, "CPL is not 0: #UD, not #GP", "its page");
	case RULE_UNDEFINED:
		return faults(UD, 0, "undefined by definition", "its page");
	case RULE_SELECTOR:
		return faults(GP, entry->error, "the selector is ring 0's",
			      "SDM vol. 3, Privilege Levels");
	case RULE_IGNORED:
		return no_fault(PREDICT_IGNORED, "no fault, no effect",
				      "SDM vol. 2, POPF, table Effect on Flags");
	case RULE_ANSWER:
		return works(entry->error ? "ZF = 1: yes" : "ZF = 0: not for CPL 3", "its page");
	case RULE_FORBIDDEN:
		return faults(GP, 0, "a bit of this task's", "its page; arch/x86/kernel/process.c");
	case RULE_RESERVED:
		return faults(GP, 0, "no such register", "its page");
	default:
		return works("no privilege needed", "its page");
	}
}

struct predict predict(const struct atlas_entry *entry, enum run_mode mode,
		       const struct predict_cpu *cpu)
{
	if (!entry->form[mode].insn)
		return no_fault(PREDICT_NOT_RUN, entry->why32, "its page");
	if (!has(entry->needs, cpu))
		return (struct predict){ PREDICT_ABSENT, UD, 0, -1, cpu->hides, cpu->hides ?
					 "CPUID denies it" : "not on this CPU", "CPUID" };
	switch (entry->rule) {
	case RULE_PORT: case RULE_BITMAP: case RULE_IOPL: case RULE_IOPL_FLAG:
		return predict_io(entry->rule);
	case RULE_SYSRET: case RULE_SYSEXIT:
		return predict_fast_exit(entry->rule, mode, cpu);
	case RULE_SYSCALL: case RULE_SYSENTER:
		return predict_fast_entry(entry->rule, mode, cpu);
	case RULE_HYPERCALL: case RULE_VMXON: case RULE_VMRUN:
		return predict_maker(entry, mode, cpu);
	case RULE_PAGE: case RULE_NON_CANONICAL: case RULE_STACK: case RULE_ALIGN:
	case RULE_FRESH: case RULE_VSYSCALL:
		return predict_memory(entry, cpu);
	case RULE_INT80: case RULE_GATE: case RULE_OVERFLOW: case RULE_BOUND:
	case RULE_BREAKPOINT: case RULE_DEBUG: case RULE_DIVIDE:
		return predict_door(entry, mode, cpu);
	default:
		return predict_general(entry, cpu);
	}
}

const char *predict_word(enum predict_verdict verdict)
{
	static const char *const words[] = {
		[PREDICT_WORKS] = "works", [PREDICT_FAULTS] = "faults",
		[PREDICT_SPOOFED] = "spoofed", [PREDICT_EMULATED] = "emulated",
		[PREDICT_IGNORED] = "ignored", [PREDICT_ABSENT] = "not on this CPU",
		[PREDICT_HANGS] = "hangs", [PREDICT_NOT_RUN] = "not run",
	};

	return words[verdict];
}

int predict_signal(int vector)
{
	switch (vector) {
	case DE: return SIGFPE;
	case DB: case BP: return SIGTRAP;
	case UD: return SIGILL;
	case SS: case AC: return SIGBUS;
	default: return SIGSEGV;
	}
}
