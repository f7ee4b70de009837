// SPDX-License-Identifier: GPL-2.0
/*
 * Who may do what: by capability of opener and caller, user namespace and
 * passed descriptors; the order of the errors; and that INFO tells each caller
 * what the operations then do. The node is opened to all for a test's time, so
 * that the checks of each call are what refuses.
 */
#include "kselftest_harness.h"

#include <grp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "ringprobe_test.h"

#define NOBODY		65534U

#define BOTH		(RINGPROBE_LAYER_OPENER | RINGPROBE_LAYER_CALLER)

PROGRAM_NEEDS(lacks_root, lacks_device, lacks_port)

FIXTURE(perm) {
	int fd;			/* opened with every right */
	struct stat node;
};

FIXTURE_SETUP(perm)
{
	self->fd = open(RINGPROBE_DEVICE, O_RDWR);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, fstat(self->fd, &self->node));
	ASSERT_EQ(0, chmod(RINGPROBE_DEVICE, 0666));
}

FIXTURE_TEARDOWN(perm)
{
	chmod(RINGPROBE_DEVICE, self->node.st_mode & 07777);
	close(self->fd);
}

/* Another user, with @caps and nothing else. */
static int become_nobody(uint64_t caps)
{
	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) || setgroups(0, NULL) ||
	    setresgid(NOBODY, NOBODY, NOBODY) || setresuid(NOBODY, NOBODY, NOBODY))
		return -1;
	return set_caps(caps, caps);
}

/* A window around a child: whoever gives up rights can neither close it nor restore the node. */
static int in_window(int fd, int (*body)(int fd))
{
	int line;

	window_opens(fd);
	line = IN_CHILD(body(fd));
	window_closes(fd);
	return line;
}

/* What asks nothing of the caller works; port I/O is refused by @layers alone. */
static int check_refused(int fd, uint32_t layers)
{
	const uint32_t ports[] = { PORT_POST, PORT_TESTDEV, PORT_KEYBOARD, PORT_RESET, 0xcfc };
	struct ringprobe_stamp stamp = { .size = sizeof(stamp) };
	struct ringprobe_cpl cpl = { .size = sizeof(cpl) };
	struct ringprobe_fault_arm arm = fault_arm_of(RINGPROBE_FAULT_F_ALL);
	struct ringprobe_fault_read read = fault_read_of(0);
	struct ringprobe_op ops[2] = { in_op(PORT_POST, 1), in_op(PORT_POST, 1) };
	struct ringprobe_batch batch = batch_of(ops, 2);
	struct ringprobe_insn insn;
	struct ringprobe_info info;
	uint32_t value;
	size_t i;

	CHECK(op(fd, RINGPROBE_IOC_PORT_BATCH_IN, &batch) == EPERM);
	CHECK(op(fd, RINGPROBE_IOC_PORT_BATCH, &batch) == EPERM);
	CHECK(batch.completed == 0xcccccccc && ops[0].value == 0xcccccccc && !ops[0].status);
	for (i = 1; i <= RINGPROBE_INSN_MAX; i++) {
		insn = insn_of((uint32_t)i, 0);
		CHECK(op(fd, RINGPROBE_IOC_INSN, &insn) == EPERM);
		CHECK(all_bytes(insn.value, POISON, sizeof(insn.value)));
	}
	CHECK(op(fd, RINGPROBE_IOC_FAULT_ARM, &arm) == EPERM);
	CHECK(all_bytes(&arm.capacity, POISON, sizeof(arm.capacity)));
	CHECK(op(fd, RINGPROBE_IOC_FAULT_READ, &read) == EPERM);
	CHECK(all_bytes(&read.count, POISON, sizeof(read) - offsetof(typeof(read), count)));
	CHECK(op(fd, RINGPROBE_IOC_NOP, NULL) == 0);
	CHECK(op(fd, RINGPROBE_IOC_CPL, &cpl) == 0);
	CHECK(op(fd, RINGPROBE_IOC_STAMP, &stamp) == 0);
	CHECK(lseek(fd, 0, SEEK_SET) == 0);
	CHECK(lseek(fd, 0, SEEK_CUR) > 0);
	CHECK(cpl.user_cpl == 3 && cpl.kernel_cpl == 0);

	CHECK(ask(fd, &info, 0, 0) == 0);
	CHECK(info.deny_in == layers && info.deny_out == layers);
	CHECK(ask(fd, &info, PORT_POST, 1) == 0);
	CHECK(info.deny_in == layers && info.deny_out == layers);
	for (i = 0; i < ARRAY_SIZE(ports); i++) {
		CHECK(port_in(fd, ports[i], 1, &value) == EPERM);
		CHECK(value == 0xcccccccc);
		CHECK(port_out(fd, ports[i], 1, 0) == EPERM);
	}
	return 0;
}

