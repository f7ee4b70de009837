// SPDX-License-Identifier: GPL-2.0
/*
 * The batches: all ops are judged before any is done, each is answered, and each is
 * done once. One fault at a time on a batch that is otherwise valid; what must touch
 * no device is tried inside windows. The oracle is QEMU's pc-testdev, and for ops
 * that must not be done twice whoever traces it: see "run" in ringprobe_test.h.
 */
#include "kselftest_harness.h"

#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>

#include "ringprobe_test.h"

#define PAGE		4096U
#define MAX		RINGPROBE_BATCH_MAX

static const uint8_t widths[] = { 1, 2, 4 };

PROGRAM_NEEDS(lacks_device, lacks_port)

FIXTURE(batch) {
	int fd;
	uint8_t *area;			/* two pages, and one that is not there */
	struct ringprobe_op ops[MAX + 1];
	uint64_t stamps[MAX + 1];
};

FIXTURE_VARIANT(batch) {
	unsigned int number;
};

FIXTURE_VARIANT_ADD(batch, in) {
	.number = RINGPROBE_IOC_PORT_BATCH_IN,
};

FIXTURE_VARIANT_ADD(batch, mixed) {
	.number = RINGPROBE_IOC_PORT_BATCH,
};

FIXTURE_SETUP(batch)
{
	size_t i;

	self->fd = open(RINGPROBE_DEVICE, O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, self->fd);
	self->area = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			  0);
	ASSERT_NE((void *)MAP_FAILED, (void *)self->area);
	ASSERT_EQ(0, munmap(self->area + 2 * PAGE, PAGE));
	memset(self->stamps, POISON, sizeof(self->stamps));
	for (i = 0; i <= MAX; i++)
		self->ops[i] = in_op(PORT_POST, 1);
}

FIXTURE_TEARDOWN(batch)
{
	munmap(self->area, 2 * PAGE);
	close(self->fd);
}

/*
 * @batch fails with @err: nothing of it has changed but completed, which is 0 then,
 * and no op or stamp of the fixture has.
 */
#define EXPECT_FAILS(err, batch) do {					\
	struct ringprobe_batch before_ = *(batch);			\
	struct ringprobe_op ops_[MAX + 1];				\
									\
	memcpy(ops_, self->ops, sizeof(ops_));				\
	EXPECT_EQ(err, op(self->fd, variant->number, batch));		\
	before_.completed = 0;						\
	EXPECT_EQ(0, memcmp(&before_, batch, sizeof(before_)));		\
	EXPECT_EQ(0, memcmp(ops_, self->ops, sizeof(ops_)));		\
	EXPECT_TRUE(all_bytes(self->stamps, POISON, sizeof(self->stamps))); \
} while (0)

TEST_F(batch, counts)
{
	const uint32_t wrong[] = { 0, MAX + 1, 1000, 0x10000, 0x10001, 0x20000001, 0x7fffffff,
				   0x80000000, 0x80000001, 0xffffffff };
	struct ringprobe_batch batch;
	size_t i;

	window_opens(self->fd);
	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		batch = batch_of(self->ops, wrong[i]);
		EXPECT_FAILS(EINVAL, &batch);
		batch = batch_of(self->ops, wrong[i]);
		batch.stamps = (uintptr_t)self->stamps;
		EXPECT_FAILS(EINVAL, &batch);
	}
	window_closes(self->fd);
}

TEST_F(batch, reserved)
{
	struct ringprobe_batch batch;
	unsigned int bit;

	window_opens(self->fd);
	for (bit = 0; bit < 64; bit++) {
		batch = batch_of(self->ops, 3);
		batch.reserved = 1ULL << bit;
		EXPECT_FAILS(EINVAL, &batch);
	}
	window_closes(self->fd);
}

TEST_F(batch, unaligned)
{
	struct ringprobe_batch batch;
	unsigned int i;

	window_opens(self->fd);
	for (i = 1; i < 8; i++) {
		batch = batch_of(self->ops, 3);
		batch.ops += i;
		EXPECT_FAILS(EINVAL, &batch);
		batch = batch_of(self->ops, 3);
		batch.stamps = (uintptr_t)self->stamps + i;
		EXPECT_FAILS(EINVAL, &batch);
		batch = batch_of(self->ops, 3);
		batch.stamps = i;
		EXPECT_FAILS(EINVAL, &batch);
	}
	window_closes(self->fd);
}

