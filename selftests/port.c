// SPDX-License-Identifier: GPL-2.0
/*
 * PORT_IN and PORT_OUT for a caller who may: which accesses exist, which are
 * allowed, and that those reach the device. What must be refused is tried
 * inside windows. The oracle is QEMU's pc-testdev: a latch of 32 bits at 0xe0,
 * and the same latch byte by byte at 0xe8.
 */
#include "kselftest_harness.h"

#include <time.h>

#include "ringprobe_test.h"

#define PM_TIMER_HZ	3579545.0	/* ACPI 4.8.2.1 */

static const uint32_t widths[] = { 1, 2, 4 };

PROGRAM_NEEDS(lacks_device, lacks_port)

FIXTURE(port) {
	int fd;
	struct ringprobe_info info;
};

FIXTURE_SETUP(port)
{
	self->fd = open(RINGPROBE_DEVICE, O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, ask(self->fd, &self->info, 0, 0));
}

FIXTURE_TEARDOWN(port)
{
	close(self->fd);
}

/* Refused with @err in this direction, the argument unchanged. */
#define EXPECT_REFUSED(err, number, access_port, access_width, access_value) do { \
	struct ringprobe_port arg_ = port_access(access_port, access_width, access_value); \
	const struct ringprobe_port before_ = arg_;			\
									\
	EXPECT_EQ(err, op(self->fd, number, &arg_))			\
		TH_LOG("port %#x width %u", arg_.port, arg_.width);	\
	EXPECT_EQ(0, memcmp(&before_, &arg_, sizeof(arg_)));		\
} while (0)

#define EXPECT_BOTH_REFUSED(err, access_port, access_width) do {	\
	EXPECT_REFUSED(err, RINGPROBE_IOC_PORT_IN, access_port, access_width, 0); \
	EXPECT_REFUSED(err, RINGPROBE_IOC_PORT_OUT, access_port, access_width, 0); \
} while (0)

/* Some would be 1, 2 or 4 if they were cut to 8 or 16 bits. */
TEST_F(port, widths)
{
	const uint32_t wrong[] = { 0, 3, 5, 6, 7, 8, 16, 32, 64, 0x101, 0x104, 0x10001, 0x10002,
				   0x10004, 0x80000001, 0xfffffffe, 0xffffffff };
	const uint32_t ports[] = { PORT_POST, PORT_TESTDEV, 0x1000, 0 };
	size_t i, j;

	window_opens(self->fd);
	for (i = 0; i < ARRAY_SIZE(wrong); i++)
		for (j = 0; j < ARRAY_SIZE(ports); j++)
			EXPECT_BOTH_REFUSED(EINVAL, ports[j], wrong[i]);
	window_closes(self->fd);
}

TEST_F(port, ports_above_0xffff)
{
	const uint32_t bases[] = { 0x10000, 0x20000, 0x1000000, 0x7fff0000, 0x80000000,
				   0xffff0000 };
	const uint32_t ports[] = { 0, PORT_POST, PORT_TESTDEV, PORT_RESET, 0xfffc };
	size_t i, j, k;

	window_opens(self->fd);
	for (i = 0; i < ARRAY_SIZE(bases); i++)
		for (j = 0; j < ARRAY_SIZE(ports); j++)
			for (k = 0; k < ARRAY_SIZE(widths); k++)
				EXPECT_BOTH_REFUSED(EINVAL, bases[i] + ports[j], widths[k]);
	window_closes(self->fd);
}

/* 0xffff is the last port there is, and no access wraps around to port 0. */
TEST_F(port, the_last_port)
{
	const struct {
		uint32_t port, width;
		int err;
	} rows[] = {
		{ 0xffff, 1, EACCES }, { 0xffff, 2, EINVAL }, { 0xffff, 4, EINVAL },
		{ 0xfffe, 1, EACCES }, { 0xfffe, 2, EACCES }, { 0xfffe, 4, EINVAL },
		{ 0xfffd, 1, EACCES }, { 0xfffd, 2, EINVAL }, { 0xfffd, 4, EINVAL },
		{ 0xfffc, 1, EACCES }, { 0xfffc, 2, EACCES }, { 0xfffc, 4, EACCES },
	};
	size_t i;

	window_opens(self->fd);
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		EXPECT_BOTH_REFUSED(rows[i].err, rows[i].port, rows[i].width);
	window_closes(self->fd);
}

