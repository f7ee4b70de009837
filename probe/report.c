// SPDX-License-Identifier: GPL-2.0
/*
 * What may be said about a measurement: the unit is named, no ns where the
 * clock does not count time, and what was rejected or out of order stands
 * beside the figures.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "env.h"
#include "out.h"
#include "report.h"

#define MARK		"emulated: compare rows only"
/* A figure is called unstable above these. */
#define MAD_LIMIT	0.10
#define SPREAD_LIMIT	0.15
/* Below this a block's median is not worth comparing. */
#define BLOCK_LEAST	20
#define OUTLIER_MADS	10

static const char *const via_names[] = {
	[MEASURE_LSEEK] = "lseek", [MEASURE_IOCTL] = "ioctl", [MEASURE_GETPPID] = "getppid",
};

static const char *const row_keys[MEASURE_ROWS] = {
	"entry", "inside", "exit", "total", "plain", "stamp", "empty",
};

static const char *const reason_names[MEASURE_REASONS] = {
	"migrated", "preempted", "page fault", "interrupts", "stolen",
};

static const char *const reason_keys[MEASURE_REASONS] = {
	"migrated", "preempted", "page_fault", "interrupts", "stolen",
};

/* What a row is, beside its name; also the order of rows is measure.h's. */
static const char *row_label(enum measure_via via, enum measure_row row)
{
	switch (row) {
	case MEASURE_ENTRY:
		return "entry";
	case MEASURE_INSIDE:
		return "inside handler";
	case MEASURE_EXIT:
		return "exit";
	case MEASURE_TOTAL:
		return "total";
	case MEASURE_PLAIN:
		return via == MEASURE_LSEEK ? "no kernel stamp" :
		       via == MEASURE_IOCTL ? "NOP ioctl" : "no such call";
	case MEASURE_STAMP:
		return "the stamp adds";
	default:
		return "empty bracket";
	}
}

static const char *includes(enum measure_via via)
{
	switch (via) {
	case MEASURE_LSEEK:
		return "entry: SYSCALL, the kernel's entry code and lseek's way to the driver; exit: "
		       "from the driver's stamp, which returns in RAX, back. total is their sum.";
	case MEASURE_IOCTL:
		return "entry includes the look-up of the operation and the copy-in, exit the "
		       "copy-out; total is the sum of the three. NOP ioctl has neither copy.";
	default:
		return "one stamp at either end: no split. \"no such call\": a system call number "
		       "that does not exist, so there and back and nothing else.";
	}
}

const char *report_via_name(enum measure_via via)
{
	return via_names[via];
}

/* ---- evaluation ---- */

static void bin(const struct report *report, const int64_t *v, struct report_row *row)
{
	struct report_histogram *h = &row->histogram;
	uint64_t range = (uint64_t)(row->stats.p99 - row->stats.min) + 1;
	uint64_t step = report->clock->unit == MEASURE_INSN ? 1 : report->clock->quantum;
	size_t i;

	h->bins = out_is_json() ? REPORT_BINS_MAX : out_is_wide() ? 12 : 4;
	h->first = row->stats.min;
	h->width = (range + h->bins - 1) / h->bins;
	h->width = (h->width + step - 1) / step * step;
	h->bins = (range + h->width - 1) / h->width;
	stats_histogram(v, report->result->n, h->first, h->width, h->counts, h->bins,
			&h->below, &h->above);
	h->largest = h->above;
	for (i = 0; i < h->bins; i++)
		if (h->counts[i] > h->largest)
			h->largest = h->counts[i];
}

static void evaluate_row(const struct report *report, int64_t *v, int64_t *medians,
			 struct report_row *row)
{
	const struct measure_result *result = report->result;
	double mad;

