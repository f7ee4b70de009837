// SPDX-License-Identifier: GPL-2.0
/*
 * What may be said of a ladder: the unit is named, no ns where the clock does
 * not count time, a rung that is missing has its reason in its place.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "env.h"
#include "out.h"
#include "reach.h"
#include "show_ladder.h"
#include "stats.h"

enum { LABEL = 28, NUMBER = 10, RATIO = 10 };

static struct {
	const struct ladder *ladder;
	const struct measure_clock *clock;
	uint64_t tsc_khz;		/* 0: no ns here */
	const char *tsc_source;
	struct stats stats[LADDER_MAX];
	const struct stats *getppid;	/* NULL: was not measured */
	int64_t largest;		/* median */
	char mitigations[512];		/* that are on here and lengthen crossings */
	bool lengthened;		/* a row is marked as such */
} show;

/* The kernel's names (Documentation/ABI, sysfs-devices-system-cpu, vulnerabilities). */
static const char *const on_crossings[] = {
	"meltdown", "spectre_v1", "spectre_v2", "retbleed", "spec_rstack_overflow", "mds",
	"tsx_async_abort", "mmio_stale_data", "reg_file_data_sampling", "tsa",
	"indirect_target_selection",
};

static void find_mitigations(void)
{
	size_t used = 0;

	show.mitigations[0] = '\0';
	for (size_t i = 0; i < sizeof(on_crossings) / sizeof(on_crossings[0]); i++) {
		const char *state = env_mitigation(on_crossings[i]);

		if (state && !strncmp(state, "Mitigation", 10) && used < sizeof(show.mitigations))
			used += (size_t)snprintf(show.mitigations + used,
						 sizeof(show.mitigations) - used, "%s%s",
						 used ? ", " : "", on_crossings[i]);
	}
}

static bool is_lengthened(const struct rung *rung)
{
	return *show.mitigations && (rung->way == RUNG_CROSSES || rung->way == RUNG_SWITCHES);
}

static void evaluate(const struct ladder *ladder, uint64_t kernel_khz)
{
	memset(&show, 0, sizeof(show));
	show.ladder = ladder;
	show.clock = measure_clock();
	show.tsc_khz = measure_tsc_khz(kernel_khz, &show.tsc_source);
	for (size_t i = 0; i < ladder->n; i++) {
		const struct ladder_rung *rung = &ladder->rungs[i];

		stats_describe(rung->samples, rung->n, &show.stats[i]);
		if (!strcmp(rung->rung->name, "getppid") && rung->n)
			show.getppid = &show.stats[i];
		if (rung->wanted && show.stats[i].median > show.largest)
			show.largest = show.stats[i].median;
	}
	find_mitigations();
}

static const struct stats *stats_of(const char *name)
{
	const struct ladder_rung *rung = ladder_measured(show.ladder, name);

	return rung ? &show.stats[rung - show.ladder->rungs] : NULL;
}

static double to_ns(int64_t ticks)
{
	return measure_ns(ticks, show.tsc_khz);
}

static const char *unit(void)
{
	return measure_unit_name(show.clock->unit);
}

/* ---- header ---- */

static void header(void)
{
	out_role(OUT_STRONG);
	out_line("The cost of crossing, in %s", measure_unit_says(show.tsc_khz));
	out_say(NULL, 2, "all rungs in turn, %zu times; CPU %d", show.ladder->blocks,
		show.ladder->cpu);
	env_out_stamp();
}

static void header_json(void)
{
	out_str("unit", NULL, unit());
	out_str("clock", NULL, measure_clock_name(show.clock->unit));
	out_uint("tsc_khz", NULL, show.tsc_khz);
	out_str("tsc_source", NULL, show.tsc_source);
	out_uint("tsc_quantum", NULL, show.clock->quantum);
	out_str("estimator", NULL, "order statistics of single samples, less the smallest empty "
		"bracket; MAD times 1.4826");
	out_int("cpu", NULL, show.ladder->cpu);
	out_int("other_cpu", NULL, show.ladder->other_cpu);
	out_uint("blocks", NULL, show.ladder->blocks);
	out_int("overhead", NULL, show.ladder->overhead);
}

