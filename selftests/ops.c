// SPDX-License-Identifier: GPL-2.0
/*
 * Each operation, good and bad: what include/uapi/ringprobe.h says of sizes,
 * tails, flags, reserved fields, pointers, numbers and lseek. One fault at a
 * time on an argument that is otherwise valid; every argument is poisoned
 * first, and unchanged after an error.
 */
#include "kselftest_harness.h"

#include <limits.h>
#include <time.h>

#include "ringprobe_test.h"

#define PAGE		4096U
#define AREA		(4 * PAGE)

PROGRAM_NEEDS(lacks_device)

FIXTURE(op) {
	int fd;
	uint8_t *area;		/* anonymous pages, writable */
	uint8_t saved[AREA];
};

FIXTURE_VARIANT(op) {
	unsigned int number;
	unsigned int size;
	uint32_t known_flags;
	int is_port;
};

FIXTURE_VARIANT_ADD(op, info) {
	.number = RINGPROBE_IOC_INFO,
	.size = sizeof(struct ringprobe_info),
	.known_flags = RINGPROBE_INFO_F_PORT,
};

FIXTURE_VARIANT_ADD(op, cpl) {
	.number = RINGPROBE_IOC_CPL,
	.size = sizeof(struct ringprobe_cpl),
};

FIXTURE_VARIANT_ADD(op, stamp) {
	.number = RINGPROBE_IOC_STAMP,
	.size = sizeof(struct ringprobe_stamp),
};

FIXTURE_VARIANT_ADD(op, port_in) {
	.number = RINGPROBE_IOC_PORT_IN,
	.size = sizeof(struct ringprobe_port),
	.is_port = 1,
};

FIXTURE_VARIANT_ADD(op, port_out) {
	.number = RINGPROBE_IOC_PORT_OUT,
	.size = sizeof(struct ringprobe_port),
	.is_port = 1,
};

FIXTURE_VARIANT_ADD(op, insn) {
	.number = RINGPROBE_IOC_INSN,
	.size = sizeof(struct ringprobe_insn),
};

/* With no flag it ends a recording: none is there, and it succeeds. */
FIXTURE_VARIANT_ADD(op, fault_arm) {
	.number = RINGPROBE_IOC_FAULT_ARM,
	.size = sizeof(struct ringprobe_fault_arm),
	.known_flags = RINGPROBE_FAULT_F_ALL,
};

FIXTURE_VARIANT_ADD(op, fault_read) {
	.number = RINGPROBE_IOC_FAULT_READ,
	.size = sizeof(struct ringprobe_fault_read),
};

FIXTURE_VARIANT_ADD(op, batch_in) {
	.number = RINGPROBE_IOC_PORT_BATCH_IN,
	.size = sizeof(struct ringprobe_batch),
	.is_port = 1,
};

FIXTURE_VARIANT_ADD(op, batch) {
	.number = RINGPROBE_IOC_PORT_BATCH,
	.size = sizeof(struct ringprobe_batch),
	.is_port = 1,
};

