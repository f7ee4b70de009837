// SPDX-License-Identifier: GPL-2.0
/*
 * A set is a ring of cache lines, linked in an order that no prefetcher follows, each
 * load dependent on the one before. Rounds with and without the crossing alternate.
 */
#define _GNU_SOURCE
#include "path_indirect.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <ringprobe_stamp.h>
#include "measure.h"

/* Half of a cache is used, at most 16 MiB; a page each of as many as a small TLB holds. */
enum {
	LINE = 64, PAGE = 4096, TLB_PAGES = 64, BYTES_MAX = 16 << 20,
	ROUNDS_MAX = 2000, ROUNDS_MIN = 30, TOUCHES_WANTED = 4 << 20,
};

struct line {
	struct line *next;
};

/* "48K" in the sysfs of @cpu, for the data or unified cache of @level; the last if 0. */
static size_t cache_bytes(int cpu, int level)
{
	size_t bytes = 0;

	for (int index = 0; index < 8; index++) {
		char path[128], type[32] = "";
		int its_level = 0;
		size_t kib = 0;
		FILE *f;

		for (int i = 0; i < 3; i++) {
			static const char *const files[] = { "level", "type", "size" };

			snprintf(path, sizeof(path),
				 "/sys/devices/system/cpu/cpu%d/cache/index%d/%s", cpu, index, files[i]);
			f = fopen(path, "re");
			if (!f)
				return bytes;
			if ((i == 0 ? fscanf(f, "%d", &its_level) : i == 1 ? fscanf(f, "%31s", type) :
			     fscanf(f, "%zuK", &kib)) != 1)
				kib = 0;
			fclose(f);
		}
		if (strcmp(type, "Instruction") != 0 && (its_level == level || !level))
			bytes = kib << 10;
	}
	return bytes;
}

/* Links @n lines, @stride apart, in an order by chance. */
static struct line *link_lines(uint8_t *memory, size_t n, size_t stride)
{
	size_t *order = calloc(n, sizeof(*order));
	uint64_t chance = 88172645463325252ULL;

	if (!order)
		return NULL;
	for (size_t i = 0; i < n; i++)
		order[i] = i;
	for (size_t i = n - 1; i > 0; i--) {
		size_t j, was = order[i];

		chance ^= chance << 13;
		chance ^= chance >> 7;
		chance ^= chance << 17;
		j = chance % (i + 1);
		order[i] = order[j];
		order[j] = was;
	}
	/* of a page one line only: not the same in each, or they would share a set */
	for (size_t i = 0; i < n; i++) {
		size_t a = order[i], b = order[(i + 1) % n];
		struct line *from = (struct line *)(memory + a * stride + (stride > LINE) * a % 64 * LINE);

		from->next = (struct line *)(memory + b * stride + (stride > LINE) * b % 64 * LINE);
	}
	free(order);
	return (struct line *)memory;
}

static int64_t touch(struct line *line, size_t n)
{
	uint64_t first = ringprobe_stamp();

	while (n--)
		line = *(struct line *volatile *)&line->next;
	return (int64_t)(ringprobe_stamp() - first);
}

static int run(struct path_indirect *set, size_t stride)
{
	size_t rounds = TOUCHES_WANTED / set->touches, bytes = set->touches * stride;
	uint8_t *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	static int64_t without[ROUNDS_MAX], with[ROUNDS_MAX];
	struct line *line = memory == MAP_FAILED ? NULL : link_lines(memory, set->touches, stride);

	rounds = rounds > ROUNDS_MAX ? ROUNDS_MAX : rounds < ROUNDS_MIN ? ROUNDS_MIN : rounds;
	touch(line, line ? set->touches : 0);
	for (size_t i = 0; line && i < rounds; i++) {
		without[i] = touch(line, set->touches);
		syscall(SYS_getppid);
		with[i] = touch(line, set->touches);
		touch(line, set->touches);
	}
	if (memory != MAP_FAILED)
		munmap(memory, bytes);
	if (!line)
		return -ENOMEM;
	stats_describe(without, rounds, &set->without);
	stats_describe(with, rounds, &set->with);
	return 0;
}

int path_indirect(struct path_indirect sets[PATH_SETS])
{
	static const struct {
		const char *key, *name;
		int level;
	} caches[] = {
		[PATH_SET_L1] = { "l1", "half of L1d", 1 }, [PATH_SET_L2] = { "l2", "half of L2", 2 },
		[PATH_SET_LLC] = { "llc", "half of last level", 0 },
	};
	int cpu = sched_getcpu(), err = 0;

	memset(sets, 0, PATH_SETS * sizeof(*sets));
	for (int i = PATH_SET_L1; i <= PATH_SET_LLC && !err; i++) {
		size_t bytes = cache_bytes(cpu, caches[i].level) / 2;

		sets[i].key = caches[i].key;
		sets[i].name = caches[i].name;
		sets[i].bytes = bytes > BYTES_MAX ? BYTES_MAX : bytes;
		sets[i].touches = sets[i].bytes / LINE;
		if (sets[i].touches)
			err = run(&sets[i], LINE);
	}
	sets[PATH_SET_TLB].key = "tlb";
	sets[PATH_SET_TLB].name = "a line of 64 pages";
	sets[PATH_SET_TLB].bytes = TLB_PAGES * PAGE;
	sets[PATH_SET_TLB].touches = TLB_PAGES;
	return err ? err : run(&sets[PATH_SET_TLB], PAGE);
}
