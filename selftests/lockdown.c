// SPDX-License-Identifier: GPL-2.0
/*
 * Kernel lockdown separates root from the kernel: once it is on, no port I/O,
 * for descriptors opened before as for later ones. It cannot be switched off
 * again before the next boot: lockdown.sh asks first, and runs last.
 */
#include "kselftest_harness.h"

#include <sys/io.h>
#include <sys/mount.h>

#include "ringprobe_test.h"
#include "ring.h"

#define LOCKDOWN	"/sys/kernel/security/lockdown"

static int early = -1;		/* opened while ports were allowed */
static int windowed;

static const char *lacks_lockdown(void)
{
	if (access(LOCKDOWN, W_OK))
		mount("securityfs", "/sys/kernel/security", "securityfs", 0, NULL);
	return access(LOCKDOWN, W_OK) ? "this kernel has no lockdown" : NULL;
}

/*
 * Later the module can write to no port, so the right to the one that ends the
 * window is taken now, the other way.
 */
static const char *prepare(void)
{
	early = open(RINGPROBE_DEVICE, O_RDWR);
	windowed = usable(early, PORT_DEBUGCON, 1);
	if (windowed && ioperm(PORT_DEBUGCON, 1, 1))
		return "ioperm() is refused";
	return NULL;
}

PROGRAM_NEEDS(lacks_root, lacks_device, lacks_port, lacks_lockdown, prepare)

/* INSN runs, and keeps addresses back; @locked 0: it tells them. */
static void expect_addresses(struct __test_metadata *_metadata, int fd, int locked)
{
	const struct {
		uint32_t insn, value;
	} addresses[] = {
		{ RINGPROBE_INSN_READ_CR2, 0 }, { RINGPROBE_INSN_READ_CR3, 0 },
		{ RINGPROBE_INSN_RDMSR_LSTAR, 0 }, { RINGPROBE_INSN_SGDT, 1 },
		{ RINGPROBE_INSN_SIDT, 1 },
	};
	struct ringprobe_insn insn;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(addresses); i++) {
		insn = insn_of(addresses[i].insn, 0);
		EXPECT_EQ(0, op(fd, RINGPROBE_IOC_INSN, &insn));
		EXPECT_EQ(RINGPROBE_INSN_EXECUTED, insn.status);
		EXPECT_EQ(locked ? RINGPROBE_INSN_REDACTED : 0, insn.notes);
		/* CR2 may be 0 by itself; the limit is no address */
		if (addresses[i].insn != RINGPROBE_INSN_READ_CR2) {
			EXPECT_EQ(locked, !insn.value[addresses[i].value]);
		}
		if (addresses[i].value) {
			EXPECT_NE(0, insn.value[0]);
		}
	}
	insn = insn_of(RINGPROBE_INSN_READ_CR4, 0);
	EXPECT_EQ(0, op(fd, RINGPROBE_IOC_INSN, &insn));
	EXPECT_NE(0, insn.value[0]);
	EXPECT_EQ(0, insn.notes);
}

/*
 * Of the whole catalogue nothing tells an address of the kernel's: those begin with eight
 * ones at least, with five levels of page tables as with four. Without lockdown some do.
 */
static void expect_no_kernel_address(struct __test_metadata *_metadata, int fd, int locked)
{
	uint64_t here = 0x0123456789abcdef;
	struct ringprobe_insn insn;
	int told = 0;

	for (uint32_t i = 1; i <= RINGPROBE_INSN_MAX; i++) {
		insn = insn_of(i, 0);
		if (i == RINGPROBE_INSN_READ_USER)
			insn.pointer = (uintptr_t)&here;
		EXPECT_EQ(0, op(fd, RINGPROBE_IOC_INSN, &insn))
			TH_LOG("entry %u", i);
		told += insn.value[0] >> 56 == 0xff || insn.value[1] >> 56 == 0xff;
	}
	EXPECT_EQ(locked, !told);
}

