// SPDX-License-Identifier: GPL-2.0
/*
 * The privilege level on both sides: of the handler, read from its own
 * registers, and of the caller, read from what the entry path saved. No
 * address leaves: of the stack pointers only which half they lie in.
 */
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/sched/task_stack.h>
#include <linux/smp.h>
#include <asm/ptrace.h>
#include <asm/special_insns.h>
#include <asm/syscall.h>
#include <asm/thread_info.h>

#include "compat.h"
#include "ringprobe.h"

#define CPL_MASK	3	/* CS bits 0-1 */

static u32 entry(struct pt_regs *regs)
{
	if (!user_64bit_mode(regs))
		return RINGPROBE_ENTRY_COMPAT;
	return in_ia32_syscall() ? RINGPROBE_ENTRY_INT80 : RINGPROBE_ENTRY_SYSCALL64;
}

static u32 state(u64 cr4)
{
	u32 bits = 0;

	if (cr4 & X86_CR4_SMEP)
		bits |= RINGPROBE_CPL_SMEP;
	if (cr4 & X86_CR4_SMAP)
		bits |= RINGPROBE_CPL_SMAP;
	if (cr4 & X86_CR4_UMIP)
		bits |= RINGPROBE_CPL_UMIP;
	if (cr4 & X86_CR4_FSGSBASE)
		bits |= RINGPROBE_CPL_FSGSBASE;
	if (cr4 & X86_CR4_FRED)
		bits |= RINGPROBE_CPL_FRED;
	if (boot_cpu_has(X86_FEATURE_PTI))
		bits |= RINGPROBE_CPL_PTI;
	if ((long)current_stack_pointer < 0)
		bits |= RINGPROBE_CPL_KERNEL_STACK_HIGH;
	return bits;
}

/* What the entry path has saved of the caller. */
static void look_at_user(struct ringprobe_cpl *cpl)
{
	struct pt_regs *regs = task_pt_regs(current);

	/* io_uring's own threads share the user's memory, but never were in ring 3. */
	if (current->flags & (PF_IO_WORKER | PF_KTHREAD)) {
		cpl->entry = RINGPROBE_ENTRY_WORKER;
		return;
	}
	cpl->user_cs = regs->cs;
	cpl->user_cpl = regs->cs & CPL_MASK;
	cpl->user_rflags = regs->flags;
	cpl->entry = entry(regs);
	if ((long)regs->sp < 0)
		cpl->state |= RINGPROBE_CPL_USER_STACK_HIGH;
}

int ringprobe_cpl(struct file *file, void *arg)
{
	struct ringprobe_cpl *cpl = arg;
	unsigned long cs;
	u64 efer = 0;

	preempt_disable();
	/* A 64-bit destination: a 32-bit store would leave half of it old. */
	asm volatile("mov %%cs, %0" : "=r"(cs));
	cpl->kernel_rflags = native_save_fl();
	cpl->cpu = smp_processor_id();
	cpl->cr0 = read_cr0();
	cpl->cr4 = __read_cr4();
	if (rdmsrq_safe(MSR_EFER, &efer))
		efer = 0;
	preempt_enable();

	cpl->kernel_cs = cs;
	cpl->kernel_cpl = cs & CPL_MASK;
	cpl->efer = efer;
	cpl->state = state(cpl->cr4);
	look_at_user(cpl);
	return 0;
}
