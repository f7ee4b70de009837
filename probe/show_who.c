// SPDX-License-Identifier: GPL-2.0
/* A row for each of those that crossed. Their calls are in the reports by system call. */
#include <stdio.h>

#include "out.h"
#include "show_monitor.h"
#include "who.h"

enum { LABEL = 30 };

static const char *const titles[] = {
	[MONITOR_BY_PROCESS] = "process", [MONITOR_BY_THREAD] = "thread", [MONITOR_BY_CPU] = "cpu",
};

/* "dd 217", "cpu 3" */
static void label_of(const struct show_monitor *how, const struct netlink_who *who, char *text,
		     size_t size)
{
	if (how->by == MONITOR_BY_CPU)
		snprintf(text, size, "cpu %u", who->id);
	else if (who_is_rest(who))
		snprintf(text, size, "others, which ended");
	else
		snprintf(text, size, "%s %u%s", *who->name ? who->name : "?", who->id,
			 who->ended ? " ended" : "");
}

/* @all: the crossings of all rows */
static void row(const struct show_monitor *how, const struct monitor_report *report, __u64 all,
		const char *label, const struct netlink_who *who)
{
	out_line("  %-*s%12llu%11.1f%7.1f%%%8.2f%7.1f%%", LABEL, label,
		 (unsigned long long)who->count, show_part((double)who->count, report->seconds),
		 100 * show_part((double)who->count, (double)all),
		 show_part((double)who->cpu_ticks, (double)report->part->now),
		 show_tax(how, who->count, who->cpu_ticks));
}

void show_who_text(const struct show_monitor *how, const struct monitor_report *report)
{
	const struct netlink_stats *part = report->part;
	__u64 all = show_crossings(part);
	struct netlink_who sum = { 0 };
	size_t rest = part->who_n > how->top ? part->who_n - how->top : 0;
	char label[64];

	out_line("\n  %-*s%12s%11s%8s%8s%8s", LABEL, titles[how->by], "calls", "calls/s", "share",
		 "CPUs", "tax");
	for (size_t i = 0; i < part->who_n; i++) {
		const struct netlink_who *who = &part->who[i];

		if (i >= how->top) {
			sum.count += who->count;
			sum.cpu_ticks += who->cpu_ticks;
			continue;
		}
		label_of(how, who, label, sizeof(label));
		row(how, report, all, label, who);
	}
	snprintf(label, sizeof(label), "%zu more", rest);
	if (rest)
		row(how, report, all, label, &sum);
	if (report->last || how->once)
		out_say(NULL, 2, "share: of all these crossings; CPUs: how many it kept busy; tax: of "
			"its own CPU time.");
}

static void row_json(const struct show_monitor *how, const struct netlink_who *all,
		     const struct netlink_who *part)
{
	if (how->by == MONITOR_BY_CPU) {
		out_uint("cpu_number", NULL, all->id);
	} else if (!who_is_rest(all)) {
		out_uint("pid", NULL, all->pid);
		if (how->by == MONITOR_BY_THREAD)
			out_uint("tid", NULL, all->id);
		out_bool("ended", all->ended);
	}
	out_uint("count", NULL, all->count);
	out_uint("cpu", NULL, show_unit(all->cpu_ticks));
	out_open("interval");
	out_uint("count", NULL, part ? part->count : 0);
	out_uint("cpu", NULL, part ? show_unit(part->cpu_ticks) : 0);
	out_close();
}

void show_who_json(const struct show_monitor *how, const struct monitor_report *report)
{
	const struct netlink_stats *total = report->total;
	char label[64];

	for (size_t i = 0; i < total->who_n; i++) {
		const struct netlink_who *all = &total->who[i];

		if (who_is_rest(all) && !all->count && !all->cpu_ticks)
			continue;
		label_of(how, all, label, sizeof(label));
		out_row(how->by == MONITOR_BY_CPU || who_is_rest(all) ? label : all->name);
		row_json(how, all, who_find(report->part, all->id, all->pid));
		out_row_end();
	}
}
