// SPDX-License-Identifier: GPL-2.0
/* Legs with their times, what being armed adds, and what is known of the way back. */
#define _GNU_SOURCE
#include "show_path.h"

#include <string.h>

#include <ringprobe.h>

#include "env.h"
#include "measure.h"
#include "out.h"
#include "path_indirect.h"
#include "reach.h"
#include "report.h"

enum { FACT = 2, SIZES = 24, NUMBER = 56 };

static const char *via_name(const struct path *path)
{
	return path->fd < 0 ? "getppid" : report_via_name(path->via);
}

static void show_numbers(const struct stats *stats)
{
	out_to(NUMBER);
	out_uint("n", NULL, stats->n);
	out_int("min", "%10lld", stats->min);
	out_int("median", "%10lld", stats->median);
}

static void show_leg(const char *name, const char *text, const struct path_series *series,
		     enum path_point leg)
{
	if (!path_has(series, leg))
		return;
	out_row(name);
	out_to(FACT);
	out_str("text", "%s", text);
	show_numbers(&series->leg[leg]);
	out_row_end();
}

static void show_armed(const struct path *path)
{
	const struct path_series *series = &path->armed;
	bool lseek = path->via == MEASURE_LSEEK;

	show_leg("entry", "SYSCALL, asm entry, C entry to sys_enter", series, PATH_USER);
	show_leg("probe", "  the module's probe there", series, PATH_CALL);
	show_leg("dispatch", lseek ? "dispatch, down to the handler's one stamp" :
		 "dispatch, down to the handler", series, PATH_CALLED);
	show_leg("handler", "the handler", series, PATH_HANDLER);
	show_leg("exit", path_has(series, PATH_RETURN) ? "C exit work, to the notifiers" :
		 "C exit work, asm exit, SYSRET: two legs in one", series, PATH_HANDLED);
	show_leg("notifier", "  the module's notifier there", series, PATH_RETURN);
	show_leg("leave", "the last of C, asm exit, SYSRET", series, PATH_RETURNED);
	show_leg("whole", "the whole", series, PATH_WHOLE);
}

static void show_plain(const struct path *path)
{
	const struct path_series *series = &path->plain;
	bool split = path_has(series, PATH_HANDLED);

	out_line("%s", "");
	show_leg("plain_entry", "nothing armed: to the handler", series,
		 split ? PATH_USER : PATH_POINTS);
	show_leg("plain_handler", "               the handler", series, PATH_HANDLER);
	show_leg("plain_exit", "               and back", series, PATH_HANDLED);
	show_leg("plain_whole", split ? "               the whole" : "nothing armed: the whole",
		 series, PATH_WHOLE);
}

static void show_added(const char *name, const char *text, int64_t ticks)
{
	out_row(name);
	out_to(FACT);
	out_str("text", "%s", text);
	out_to(NUMBER);
	out_text("%10s", "-");
	out_int("median", "%10lld", ticks);
	out_row_end();
}

/* What measuring changes in what is measured. */
static void show_perturbation(const struct path *path)
{
	const struct stats *armed = path->armed.leg, *plain = path->plain.leg;
	int64_t ours = armed[PATH_CALL].median + armed[PATH_RETURN].median;
	int64_t all = armed[PATH_WHOLE].median - plain[PATH_WHOLE].median;

	if (!path->armed.n)
		return;
	show_added("armed_adds", "being armed adds", all);
	show_added("ours", "  of which between the module's own stamps", ours);
	show_added("kernels", "  and in the kernel, and around those stamps", all - ours);
}

static void show_way(const struct path *path)
{
	const struct path_series *series = path->armed.n ? &path->armed : &path->plain;

	out_row("way_back");
	out_to(FACT);
	if (!path->told) {
		out_say("text", FACT, "back by SYSRET or IRET: cannot tell, the marker in ES is lost "
			"here in a quiet loop, or kept by a page fault");
	} else {
		out_uint("sysret", "back by SYSRET in %llu", series->way[PATH_SYSRET]);
		out_uint("of", " of %llu rounds", series->n);
		out_uint("iret", "; by IRET, or interrupted: %llu\n", series->way[PATH_IRET]);
	}
	out_row_end();
}

