/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a program can see of its own privilege without any help: its CS and
 * RFLAGS, what SYSCALL leaves in the registers, and the other door, int 0x80.
 */
#ifndef LOOK_H
#define LOOK_H

#include <linux/types.h>
#include <stdbool.h>
#include <ringprobe.h>
#include "fault.h"

struct look_self {
	__u32 cs;
	__u64 rflags;
	bool stack_high;		/* RSP in the kernel half of the addresses */
};

void look_self(struct look_self *self);

/* RCX and R11 around one SYSCALL (getppid), which was entered with others in them. */
struct look_syscall {
	__u64 rcx, next_rip;		/* RCX after it; the address behind it */
	__u64 r11, rflags;		/* R11 after it; RFLAGS before it */
	bool untouched;			/* RCX and R11 came back as they went in: FRED */
};

void look_syscall(struct look_syscall *look);

/* Does int $0x80 work in 64-bit code? Tried in a child; the report says how it failed. */
bool look_int80_works(struct fault_report *report);
/* RINGPROBE_IOC_CPL through int $0x80: 0 or -errno. */
int look_cpl_int80(int fd, struct ringprobe_cpl *cpl);

static inline __u32 look_cpl(__u32 cs)
{
	return cs & 3;			/* Intel SDM vol. 3, 5.5: CPL is CS bits 0-1 */
}

#endif
