// SPDX-License-Identifier: GPL-2.0
/* Whether a lost marker in ES tells anything on this machine: hypervisors may lose it, too. */
#define _GNU_SOURCE
#include "path_way.h"

#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { CALLS = 1000, MOST = 900, FAULTS = 20 };

static int kept_by_calls(void)
{
	int kept = 0;

	for (int i = 0; i < CALLS; i++) {
		long ret = SYS_getppid;

		path_way_mark();
		__asm__ volatile("syscall" : "+a"(ret) : : "rcx", "r11", "memory");
		kept += path_way_taken() == PATH_SYSRET;
	}
	return kept;
}

/* A page fault returns by IRET always. */
static int kept_by_faults(void)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	volatile char *at = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
				 -1, 0);
	int kept = 0;

	if (at == MAP_FAILED)
		return FAULTS;
	for (int i = 0; i < FAULTS; i++) {
		madvise((void *)at, page, MADV_DONTNEED);
		path_way_mark();
		*at = 1;
		kept += path_way_taken() == PATH_SYSRET;
	}
	munmap((void *)at, page);
	return kept;
}

bool path_way_works(void)
{
	return kept_by_calls() >= MOST && !kept_by_faults();
}