FIXTURE_SETUP(op)
{
	self->fd = open(RINGPROBE_DEVICE, O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, self->fd);
	self->area = mmap(NULL, AREA, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE((void *)MAP_FAILED, (void *)self->area);
	memset(self->area, POISON, AREA);
	if (variant->is_port && !usable(self->fd, PORT_POST, 1))
		SKIP(return, "port I/O needs CAP_SYS_RAWIO and no lockdown");
	window_opens(self->fd);
}

FIXTURE_TEARDOWN(op)
{
	window_closes(self->fd);
	munmap(self->area, AREA);
	close(self->fd);
}

static int is_batch(const FIXTURE_VARIANT(op) *variant)
{
	return variant->size == sizeof(struct ringprobe_batch);
}

/* What goes in: size, flags; INFO's port and width, INSN's operand and so on are 0. */
static unsigned int in_bytes(const FIXTURE_VARIANT(op) *variant)
{
	if (is_batch(variant))
		return offsetof(struct ringprobe_batch, completed);
	if (variant->number == RINGPROBE_IOC_INSN)
		return offsetof(struct ringprobe_insn, value);
	if (variant->number == RINGPROBE_IOC_FAULT_READ)
		return offsetof(struct ringprobe_fault_read, count);
	return variant->is_port || variant->number == RINGPROBE_IOC_INFO ? 16 : 8;
}

/* A valid argument at @where, outputs poisoned: it would succeed. */
static void *fill(const FIXTURE_VARIANT(op) *variant, void *where)
{
	const struct ringprobe_port access = port_access(PORT_POST, 1, 0);
	uint32_t head[6] = { variant->size };
	static struct ringprobe_op one;
	struct ringprobe_batch batch;

	if (is_batch(variant)) {
		one = in_op(PORT_POST, 1);
		batch = batch_of(&one, 1);
		batch.completed = 0;	/* what a refusal would write; batch.c poisons it */
		memcpy(where, &batch, sizeof(batch));
		return where;
	}
	if (variant->is_port) {
		memcpy(where, &access, sizeof(access));
		return where;
	}
	memset(where, POISON, variant->size);
	if (variant->number == RINGPROBE_IOC_INSN)
		head[2] = RINGPROBE_INSN_PUSHF;
	memcpy(where, head, in_bytes(variant));
	return where;
}

static void set_word(void *where, unsigned int offset, uint32_t value)
{
	memcpy((uint8_t *)where + offset, &value, sizeof(value));
}

/* The call fails with @err and changes no byte of the area. */
#define EXPECT_REFUSED(err, arg) do {					\
	memcpy(self->saved, self->area, AREA);				\
	EXPECT_EQ(err, op(self->fd, variant->number, arg));		\
	EXPECT_EQ(0, memcmp(self->saved, self->area, AREA));		\
} while (0)

/*
 * Operations that are meant to succeed touch a port: not inside a window.
 * (With 0x5e9 not allowed there are no windows, and this does nothing.)
 */
#define OUTSIDE_WINDOW(call) ({						\
	int err_;							\
									\
	window_closes(self->fd);					\
	err_ = (call);							\
	window_opens(self->fd);						\
	err_; })

#define SKIPPED() (variant->is_port && !usable(self->fd, PORT_POST, 1))

TEST_F(op, succeeds)
{
	uint8_t *arg = fill(variant, self->area);
	unsigned int in = in_bytes(variant);

	if (SKIPPED())
		return;
	memcpy(self->saved, self->area, AREA);
	ASSERT_EQ(0, OUTSIDE_WINDOW(op(self->fd, variant->number, arg)));
	EXPECT_EQ(0, memcmp(self->saved, arg, in))
		TH_LOG("what was put in has changed");
	EXPECT_TRUE(all_bytes(arg + variant->size, POISON, AREA - variant->size))
		TH_LOG("written beyond the argument");
	if (is_batch(variant)) {
		EXPECT_EQ(1, ((struct ringprobe_batch *)arg)->completed);
		return;
	}
	/* each eight bytes of output were written: no poison is left */
	for (; in < variant->size; in += 8) {
		EXPECT_FALSE(all_bytes(arg + in, POISON, 8))
			TH_LOG("poison left at offset %u", in);
	}
}

TEST_F(op, sizes_too_small)
{
	uint8_t *arg = fill(variant, self->area);
	uint32_t size;

	if (SKIPPED())
		return;
	/* the first version of each structure is the only one so far */
	for (size = 0; size < variant->size; size++) {
		set_word(arg, 0, size);
		EXPECT_REFUSED(EINVAL, arg);
	}
}

TEST_F(op, sizes_that_are_no_multiple_of_8)
{
	uint8_t *arg = fill(variant, self->area);
	uint32_t size;

	if (SKIPPED())
		return;
	memset(arg + variant->size, 0, PAGE - variant->size);
	for (size = variant->size + 1; size < PAGE; size += size % 8 == 7 ? 2 : 1) {
		set_word(arg, 0, size);
		EXPECT_REFUSED(EINVAL, arg);
	}
}

