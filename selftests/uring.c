// SPDX-License-Identifier: GPL-2.0
/*
 * The same operations through io_uring: on the spot, in a worker thread, by the
 * kernel's polling thread, with a registered file. Rights, errors and results are
 * those of ioctl(); what io_uring has besides is refused. Refusals are in windows.
 */
#include "kselftest_harness.h"

#include <pthread.h>
#include <sys/utsname.h>
#include <time.h>

#include "ringprobe_test.h"
#include "ring.h"

#define PAGE		4096U

static const char *lacks_uring(void)
{
	struct io_uring_params params = { .flags = 0 };
	int fd = (int)syscall(SYS_io_uring_setup, 1, &params);

	if (fd < 0)
		return "io_uring is not in this kernel, or switched off";
	close(fd);
	return NULL;
}

PROGRAM_NEEDS(lacks_root, lacks_device, lacks_port, lacks_uring)

FIXTURE(uring) {
	int fd, file;		/* @file: as an SQE names it */
	struct ring ring;
};

FIXTURE_VARIANT(uring) {
	unsigned int setup, sqe;	/* flags */
	int sleeps;			/* another thread does it */
};

FIXTURE_VARIANT_ADD(uring, at_once) {
	.sqe = 0,
};

FIXTURE_VARIANT_ADD(uring, registered_file) {
	.sqe = IOSQE_FIXED_FILE,
};

FIXTURE_VARIANT_ADD(uring, worker) {
	.sqe = IOSQE_ASYNC,
	.sleeps = 1,
};

FIXTURE_VARIANT_ADD(uring, polled) {
	.setup = IORING_SETUP_SQPOLL,
	.sleeps = 1,
};

FIXTURE_SETUP(uring)
{
	self->fd = open(RINGPROBE_DEVICE, O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, ring_open(&self->ring, variant->setup));
	ASSERT_EQ(0, ERRNO(syscall(SYS_io_uring_register, self->ring.fd, IORING_REGISTER_FILES,
				   &self->fd, 1)));
	self->file = variant->sqe & IOSQE_FIXED_FILE ? 0 : self->fd;
}

FIXTURE_TEARDOWN(uring)
{
	close(self->ring.fd);
	close(self->fd);
}

#define RUN(number, argument) \
	ring_op(&self->ring, self->file, variant->sqe, number, argument)

TEST_F(uring, nop)
{
	EXPECT_EQ(0, RUN(RINGPROBE_IOC_NOP, NULL));
	EXPECT_EQ(EINVAL, RUN(RINGPROBE_IOC_NOP, self));
}

TEST_F(uring, info)
{
	struct ringprobe_info by_ioctl, by_ring;

	ASSERT_EQ(0, ask(self->fd, &by_ioctl, PORT_POST, 1));
	memset(&by_ring, POISON, sizeof(by_ring));
	by_ring.size = sizeof(by_ring);
	by_ring.flags = RINGPROBE_INFO_F_PORT;
	by_ring.port = PORT_POST;
	by_ring.width = 1;
	ASSERT_EQ(0, RUN(RINGPROBE_IOC_INFO, &by_ring));
	EXPECT_EQ(0, memcmp(&by_ioctl, &by_ring, sizeof(by_ring)));
	EXPECT_EQ(RINGPROBE_FEATURE_URING, by_ring.features & RINGPROBE_FEATURE_URING);
}

static void expect_no_user(struct __test_metadata *_metadata, const struct ringprobe_cpl *cpl)
{
	EXPECT_EQ(RINGPROBE_ENTRY_WORKER, cpl->entry);
	EXPECT_EQ(0, cpl->user_cs);
	EXPECT_EQ(0, cpl->user_cpl);
	EXPECT_EQ(0, cpl->user_rflags);
	EXPECT_EQ(0, cpl->state & RINGPROBE_CPL_USER_STACK_HIGH);
}

/* A thread that never was in ring 3 has nothing to tell of it. */
TEST_F(uring, cpl)
{
	struct ringprobe_cpl cpl;

	memset(&cpl, POISON, sizeof(cpl));
	cpl.size = sizeof(cpl);
	cpl.flags = 0;
	ASSERT_EQ(0, RUN(RINGPROBE_IOC_CPL, &cpl));
	EXPECT_EQ(0, cpl.kernel_cpl);
	EXPECT_EQ(0, cpl.reserved);
	EXPECT_EQ(RINGPROBE_CPL_KERNEL_STACK_HIGH, cpl.state & RINGPROBE_CPL_KERNEL_STACK_HIGH);
	if (variant->sleeps) {
		expect_no_user(_metadata, &cpl);
		return;
	}
	EXPECT_EQ(sizeof(void *) == 8 ? RINGPROBE_ENTRY_SYSCALL64 : RINGPROBE_ENTRY_COMPAT,
		  cpl.entry);
	EXPECT_EQ(3, cpl.user_cpl);
}

