// SPDX-License-Identifier: GPL-2.0
/*
 * What came of each way. A way that did not run is named with the reason, and no
 * figure stands without its unit; time is told only where the clock counts time.
 */
#include <math.h>
#include <stdio.h>

#include "measure.h"
#include "out.h"
#include "show_batch.h"

enum { LABEL = 22, INDENT = 2, CHART_LABEL = 6, CHART_NUMBER = 9 };

static bool is_time(void)
{
	return measure_clock()->unit == MEASURE_TICKS;
}

static double per_unit(const struct batch_run *run, const struct batch_result *result,
		       unsigned int list)
{
	return (double)result->lists[list].median / (double)run->work->n;
}

/* A column of 11, and always a blank before the figure. */
static const char *format(double value)
{
	return value < 1e7 ? " %10.1f" : " %10.0f";
}

static double megabytes(const struct batch_run *run, const struct batch_result *result)
{
	double seconds = (double)result->lists[0].median / (1e3 * (double)measure_clock()->tsc_khz);

	return seconds > 0 ? (double)run->work->n / seconds / 1e6 : 0;
}

/* ---- table ---- */

static int table_head(const struct show_batch *words)
{
	const char *unit = measure_unit_name(measure_clock()->unit);
	int column = LABEL;
	char head[32];

	out_text("  %-20s%10s", "way", "crossings");
	column += 10;
	if (words->bytes) {
		out_text("%7s", "faults");
		column += 7;
	}
	snprintf(head, sizeof(head), "%s/%s", unit, words->unit);
	out_text("%11s", head);
	column += 11;
	if (words->mixed) {
		out_text("%11s", words->mixed);
		column += 11;
	}
	if (words->bytes && is_time()) {
		out_text("%8s", "MB/s");
		column += 8;
	}
	out_line("%6s  gives up", "share");
	return column + 6 + 2;
}

static void out_crossings(const struct batch_result *result)
{
	if (result->counted)
		out_uint("crossings", "%10llu", result->crossings);
	else
		out_str("crossings", "%10s", out_is_json() ? NULL : "-");
	out_str("counted_by", NULL, crossings_name(result->by));
}

static void out_share(const struct batch_run *run, const struct batch_result *result)
{
	double share = 100 * batch_share(run, result);

	if (result->counted && run->getppid)
		out_double("share_percent", "%5.0f%%", share);
	else
		out_str("share_percent", "%6s", out_is_json() ? NULL : "-");
}

static void row_ran(const struct batch_run *run, const struct batch_result *result,
		    const struct show_batch *words)
{
	out_crossings(result);
	out_int("faults", words->bytes ? "%7lld" : NULL, result->faults);
	out_uint("rounds", NULL, result->lists[0].rounds);
	out_int("round_median", NULL, result->lists[0].median);
	out_int("round_min", NULL, result->lists[0].min);
	out_double("per_unit", words->bytes ? "%11.3f" : format(per_unit(run, result, 0)),
		   per_unit(run, result, 0));
	if (words->mixed)
		out_uint("rounds_mixed", NULL, result->lists[1].rounds);
	if (words->mixed)
		out_double("per_unit_mixed", format(per_unit(run, result, 1)),
			   per_unit(run, result, 1));
	if (words->bytes && is_time())
		out_double("mb_per_second", "%8.1f", megabytes(run, result));
	out_share(run, result);
}

static void row_json(const struct batch_run *run, const struct batch_result *result)
{
	unsigned long long sizes[BATCH_SIZES], curve[BATCH_SIZES];

	if (!out_is_json() || !result->has_curve)
		return;
	for (unsigned int i = 0; i < BATCH_SIZES; i++) {
		sizes[i] = batch_size(i);
		curve[i] = (unsigned long long)result->curve[i];
	}
	out_uints("curve_sizes", sizes, BATCH_SIZES);
	out_uints("curve", curve, BATCH_SIZES);
	out_double("call", NULL, result->line.at_zero);
	out_double("operation", NULL, result->line.slope);
	if (batch_break_even(run, result))
		out_uint("break_even", NULL, batch_break_even(run, result));
	else
		out_str("break_even", NULL, NULL);
}