TEST_F(op, larger_with_zero_tail)
{
	uint32_t size;
	uint8_t *arg;

	if (SKIPPED())
		return;
	for (size = variant->size + 8; size <= RINGPROBE_ARG_MAX;
	     size += size < 256 || size >= RINGPROBE_ARG_MAX - 64 ? 8 : 64) {
		memset(self->area, POISON, AREA);
		arg = fill(variant, self->area);
		memset(arg + variant->size, 0, size - variant->size);
		set_word(arg, 0, size);
		EXPECT_EQ(0, OUTSIDE_WINDOW(op(self->fd, variant->number, arg)))
			TH_LOG("size %u", size);
		EXPECT_TRUE(all_bytes(arg + variant->size, 0, size - variant->size));
		EXPECT_TRUE(all_bytes(arg + size, POISON, AREA - size));
		EXPECT_EQ(0, memcmp(arg, &size, sizeof(size)));
	}
}

TEST_F(op, larger_with_a_byte_set)
{
	const uint32_t sizes[] = { variant->size + 8, variant->size + 64, RINGPROBE_ARG_MAX };
	uint8_t *arg = fill(variant, self->area);
	uint32_t i, at;

	if (SKIPPED())
		return;
	memset(arg + variant->size, 0, RINGPROBE_ARG_MAX - variant->size);
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		set_word(arg, 0, sizes[i]);
		for (at = variant->size; at < sizes[i]; at++) {
			arg[at] = 1U << at % 8;
			EXPECT_REFUSED(E2BIG, arg);
			arg[at] = 0;
		}
	}
}

TEST_F(op, larger_than_any_argument)
{
	const uint32_t sizes[] = { RINGPROBE_ARG_MAX + 8, 2 * PAGE, 0x10000, 0x7ffffff8,
				   0x80000000, 0xfffffff8 };
	uint8_t *arg = fill(variant, self->area);
	size_t i;

	if (SKIPPED())
		return;
	memset(arg + variant->size, 0, AREA - variant->size);
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		set_word(arg, 0, sizes[i]);
		EXPECT_REFUSED(E2BIG, arg);
	}
}

TEST_F(op, unknown_flags)
{
	uint8_t *arg = fill(variant, self->area);
	unsigned int bit;

	if (SKIPPED())
		return;
	for (bit = 0; bit < 32; bit++) {
		if (variant->known_flags & 1U << bit)
			continue;
		set_word(arg, 4, 1U << bit);
		EXPECT_REFUSED(EINVAL, arg);
	}
}

TEST_F(op, reserved_bits)
{
	uint8_t *arg = fill(variant, self->area);
	unsigned int bit, offset, until;

	if (SKIPPED())
		return;
	switch (variant->number) {
	case RINGPROBE_IOC_PORT_IN:
	case RINGPROBE_IOC_PORT_OUT:
		offset = offsetof(struct ringprobe_port, reserved);
		until = offset + 4;
		break;
	case RINGPROBE_IOC_PORT_BATCH_IN:
	case RINGPROBE_IOC_PORT_BATCH:
		offset = offsetof(struct ringprobe_batch, reserved);
		until = offset + 8;
		break;
	case RINGPROBE_IOC_INFO:	/* without the flag, port and width are 0 */
		offset = offsetof(struct ringprobe_info, port);
		until = offset + 8;
		break;
	case RINGPROBE_IOC_INSN:	/* what PUSHF takes none of */
		offset = offsetof(struct ringprobe_insn, operand);
		until = offset + 12;
		break;
	default:			/* reserved fields of replies are ignored */
		return;
	}
	for (; offset < until; offset += 4) {
		for (bit = 0; bit < 32; bit++) {
			set_word(arg, offset, 1U << bit);
			EXPECT_REFUSED(EINVAL, arg);
		}
		set_word(arg, offset, 0);
	}
}

TEST_F(op, bad_pointers)
{
	const uintptr_t bad[] = {
		0, 1, 8, (uintptr_t)-1, (uintptr_t)-4, (uintptr_t)-8, (uintptr_t)-PAGE,
#ifdef __x86_64__
		0x00007ffffffff000, 0x00007fffffffeffc, 0x0000800000000000,
		0xffff800000000000, 0xffff888000000000, 0xffffffff81000000,
		0x8000000000000000,
#else
		0xfffff000, 0xffffe000, 0xfffffffc,
#endif
	};
	size_t i;

	if (SKIPPED())
		return;
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		EXPECT_REFUSED(EFAULT, (void *)bad[i]);
}

