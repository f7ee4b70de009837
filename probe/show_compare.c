// SPDX-License-Identifier: GPL-2.0
/*
 * Two saved ladders side by side, where a ratio means something: both in time,
 * or both in instructions. Otherwise it is said why not, and nothing is shown.
 */
#include <math.h>
#include <stdio.h>

#include "out.h"
#include "show_ladder.h"

/* Two runs on one machine differ by so much (estimators, alignment, drift). */
#define SAME	0.05

static const char *meaning(enum measure_unit unit)
{
	return unit == MEASURE_TICKS ? "time" : unit == MEASURE_INSN ? "instructions" :
	       "the time of an emulator";
}

static int refuse(const struct ladder_file *a, const struct ladder_file *b)
{
	if (a->unit != b->unit)
		out_error("no comparison: %s counts %s, %s counts %s", a->path, meaning(a->unit),
			  b->path, meaning(b->unit));
	else
		out_error("no comparison: both were measured on an emulated CPU, whose time compares "
			  "within one run only; next: count instructions in both, by tools/vm --icount");
	return EXIT_FAILED;
}

static void differences(const struct ladder_file *a, const struct ladder_file *b)
{
	struct ladder_difference difference;

	out_open("differences");
	for (size_t i = 0; ladder_file_differ(a, b, i, &difference); i++) {
		out_say(NULL, 2, "differs: %s: %s | %s", difference.key, difference.a, difference.b);
		out_open(difference.key);
		out_str("a", NULL, difference.a);
		out_str("b", NULL, difference.b);
		out_close();
	}
	out_close();
}

static void value(const char *key, const struct ladder_file *file, int64_t median)
{
	if (file->unit == MEASURE_TICKS)
		out_double(key, "%13.1f", measure_ns(median, (uint64_t)file->tsc_khz));
	else
		out_int(key, "%13lld", median);
}

static double in_unit(const struct ladder_file *file, int64_t median)
{
	return file->unit == MEASURE_TICKS ? (double)median / (double)file->tsc_khz : (double)median;
}

static void row(const struct ladder_file *a, const struct ladder_file *b, const char *name,
		const char *label)
{
	int64_t in_a, in_b;
	bool has_a = ladder_file_median(a, name, &in_a), has_b = ladder_file_median(b, name, &in_b);
	double ratio;

	out_row(name);
	out_str("label", "  %-26s", label);
	if (has_a)
		value("a", a, in_a);
	else
		out_text("%13s", "-");
	if (has_b)
		value("b", b, in_b);
	else
		out_text("%13s", "-");
	if (has_a && has_b && in_a > 0) {
		ratio = in_unit(b, in_b) / in_unit(a, in_a);
		out_double("ratio", "%10.3f", ratio);
		if (a->unit == MEASURE_TICKS && fabs(ratio - 1) < SAME)
			out_str("verdict", "  %s", "no difference");
	}
	out_row_end();
}

int show_ladder_compare(const struct ladder_file *a, const struct ladder_file *b)
{
	const char *unit = a->unit == MEASURE_TICKS ? "ns" : measure_unit_name(a->unit);
	const char *name, *label;
	char in_a[16], in_b[16];

	if (a->unit != b->unit || a->unit == MEASURE_EMULATED)
		return refuse(a, b);
	out_str("a", "A: %s\n", a->path);
	out_str("b", "B: %s\n", b->path);
	out_str("unit", NULL, unit);
	differences(a, b);
	snprintf(in_a, sizeof(in_a), "A, %s", unit);
	snprintf(in_b, sizeof(in_b), "B, %s", unit);
	out_line("  %-26s%13s%13s%10s", "median", in_a, in_b, "B / A");
	for (size_t i = 0; (name = ladder_file_row(a, i, &label)); i++)
		row(a, b, name, label);
	for (size_t i = 0; (name = ladder_file_row(b, i, &label)); i++)
		if (!ladder_file_has(a, name))
			row(a, b, name, label);
	if (a->unit == MEASURE_TICKS)
		out_say(NULL, 2, "no difference: below 5 %%, as two runs on one machine differ");
	return EXIT_PROVEN;
}
