// SPDX-License-Identifier: GPL-2.0
/*
 * What was counted. The crossing tax is said to be a floor, the cost behind it stands
 * beside it, and a percentile of a histogram is said to be a bound.
 */
#include "show_monitor.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "advice.h"
#include "callname.h"
#include "env.h"
#include "measure.h"
#include "out.h"

enum { LABEL = 20, INDENT = 16, ADVICE = 11, PERMILLE_50 = 500, PERMILLE_99 = 990 };

static unsigned long long unit(__u64 ticks)
{
	return (unsigned long long)measure_in_unit((int64_t)ticks);
}

/* 0 of nothing. */
static double part_of(double part, double whole)
{
	return whole > 0 ? part / whole : 0;
}

static double tax(const struct show_monitor *how, __u64 count, const struct netlink_stats *stats)
{
	return 100 * part_of((double)count * (double)how->cost, (double)unit(stats->cpu_ticks));
}

static __u64 crossings(const struct netlink_stats *stats, __u64 *errors)
{
	__u64 count = 0;

	*errors = 0;
	for (size_t i = 0; i < stats->n; i++) {
		count += stats->calls[i].count;
		*errors += stats->calls[i].errors;
	}
	return count;
}

/* No such call took longer than this: its bucket's end, or the longest of all. */
static __u64 at_most(const struct netlink_call *call, unsigned int permille)
{
	__u64 seen = 0, rank = (call->returned * permille + 999) / 1000, end;

	for (int i = 0; i < RINGPROBE_WATCH_BUCKETS - 1; i++) {
		seen += call->histogram[i];
		if (seen < rank)
			continue;
		end = (1ULL << i) - 1;
		return end < call->max ? end : call->max;
	}
	return call->max;
}

static void label_of(const struct netlink_call *call, char *text, size_t size)
{
	const char *name = callname(call->abi, call->nr), *bits = call->abi == 32 ? " (32)" : "";

	if (name)
		snprintf(text, size, "%s%s", name, bits);
	else if (call->nr == RINGPROBE_NR_OTHER)
		snprintf(text, size, "no such number%s", bits);
	else
		snprintf(text, size, "number %u%s", call->nr, bits);
}

/* ---- head ---- */

static void head_cost(const struct show_monitor *how)
{
	const char *name = measure_unit_name(measure_clock()->unit);

	out_text("  a crossing");
	if (how->given)
		out_say(NULL, INDENT, "%lld %s, as --cost says: not measured", (long long)how->cost, name);
	else
		out_say(NULL, INDENT, "%lld %s: the median getppid of this machine, before the watch "
			"began (95 %%: %lld to %lld; blocks %.0f %% apart)", (long long)how->cost, name,
			(long long)how->low, (long long)how->high,
			isfinite(how->spread) ? 100 * how->spread : 0);
}

static void head_tax(const struct show_monitor *how, const struct netlink_stats *part,
		     __u64 count)
{
	out_text("  crossing tax");
	if (part->cpu_ticks)
		out_say(NULL, INDENT, "%.1f %% of that CPU time, a floor: handlers, caches and "
			"interrupts are not in it", tax(how, count, part));
	else
		out_say(NULL, INDENT, "none: no CPU time was used");
}

static void head(const struct show_monitor *how, const struct monitor_report *report)
{
	const struct netlink_stats *part = report->part;
	__u64 errors, count = crossings(part, &errors);

	out_role(OUT_STRONG);
	out_say(NULL, 2, "%s, %s %.1f s, in %s", how->whom, report->last ? "all of" : "the last",
		report->seconds, measure_unit_says(how->tsc_khz));
	out_text("  tasks");
	out_to(INDENT);
	out_text("%u, and %llu ended; %.2f CPUs, %llu %s", report->total->tasks,
		 (unsigned long long)part->exited, part_of((double)part->cpu_ticks, (double)part->now),
		 unit(part->cpu_ticks), measure_unit_name(measure_clock()->unit));
	out_line("%s", "");
	if (part->untracked) {
		out_role(OUT_BAD);
		out_say(NULL, INDENT, "NOT counted: %llu more, for which there was no room",
			(unsigned long long)part->untracked);
	}
	out_text("  crossings");
	out_to(INDENT);
	out_line("%.1f/s: %llu system calls begun, %llu returned an error",
		 part_of((double)count, report->seconds), (unsigned long long)count,
		 (unsigned long long)errors);
	head_tax(how, part, count);
	head_cost(how);
	env_out_stamp();
}