/* Each as ops, and each as stamps of ops that are good. Stamps at 0: none. */
TEST_F(batch, bad_pointers)
{
	const uint64_t bad[] = {
		0, 8, 0x1000, -8ULL, -16ULL, -4096ULL, 0x00007ffffffff000, 0x00007ffffffffff8,
		0x0000800000000000, 0xffff800000000000, 0xffff888000000000, 0xffffffff81000000,
		0x8000000000000000, 0xfffff000, 0xfffffff8, 0x100000000,
	};
	const uint32_t counts[] = { 1, 2, MAX };
	struct ringprobe_batch batch;
	size_t i, j;

	window_opens(self->fd);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		for (j = 0; j < ARRAY_SIZE(counts); j++) {
			batch = batch_of(self->ops, counts[j]);
			batch.ops = bad[i];
			EXPECT_FAILS(EFAULT, &batch);
			batch.stamps = (uintptr_t)self->stamps;
			EXPECT_FAILS(EFAULT, &batch);
			batch = batch_of(self->ops, counts[j]);
			batch.stamps = bad[i];
			if (bad[i])
				EXPECT_FAILS(EFAULT, &batch);
		}
	}
	window_closes(self->fd);
}

/* They begin in one page and end in one that cannot be written, or is not there. */
TEST_F(batch, second_page)
{
	const int prots[] = { PROT_NONE, PROT_READ };
	struct ringprobe_op *ops;
	struct ringprobe_batch batch;
	uint8_t saved[PAGE];
	unsigned int first;
	size_t i;

	window_opens(self->fd);
	for (i = 0; i < ARRAY_SIZE(prots); i++) {
		for (first = 0; first < MAX; first += first < 4 || first > 250 ? 1 : 9) {
			ops = (struct ringprobe_op *)(self->area + PAGE) - first;
			memset(self->area, POISON, 2 * PAGE);
			memcpy(ops, self->ops, MAX * sizeof(*ops));
			memcpy(saved, self->area, PAGE);
			ASSERT_EQ(0, mprotect(self->area + PAGE, PAGE, prots[i]));
			batch = batch_of(ops, MAX);
			EXPECT_FAILS(EFAULT, &batch);
			batch = batch_of(self->ops, MAX);
			batch.stamps = (uintptr_t)ops;
			EXPECT_FAILS(EFAULT, &batch);
			EXPECT_EQ(0, memcmp(saved, self->area, PAGE));
			ASSERT_EQ(0, mprotect(self->area + PAGE, PAGE, PROT_READ | PROT_WRITE));
		}
	}
	/* the same beyond the second page, where nothing is */
	memset(self->area, POISON, 2 * PAGE);
	for (first = 0; first < MAX; first++) {
		ops = (struct ringprobe_op *)(self->area + 2 * PAGE) - first;
		memcpy(ops, self->ops, first * sizeof(*ops));
		batch = batch_of(ops, MAX);
		EXPECT_FAILS(EFAULT, &batch);
		EXPECT_EQ(0, memcmp(ops, self->ops, first * sizeof(*ops)));
	}
	window_closes(self->fd);
}

/* Of two good pages nothing is written beyond the last op or stamp. */
TEST_F(batch, ends_with_the_page)
{
	struct ringprobe_op *ops = (struct ringprobe_op *)(self->area + PAGE) - 100;
	struct ringprobe_batch batch = batch_of(ops, 100);
	unsigned int i;

	memset(self->area, POISON, 2 * PAGE);
	memcpy(ops, self->ops, 100 * sizeof(*ops));
	ASSERT_EQ(0, mprotect(self->area + PAGE, PAGE, PROT_NONE));
	ASSERT_EQ(0, op(self->fd, variant->number, &batch));
	EXPECT_EQ(100, batch.completed);
	EXPECT_TRUE(all_bytes(self->area, POISON, PAGE - 100 * sizeof(*ops)));
	for (i = 0; i < 100; i++) {
		ASSERT_EQ(RINGPROBE_OP_DONE, ops[i].status);
		ASSERT_EQ(0, ops[i].value & ~0xffU);
	}
	batch = batch_of(self->ops, 3);
	batch.stamps = (uintptr_t)(self->area + PAGE - 3 * sizeof(uint64_t));
	memset(self->area, POISON, PAGE);
	ASSERT_EQ(0, op(self->fd, variant->number, &batch));
	EXPECT_TRUE(all_bytes(self->area, POISON, PAGE - 3 * sizeof(uint64_t)));
}

TEST_F(batch, exact_count)
{
	const uint32_t counts[] = { 1, 2, 31, 32, 33, 63, 64, 65, 255, MAX };
	struct ringprobe_batch batch;
	uint32_t i, j;

	for (i = 0; i < ARRAY_SIZE(counts); i++) {
		for (j = 0; j <= MAX; j++)
			self->ops[j] = in_op(PORT_POST, 1);
		memset(self->stamps, POISON, sizeof(self->stamps));
		batch = batch_of(self->ops, counts[i]);
		batch.stamps = (uintptr_t)self->stamps;
		ASSERT_EQ(0, op(self->fd, variant->number, &batch));
		EXPECT_EQ(counts[i], batch.completed);
		EXPECT_EQ(counts[i], batch.count);
		EXPECT_EQ((uintptr_t)self->ops, batch.ops);
		for (j = 0; j <= MAX; j++) {
			EXPECT_EQ(j < counts[i], self->ops[j].status);
			EXPECT_EQ(j < counts[i], self->ops[j].value <= 0xff);
			EXPECT_EQ(PORT_POST, self->ops[j].port);
			EXPECT_EQ(1, self->ops[j].access);
			EXPECT_EQ(j < counts[i], self->stamps[j] != 0xccccccccccccccccULL);
		}
	}
}