TEST_F(uring, stamp)
{
	struct ringprobe_stamp stamp = { .size = sizeof(stamp) };
	uint64_t before = user_stamp();

	ASSERT_EQ(0, RUN(RINGPROBE_IOC_STAMP, &stamp));
	EXPECT_LT(before, stamp.first);
	EXPECT_LT(stamp.first, stamp.last);
}

TEST_F(uring, insn)
{
	struct ringprobe_insn insn = insn_of(RINGPROBE_INSN_PUSHF, 0);

	ASSERT_EQ(0, RUN(RINGPROBE_IOC_INSN, &insn));
	EXPECT_EQ(RINGPROBE_INSN_EXECUTED, insn.status);
	EXPECT_EQ(0, insn.cpl);
	insn = insn_of(RINGPROBE_INSN_MAX + 1, 0);
	EXPECT_EQ(EINVAL, RUN(RINGPROBE_IOC_INSN, &insn));
}

TEST_F(uring, ports)
{
	struct ringprobe_port access = port_access(PORT_TESTDEV, 4, 0x12345678);

	if (!usable(self->fd, PORT_TESTDEV, 4))
		SKIP(return, "load the module with ports=0xe0-0xe3");
	ASSERT_EQ(0, RUN(RINGPROBE_IOC_PORT_OUT, &access));
	access = port_access(PORT_TESTDEV, 4, 0xcccccccc);
	ASSERT_EQ(0, RUN(RINGPROBE_IOC_PORT_IN, &access));
	EXPECT_EQ(0x12345678, access.value);
	EXPECT_LT(0, access.ticks);
	EXPECT_GT(1000000000000ULL, access.ticks);
}

TEST_F(uring, batches)
{
	struct ringprobe_op ops[RINGPROBE_BATCH_MAX];
	struct ringprobe_batch batch = batch_of(ops, RINGPROBE_BATCH_MAX);
	uint64_t stamps[RINGPROBE_BATCH_MAX];
	unsigned int i;

	if (!usable(self->fd, PORT_TESTDEV, 4))
		SKIP(return, "load the module with ports=0xe0-0xe3");
	for (i = 0; i < RINGPROBE_BATCH_MAX; i++)
		ops[i] = i % 2 ? in_op(PORT_TESTDEV, 4) : out_op(PORT_TESTDEV, 4, i * 0x1000193);
	batch.stamps = (uintptr_t)stamps;
	ASSERT_EQ(0, RUN(RINGPROBE_IOC_PORT_BATCH, &batch));
	EXPECT_EQ(RINGPROBE_BATCH_MAX, batch.completed);
	for (i = 1; i < RINGPROBE_BATCH_MAX; i++) {
		EXPECT_EQ(RINGPROBE_OP_DONE, ops[i].status);
		EXPECT_EQ((i & ~1U) * 0x1000193, ops[i].value);
	}
	for (i = 0; i < RINGPROBE_BATCH_MAX; i++)
		ops[i] = in_op(PORT_POST, 1);
	batch = batch_of(ops, RINGPROBE_BATCH_MAX);
	ASSERT_EQ(0, RUN(RINGPROBE_IOC_PORT_BATCH_IN, &batch));
	EXPECT_EQ(RINGPROBE_BATCH_MAX, batch.completed);
}

TEST_F(uring, sixty_four_at_a_time)
{
	struct ringprobe_port access[RING_ENTRIES];
	int results[RING_ENTRIES];
	unsigned int i, round;

	for (round = 0; round < 20; round++) {
		for (i = 0; i < RING_ENTRIES; i++) {
			access[i] = port_access(PORT_POST, 1, 0xcccccccc);
			results[i] = 1;
			ring_prepare(&self->ring, i, self->file, variant->sqe,
				     i % 3 ? RINGPROBE_IOC_PORT_IN : RINGPROBE_IOC_NOP,
				     i % 3 ? &access[i] : NULL);
		}
		ASSERT_EQ(0, ring_run(&self->ring, RING_ENTRIES, results));
		for (i = 0; i < RING_ENTRIES; i++) {
			EXPECT_EQ(0, results[i]);
			EXPECT_EQ(!(i % 3), access[i].value == 0xcccccccc);
		}
	}
}