TEST_F(port, unaligned)
{
	const uint32_t bases[] = { PORT_TESTDEV, PORT_TESTDEV_B, PORT_POST, 0x1000,
				   self->info.pm_timer_port };
	uint32_t offset;
	size_t i;

	window_opens(self->fd);
	for (i = 0; i < ARRAY_SIZE(bases); i++) {
		for (offset = 1; offset < 4; offset++) {
			if (offset % 2)
				EXPECT_BOTH_REFUSED(EINVAL, bases[i] + offset, 2);
			EXPECT_BOTH_REFUSED(EINVAL, bases[i] + offset, 4);
		}
	}
	window_closes(self->fd);
}

TEST_F(port, values_wider_than_the_width)
{
	uint32_t bit;

	window_opens(self->fd);
	for (bit = 8; bit < 32; bit++) {
		EXPECT_REFUSED(EINVAL, RINGPROBE_IOC_PORT_OUT, PORT_POST, 1, 1U << bit);
		EXPECT_REFUSED(EINVAL, RINGPROBE_IOC_PORT_OUT, PORT_TESTDEV, 1, 1U << bit | 1);
		if (bit >= 16)
			EXPECT_REFUSED(EINVAL, RINGPROBE_IOC_PORT_OUT, PORT_TESTDEV, 2, 1U << bit);
	}
	EXPECT_REFUSED(EINVAL, RINGPROBE_IOC_PORT_OUT, PORT_TESTDEV, 1, 0xffffffff);
	EXPECT_REFUSED(EINVAL, RINGPROBE_IOC_PORT_OUT, PORT_TESTDEV, 2, 0xffffffff);
	window_closes(self->fd);
}

TEST_F(port, read_only_descriptor)
{
	int fd = open(RINGPROBE_DEVICE, O_RDONLY | O_CLOEXEC);
	struct ringprobe_info info;
	uint32_t value;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, ask(fd, &info, PORT_POST, 1));
	EXPECT_EQ(0, info.deny_in);
	EXPECT_EQ(RINGPROBE_LAYER_FMODE, info.deny_out);
	EXPECT_EQ(0, port_in(fd, PORT_POST, 1, &value));
	window_opens(self->fd);
	EXPECT_EQ(EBADF, port_out(fd, PORT_POST, 1, 0));
	EXPECT_EQ(EBADF, port_out(fd, PORT_RESET, 1, 0));
	window_closes(self->fd);
	close(fd);
}

TEST_F(port, write_only_descriptor)
{
	int fd = open(RINGPROBE_DEVICE, O_WRONLY | O_CLOEXEC);
	struct ringprobe_info info;
	uint32_t value;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, ask(fd, &info, PORT_POST, 1));
	EXPECT_EQ(RINGPROBE_LAYER_FMODE, info.deny_in);
	EXPECT_EQ(0, info.deny_out);
	EXPECT_EQ(0, port_out(fd, PORT_POST, 1, 0));
	window_opens(self->fd);
	EXPECT_EQ(EBADF, port_in(fd, PORT_POST, 1, &value));
	EXPECT_EQ(0xcccccccc, value);
	EXPECT_EQ(EBADF, port_in(fd, PORT_KEYBOARD, 1, &value));
	window_closes(self->fd);
	close(fd);
}

TEST_F(port, post_port_is_8_bits_wide)
{
	uint32_t value;

	EXPECT_EQ(0, port_in(self->fd, PORT_POST, 1, &value));
	EXPECT_GE(0xff, value);
	EXPECT_EQ(0, port_out(self->fd, PORT_POST, 1, 0x5a));
	window_opens(self->fd);
	EXPECT_BOTH_REFUSED(EACCES, PORT_POST, 2);
	EXPECT_BOTH_REFUSED(EACCES, PORT_POST, 4);
	window_closes(self->fd);
}