static void row(const struct batch_run *run, const struct batch_result *result,
		const struct show_batch *words, int column)
{
	static const char *const outcomes[] = { "ran", "FAILED", "not run", "not for this" };

	out_row(result->way->name);
	out_text("  ");
	out_str("label", "%-20s", result->way->label);
	out_str("needs", NULL, result->way->needs);
	out_str("outcome", NULL, outcomes[result->outcome]);
	if (result->outcome == BATCH_RAN) {
		row_ran(run, result, words);
		row_json(run, result);
		out_say("gives_up", column, "%s", result->way->gives_up);
	} else {
		out_role(result->outcome == BATCH_FAILED ? OUT_BAD : OUT_PLAIN);
		out_str("gives_up", NULL, result->way->gives_up);
		out_text("  %s: ", outcomes[result->outcome]);
		out_say("why", LABEL + 3, "%s", result->why);
	}
	out_row_end();
}

/* ---- what stands below it ---- */

/* What counted, as a list: more than one where some ways have others do a part. */
static void out_counters(const unsigned int ways[CROSSINGS_WAYS], bool all)
{
	char text[256];
	size_t n = 0;

	for (enum crossings_by by = CROSSINGS_MODULE; by < CROSSINGS_WAYS; by++)
		if (ways[by])
			n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s", n ? " or, where others have a part, by " : "",
					      crossings_name(by));
	if (n)
		out_say(NULL, INDENT, "crossings: system calls, counted by %s in a round that was not "
			"timed%s", text, all ? "." : "; a dash: it does not count these calls.");
	else
		out_say(NULL, INDENT, "crossings: not counted, nothing here counts system calls for this "
			"user; as root the tracepoint sys_enter does.");
}

static void counting(const struct batch_run *run)
{
	unsigned int ways[CROSSINGS_WAYS] = { 0 };
	bool some = false, all = true;

	for (size_t i = 0; i < run->work->n_ways; i++) {
		if (run->results[i].outcome != BATCH_RAN)
			continue;
		ways[run->results[i].by] += run->results[i].counted;
		some |= run->results[i].counted;
		all &= run->results[i].counted;
	}
	out_counters(ways, all);
	if (some && run->getppid)
		out_say(NULL, INDENT, "share: crossings times the median getppid of this run (%lld %s), of "
			"the way's time.", (long long)run->getppid,
			measure_unit_name(measure_clock()->unit));
}

static void fits(const struct batch_run *run, const struct show_batch *words)
{
	const char *unit = measure_unit_name(measure_clock()->unit);
	__u64 from;

	out_line("\n  n %s in one call: t(n) = a + b n, in %s", words->op, unit);
	out_line("  %-20s%11s%11s  %s", "", "a", "b", "cheaper than one call for each");
	for (size_t i = 0; i < run->work->n_ways; i++) {
		const struct batch_result *result = &run->results[i];

		if (!result->has_curve)
			continue;
		from = batch_break_even(run, result);
		out_text("  %-20s", result->way->label);
		out_double(NULL, format(result->line.at_zero), result->line.at_zero);
		out_double(NULL, format(result->line.slope), result->line.slope);
		if (from)
			out_line("  from n = %llu on", (unsigned long long)from);
		else
			out_line("  %s", !run->single ? "unknown" :
				 result->line.slope > 0 ? "never" : "unclear: too much noise");
	}
	if (run->single)
		out_line("  %-20s%11s %10.1f  is that one call", run->single->way->label, "",
			 batch_single_cost(run));
}

/* ---- chart ---- */

struct axis {
	double from, to;
	int panels, width;
};