struct row {
	unsigned int number;
	int err;
	union {
		struct ringprobe_port port;
		struct ringprobe_batch batch;
		struct ringprobe_info info;
		struct ringprobe_insn insn;
	};
};

/* One fault at a time; each also by ioctl(), which must say and do the same. */
TEST_F(uring, errors_are_those_of_ioctl)
{
	const struct ringprobe_op refused = in_op(PORT_RESET, 1), wrong = in_op(PORT_POST, 3);
	const struct row rows[] = {
		{ RINGPROBE_IOC_PORT_IN, EINVAL, { port_access(PORT_POST, 3, 0) } },
		{ RINGPROBE_IOC_PORT_IN, EINVAL, { port_access(0x10000 + PORT_POST, 1, 0) } },
		{ RINGPROBE_IOC_PORT_IN, EACCES, { port_access(PORT_RESET, 1, 0) } },
		{ RINGPROBE_IOC_PORT_IN, EACCES, { port_access(PORT_POST, 2, 0) } },
		{ RINGPROBE_IOC_PORT_OUT, EACCES, { port_access(PORT_RESET, 1, 0xfe) } },
		{ RINGPROBE_IOC_PORT_OUT, EINVAL, { port_access(PORT_POST, 1, 0x100) } },
		{ RINGPROBE_IOC_PORT_IN, EINVAL, { { .size = 8 } } },
		{ RINGPROBE_IOC_PORT_IN, E2BIG, { { .size = 8192 } } },
		{ RINGPROBE_IOC_PORT_IN, EINVAL, { { .size = 32, .flags = 1, .width = 1 } } },
		{ RINGPROBE_IOC_INFO, EINVAL, { .info = { .size = 80, .port = 1 } } },
		{ RINGPROBE_IOC_CPL, EINVAL, { .info = { .size = 80, .flags = 1 } } },
		{ RINGPROBE_IOC_INSN, EINVAL, { .insn = { .size = 72, .insn = 99 } } },
		{ RINGPROBE_IOC_PORT_BATCH, EINVAL, { .batch = batch_of(&refused, 0) } },
		{ RINGPROBE_IOC_PORT_BATCH_IN, EINVAL, { .batch = batch_of(&refused, 257) } },
		{ RINGPROBE_IOC_PORT_BATCH, EACCES, { .batch = batch_of(&refused, 1) } },
		{ RINGPROBE_IOC_PORT_BATCH_IN, EINVAL, { .batch = batch_of(&wrong, 1) } },
		{ RINGPROBE_IOC_PORT_BATCH, EFAULT, { .batch = batch_of((void *)8, 1) } },
		{ _IO(RINGPROBE_IOC_TYPE, 0x0b), ENOTTY, { { .size = 32 } } },
		{ _IO(RINGPROBE_IOC_TYPE, 0xff), ENOTTY, { { .size = 32 } } },
		{ _IO(0xe8, 4), ENOTTY, { { .size = 32 } } },
		{ RINGPROBE_IOC_PORT_IN | 0x10000, ENOTTY, { { .size = 32 } } },
		{ 0, ENOTTY, { { .size = 32 } } },
	};
	struct ringprobe_op op_by_ioctl, op_by_ring, *ops[2] = { &op_by_ioctl, &op_by_ring };
	size_t i, j;
	int err;

	window_opens(self->fd);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct row by[2] = { rows[i], rows[i] };

		for (j = 0; j < 2; j++) {
			/* what ops there are must be writable, and each side's own */
			if (by[j].batch.ops == (uintptr_t)&refused ||
			    by[j].batch.ops == (uintptr_t)&wrong) {
				*ops[j] = by[j].batch.ops == (uintptr_t)&wrong ? wrong : refused;
				by[j].batch.ops = (uintptr_t)ops[j];
			}
			err = j ? RUN(rows[i].number, &by[1].port) :
				  op(self->fd, rows[i].number, &by[0].port);
			EXPECT_EQ(rows[i].err, err)
				TH_LOG("row %zu, %s", i, j ? "ring" : "ioctl");
			if (by[j].batch.ops == (uintptr_t)ops[j])
				by[j].batch.ops = 0;
		}
		EXPECT_EQ(0, memcmp(&by[0], &by[1], sizeof(by[0])))
			TH_LOG("row %zu", i);
		if (rows[i].batch.ops == (uintptr_t)&refused || rows[i].batch.ops == (uintptr_t)&wrong)
			EXPECT_EQ(0, memcmp(&op_by_ioctl, &op_by_ring, sizeof(op_by_ring)));
	}
	window_closes(self->fd);
}

