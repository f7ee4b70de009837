// SPDX-License-Identifier: GPL-2.0
/*
 * The memory of fuzz programs: pages 0, 1 and 4 can be written, 2 can be read, 3 is not there
 * and 5 cannot be read. @backing is the same, all of it ours to write; @expected is
 * what it should be.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fuzz_run.h"

#define EMPTY	0xcc

static uint8_t *backing, *expected;
static uint32_t dirty = ~0U;	/* a bit for each page */

bool is_memory(uint64_t address, uint64_t length)
{
	return address >= FUZZ_MEMORY && address < FUZZ_MEMORY_END &&
	       length <= FUZZ_MEMORY_END - address;
}

static void soil(uint64_t address, uint64_t length)
{
	uint64_t page = (address - FUZZ_MEMORY) / FUZZ_PAGE;

	for (; page <= (address + length - 1 - FUZZ_MEMORY) / FUZZ_PAGE; page++)
		dirty |= 1U << page;
}

void store(uint64_t address, const void *data, uint64_t length)
{
	if (!length || address < FUZZ_MEMORY || address >= FUZZ_MEMORY_END)
		return;
	if (length > FUZZ_MEMORY_END - address)
		length = FUZZ_MEMORY_END - address;
	soil(address, length);
	memcpy(backing + (address - FUZZ_MEMORY), data, length);
	memcpy(expected + (address - FUZZ_MEMORY), data, length);
}

void may_change(uint64_t address, uint64_t length)
{
	if (!length || !is_memory(address, length))
		return;
	soil(address, length);
	memcpy(expected + (address - FUZZ_MEMORY), backing + (address - FUZZ_MEMORY), length);
}

void load(uint64_t address, void *data, uint64_t length)
{
	memset(data, 0, length);
	if (is_memory(address, length))
		memcpy(data, expected + (address - FUZZ_MEMORY), length);
}

static bool map_page(int fd, uint64_t page, int prot)
{
	void *address = (void *)(uintptr_t)(FUZZ_MEMORY + page * FUZZ_PAGE);

	return mmap(address, FUZZ_PAGE, prot, MAP_SHARED | MAP_FIXED, fd,
		    (off_t)(page * FUZZ_PAGE)) == address;
}

bool memory_init(void)
{
	int fd = (int)syscall(SYS_memfd_create, "fuzz", 0);
	bool done = fd >= 0 && !ftruncate(fd, FUZZ_PAGES * FUZZ_PAGE);

	backing = mmap(NULL, FUZZ_PAGES * FUZZ_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	expected = malloc(FUZZ_PAGES * FUZZ_PAGE);
	done = done && (void *)backing != MAP_FAILED && expected &&
	       map_page(fd, 0, PROT_READ | PROT_WRITE) && map_page(fd, 1, PROT_READ | PROT_WRITE) &&
	       map_page(fd, 2, PROT_READ) && map_page(fd, 4, PROT_READ | PROT_WRITE) &&
	       map_page(fd, 5, PROT_NONE);
	if (fd >= 0)
		close(fd);
	return done;
}

void memory_reset(void)
{
	uint64_t page;

	for (page = 0; page < FUZZ_PAGES; page++) {
		if (!(dirty & 1U << page))
			continue;
		memset(backing + page * FUZZ_PAGE, EMPTY, FUZZ_PAGE);
		memset(expected + page * FUZZ_PAGE, EMPTY, FUZZ_PAGE);
	}
	dirty = 0;
}

void judge_memory(struct fuzz_run *run, uint64_t from, uint64_t length)
{
	uint64_t i = from < FUZZ_MEMORY ? 0 : from - FUZZ_MEMORY;

	if (from >= FUZZ_MEMORY_END || (from < FUZZ_MEMORY && FUZZ_MEMORY - from > FUZZ_PAGE))
		return;
	if (length > FUZZ_MEMORY_END - FUZZ_MEMORY - i)
		length = FUZZ_MEMORY_END - FUZZ_MEMORY - i;
	if (!memcmp(backing + i, expected + i, length))
		return;
	while (backing[i] == expected[i])
		i++;
	complain(run, "memory at %#llx is %#x, expected %#x", FUZZ_MEMORY + i, backing[i],
		 expected[i]);
}

void judge_pages(struct fuzz_run *run)
{
	static uint32_t programs;
	bool all = run->fresh || programs++ % 32 == 0;
	uint64_t page;

	for (page = 0; page < FUZZ_PAGES; page++)
		if (all || dirty & 1U << page)
			judge_memory(run, FUZZ_MEMORY + page * FUZZ_PAGE, FUZZ_PAGE);
}
