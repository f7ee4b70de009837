// SPDX-License-Identifier: GPL-2.0
/*
 * The binary interface: numbers, sizes, offsets, bits, each against a figure
 * written down here, so that no change of the header goes unnoticed. Needs
 * neither the module nor root.
 */
#include "kselftest_harness.h"

#include "ringprobe_test.h"
#include "abi_layout.h"

#define FIELD(type, field, at, length)	{ #type "." #field, at, length },
#define SIZE(type, length)		{ #type, 0, length },

static const struct layout promised[] = { LAYOUT(FIELD, SIZE) };

static void compare(struct __test_metadata *_metadata, const struct layout *seen)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(promised); i++) {
		ASSERT_NE((void *)0, (const void *)seen[i].name);
		EXPECT_STREQ(promised[i].name, seen[i].name);
		EXPECT_EQ(promised[i].offset, seen[i].offset)
			TH_LOG("offset of %s", seen[i].name);
		EXPECT_EQ(promised[i].size, seen[i].size)
			TH_LOG("size of %s", seen[i].name);
	}
	EXPECT_EQ((void *)0, (const void *)seen[i].name);
}

TEST(layout_as_c11)
{
	compare(_metadata, layout_c);
}

TEST(layout_as_cxx17)
{
	if (!layout_cxx[0].name)
		SKIP(return, "built without a C++ compiler");
	compare(_metadata, layout_cxx);
}

/* Each field begins where the one before it ends: there is no padding. */
TEST(layout_has_no_holes)
{
	unsigned int size = 0, end = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(promised); i++) {
		if (!strchr(promised[i].name, '.')) {
			EXPECT_EQ(size, end);
			size = promised[i].size;
			end = 0;
			EXPECT_EQ(0, size % 8);
			continue;
		}
		EXPECT_EQ(end, promised[i].offset)
			TH_LOG("hole before %s", promised[i].name);
		end += promised[i].size;
	}
	EXPECT_EQ(size, end);
}

TEST(numbers)
{
	EXPECT_EQ(0xe900, RINGPROBE_IOC_NOP);
	EXPECT_EQ(0xe901, RINGPROBE_IOC_INFO);
	EXPECT_EQ(0xe902, RINGPROBE_IOC_CPL);
	EXPECT_EQ(0xe903, RINGPROBE_IOC_STAMP);
	EXPECT_EQ(0xe904, RINGPROBE_IOC_PORT_IN);
	EXPECT_EQ(0xe905, RINGPROBE_IOC_PORT_OUT);
}

TEST(numbers_carry_no_size)
{
	const unsigned int all[] = {
		RINGPROBE_IOC_NOP, RINGPROBE_IOC_INFO, RINGPROBE_IOC_CPL,
		RINGPROBE_IOC_STAMP, RINGPROBE_IOC_PORT_IN, RINGPROBE_IOC_PORT_OUT,
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(all); i++) {
		EXPECT_EQ(0, _IOC_SIZE(all[i]));
		EXPECT_EQ(_IOC_NONE, _IOC_DIR(all[i]));
		EXPECT_EQ(RINGPROBE_IOC_TYPE, _IOC_TYPE(all[i]));
		EXPECT_EQ(i, _IOC_NR(all[i]));
	}
}

TEST(constants)
{
	EXPECT_STREQ("/dev/ringprobe", RINGPROBE_DEVICE);
	EXPECT_EQ(1, RINGPROBE_ABI);
	EXPECT_EQ(4096, RINGPROBE_ARG_MAX);

	EXPECT_EQ(0x01, RINGPROBE_FEATURE_CPL);
	EXPECT_EQ(0x02, RINGPROBE_FEATURE_STAMP);
	EXPECT_EQ(0x04, RINGPROBE_FEATURE_LSEEK_STAMP);
	EXPECT_EQ(0x08, RINGPROBE_FEATURE_PORT);
	EXPECT_EQ(0x10, RINGPROBE_FEATURE_PM_TIMER);
	EXPECT_EQ(0x20, RINGPROBE_FEATURE_LFENCE_ORDERS);

	EXPECT_EQ(0x01, RINGPROBE_LAYER_FMODE);
	EXPECT_EQ(0x02, RINGPROBE_LAYER_OPENER);
	EXPECT_EQ(0x04, RINGPROBE_LAYER_CALLER);
	EXPECT_EQ(0x08, RINGPROBE_LAYER_LOCKDOWN);
	EXPECT_EQ(0x10, RINGPROBE_LAYER_RANGE);
	EXPECT_EQ(0x20, RINGPROBE_LAYER_ALLOW_LIST);
	EXPECT_EQ(0x40, RINGPROBE_LAYER_DENY_LIST);

	EXPECT_EQ(0x01, RINGPROBE_INFO_F_PORT);
	EXPECT_EQ(0x01, RINGPROBE_INFO_F_ALL);

	EXPECT_EQ(0, RINGPROBE_PORT_UNLISTED);
	EXPECT_EQ(1, RINGPROBE_PORT_BUILTIN);
	EXPECT_EQ(2, RINGPROBE_PORT_CLAIMED);
	EXPECT_EQ(3, RINGPROBE_PORT_UNSAFE);
	EXPECT_EQ(4, RINGPROBE_PORT_DENIED);

	EXPECT_EQ(1, RINGPROBE_ENTRY_SYSCALL64);
	EXPECT_EQ(2, RINGPROBE_ENTRY_INT80);
	EXPECT_EQ(3, RINGPROBE_ENTRY_COMPAT);

	EXPECT_EQ(0x01, RINGPROBE_CPL_SMEP);
	EXPECT_EQ(0x02, RINGPROBE_CPL_SMAP);
	EXPECT_EQ(0x04, RINGPROBE_CPL_UMIP);
	EXPECT_EQ(0x08, RINGPROBE_CPL_FSGSBASE);
	EXPECT_EQ(0x10, RINGPROBE_CPL_PTI);
	EXPECT_EQ(0x20, RINGPROBE_CPL_FRED);
	EXPECT_EQ(0x40, RINGPROBE_CPL_USER_STACK_HIGH);
	EXPECT_EQ(0x80, RINGPROBE_CPL_KERNEL_STACK_HIGH);
}

TEST_HARNESS_MAIN
