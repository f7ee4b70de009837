// SPDX-License-Identifier: GPL-2.0
/*
 * The probe's statistics on data whose answers were worked out by hand: they
 * need no module, no root and no clock. Each answer tells the formula apart
 * from its usual neighbours (the mean of the middle two, an unscaled MAD,
 * interpolated percentiles, off-by-one ranks).
 */
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "kselftest_harness.h"

#include "ringprobe_test.h"
#include "stats.h"

#define N(array) ARRAY_SIZE(array)

TEST(nothing)
{
	size_t counts[2] = { 0, 0 }, below = 0, above = 0;
	int64_t low = 1, high = 1, none = 7;
	struct stats stats;

	memset(&stats, POISON, sizeof(stats));
	stats_describe(&none, 0, &stats);
	EXPECT_EQ(0, stats.n);
	EXPECT_EQ(0, stats.min);
	EXPECT_EQ(0, stats.median);
	EXPECT_EQ(0, stats.p99);
	EXPECT_EQ(0, stats.max);
	EXPECT_EQ(0, stats.mad);
	EXPECT_EQ(0, stats.trimmed_mean);
	EXPECT_EQ(0, stats_percentile(&none, 0, 500));
	EXPECT_EQ(0, stats_above(&none, 0, -1));
	EXPECT_EQ(0, stats_gcd(NULL, 0));
	EXPECT_EQ(0, stats_spread(&none, 0));
	stats_median_interval(&none, 0, &low, &high);
	EXPECT_EQ(0, low);
	EXPECT_EQ(0, high);
	stats_histogram(&none, 0, 0, 1, counts, 2, &below, &above);
	EXPECT_EQ(0, counts[0] + counts[1] + below + above);
	EXPECT_EQ(7, none);
}

TEST(one)
{
	int64_t v[] = { -5 }, low, high;
	struct stats stats;

	stats_describe(v, 1, &stats);
	EXPECT_EQ(1, stats.n);
	EXPECT_EQ(-5, stats.min);
	EXPECT_EQ(-5, stats.p05);
	EXPECT_EQ(-5, stats.median);
	EXPECT_EQ(-5, stats.p999);
	EXPECT_EQ(-5, stats.max);
	EXPECT_EQ(0, stats.mad);
	EXPECT_EQ(-5, stats.trimmed_mean);
	EXPECT_EQ(0, stats_spread(v, 1));
	stats_median_interval(v, 1, &low, &high);
	EXPECT_EQ(-5, low);
	EXPECT_EQ(-5, high);
}

/* An even number: the lower of the middle two, never their mean (15). */
TEST(two)
{
	int64_t v[] = { 20, 10 };
	struct stats stats;

	stats_describe(v, 2, &stats);
	EXPECT_EQ(10, stats.min);
	EXPECT_EQ(10, stats.p25);
	EXPECT_EQ(10, stats.median);
	EXPECT_EQ(20, stats.p75);
	EXPECT_EQ(20, stats.p99);
	EXPECT_EQ(20, stats.max);
	/* distances 0 and 10: the lower is 0 */
	EXPECT_EQ(0, stats.mad);
	EXPECT_EQ(15, stats.trimmed_mean);
}

TEST(equal_values)
{
	int64_t v[100], medians[10];
	struct stats stats;
	size_t i;

	for (i = 0; i < N(v); i++)
		v[i] = 337;
	stats_describe(v, N(v), &stats);
	EXPECT_EQ(337, stats.min);
	EXPECT_EQ(337, stats.median);
	EXPECT_EQ(337, stats.max);
	EXPECT_EQ(0, stats.mad);
	EXPECT_EQ(337, stats.trimmed_mean);
	EXPECT_EQ(0, stats_above(v, N(v), 337));
	EXPECT_EQ(100, stats_above(v, N(v), 336.5));
	stats_block_medians(v, 10, 10, medians);
	EXPECT_EQ(337, medians[9]);
	EXPECT_EQ(0, stats_spread(medians, 10));
}