TEST_F(op, pages_without_access)
{
	if (SKIPPED())
		return;
	fill(variant, self->area + PAGE);
	ASSERT_EQ(0, mprotect(self->area + PAGE, PAGE, PROT_NONE));
	EXPECT_EQ(EFAULT, op(self->fd, variant->number, self->area + PAGE));
	ASSERT_EQ(0, mprotect(self->area + PAGE, PAGE, PROT_READ | PROT_WRITE));
	ASSERT_EQ(0, munmap(self->area + PAGE, PAGE));
	EXPECT_EQ(EFAULT, op(self->fd, variant->number, self->area + PAGE));
}

/* The reply cannot be written: refused before anything is done. */
TEST_F(op, read_only_page)
{
	uint8_t *arg = fill(variant, self->area + PAGE);

	if (SKIPPED())
		return;
	ASSERT_EQ(0, mprotect(self->area + PAGE, PAGE, PROT_READ));
	EXPECT_REFUSED(EFAULT, arg);
	/* also as the flags' owner reads it: nothing was written, all is valid */
	ASSERT_EQ(0, mprotect(self->area + PAGE, PAGE, PROT_READ | PROT_WRITE));
	EXPECT_EQ(0, OUTSIDE_WINDOW(op(self->fd, variant->number, arg)));
}

TEST_F(op, argument_across_two_pages)
{
	unsigned int first;
	uint8_t *arg;

	if (SKIPPED())
		return;
	for (first = 1; first < variant->size; first++) {
		arg = fill(variant, self->area + PAGE - first);
		EXPECT_EQ(0, OUTSIDE_WINDOW(op(self->fd, variant->number, arg)))
			TH_LOG("%u bytes in the first page", first);
	}
}

TEST_F(op, second_page_without_access)
{
	unsigned int first;
	uint8_t *arg;

	if (SKIPPED())
		return;
	for (first = 1; first < variant->size; first++) {
		arg = fill(variant, self->area + PAGE - first);
		memcpy(self->saved, self->area, PAGE);
		ASSERT_EQ(0, mprotect(self->area + PAGE, PAGE, PROT_NONE));
		EXPECT_EQ(EFAULT, op(self->fd, variant->number, arg))
			TH_LOG("%u bytes in the first page", first);
		EXPECT_EQ(0, memcmp(self->saved, self->area, PAGE));
		ASSERT_EQ(0, mprotect(self->area + PAGE, PAGE, PROT_READ | PROT_WRITE));
	}
}

/*
 * The argument can be read whole, the reply only in part written: that too is
 * found before the access, and no part of the reply is.
 */
TEST_F(op, second_page_read_only)
{
	unsigned int first;
	uint8_t *arg;

	if (SKIPPED())
		return;
	for (first = 1; first < variant->size; first++) {
		arg = fill(variant, self->area + PAGE - first);
		ASSERT_EQ(0, mprotect(self->area + PAGE, PAGE, PROT_READ));
		EXPECT_REFUSED(EFAULT, arg);
		ASSERT_EQ(0, mprotect(self->area + PAGE, PAGE, PROT_READ | PROT_WRITE));
	}
}

/* Larger than the kernel knows: the tail must be readable, up to its last byte. */
TEST_F(op, tail_without_access)
{
	uint8_t *arg = fill(variant, self->area + PAGE - variant->size);

	if (SKIPPED())
		return;
	set_word(arg, 0, variant->size + 8);
	ASSERT_EQ(0, mprotect(self->area + PAGE, PAGE, PROT_NONE));
	memcpy(self->saved, self->area, PAGE);
	EXPECT_EQ(EFAULT, op(self->fd, variant->number, arg));
	EXPECT_EQ(0, memcmp(self->saved, self->area, PAGE));
}

FIXTURE(device) {
	int fd;
};