static double curve_at(const struct batch_result *result, unsigned int i)
{
	return (double)result->curve[i] / (double)batch_size(i);
}

/* From a power of ten, so that the shortest bar can be told from none. */
static void find_axis(const struct batch_run *run, struct axis *axis)
{
	double low = INFINITY;

	*axis = (struct axis){ 0, 0, 0, 0 };
	for (size_t i = 0; i < run->work->n_ways; i++) {
		if (!run->results[i].has_curve)
			continue;
		axis->panels++;
		for (unsigned int j = 0; j < BATCH_SIZES; j++) {
			low = fmin(low, curve_at(&run->results[i], j));
			axis->to = fmax(axis->to, curve_at(&run->results[i], j));
		}
	}
	if (!axis->panels)
		return;
	axis->from = low > 1 ? pow(10, floor(log10(low))) : 0.1;
	axis->width = (out_columns() - CHART_LABEL) / axis->panels;
}

static void bar(const struct axis *axis, double value)
{
	int room = axis->width - CHART_NUMBER - 1, halves = 0;

	if (value > axis->from && axis->to > axis->from)
		halves = (int)(2 * room * log(value / axis->from) / log(axis->to / axis->from) + 0.5);
	out_text("%8.0f ", value);
	out_bar(halves);
}

static void chart_line(const struct batch_run *run, const struct axis *axis, unsigned int size)
{
	int column = CHART_LABEL;

	out_text("  %4zu", batch_size(size));
	for (size_t i = 0; i < run->work->n_ways; i++) {
		if (!run->results[i].has_curve)
			continue;
		out_to(column);
		bar(axis, curve_at(&run->results[i], size));
		column += axis->width;
	}
	out_line("%s", "");
}

static void chart(const struct batch_run *run, const struct show_batch *words)
{
	int column = CHART_LABEL;
	struct axis axis;

	find_axis(run, &axis);
	if (!axis.panels)
		return;
	out_line("\n  %s for each of n %s in one call", measure_unit_name(measure_clock()->unit),
		 words->op);
	out_line("  (bars: logarithmic, none is %.0f, a full one %.0f)", axis.from, axis.to);
	out_text("  %4s", "n");
	for (size_t i = 0; i < run->work->n_ways; i++) {
		if (!run->results[i].has_curve)
			continue;
		out_to(column + 1);
		out_role(OUT_STRONG);
		out_text("%s", run->results[i].way->name);
		column += axis.width;
	}
	out_line("%s", "");
	for (unsigned int size = 0; size < BATCH_SIZES; size++)
		chart_line(run, &axis, size);
}

static bool any_ran(const struct batch_run *run)
{
	for (size_t i = 0; i < run->work->n_ways; i++)
		if (run->results[i].outcome == BATCH_RAN)
			return true;
	return false;
}

static int status_of(const struct batch_run *run)
{
	int status = EXIT_PROVEN;

	for (size_t i = 0; i < run->work->n_ways; i++) {
		if (run->results[i].outcome == BATCH_FAILED)
			return EXIT_FAILED;
		if (run->results[i].outcome == BATCH_MISSING)
			status = EXIT_PARTIAL;
	}
	return status;
}

int show_batch(const struct batch_run *run, const struct show_batch *words)
{
	int column;

	out_str("unit", NULL, measure_unit_name(measure_clock()->unit));
	out_uint("tsc_khz", NULL, measure_clock()->tsc_khz);
	out_uint("units", NULL, run->work->n);
	out_str("unit_of_work", NULL, words->unit);
	out_uint("operation_units", NULL, words->op_units);
	out_int("getppid", NULL, run->getppid);
	column = out_is_json() ? 0 : table_head(words);
	for (size_t i = 0; i < run->work->n_ways; i++)
		row(run, &run->results[i], words, column);
	if (!out_is_json() && any_ran(run)) {
		counting(run);
		fits(run, words);
		chart(run, words);
	}
	return status_of(run);
}