/* 1 to 1000, in an order that is not sorted: each rank is its own value. */
TEST(percentiles)
{
	int64_t v[1000];
	struct stats stats;
	size_t i;

	for (i = 0; i < N(v); i++)
		v[i] = (int64_t)(i * 7 % 1000) + 1;
	stats_describe(v, N(v), &stats);
	EXPECT_EQ(1, stats.min);
	EXPECT_EQ(50, stats.p05);
	EXPECT_EQ(250, stats.p25);
	EXPECT_EQ(500, stats.median);
	EXPECT_EQ(750, stats.p75);
	EXPECT_EQ(950, stats.p95);
	EXPECT_EQ(990, stats.p99);
	EXPECT_EQ(999, stats.p999);
	EXPECT_EQ(1000, stats.max);
	/* distances from 500: 0, twice 1 to 499, 500; the 500th is 250 */
	EXPECT_EQ(250 * 1.4826, stats.mad);
	/* without 1..200 and 801..1000 */
	EXPECT_EQ(500.5, stats.trimmed_mean);
	EXPECT_EQ(10, stats_above(v, N(v), 990));
	EXPECT_EQ(1, stats_percentile(v, N(v), 0));
	EXPECT_EQ(1, stats_percentile(v, N(v), 1));
	EXPECT_EQ(2, stats_percentile(v, N(v), 2));
	EXPECT_EQ(1000, stats_percentile(v, N(v), 1000));
}

/* The nearest rank rounds up: 99 % of 7 is 6.93, the seventh. */
TEST(ranks_round_up)
{
	int64_t v[] = { 1, 2, 3, 4, 5, 6, 7 };

	EXPECT_EQ(4, stats_percentile(v, 7, 500));
	EXPECT_EQ(2, stats_percentile(v, 7, 250));
	EXPECT_EQ(6, stats_percentile(v, 7, 750));
	EXPECT_EQ(7, stats_percentile(v, 7, 990));
	EXPECT_EQ(7, stats_percentile(v, 7, 858));
	EXPECT_EQ(6, stats_percentile(v, 7, 857));
}

/* Median 3; distances 2 1 0 1 97, sorted 0 1 1 2 97: the middle is 1. */
TEST(mad)
{
	int64_t odd[] = { 1, 2, 3, 4, 100 };
	int64_t left[] = { -100, -90, 0, 1, 2 };
	int64_t right[] = { 0, 0, 0, 50, 60, 70, 80, 90 };
	int64_t tail[] = { 1, 1, 1, 1, 1, 1, 1, 1000000 };

	EXPECT_EQ(1.4826, stats_mad(odd, N(odd)));
	/* median 0; distances 100 90 0 1 2: 2 */
	EXPECT_EQ(2 * 1.4826, stats_mad(left, N(left)));
	/* median 50; distances 50 50 50 0 10 20 30 40, the fourth: 30 */
	EXPECT_EQ(30 * 1.4826, stats_mad(right, N(right)));
	EXPECT_EQ(0, stats_mad(tail, N(tail)));
}

/* Two of ten go at either end; of nine, one (1.8) does. */
TEST(trimmed_mean)
{
	int64_t ten[] = { -1000, -900, 1, 2, 3, 4, 5, 9, 800, 90000 };
	int64_t nine[] = { -1000, 1, 2, 3, 4, 5, 6, 8, 90000 };

	int64_t many[250], large[] = { INT64_MAX, INT64_MAX, INT64_MAX };
	size_t i;

	EXPECT_EQ(4, stats_trimmed_mean(ten, N(ten)));
	EXPECT_EQ(29.0 / 7, stats_trimmed_mean(nine, N(nine)));
	/* 50 of 250, the large ones, and 50 of the small ones */
	for (i = 0; i < N(many); i++)
		many[i] = i < 200 ? 10 : 1000000;
	EXPECT_EQ(10, stats_trimmed_mean(many, N(many)));
	EXPECT_EQ((double)INT64_MAX, stats_trimmed_mean(large, N(large)));
}