FIXTURE_SETUP(device)
{
	self->fd = open(RINGPROBE_DEVICE, O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(device)
{
	close(self->fd);
}

static int is_known(unsigned int number)
{
	return number >= RINGPROBE_IOC_NOP && number <= RINGPROBE_IOC_PORT_BATCH;
}

/* Unknown with no argument, and with one that every operation can read. */
#define EXPECT_UNKNOWN(number) do {					\
	struct ringprobe_info arg_, before_;				\
									\
	memset(&arg_, POISON, sizeof(arg_));				\
	memset(&before_, POISON, sizeof(before_));			\
	arg_.size = before_.size = sizeof(arg_);			\
	EXPECT_EQ(ENOTTY, op(self->fd, number, NULL))			\
		TH_LOG("number %#x", (unsigned int)(number));		\
	EXPECT_EQ(ENOTTY, op(self->fd, number, &arg_))			\
		TH_LOG("number %#x", (unsigned int)(number));		\
	EXPECT_EQ(0, memcmp(&arg_, &before_, sizeof(arg_)));		\
} while (0)

TEST_F(device, unknown_numbers_of_our_type)
{
	unsigned int nr;

	for (nr = 0; nr < 256; nr++)
		if (!is_known(_IO(RINGPROBE_IOC_TYPE, nr)))
			EXPECT_UNKNOWN(_IO(RINGPROBE_IOC_TYPE, nr));
}

TEST_F(device, our_numbers_of_other_types)
{
	const unsigned int types[] = { 0xe8, 0xea, 0x69, 0xa9, 0xff };
	unsigned int i, nr;

	for (i = 0; i < ARRAY_SIZE(types); i++)
		for (nr = 0; nr < 8; nr++)
			EXPECT_UNKNOWN(_IO(types[i], nr));
}

/* A size or a direction in the number makes it another number. */
TEST_F(device, our_numbers_with_more_bits)
{
	unsigned int nr, bit;

	for (nr = 0; nr < 6; nr++) {
		for (bit = 16; bit < 32; bit++)
			EXPECT_UNKNOWN(_IO(RINGPROBE_IOC_TYPE, nr) | 1U << bit);
		EXPECT_UNKNOWN(_IOR(RINGPROBE_IOC_TYPE, nr, struct ringprobe_port));
		EXPECT_UNKNOWN(_IOW(RINGPROBE_IOC_TYPE, nr, struct ringprobe_info));
		EXPECT_UNKNOWN(_IOWR(RINGPROBE_IOC_TYPE, nr, struct ringprobe_cpl));
		EXPECT_UNKNOWN(_IOWR(RINGPROBE_IOC_TYPE, nr, struct ringprobe_stamp));
	}
}

TEST_F(device, nop)
{
	const uintptr_t some[] = { 1, 8, PAGE, (uintptr_t)self, (uintptr_t)-1 };
	unsigned int i;

	for (i = 0; i < 1000; i++) {
		ASSERT_EQ(0, op(self->fd, RINGPROBE_IOC_NOP, NULL));
	}
	for (i = 0; i < ARRAY_SIZE(some); i++) {
		EXPECT_EQ(EINVAL, op(self->fd, RINGPROBE_IOC_NOP, (void *)some[i]));
	}
	for (i = 0; i < sizeof(uintptr_t) * 8; i++) {
		EXPECT_EQ(EINVAL, op(self->fd, RINGPROBE_IOC_NOP, (void *)((uintptr_t)1 << i)));
	}
}

TEST_F(device, path_descriptor)
{
	struct ringprobe_stamp stamp = { .size = sizeof(stamp) };
	int fd = open(RINGPROBE_DEVICE, O_PATH | O_CLOEXEC);

	ASSERT_LE(0, fd);
	EXPECT_EQ(EBADF, op(fd, RINGPROBE_IOC_NOP, NULL));
	EXPECT_EQ(EBADF, op(fd, RINGPROBE_IOC_STAMP, &stamp));
	EXPECT_EQ(EBADF, op(fd, _IO(RINGPROBE_IOC_TYPE, 200), NULL));
	EXPECT_EQ(EBADF, ERRNO(lseek(fd, 0, SEEK_SET)));
	close(fd);
}

/* There is nothing to read or to write; page.c maps. */
TEST_F(device, no_other_door)
{
	char byte = 0;

	EXPECT_EQ(EINVAL, ERRNO(read(self->fd, &byte, 1)));
	EXPECT_EQ(EINVAL, ERRNO(write(self->fd, &byte, 1)));
}

TEST_F(device, info)
{
	const uint64_t always = RINGPROBE_FEATURE_CPL | RINGPROBE_FEATURE_STAMP |
				RINGPROBE_FEATURE_LSEEK_STAMP | RINGPROBE_FEATURE_PORT |
				RINGPROBE_FEATURE_INSN | RINGPROBE_FEATURE_FAULT |
				RINGPROBE_FEATURE_BATCH | RINGPROBE_FEATURE_PAGE;
	const uint64_t known = always | RINGPROBE_FEATURE_PM_TIMER |
			       RINGPROBE_FEATURE_LFENCE_ORDERS | RINGPROBE_FEATURE_URING |
			       RINGPROBE_FEATURE_CALLS | RINGPROBE_FEATURE_RETURN;
	struct ringprobe_info info;
	char version[32] = "";
	unsigned int mode = 0;
	FILE *file;

	ASSERT_EQ(0, ask(self->fd, &info, 0, 0));
	EXPECT_EQ(always, info.features & always);
	EXPECT_EQ(0, info.features & ~known);
	EXPECT_EQ(RINGPROBE_ABI, info.abi);
	EXPECT_EQ(RINGPROBE_ARG_MAX, info.arg_max);
	EXPECT_EQ(RINGPROBE_PORT_UNLISTED, info.port_kind);
	EXPECT_LE(1, info.ranges);
	EXPECT_EQ(!!info.pm_timer_port, !!(info.features & RINGPROBE_FEATURE_PM_TIMER));
	EXPECT_LE(info.pm_timer_port, 0xffff);
	EXPECT_TRUE(info.pm_timer_port ? info.pm_timer_bits == 24 || info.pm_timer_bits == 32 :
					 !info.pm_timer_bits);

	file = fopen("/sys/module/ringprobe/parameters/mode", "r");
	ASSERT_NE(NULL, file);
	EXPECT_EQ(1, fscanf(file, "%u", &mode));
	fclose(file);
	EXPECT_EQ(mode, info.mode);

	file = fopen("/sys/module/ringprobe/version", "r");
	ASSERT_NE(NULL, file);
	EXPECT_EQ(1, fscanf(file, "%31s", version));
	fclose(file);
	ASSERT_EQ(0, info.version[sizeof(info.version) - 1]);
	EXPECT_STREQ(version, (char *)info.version);
	EXPECT_TRUE(all_bytes(info.version + strlen(version), 0,
			      sizeof(info.version) - strlen(version)));
}

/* Only descriptor and caller are judged when no port is named. */
TEST_F(device, info_without_a_port)
{
	const uint32_t of_a_port = RINGPROBE_LAYER_RANGE | RINGPROBE_LAYER_ALLOW_LIST |
				   RINGPROBE_LAYER_DENY_LIST;
	struct ringprobe_info info;

	ASSERT_EQ(0, ask(self->fd, &info, 0, 0));
	EXPECT_EQ(0, info.deny_in & of_a_port);
	EXPECT_EQ(0, info.deny_out & of_a_port);
}

TEST_F(device, info_of_ports)
{
	const struct {
		uint32_t port, width, kind, layer;
	} rows[] = {
		{ PORT_POST, 1, RINGPROBE_PORT_BUILTIN, 0 },
		{ PORT_RESET, 1, RINGPROBE_PORT_DENIED, RINGPROBE_LAYER_DENY_LIST },
		{ 0x00, 1, RINGPROBE_PORT_DENIED, RINGPROBE_LAYER_DENY_LIST },
		{ 0x70, 1, RINGPROBE_PORT_DENIED, RINGPROBE_LAYER_DENY_LIST },
		{ 0xcf9, 1, RINGPROBE_PORT_DENIED, RINGPROBE_LAYER_DENY_LIST },
		{ 0xcfc, 4, RINGPROBE_PORT_DENIED, RINGPROBE_LAYER_DENY_LIST },
		{ 0xfffc, 4, RINGPROBE_PORT_UNLISTED, RINGPROBE_LAYER_ALLOW_LIST },
		{ 0xffff, 1, RINGPROBE_PORT_UNLISTED, RINGPROBE_LAYER_ALLOW_LIST },
		{ 0xffff, 2, RINGPROBE_PORT_UNLISTED, RINGPROBE_LAYER_RANGE },
		{ 0x10000, 1, RINGPROBE_PORT_UNLISTED, RINGPROBE_LAYER_RANGE },
		{ PORT_POST, 3, RINGPROBE_PORT_BUILTIN, RINGPROBE_LAYER_RANGE },
		{ PORT_POST, 8, RINGPROBE_PORT_BUILTIN, RINGPROBE_LAYER_RANGE },
	};
	const uint32_t of_a_port = RINGPROBE_LAYER_RANGE | RINGPROBE_LAYER_ALLOW_LIST |
				   RINGPROBE_LAYER_DENY_LIST;
	struct ringprobe_info info;
	size_t i;

	window_opens(self->fd);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		ASSERT_EQ(0, ask(self->fd, &info, rows[i].port, rows[i].width));
		EXPECT_EQ(rows[i].kind, info.port_kind)
			TH_LOG("port %#x width %u", rows[i].port, rows[i].width);
		EXPECT_EQ(rows[i].layer, info.deny_in & of_a_port)
			TH_LOG("port %#x width %u", rows[i].port, rows[i].width);
		EXPECT_EQ(rows[i].layer, info.deny_out & of_a_port)
			TH_LOG("port %#x width %u", rows[i].port, rows[i].width);
		EXPECT_EQ(rows[i].port, info.port);
		EXPECT_EQ(rows[i].width, info.width);
	}
	window_closes(self->fd);
}

