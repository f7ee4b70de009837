// SPDX-License-Identifier: GPL-2.0
/*
 * What a program can see of its own privilege. Each look is one block of
 * assembly, so that the compiler puts nothing between cause and effect.
 */
#define _GNU_SOURCE
#include "look.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define INT80_GETPID	20		/* numbers of the 32-bit system call table */
#define INT80_IOCTL	54

void look_self(struct look_self *self)
{
	__u64 rsp;

	__asm__ volatile("mov %%cs, %0" : "=r"(self->cs));
	/* the red zone below RSP may hold data of this function: step over it */
	__asm__ volatile("lea -128(%%rsp), %%rsp\n\tpushfq\n\tpop %0\n\tlea 128(%%rsp), %%rsp\n\t"
			 "mov %%rsp, %1"
			 : "=&r"(self->rflags), "=r"(rsp) : : "memory");
	self->stack_high = rsp >> 63;
}

/*
 * SYSCALL saves RIP in RCX and RFLAGS in R11 and nothing else (Intel SDM vol. 2,
 * SYSCALL); under FRED it saves all in memory and leaves both alone (FRED
 * specification 5.0, 8.1.2). PUSHFQ comes first: no instruction between it and
 * SYSCALL changes a flag.
 */
void look_syscall(struct look_syscall *look)
{
	const __u64 marker = 0x72696e6770726f62;
	__u64 rax = SYS_getppid, rcx, next, flags;
	register __u64 r11 __asm__("r11") = marker;

	__asm__ volatile("lea -128(%%rsp), %%rsp\n\t"
			 "pushfq\n\t"
			 "pop %[flags]\n\t"
			 "mov %[marker], %%rcx\n\t"
			 "mov %[marker], %%r11\n\t"
			 "lea 1f(%%rip), %[next]\n\t"
			 "syscall\n"
			 "1:\tlea 128(%%rsp), %%rsp"
			 : "+a"(rax), "=&c"(rcx), "+r"(r11),
			   [next] "=&r"(next), [flags] "=&r"(flags)
			 : [marker] "r"(marker)
			 : "memory", "cc");
	look->rcx = rcx;
	look->next_rip = next;
	look->r11 = r11;
	look->rflags = flags;
	look->untouched = rcx == marker && r11 == marker;
}

/* Registers as the 32-bit convention wants them; R8-R11 may be lost. */
static long int80(long number, unsigned long b, unsigned long c, unsigned long d)
{
	__asm__ volatile("int $0x80" : "+a"(number) : "b"(b), "c"(c), "d"(d)
			 : "memory", "r8", "r9", "r10", "r11");
	return (int)number;
}

static __u64 try_int80(const void *arg)
{
	(void)arg;
	return (__u64)int80(INT80_GETPID, 0, 0, 0);
}

bool look_int80_works(struct fault_report *report)
{
	fault_run(try_int80, NULL, report);
	return report->outcome == FAULT_RETURNED && (long)report->value > 0;
}

int look_cpl_int80(int fd, struct ringprobe_cpl *cpl)
{
	struct ringprobe_cpl *low;
	long err;

	/* the argument travels in a 32-bit register: it must lie below 4 GiB */
	low = mmap(NULL, sizeof(*low), PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	if (low == MAP_FAILED)
		return -errno;
	low->size = sizeof(*low);
	err = int80(INT80_IOCTL, (unsigned long)fd, RINGPROBE_IOC_CPL, (unsigned long)low);
	memcpy(cpl, low, sizeof(*cpl));
	munmap(low, sizeof(*low));
	return (int)err;
}
