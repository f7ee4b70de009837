// SPDX-License-Identifier: GPL-2.0
/*
 * The programs that the fuzzer has found (fuzz.c), each made once and judged; and whether
 * the judge would notice: told something that is not so, it must find fault with them.
 */
#include "kselftest_harness.h"

#include "ringprobe_test.h"
#include "fuzz.h"

#define CORPUS		"corpus"

PROGRAM_NEEDS(lacks_root, lacks_device, lacks_port)

static void nothing(bool after)
{
	(void)after;
}

/* How many programs were made, up to the first of which the judge complains; -1: no corpus */
static int replay(struct __test_metadata *_metadata, struct fuzz_run *run)
{
	FILE *corpus = fopen(CORPUS, "r");
	struct fuzz_program program;
	int n = 0, got = 0;

	if (!corpus)
		return -1;
	while ((got = fuzz_scan(corpus, &program)) > 0) {
		n++;
		if (!fuzz_run(run, &program, nothing)) {
			TH_LOG("%s", run->complaint);
			if (run->lie == FUZZ_TRUTH)
				fuzz_print(stdout, &program);
			break;
		}
	}
	fclose(corpus);
	return got < 0 ? -1 : n;
}

TEST(every_program)
{
	struct fuzz_run run = { .alone = true, .fresh = true };

	ASSERT_EQ(NULL, fuzz_run_init(&run));
	EXPECT_LT(20, replay(_metadata, &run));
	EXPECT_STREQ("", run.complaint);
	/* what the programs are to be about */
	EXPECT_LT(0, run.in);
	EXPECT_LT(0, run.out);
	EXPECT_LT(0, run.refused);
}

FIXTURE(lie) {
	struct fuzz_run run;
};

FIXTURE_VARIANT(lie) {
	enum fuzz_lie lie;
};

FIXTURE_VARIANT_ADD(lie, the_test_device_is_not_listed) {
	.lie = FUZZ_LIE_PORTS,
};

FIXTURE_VARIANT_ADD(lie, einval_is_no_error) {
	.lie = FUZZ_LIE_ERRNO,
};

FIXTURE_VARIANT_ADD(lie, one_more_was_counted) {
	.lie = FUZZ_LIE_COUNT,
};

FIXTURE_VARIANT_ADD(lie, answers_are_shorter) {
	.lie = FUZZ_LIE_MEMORY,
};

FIXTURE_SETUP(lie)
{
	self->run = (struct fuzz_run){ .alone = true, .fresh = true, .lie = variant->lie };
	ASSERT_EQ(NULL, fuzz_run_init(&self->run));
}

FIXTURE_TEARDOWN(lie)
{
}

TEST_F(lie, is_noticed)
{
	EXPECT_LE(0, replay(_metadata, &self->run));
	EXPECT_STRNE("", self->run.complaint);
}

TEST_HARNESS_MAIN
