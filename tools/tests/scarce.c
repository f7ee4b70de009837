// SPDX-License-Identifier: GPL-2.0
/*
 * Preloaded, it lets one call fail as where there is no more: SCARCE=malloc:3 the third
 * time that memory is asked for; also fork and mmap. Each process counts for itself.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *memory, size_t size);
pid_t __libc_fork(void);

/* Is this the call that is to fail? */
static bool fails(const char *what, int *calls)
{
	const char *scarce = getenv("SCARCE");
	size_t length = strlen(what);

	if (!scarce || strncmp(scarce, what, length) != 0 || scarce[length] != ':' ||
	    ++*calls != atoi(scarce + length + 1))
		return false;
	errno = ENOMEM;
	return true;
}

static bool no_memory(void)
{
	static int calls;

	return fails("malloc", &calls);
}

void *malloc(size_t size)
{
	return no_memory() ? NULL : __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
	return no_memory() ? NULL : __libc_calloc(n, size);
}

void *realloc(void *memory, size_t size)
{
	return no_memory() ? NULL : __libc_realloc(memory, size);
}

pid_t fork(void)
{
	static int calls;

	return fails("fork", &calls) ? -1 : __libc_fork();
}

void *mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset)
{
	static int calls;

	if (fails("mmap", &calls))
		return MAP_FAILED;
	return (void *)syscall(SYS_mmap, at, size, protection, flags, fd, offset);
}
