// SPDX-License-Identifier: GPL-2.0
/*
 * The way into code under test and back out, whatever the code did to the
 * registers: by absolute addresses in the shared area, and with no thread-local
 * storage, since FS may point anywhere by then. Between the first and the last
 * label lie all system calls from here on, and the only ones that a filtered child
 * can make.
 */
#define _GNU_SOURCE
#include "run_enter.h"

#include <signal.h>
#include <sys/mman.h>
#include <ucontext.h>

#include "run_area.h"

/* gas macros, since the way is needed twice: RDTSC itself may be what is forbidden. */
__asm__(".text\n"
	/* both halves as they come, so that RFLAGS is not touched */
	".macro stamp to, timed\n"
	"	.if \\timed\n"
	"	lfence\n	rdtsc\n	lfence\n"
	"	mov %eax, \\to\n"
	"	mov %edx, \\to + 4\n"
	"	.endif\n"
	".endm\n"
	".macro load register, number\n"
	"	mov " RUN_TEXT(RUN_REGS_IN) " + 8 * \\number, %\\register\n"
	".endm\n"
	".macro store register, number\n"
	"	mov %\\register, " RUN_TEXT(RUN_REGS_OUT) " + 8 * \\number\n"
	".endm\n"
	/* all but RAX, RDX and RSP, which change on the way */
	".macro each what\n"
	"	\\what rcx, 1\n	\\what rbx, 3\n	\\what rbp, 5\n	\\what rsi, 6\n"
	"	\\what rdi, 7\n	\\what r8, 8\n	\\what r9, 9\n	\\what r10, 10\n"
	"	\\what r11, 11\n	\\what r12, 12\n	\\what r13, 13\n	\\what r14, 14\n"
	"	\\what r15, 15\n"
	".endm\n"

	".macro way name, timed\n"
	".globl run_enter\\name, run_left\\name, run_faulted\\name, run_handler\\name\n"
	".globl run_restorer\\name\n"
	"run_enter\\name:\n"
	"	push %rbx\n	push %rbp\n	push %r12\n	push %r13\n	push %r14\n	push %r15\n"
	"	mov %rsp, " RUN_TEXT(RUN_HOST_RSP) "\n"
	"	pushq $0x202\n	popfq\n"	/* RUN_RFLAGS_START */
	"	stamp " RUN_TEXT(RUN_ENTER) ", \\timed\n"
	"	each load\n"
	"	load rsp, 4\n	load rdx, 2\n	load rax, 0\n"
	"	jmp *" RUN_TEXT(RUN_ENTRY) "\n"

	"run_left\\name:\n"		/* where the code ends */
	"	store rax, 0\n	store rdx, 2\n"
	"	stamp " RUN_TEXT(RUN_LEAVE) ", \\timed\n"
	"	store rsp, 4\n"
	"	mov " RUN_TEXT(RUN_HOST_RSP) ", %rsp\n"
	"	pushfq\n	popq " RUN_TEXT(RUN_RFLAGS) "\n"
	"	each store\n"
	"	jmp run_back\n"

	"run_handler\\name:\n"	/* one instruction before the stamp: RDX is the context */
	"	mov %rdx, %r8\n"
	"	stamp " RUN_TEXT(RUN_HANDLER) ", \\timed\n"
	"	pushfq\n	andl $~0x40000, (%rsp)\n	popfq\n"	/* AC: the kernel leaves it on */
	"	mov %r8, %rdx\n"
	"	jmp run_signal\n"

	"run_faulted\\name:\n"	/* where the handler lets its signal return to */
	"	stamp " RUN_TEXT(RUN_LEAVE) ", \\timed\n"
	"	mov " RUN_TEXT(RUN_HOST_RSP) ", %rsp\n"
	"	jmp run_back\n"

	"run_restorer\\name:\n"	/* RAX and RDX come back with all the others */
	"	stamp " RUN_TEXT(RUN_RETURN) ", \\timed\n"
	"	mov $15, %eax\n	syscall\n"	/* rt_sigreturn */
	"	jmp run_exit\n"
	".endm\n"

	".globl run_text, run_text_end, run_drop, run_exit, run_into_32\n"
	"run_text:\n"
	"	way , 1\n"
	"	way _untimed, 0\n"
	"run_back:\n"
	"	pushq $0x202\n	popfq\n"	/* IF alone: no TF, AC or DF is left */
	"	pop %r15\n	pop %r14\n	pop %r13\n	pop %r12\n	pop %rbp\n	pop %rbx\n"
	"	ret\n"
	"run_into_32:\n"		/* no register but DS and ES, which are null until then */
	"	mov 1f(%rip), %ds\n	mov 1f(%rip), %es\n"
	"	ljmpl *2f(%rip)\n"
	"1:	.word " RUN_TEXT(RUN_DS) "\n"
	"2:	.long " RUN_TEXT(RUN_CODE) "\n	.word " RUN_TEXT(RUN_CS_32) "\n"
	"run_drop:\n"
	"	mov $28, %eax\n	syscall\n	ret\n"	/* madvise */
	"run_exit:\n"
	"	mov $231, %eax\n	syscall\n"	/* exit_group */
	"	hlt\n"
	"run_text_end:\n");