/* What INFO says is what happens, whoever asks. Only harmless ports succeed. */
static int check_agreement(int fd)
{
	const struct {
		uint32_t port, width;
	} rows[] = {
		{ PORT_POST, 1 }, { PORT_POST, 2 }, { PORT_POST, 3 }, { PORT_RESET, 1 },
		{ PORT_KEYBOARD, 1 }, { 0x10000, 1 }, { 0xffff, 2 }, { 0x1001, 2 },
		{ 0x1000, 4 }, { 0xcf8, 4 }, { 0xcf9, 1 }, { 0x70, 1 },
	};
	struct ringprobe_info info;
	uint32_t value;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		CHECK(ask(fd, &info, rows[i].port, rows[i].width) == 0);
		CHECK(port_in(fd, rows[i].port, rows[i].width, &value) ==
		      errno_of_layers(info.deny_in));
		CHECK(port_out(fd, rows[i].port, rows[i].width, 0) ==
		      errno_of_layers(info.deny_out));
	}
	return 0;
}

static int check_allowed(int fd)
{
	struct ringprobe_fault_arm arm = fault_arm_of(RINGPROBE_FAULT_F_ALL);
	struct ringprobe_insn insn = insn_of(RINGPROBE_INSN_PUSHF, 0);
	struct ringprobe_fault_read read = fault_read_of(0);
	struct ringprobe_op ops[2] = { in_op(PORT_POST, 1), out_op(PORT_POST, 1, 0) };
	struct ringprobe_batch batch = batch_of(ops, 2);
	struct ringprobe_info info;
	uint32_t value;

	CHECK(op(fd, RINGPROBE_IOC_PORT_BATCH, &batch) == 0);
	batch = batch_of(ops, 1);
	ops[0] = in_op(PORT_POST, 1);
	CHECK(op(fd, RINGPROBE_IOC_PORT_BATCH_IN, &batch) == 0);
	CHECK(op(fd, RINGPROBE_IOC_INSN, &insn) == 0);
	CHECK(op(fd, RINGPROBE_IOC_FAULT_ARM, &arm) == 0);
	CHECK(op(fd, RINGPROBE_IOC_FAULT_READ, &read) == 0);
	arm.flags = 0;
	CHECK(op(fd, RINGPROBE_IOC_FAULT_ARM, &arm) == 0);
	CHECK(ask(fd, &info, PORT_POST, 1) == 0);
	CHECK(info.deny_in == 0 && info.deny_out == 0);
	CHECK(port_in(fd, PORT_POST, 1, &value) == 0);
	CHECK(port_out(fd, PORT_POST, 1, 0) == 0);
	return check_agreement(fd);
}

/* A descriptor opened now, by the rights of now. */
static int reopen(int flags)
{
	return open(RINGPROBE_DEVICE, flags | O_CLOEXEC);
}

static int nobody_at_mode_0600(int fd)
{
	(void)fd;
	CHECK(chmod(RINGPROBE_DEVICE, 0600) == 0);
	CHECK(become_nobody(NO_CAPS) == 0);
	CHECK(reopen(O_RDONLY) == -1 && errno == EACCES);
	CHECK(reopen(O_WRONLY) == -1 && errno == EACCES);
	CHECK(reopen(O_RDWR) == -1 && errno == EACCES);
	return 0;
}

TEST_F(perm, node_keeps_others_out)
{
	EXPECT_EQ(0, IN_CHILD(nobody_at_mode_0600(self->fd)));
}

static int nobody(int fd)
{
	CHECK(become_nobody(NO_CAPS) == 0);
	fd = reopen(O_RDWR);
	CHECK(fd >= 0);
	return check_refused(fd, BOTH);
}

TEST_F(perm, nobody)
{
	EXPECT_EQ(0, in_window(self->fd, nobody));
}

static int nobody_agrees(int fd)
{
	CHECK(become_nobody(NO_CAPS) == 0);
	fd = reopen(O_RDWR);
	CHECK(fd >= 0);
	CHECK(check_agreement(fd) == 0);
	fd = reopen(O_RDONLY);
	CHECK(fd >= 0);
	CHECK(check_agreement(fd) == 0);
	fd = reopen(O_WRONLY);
	CHECK(fd >= 0);
	return check_agreement(fd);
}

