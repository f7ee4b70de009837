// SPDX-License-Identifier: GPL-2.0
/*
 * Counters are since the watch began, so that one who missed a report has lost nothing.
 * Times are seconds where the TSC's rate is known; else the unit is in the name.
 */
#define _GNU_SOURCE
#include "metrics.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "callname.h"
#include "measure.h"

struct metrics {
	FILE *file;
	const struct show_monitor *how;
	const struct monitor_report *report;
};

static void head(const struct metrics *metrics, const char *name, const char *type,
		 const char *help)
{
	fprintf(metrics->file, "# HELP ringprobe_%s %s\n# TYPE ringprobe_%s %s\n", name, help, name,
		type);
}

/* Of a label's value three characters are escaped. */
static void label(const struct metrics *metrics, const char *name, const char *value)
{
	fprintf(metrics->file, "%s=\"", name);
	for (; *value; value++) {
		if (*value == '\n')
			fputs("\\n", metrics->file);
		else if (*value == '"' || *value == '\\')
			fprintf(metrics->file, "\\%c", *value);
		else
			fputc(*value, metrics->file);
	}
	fputc('"', metrics->file);
}

/* As far as further labels: "ringprobe_NAME{watch="WHOM"" */
static void begin(const struct metrics *metrics, const char *name)
{
	fprintf(metrics->file, "ringprobe_%s{", name);
	label(metrics, "watch", metrics->how->whom);
}

static void number(const struct metrics *metrics, const char *name, const char *type,
		   const char *help, double value)
{
	head(metrics, name, type, help);
	begin(metrics, name);
	fprintf(metrics->file, "} %.15g\n", value);
}

/* ---- times ---- */

/* "NAME_seconds_total", or of the unit that there is */
static void time_name(const struct metrics *metrics, char *text, size_t size, const char *name,
		      const char *end)
{
	snprintf(text, size, "%s_%s%s", name, metrics->how->tsc_khz ? "seconds" :
		 measure_unit_name(measure_clock()->unit), end);
}

static double time_of(const struct metrics *metrics, __u64 ticks)
{
	double unit = (double)show_unit(ticks);

	return metrics->how->tsc_khz ? unit / 1000 / (double)metrics->how->tsc_khz : unit;
}

/* ---- by system call ---- */

enum figure { COUNT, ERRORS, BYTES, WALL, CPU };

static double figure_of(const struct metrics *metrics, const struct netlink_call *call,
			enum figure figure)
{
	switch (figure) {
	case COUNT:
		return (double)call->count;
	case ERRORS:
		return (double)call->errors;
	case BYTES:
		return (double)call->bytes;
	case WALL:
		return time_of(metrics, call->wall);
	case CPU:
		return time_of(metrics, call->cpu);
	}
	return 0;
}

static void calls(const struct metrics *metrics, const char *name, const char *help,
		  enum figure figure)
{
	const struct netlink_stats *total = metrics->report->total;
	char text[32];

	head(metrics, name, "counter", help);
	for (size_t i = 0; i < total->n; i++) {
		const struct netlink_call *call = &total->calls[i];
		const char *known = callname(call->abi, call->nr);

		if (!known && call->nr == RINGPROBE_NR_OTHER)
			known = "other";
		snprintf(text, sizeof(text), "%u", call->nr);
		begin(metrics, name);
		fputc(',', metrics->file);
		label(metrics, "syscall", known ? known : text);
		fprintf(metrics->file, ",abi=\"%u\"} %.15g\n", call->abi,
			figure_of(metrics, call, figure));
	}
}

static void all_calls(const struct metrics *metrics)
{
	char name[64];

	calls(metrics, "syscalls_total", "System calls begun by the watched tasks.", COUNT);
	calls(metrics, "syscall_errors_total", "System calls that returned an error.", ERRORS);
	calls(metrics, "syscall_bytes_total", "Bytes that calls like read and write moved.", BYTES);
	time_name(metrics, name, sizeof(name), "syscall", "_total");
	calls(metrics, name, "Time from the begin to the end of system calls.", WALL);
	time_name(metrics, name, sizeof(name), "syscall_cpu", "_total");
	calls(metrics, name, "Of that, the time with a CPU.", CPU);
}

/* ---- of the whole ---- */