void run_drop(unsigned long page, unsigned long size, int advice);
void run_signal(int signal, siginfo_t *info, ucontext_t *context);

/* In the order of enum RUN_RAX... */
static const int gregs[RUN_REGS] = {
	REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
	REG_R8, REG_R9, REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15,
};

static inline void keep(struct run_area *area, int signal, const siginfo_t *info,
			const greg_t *regs)
{
	area->signal = (__u32)signal;
	area->code = (__u32)info->si_code;
	if (signal == SIGSYS) {
		area->syscall = (__u32)info->si_syscall;
		area->arch = info->si_arch;
	} else {
		area->addr = (__u64)info->si_addr;
	}
	area->trap = (__u64)regs[REG_TRAPNO];
	area->error = (__u64)regs[REG_ERR];
	area->cs = regs[REG_CSGSFS] & 0xffff;
	area->rip = (__u64)regs[REG_RIP];
	area->rflags = (__u64)regs[REG_EFL];
	for (int i = 0; i < RUN_REGS; i++)
		area->regs_out[i] = (__u64)regs[gregs[i]];
}

/* From run_handler: takes down the first signal, and goes on where the way says. */
__attribute__((used, no_stack_protector))
void run_signal(int signal, siginfo_t *info, ucontext_t *context)
{
	struct run_area *area = (struct run_area *)RUN_AREA;
	greg_t *regs = context->uc_mcontext.gregs;

	if (!area->signal)
		keep(area, signal, info, regs);
	regs[REG_RIP] = (greg_t)area->faulted;
	regs[REG_EFL] = RUN_RFLAGS_START;
	regs[REG_CSGSFS] = (greg_t)RUN_DS << 48 | RUN_CS_64;
}

__attribute__((no_stack_protector))
void run_rounds(const struct run_request *request, bool timed)
{
	struct run_area *area = (struct run_area *)RUN_AREA;

	area->entry = request->mode == RUN_MODE_32 ? (__u64)run_into_32 : RUN_CODE;
	area->exit = (__u64)(timed ? run_left : run_left_untimed);
	area->faulted = (__u64)(timed ? run_faulted : run_faulted_untimed);
	(void)*(volatile char *)RUN_CODE;	/* present from the first round on */
	for (unsigned int i = 0; i < request->rounds; i++) {
		if (request->setup == RUN_SETUP_FRESH)
			run_drop(RUN_FRESH, 4096, MADV_DONTNEED);
		(timed ? run_enter : run_enter_untimed)();
		area->sample[RUN_AT_ENTER][i] = area->enter;
		area->sample[RUN_AT_HANDLER][i] = area->handler;
		area->sample[RUN_AT_SIGRETURN][i] = area->sigreturn;
		area->sample[RUN_AT_LEAVE][i] = area->leave;
		area->samples = i + 1;
	}
	run_exit(0);
}