TEST_F(port, ticks)
{
	struct ringprobe_port access = port_access(PORT_POST, 1, 0);
	uint64_t before, after;

	ASSERT_EQ(0, pin(0));
	before = user_stamp();
	ASSERT_EQ(0, op(self->fd, RINGPROBE_IOC_PORT_OUT, &access));
	after = user_stamp();
	EXPECT_LT(0, access.ticks);
	EXPECT_LT(access.ticks, after - before);
	EXPECT_EQ(0, access.value);	/* of OUT: as it was put in */
	access.ticks = 0;
	ASSERT_EQ(0, op(self->fd, RINGPROBE_IOC_PORT_IN, &access));
	EXPECT_LT(0, access.ticks);
}

/*
 * Every port, width and direction: what INFO says is what happens, and nothing
 * but what is meant to be allowed is. Refusals happen; what would succeed is
 * left to the other tests.
 */
TEST_F_TIMEOUT(port, every_access_there_is, 240)
{
	unsigned int allowed = 0, differences = 0;
	struct ringprobe_info info;
	uint32_t port, value;
	size_t i;

	window_opens(self->fd);
	for (port = 0; port <= 0x10003; port++) {
		for (i = 0; i < ARRAY_SIZE(widths); i++) {
			ASSERT_EQ(0, ask(self->fd, &info, port, widths[i]));
			allowed += !info.deny_in + !info.deny_out;
			if (info.deny_in && errno_of_layers(info.deny_in) !=
					    port_in(self->fd, port, widths[i], &value))
				differences++;
			if (info.deny_out && errno_of_layers(info.deny_out) !=
					     port_out(self->fd, port, widths[i], 0))
				differences++;
			if (port < 0x10000 && !(port % widths[i]) &&
			    info.port_kind != RINGPROBE_PORT_BUILTIN &&
			    (info.port_kind == RINGPROBE_PORT_DENIED ||
			     info.port_kind == RINGPROBE_PORT_UNLISTED) &&
			    (!info.deny_in || !info.deny_out))
				differences++;
		}
	}
	window_closes(self->fd);
	EXPECT_EQ(0, differences);
	/* 0x80 both ways, the PM timer one way, and what was listed at load */
	if (self->info.ranges == 1U + !!self->info.pm_timer_port) {
		EXPECT_EQ(2U + !!self->info.pm_timer_port, allowed);
	}
	/* 0xe0-0xe3 and 0xe8-0xeb: 4 + 2 + 1 accesses each, 0x5e9: 1, both ways */
	if (self->info.ranges == 4U + !!self->info.pm_timer_port &&
	    usable(self->fd, PORT_DEBUGCON, 1) && usable(self->fd, PORT_TESTDEV, 4) &&
	    usable(self->fd, PORT_TESTDEV_B, 4)) {
		EXPECT_EQ(2U + !!self->info.pm_timer_port + 2 * (7 + 7 + 1), allowed);
	}
}

TEST_F(port, pm_timer_only_as_32_bits_in)
{
	uint32_t port = self->info.pm_timer_port, value;

	if (!port)
		SKIP(return, "this machine has no ACPI PM timer");
	EXPECT_EQ(0, port_in(self->fd, port, 4, &value));
	window_opens(self->fd);
	EXPECT_REFUSED(EACCES, RINGPROBE_IOC_PORT_OUT, port, 4, 0);
	EXPECT_BOTH_REFUSED(EACCES, port, 2);
	EXPECT_BOTH_REFUSED(EACCES, port, 1);
	EXPECT_BOTH_REFUSED(EACCES, port + 4, 4);
	EXPECT_BOTH_REFUSED(EACCES, port - 4, 4);
	window_closes(self->fd);
}

static double raw_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_RAW, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* One reading, and when it was taken; the tightest of some tries. */
static int read_timer(int fd, uint32_t port, uint32_t *value, double *when)
{
	double before, after, best = 1e9;
	uint32_t seen;
	int i, err;

	for (i = 0; i < 20; i++) {
		before = raw_seconds();
		err = port_in(fd, port, 4, &seen);
		after = raw_seconds();
		if (err)
			return err;
		if (after - before < best) {
			best = after - before;
			*when = (before + after) / 2;
			*value = seen;
		}
	}
	return 0;
}

