/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Statistics on arrays of samples: no I/O, no allocation, no clock. Every
 * percentile is an order statistic by nearest rank, so it is a value that was
 * really observed, and the median of an even number of samples is the lower of
 * the two in the middle. Of no samples at all everything is 0.
 */
#ifndef STATS_H
#define STATS_H

#include <stddef.h>
#include <stdint.h>

/* Makes the MAD of normally distributed samples equal to their deviation. */
#define STATS_MAD_SCALE		1.4826
/* The trimmed mean leaves out this share of the samples at either end. */
#define STATS_TRIM_PERCENT	20

struct stats {
	size_t n;
	int64_t min, p05, p25, median, p75, p95, p99, p999, max;
	double mad;		/* scaled by STATS_MAD_SCALE */
	double trimmed_mean;
};

/* Sorts @v and describes it. */
void stats_describe(int64_t *v, size_t n, struct stats *out);

void stats_sort(int64_t *v, size_t n);

/* These want @v sorted. */
int64_t stats_percentile(const int64_t *v, size_t n, unsigned int permille);
double stats_mad(const int64_t *v, size_t n);
double stats_trimmed_mean(const int64_t *v, size_t n);
/* How many values are greater than @limit. */
size_t stats_above(const int64_t *v, size_t n, double limit);

/* The largest number that divides every value; 0 if all are 0. */
uint64_t stats_gcd(const uint64_t *v, size_t n);

/*
 * @v is @blocks blocks of @per_block samples, one after the other: sorts each
 * block and stores its median.
 */
void stats_block_medians(int64_t *v, size_t per_block, size_t blocks, int64_t *medians);

/*
 * How far the block medians lie apart: the range of the middle 90 % of them
 * (5th to 95th percentile, so one odd block of 30 does not decide) over their
 * median. @v sorted. Infinite if the median is 0 and they differ.
 */
double stats_spread(const int64_t *v, size_t n);

/*
 * 95 % confidence interval of the median from independent values (@v sorted:
 * block medians, not samples, which are not independent), by the ranks that
 * the binomial distribution gives. Below 6 values it is their whole range.
 */
void stats_median_interval(const int64_t *v, size_t n, int64_t *low, int64_t *high);

/*
 * Adds the samples to @bins bins of @width, the first of which starts at
 * @first; what lies below is counted in *@below, above in *@above.
 */
void stats_histogram(const int64_t *v, size_t n, int64_t first, uint64_t width,
		     size_t *counts, size_t bins, size_t *below, size_t *above);

/* y = at_zero + slope * x */
struct stats_line {
	double at_zero, slope;
};

#define STATS_LINE_MAX 16	/* points */

/*
 * The line through n points that a few wild ones do not turn (Theil and Sen): the
 * slope is the median of the slopes of all pairs, at_zero the median of what is then
 * left. Points beyond STATS_LINE_MAX are not looked at; without two different x
 * the slope is 0.
 */
void stats_line(const int64_t *x, const int64_t *y, size_t n, struct stats_line *line);

#endif