/* Ordered, and between the caller's own; without them nothing is stored. */
TEST_F(batch, stamps)
{
	struct ringprobe_batch batch = batch_of(self->ops, MAX);
	uint64_t before, after, last;
	unsigned int i;

	ASSERT_EQ(0, pin(0));
	batch.stamps = (uintptr_t)self->stamps;
	before = user_stamp();
	ASSERT_EQ(0, op(self->fd, variant->number, &batch));
	after = user_stamp();
	for (last = before, i = 0; i < MAX; i++) {
		EXPECT_LT(last, self->stamps[i]);
		last = self->stamps[i];
	}
	EXPECT_LT(last, after);

	memset(self->stamps, POISON, sizeof(self->stamps));
	for (i = 0; i < MAX; i++)
		self->ops[i] = in_op(PORT_POST, 1);
	batch.stamps = 0;
	ASSERT_EQ(0, op(self->fd, variant->number, &batch));
	EXPECT_TRUE(all_bytes(self->stamps, POISON, sizeof(self->stamps)));
}

/* A bad op, and what is said of it; the first number: of PORT_BATCH_IN */
static const struct {
	struct ringprobe_op op;
	uint8_t status_in, status;
} bad_ops[] = {
#define BOTH(status)	RINGPROBE_OP_##status, RINGPROBE_OP_##status
	{ { .port = PORT_POST, .access = 0 }, BOTH(INVALID) },
	{ { .port = PORT_POST, .access = 3 }, BOTH(INVALID) },
	{ { .port = PORT_POST, .access = 8 }, BOTH(INVALID) },
	{ { .port = PORT_POST, .access = 0x80 }, BOTH(INVALID) },
	{ { .port = PORT_POST, .access = 0xff }, BOTH(INVALID) },
	{ { .port = 0xffff, .access = 2 }, BOTH(INVALID) },
	{ { .port = 0xfffe, .access = 4 }, BOTH(INVALID) },
	{ { .port = PORT_TESTDEV + 1, .access = 2 }, BOTH(INVALID) },
	{ { .port = PORT_TESTDEV + 2, .access = 4 }, BOTH(INVALID) },
	{ { .port = PORT_POST, .access = 1, .status = 1 }, BOTH(INVALID) },
	{ { .port = PORT_POST, .access = 1, .status = 0xff }, BOTH(INVALID) },
	{ { .port = PORT_RESET, .access = 1, .status = 3 }, BOTH(INVALID) },
	{ { .port = PORT_POST, .access = 0x81, .value = 0x100 }, BOTH(INVALID) },
	{ { .port = PORT_RESET, .access = 0x81, .value = 0x1fe }, BOTH(INVALID) },
	{ { .port = 0x1000, .access = 0x82, .value = 0x10000 }, BOTH(INVALID) },
	{ { .port = PORT_RESET, .access = 1 }, BOTH(REFUSED) },
	{ { .port = PORT_KEYBOARD, .access = 1 }, BOTH(REFUSED) },
	{ { .port = PORT_POST, .access = 2 }, BOTH(REFUSED) },
	{ { .port = PORT_POST, .access = 4 }, BOTH(REFUSED) },
	{ { .port = 0xffff, .access = 1 }, BOTH(REFUSED) },
	{ { .port = 0xfffc, .access = 4 }, BOTH(REFUSED) },
	{ { .port = 0xcf8, .access = 4 }, BOTH(REFUSED) },
	{ { .port = 0xe4, .access = 4 }, BOTH(REFUSED) },
	{ { .port = PORT_RESET, .access = 0x81, .value = 0xfe },
	  RINGPROBE_OP_INVALID, RINGPROBE_OP_REFUSED },
	{ { .port = 0xcf9, .access = 0x81, .value = 6 },
	  RINGPROBE_OP_INVALID, RINGPROBE_OP_REFUSED },
	{ { .port = 0xe4, .access = 0x84, .value = 0xffffffff },
	  RINGPROBE_OP_INVALID, RINGPROBE_OP_REFUSED },
};

#define STATUS(i) (variant->number == RINGPROBE_IOC_PORT_BATCH ? bad_ops[i].status : \
								bad_ops[i].status_in)

static int errno_of(uint8_t status)
{
	return status == RINGPROBE_OP_INVALID ? EINVAL : EACCES;
}