static void head_json(const struct show_monitor *how, const struct monitor_report *report)
{
	const struct netlink_stats *total = report->total, *part = report->part;
	__u64 errors, count = crossings(part, &errors);

	out_str("report", NULL, report->last ? "whole" : "interval");
	out_uint("number", NULL, report->number);
	out_str("whom", NULL, how->whom);
	out_double("elapsed", NULL, report->elapsed);
	out_str("unit", NULL, measure_unit_name(measure_clock()->unit));
	out_str("clock", NULL, measure_clock_name(measure_clock()->unit));
	out_uint("tsc_khz", NULL, how->tsc_khz);
	out_int("cost", NULL, how->cost);
	out_bool("cost_measured", !how->given);
	if (!how->given) {
		out_int("cost_low95", NULL, how->low);
		out_int("cost_high95", NULL, how->high);
	}
	out_uint("tasks", NULL, total->tasks);
	out_uint("exited", NULL, total->exited);
	out_uint("untracked", NULL, total->untracked);
	out_uint("watched", NULL, unit(total->now));
	out_uint("cpu", NULL, unit(total->cpu_ticks));
	out_uint("crossings", NULL, crossings(total, &errors));
	out_open("interval");
	out_double("seconds", NULL, report->seconds);
	out_uint("cpu", NULL, unit(part->cpu_ticks));
	out_uint("crossings", NULL, count);
	out_double("per_second", NULL, part_of((double)count, report->seconds));
	out_double("tax_percent", NULL, tax(how, count, part));
	out_close();
}

/* ---- table ---- */

static void table_head(const struct show_monitor *how)
{
	char each[16];

	snprintf(each, sizeof(each), "%s/call", measure_unit_name(measure_clock()->unit));
	out_text("\n  %-*s%11s", LABEL, "call", out_is_wide() ? "calls" : "calls/s");
	if (out_is_wide())
		out_text("%9s%9s", "errors", "B/call");
	out_text("%12s", each);
	if (how->tsc_khz)
		out_text("%10s", "ns/call");
	out_text("%7s%9s%7s", "CPU", "blocked", "tax");
	if (out_is_wide())
		out_text("%10s%9s%9s%9s%9s", "time", "mean", "p50 <=", "p99 <=", "max");
	out_line("%s", "");
}

/* Nine columns, the first of them blank: of what has no room for all, the first digits. */
static void number(double value)
{
	out_text(value < 99999999.5 ? " %8.0f" : " %8.2e", value);
}

static void row_wide(const struct netlink_call *call)
{
	double returned = (double)call->returned, wall = (double)unit(call->wall);

	out_text(" ");
	number(wall);
	number(part_of(wall, returned));
	number((double)unit(at_most(call, PERMILLE_50)));
	number((double)unit(at_most(call, PERMILLE_99)));
	number((double)unit(call->max));
}

static void row_text(const struct show_monitor *how, const struct monitor_report *report,
		     const char *label, const struct netlink_call *call, bool one)
{
	double each = part_of((double)unit(call->cpu), (double)call->returned);

	out_text("  %-*s", LABEL, label);
	if (out_is_wide()) {
		out_text("  ");
		number((double)call->count);
		number((double)call->errors);
		number(part_of((double)call->bytes, (double)(call->returned - call->errors)));
	} else {
		out_text("%11.1f", part_of((double)call->count, report->seconds));
	}
	out_text("%12.0f", each);
	if (how->tsc_khz)
		out_text("%10.0f", measure_ns((int64_t)(each + 0.5), how->tsc_khz));
	out_text("%6.1f%%%8.1f%%%6.1f%%",
		 100 * part_of((double)call->cpu, (double)report->part->cpu_ticks),
		 100 * part_of((double)(call->wall - call->cpu), (double)call->wall),
		 tax(how, call->count, report->part));
	if (out_is_wide() && one)
		row_wide(call);
	out_line("%s", "");
}

/* Its figures since the watch began, and those of the interval. */
static void row_json(const struct netlink_call *all, const struct netlink_call *part)
{
	unsigned long long histogram[RINGPROBE_WATCH_BUCKETS];

	out_uint("abi", NULL, all->abi);
	out_uint("nr", NULL, all->nr);
	out_uint("count", NULL, all->count);
	out_uint("errors", NULL, all->errors);
	out_uint("bytes", NULL, all->bytes);
	out_uint("returned", NULL, all->returned);
	out_uint("wall", NULL, unit(all->wall));
	out_uint("cpu", NULL, unit(all->cpu));
	out_uint("min", NULL, unit(all->min));
	out_uint("max", NULL, unit(all->max));
	out_uint("p50_at_most", NULL, unit(at_most(all, PERMILLE_50)));
	out_uint("p99_at_most", NULL, unit(at_most(all, PERMILLE_99)));
	for (int i = 0; i < RINGPROBE_WATCH_BUCKETS; i++)
		histogram[i] = all->histogram[i];
	out_uints("histogram_ticks", histogram, RINGPROBE_WATCH_BUCKETS);
	out_open("interval");
	out_uint("count", NULL, part->count);
	out_uint("errors", NULL, part->errors);
	out_uint("bytes", NULL, part->bytes);
	out_uint("returned", NULL, part->returned);
	out_uint("wall", NULL, unit(part->wall));
	out_uint("cpu", NULL, unit(part->cpu));
	out_close();
}