TEST_F(uring, bad_pointers)
{
	const uint64_t bad[] = {
		0, 8, -1ULL, -8ULL, 0x00007ffffffff000, 0x0000800000000000, 0xffff800000000000,
		0xffffffff81000000, 0x8000000000000000,
	};
	const unsigned int numbers[] = {
		RINGPROBE_IOC_INFO, RINGPROBE_IOC_CPL, RINGPROBE_IOC_PORT_IN,
		RINGPROBE_IOC_PORT_OUT, RINGPROBE_IOC_INSN, RINGPROBE_IOC_PORT_BATCH,
	};
	int result;
	size_t i, j;

	window_opens(self->fd);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		for (j = 0; j < ARRAY_SIZE(numbers); j++) {
			ring_prepare(&self->ring, 0, self->file, variant->sqe, numbers[j], NULL);
			ring_payload(&self->ring, 0)->argument = bad[i];
			ASSERT_EQ(0, ring_run(&self->ring, 1, &result));
			EXPECT_EQ(-EFAULT, result);
		}
	}
	window_closes(self->fd);
}

TEST_F(uring, second_word)
{
	struct ringprobe_port access = port_access(PORT_POST, 1, 0);
	unsigned int bit;
	int result;

	window_opens(self->fd);
	for (bit = 0; bit < 64; bit++) {
		ring_prepare(&self->ring, 0, self->file, variant->sqe, RINGPROBE_IOC_PORT_IN,
			     &access);
		ring_payload(&self->ring, 0)->zero = 1ULL << bit;
		ASSERT_EQ(0, ring_run(&self->ring, 1, &result));
		EXPECT_EQ(-EINVAL, result);
	}
	window_closes(self->fd);
}

/* io_uring's own flags: a registered buffer, which io_uring itself would allow. */
TEST_F(uring, registered_buffer)
{
	struct ringprobe_port access = port_access(PORT_POST, 1, 0);
	struct iovec buffer = { &access, sizeof(access) };
	struct io_uring_sqe *sqe;
	unsigned int bit;
	int result;

	ASSERT_EQ(0, ERRNO(syscall(SYS_io_uring_register, self->ring.fd, IORING_REGISTER_BUFFERS,
				   &buffer, 1)));
	window_opens(self->fd);
	for (bit = 0; bit < 32; bit++) {
		sqe = ring_prepare(&self->ring, 0, self->file, variant->sqe, RINGPROBE_IOC_PORT_IN,
				   &access);
		sqe->uring_cmd_flags = 1U << bit;
		ASSERT_EQ(0, ring_run(&self->ring, 1, &result));
		EXPECT_EQ(-EINVAL, result);
	}
	window_closes(self->fd);
}

/* A driver without polling is told of a polling ring by older kernels alone. */
static int tells_of_polling(void)
{
	unsigned int major = 0, minor = 0;
	struct utsname name;

	uname(&name);
	sscanf(name.release, "%u.%u", &major, &minor);
	return major < 6 || (major == 6 && minor <= 12);
}

/* The size of the payload's place, and polling for completions. */
TEST_F(uring, rings_of_other_kinds)
{
	const struct {
		unsigned int setup;
		int err;
	} rows[] = {
		{ IORING_SETUP_SQE128, EINVAL }, { IORING_SETUP_IOPOLL, EOPNOTSUPP },
	};
	struct ringprobe_cpl cpl = { .size = sizeof(cpl) };
	struct ring ring;
	size_t i;

	for (i = 0; i < (tells_of_polling() ? 2 : 1); i++) {
		ASSERT_EQ(0, ring_open(&ring, variant->setup | rows[i].setup));
		EXPECT_EQ(rows[i].err, ring_op(&ring, self->fd, variant->sqe & IOSQE_ASYNC,
					       RINGPROBE_IOC_CPL, &cpl));
		EXPECT_EQ(rows[i].err, ring_op(&ring, self->fd, variant->sqe & IOSQE_ASYNC,
					       RINGPROBE_IOC_NOP, NULL));
		close(ring.fd);
	}
	EXPECT_EQ(0, cpl.entry);
}