/* INFO's figure for the TSC's rate, against a clock that nothing steers. */
TEST_F(device, info_tsc_khz)
{
	struct ringprobe_info info;
	struct timespec then, now;
	uint64_t ticks;
	double ns;

	ASSERT_EQ(0, ask(self->fd, &info, 0, 0));
	if (!info.tsc_khz)
		SKIP(return, "the kernel does not know the TSC's rate");
	clock_gettime(CLOCK_MONOTONIC_RAW, &then);
	ticks = user_stamp();
	usleep(300000);
	clock_gettime(CLOCK_MONOTONIC_RAW, &now);
	ticks = user_stamp() - ticks;
	ns = (double)(now.tv_sec - then.tv_sec) * 1e9 + (double)(now.tv_nsec - then.tv_nsec);
	EXPECT_LT(0.95, (double)ticks * 1e6 / ns / info.tsc_khz);
	EXPECT_GT(1.05, (double)ticks * 1e6 / ns / info.tsc_khz);
}

TEST_F(device, stamp)
{
	struct ringprobe_stamp stamp;
	uint64_t before, after;
	int i;

	ASSERT_EQ(0, pin(0));
	for (i = 0; i < 1000; i++) {
		memset(&stamp, POISON, sizeof(stamp));
		stamp.size = sizeof(stamp);
		stamp.flags = 0;
		before = user_stamp();
		ASSERT_EQ(0, op(self->fd, RINGPROBE_IOC_STAMP, &stamp));
		after = user_stamp();
		ASSERT_LT(before, stamp.first);
		ASSERT_LT(stamp.first, stamp.last);
		ASSERT_LT(stamp.last, after);
		ASSERT_EQ(0, stamp.cpu);
		ASSERT_EQ(0, stamp.reserved);
	}
}