TEST_F(perm, info_agrees_for_nobody)
{
	EXPECT_EQ(0, in_window(self->fd, nobody_agrees));
}

static int rawio_alone(int fd)
{
	CHECK(become_nobody(RAWIO) == 0);
	fd = reopen(O_RDWR);
	CHECK(fd >= 0);
	return check_allowed(fd);
}

TEST_F(perm, rawio_alone)
{
	EXPECT_EQ(0, IN_CHILD(rawio_alone(self->fd)));
}

static int everything_but_rawio(int fd)
{
	CHECK(set_caps(ALL_CAPS & ~RAWIO, ALL_CAPS & ~RAWIO) == 0);
	CHECK(geteuid() == 0);
	fd = reopen(O_RDWR);
	CHECK(fd >= 0);
	return check_refused(fd, BOTH);
}

TEST_F(perm, everything_but_rawio)
{
	EXPECT_EQ(0, in_window(self->fd, everything_but_rawio));
}

/* Permitted is not effective. */
static int rawio_not_effective(int fd)
{
	CHECK(set_caps(ALL_CAPS & ~RAWIO, ALL_CAPS) == 0);
	CHECK(check_refused(fd, RINGPROBE_LAYER_CALLER) == 0);
	fd = reopen(O_RDWR);
	CHECK(fd >= 0);
	CHECK(check_refused(fd, BOTH) == 0);
	CHECK(set_caps(ALL_CAPS, ALL_CAPS) == 0);
	return check_refused(fd, RINGPROBE_LAYER_OPENER);
}

TEST_F(perm, rawio_not_effective)
{
	EXPECT_EQ(0, in_window(self->fd, rawio_not_effective));
}

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t done = fd < 0 ? -1 : write(fd, text, strlen(text));

	if (fd >= 0)
		close(fd);
	return done == (ssize_t)strlen(text) ? 0 : -1;
}

#define NO_USER_NAMESPACE	(-2)

/* Root of a user namespace: every capability, and none that counts. */
static int namespace_root(int fd)
{
	int early = fd;

	if (unshare(CLONE_NEWUSER))
		return NO_USER_NAMESPACE;
	CHECK(write_file("/proc/self/uid_map", "0 0 1") == 0);
	CHECK(write_file("/proc/self/setgroups", "deny") == 0);
	CHECK(write_file("/proc/self/gid_map", "0 0 1") == 0);
	CHECK(geteuid() == 0);
	CHECK(set_caps(ALL_CAPS, ALL_CAPS) == 0);
	fd = reopen(O_RDWR);
	CHECK(fd >= 0);
	CHECK(check_refused(fd, BOTH) == 0);
	/* with a descriptor from outside: the opener had what the caller lacks */
	return check_refused(early, RINGPROBE_LAYER_CALLER);
}

TEST_F(perm, root_of_a_user_namespace)
{
	int line = in_window(self->fd, namespace_root);

	if (line == NO_USER_NAMESPACE)
		SKIP(return, "no user namespaces here");
	EXPECT_EQ(0, line);
}

static int send_fd(int socket, int fd)
{
	char space[CMSG_SPACE(sizeof(int))] = "", byte = 0;
	struct iovec data = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr message = {
		.msg_iov = &data, .msg_iovlen = 1,
		.msg_control = space, .msg_controllen = sizeof(space),
	};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &fd, sizeof(fd));
	return sendmsg(socket, &message, 0) == 1 ? 0 : -1;
}

static int receive_fd(int socket)
{
	char space[CMSG_SPACE(sizeof(int))] = "", byte = 0;
	struct iovec data = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr message = {
		.msg_iov = &data, .msg_iovlen = 1,
		.msg_control = space, .msg_controllen = sizeof(space),
	};
	int fd;

	if (recvmsg(socket, &message, 0) != 1 || !CMSG_FIRSTHDR(&message))
		return -1;
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(fd));
	return fd;
}

static int sockets[2];

static int user_of_a_passed_descriptor(int fd)
{
	(void)fd;
	CHECK(become_nobody(NO_CAPS) == 0);
	fd = receive_fd(sockets[1]);
	CHECK(fd >= 0);
	return check_refused(fd, RINGPROBE_LAYER_CALLER);
}

/* Opened with every right, used with none: nobody can lend his rights. */
TEST_F(perm, passed_to_nobody)
{
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, sockets));
	ASSERT_EQ(0, send_fd(sockets[0], self->fd));
	EXPECT_EQ(0, in_window(self->fd, user_of_a_passed_descriptor));
}

