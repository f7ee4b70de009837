// SPDX-License-Identifier: GPL-2.0
/*
 * Coverage by KCOV: the kernel notes each place that this thread comes by. What lies in
 * the module's text counts, and as an edge: from which place to which.
 */
#include "fuzz.h"

#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/kcov.h>

#define PLACES	(1UL << 18)	/* that are noted of one call */

static uint64_t *noted;
static uint64_t text, text_size;
static uint32_t list[FUZZ_EDGES], taken[FUZZ_EDGES], points[FUZZ_EDGES];
static uint8_t listed[FUZZ_EDGES], pointed[FUZZ_EDGES];
static uint32_t edges, n_points;

/* A number from the one line of @path, by @format. */
static uint64_t number_in(const char *path, const char *format)
{
	FILE *file = fopen(path, "r");
	unsigned long long value = 0;

	if (!file)
		return 0;
	if (fscanf(file, format, &value) != 1)
		value = 0;
	fclose(file);
	return value;
}

/* A module's text is in memory of its own, which is not larger than all of it. */
static bool find_text(void)
{
	text = number_in("/sys/module/ringprobe/sections/.text", "%llx");
	text_size = number_in("/sys/module/ringprobe/coresize", "%llu");
	if (text_size > FUZZ_EDGES)
		text_size = FUZZ_EDGES;
	return text && text_size;
}

const char *fuzz_cover_init(void)
{
	int fd = open("/sys/kernel/debug/kcov", O_RDWR | O_CLOEXEC);

	if (fd < 0 || ioctl(fd, KCOV_INIT_TRACE, PLACES))
		return "needs a kernel with KCOV, and debugfs";
	noted = mmap(NULL, PLACES * sizeof(*noted), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (noted == MAP_FAILED || ioctl(fd, KCOV_ENABLE, KCOV_TRACE_PC))
		return "cannot switch KCOV on";
	if (!find_text())
		return "cannot find the module's text";
	return NULL;
}

static void note(uint64_t from, uint64_t to)
{
	uint32_t edge = (uint32_t)((from * 0x9e3779b1 ^ to) % FUZZ_EDGES);

	if (!listed[edge]) {
		listed[edge] = 1;
		list[edges++] = edge;
	}
	if (!pointed[to]) {
		pointed[to] = 1;
		points[n_points++] = (uint32_t)to;
	}
}

void fuzz_cover_around(bool after)
{
	uint64_t n, i, from = 0, to;

	if (!after) {
		__atomic_store_n(&noted[0], 0, __ATOMIC_SEQ_CST);
		return;
	}
	n = __atomic_load_n(&noted[0], __ATOMIC_SEQ_CST);
	for (i = 1; i <= n; i++) {
		to = noted[i] - text;
		if (to < text_size) {
			note(from, to);
			from = to;
		}
	}
}

uint32_t fuzz_cover_take(const uint32_t **which)
{
	uint32_t n = edges, i;

	memcpy(taken, list, n * sizeof(*list));
	for (i = 0; i < n; i++)
		listed[list[i]] = 0;
	for (i = 0; i < n_points; i++)
		pointed[points[i]] = 0;
	edges = 0;
	n_points = 0;
	*which = taken;
	return n;
}

uint32_t fuzz_cover_add(struct fuzz_seen *seen)
{
	uint32_t i, new = 0;

	for (i = 0; i < edges; i++)
		if (!__atomic_exchange_n(&seen->edge[list[i]], 1, __ATOMIC_RELAXED))
			new++;
	__atomic_fetch_add(&seen->edges, new, __ATOMIC_RELAXED);
	for (i = 0; i < n_points; i++)
		if (!__atomic_exchange_n(&seen->point[points[i]], 1, __ATOMIC_RELAXED))
			__atomic_fetch_add(&seen->points, 1, __ATOMIC_RELAXED);
	return new;
}