TEST_F(device, stamp_on_each_cpu)
{
	struct ringprobe_stamp stamp = { .size = sizeof(stamp) };
	int cpu;

	for (cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (pin(cpu))
			continue;
		ASSERT_EQ(0, op(self->fd, RINGPROBE_IOC_STAMP, &stamp));
		EXPECT_EQ((unsigned int)cpu, stamp.cpu);
	}
}

#ifdef __x86_64__
/* Stamps grow, and lie between the caller's own. */
TEST_F(device, lseek_stamp)
{
	int64_t before, stamp, after, last = 0;
	int i;

	ASSERT_EQ(0, pin(0));
	for (i = 0; i < 1000; i++) {
		before = (int64_t)user_stamp();
		stamp = lseek(self->fd, 0, SEEK_CUR);
		after = (int64_t)user_stamp();
		ASSERT_LT(last, stamp);
		ASSERT_LT(before, stamp);
		ASSERT_LT(stamp, after);
		last = stamp;
		ASSERT_EQ(0, lseek(self->fd, 0, SEEK_SET));
	}
}
#else
/* lseek(2) itself, past the C library: 32 bits of offset, 32 bits of result. */
static long plain_lseek(int fd, long offset, unsigned int whence)
{
	long ret;

	__asm__ volatile("int $0x80" : "=a"(ret)
			 : "a"(SYS_lseek), "b"(fd), "c"(offset), "d"(whence) : "memory");
	return ret;
}

