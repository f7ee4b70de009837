// SPDX-License-Identifier: GPL-2.0
/* Crossings by the door they took: either table of calls, page faults; and the signals. */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>

#include "out.h"
#include "show_monitor.h"

/* By the error code's bits, see RINGPROBE_A_FAULT. */
static const struct kind {
	unsigned int bits;
	const char *key, *what;
} kinds[] = {
	{ 0, "read_missing", "  read of a page that is not there" },
	{ 2, "write_missing", "  write to a page that is not there" },
	{ 16, "fetch_missing", "  instruction in a page that is not there" },
	{ 3, "write_present", "  write to a page not writable: its copy, or not allowed" },
	{ 1, "read_present", "  read that is not allowed" },
	{ 17, "fetch_present", "  instruction that is not allowed" },
};

enum { KINDS = sizeof(kinds) / sizeof(kinds[0]), LABEL = 56 };

static const char *signal_name(int number, char *text, size_t size)
{
	const char *name = sigabbrev_np(number);

	if (name)
		snprintf(text, size, "SIG%s", name);
	else
		snprintf(text, size, "signal %d", number);
	return text;
}

static __u64 of_all(const __u64 *counts, int n)
{
	__u64 sum = 0;

	while (n--)
		sum += counts[n];
	return sum;
}

static void row(const char *label, __u64 count, double seconds)
{
	out_line("  %-*s%9llu%11.1f", LABEL, label, (unsigned long long)count,
		 show_part((double)count, seconds));
}

static __u64 calls_of(const struct netlink_stats *stats, __u32 abi)
{
	__u64 sum = 0;

	for (size_t i = 0; i < stats->n; i++)
		sum += stats->calls[i].abi == abi ? stats->calls[i].count : 0;
	return sum;
}

void show_faults_text(const struct monitor_report *report)
{
	const struct netlink_stats *part = report->part;
	char name[16];

	out_line("\n  %-*s%9s%11s", LABEL, "crossings, by the door", "times", "times/s");
	row("system calls, 64-bit", calls_of(part, 64), report->seconds);
	row("system calls, 32-bit", calls_of(part, 32), report->seconds);
	row("page faults of user mode", of_all(part->faults, NETLINK_FAULTS), report->seconds);
	for (int i = 0; i < KINDS; i++)
		if (part->faults[kinds[i].bits])
			row(kinds[i].what, part->faults[kinds[i].bits], report->seconds);
	if (!of_all(part->signals, NETLINK_SIGNALS))
		return;
	out_line("\n  signals sent");
	for (int i = 0; i < NETLINK_SIGNALS; i++)
		if (part->signals[i])
			row(signal_name(i, name, sizeof(name)), part->signals[i], report->seconds);
}

void show_faults_json(const struct netlink_stats *stats)
{
	char name[16];

	out_open("page_faults");
	out_uint("all", NULL, of_all(stats->faults, NETLINK_FAULTS));
	for (int i = 0; i < KINDS; i++)
		out_uint(kinds[i].key, NULL, stats->faults[kinds[i].bits]);
	out_close();
	out_open("signals");
	for (int i = 0; i < NETLINK_SIGNALS; i++)
		if (stats->signals[i])
			out_uint(signal_name(i, name, sizeof(name)), NULL, stats->signals[i]);
	out_close();
}