/* Op @k of @n is bad_ops[i], and none is done. The others could be, the OUT too. */
#define EXPECT_OP_REFUSED(i, k, n) do {					\
	struct ringprobe_batch batch_ = batch_of(self->ops, n);		\
	struct ringprobe_op expected_[MAX + 1];				\
									\
	self->ops[k] = bad_ops[i].op;					\
	memcpy(expected_, self->ops, sizeof(expected_));		\
	expected_[k].status = STATUS(i);				\
	EXPECT_EQ(errno_of(STATUS(i)), op(self->fd, variant->number, &batch_)) \
		TH_LOG("op %u of %u: bad op %u", k, n, (unsigned int)(i)); \
	EXPECT_EQ(0, batch_.completed);					\
	EXPECT_EQ(0, memcmp(expected_, self->ops, sizeof(expected_)))	\
		TH_LOG("op %u of %u: bad op %u", k, n, (unsigned int)(i)); \
	self->ops[k] = in_op(PORT_POST, 1);				\
} while (0)

/* Each place for one bad op, in batches of one, two and three chunks, and the largest. */
TEST_F_TIMEOUT(batch, one_op_refused, 120)
{
	const uint32_t counts[] = { 1, 2, 33, 70, MAX };
	uint32_t i, j, k;

	window_opens(self->fd);
	for (i = 0; i < ARRAY_SIZE(bad_ops); i++)
		for (j = 0; j < ARRAY_SIZE(counts); j++)
			for (k = 0; k < counts[j]; k += i && k > 2 ? 31 : 1)
				EXPECT_OP_REFUSED(i, k, counts[j]);
	window_closes(self->fd);
}

/* The same among writes that are allowed: not one reaches the latch. */
TEST_F(batch, one_op_refused_among_writes)
{
	uint32_t i, k;

	if (variant->number != RINGPROBE_IOC_PORT_BATCH || !usable(self->fd, PORT_TESTDEV, 4))
		return;
	window_opens(self->fd);
	for (i = 0; i < ARRAY_SIZE(bad_ops); i++) {
		for (k = 0; k < 64; k++)
			self->ops[k] = out_op(PORT_TESTDEV, 4, 0xbad00000 + k);
		for (k = 0; k < 64; k += 9)
			EXPECT_OP_REFUSED(i, k, 64U);
	}
	window_closes(self->fd);
}

TEST_F(batch, the_first_refusal_counts)
{
	struct ringprobe_batch batch = batch_of(self->ops, 10);

	window_opens(self->fd);
	self->ops[3].port = PORT_RESET;
	self->ops[5].access = 3;
	EXPECT_EQ(EACCES, op(self->fd, variant->number, &batch));
	EXPECT_EQ(RINGPROBE_OP_REFUSED, self->ops[3].status);
	EXPECT_EQ(RINGPROBE_OP_INVALID, self->ops[5].status);
	/* as it was answered it is no input: the statuses are not 0 */
	EXPECT_EQ(EINVAL, op(self->fd, variant->number, &batch));
	EXPECT_EQ(RINGPROBE_OP_INVALID, self->ops[3].status);
	self->ops[3] = in_op(PORT_POST, 1);
	self->ops[5] = in_op(PORT_POST, 1);
	self->ops[5].port = PORT_RESET;
	self->ops[3].access = 0;
	EXPECT_EQ(EINVAL, op(self->fd, variant->number, &batch));
	EXPECT_EQ(RINGPROBE_OP_INVALID, self->ops[3].status);
	EXPECT_EQ(RINGPROBE_OP_REFUSED, self->ops[5].status);
	EXPECT_EQ(RINGPROBE_OP_NOT_RUN, self->ops[4].status);
	window_closes(self->fd);
}

/* Of the 256 ways to fill in a byte, three are an IN and three an OUT. */
TEST_F(batch, every_access_byte)
{
	struct ringprobe_batch batch;
	uint32_t access, passed = 0;

	if (!usable(self->fd, PORT_TESTDEV, 4))
		SKIP(return, "load the module with ports=0xe0-0xe3");
	window_opens(self->fd);
	for (access = 0; access < 256; access++) {
		/* a second op that is refused: nothing is done in any case */
		self->ops[0] = (struct ringprobe_op){ .port = PORT_TESTDEV, .access = access };
		self->ops[1] = in_op(PORT_RESET, 1);
		batch = batch_of(self->ops, 2);
		EXPECT_NE(0, op(self->fd, variant->number, &batch));
		EXPECT_EQ(0, batch.completed);
		EXPECT_EQ(RINGPROBE_OP_REFUSED, self->ops[1].status);
		if (self->ops[0].status == RINGPROBE_OP_NOT_RUN) {
			passed++;
			EXPECT_TRUE((access & 0x7f) == 1 || (access & 0x7f) == 2 ||
				    (access & 0x7f) == 4);
		} else {
			EXPECT_EQ(RINGPROBE_OP_INVALID, self->ops[0].status);
		}
	}
	EXPECT_EQ(variant->number == RINGPROBE_IOC_PORT_BATCH ? 6 : 3, passed);
	window_closes(self->fd);
}

