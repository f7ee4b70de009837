// SPDX-License-Identifier: GPL-2.0
/*
 * A counter is believed only after it has counted calls whose number is known. Each
 * is read by a descriptor that is open already, so that every count contains the
 * same calls of our own.
 */
#define _GNU_SOURCE
#include "crossings.h"

#include <fcntl.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "dev.h"
#include "env.h"

#define TRIAL 10	/* calls, that must be counted as so many */

/* The number that the kernel gave its tracepoint; 0: it cannot be read. */
static __u64 tracepoint(void)
{
	static const char *const files[] = {
		"/sys/kernel/tracing/events/raw_syscalls/sys_enter/id",
		"/sys/kernel/debug/tracing/events/raw_syscalls/sys_enter/id",
	};
	char text[32];
	__u64 id = 0;

	for (int i = 0; i < 2 && !id; i++)
		if (env_read_line(files[i], text, sizeof(text)))
			id = strtoull(text, NULL, 10);
	return id;
}

static int open_tracepoint(void)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_TRACEPOINT,
		.size = sizeof(attr),
		.config = tracepoint(),
		.disabled = 1,
		.inherit = 1,
	};

	if (!attr.config)
		return -1;
	return (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
}

/* syscr and syscw of proc(5), of all threads. */
static __u64 task_io(int fd)
{
	char text[512];
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);
	const char *reads, *writes;

	text[n > 0 ? n : 0] = '\0';
	reads = strstr(text, "syscr: ");
	writes = strstr(text, "syscw: ");
	if (!reads || !writes)
		return 0;
	return strtoull(reads + 7, NULL, 10) + strtoull(writes + 7, NULL, 10);
}

void crossings_start(struct crossings *crossings)
{
	switch (crossings->by) {
	case CROSSINGS_MODULE:
		dev_fault_arm(crossings->fd, RINGPROBE_FAULT_F_CALLS);
		break;
	case CROSSINGS_SYS_ENTER:
		ioctl(crossings->fd, PERF_EVENT_IOC_RESET, 0);
		ioctl(crossings->fd, PERF_EVENT_IOC_ENABLE, 0);
		break;
	case CROSSINGS_TASK_IO:
		crossings->start = task_io(crossings->fd);
		break;
	default:
		break;
	}
}

/* What has been counted, our own calls among it. */
static __u64 stop(const struct crossings *crossings)
{
	__u64 count = 0;

	switch (crossings->by) {
	case CROSSINGS_MODULE:
		if (dev_fault_calls(crossings->fd, &count))
			return 0;
		dev_fault_arm(crossings->fd, 0);
		return count;
	case CROSSINGS_SYS_ENTER:
		ioctl(crossings->fd, PERF_EVENT_IOC_DISABLE, 0);
		return read(crossings->fd, &count, sizeof(count)) == sizeof(count) ? count : 0;
	case CROSSINGS_TASK_IO:
		return task_io(crossings->fd) - crossings->start;
	default:
		return 0;
	}
}

__u64 crossings_stop(struct crossings *crossings)
{
	__u64 count = stop(crossings);

	return count > crossings->own ? count - crossings->own : 0;
}

static bool counts(struct crossings *crossings)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	__u64 count;
	char byte;

	crossings->own = 0;
	crossings_start(crossings);
	crossings->own = crossings_stop(crossings);
	crossings_start(crossings);
	for (int i = 0; i < TRIAL; i++)
		if (read(null, &byte, 1))
			break;
	count = crossings_stop(crossings);
	close(null);
	return count == TRIAL;
}

static int open_counter(enum crossings_by by)
{
	if (by == CROSSINGS_MODULE)
		return dev_open(false);
	if (by == CROSSINGS_SYS_ENTER)
		return open_tracepoint();
	return open("/proc/self/io", O_RDONLY | O_CLOEXEC);
}

void crossings_open(struct crossings *crossings, bool others)
{
	crossings->by = others ? CROSSINGS_SYS_ENTER : CROSSINGS_MODULE;
	for (; crossings->by < CROSSINGS_WAYS; crossings->by++) {
		crossings->fd = open_counter(crossings->by);
		if (crossings->fd < 0)
			continue;
		if (counts(crossings))
			return;
		close(crossings->fd);
	}
	crossings->by = CROSSINGS_NOT_COUNTED;
	crossings->fd = -1;
}

void crossings_close(struct crossings *crossings)
{
	if (crossings->fd >= 0)
		close(crossings->fd);
	crossings->fd = -1;
}

const char *crossings_name(enum crossings_by by)
{
	static const char *const names[] = {
		"not counted", "the module's probe on sys_enter", "the tracepoint sys_enter",
		"/proc/self/io",
	};

	return names[by];
}