/* All 64 bits come through memory. */
TEST_F(device, llseek_stamp)
{
	uint64_t before, after, last = 0, stamp;
	int i;

	ASSERT_EQ(0, pin(0));
	for (i = 0; i < 1000; i++) {
		memset(&stamp, POISON, sizeof(stamp));
		before = user_stamp();
		ASSERT_EQ(0, ERRNO(syscall(SYS__llseek, self->fd, 0, 0, &stamp, SEEK_CUR)));
		after = user_stamp();
		ASSERT_LT(last, stamp);
		ASSERT_LT(before, stamp);
		ASSERT_LT(stamp, after);
		last = stamp;
		memset(&stamp, POISON, sizeof(stamp));
		ASSERT_EQ(0, ERRNO(syscall(SYS__llseek, self->fd, 0, 0, &stamp, SEEK_SET)));
		ASSERT_EQ(0, stamp);
	}
}

/* The low 32 bits; the distance to a user stamp is right modulo 2^32. */
TEST_F(device, lseek_low_half)
{
	uint64_t before, after;
	uint32_t stamp;
	int i;

	ASSERT_EQ(0, pin(0));
	for (i = 0; i < 1000; i++) {
		before = user_stamp();
		stamp = (uint32_t)plain_lseek(self->fd, 0, SEEK_CUR);
		after = user_stamp();
		ASSERT_LT((uint32_t)(stamp - (uint32_t)before), after - before);
		ASSERT_EQ(0, plain_lseek(self->fd, 0, SEEK_SET));
	}
}

TEST_F(device, lseek_low_half_refusals)
{
	EXPECT_EQ(-EINVAL, plain_lseek(self->fd, 1, SEEK_CUR));
	EXPECT_EQ(-EINVAL, plain_lseek(self->fd, -1, SEEK_SET));
	EXPECT_EQ(-EINVAL, plain_lseek(self->fd, 0, SEEK_END));
	EXPECT_EQ(-EBADF, plain_lseek(-1, 0, SEEK_CUR));
}
#endif

TEST_F(device, lseek_refusals)
{
	const int64_t offsets[] = { 0, 1, -1, 8, 4096, INT_MAX, INT_MIN, 1LL << 32,
				    LLONG_MAX, LLONG_MIN };
	const int whences[] = { SEEK_SET, SEEK_CUR, SEEK_END, SEEK_DATA, SEEK_HOLE,
				5, 6, 100, -1, INT_MAX, INT_MIN };
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(whences); i++) {
		for (j = 0; j < ARRAY_SIZE(offsets); j++) {
			if (!offsets[j] && (whences[i] == SEEK_SET || whences[i] == SEEK_CUR))
				continue;
			errno = 0;
			EXPECT_EQ(-1, lseek64(self->fd, offsets[j], whences[i]))
				TH_LOG("offset %lld whence %d", (long long)offsets[j], whences[i]);
			EXPECT_EQ(EINVAL, errno)
				TH_LOG("offset %lld whence %d", (long long)offsets[j], whences[i]);
		}
	}
}

TEST_HARNESS_MAIN