TEST_F(batch, values_wider_than_the_width)
{
	struct ringprobe_batch batch;
	uint32_t bit, i;

	if (variant->number != RINGPROBE_IOC_PORT_BATCH || !usable(self->fd, PORT_TESTDEV, 4))
		return;
	window_opens(self->fd);
	for (i = 0; i < 2; i++) {
		for (bit = 8U << i; bit < 32; bit++) {
			self->ops[0] = out_op(PORT_TESTDEV, widths[i], 1U << bit | 1);
			batch = batch_of(self->ops, 2);
			EXPECT_EQ(EINVAL, op(self->fd, variant->number, &batch));
			EXPECT_EQ(RINGPROBE_OP_INVALID, self->ops[0].status);
			EXPECT_EQ(1U << bit | 1, self->ops[0].value);
		}
	}
	window_closes(self->fd);
}

/*
 * Every port, width and direction, 255 at a time, beside one op that is refused, so
 * that none is done: what is allowed is as much as port.c finds, and no more.
 */
TEST_F_TIMEOUT(batch, every_access_there_is, 120)
{
	uint32_t port, i, n, access, allowed = 0, usable_ins = 0;
	struct ringprobe_info info;
	struct ringprobe_batch batch;

	window_opens(self->fd);
	ASSERT_EQ(0, ask(self->fd, &info, 0, 0));
	for (access = 0; access < 6; access++) {
		for (port = 0; port <= 0xffff; port += n) {
			n = 0x10000 - port < MAX - 1 ? 0x10000 - port : MAX - 1;
			for (i = 0; i < n; i++)
				self->ops[i] = access % 2 ?
					out_op((uint16_t)(port + i), widths[access / 2], 0) :
					in_op((uint16_t)(port + i), widths[access / 2]);
			self->ops[n] = in_op(PORT_RESET, 1);
			batch = batch_of(self->ops, n + 1);
			ASSERT_NE(0, op(self->fd, variant->number, &batch));
			ASSERT_EQ(0, batch.completed);
			for (i = 0; i < n; i++) {
				if (self->ops[i].status != RINGPROBE_OP_NOT_RUN)
					continue;
				allowed++;
				usable_ins += !(access % 2);
				ASSERT_EQ(0, ask(self->fd, &info, port + i, widths[access / 2]));
				EXPECT_EQ(0, access % 2 ? info.deny_out : info.deny_in)
					TH_LOG("port %#x", port + i);
			}
		}
	}
	window_closes(self->fd);
	if (info.ranges == 4U + !!info.pm_timer_port && usable(self->fd, PORT_DEBUGCON, 1) &&
	    usable(self->fd, PORT_TESTDEV, 4) && usable(self->fd, PORT_TESTDEV_B, 4)) {
		EXPECT_EQ(1U + !!info.pm_timer_port + 7 + 7 + 1, usable_ins);
		EXPECT_EQ(variant->number == RINGPROBE_IOC_PORT_BATCH ?
			  usable_ins * 2 - !!info.pm_timer_port : usable_ins, allowed);
	}
}

TEST_F(batch, descriptors_of_each_mode)
{
	const struct {
		int flags, err_in, err;
	} rows[] = {
		{ O_RDONLY, 0, EBADF }, { O_WRONLY, EBADF, EBADF }, { O_RDWR, 0, 0 },
	};
	struct ringprobe_batch batch;
	size_t i;
	int fd;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		fd = open(RINGPROBE_DEVICE, rows[i].flags | O_CLOEXEC);
		ASSERT_LE(0, fd);
		self->ops[0] = in_op(PORT_POST, 1);
		batch = batch_of(self->ops, 1);
		EXPECT_EQ(variant->number == RINGPROBE_IOC_PORT_BATCH ? rows[i].err :
									rows[i].err_in,
			  op(fd, variant->number, &batch));
		close(fd);
	}
}

FIXTURE(latch) {
	int fd, is_there;
	struct ringprobe_op ops[MAX];
};

FIXTURE_SETUP(latch)
{
	uint32_t value = 0;

	self->fd = open(RINGPROBE_DEVICE, O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, self->fd);
	self->is_there = usable(self->fd, PORT_TESTDEV, 4) &&
			 !port_out(self->fd, PORT_TESTDEV, 4, 0x600dc0de) &&
			 !port_in(self->fd, PORT_TESTDEV, 4, &value) && value == 0x600dc0de;
	if (!self->is_there)
		SKIP(return, "there is no pc-testdev here, or ports=0xe0-0xe3 was not given");
}

FIXTURE_TEARDOWN(latch)
{
	close(self->fd);
}