static void show_head(const struct path *path)
{
	const struct path_series *series = path->armed.rounds ? &path->armed : &path->plain;

	out_role(OUT_STRONG);
	out_text("The way of one system call");
	out_str("via", ", %s", via_name(path));
	out_str("unit", ": in %s\n", measure_unit_name(measure_clock()->unit));
	env_out_stamp();
	out_int("cpu", "  CPU %lld", path->cpu);
	out_uint("kept", "; %llu rounds are whole", series->n);
	out_uint("left_out", ", %llu left out; stamps are taken off\n", series->rounds - series->n);
	if (measure_clock()->unit == MEASURE_EMULATED)
		out_say(NULL, FACT, "(an emulated CPU: compare rows only)");
	out_to(NUMBER);
	out_text("%10s%10s\n", "min", "median");
}

/* What is missing for more legs, and how to get it. */
static int show_missing(const struct path *path)
{
	if (path->fd < 0) {
		out_say("missing", FACT, "a total only, without the module: %s", reach_status(path->fd));
		out_next(FACT, reach_next(path->fd));
	} else if (path->err) {
		out_say("missing", FACT, "nothing could be armed: %s", strerrordesc_np(-path->err));
		out_next(FACT, REACH_NEXT);
	} else if (path->missing & RINGPROBE_FEATURE_CALLS) {
		out_say("missing", FACT, "this kernel has no tracepoint sys_enter: two legs only");
	} else if (path->missing) {
		out_say("missing", FACT, "this kernel has no user-return notifiers "
			"(CONFIG_USER_RETURN_NOTIFIER): the last two legs are one");
	} else {
		return EXIT_PROVEN;
	}
	return EXIT_PARTIAL;
}

int show_path(const struct path *path)
{
	bool armed = path->fd >= 0 && !path->err && !(path->missing & RINGPROBE_FEATURE_CALLS);
	int status;

	show_head(path);
	show_armed(path);
	show_plain(path);
	show_perturbation(path);
	show_way(path);
	status = show_missing(path);
	if (!path->plain.n || (armed && !path->armed.n)) {
		out_error("no round has all of its stamps, in their order");
		return EXIT_FAILED;
	}
	return status;
}

/* Less than the samples scatter is no finding. */
static bool stands_out(const struct path_indirect *set)
{
	int64_t extra = set->with.median - set->without.median;

	return (double)(extra < 0 ? -extra : extra) > set->with.mad + set->without.mad;
}

static void show_set(const struct path_indirect *set)
{
	out_row(set->key);
	out_to(FACT);
	out_text("%s", set->name);
	out_to(SIZES);
	if (!set->touches) {
		out_say("missing", SIZES, "the kernel does not tell its size here");
	} else {
		out_uint("bytes", "%9llu", set->bytes);
		out_uint("touches", "%8llu", set->touches);
		out_int("without", "%11lld", set->without.median);
		out_int("with", "%11lld", set->with.median);
		out_int("extra", "%9lld", set->with.median - set->without.median);
		out_bool("stands_out", stands_out(set));
		out_text("%s", stands_out(set) ? "" : "  noise");
	}
	out_row_end();
}

int show_path_indirect(void)
{
	struct path_indirect sets[PATH_SETS];

	if (measure_clock()->unit != MEASURE_TICKS) {
		out_say("missing", 0, "An emulated CPU has no caches, no TLB and no predictors: what a "
			"crossing drives out of them cannot be seen here.");
		out_next(0, "on hardware, or in a VM with KVM: ringprobe path --indirect");
		return EXIT_PARTIAL;
	}
	if (path_indirect(sets)) {
		out_error("no memory for the working sets");
		return EXIT_FAILED;
	}
	out_role(OUT_STRONG);
	out_str("unit", "What a crossing (getppid) costs afterwards, in %s, medians\n",
		measure_unit_name(measure_clock()->unit));
	env_out_stamp();
	out_to(SIZES);
	out_text("%9s%8s%11s%11s%9s\n", "bytes", "touches", "without", "with", "extra");
	for (int i = 0; i < PATH_SETS; i++)
		show_set(&sets[i]);
	out_say(NULL, FACT, "Without, with: to touch the whole set again at once, or after one crossing. "
		"Extra is what the crossing leaves to be paid, beside its own time. Noise: the "
		"samples scatter by more than that.");
	return EXIT_PROVEN;
}