TEST(values_that_could_overflow)
{
	int64_t v[] = { INT64_MAX, INT64_MIN, 0, INT64_MAX, INT64_MIN };
	int64_t ends[] = { INT64_MIN, INT64_MAX };
	size_t counts[2] = { 0, 0 }, below = 0, above = 0;
	struct stats stats;

	stats_describe(v, N(v), &stats);
	EXPECT_EQ(INT64_MIN, stats.min);
	EXPECT_EQ(0, stats.median);
	EXPECT_EQ(INT64_MAX, stats.max);
	/* distances 2^63 2^63 0 2^63-1 2^63-1: the middle is 2^63 - 1 */
	EXPECT_LT(fabs(stats.mad / 1.4826 - 9223372036854775807.0), 4096);
	/* -2^63 + 0 + 2^63-1, over three */
	EXPECT_LT(fabs(stats.trimmed_mean + 1.0 / 3), 0.001);
	/* median -2^63, distance of the other 2^64 - 1 */
	EXPECT_EQ(0, stats_mad(ends, 2));
	EXPECT_LT(fabs(stats_spread(ends, 2) - 2), 1e-9);
	stats_histogram(v, N(v), INT64_MIN, 1ULL << 63, counts, 2, &below, &above);
	EXPECT_EQ(2, counts[0]);
	EXPECT_EQ(3, counts[1]);
	EXPECT_EQ(0, below + above);
}

TEST(gcd)
{
	uint64_t quantum[] = { 42, 0, 63, 21, 105 };
	uint64_t prime[] = { 42, 63, 22 };
	uint64_t zeros[] = { 0, 0 };
	uint64_t large[] = { 1ULL << 63, 3ULL << 62 };
	uint64_t single[] = { 12 };

	EXPECT_EQ(21, stats_gcd(quantum, N(quantum)));
	EXPECT_EQ(1, stats_gcd(prime, N(prime)));
	EXPECT_EQ(0, stats_gcd(zeros, N(zeros)));
	EXPECT_EQ(1ULL << 62, stats_gcd(large, N(large)));
	EXPECT_EQ(12, stats_gcd(single, 1));
}

TEST(block_medians)
{
	int64_t v[] = { 3, 1, 2, 900, 30, 10, 20, 5, 7, 7, 7, 7, -1, -3, -2, -4 };
	int64_t medians[4];

	stats_block_medians(v, 4, 4, medians);
	EXPECT_EQ(2, medians[0]);
	EXPECT_EQ(10, medians[1]);
	EXPECT_EQ(7, medians[2]);
	EXPECT_EQ(-3, medians[3]);
	stats_sort(medians, 4);
	EXPECT_EQ(-3, medians[0]);
	EXPECT_EQ(10, medians[3]);
	/* (10 - -3) over 2 */
	EXPECT_EQ(6.5, stats_spread(medians, 4));
}

TEST(spread)
{
	int64_t near[] = { 95, 100, 110 }, around_zero[] = { -1, 0, 1 };
	int64_t negative[] = { -110, -100, -95 }, zeros[] = { 0, 0, 0 };
	int64_t many[30];
	size_t i;

	EXPECT_EQ(0.15, stats_spread(near, 3));
	EXPECT_EQ(0.15, stats_spread(negative, 3));
	EXPECT_NE(0, isinf(stats_spread(around_zero, 3)));
	EXPECT_EQ(0, stats_spread(zeros, 3));
	/* one odd block at either end does not count, two do */
	for (i = 0; i < N(many); i++)
		many[i] = i < 1 ? 10 : i < 29 ? 100 : 900;
	EXPECT_EQ(0, stats_spread(many, N(many)));
	many[28] = 150;
	EXPECT_EQ(0.5, stats_spread(many, N(many)));
	many[1] = 75;
	EXPECT_EQ(0.75, stats_spread(many, N(many)));
}

/*
 * Ranks from the tables of the sign test: 30 values: 10th and 21st; 10 values:
 * 2nd and 9th; 6 values: the ends; 5 values are too few, so the ends too.
 */