static int opener_of_a_passed_descriptor(int fd)
{
	(void)fd;
	CHECK(become_nobody(NO_CAPS) == 0);
	fd = reopen(O_RDWR);
	CHECK(fd >= 0);
	CHECK(send_fd(sockets[1], fd) == 0);
	return 0;
}

/* Opened with none, used with every right: nobody can be tricked into it. */
TEST_F(perm, passed_by_nobody)
{
	int fd;

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, sockets));
	ASSERT_EQ(0, IN_CHILD(opener_of_a_passed_descriptor(self->fd)));
	fd = receive_fd(sockets[0]);
	ASSERT_LE(0, fd);
	window_opens(self->fd);
	EXPECT_EQ(0, check_refused(fd, RINGPROBE_LAYER_OPENER));
	EXPECT_EQ(0, check_agreement(fd));
	window_closes(self->fd);
}

/* What counts is the moment of each call, not a verdict kept from open(). */
static int rights_come_and_go(int fd)
{
	uint32_t value;

	CHECK(port_in(fd, PORT_POST, 1, &value) == 0);
	CHECK(set_caps(NO_CAPS, ALL_CAPS) == 0);
	CHECK(port_in(fd, PORT_POST, 1, &value) == EPERM);
	CHECK(set_caps(ALL_CAPS, ALL_CAPS) == 0);
	CHECK(port_in(fd, PORT_POST, 1, &value) == 0);
	return 0;
}

TEST_F(perm, judged_at_each_call)
{
	EXPECT_EQ(0, IN_CHILD(rights_come_and_go(self->fd)));
}

static int batches_come_and_go(int fd)
{
	struct ringprobe_op one = in_op(PORT_POST, 1);
	struct ringprobe_batch batch = batch_of(&one, 1);

	CHECK(op(fd, RINGPROBE_IOC_PORT_BATCH, &batch) == 0);
	one = in_op(PORT_POST, 1);
	CHECK(set_caps(ALL_CAPS & ~RAWIO, ALL_CAPS) == 0);
	CHECK(op(fd, RINGPROBE_IOC_PORT_BATCH, &batch) == EPERM);
	CHECK(op(fd, RINGPROBE_IOC_PORT_BATCH_IN, &batch) == EPERM);
	CHECK(set_caps(ALL_CAPS, ALL_CAPS) == 0);
	CHECK(op(fd, RINGPROBE_IOC_PORT_BATCH_IN, &batch) == 0);
	return 0;
}

TEST_F(perm, batches_judged_at_each_call)
{
	EXPECT_EQ(0, IN_CHILD(batches_come_and_go(self->fd)));
}

/* Two faults at once: the first in the order of the contract is reported. */
static int order_for_nobody(int fd)
{
	struct ringprobe_port large[2] = { port_access(PORT_POST, 1, 0) };
	struct ringprobe_op refused = in_op(PORT_RESET, 3);
	struct ringprobe_batch batch = batch_of(&refused, 1);
	struct ringprobe_port access;
	uint32_t value;
	int readable;

	CHECK(become_nobody(NO_CAPS) == 0);
	fd = reopen(O_RDWR);
	readable = reopen(O_RDONLY);
	CHECK(fd >= 0 && readable >= 0);

	/* ENOTTY before everything */
	CHECK(op(readable, _IO(RINGPROBE_IOC_TYPE, 11), NULL) == ENOTTY);
	CHECK(op(readable, RINGPROBE_IOC_PORT_OUT | 0x10000, NULL) == ENOTTY);
	/* EBADF before EPERM, EFAULT, EINVAL, EACCES */
	CHECK(op(readable, RINGPROBE_IOC_PORT_OUT, NULL) == EBADF);
	CHECK(port_out(readable, PORT_POST, 3, 0) == EBADF);
	CHECK(port_out(readable, PORT_RESET, 1, 0) == EBADF);
	CHECK(op(readable, RINGPROBE_IOC_PORT_BATCH, NULL) == EBADF);
	CHECK(op(readable, RINGPROBE_IOC_PORT_BATCH, &batch) == EBADF);
	/* of batches, too: who may not, learns nothing of the list */
	CHECK(op(readable, RINGPROBE_IOC_PORT_BATCH_IN, NULL) == EPERM);
	CHECK(op(readable, RINGPROBE_IOC_PORT_BATCH_IN, &batch) == EPERM);
	CHECK(op(fd, RINGPROBE_IOC_PORT_BATCH, &batch) == EPERM);
	batch.count = 0;
	CHECK(op(fd, RINGPROBE_IOC_PORT_BATCH, &batch) == EPERM);
	CHECK(!refused.status);
	/* EPERM before EFAULT */
	CHECK(op(fd, RINGPROBE_IOC_PORT_OUT, NULL) == EPERM);
	CHECK(op(fd, RINGPROBE_IOC_PORT_IN, NULL) == EPERM);
	/* EPERM before EINVAL */
	CHECK(port_in(fd, PORT_POST, 3, &value) == EPERM);
	CHECK(port_out(fd, PORT_POST, 1, 0x100) == EPERM);
	CHECK(port_in(fd, 0x10000, 1, &value) == EPERM);
	access = port_access(PORT_POST, 1, 0);
	access.size = 1;
	CHECK(op(fd, RINGPROBE_IOC_PORT_IN, &access) == EPERM);
	access = port_access(PORT_POST, 1, 0);
	access.flags = 1;
	CHECK(op(fd, RINGPROBE_IOC_PORT_IN, &access) == EPERM);
	/* EPERM before E2BIG */
	memset(&large[1], 1, sizeof(large[1]));
	large[0].size = sizeof(large);
	CHECK(op(fd, RINGPROBE_IOC_PORT_IN, large) == EPERM);
	large[0].size = 8192;
	CHECK(op(fd, RINGPROBE_IOC_PORT_OUT, large) == EPERM);
	/* EPERM before EACCES: who may not, learns nothing of the list */
	CHECK(port_in(fd, 0x1000, 1, &value) == EPERM);
	CHECK(port_out(fd, PORT_RESET, 1, 0) == EPERM);
	return 0;
}