/* ---- table ---- */

/* The end of the scale, which begins at 1. */
static int decades(void)
{
	return (int)ceil(log10(show.largest < 10 ? 10 : (double)show.largest));
}

static int bar_width(void)
{
	int taken = LABEL + NUMBER + RATIO + 1;

	if (show.tsc_khz)
		taken += NUMBER;
	if (out_is_wide())
		taken += 3 * NUMBER + 7;
	return out_columns() - taken;
}

/* The powers of ten above their places, as far as they fit. */
static void scale(int width)
{
	static const char *const powers[] = {
		"1", "10", "100", "1k", "10k", "100k", "1M", "10M", "100M", "1G",
	};
	int column = 0;

	for (int i = 0; i <= decades() && i < 10; i++) {
		int at = width * i / decades();

		if (at < column || at + (int)strlen(powers[i]) > width)
			continue;
		out_text("%*s%s", at - column, "", powers[i]);
		column = at + (int)strlen(powers[i]) + 1;
		if (column <= width)
			out_text(" ");
	}
	out_line("%s", "");
}

static void table_head(void)
{
	out_text("  %-*s%*s", LABEL - 2, "", NUMBER, "median");
	if (show.tsc_khz)
		out_text("%*s", NUMBER, "ns");
	if (out_is_wide())
		out_text("%*s%*s%*s%7s", NUMBER, "min", NUMBER, "p99", NUMBER, "MAD", "N");
	out_text("%*s ", RATIO, "x getppid");
	scale(bar_width());
}

static void ratio(double value)
{
	out_double("times_getppid", value < 10 ? "%10.2f" : value < 100 ? "%10.1f" : "%10.0f", value);
}

static void bar(int64_t value)
{
	int halves = value < 1 ? 0 :
		     1 + (int)(log10((double)value) / decades() * (2 * bar_width() - 1));

	out_text(" ");
	out_bar(halves);
}

static void numbers(const struct stats *stats)
{
	bool wide = out_is_wide();

	out_int("median", "%10lld", stats->median);
	if (show.tsc_khz)
		out_double("median_ns", "%10.1f", to_ns(stats->median));
	out_int("min", wide ? "%10lld" : NULL, stats->min);
	out_int("p25", NULL, stats->p25);
	out_int("p75", NULL, stats->p75);
	out_int("p99", wide ? "%10lld" : NULL, stats->p99);
	out_int("max", NULL, stats->max);
	out_double("mad", wide ? "%10.1f" : NULL, stats->mad);
	out_uint("n", wide ? "%7llu" : NULL, stats->n);
	if (show.getppid && show.getppid->median > 0)
		ratio((double)stats->median / (double)show.getppid->median);
	else
		out_text("%*s", RATIO, "-");
	bar(stats->median);
}

/* Why a rung has no numbers, NULL if it has. */
static const char *missing(const struct ladder_rung *rung)
{
	if (rung->lack == RUNG_FAILED && rung->error)
		return strerror(rung->error);
	return rung->why ? rung->why : rung->n ? NULL : "each turn was disturbed";
}