	stats_block_medians(v, result->per_block, result->blocks_kept, medians);
	stats_sort(medians, result->blocks_kept);
	stats_median_interval(medians, result->blocks_kept, &row->low, &row->high);
	row->spread = stats_spread(medians, result->blocks_kept);
	stats_describe(v, result->n, &row->stats);
	/* the clock cannot show a spread below its own step */
	mad = row->stats.mad;
	if (mad < (double)report->clock->quantum)
		mad = (double)report->clock->quantum;
	row->outliers = stats_above(v, result->n, (double)row->stats.median + OUTLIER_MADS * mad);
	bin(report, v, row);
}

void report_evaluate(struct report *report, const struct measure_config *config,
		     const struct measure_result *result, uint64_t kernel_khz)
{
	int64_t *medians = calloc(result->blocks_kept + 1, sizeof(*medians));
	int row;

	memset(report, 0, sizeof(*report));
	report->config = config;
	report->result = result;
	report->clock = measure_clock();
	report->tsc_khz = measure_tsc_khz(kernel_khz, &report->tsc_source);
	for (row = 0; medians && row < MEASURE_ROWS; row++)
		if (result->row[row])
			evaluate_row(report, result->row[row], medians, &report->rows[row]);
	free(medians);
}

/* ---- header ---- */

/* " (not: preempted 4)": why blocks were rejected; empty if none was. */
static void reasons(const struct measure_result *result, char *text, size_t size)
{
	size_t used = 0;
	int reason;

	text[0] = '\0';
	for (reason = 0; reason < MEASURE_REASONS; reason++)
		if (result->rejected[reason])
			used += (size_t)snprintf(text + used, size - used, "%s%s %u",
						 used ? ", " : " (not: ", reason_names[reason],
						 result->rejected[reason]);
	if (used)
		snprintf(text + used, size - used, ")");
}

static void header(const struct report *report)
{
	const struct measure_result *result = report->result;
	const char *via = report_via_name(report->config->via);
	char why[128];

	out_role(OUT_STRONG);
	out_text("One crossing by %s, in ", via);
	out_role(OUT_STRONG);
	out_line("%s", measure_unit_says(report->tsc_khz));
	reasons(result, why, sizeof(why));
	out_say(NULL, 2, "%zu sample%s, %zu of %zu blocks kept%s, CPU %d%s%s", result->n,
		result->n == 1 ? "" : "s", result->blocks_kept, result->blocks_total, why, result->cpu,
		report->config->fifo ? ", SCHED_FIFO" : "",
		result->locked ? "" : ", memory not locked");
	env_out_stamp();
}

static void header_json(const struct report *report)
{
	const struct measure_result *result = report->result;
	int reason;

	out_str("via", NULL, report_via_name(report->config->via));
	out_str("unit", NULL, measure_unit_name(report->clock->unit));
	out_str("mark", NULL, report->clock->unit == MEASURE_EMULATED ? MARK : NULL);
	out_uint("tsc_khz", NULL, report->tsc_khz);
	out_str("tsc_source", NULL, report->tsc_source);
	out_uint("tsc_quantum", NULL, report->clock->quantum);
	out_str("estimator", NULL, "order statistics of single samples, less the smallest "
		"empty bracket between any two stamps; MAD times 1.4826");
	out_int("cpu", NULL, result->cpu);
	out_bool("fifo", report->config->fifo);
	out_bool("memory_locked", result->locked);
	out_uint("nops_entry", NULL, report->config->nops_entry);
	out_uint("nops_exit", NULL, report->config->nops_exit);
	out_uint("samples", NULL, result->n);
	out_uint("per_block", NULL, result->per_block);
	out_uint("blocks_kept", NULL, result->blocks_kept);
	out_uint("blocks_total", NULL, result->blocks_total);
	out_open("rejected");
	for (reason = 0; reason < MEASURE_REASONS; reason++)
		out_uint(reason_keys[reason], NULL, result->rejected[reason]);
	out_close();
	out_int("overhead", NULL, result->overhead);
	out_uint("misordered", NULL, result->misordered);
	out_uint("negative", NULL, result->negative);
	out_int("switches_voluntary", NULL, result->switches_voluntary);
	out_int("switches_involuntary", NULL, result->switches_involuntary);
	out_int("page_faults", NULL, result->page_faults);
	out_uint("interrupts", NULL, result->interrupts);
	out_str("includes", NULL, includes(report->config->via));
}