/* One random op on the latch, and what a model of the latch makes of it. */
static struct ringprobe_op random_op(uint32_t *latch, uint32_t *value)
{
	uint8_t width = widths[random() % 3];
	uint32_t lane = (uint32_t)random() % 4 / width * width;
	uint32_t mask = 0xffffffff >> (32 - width * 8);

	if (random() % 2) {
		*value = *latch >> lane * 8 & mask;
		return in_op((uint16_t)(PORT_TESTDEV + lane), width);
	}
	*value = (uint32_t)(random() << 8 ^ random()) & mask;
	*latch = (*latch & ~(mask << lane * 8)) | *value << lane * 8;
	return out_op((uint16_t)(PORT_TESTDEV + lane), width, *value);
}

TEST_F_TIMEOUT(latch, reads_back, 120)
{
	uint32_t latch = 0x600dc0de, n, i, j, value, values[MAX];
	struct ringprobe_batch batch;

	if (!self->is_there)
		return;
	srandom((unsigned int)user_stamp());
	for (i = 0; i < 200; i++) {
		n = (uint32_t)random() % MAX + 1;
		for (j = 0; j < n; j++)
			self->ops[j] = random_op(&latch, &values[j]);
		batch = batch_of(self->ops, n);
		ASSERT_EQ(0, op(self->fd, RINGPROBE_IOC_PORT_BATCH, &batch));
		ASSERT_EQ(n, batch.completed);
		for (j = 0; j < n; j++) {
			ASSERT_EQ(RINGPROBE_OP_DONE, self->ops[j].status);
			ASSERT_EQ(values[j], self->ops[j].value)
				TH_LOG("op %u of %u, access %#x", j, n, self->ops[j].access);
		}
		ASSERT_EQ(0, port_in(self->fd, PORT_TESTDEV, 4, &value));
		ASSERT_EQ(latch, value);
	}
}

struct lane {
	int fd;
	uint16_t port;
	unsigned int wrong;
};

/* Writes and reads back a byte that is nobody else's, 32 times in a batch. */
static void *own_lane(void *arg)
{
	struct ringprobe_op ops[64];
	struct ringprobe_batch batch;
	struct lane *lane = arg;
	uint32_t i, j;

	for (i = 0; i < 300; i++) {
		for (j = 0; j < 64; j += 2) {
			ops[j] = out_op(lane->port, 1, (i * 7 + j) & 0xff);
			ops[j + 1] = in_op(lane->port, 1);
		}
		batch = batch_of(ops, 64);
		if (op(lane->fd, RINGPROBE_IOC_PORT_BATCH, &batch) || batch.completed != 64)
			lane->wrong++;
		for (j = 0; j < 64; j += 2)
			lane->wrong += ops[j + 1].value != ((i * 7 + j) & 0xff) ||
				       ops[j + 1].status != RINGPROBE_OP_DONE;
	}
	return NULL;
}

TEST_F_TIMEOUT(latch, three_threads_on_one_descriptor, 120)
{
	struct lane lanes[3];
	pthread_t threads[3];
	unsigned int i;

	if (!self->is_there)
		return;
	for (i = 0; i < 3; i++) {
		lanes[i] = (struct lane){ self->fd, (uint16_t)(PORT_TESTDEV + i), 0 };
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, own_lane, &lanes[i]));
	}
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, pthread_join(threads[i], NULL));
		EXPECT_EQ(0, lanes[i].wrong);
	}
}

/* What a parent can see of a child's batch: which it is, 0 while it is filled in. */
struct shared {
	struct ringprobe_batch batch;
	volatile uint32_t base;
	struct ringprobe_op ops[MAX];
};

/* The latch's next values, in one batch. */
static int write_on(int fd, struct shared *shared, uint32_t base)
{
	uint32_t i;

	shared->base = 0;
	__asm__ volatile("" : : : "memory");
	for (i = 0; i < MAX; i++)
		shared->ops[i] = out_op(PORT_TESTDEV, 4, base + i);
	shared->batch = batch_of(shared->ops, MAX);
	__asm__ volatile("" : : : "memory");
	shared->base = base;
	return op(fd, RINGPROBE_IOC_PORT_BATCH, &shared->batch);
}

static volatile sig_atomic_t alarms;

static void on_alarm(int number)
{
	(void)number;
	alarms++;
}

/*
 * A signal every 100 us, with and without SA_RESTART: each batch is done whole, once,
 * and none is interrupted or begun again. The device's trace is the witness. As many
 * batches, and more than 200, as it takes for signals to come: some kernels bring few.
 */