TEST(median_interval)
{
	static const struct {
		size_t n;
		int64_t low, high;
	} expected[] = {
		{ 2, 1, 2 }, { 5, 1, 5 }, { 6, 1, 6 }, { 8, 1, 8 }, { 9, 2, 8 },
		{ 10, 2, 9 }, { 20, 6, 15 }, { 30, 10, 21 }, { 60, 22, 39 },
		/* the largest number of blocks: 2^-2000 is no double */
		{ 2000, 956, 1045 },
	};
	int64_t v[2000], low, high;
	size_t i;

	for (i = 0; i < N(v); i++)
		v[i] = (int64_t)i + 1;
	for (i = 0; i < N(expected); i++) {
		stats_median_interval(v, expected[i].n, &low, &high);
		EXPECT_EQ(expected[i].low, low)
			TH_LOG("of %zu values", expected[i].n);
		EXPECT_EQ(expected[i].high, high)
			TH_LOG("of %zu values", expected[i].n);
	}
}

TEST(histogram)
{
	int64_t v[] = { 99, 100, 109, 110, 119, 120, 129, 130, 5000, -7 };
	size_t counts[3] = { 5, 0, 0 }, below = 1, above = 0;

	/* added to what is there */
	stats_histogram(v, N(v), 100, 10, counts, 3, &below, &above);
	EXPECT_EQ(5 + 2, counts[0]);
	EXPECT_EQ(2, counts[1]);
	EXPECT_EQ(2, counts[2]);
	EXPECT_EQ(1 + 2, below);
	EXPECT_EQ(2, above);
	/* a width of 0 is taken as 1 */
	memset(counts, 0, sizeof(counts));
	stats_histogram(v, N(v), 99, 0, counts, 3, &below, &above);
	EXPECT_EQ(1, counts[0]);
	EXPECT_EQ(1, counts[1]);
	EXPECT_EQ(0, counts[2]);
}

/* What batches look like: 300 a call and 7 for each further one, exactly. */
TEST(line)
{
	const int64_t x[] = { 256, 1, 2, 128, 4, 64, 8, 16, 32 };
	struct stats_line line = { -1, -1 };
	int64_t y[N(x)];
	size_t i;

	for (i = 0; i < N(x); i++)
		y[i] = 300 + 7 * x[i];
	stats_line(x, y, N(x), &line);
	EXPECT_EQ(300, line.at_zero);
	EXPECT_EQ(7, line.slope);
	/* two wild points of nine do not turn it; least squares they would */
	y[0] += 100000;
	y[3] -= 5000;
	stats_line(x, y, N(x), &line);
	EXPECT_EQ(300, line.at_zero);
	EXPECT_EQ(7, line.slope);
	/* it may fall, and start below zero */
	for (i = 0; i < N(x); i++)
		y[i] = -20 - 3 * x[i];
	stats_line(x, y, N(x), &line);
	EXPECT_EQ(-20, line.at_zero);
	EXPECT_EQ(-3, line.slope);
}

TEST(line_through_little)
{
	const int64_t x[] = { 4, 4, 6 }, y[] = { 10, 30, 50 };
	struct stats_line line = { -1, -1 };

	stats_line(x, y, 0, &line);
	EXPECT_EQ(0, line.at_zero);
	EXPECT_EQ(0, line.slope);
	stats_line(x, y, 1, &line);
	EXPECT_EQ(10, line.at_zero);
	EXPECT_EQ(0, line.slope);
	/* one x, two y: no slope, and the lower of the two */
	stats_line(x, y, 2, &line);
	EXPECT_EQ(10, line.at_zero);
	EXPECT_EQ(0, line.slope);
	/* slopes 20 and 10: the lower; then 10 - 40, 30 - 40 and 50 - 60 */
	stats_line(x, y, 3, &line);
	EXPECT_EQ(10, line.slope);
	EXPECT_EQ(-10, line.at_zero);
}

TEST(line_of_too_many)
{
	int64_t x[STATS_LINE_MAX + 1], y[STATS_LINE_MAX + 1];
	struct stats_line line;
	size_t i;

	for (i = 0; i < N(x); i++) {
		x[i] = (int64_t)i;
		y[i] = i < STATS_LINE_MAX ? 2 * x[i] : 1000000;
	}
	stats_line(x, y, N(x), &line);
	EXPECT_EQ(2, line.slope);
	EXPECT_EQ(0, line.at_zero);
}

TEST_HARNESS_MAIN
