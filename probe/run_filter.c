// SPDX-License-Identifier: GPL-2.0
/*
 * Code under test may enter ring 0, but gets nothing there: the filter sees
 * each call before the kernel dispatches it, whichever door it came in by.
 */
#include "run_filter.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <linux/types.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "run_enter.h"

#define LOAD(field) \
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (__u32)offsetof(struct seccomp_data, field))
/* The same field's upper half: x86 is little-endian. */
#define LOAD_UPPER(field) \
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (__u32)offsetof(struct seccomp_data, field) + 4)
#define JUMP(test, value, yes, no) \
	BPF_JUMP(BPF_JMP | (test) | BPF_K, (__u32)(value), yes, no)

const char *run_filter(void)
{
	__u64 first = (__u64)run_text, last = (__u64)run_text_end;
	struct sock_filter program[] = {
		LOAD(arch),
		JUMP(BPF_JEQ, AUDIT_ARCH_X86_64, 0, 8),
		LOAD_UPPER(instruction_pointer),	/* of the instruction after SYSCALL */
		JUMP(BPF_JEQ, first >> 32, 0, 6),
		LOAD(instruction_pointer),
		JUMP(BPF_JGE, first, 0, 4),
		JUMP(BPF_JGT, last, 3, 0),
		LOAD(nr),
		JUMP(BPF_JEQ, SYS_rt_sigreturn, 2, 0),
		JUMP(BPF_JEQ, SYS_exit_group, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog filter = { sizeof(program) / sizeof(program[0]), program };

	if (first >> 32 != last >> 32)
		return "the runner lies across 4 GiB: the filter cannot tell its calls";
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter))
		return "seccomp is refused";
	return NULL;
}