/* ---- table ---- */

static const struct column {
	const char *key, *head;
	size_t at;
	bool fraction, wide;
} columns[] = {
	{ "min", "min", offsetof(struct stats, min), false, false },
	{ "p05", NULL, offsetof(struct stats, p05), false, true },
	{ "p25", "p25", offsetof(struct stats, p25), false, true },
	{ "median", "median", offsetof(struct stats, median), false, false },
	{ "p75", "p75", offsetof(struct stats, p75), false, true },
	{ "p95", "p95", offsetof(struct stats, p95), false, true },
	{ "p99", "p99", offsetof(struct stats, p99), false, false },
	{ "p999", "p99.9", offsetof(struct stats, p999), false, true },
	{ "max", "max", offsetof(struct stats, max), false, true },
	{ "mad", "MAD", offsetof(struct stats, mad), true, false },
	{ "trimmed_mean", "t.mean", offsetof(struct stats, trimmed_mean), true, true },
};

#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

static bool shown(const struct column *column)
{
	return column->head && (out_is_wide() || !column->wide);
}

static void table_head(const struct report *report)
{
	size_t i;

	out_text("  %-16s", "");
	for (i = 0; i < COLUMNS; i++)
		if (shown(&columns[i]))
			out_text(" %7s", columns[i].head);
	out_line("%s", report->tsc_khz ? "    ns(median)" : "");
}

static void table_row(const struct report *report, enum measure_row number)
{
	const struct report_row *row = &report->rows[number];
	size_t i;

	out_row(row_keys[number]);
	out_str("label", "  %-16s", row_label(report->config->via, number));
	for (i = 0; i < COLUMNS; i++) {
		const void *at = (const char *)&row->stats + columns[i].at;
		bool here = shown(&columns[i]);

		/* a difference of two calls: its tails are the calls', not the stamp's */
		if (number == MEASURE_STAMP && at != &row->stats.median)
			out_text("%s", here ? "       -" : "");
		else if (columns[i].fraction)
			out_double(columns[i].key, here ? " %7.1f" : NULL, *(const double *)at);
		else
			out_int(columns[i].key, here ? " %7lld" : NULL, *(const int64_t *)at);
	}
	if (report->tsc_khz)
		out_double("median_ns", "    %10.1f", measure_ns(row->stats.median, report->tsc_khz));
	if (report->clock->unit == MEASURE_EMULATED)
		out_str("mark", "  %s", MARK);
}

static void row_json(const struct report_row *row)
{
	const struct report_histogram *h = &row->histogram;
	unsigned long long counts[REPORT_BINS_MAX];
	size_t i;

	out_int("median_low95", NULL, row->low);
	out_int("median_high95", NULL, row->high);
	if (isfinite(row->spread))
		out_double("block_spread", NULL, row->spread);
	out_uint("outliers", NULL, row->outliers);
	out_open("histogram");
	out_int("first", NULL, h->first);
	out_uint("width", NULL, h->width);
	for (i = 0; i < h->bins; i++)
		counts[i] = h->counts[i];
	out_uints("counts", counts, (unsigned int)h->bins);
	out_uint("above", NULL, h->above);
	out_close();
}

static void table(const struct report *report)
{
	int row;

	table_head(report);
	for (row = 0; row < MEASURE_ROWS; row++) {
		if (!report->result->row[row])
			continue;
		table_row(report, row);
		if (out_is_json() && row != MEASURE_STAMP)
			row_json(&report->rows[row]);
		out_row_end();
	}
}

