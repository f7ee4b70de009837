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
#include "metrics.h"
#include "out.h"

enum { LABEL = 20, INDENT = 16, ADVICE = 11, PERMILLE_50 = 500, PERMILLE_99 = 990 };

double show_tax(const struct show_monitor *how, __u64 count, __u64 cpu_ticks)
{
	return 100 * show_part((double)count * (double)how->cost.crossing,
			       (double)show_unit(cpu_ticks));
}

__u64 show_crossings(const struct netlink_stats *stats)
{
	__u64 count = 0;

	for (size_t i = 0; i < stats->n; i++)
		count += stats->calls[i].count;
	return count;
}

static __u64 errors(const struct netlink_stats *stats)
{
	__u64 count = 0;

	for (size_t i = 0; i < stats->n; i++)
		count += stats->calls[i].errors;
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

void show_call_label(const struct netlink_call *call, char *text, size_t size)
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
	const struct cost *cost = &how->cost;

	out_text("  a crossing");
	if (cost->given)
		out_say(NULL, INDENT, "%lld %s, as --cost says: not measured",
			(long long)cost->crossing, name);
	else
		out_say(NULL, INDENT, "%lld %s: the median getppid of this machine, before the watch "
			"began (95 %%: %lld to %lld; blocks %.0f %% apart)",
			(long long)cost->crossing, name, (long long)cost->low,
			(long long)cost->high, isfinite(cost->spread) ? 100 * cost->spread : 0);
}

static void head_tax(const struct show_monitor *how, const struct netlink_stats *part,
		     __u64 count)
{
	out_text("  crossing tax");
	if (part->cpu_ticks)
		out_say(NULL, INDENT, "%.1f %% of that CPU time, a floor: handlers, caches and "
			"interrupts are not in it", show_tax(how, count, part->cpu_ticks));
	else
		out_say(NULL, INDENT, "none: no CPU time was used");
}

/* What the watch itself took of the tasks' CPU time, percent. */
static double own_part(const struct show_monitor *how, const struct netlink_stats *part)
{
	return 100 * show_part((double)show_crossings(part) * (double)how->cost.watched,
			       (double)show_unit(part->cpu_ticks));
}

static double own_cpu(const struct monitor_report *report)
{
	return 100 * show_part(report->own_cpu, report->elapsed);
}

static void head_overhead(const struct show_monitor *how, const struct monitor_report *report)
{
	const struct cost *cost = &how->cost;

	out_text("  overhead");
	if (cost->given)
		out_say(NULL, INDENT, "of the watch: not measured, as --cost was given; this monitor: "
			"%.1f %% of a CPU", own_cpu(report));
	else
		out_say(NULL, INDENT, "%+lld %s on each of these calls, %.1f %% of that CPU time; "
			"%+lld on those of every other program; this monitor: %.1f %% of a CPU",
			(long long)cost->watched, measure_unit_name(measure_clock()->unit),
			own_part(how, report->part), (long long)cost->other, own_cpu(report));
}

static void head_tasks(const struct monitor_report *report)
{
	const struct netlink_stats *part = report->part;

	out_text("  tasks");
	out_to(INDENT);
	out_text("%u, and %llu ended; %.2f CPUs, %llu %s", report->total->tasks,
		 (unsigned long long)part->exited,
		 show_part((double)part->cpu_ticks, (double)part->now),
		 show_unit(part->cpu_ticks), measure_unit_name(measure_clock()->unit));
	out_line("%s", "");
	if (part->untracked) {
		out_role(OUT_BAD);
		out_say(NULL, INDENT, "NOT counted: %llu more, for which there was no room",
			(unsigned long long)part->untracked);
	}
}

static void head(const struct show_monitor *how, const struct monitor_report *report)
{
	const struct netlink_stats *part = report->part;
	__u64 count = show_crossings(part);

	out_role(OUT_STRONG);
	out_say(NULL, 2, "%s, %s %.1f s, in %s", how->whom, report->last ? "all of" : "the last",
		report->seconds, measure_unit_says(how->tsc_khz));
	head_tasks(report);
	out_text("  crossings");
	out_to(INDENT);
	out_line("%.1f/s: %llu system calls begun, %llu returned an error",
		 show_part((double)count, report->seconds), (unsigned long long)count,
		 (unsigned long long)errors(part));
	head_tax(how, part, count);
	head_cost(how);
	head_overhead(how, report);
}

static void head_json_cost(const struct cost *cost)
{
	out_int("cost", NULL, cost->crossing);
	out_bool("cost_measured", !cost->given);
	if (cost->given)
		return;
	out_int("cost_low95", NULL, cost->low);
	out_int("cost_high95", NULL, cost->high);
	out_open("watch_adds");
	out_int("watched", NULL, cost->watched);
	out_int("other", NULL, cost->other);
	out_close();
}

