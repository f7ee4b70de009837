// SPDX-License-Identifier: GPL-2.0
/*
 * Pure functions on arrays. Differences are taken as unsigned numbers, so that
 * samples of any size, negative ones included, cannot overflow.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stats.h"

static uint64_t distance(int64_t a, int64_t b)
{
	return a > b ? (uint64_t)a - (uint64_t)b : (uint64_t)b - (uint64_t)a;
}

static int compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* Index of the nearest rank: the smallest value with @permille at or below. */
static size_t rank_of(size_t n, unsigned int permille)
{
	size_t rank = n / 1000 * permille + (n % 1000 * permille + 999) / 1000;

	return rank ? rank - 1 : 0;
}

void stats_sort(int64_t *v, size_t n)
{
	if (n)
		qsort(v, n, sizeof(*v), compare);
}

int64_t stats_percentile(const int64_t *v, size_t n, unsigned int permille)
{
	return n ? v[rank_of(n, permille)] : 0;
}

/*
 * The median of the distances to the median. In a sorted array the nearest
 * values lie around the middle: walk outwards, the nearer side first.
 */
double stats_mad(const int64_t *v, size_t n)
{
	size_t middle, left, right, rank;
	uint64_t nearest = 0;

	if (!n)
		return 0;
	middle = rank_of(n, 500);
	left = middle;		/* values below this index remain */
	right = middle + 1;	/* values from this index on remain */
	for (rank = 0; rank < middle; rank++) {
		uint64_t below = left ? distance(v[left - 1], v[middle]) : UINT64_MAX;
		uint64_t above = right < n ? distance(v[right], v[middle]) : UINT64_MAX;

		/* One side may be used up: its UINT64_MAX is not a distance. */
		if (right >= n || (left && below <= above)) {
			nearest = below;
			left--;
		} else {
			nearest = above;
			right++;
		}
	}
	return (double)nearest * STATS_MAD_SCALE;
}

double stats_trimmed_mean(const int64_t *v, size_t n)
{
	size_t cut = n / 100 * STATS_TRIM_PERCENT + n % 100 * STATS_TRIM_PERCENT / 100;
	long double sum = 0;
	size_t i;

	if (!n)
		return 0;
	for (i = cut; i < n - cut; i++)
		sum += v[i];
	return (double)(sum / (long double)(n - 2 * cut));
}

size_t stats_above(const int64_t *v, size_t n, double limit)
{
	size_t i = n;

	while (i && (double)v[i - 1] > limit)
		i--;
	return n - i;
}

void stats_describe(int64_t *v, size_t n, struct stats *out)
{
	memset(out, 0, sizeof(*out));
	if (!n)
		return;
	stats_sort(v, n);
	out->n = n;
	out->min = v[0];
	out->p05 = stats_percentile(v, n, 50);
	out->p25 = stats_percentile(v, n, 250);
	out->median = stats_percentile(v, n, 500);
	out->p75 = stats_percentile(v, n, 750);
	out->p95 = stats_percentile(v, n, 950);
	out->p99 = stats_percentile(v, n, 990);
	out->p999 = stats_percentile(v, n, 999);
	out->max = v[n - 1];
	out->mad = stats_mad(v, n);
	out->trimmed_mean = stats_trimmed_mean(v, n);
}

uint64_t stats_gcd(const uint64_t *v, size_t n)
{
	uint64_t gcd = 0;
	size_t i;

	for (i = 0; i < n && gcd != 1; i++) {
		uint64_t a = gcd, b = v[i];

		while (b) {
			uint64_t rest = a % b;

			a = b;
			b = rest;
		}
		gcd = a;
	}
	return gcd;
}

void stats_block_medians(int64_t *v, size_t per_block, size_t blocks, int64_t *medians)
{
	size_t i;

	for (i = 0; i < blocks; i++) {
		int64_t *block = v + i * per_block;

		stats_sort(block, per_block);
		medians[i] = stats_percentile(block, per_block, 500);
	}
}

double stats_spread(const int64_t *v, size_t n)
{
	uint64_t range;

	if (!n)
		return 0;
	range = distance(stats_percentile(v, n, 950), stats_percentile(v, n, 50));
	if (!range)
		return 0;
	return (double)range / fabs((double)stats_percentile(v, n, 500));
}

void stats_median_interval(const int64_t *v, size_t n, int64_t *low, int64_t *high)
{
	/* the probability of exactly 0 heads among n coins, then of at most cut */
	long double exactly = ldexpl(1.0L, -(int)n), at_most = exactly;
	size_t cut = 0;

	*low = 0;
	*high = 0;
	if (!n)
		return;
	for (;;) {
		exactly *= (long double)(n - cut) / (long double)(cut + 1);
		at_most += exactly;
		if (at_most > 0.025)	/* at the latest in the middle */
			break;
		cut++;
	}
	*low = v[cut];
	*high = v[n - 1 - cut];
}

void stats_histogram(const int64_t *v, size_t n, int64_t first, uint64_t width,
		     size_t *counts, size_t bins, size_t *below, size_t *above)
{
	size_t i;

	for (i = 0; i < n; i++) {
		uint64_t bin;

		if (v[i] < first) {
			++*below;
			continue;
		}
		bin = distance(v[i], first) / (width ? width : 1);
		if (bin >= bins)
			++*above;
		else
			counts[bin]++;
	}
}

static int compare_doubles(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median_of(double *v, size_t n)
{
	if (!n)
		return 0;
	qsort(v, n, sizeof(*v), compare_doubles);
	return v[rank_of(n, 500)];
}

void stats_line(const int64_t *x, const int64_t *y, size_t n, struct stats_line *line)
{
	double slopes[STATS_LINE_MAX * (STATS_LINE_MAX - 1) / 2], rest[STATS_LINE_MAX];
	size_t i, j, pairs = 0;

	if (n > STATS_LINE_MAX)
		n = STATS_LINE_MAX;
	for (i = 0; i < n; i++)
		for (j = 0; j < i; j++)
			if (x[i] != x[j])
				slopes[pairs++] = ((double)y[i] - (double)y[j]) /
						  ((double)x[i] - (double)x[j]);
	line->slope = median_of(slopes, pairs);
	for (i = 0; i < n; i++)
		rest[i] = (double)y[i] - line->slope * (double)x[i];
	line->at_zero = median_of(rest, n);
}
