// SPDX-License-Identifier: GPL-2.0
/*
 * Linked into the probe where its lines are counted, by counts.ld: the counters of all
 * processes that run it are one file, COUNTS, mapped shared. So a child's count that ends
 * by a signal, by _exit() or where it may call nothing any more. gcov's files are written
 * where the environment has COUNTS_WRITE, and nowhere else. Without the file the counters
 * are a process's own, and lost.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

extern char counts_begin[], counts_end[];
void __real___gcov_exit(void);
void __wrap___gcov_exit(void);

/* Not by libc's functions: a test may have one of them fail, and counts the calls. */
static __attribute__((constructor(101))) void share(void)
{
	long fd = syscall(SYS_openat, AT_FDCWD, COUNTS, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return;
	syscall(SYS_mmap, counts_begin, counts_end - counts_begin, PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_FIXED, fd, 0);
	syscall(SYS_close, fd);
}

void __wrap___gcov_exit(void)
{
	if (getenv("COUNTS_WRITE"))
		__real___gcov_exit();
}