static void expect_locked(struct __test_metadata *_metadata, int fd)
{
	struct ringprobe_stamp stamp = { .size = sizeof(stamp) };
	struct ringprobe_fault_arm arm = fault_arm_of(RINGPROBE_FAULT_F_ALL);
	struct ringprobe_fault_read read = fault_read_of(0);
	struct ringprobe_cpl cpl = { .size = sizeof(cpl) };
	struct ringprobe_op one = in_op(PORT_POST, 1);
	struct ringprobe_batch batch = batch_of(&one, 1);
	struct ringprobe_info info;
	uint32_t value;
	struct ring ring;

	EXPECT_EQ(EPERM, op(fd, RINGPROBE_IOC_PORT_BATCH_IN, &batch));
	EXPECT_EQ(EPERM, op(fd, RINGPROBE_IOC_PORT_BATCH, &batch));
	EXPECT_EQ(0xcccccccc, batch.completed);
	EXPECT_EQ(0xcccccccc, one.value);
	if (!ring_open(&ring, 0)) {
		EXPECT_EQ(EPERM, ring_op(&ring, fd, 0, RINGPROBE_IOC_PORT_BATCH, &batch));
		EXPECT_EQ(EPERM, ring_op(&ring, fd, IOSQE_ASYNC, RINGPROBE_IOC_PORT_BATCH_IN,
					 &batch));
		close(ring.fd);
	}
	EXPECT_EQ(EPERM, port_in(fd, PORT_POST, 1, &value));
	EXPECT_EQ(0xcccccccc, value);
	EXPECT_EQ(EPERM, port_out(fd, PORT_POST, 1, 0));
	EXPECT_EQ(EPERM, port_out(fd, PORT_TESTDEV, 4, 0));
	EXPECT_EQ(EPERM, port_out(fd, PORT_RESET, 1, 0));
	EXPECT_EQ(EPERM, port_in(fd, PORT_POST, 3, &value));
	EXPECT_EQ(EPERM, op(fd, RINGPROBE_IOC_PORT_IN, NULL));
	EXPECT_EQ(ENOTTY, op(fd, _IO(RINGPROBE_IOC_TYPE, 11), NULL));

	ASSERT_EQ(0, ask(fd, &info, PORT_POST, 1));
	EXPECT_EQ(RINGPROBE_LAYER_LOCKDOWN, info.deny_in);
	EXPECT_EQ(RINGPROBE_LAYER_LOCKDOWN, info.deny_out);
	ASSERT_EQ(0, ask(fd, &info, 0, 0));
	EXPECT_EQ(RINGPROBE_LAYER_LOCKDOWN, info.deny_in);
	if (info.pm_timer_port) {
		EXPECT_EQ(EPERM, port_in(fd, info.pm_timer_port, 4, &value));
	}

	expect_addresses(_metadata, fd, 1);
	expect_no_kernel_address(_metadata, fd, 1);
	/* what looks and touches nothing stays allowed */
	EXPECT_EQ(0, op(fd, RINGPROBE_IOC_NOP, NULL));
	EXPECT_EQ(0, op(fd, RINGPROBE_IOC_CPL, &cpl));
	EXPECT_EQ(0, op(fd, RINGPROBE_IOC_STAMP, &stamp));
	EXPECT_EQ(0, op(fd, RINGPROBE_IOC_FAULT_ARM, &arm));
	EXPECT_EQ(0, op(fd, RINGPROBE_IOC_FAULT_READ, &read));
	EXPECT_EQ(0, lseek(fd, 0, SEEK_SET));
	EXPECT_LT(0, lseek(fd, 0, SEEK_CUR));
}

TEST(before)
{
	uint32_t value;

	EXPECT_EQ(0, port_in(early, PORT_POST, 1, &value));
	EXPECT_EQ(0, port_out(early, PORT_POST, 1, 0));
	expect_addresses(_metadata, early, 0);
	expect_no_kernel_address(_metadata, early, 0);
}

TEST(lock)
{
	const char level[] = "integrity";
	char text[64] = "";
	int fd;

	window_opens(early);
	fd = open(LOCKDOWN, O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, fd);
	ASSERT_EQ((ssize_t)strlen(level), write(fd, level, strlen(level)));
	EXPECT_LT(0, pread(fd, text, sizeof(text) - 1, 0));
	EXPECT_NE(NULL, strstr(text, "[integrity]"));
	close(fd);
}

TEST(descriptor_opened_before)
{
	expect_locked(_metadata, early);
}

TEST(descriptor_opened_after)
{
	int fd = open(RINGPROBE_DEVICE, O_RDWR | O_CLOEXEC);

	ASSERT_LE(0, fd);
	expect_locked(_metadata, fd);
	close(fd);
}

/* EBADF comes first still, and both layers are named. */
TEST(read_only_descriptor)
{
	int fd = open(RINGPROBE_DEVICE, O_RDONLY | O_CLOEXEC);
	struct ringprobe_info info;

	ASSERT_LE(0, fd);
	EXPECT_EQ(EBADF, port_out(fd, PORT_POST, 1, 0));
	ASSERT_EQ(0, ask(fd, &info, 0, 0));
	EXPECT_EQ(RINGPROBE_LAYER_LOCKDOWN, info.deny_in);
	EXPECT_EQ(RINGPROBE_LAYER_LOCKDOWN | RINGPROBE_LAYER_FMODE, info.deny_out);
	close(fd);
}

/* The same layer that ioperm(2) meets. */
TEST(ioperm_is_refused_too)
{
	EXPECT_EQ(EPERM, ERRNO(ioperm(PORT_POST, 1, 1)));
}

TEST(the_window_closes)
{
	if (windowed)
		outb(0x02, PORT_DEBUGCON);
}

TEST_HARNESS_MAIN