static void table_json(const struct monitor_report *report)
{
	const struct netlink_stats *total = report->total;
	static const struct netlink_call nothing;
	char label[32];

	for (size_t i = 0; i < total->n; i++) {
		const struct netlink_call *all = &total->calls[i];
		const struct netlink_call *part = netlink_call(report->part, all->abi, all->nr);

		label_of(all, label, sizeof(label));
		out_row(label);
		row_json(all, part ? part : &nothing);
		out_row_end();
	}
}

static void add_to(struct netlink_call *sum, const struct netlink_call *call)
{
	sum->count += call->count;
	sum->errors += call->errors;
	sum->bytes += call->bytes;
	sum->returned += call->returned;
	sum->wall += call->wall;
	sum->cpu += call->cpu;
}

static void table(const struct show_monitor *how, const struct monitor_report *report)
{
	const struct netlink_stats *part = report->part;
	struct netlink_call sum = { 0 };
	size_t rest = part->n > how->top ? part->n - how->top : 0;
	char label[32];

	table_head(how);
	for (size_t i = 0; i < part->n; i++) {
		if (i >= how->top) {
			add_to(&sum, &part->calls[i]);
			continue;
		}
		label_of(&part->calls[i], label, sizeof(label));
		row_text(how, report, label, &part->calls[i], true);
	}
	snprintf(label, sizeof(label), "%zu more call%s", rest, rest == 1 ? "" : "s");
	if (rest)
		row_text(how, report, label, &sum, false);
}

static void notes(void)
{
	out_say(NULL, 2, "%s/call: without the time switched out; CPU, tax: of the tasks' CPU time; "
		"blocked: of the call's time, switched out.",
		measure_unit_name(measure_clock()->unit));
	if (out_is_wide())
		out_say(NULL, 2, "time: of all such calls, switched out or not. p50, p99: upper bounds, "
			"from a histogram of powers of two. max: since the watch began.");
}

/* ---- advice ---- */

static void advise(const struct show_monitor *how, const struct netlink_stats *stats)
{
	struct advice list[ADVICE_MOST];
	size_t n = advice(stats, (double)how->cost, (double)unit(stats->cpu_ticks),
			  env_get()->clocksource, list);

	if (n)
		out_line("\n  to cross less, and what it saves of that CPU time");
	for (size_t i = 0; i < n; i++) {
		out_text("  %5.1f %%", list[i].saves);
		out_say(NULL, ADVICE, "%s", list[i].evidence);
		out_say(NULL, ADVICE, "%s", list[i].remedy);
		out_say(NULL, ADVICE, "see: %s", list[i].see);
	}
}

static void advise_json(const struct show_monitor *how, const struct netlink_stats *stats)
{
	struct advice list[ADVICE_MOST];
	size_t n = advice(stats, (double)how->cost, (double)unit(stats->cpu_ticks),
			  env_get()->clocksource, list);

	out_open("advice");
	for (size_t i = 0; i < n; i++) {
		out_open(list[i].key);
		out_str("evidence", NULL, list[i].evidence);
		out_str("remedy", NULL, list[i].remedy);
		out_double("saves_percent", NULL, list[i].saves);
		out_str("see", NULL, list[i].see);
		out_close();
	}
	out_close();
}

static void as_text(const struct show_monitor *how, const struct monitor_report *report)
{
	if (how->live && !report->last)
		out_clear();
	else if (report->number)
		out_line("%s", "");
	head(how, report);
	if (!report->part->n)
		return;
	table(how, report);
	if (how->live || report->last || how->once) {
		notes();
		advise(how, report->part);
	}
}

bool show_monitor(const struct monitor_report *report, void *arg)
{
	const struct show_monitor *how = arg;

	if (!out_is_json()) {
		/* after one that was wanted there is no other */
		if (!how->once || !report->number)
			as_text(how, report);
		return out_flush();
	}
	head_json(how, report);
	advise_json(how, report->part);
	table_json(report);
	if (!report->last) {
		out_object("monitor");
		env_out();
	}
	return out_flush();
}