/* ---- histogram ---- */

/* One line of one panel, @width columns or none; line @h->bins is what lies above. */
static bool panel(const struct report_histogram *h, size_t line, int width)
{
	size_t count = line < h->bins ? h->counts[line] : h->above;
	int64_t from = h->first + (int64_t)(line * h->width);
	int bar = width - 17, halves;

	if (line > h->bins || (line == h->bins && !count))
		return false;
	halves = h->largest ? (int)(2 * count * (size_t)bar / h->largest) : 0;
	if (count && !halves)
		halves = 1;
	out_text(" %7lld%s ", (long long)from, line < h->bins ? " " : "+");
	out_bar(halves);
	out_text("%*s", bar - (halves + 1) / 2, "");
	out_text(" %6zu", count);
	return true;
}

static void histogram(const struct report *report)
{
	bool split = report->config->via != MEASURE_GETPPID;
	const struct report_histogram *left, *right;
	int width = (out_columns() < 110 ? 78 : 108) / (split ? 2 : 1);
	size_t line, lines;

	left = &report->rows[split ? MEASURE_ENTRY : MEASURE_TOTAL].histogram;
	right = &report->rows[MEASURE_EXIT].histogram;
	lines = left->bins + (left->above ? 1 : 0);
	if (split && right->bins + (right->above ? 1 : 0) > lines)
		lines = right->bins + (right->above ? 1 : 0);

	if (split)
		out_line("  %-*s%s", width, "entry from, samples", "exit from, samples");
	else
		out_line("  total from, samples");
	for (line = 0; line < lines; line++) {
		if (!panel(left, line, width) && split)
			out_text("%*s", width, "");
		if (split)
			panel(right, line, width);
		out_line("%s", "");
	}
}

/* ---- what stands below ---- */

static void order(const struct report *report)
{
	const struct measure_result *result = report->result;
	bool split = report->config->via != MEASURE_GETPPID;

	out_text("  order: user <= %suser stamp in ", split ? "kernel <= " : "");
	out_role(result->misordered ? OUT_BAD : OUT_GOOD);
	out_text("%s", result->misordered ? "NOT all" : "all");
	out_line(" %zu; misordered %zu, negative %zu", result->n, result->misordered,
		 result->negative);
}

static void contamination(const struct report *report)
{
	const struct measure_result *result = report->result;

	out_line("  not the same: %zu crossings, %ld context switches (voluntary %ld)",
		 2 * result->blocks_total * (result->per_block + MEASURE_LEAD_IN),
		 result->switches_voluntary + result->switches_involuntary,
		 result->switches_voluntary);
}

static void stability(const struct report *report)
{
	const struct report_row *total = &report->rows[MEASURE_TOTAL];
	bool judged = report->result->per_block >= BLOCK_LEAST;
	bool stable = (!judged || total->spread <= SPREAD_LIMIT) &&
		      total->stats.mad <= MAD_LIMIT * (double)total->stats.median;

	out_bool("stable", stable);
	if (stable || out_is_json())
		return;
	out_role(OUT_BAD);
	out_line("  unstable: MAD %.0f %%, block medians %.0f %% apart: compare minima or try --fifo",
		 100 * total->stats.mad / (double)total->stats.median, 100 * total->spread);
}

static void nops(const struct report *report)
{
	if (report->config->nops_entry || report->config->nops_exit)
		out_line("  proof: %u NOPs before SYSCALL, %u after its return",
			 report->config->nops_entry, report->config->nops_exit);
}

int report_print(const struct report *report)
{
	if (out_is_json())
		header_json(report);
	else
		header(report);
	table(report);
	stability(report);
	if (!out_is_json()) {
		histogram(report);
		order(report);
		nops(report);
		contamination(report);
		out_say(NULL, 2, "%s", includes(report->config->via));
	}
	return report->result->misordered ? EXIT_FAILED : EXIT_PROVEN;
}