static void head_json(const struct show_monitor *how, const struct monitor_report *report)
{
	const struct netlink_stats *total = report->total, *part = report->part;
	__u64 count = show_crossings(part);

	out_str("report", NULL, report->last ? "whole" : "interval");
	out_uint("number", NULL, report->number);
	out_str("whom", NULL, how->whom);
	out_double("elapsed", NULL, report->elapsed);
	out_double("monitor_cpu_seconds", NULL, report->own_cpu);
	out_str("unit", NULL, measure_unit_name(measure_clock()->unit));
	out_str("clock", NULL, measure_clock_name(measure_clock()->unit));
	out_uint("tsc_khz", NULL, how->tsc_khz);
	head_json_cost(&how->cost);
	out_uint("tasks", NULL, total->tasks);
	out_uint("exited", NULL, total->exited);
	out_uint("untracked", NULL, total->untracked);
	out_uint("watched", NULL, show_unit(total->now));
	out_uint("cpu", NULL, show_unit(total->cpu_ticks));
	out_uint("crossings", NULL, show_crossings(total));
	if (how->faults)
		show_faults_json(total);
	out_open("interval");
	out_double("seconds", NULL, report->seconds);
	out_uint("cpu", NULL, show_unit(part->cpu_ticks));
	out_uint("crossings", NULL, count);
	out_double("per_second", NULL, show_part((double)count, report->seconds));
	out_double("tax_percent", NULL, show_tax(how, count, part->cpu_ticks));
	if (!how->cost.given)
		out_double("watch_percent", NULL, own_part(how, part));
	if (how->faults)
		show_faults_json(part);
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
	double returned = (double)call->returned, wall = (double)show_unit(call->wall);

	out_text(" ");
	number(wall);
	number(show_part(wall, returned));
	number((double)show_unit(at_most(call, PERMILLE_50)));
	number((double)show_unit(at_most(call, PERMILLE_99)));
	number((double)show_unit(call->max));
}

static void row_text(const struct show_monitor *how, const struct monitor_report *report,
		     const char *label, const struct netlink_call *call, bool one)
{
	double each = show_part((double)show_unit(call->cpu), (double)call->returned);

	out_text("  %-*s", LABEL, label);
	if (out_is_wide()) {
		out_text("  ");
		number((double)call->count);
		number((double)call->errors);
		number(show_part((double)call->bytes, (double)(call->returned - call->errors)));
	} else {
		out_text("%11.1f", show_part((double)call->count, report->seconds));
	}
	out_text("%12.0f", each);
	if (how->tsc_khz)
		out_text("%10.0f", measure_ns((int64_t)(each + 0.5), how->tsc_khz));
	out_text("%6.1f%%%8.1f%%%6.1f%%",
		 100 * show_part((double)call->cpu, (double)report->part->cpu_ticks),
		 100 * show_part((double)(call->wall - call->cpu), (double)call->wall),
		 show_tax(how, call->count, report->part->cpu_ticks));
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
	out_uint("wall", NULL, show_unit(all->wall));
	out_uint("cpu", NULL, show_unit(all->cpu));
	out_uint("min", NULL, show_unit(all->min));
	out_uint("max", NULL, show_unit(all->max));
	out_uint("p50_at_most", NULL, show_unit(at_most(all, PERMILLE_50)));
	out_uint("p99_at_most", NULL, show_unit(at_most(all, PERMILLE_99)));
	for (int i = 0; i < RINGPROBE_WATCH_BUCKETS; i++)
		histogram[i] = all->histogram[i];
	out_uints("histogram_ticks", histogram, RINGPROBE_WATCH_BUCKETS);
	out_open("interval");
	out_uint("count", NULL, part->count);
	out_uint("errors", NULL, part->errors);
	out_uint("bytes", NULL, part->bytes);
	out_uint("returned", NULL, part->returned);
	out_uint("wall", NULL, show_unit(part->wall));
	out_uint("cpu", NULL, show_unit(part->cpu));
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

		show_call_label(all, label, sizeof(label));
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
		show_call_label(&part->calls[i], label, sizeof(label));
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
	size_t n = advice(stats, (double)how->cost.crossing, (double)show_unit(stats->cpu_ticks),
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
	size_t n = advice(stats, (double)how->cost.crossing, (double)show_unit(stats->cpu_ticks),
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

static void tables(const struct show_monitor *how, const struct monitor_report *report)
{
	if (how->by == MONITOR_BY_SYSCALL && report->part->n)
		table(how, report);
	if (how->by != MONITOR_BY_SYSCALL && report->part->who_n)
		show_who_text(how, report);
	if (how->faults)
		show_faults_text(report);
}

/* On a screen the head and what is most stays, and the last report has all. */
static void on_screen(const struct show_monitor *how, const struct monitor_report *report)
{
	out_clear();
	out_fit_begin();
	head(how, report);
	tables(how, report);
	advise(how, report->part);
	out_fit_end("  q ends, r counts anew; at the end a report of all of it");
}

static void as_text(const struct show_monitor *how, const struct monitor_report *report)
{
	if (report->number)
		out_line("%s", "");
	head(how, report);
	env_out_stamp();
	tables(how, report);
	if (!report->part->n || !(report->last || how->once))
		return;
	if (how->by == MONITOR_BY_SYSCALL)
		notes();
	advise(how, report->part);
}

/* The next one may be written again. */
static void write_metrics(struct show_monitor *how, const struct monitor_report *report)
{
	int err = how->metrics ? metrics_write(how, report) : 0;

	if (err && !how->metrics_failed)
		out_error("--openmetrics %s: %s", how->metrics, strerror(-err));
	how->metrics_failed |= err;
}

bool show_monitor(const struct monitor_report *report, void *arg)
{
	struct show_monitor *how = arg;

	write_metrics(how, report);
	if (!out_is_json()) {
		/* after one that was wanted there is no other */
		if (how->live && !report->last)
			on_screen(how, report);
		else if (!how->once || !report->number)
			as_text(how, report);
		return out_flush();
	}
	head_json(how, report);
	advise_json(how, report->part);
	if (how->by == MONITOR_BY_SYSCALL)
		table_json(report);
	else
		show_who_json(how, report);
	if (!report->last) {
		out_object("monitor");
		env_out();
	}
	return out_flush();
}