TEST_F(perm, order_of_errors_for_nobody)
{
	EXPECT_EQ(0, in_window(self->fd, order_for_nobody));
}

TEST_F(perm, order_of_errors_for_root)
{
	const uint32_t unlisted = 0x1000;
	struct ringprobe_port large[2] = { port_access(unlisted, 1, 0) };
	struct ringprobe_port access, *page;
	int readable = reopen(O_RDONLY);
	uint32_t value;

	ASSERT_LE(0, readable);
	page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE((void *)MAP_FAILED, (void *)page);

	window_opens(self->fd);
	EXPECT_EQ(EACCES, port_out(self->fd, unlisted, 1, 0));
	/* EBADF before EACCES, EINVAL and EFAULT */
	EXPECT_EQ(EBADF, port_out(readable, unlisted, 1, 0));
	EXPECT_EQ(EBADF, port_out(readable, unlisted, 7, 0));
	EXPECT_EQ(EBADF, op(readable, RINGPROBE_IOC_PORT_OUT, NULL));
	/* EINVAL before EACCES */
	EXPECT_EQ(EINVAL, port_in(self->fd, unlisted, 3, &value));
	EXPECT_EQ(EINVAL, port_in(self->fd, unlisted + 1, 4, &value));
	EXPECT_EQ(EINVAL, port_out(self->fd, unlisted, 1, 0x100));
	EXPECT_EQ(EINVAL, port_out(self->fd, PORT_RESET, 1, 0x1fe));
	access = port_access(unlisted, 1, 0);
	access.reserved = 1;
	EXPECT_EQ(EINVAL, op(self->fd, RINGPROBE_IOC_PORT_IN, &access));
	access = port_access(unlisted, 1, 0);
	access.flags = 0x80000000;
	EXPECT_EQ(EINVAL, op(self->fd, RINGPROBE_IOC_PORT_IN, &access));
	access = port_access(unlisted, 1, 0);
	access.size = 8;
	EXPECT_EQ(EINVAL, op(self->fd, RINGPROBE_IOC_PORT_IN, &access));
	/* E2BIG before EACCES */
	memset(&large[1], 1, sizeof(large[1]));
	large[0].size = sizeof(large);
	EXPECT_EQ(E2BIG, op(self->fd, RINGPROBE_IOC_PORT_IN, large));
	EXPECT_EQ(E2BIG, op(self->fd, RINGPROBE_IOC_PORT_OUT, large));
	/* EFAULT before EACCES */
	*page = port_access(unlisted, 1, 0);
	ASSERT_EQ(0, mprotect(page, 4096, PROT_READ));
	EXPECT_EQ(EFAULT, op(self->fd, RINGPROBE_IOC_PORT_IN, page));
	EXPECT_EQ(EFAULT, op(self->fd, RINGPROBE_IOC_PORT_OUT, page));
	window_closes(self->fd);
}

TEST_HARNESS_MAIN