static void whole(const struct metrics *metrics)
{
	const struct netlink_stats *total = metrics->report->total, *part = metrics->report->part;
	const struct show_monitor *how = metrics->how;
	char name[64];

	number(metrics, "tasks", "gauge", "Tasks watched now.", total->tasks);
	number(metrics, "tasks_ended_total", "counter", "Watched tasks that have ended.",
	       (double)total->exited);
	number(metrics, "tasks_untracked_total", "counter",
	       "Children for which there was no room: not counted.", (double)total->untracked);
	time_name(metrics, name, sizeof(name), "tasks_cpu", "_total");
	number(metrics, name, "counter", "Time during which watched tasks had a CPU.",
	       time_of(metrics, total->cpu_ticks));
	time_name(metrics, name, sizeof(name), "crossing_cost", "");
	number(metrics, name, "gauge", "What one crossing costs: the median getppid, or as given.",
	       how->tsc_khz ? measure_ns(how->cost.crossing, how->tsc_khz) / 1e9 :
	       (double)how->cost.crossing);
	number(metrics, "crossing_tax_ratio", "gauge",
	       "Crossings times cost, of the tasks' CPU time in the last interval: a floor.",
	       show_tax(how, show_crossings(part), part->cpu_ticks) / 100);
	number(metrics, "monitor_cpu_seconds_total", "counter", "CPU time of the monitor itself.",
	       metrics->report->own_cpu);
}

static void faults(const struct metrics *metrics)
{
	const struct netlink_stats *total = metrics->report->total;
	const char *name = "page_faults_total";
	char text[16];

	head(metrics, name, "counter", "Page faults of user mode, by the bits of the error code.");
	for (int i = 0; i < NETLINK_FAULTS; i++) {
		if (!total->faults[i])
			continue;
		begin(metrics, name);
		fprintf(metrics->file, ",present=\"%d\",write=\"%d\",fetch=\"%d\"} %llu\n", !!(i & 1),
			!!(i & 2), !!(i & 16), (unsigned long long)total->faults[i]);
	}
	name = "signals_sent_total";
	head(metrics, name, "counter", "Signals that watched tasks were sent.");
	for (int i = 0; i < NETLINK_SIGNALS; i++) {
		if (!total->signals[i])
			continue;
		snprintf(text, sizeof(text), "%d", i);
		begin(metrics, name);
		fputc(',', metrics->file);
		label(metrics, "signal", sigabbrev_np(i) ? sigabbrev_np(i) : text);
		fprintf(metrics->file, "} %llu\n", (unsigned long long)total->signals[i]);
	}
}

/* ---- the file ---- */

/* Beside the file, so that it can be renamed; its name does not end as the collector's do. */
static FILE *make(const char *path, char **name)
{
	FILE *file = NULL;
	int fd;

	if (asprintf(name, "%s.XXXXXX", path) < 0) {
		*name = NULL;
		errno = ENOMEM;
		return NULL;
	}
	fd = mkostemp(*name, O_CLOEXEC);
	if (fd >= 0 && !fchmod(fd, 0644))
		file = fdopen(fd, "w");
	if (fd >= 0 && !file) {
		int err = errno;

		close(fd);
		unlink(*name);
		errno = err;
	}
	return file;
}

int metrics_write(const struct show_monitor *how, const struct monitor_report *report)
{
	struct metrics metrics = { .how = how, .report = report };
	char *name;
	int err = 0;

	metrics.file = make(how->metrics, &name);
	if (!metrics.file) {
		err = -errno;
		free(name);
		return err;
	}
	all_calls(&metrics);
	whole(&metrics);
	if (how->faults)
		faults(&metrics);
	if (ferror(metrics.file))
		err = -EIO;
	if (fclose(metrics.file) && !err)
		err = -errno;
	if (!err && rename(name, how->metrics))
		err = -errno;
	if (err)
		unlink(name);
	free(name);
	return err;
}

int metrics_try(const char *path)
{
	struct stat status;
	char *name;
	FILE *file;
	int err = 0;

	if (!stat(path, &status) && !S_ISREG(status.st_mode))
		return S_ISDIR(status.st_mode) ? -EISDIR : -EINVAL;
	file = make(path, &name);
	if (file) {
		fclose(file);
		unlink(name);
	} else {
		err = -errno;
	}
	free(name);
	return err;
}