/* A success in ring 0 that anyone can see: the hardware counts at its rate. */
TEST_F(port, pm_timer_rate)
{
	uint32_t mask = self->info.pm_timer_bits == 32 ? 0xffffffff : 0xffffff;
	uint32_t port = self->info.pm_timer_port, first, last;
	double start, end, rate;

	if (!port)
		SKIP(return, "this machine has no ACPI PM timer");
	ASSERT_EQ(0, read_timer(self->fd, port, &first, &start));
	usleep(500000);
	ASSERT_EQ(0, read_timer(self->fd, port, &last, &end));
	EXPECT_EQ(0, first & ~mask);
	EXPECT_EQ(0, last & ~mask);
	rate = ((last - first) & mask) / (end - start);
	EXPECT_LT(0.99 * PM_TIMER_HZ, rate);
	EXPECT_GT(1.01 * PM_TIMER_HZ, rate);
}

FIXTURE(testdev) {
	int fd;
};

FIXTURE_VARIANT(testdev) {
	uint32_t base;
};

FIXTURE_VARIANT_ADD(testdev, latch) {
	.base = PORT_TESTDEV,
};

FIXTURE_VARIANT_ADD(testdev, latch_by_bytes) {
	.base = PORT_TESTDEV_B,
};

FIXTURE_SETUP(testdev)
{
	uint32_t value = 0;

	self->fd = open(RINGPROBE_DEVICE, O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, self->fd);
	if (!usable(self->fd, variant->base, 4))
		SKIP(return, "load the module with ports=0xe0-0xe3,0xe8-0xeb");
	ASSERT_EQ(0, port_out(self->fd, variant->base, 4, 0x600dc0de));
	ASSERT_EQ(0, port_in(self->fd, variant->base, 4, &value));
	if (value != 0x600dc0de)
		SKIP(return, "there is no pc-testdev here");
}

FIXTURE_TEARDOWN(testdev)
{
	close(self->fd);
}

TEST_F(testdev, byte_lanes)
{
	const uint8_t bytes[] = { 0x44, 0x33, 0x22, 0x11 };
	uint32_t lane, value;

	if (!usable(self->fd, variant->base, 4))
		return;
	ASSERT_EQ(0, port_out(self->fd, variant->base, 4, 0x11223344));
	for (lane = 0; lane < 4; lane++) {
		ASSERT_EQ(0, port_in(self->fd, variant->base + lane, 1, &value));
		EXPECT_EQ(bytes[lane], value);
	}
	ASSERT_EQ(0, port_in(self->fd, variant->base, 2, &value));
	EXPECT_EQ(0x3344, value);
	ASSERT_EQ(0, port_in(self->fd, variant->base + 2, 2, &value));
	EXPECT_EQ(0x1122, value);

	for (lane = 0; lane < 4; lane++) {
		ASSERT_EQ(0, port_out(self->fd, variant->base + lane, 1, 0xa0 + lane));
	}
	ASSERT_EQ(0, port_in(self->fd, variant->base, 4, &value));
	EXPECT_EQ(0xa3a2a1a0, value);
	ASSERT_EQ(0, port_out(self->fd, variant->base + 2, 2, 0xbeef));
	ASSERT_EQ(0, port_in(self->fd, variant->base, 4, &value));
	EXPECT_EQ(0xbeefa1a0, value);
}

/* A model of the latch, and random accesses of all widths to both. */
TEST_F(testdev, reads_back)
{
	uint32_t latch = 0, value, width, lane, mask, i;

	if (!usable(self->fd, variant->base, 4))
		return;
	srandom((unsigned int)user_stamp());
	ASSERT_EQ(0, port_out(self->fd, variant->base, 4, 0));
	for (i = 0; i < 1000; i++) {
		width = widths[random() % 3];
		lane = (uint32_t)random() % 4 / width * width;
		mask = 0xffffffff >> (32 - width * 8);
		value = (uint32_t)(random() << 8 ^ random()) & mask;
		ASSERT_EQ(0, port_out(self->fd, variant->base + lane, width, value));
		latch = (latch & ~(mask << lane * 8)) | value << lane * 8;

		width = widths[random() % 3];
		lane = (uint32_t)random() % 4 / width * width;
		mask = 0xffffffff >> (32 - width * 8);
		ASSERT_EQ(0, port_in(self->fd, variant->base + lane, width, &value));
		ASSERT_EQ(latch >> lane * 8 & mask, value)
			TH_LOG("width %u lane %u after %u accesses", width, lane, i);
	}
}

TEST_HARNESS_MAIN
