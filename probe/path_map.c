// SPDX-License-Identifier: GPL-2.0
/*
 * Read from Linux 6.1.192 and 6.12.117 (Debian's linux-source) and the 7.x series. A
 * longterm line moves lines, seldom files: so there are no line numbers here.
 */
#include "path_map.h"

#include <stdio.h>

#define ENTRY_64	"arch/x86/entry/entry_64.S"
#define CALLING		"arch/x86/entry/calling.h"
#define NOSPEC		"arch/x86/include/asm/nospec-branch.h"
#define ENTRY_C		"kernel/entry/common.c"
#define ENTRY_H		"include/linux/entry-common.h"
#define IRQ_ENTRY_H	"include/linux/irq-entry-common.h"
#define ARCH_H		"arch/x86/include/asm/entry-common.h"

const struct path_step path_steps[] = {
	{ PATH_USER, PATH_ALWAYS, PATH_ANY, "RIP to RCX, RFLAGS to R11, IF off",
	  { "SYSCALL: the CPU" } },
	{ PATH_USER, PATH_ALWAYS, PATH_ANY, "swapgs, the kernel's stack",
	  { "entry_SYSCALL_64, " ENTRY_64 } },
	{ PATH_USER, PATH_PTI, PATH_ANY, "the kernel's page tables",
	  { "SWITCH_TO_KERNEL_CR3, " CALLING } },
	{ PATH_USER, PATH_ALWAYS, PATH_ANY, "registers saved and cleared",
	  { "PUSH_AND_CLEAR_REGS, " CALLING } },
	{ PATH_USER, PATH_IBRS, PATH_ANY, "speculation of branches restricted",
	  { "IBRS_ENTER, " CALLING } },
	{ PATH_USER, PATH_UNTRAIN, PATH_ANY, "predictions of returns forgotten",
	  { "UNTRAIN_RET, " NOSPEC } },
	{ PATH_USER, PATH_BHB, PATH_ANY, "history of branches forgotten",
	  { "CLEAR_BRANCH_HISTORY, " NOSPEC } },
	{ PATH_USER, PATH_KSTACK, PATH_ANY, "the stack, by a random offset",
	  { "do_syscall_64(), arch/x86/entry/common.c", NULL,
	    "do_syscall_64(), arch/x86/entry/syscall_64.c" } },
	{ PATH_USER, PATH_ALWAYS, PATH_ANY, "context tracking, interrupts on",
	  { "syscall_enter_from_user_mode(), " ENTRY_C,
	    "enter_from_user_mode(), " ENTRY_H, "enter_from_user_mode(), " IRQ_ENTRY_H } },
	{ PATH_USER, PATH_PTRACE, PATH_ANY, "a tracer is told",
	  { "syscall_trace_enter(), " ENTRY_C, NULL, "syscall_trace_enter(), " ENTRY_H } },
	{ PATH_USER, PATH_SECCOMP, PATH_ANY, "filters are run",
	  { "__secure_computing(), kernel/seccomp.c", NULL, "kernel/seccomp.c" } },
	{ PATH_USER, PATH_TRACING, PATH_ANY, "tracepoint sys_enter",
	  { "syscall_trace_enter(), " ENTRY_C, NULL, "syscall_trace_enter(), " ENTRY_H } },
	{ PATH_CALLED, PATH_AUDIT, PATH_ANY, "audit notes the arguments",
	  { "syscall_enter_audit(), " ENTRY_C, NULL,
	    "syscall_enter_audit(), kernel/entry/syscall-common.c" } },
	{ PATH_CALLED, PATH_ALWAYS, PATH_ANY, "dispatch: a switch, not a table",
	  { "x64_sys_call(), arch/x86/entry/syscall_64.c" } },
	{ PATH_CALLED, PATH_ALWAYS, PATH_BY_LSEEK, "descriptor to file, file to driver",
	  { "ksys_lseek(), vfs_llseek(), fs/read_write.c" } },
	{ PATH_CALLED, PATH_ALWAYS, PATH_BY_LSEEK, "the driver; its stamp",
	  { "ringprobe_stamp_llseek(), module/stamp.c" } },
	{ PATH_CALLED, PATH_ALWAYS, PATH_BY_IOCTL, "descriptor to file, file to driver",
	  { "__x64_sys_ioctl(), vfs_ioctl(), fs/ioctl.c" } },
	{ PATH_CALLED, PATH_ALWAYS, PATH_BY_IOCTL, "operation looked up, argument in",
	  { "ringprobe_ops_ioctl(), module/ops.c" } },
	{ PATH_CALLED, PATH_ALWAYS, PATH_BY_GETPPID, "the call itself",
	  { "__x64_sys_getppid(), kernel/sys.c" } },
	{ PATH_HANDLER, PATH_ALWAYS, PATH_BY_IOCTL, "between its two stamps",
	  { "ringprobe_stamp_ioctl(), module/stamp.c" } },
	{ PATH_HANDLED, PATH_ALWAYS, PATH_BY_IOCTL, "answer out",
	  { "ringprobe_ops_ioctl(), module/ops.c" } },
	{ PATH_HANDLED, PATH_ALWAYS, PATH_ANY, "exit of audit, sys_exit, tracer",
	  { "syscall_exit_work(), " ENTRY_C, NULL, "syscall_exit_work(), " ENTRY_H } },
	{ PATH_HANDLED, PATH_ALWAYS, PATH_ANY, "interrupts off; all work that is due",
	  { "exit_to_user_mode_loop(), " ENTRY_C } },
	{ PATH_HANDLED, PATH_ALWAYS, PATH_ANY, "user-return notifiers",
	  { "arch_exit_to_user_mode_prepare(), " ARCH_H } },
	{ PATH_RETURNED, PATH_ALWAYS, PATH_ANY, "I/O bitmap, FPU, where they are due",
	  { "arch_exit_to_user_mode_prepare(), " ARCH_H } },
	{ PATH_RETURNED, PATH_KSTACK, PATH_ANY, "RDTSC, for the next offset",
	  { "choose_random_kstack_offset(), " ARCH_H, NULL, "" } },
	{ PATH_RETURNED, PATH_IBPB, PATH_ANY, "predictions of a guest forgotten",
	  { "arch_exit_to_user_mode_prepare(), " ARCH_H } },
	{ PATH_RETURNED, PATH_ALWAYS, PATH_ANY, "may it be SYSRET? else IRET",
	  { "entry_SYSCALL_64, " ENTRY_64, "do_syscall_64(), arch/x86/entry/common.c",
	    "do_syscall_64(), arch/x86/entry/syscall_64.c" } },
	{ PATH_RETURNED, PATH_IBRS, PATH_ANY, "restriction lifted", { "IBRS_EXIT, " CALLING } },
	{ PATH_RETURNED, PATH_ALWAYS, PATH_ANY, "registers back, another stack",
	  { "POP_REGS, " CALLING } },
	{ PATH_RETURNED, PATH_PTI, PATH_ANY, "the user's page tables",
	  { "SWITCH_TO_USER_CR3, " CALLING } },
	{ PATH_RETURNED, PATH_VERW, PATH_ANY, "buffers of the CPU overwritten",
	  { "CLEAR_CPU_BUFFERS, " NOSPEC } },
	{ PATH_RETURNED, PATH_ALWAYS, PATH_ANY, "swapgs; RIP, RFLAGS from RCX, R11",
	  { "SYSRETQ, " ENTRY_64 } },
	{ .what = NULL },
};

static const struct {
	const char *name;
	unsigned int version;		/* major * 1000 + minor */
} lines[PATH_LINES] = {
	[PATH_LINE_6_1] = { "6.1", 6001 }, [PATH_LINE_6_12] = { "6.12", 6012 },
	[PATH_LINE_7] = { "7.x", 7000 },
};

enum path_line path_line(const char *release, bool *exact)
{
	unsigned int major = 0, minor = 0, version;
	enum path_line line = PATH_LINE_7;

	sscanf(release, "%u.%u", &major, &minor);
	version = major * 1000 + minor;
	while (line > PATH_LINE_6_1 && lines[line].version > version)
		line--;
	*exact = line == PATH_LINE_7 ? major == 7 : lines[line].version == version;
	return line;
}

const char *path_line_name(enum path_line line)
{
	return lines[line].name;
}

const char *path_step_where(const struct path_step *step, enum path_line line)
{
	for (; line > PATH_LINE_6_1; line--)
		if (step->where[line])
			break;
	return step->where[line];
}
