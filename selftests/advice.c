// SPDX-License-Identifier: GPL-2.0
/*
 * The monitor's advice on counts that were made up: each case deserves its advice and no
 * other, and beside it lies one that does not.
 */
#include <string.h>

#include "kselftest_harness.h"

#include "ringprobe_test.h"
#include "advice.h"
#include "callname.h"

#define COST	1000.0		/* ticks */
#define CPU	1000000000	/* ticks: 10,000 crossings are 1 percent */

static struct netlink_call calls[4];
static struct netlink_stats stats;
static struct advice list[ADVICE_MOST];

static const char *const names[] = { "read", "write", "getpid", "clock_gettime", "readv", "getpid2" };

/* In place of the probe's; a number beyond is one without a name. */
const char *callname(__u32 abi, __u32 nr)
{
	return abi == 64 && nr < ARRAY_SIZE(names) ? names[nr] : NULL;
}

static void add(const char *name, __u64 count, __u64 bytes)
{
	__u32 nr = 0;

	while (nr < ARRAY_SIZE(names) && strcmp(names[nr], name))
		nr++;
	calls[stats.n++] = (struct netlink_call){
		.abi = 64, .nr = nr, .count = count, .returned = count, .bytes = bytes,
	};
}

static size_t asked(void)
{
	memset(list, POISON, sizeof(list));
	stats.calls = calls;
	return advice(&stats, COST, (double)stats.cpu_ticks, "hpet", list);
}

FIXTURE(advice) {
};

FIXTURE_SETUP(advice)
{
	stats = (struct netlink_stats){ .cpu_ticks = CPU };
}

FIXTURE_TEARDOWN(advice)
{
}

TEST_F(advice, nothing_was_counted)
{
	EXPECT_EQ(0, asked());
	stats.cpu_ticks = 0;
	add("read", 1000000, 1000000);
	EXPECT_EQ(0, asked());
}

TEST_F(advice, tiny_reads)
{
	add("read", 1000000, 1000000);
	ASSERT_EQ(1, asked());
	EXPECT_STREQ("reads", list[0].key);
	EXPECT_STREQ("1000000 reads of 1.0 bytes each", list[0].evidence);
	EXPECT_STREQ("a buffer, or readv(): 245 calls of 4096 bytes would do", list[0].remedy);
	EXPECT_STREQ("ringprobe batch file", list[0].see);
	EXPECT_TRUE(list[0].saves > 99.97 && list[0].saves < 99.98);
}

TEST_F(advice, tiny_writes)
{
	add("write", 20000, 20000 * 511);
	ASSERT_EQ(1, asked());
	EXPECT_STREQ("writes", list[0].key);
	EXPECT_NE(NULL, strstr(list[0].evidence, "511.0 bytes"));
	EXPECT_NE(NULL, strstr(list[0].remedy, "writev()"));
}

TEST_F(advice, reads_of_an_eighth_of_a_buffer_are_not_tiny)
{
	add("read", 1000000, 1000000ULL * 512);
	EXPECT_EQ(0, asked());
}

TEST_F(advice, errors_move_nothing)
{
	add("read", 1000000, 1000000ULL * 512);
	calls[0].errors = 500000;
	EXPECT_EQ(0, asked());
	calls[0].errors = 1000000;
	calls[0].bytes = 0;
	EXPECT_EQ(0, asked());
}

TEST_F(advice, below_one_percent_none)
{
	add("read", 9999, 9999);
	EXPECT_EQ(0, asked());
	calls[0].count = calls[0].returned = calls[0].bytes = 10004;
	EXPECT_EQ(1, asked());
}

TEST_F(advice, what_is_read_is_written)
{
	add("read", 20000, 20000ULL * 4096);
	add("write", 20000, 20000ULL * 4096);
	ASSERT_EQ(1, asked());
	EXPECT_STREQ("copy", list[0].key);
	EXPECT_NE(NULL, strstr(list[0].remedy, "sendfile()"));
	EXPECT_TRUE(list[0].saves > 1.99 && list[0].saves < 2.01);
}

TEST_F(advice, more_is_read_than_written)
{
	add("read", 20000, 20000ULL * 4096);
	add("write", 20000, 20000ULL * 3600);
	EXPECT_EQ(0, asked());
}

TEST_F(advice, a_clock_by_real_calls)
{
	add("clock_gettime", 100000, 0);
	ASSERT_EQ(1, asked());
	EXPECT_STREQ("clock", list[0].key);
	EXPECT_NE(NULL, strstr(list[0].evidence, "clock source is hpet"));
	EXPECT_NE(NULL, strstr(list[0].remedy, "clocksource=tsc"));
	ASSERT_EQ(1, advice(&stats, COST, CPU, "tsc", list));
	EXPECT_NE(NULL, strstr(list[0].remedy, "by libc"));
}

TEST_F(advice, who_it_is)
{
	add("getpid", 100000, 0);
	ASSERT_EQ(1, asked());
	EXPECT_STREQ("identity", list[0].key);
	EXPECT_NE(NULL, strstr(list[0].remedy, "ask once"));
}

/* 0: read, 2: write, 16: fetch, of a page that is not there; 1 and 3: of one that is */
TEST_F(advice, page_faults)
{
	stats.faults[0] = 5000;
	stats.faults[2] = 4999;
	EXPECT_EQ(0, asked());
	stats.faults[16] = 1;
	ASSERT_EQ(1, asked());
	EXPECT_STREQ("faults", list[0].key);
	EXPECT_STREQ("10000 page faults, of pages that were not there", list[0].evidence);
	EXPECT_NE(NULL, strstr(list[0].remedy, "MAP_POPULATE"));
	EXPECT_STREQ("ringprobe ladder --only page-fault", list[0].see);
	EXPECT_TRUE(list[0].saves > 0.99 && list[0].saves < 1.01);
}

TEST_F(advice, faults_on_pages_that_are_there)
{
	stats.faults[1] = stats.faults[3] = stats.faults[17] = 1000000;
	EXPECT_EQ(0, asked());
}

TEST_F(advice, names_are_whole_words)
{
	add("getpid2", 1000000, 0);
	add("readv", 1000000, 1000000);
	EXPECT_EQ(0, asked());
	add("nameless", 1000000, 0);
	EXPECT_EQ(0, asked());
}

TEST_F(advice, the_dearest_first)
{
	add("getpid", 20000, 0);
	add("clock_gettime", 30000, 0);
	add("read", 25000, 0);
	ASSERT_EQ(3, asked());
	EXPECT_STREQ("clock", list[0].key);
	EXPECT_STREQ("reads", list[1].key);
	EXPECT_STREQ("identity", list[2].key);
}

TEST_HARNESS_MAIN