/* A worker would be armed: it can end the recording of others, and read it. */
TEST_F(uring, arms_no_worker)
{
	struct ringprobe_fault_arm arm = fault_arm_of(RINGPROBE_FAULT_F_SIGNALS);
	struct ringprobe_fault_read records = { .size = sizeof(records) };

	if (fault_arm(self->fd, RINGPROBE_FAULT_F_SIGNALS) == EOPNOTSUPP)
		SKIP(return, "needs tracepoints");
	EXPECT_EQ(EOPNOTSUPP, RUN(RINGPROBE_IOC_FAULT_ARM, &arm));
	EXPECT_EQ(0, RUN(RINGPROBE_IOC_FAULT_READ, &records));
	arm.flags = 0;
	EXPECT_EQ(0, RUN(RINGPROBE_IOC_FAULT_ARM, &arm));
}

TEST_F(uring, descriptors_of_each_mode)
{
	struct ringprobe_port access = port_access(PORT_POST, 1, 0);
	struct ringprobe_op one = in_op(PORT_POST, 1);
	struct ringprobe_batch batch = batch_of(&one, 1);
	unsigned int flags = variant->sqe & IOSQE_ASYNC;
	int reads = open(RINGPROBE_DEVICE, O_RDONLY | O_CLOEXEC);
	int writes = open(RINGPROBE_DEVICE, O_WRONLY | O_CLOEXEC);

	EXPECT_EQ(0, ring_op(&self->ring, reads, flags, RINGPROBE_IOC_PORT_IN, &access));
	EXPECT_EQ(0, ring_op(&self->ring, writes, flags, RINGPROBE_IOC_PORT_OUT, &access));
	window_opens(self->fd);
	EXPECT_EQ(EBADF, ring_op(&self->ring, reads, flags, RINGPROBE_IOC_PORT_OUT, &access));
	EXPECT_EQ(EBADF, ring_op(&self->ring, writes, flags, RINGPROBE_IOC_PORT_IN, &access));
	EXPECT_EQ(EBADF, ring_op(&self->ring, reads, flags, RINGPROBE_IOC_PORT_BATCH, &batch));
	EXPECT_EQ(EBADF, ring_op(&self->ring, writes, flags, RINGPROBE_IOC_PORT_BATCH, &batch));
	EXPECT_EQ(EBADF, ring_op(&self->ring, writes, flags, RINGPROBE_IOC_PORT_BATCH_IN, &batch));
	window_closes(self->fd);
	close(reads);
	close(writes);
}

/*
 * An argument in a page that is not in the page table: who submits does not wait for
 * it, and a worker gets it. What CPL says of its thread is the proof.
 */
TEST_F(uring, argument_not_present)
{
	struct ringprobe_cpl cpl = { .size = sizeof(cpl) }, *there;
	int file = (int)syscall(SYS_memfd_create, "argument", 0), i;

	ASSERT_LE(0, file);
	ASSERT_EQ((ssize_t)sizeof(cpl), pwrite(file, &cpl, sizeof(cpl), 0));
	ASSERT_EQ(0, ftruncate(file, PAGE));
	there = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	ASSERT_NE((void *)MAP_FAILED, (void *)there);
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, madvise(there, PAGE, MADV_DONTNEED));
		ASSERT_EQ(0, RUN(RINGPROBE_IOC_CPL, there));
		expect_no_user(_metadata, there);
		/* and now it is there */
		ASSERT_EQ(0, RUN(RINGPROBE_IOC_CPL, there));
		EXPECT_EQ(variant->sleeps, there->entry == RINGPROBE_ENTRY_WORKER);
	}
	close(file);
}

