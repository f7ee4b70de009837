// SPDX-License-Identifier: GPL-2.0
/* Scenes 7 and 8: what a crossing costs, and how to have fewer of them. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <ringprobe_stamp.h>
#include "dev.h"
#include "measure.h"
#include "out.h"
#include "reach.h"
#include "scene.h"

enum { INDENT = 2 };

static void out_leg(const char *name, long long min, long long median, const char *unit)
{
	out_row(name);
	out_text("  %-8s", name);
	out_int("min", "%10lld", min);
	out_int("median", "%10lld", median);
	out_str("unit", "  %s", unit);
	out_row_end();
}

static int judge_crossing(const struct measure_crossing *c)
{
	bool proven = c->entry_median > 0 && c->exit_median > 0 && !c->misordered;

	out_row("order");
	out_uint("samples", "  user stamp <= kernel stamp <= user stamp: in %llu crossings", c->samples);
	out_uint("misordered", ", %llu not", c->misordered);
	out_bool("proven", proven);
	out_row_end();
	return proven ? EXIT_PROVEN : EXIT_FAILED;
}

int scene_cost(void)
{
	struct measure_crossing c;
	const char *unit;
	int fd = dev_open(false), err, status;

	if (fd < 0) {
		status = scene_needs_module(fd);
		return show_worse(status, show_syscall_saves());
	}
	err = measure_crossing(fd, &c);
	close(fd);
	if (err) {
		out_say(NULL, INDENT, "cannot be measured here: %s", strerror(-err));
		return EXIT_PARTIAL;
	}
	unit = measure_unit_name(c.unit);
	out_text("  %-8s%10s%10s  one lseek() on the module\n", "", "min", "median");
	out_leg("entry", c.entry_min, c.entry_median, unit);
	out_leg("exit", c.exit_min, c.exit_median, unit);
	out_leg("total", c.total_min, c.total_median, unit);
	status = judge_crossing(&c);
	if (c.unit == MEASURE_EMULATED)
		out_say(NULL, INDENT, "(an emulated CPU: compare rows only)");
	return show_worse(status, show_syscall_saves());
}

/* How many read() calls this process has made, says the kernel; 0: it does not. */
static unsigned long long reads_so_far(void)
{
	char text[512], *line;
	unsigned long long reads = 0;
	int fd = open("/proc/self/io", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (fd >= 0)
		close(fd);
	if (n <= 0)
		return 0;
	text[n] = '\0';
	line = strstr(text, "syscr:");
	return line && sscanf(line, "syscr: %llu", &reads) == 1 ? reads : 0;
}

struct run {
	unsigned long long bytes, calls, counted;	/* counted: by the kernel */
	double us;
	unsigned long long ticks;
};

/* Opened anew each time, so that it is read from its start. */
static bool read_file(const char *path, size_t chunk, struct run *run)
{
	static char buffer[4096];
	unsigned long long before = reads_so_far();
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	double start = scene_seconds();
	__u64 stamp = ringprobe_stamp();

	memset(run, 0, sizeof(*run));
	while (fd >= 0 && run->bytes < sizeof(buffer)) {
		ssize_t n = read(fd, buffer, chunk);

		if (n <= 0)
			break;
		run->bytes += (unsigned long long)n;
		run->calls++;
	}
	run->ticks = ringprobe_stamp() - stamp;
	run->us = (scene_seconds() - start) * 1e6;
	if (fd >= 0)
		close(fd);
	if (before)				/* less the one that asked */
		run->counted = reads_so_far() - before - 1;
	return run->bytes == sizeof(buffer);
}

static void out_run(const char *name, const struct run *run)
{
	const struct measure_clock *clock = measure_clock();

	out_row(name);
	out_text("  %-18s", name);
	out_uint("bytes", NULL, run->bytes);
	out_uint("calls", "%5llu read()", run->calls);
	out_uint("counted", run->counted ? " (the kernel counted %4llu)" : NULL, run->counted);
	if (clock->unit == MEASURE_TICKS) {
		out_double("us", "%12.1f us", run->us);
	} else {
		out_int("ticks", "%12lld", measure_in_unit((int64_t)run->ticks));
		out_str("unit", " %s", measure_unit_name(clock->unit));
	}
	out_row_end();
}

int scene_fewer_crossings(void)
{
	struct run warm, single, whole;
	static const char bytes[4096] = "in memory: what is timed is crossings, not a disk";
	int fd = memfd_create("ringprobe", MFD_CLOEXEC);
	char path[32];
	bool all, counted;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	all = fd >= 0 && write(fd, bytes, sizeof(bytes)) == sizeof(bytes) &&
	      read_file(path, 4096, &warm) && read_file(path, 1, &single) &&
	      read_file(path, 4096, &whole);
	if (fd >= 0)
		close(fd);
	if (!all) {
		out_say(NULL, INDENT, "cannot make a file in memory, or read it");
		return EXIT_PARTIAL;
	}
	counted = single.counted && whole.counted;
	out_run("1 byte at a time", &single);
	out_run("all at once", &whole);
	out_row("ratio");
	out_double("calls", "\n  %.0f times the crossings", (double)single.calls / (double)whole.calls);
	out_double("time", ", %.0f times the cost, for the same bytes",
		   whole.ticks ? (double)single.ticks / (double)whole.ticks : 0);
	out_row_end();
	if (measure_clock()->unit == MEASURE_EMULATED)
		out_say(NULL, INDENT, "(an emulated CPU: compare rows only)");
	return single.calls > whole.calls && (!counted || single.counted > whole.counted) ?
	       EXIT_PROVEN : EXIT_FAILED;
}
