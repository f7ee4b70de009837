/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A run of measure.c as text or JSON: the table, the histogram, and what has to
 * stand beside any figure. Knows nothing of how it was measured.
 */
#ifndef REPORT_H
#define REPORT_H

#include "measure.h"
#include "stats.h"

#define REPORT_BINS_MAX	20

struct report_histogram {
	int64_t first;
	uint64_t width;
	size_t counts[REPORT_BINS_MAX], bins;
	size_t below, above, largest;
};

struct report_row {
	struct stats stats;
	struct report_histogram histogram;
	int64_t low, high;	/* 95 % interval of the median, from block medians */
	double spread;		/* of the block medians */
	size_t outliers;	/* more than 10 MADs above the median */
};

struct report {
	const struct measure_config *config;
	const struct measure_result *result;
	const struct measure_clock *clock;
	uint64_t tsc_khz;	/* 0: no ns here */
	const char *tsc_source;
	struct report_row rows[MEASURE_ROWS];
};

const char *report_via_name(enum measure_via via);

/*
 * Evaluates the run; its rows are sorted by that. @kernel_khz: the kernel's
 * figure, 0 if there is none.
 */
void report_evaluate(struct report *report, const struct measure_config *config,
		     const struct measure_result *result, uint64_t kernel_khz);
/* Prints all of it; the exit status. */
int report_print(const struct report *report);

#endif