/* Whose rights count: of who submits, or under SQPOLL of who made the ring. */
TEST_F(uring, rights)
{
	struct ringprobe_port access = port_access(PORT_POST, 1, 0);
	struct ringprobe_insn insn = insn_of(RINGPROBE_INSN_PUSHF, 0);
	struct ringprobe_op one = in_op(PORT_POST, 1);
	struct ringprobe_batch batch = batch_of(&one, 1);
	int expected = variant->setup & IORING_SETUP_SQPOLL ? 0 : EPERM;
	struct ring ring;

	ASSERT_EQ(0, set_caps(NO_CAPS, ALL_CAPS));
	EXPECT_EQ(expected, RUN(RINGPROBE_IOC_PORT_IN, &access));
	EXPECT_EQ(expected, RUN(RINGPROBE_IOC_PORT_OUT, &access));
	EXPECT_EQ(expected, RUN(RINGPROBE_IOC_INSN, &insn));
	EXPECT_EQ(expected, RUN(RINGPROBE_IOC_PORT_BATCH_IN, &batch));
	EXPECT_EQ(0, RUN(RINGPROBE_IOC_NOP, NULL));
	ASSERT_EQ(0, ring_open(&ring, variant->setup));
	ASSERT_EQ(0, set_caps(ALL_CAPS, ALL_CAPS));
	/* a ring made without rights, used with them */
	expected = EPERM - expected;
	if (expected)
		window_opens(self->fd);
	EXPECT_EQ(expected, ring_op(&ring, self->fd, variant->sqe & IOSQE_ASYNC,
				    RINGPROBE_IOC_PORT_IN, &access));
	if (expected)
		window_closes(self->fd);
	close(ring.fd);
	EXPECT_EQ(0, RUN(RINGPROBE_IOC_PORT_IN, &access));
}

/* Registered credentials, which an SQE can name. */
TEST_F(uring, personality)
{
	struct ringprobe_port access = port_access(PORT_POST, 1, 0);
	long with, without;
	int result;

	with = syscall(SYS_io_uring_register, self->ring.fd, IORING_REGISTER_PERSONALITY, NULL, 0);
	ASSERT_EQ(0, set_caps(NO_CAPS, ALL_CAPS));
	without = syscall(SYS_io_uring_register, self->ring.fd, IORING_REGISTER_PERSONALITY, NULL,
			  0);
	ASSERT_LT(0, with);
	ASSERT_LT(0, without);
	ring_prepare(&self->ring, 0, self->file, variant->sqe, RINGPROBE_IOC_PORT_IN, &access)
		->personality = (uint16_t)with;
	ASSERT_EQ(0, ring_run(&self->ring, 1, &result));
	EXPECT_EQ(0, result);
	ASSERT_EQ(0, set_caps(ALL_CAPS, ALL_CAPS));
	ring_prepare(&self->ring, 0, self->file, variant->sqe, RINGPROBE_IOC_PORT_IN, &access)
		->personality = (uint16_t)without;
	window_opens(self->fd);
	ASSERT_EQ(0, ring_run(&self->ring, 1, &result));
	window_closes(self->fd);
	EXPECT_EQ(-EPERM, result);
}

/* Opened by who may not: the opener counts here, too. */
TEST_F(uring, opener_without_rights)
{
	struct ringprobe_port access = port_access(PORT_POST, 1, 0);
	int fd;

	ASSERT_EQ(0, set_caps(ALL_CAPS & ~RAWIO, ALL_CAPS));
	fd = open(RINGPROBE_DEVICE, O_RDWR | O_CLOEXEC);
	ASSERT_EQ(0, set_caps(ALL_CAPS, ALL_CAPS));
	ASSERT_LE(0, fd);
	window_opens(self->fd);
	EXPECT_EQ(EPERM, ring_op(&self->ring, fd, variant->sqe & IOSQE_ASYNC,
				 RINGPROBE_IOC_PORT_IN, &access));
	window_closes(self->fd);
	close(fd);
}

static int references(void)
{
	FILE *file = fopen("/sys/module/ringprobe/refcnt", "r");
	int n = -1;

	if (!file || fscanf(file, "%d", &n) != 1)
		n = -1;
	if (file)
		fclose(file);
	return n;
}