static void row(const struct ladder_rung *rung)
{
	static const char *const repeats[] = { "exactly", "within 2 %", "no" };
	static const char *const lacks[] = { "disturbed", "not here", "denied", "failed" };
	const char *why = missing(rung);
	bool lengthened = is_lengthened(rung->rung) && !why;

	show.lengthened |= lengthened;
	out_row(rung->rung->name);
	out_text("  ");
	out_str("label", "%s", rung->rung->label);
	out_text("%s", lengthened ? " *" : "");
	out_to(LABEL);
	out_str("status", NULL, why ? lacks[rung->lack] : "measured");
	if (why) {
		out_text("%s: ", lacks[rung->lack]);
		out_say("why", LABEL, "%s", why);
	} else {
		numbers(&show.stats[rung - show.ladder->rungs]);
	}
	out_uint("turns_kept", NULL, rung->turns_kept);
	out_uint("turns_total", NULL, rung->turns_total);
	out_str("repeats", NULL, repeats[rung->rung->repeats]);
	out_bool("operation", rung->rung->operation);
	out_str("mitigations", NULL, is_lengthened(rung->rung) ? show.mitigations : NULL);
	if (out_is_wide() && !out_is_json() && !why)
		out_line("%s", "");
	if (out_is_json() || out_is_wide())
		out_say("includes", 4, "%s", rung->rung->includes);
	out_row_end();
}

/* ---- what stands below ---- */

/* What a port read in ring 0 consists of: nothing is measured twice. */
static void port_parts(void)
{
	const struct stats *nop = stats_of("nop"), *refused = stats_of("port-refused");
	const struct stats *access = stats_of("in-ring0"), *whole = stats_of("port-in");

	if (!nop || !refused || !access || !whole)
		return;
	out_open("port_in");
	out_int("crossing", "  PORT_IN: crossing %lld", nop->median);
	out_int("checks", " | checks %lld", refused->median - nop->median);
	out_int("access", " | access %lld", access->median);
	out_int("rest", " | rest %lld\n", whole->median - refused->median - access->median);
	out_close();
}

static void gaps(void)
{
	if (!stats_of("gap"))
		return;
	out_open("uncalled");
	if (show.tsc_khz)
		out_double("ms", "  no system call for %.1f ms", to_ns(show.ladder->gap_ticks) / 1e6);
	out_int("length", show.tsc_khz ? NULL : "  no system call for %lld ", show.ladder->gap_ticks);
	out_text("%s", show.tsc_khz ? "" : unit());
	out_uint("interrupts", ", yet %llu interrupts of this CPU",
		 show.ladder->gap_interrupts);
	out_uint("gaps", ", %llu gaps\n", show.ladder->gaps);
	out_close();
}

static void quoted(void)
{
	if (!show.getppid)
		return;
	out_text("  often quoted: 1-10 us a system call; here: ");
	out_role(OUT_STRONG);
	if (show.tsc_khz)
		out_line("%.0f ns", to_ns(show.getppid->median));
	else if (show.clock->unit == MEASURE_INSN)
		out_line("%lld insn, which are no time", (long long)show.getppid->median);
	else
		out_line("no ns, this is an emulator's clock");
}

static int status(bool *denied)
{
	int worst = EXIT_PROVEN;

	*denied = false;
	for (size_t i = 0; i < show.ladder->n; i++) {
		const struct ladder_rung *rung = &show.ladder->rungs[i];

		if (!rung->wanted || !missing(rung))
			continue;
		if (rung->lack == RUNG_HERE || rung->lack == RUNG_FAILED)
			worst = EXIT_FAILED;
		*denied |= rung->lack == RUNG_DENIED;
	}
	return *denied && worst == EXIT_PROVEN ? EXIT_PARTIAL : worst;
}

int show_ladder(const struct ladder *ladder, uint64_t kernel_khz)
{
	bool denied;
	int result;

	evaluate(ladder, kernel_khz);
	if (out_is_json())
		header_json();
	else
		header();
	table_head();
	for (size_t i = 0; i < ladder->n; i++)
		if (ladder->rungs[i].wanted)
			row(&ladder->rungs[i]);
	result = status(&denied);
	if (show.lengthened)
		out_say(NULL, 2, "* lengthened by what is on here against: %s", show.mitigations);
	port_parts();
	gaps();
	if (denied)
		out_next(2, REACH_NEXT);
	quoted();
	return result;
}