TEST_F_TIMEOUT(latch, signals, 120)
{
	const struct itimerval often = { .it_interval.tv_usec = 100, .it_value.tv_usec = 100 };
	const struct itimerval never = { .it_value.tv_usec = 0 };
	struct sigaction action = { .sa_handler = on_alarm };
	static struct shared shared;
	uint32_t value, last, i;

	if (!self->is_there)
		return;
	for (i = 0; i < 2; i++) {
		action.sa_flags = i ? SA_RESTART : 0;
		ASSERT_EQ(0, sigaction(SIGALRM, &action, NULL));
		alarms = 0;
		run_begins(self->fd);
		ASSERT_EQ(0, setitimer(ITIMER_REAL, &often, NULL));
		for (value = 1; value < 200 * MAX || alarms <= 10; value += MAX) {
			ASSERT_EQ(0, write_on(self->fd, &shared, value));
			ASSERT_EQ(MAX, shared.batch.completed);
		}
		ASSERT_EQ(0, setitimer(ITIMER_REAL, &never, NULL));
		run_ends(self->fd);
		ASSERT_EQ(0, port_in(self->fd, PORT_TESTDEV, 4, &last));
		EXPECT_EQ(value - 1, last);
		TH_LOG("%d signals during %u batches", (int)alarms, last / MAX);
	}
}

static uint32_t statuses_done(const struct shared *shared)
{
	uint32_t n = 0;

	while (n < MAX && shared->ops[n].status == RINGPROBE_OP_DONE)
		n++;
	return n;
}

static int64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

static int by_size(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* From SIGKILL to the end, in us */
static int64_t time_to_die(pid_t child, int *status)
{
	int64_t began = now_us();

	return kill(child, SIGKILL) || waitpid(child, status, 0) != child ? -1 :
	       now_us() - began;
}

/* Of a child that does nothing: the machine's own share, which may be much where it is busy */
static int64_t idler_dies(void)
{
	int status;
	pid_t child = fork();

	if (child < 0)
		return -1;	/* and kill(-1) would end everybody */
	if (!child)
		for (;;)
			__asm__ volatile("pause");
	usleep((useconds_t)random() % 5000);
	return time_to_die(child, &status);
}

/*
 * SIGKILL while a child does nothing but batches: it is gone at once, and what was
 * reported as done is what the device has seen, once and no more.
 */
TEST_F_TIMEOUT(latch, killed, 240)
{
	struct shared *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	uint32_t value, base, done, cut = 0;
	int64_t took[200], idle[200];
	int i, n = 0;
	pid_t child;

	ASSERT_NE((void *)MAP_FAILED, (void *)shared);
	srandom((unsigned int)user_stamp());
	while (self->is_there && n < 200 && (n < 20 || !cut)) {
		shared->base = 0;
		ASSERT_EQ(0, port_out(self->fd, PORT_TESTDEV, 4, 0));
		run_begins(self->fd);
		child = fork();
		ASSERT_LE(0, child);
		if (!child && prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0))
			_exit(2);
		if (!child) {
			for (base = 1; !write_on(self->fd, shared, base); base += MAX)
				;
			_exit(1);
		}
		while (!shared->base)
			usleep(100);
		usleep((useconds_t)random() % 5000);
		took[n] = time_to_die(child, &i);
		ASSERT_LE(0, took[n]);
		idle[n] = idler_dies();
		ASSERT_LE(0, idle[n]);
		n++;
		run_ends(self->fd);
		ASSERT_TRUE(WIFSIGNALED(i) && WTERMSIG(i) == SIGKILL);

		ASSERT_EQ(0, port_in(self->fd, PORT_TESTDEV, 4, &value));
		if (!shared->base) {
			EXPECT_EQ(0, value % MAX);
			continue;
		}
		/* poisoned still: killed before the call */
		done = shared->batch.completed == 0xcccccccc ? 0 : shared->batch.completed;
		EXPECT_EQ(shared->base + done - 1, value);
		EXPECT_EQ(done, statuses_done(shared));
		cut += done && done < MAX;
	}
	if (!self->is_there)
		return;
	qsort(took, (size_t)n, sizeof(took[0]), by_size);
	qsort(idle, (size_t)n, sizeof(idle[0]), by_size);
	EXPECT_GT(100000 + 2 * idle[n / 2], took[n / 2]);
	EXPECT_LT(0U, cut);
	TH_LOG("%d kills, %u of them within a batch; gone after %lld us, at most %lld; idlers %lld",
	       n, cut, (long long)took[n / 2], (long long)took[n - 1], (long long)idle[n / 2]);
}

FIXTURE(attack) {
	int fd;
	uint32_t timer;			/* allowed as IN of 32 bits, and of no watched device */
	struct ringprobe_op op;		/* what is flipped */
	struct ringprobe_port port;
	volatile unsigned int rounds;	/* of flips */
	volatile int stop;
};

FIXTURE_SETUP(attack)
{
	struct ringprobe_info info;

	self->fd = open(RINGPROBE_DEVICE, O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, ask(self->fd, &info, 0, 0));
	self->timer = info.pm_timer_port;
	if (!self->timer)
		SKIP(return, "this machine has no ACPI PM timer");
	window_opens(self->fd);
}