/* Who goes away with requests on their way leaves nothing behind. */
TEST_F_TIMEOUT(uring, exit_with_requests_pending, 240)
{
	static struct ringprobe_op ops[RINGPROBE_BATCH_MAX];
	struct ringprobe_batch batch = batch_of(ops, RINGPROBE_BATCH_MAX);
	int before = references(), status, fd;
	unsigned int i, round;
	struct ring ring;
	pid_t child;

	ASSERT_LT(0, before);
	for (round = 0; round < 10; round++) {
		child = fork();
		if (!child) {
			fd = open(RINGPROBE_DEVICE, O_RDWR | O_CLOEXEC);
			if (fd < 0 || ring_open(&ring, variant->setup))
				_exit(1);
			for (i = 0; i < RINGPROBE_BATCH_MAX; i++)
				ops[i] = in_op(PORT_POST, 1);
			for (i = 0; i < RING_ENTRIES; i++)
				ring_prepare(&ring, i, fd, IOSQE_ASYNC,
					     RINGPROBE_IOC_PORT_BATCH_IN, &batch);
			ring_publish(&ring, RING_ENTRIES);
			syscall(SYS_io_uring_enter, ring.fd, RING_ENTRIES, 0, 0, NULL, 0);
			_exit(0);
		}
		ASSERT_EQ(child, waitpid(child, &status, 0));
		EXPECT_EQ(0, status);
	}
	/* io_uring ends some of it later: of tests before, too, which this one need not */
	for (i = 0; i < 3000 && references() > before; i++)
		usleep(10000);
	EXPECT_GE(before, references());
	EXPECT_EQ(0, RUN(RINGPROBE_IOC_NOP, NULL));
}

struct attack {
	struct ring *ring;
	struct ringprobe_port *good, *bad;
	uint32_t port;			/* the good one's */
	volatile unsigned int rounds;	/* of flips */
	volatile int stop;
};

/* Address, second word and number of each SQE, and the port, good and bad in turn. */
static void *flip(void *arg)
{
	struct attack *attack = arg;
	volatile struct ringprobe_uring *payload;
	volatile struct io_uring_sqe *sqe;
	unsigned int i;

	pin(1);		/* beside whoever submits, where there is a second CPU */
	for (i = 0; !attack->stop; i++, attack->rounds = i) {
		payload = ring_payload(attack->ring, i % RING_ENTRIES);
		sqe = ring_sqe(attack->ring, i % RING_ENTRIES);
		payload->argument = (uintptr_t)attack->bad;
		payload->zero = 1;
		payload->argument = (uintptr_t)attack->good;
		payload->zero = 0;
		*(volatile uint32_t *)&attack->good->port = PORT_RESET;
		sqe->cmd_op = RINGPROBE_IOC_PORT_OUT;
		*(volatile uint32_t *)&attack->good->port = attack->port;
		sqe->cmd_op = RINGPROBE_IOC_PORT_IN;
	}
	return NULL;
}

/* 10^6 flips and more of what the kernel reads meanwhile: nothing refused is done. */
TEST_F_TIMEOUT(uring, attack, 240)
{
	unsigned int i, n, done = 0, refused = 0, other = 0;
	struct ringprobe_port good, bad = port_access(PORT_RESET, 4, 0);
	struct attack attack = { &self->ring, &good, &bad, 0, 0, 0 };
	int results[RING_ENTRIES];
	struct ringprobe_info info;
	pthread_t thread;

	ASSERT_EQ(0, ask(self->fd, &info, 0, 0));
	if (!info.pm_timer_port)
		SKIP(return, "this machine has no ACPI PM timer");
	/* allowed as IN, and of no watched device; OUT of it is refused */
	good = port_access(info.pm_timer_port, 4, 0);
	attack.port = info.pm_timer_port;
	window_opens(self->fd);
	for (i = 0; i < RING_ENTRIES; i++)
		ring_prepare(&self->ring, i, self->file, variant->sqe, RINGPROBE_IOC_PORT_IN, &good);
	ASSERT_EQ(0, pin(0));	/* where the kernel's thread is, too */
	ASSERT_EQ(0, pthread_create(&thread, NULL, flip, &attack));
	for (n = 0; n < 150 || attack.rounds < 1000000 / 4 || (!refused && n < 3000); n++) {
		memset(results, POISON, sizeof(results));
		ASSERT_EQ(0, ring_run(&self->ring, RING_ENTRIES, results));
		for (i = 0; i < RING_ENTRIES; i++) {
			done += !results[i];
			refused += results[i] == -EACCES || results[i] == -EINVAL;
			other += results[i] && results[i] != -EACCES && results[i] != -EINVAL;
		}
	}
	attack.stop = 1;
	ASSERT_EQ(0, pthread_join(thread, NULL));
	window_closes(self->fd);
	EXPECT_EQ(0, other);
	EXPECT_LT(0U, done);
	if (sysconf(_SC_NPROCESSORS_ONLN) > 1)
		EXPECT_LT(0U, refused);
	TH_LOG("%u flips: %u done, %u refused", 4 * attack.rounds, done, refused);
}

TEST_HARNESS_MAIN