FIXTURE_TEARDOWN(attack)
{
	if (self->timer)
		window_closes(self->fd);
	close(self->fd);
}

/*
 * Good and bad in turn, as fast as can be: first all of an op, then its port and its
 * direction alone, and the status that the kernel has written.
 */
static void *flip(void *arg)
{
	FIXTURE_DATA(attack) *self = arg;
	volatile uint64_t *word = (volatile uint64_t *)&self->op;
	volatile struct ringprobe_op *parts = &self->op;
	volatile struct ringprobe_port *port = &self->port;
	const union {
		struct ringprobe_op op;
		uint64_t word;
	} good = { .op = in_op((uint16_t)self->timer, 4) }, bad = { .op = out_op(PORT_RESET, 4, 0) };
	for (; !self->stop; self->rounds++) {
		*word = bad.word;
		*word = good.word;
		parts->port = PORT_RESET;
		port->port = PORT_RESET;
		parts->port = (uint16_t)self->timer;
		port->port = self->timer;
		parts->access = 4 | RINGPROBE_OP_OUT;
		parts->access = 4;
	}
	return NULL;
}

/* 10^6 flips and more while batches and single calls read: what is done was checked. */
TEST_F_TIMEOUT(attack, of_what_was_checked, 240)
{
	unsigned int done = 0, refused = 0, other = 0, i;
	struct ringprobe_batch batch;
	pthread_t attacker;
	int err;

	if (!self->timer)
		return;
	self->port = port_access(self->timer, 4, 0);
	self->op = in_op((uint16_t)self->timer, 4);
	ASSERT_EQ(0, pthread_create(&attacker, NULL, flip, self));
	for (i = 0; i < 10000 || self->rounds < 1000000 / 4; i++) {
		batch = batch_of(&self->op, 1);
		err = i % 2 ? op(self->fd, RINGPROBE_IOC_PORT_BATCH, &batch) :
			      op(self->fd, RINGPROBE_IOC_PORT_IN, &self->port);
		done += !err;
		refused += err == EACCES || err == EINVAL;
		other += err && err != EACCES && err != EINVAL;
		if (i % 2)
			EXPECT_EQ(!err, batch.completed);
	}
	self->stop = 1;
	ASSERT_EQ(0, pthread_join(attacker, NULL));
	EXPECT_EQ(0, other);
	EXPECT_LT(0U, done);
	EXPECT_LT(0U, refused);
	TH_LOG("%u flips: %u done, %u refused", 4 * self->rounds, done, refused);
}

/* A mapping that comes and goes: no more is counted than was answered, and one. */
static void *protect(void *arg)
{
	uint8_t *page = *(uint8_t **)arg;
	unsigned int i;

	for (i = 0; i < 4000; i++) {
		if (mprotect(page, PAGE, i % 2 ? PROT_READ | PROT_WRITE : PROT_NONE))
			break;
	}
	mprotect(page, PAGE, PROT_READ | PROT_WRITE);
	*(uint8_t *volatile *)arg = NULL;
	return NULL;
}

TEST_F_TIMEOUT(batch, memory_taken_away_meanwhile, 240)
{
	uint8_t *area = self->area, *volatile second = area + PAGE;
	struct ringprobe_op *ops = (struct ringprobe_op *)(area + PAGE) - 40;
	unsigned int counts[3] = { 0 }, wrong = 0;
	const struct ringprobe_page *page;
	struct ringprobe_batch batch;
	pthread_t thread;
	uint64_t before;
	int err;

	page = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, self->fd, 0);
	ASSERT_NE((void *)MAP_FAILED, (void *)page);
	ASSERT_EQ(0, pthread_create(&thread, NULL, protect, (void *)&second));
	while (second) {
		/* by way of the kernel, which says so where the page is not there */
		struct iovec from = { self->ops, 64 * sizeof(*ops) }, to = { ops, from.iov_len };

		if (process_vm_writev(getpid(), &from, 1, &to, 1, 0) != (ssize_t)from.iov_len)
			continue;
		batch = batch_of(ops, 64);
		before = page->in;
		err = op(self->fd, variant->number, &batch);
		counts[!err ? 0 : err == EFAULT && batch.completed ? 1 : 2]++;
		wrong += err && err != EFAULT;
		wrong += !err && batch.completed != 64;
		wrong += batch.completed > 64;
		/* a fault may follow one more access, which is not answered */
		wrong += page->in - before != batch.completed &&
			 (!err || page->in - before != batch.completed + 1);
	}
	ASSERT_EQ(0, pthread_join(thread, NULL));
	EXPECT_EQ(0, wrong);
	TH_LOG("%u whole, %u in part, %u not at all", counts[0], counts[1], counts[2]);
}

TEST_HARNESS_MAIN
