// SPDX-License-Identifier: GPL-2.0
/*
 * The group "events": what each has, attribute by attribute, and nothing else; what is
 * none; who hears them, and that nobody is held up by who does not read. That the module
 * goes, and who joined before it came, is events.sh's.
 */
#include "kselftest_harness.h"

#include <grp.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <linux/userfaultfd.h>

#include "ringprobe_test.h"
#include "netlink.h"
#include "ring.h"

#define NOBODY		65534U
#define PAGE		4096U

PROGRAM_NEEDS(lacks_root, lacks_family, lacks_device, lacks_port)

/* NO_NUMBER for each attribute that is not there, and for one of a wrong length. */
struct event {
	uint8_t command;
	uint64_t a[RINGPROBE_A_MAX + 1];
};

static struct event event_of(uint8_t command)
{
	struct event event = { .command = command };

	for (int i = 0; i <= RINGPROBE_A_MAX; i++)
		event.a[i] = NO_NUMBER;
	return event;
}

/* The errno: EAGAIN, if there is none. */
static int next_event(const struct netlink *listener, struct event *event)
{
	char buffer[8192] __attribute__((aligned(8)));
	const struct nlmsghdr *header = (const struct nlmsghdr *)buffer;
	const struct nlattr *attribute_;
	int length;

	*event = event_of(POISON);
	memset(buffer, POISON, sizeof(buffer));
	if (recv(listener->fd, buffer, sizeof(buffer), MSG_DONTWAIT) < 0)
		return errno;
	if (header->nlmsg_type != listener->family || header->nlmsg_seq || header->nlmsg_pid)
		return -1;
	event->command = ((const struct genlmsghdr *)NLMSG_DATA(header))->cmd;
	for (uint16_t i = RINGPROBE_A_PAD + 1; i <= RINGPROBE_A_MAX; i++) {
		length = i == RINGPROBE_A_COUNT || i == RINGPROBE_A_EXITED ? 8 : 4;
		attribute_ = attribute(header, i);
		if (attribute_)
			event->a[i] = attribute_->nla_len == NLA_HDRLEN + length ?
				number_of(attribute_) : ~NO_NUMBER;
	}
	return 0;
}

static int none(const struct netlink *listener)
{
	struct event event;

	return next_event(listener, &event) == EAGAIN;
}

/* The next event is this. */
static int is_next(const struct netlink *listener, const struct event *wanted)
{
	struct event got;
	int err = next_event(listener, &got), same;

	same = !err && got.command == wanted->command;
	if (!same)
		fprintf(stderr, "# errno %d, command %u, not %u\n", err, got.command,
			wanted->command);
	for (int i = 0; !err && i <= RINGPROBE_A_MAX; i++) {
		if (got.a[i] == wanted->a[i])
			continue;
		same = 0;
		fprintf(stderr, "# attribute %d: %#llx, not %#llx\n", i,
			(unsigned long long)got.a[i], (unsigned long long)wanted->a[i]);
	}
	return same;
}

/* Of this thread, as root */
static struct event port_event(uint8_t command, unsigned int number)
{
	struct event event = event_of(command);

	event.a[RINGPROBE_A_PID] = (uint64_t)getpid();
	event.a[RINGPROBE_A_TID] = (uint64_t)syscall(SYS_gettid);
	event.a[RINGPROBE_A_UID] = 0;
	event.a[RINGPROBE_A_OPERATION] = _IOC_NR(number);
	return event;
}

static struct event with_access(struct event event, uint32_t port, uint32_t access)
{
	event.a[RINGPROBE_A_PORT] = port;
	event.a[RINGPROBE_A_ACCESS] = access;
	return event;
}

static struct event made(unsigned int number, uint64_t count)
{
	struct event event = port_event(RINGPROBE_CMD_PORT_MADE, number);

	event.a[RINGPROBE_A_COUNT] = count;
	return event;
}

static struct event refused(unsigned int number, int error)
{
	struct event event = port_event(RINGPROBE_CMD_PORT_REFUSED, number);

	event.a[RINGPROBE_A_ERRNO] = (uint64_t)error;
	return event;
}

#define EXPECT_EVENT(...) do {						\
	struct event wanted_ = __VA_ARGS__;				\
									\
	EXPECT_TRUE(is_next(&self->listener, &wanted_));		\
	EXPECT_TRUE(none(&self->listener));				\
} while (0)

FIXTURE(events) {
	struct netlink listener;
	int fd;
	struct ring ring;
};

FIXTURE_SETUP(events)
{
	ASSERT_EQ(0, netlink_open(&self->listener));
	ASSERT_NE(0U, self->listener.events);
	ASSERT_EQ(0, netlink_join(&self->listener, self->listener.events));
	self->fd = open(RINGPROBE_DEVICE, O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, ring_open(&self->ring, 0));
}

FIXTURE_TEARDOWN(events)
{
	close(self->ring.fd);
	close(self->fd);
	close(self->listener.fd);
}

/* ---- accesses made ---- */

TEST_F(events, made_by_ioctl)
{
	uint32_t value;

	ASSERT_EQ(0, port_in(self->fd, PORT_POST, 1, &value));
	EXPECT_EVENT(with_access(made(RINGPROBE_IOC_PORT_IN, 1), PORT_POST, 1));
	ASSERT_EQ(0, port_out(self->fd, PORT_POST, 1, 0x5a));
	EXPECT_EVENT(with_access(made(RINGPROBE_IOC_PORT_OUT, 1), PORT_POST, 1 | RINGPROBE_OP_OUT));
	if (!usable(self->fd, PORT_TESTDEV, 4))
		SKIP(return, "needs ports=0xe0-0xe3");
	ASSERT_EQ(0, port_in(self->fd, PORT_TESTDEV, 4, &value));
	EXPECT_EVENT(with_access(made(RINGPROBE_IOC_PORT_IN, 1), PORT_TESTDEV, 4));
	ASSERT_EQ(0, port_out(self->fd, PORT_TESTDEV + 2, 2, 0xbeef));
	EXPECT_EVENT(with_access(made(RINGPROBE_IOC_PORT_OUT, 1), PORT_TESTDEV + 2,
				 2 | RINGPROBE_OP_OUT));
}

/* A ring's worker is a thread of its own, which is no number of ours. */
static int is_by_worker(const struct netlink *listener, struct event wanted)
{
	struct event got;

	if (next_event(listener, &got) || got.command != wanted.command)
		return 0;
	wanted.a[RINGPROBE_A_TID] = got.a[RINGPROBE_A_TID];
	return got.a[RINGPROBE_A_TID] != (uint64_t)getpid() &&
	       got.a[RINGPROBE_A_TID] < 0x400000 &&
	       !memcmp(got.a, wanted.a, sizeof(got.a)) && none(listener);
}

TEST_F(events, made_by_io_uring)
{
	struct ringprobe_port access = port_access(PORT_POST, 1, 0xcccccccc);

	ASSERT_EQ(0, ring_op(&self->ring, self->fd, 0, RINGPROBE_IOC_PORT_IN, &access));
	EXPECT_EVENT(with_access(made(RINGPROBE_IOC_PORT_IN, 1), PORT_POST, 1));
	access = port_access(PORT_POST, 1, 0x5a);
	ASSERT_EQ(0, ring_op(&self->ring, self->fd, 0, RINGPROBE_IOC_PORT_OUT, &access));
	EXPECT_EVENT(with_access(made(RINGPROBE_IOC_PORT_OUT, 1), PORT_POST, 1 | RINGPROBE_OP_OUT));
	ASSERT_EQ(0, ring_op(&self->ring, self->fd, IOSQE_ASYNC, RINGPROBE_IOC_PORT_OUT, &access));
	EXPECT_TRUE(is_by_worker(&self->listener, with_access(made(RINGPROBE_IOC_PORT_OUT, 1),
							      PORT_POST, 1 | RINGPROBE_OP_OUT)));
}

/* Of two attempts one is told of: the first finds that it would have to wait. */
TEST_F(events, page_that_is_waited_for)
{
	struct ringprobe_port *access = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
					     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ASSERT_NE(MAP_FAILED, (void *)access);
	*access = port_access(PORT_POST, 1, 0x5a);
	ASSERT_EQ(0, mprotect(access, PAGE, PROT_NONE));
	EXPECT_EQ(EFAULT, ring_op(&self->ring, self->fd, 0, RINGPROBE_IOC_PORT_OUT, access));
	EXPECT_TRUE(is_by_worker(&self->listener, refused(RINGPROBE_IOC_PORT_OUT, EFAULT)));
}

static struct ringprobe_op ops[PAGE / sizeof(struct ringprobe_op)];

static struct ringprobe_batch post_codes(uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		ops[i] = in_op(PORT_POST, 1);
	return batch_of(ops, count);
}

TEST_F(events, made_by_batches)
{
	const uint32_t counts[] = { 1, 3, RINGPROBE_BATCH_MAX };
	struct ringprobe_batch batch;

	for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
		batch = post_codes(counts[i]);
		ASSERT_EQ(0, op(self->fd, RINGPROBE_IOC_PORT_BATCH_IN, &batch));
		EXPECT_EVENT(made(RINGPROBE_IOC_PORT_BATCH_IN, counts[i]));
		batch = post_codes(counts[i]);
		ops[0] = out_op(PORT_POST, 1, 0x5a);
		ASSERT_EQ(0, op(self->fd, RINGPROBE_IOC_PORT_BATCH, &batch));
		EXPECT_EVENT(made(RINGPROBE_IOC_PORT_BATCH, counts[i]));
		batch = post_codes(counts[i]);
		ASSERT_EQ(0, ring_op(&self->ring, self->fd, 0, RINGPROBE_IOC_PORT_BATCH_IN, &batch));
		EXPECT_TRUE(is_by_worker(&self->listener,
					 made(RINGPROBE_IOC_PORT_BATCH_IN, counts[i])));
	}
}

struct thief {
	int fd;			/* of userfaultfd() */
	uint8_t *ops, *stamps;	/* pages */
};

/* When the ops' page is asked for, takes that of the stamps away, and gives it. */
static void *take_away(void *context)
{
	const struct thief *thief = context;
	struct uffdio_copy copy = { .dst = (uintptr_t)thief->ops, .src = (uintptr_t)ops,
				    .len = PAGE };
	struct uffd_msg message;

	if (read(thief->fd, &message, sizeof(message)) != sizeof(message) ||
	    mprotect(thief->stamps, PAGE, PROT_NONE) || ioctl(thief->fd, UFFDIO_COPY, &copy))
		return NULL;
	return context;
}

/* The 101st access is made, and its stamp's place is gone since it was tried. */
TEST_F(events, made_in_part)
{
	struct uffdio_api api = { .api = UFFD_API };
	const volatile struct ringprobe_page *page;
	struct uffdio_register missing;
	struct ringprobe_batch batch;
	struct event event;
	struct thief thief;
	pthread_t thread;
	uint64_t before;
	uint8_t *area;
	void *done;

	thief.fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC);
	if (thief.fd < 0 && errno == ENOSYS)
		SKIP(return, "no userfaultfd() here");
	ASSERT_EQ(0, ERRNO(ioctl(thief.fd, UFFDIO_API, &api)));
	area = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	page = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, self->fd, 0);
	ASSERT_NE(MAP_FAILED, (void *)area);
	ASSERT_NE(MAP_FAILED, (void *)page);
	thief.stamps = area + PAGE;
	thief.ops = area + 2 * PAGE;
	missing = (struct uffdio_register){ .range = { (uintptr_t)thief.ops, PAGE },
					    .mode = UFFDIO_REGISTER_MODE_MISSING };
	ASSERT_EQ(0, ERRNO(ioctl(thief.fd, UFFDIO_REGISTER, &missing)));
	ASSERT_EQ(0, pthread_create(&thread, NULL, take_away, &thief));

	batch = post_codes(RINGPROBE_BATCH_MAX);
	batch.ops = (uintptr_t)thief.ops;
	batch.stamps = (uintptr_t)(thief.stamps - 100 * sizeof(uint64_t));
	before = page->in;
	EXPECT_EQ(EFAULT, op(self->fd, RINGPROBE_IOC_PORT_BATCH_IN, &batch));
	ASSERT_EQ(0, pthread_join(thread, &done));
	EXPECT_EQ(&thief, done);
	EXPECT_EQ(100U, batch.completed);
	EXPECT_EQ(101U, page->in - before);
	event = made(RINGPROBE_IOC_PORT_BATCH_IN, 101);
	event.a[RINGPROBE_A_ERRNO] = EFAULT;
	EXPECT_EVENT(event);
	close(thief.fd);
}

/* ---- accesses refused ---- */

#define EXPECT_REFUSED(number, error, port, width) do {			\
	uint32_t out_ = (number) == RINGPROBE_IOC_PORT_OUT ? RINGPROBE_OP_OUT : 0; \
	struct ringprobe_port access_ = port_access(port, width, 0);	\
									\
	EXPECT_EQ(error, op(self->fd, number, &access_));		\
	EXPECT_EVENT(with_access(refused(number, error), port, (width) | out_)); \
	EXPECT_EQ(error, ring_op(&self->ring, self->fd, 0, number, &access_)); \
	EXPECT_EVENT(with_access(refused(number, error), port, (width) | out_)); \
} while (0)

TEST_F(events, refused_for_the_port)
{
	window_opens(self->fd);
	while (!none(&self->listener))
		;
	EXPECT_REFUSED(RINGPROBE_IOC_PORT_IN, EACCES, PORT_KEYBOARD, 1);
	EXPECT_REFUSED(RINGPROBE_IOC_PORT_OUT, EACCES, PORT_RESET, 1);
	EXPECT_REFUSED(RINGPROBE_IOC_PORT_OUT, EACCES, 0xcf8, 4);
	EXPECT_REFUSED(RINGPROBE_IOC_PORT_IN, EINVAL, 0x10000, 1);
	EXPECT_REFUSED(RINGPROBE_IOC_PORT_IN, EINVAL, 0xffffffff, 4);
	EXPECT_REFUSED(RINGPROBE_IOC_PORT_OUT, EINVAL, PORT_POST, 3);
	EXPECT_REFUSED(RINGPROBE_IOC_PORT_IN, EINVAL, PORT_POST, 0);
	EXPECT_REFUSED(RINGPROBE_IOC_PORT_IN, EINVAL, PORT_POST, 0x10001);
	window_closes(self->fd);
}

TEST_F(events, refused_for_the_argument)
{
	struct ringprobe_port access = port_access(PORT_POST, 1, 0x100);

	EXPECT_EQ(EINVAL, op(self->fd, RINGPROBE_IOC_PORT_OUT, &access));
	EXPECT_EVENT(with_access(refused(RINGPROBE_IOC_PORT_OUT, EINVAL), PORT_POST,
				 1 | RINGPROBE_OP_OUT));
	access.flags = 1;
	EXPECT_EQ(EINVAL, op(self->fd, RINGPROBE_IOC_PORT_IN, &access));
	EXPECT_EVENT(with_access(refused(RINGPROBE_IOC_PORT_IN, EINVAL), PORT_POST, 1));
	/* what has no right size is not read, and what cannot be, neither */
	access.size = 8;
	EXPECT_EQ(EINVAL, op(self->fd, RINGPROBE_IOC_PORT_IN, &access));
	EXPECT_EVENT(refused(RINGPROBE_IOC_PORT_IN, EINVAL));
	access.size = RINGPROBE_ARG_MAX + 8;
	EXPECT_EQ(E2BIG, op(self->fd, RINGPROBE_IOC_PORT_IN, &access));
	EXPECT_EVENT(refused(RINGPROBE_IOC_PORT_IN, E2BIG));
	EXPECT_EQ(EFAULT, op(self->fd, RINGPROBE_IOC_PORT_OUT, NULL));
	EXPECT_EVENT(refused(RINGPROBE_IOC_PORT_OUT, EFAULT));
	EXPECT_EQ(EFAULT, op(self->fd, RINGPROBE_IOC_PORT_BATCH, NULL));
	EXPECT_EVENT(refused(RINGPROBE_IOC_PORT_BATCH, EFAULT));
}

TEST_F(events, refused_batches)
{
	struct ringprobe_batch batch = post_codes(3);

	batch.count = 0;
	EXPECT_EQ(EINVAL, op(self->fd, RINGPROBE_IOC_PORT_BATCH_IN, &batch));
	EXPECT_EVENT(refused(RINGPROBE_IOC_PORT_BATCH_IN, EINVAL));
	batch = post_codes(3);
	ops[2] = in_op(PORT_KEYBOARD, 1);
	EXPECT_EQ(EACCES, op(self->fd, RINGPROBE_IOC_PORT_BATCH, &batch));
	EXPECT_EVENT(refused(RINGPROBE_IOC_PORT_BATCH, EACCES));
	batch = post_codes(3);
	ops[2] = in_op(PORT_KEYBOARD, 1);
	EXPECT_EQ(EACCES, ring_op(&self->ring, self->fd, 0, RINGPROBE_IOC_PORT_BATCH_IN, &batch));
	EXPECT_TRUE(is_by_worker(&self->listener, refused(RINGPROBE_IOC_PORT_BATCH_IN, EACCES)));
	batch = post_codes(3);
	batch.ops = PAGE;
	EXPECT_EQ(EFAULT, op(self->fd, RINGPROBE_IOC_PORT_BATCH_IN, &batch));
	EXPECT_EVENT(refused(RINGPROBE_IOC_PORT_BATCH_IN, EFAULT));
}

TEST_F(events, refused_for_the_descriptor)
{
	struct ringprobe_port access = port_access(PORT_POST, 1, 0);
	int fd = open(RINGPROBE_DEVICE, O_RDONLY | O_CLOEXEC);

	ASSERT_LE(0, fd);
	EXPECT_EQ(EBADF, op(fd, RINGPROBE_IOC_PORT_OUT, &access));
	EXPECT_EVENT(refused(RINGPROBE_IOC_PORT_OUT, EBADF));
	EXPECT_EQ(EBADF, ring_op(&self->ring, fd, 0, RINGPROBE_IOC_PORT_OUT, &access));
	EXPECT_EVENT(refused(RINGPROBE_IOC_PORT_OUT, EBADF));
	close(fd);
}

static int become_nobody(void)
{
	return setgroups(0, NULL) || setresgid(NOBODY, NOBODY, NOBODY) ||
	       setresuid(NOBODY, NOBODY, NOBODY);
}

/* In a child, the fixture's descriptor used by another user. */
static int as_nobody(int fd)
{
	uint32_t value;

	CHECK(become_nobody() == 0);
	CHECK(port_in(fd, PORT_POST, 1, &value) == EPERM);
	return 0;
}

TEST_F(events, refused_for_the_caller)
{
	int status = -1;
	struct event event;
	pid_t child = fork();

	if (!child)
		_exit(!!as_nobody(self->fd));
	ASSERT_EQ(child, waitpid(child, &status, 0));
	EXPECT_EQ(0, status);
	event = refused(RINGPROBE_IOC_PORT_IN, EPERM);
	event.a[RINGPROBE_A_PID] = event.a[RINGPROBE_A_TID] = (uint64_t)child;
	event.a[RINGPROBE_A_UID] = NOBODY;
	EXPECT_EVENT(event);
}

static void *one_in(void *fd)
{
	uint32_t value;

	port_in(*(int *)fd, PORT_POST, 1, &value);
	return (void *)syscall(SYS_gettid);
}

TEST_F(events, thread)
{
	struct event event;
	pthread_t thread;
	void *tid;

	ASSERT_EQ(0, pthread_create(&thread, NULL, one_in, &self->fd));
	ASSERT_EQ(0, pthread_join(thread, &tid));
	ASSERT_NE(getpid(), (pid_t)(long)tid);
	event = with_access(made(RINGPROBE_IOC_PORT_IN, 1), PORT_POST, 1);
	event.a[RINGPROBE_A_TID] = (uint64_t)(long)tid;
	EXPECT_EVENT(event);
}

/* ---- what is no event ---- */

TEST_F(events, not_of_other_operations)
{
	struct ringprobe_insn insn = insn_of(0xffffffff, 0);
	struct ringprobe_cpl cpl = { .size = sizeof(cpl) };
	struct ringprobe_stamp stamp = { .size = sizeof(stamp) };
	struct ringprobe_info info;

	EXPECT_EQ(0, op(self->fd, RINGPROBE_IOC_NOP, NULL));
	EXPECT_EQ(EINVAL, op(self->fd, RINGPROBE_IOC_NOP, &info));
	EXPECT_EQ(0, op(self->fd, RINGPROBE_IOC_CPL, &cpl));
	EXPECT_EQ(EFAULT, op(self->fd, RINGPROBE_IOC_CPL, NULL));
	EXPECT_EQ(0, op(self->fd, RINGPROBE_IOC_STAMP, &stamp));
	EXPECT_EQ(0, ask(self->fd, &info, PORT_KEYBOARD, 1));
	EXPECT_EQ(EINVAL, op(self->fd, RINGPROBE_IOC_INSN, &insn));
	EXPECT_EQ(ENOTTY, op(self->fd, RINGPROBE_IOC_NOP + 255, NULL));
	EXPECT_NE(-1, lseek64(self->fd, 0, SEEK_CUR));
	EXPECT_EQ(0, ring_op(&self->ring, self->fd, 0, RINGPROBE_IOC_NOP, NULL));
	EXPECT_EQ(0, ring_op(&self->ring, self->fd, 0, RINGPROBE_IOC_CPL, &cpl));
	EXPECT_TRUE(none(&self->listener));
	ASSERT_EQ(0, port_out(self->fd, PORT_POST, 1, 1));
	EXPECT_EVENT(with_access(made(RINGPROBE_IOC_PORT_OUT, 1), PORT_POST, 1 | RINGPROBE_OP_OUT));
}

/* No command is asked for by an event's number. */
TEST_F(events, no_request)
{
	struct message message;

	for (uint8_t command = RINGPROBE_CMD_WATCH_ENDED; command <= RINGPROBE_CMD_UNLOAD; command++) {
		message_begin(&message, self->listener.family, command);
		EXPECT_EQ(EOPNOTSUPP, netlink_ask(&self->listener, &message, NULL, NULL));
	}
}

/* ---- who hears ---- */

TEST_F(events, who_has_not_joined_or_has_left)
{
	struct netlink other, left;

	ASSERT_EQ(0, netlink_open(&other));
	ASSERT_EQ(0, netlink_open(&left));
	ASSERT_EQ(0, netlink_join(&left, left.events));
	ASSERT_EQ(0, port_out(self->fd, PORT_POST, 1, 1));
	EXPECT_FALSE(none(&left));
	ASSERT_EQ(0, setsockopt(left.fd, SOL_NETLINK, NETLINK_DROP_MEMBERSHIP, &left.events,
				sizeof(left.events)));
	ASSERT_EQ(0, port_out(self->fd, PORT_POST, 1, 1));
	EXPECT_TRUE(none(&left));
	EXPECT_TRUE(none(&other));
	close(other.fd);
	close(left.fd);
}

static int nobody(int fd)
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK };
	struct netlink own;
	(void)fd;

	CHECK(become_nobody() == 0);
	CHECK(netlink_open(&own) == 0 && own.events);
	CHECK(netlink_join(&own, own.events) == EPERM);
	if (own.events <= 32) {
		address.nl_pid = netlink_port(&own);
		address.nl_groups = 1U << (own.events - 1);
		CHECK(ERRNO(bind(own.fd, (struct sockaddr *)&address, sizeof(address))) == EPERM);
	}
	return 0;
}

static int all_but_admin(int fd)
{
	const uint64_t caps = ALL_CAPS & ~(1ULL << CAP_NET_ADMIN);
	struct netlink own;
	(void)fd;

	CHECK(set_caps(caps, caps) == 0);
	CHECK(netlink_open(&own) == 0);
	CHECK(netlink_join(&own, own.events) == EPERM);
	return 0;
}

static int admin_alone(int fd)
{
	struct netlink own;
	(void)fd;

	CHECK(prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) == 0);
	CHECK(become_nobody() == 0);
	CHECK(set_caps(1ULL << CAP_NET_ADMIN, 1ULL << CAP_NET_ADMIN) == 0);
	CHECK(netlink_open(&own) == 0);
	CHECK(netlink_join(&own, own.events) == 0);
	return 0;
}

static int namespace_root(int fd)
{
	struct netlink own;
	(void)fd;

	if (unshare(CLONE_NEWUSER))
		return NO_NAMESPACE;
	CHECK(set_caps(ALL_CAPS, ALL_CAPS) == 0);
	CHECK(netlink_open(&own) == 0);
	CHECK(netlink_join(&own, own.events) == EPERM);
	return 0;
}

/* The group's number can be joined there, and is of that namespace. */
static int elsewhere(int fd)
{
	struct netlink here, there;

	CHECK(netlink_open(&here) == 0);
	if (unshare(CLONE_NEWNET))
		return NO_NAMESPACE;
	CHECK(netlink_socket(&there, 0) == 0);
	CHECK(netlink_find(&there) == ENOENT);
	CHECK(netlink_join(&there, here.events) == 0);
	CHECK(port_out(fd, PORT_POST, 1, 1) == 0);
	CHECK(none(&there));
	return 0;
}

/* ... also for one who may listen to all that his user namespace is above of */
static int elsewhere_as_its_root(int fd)
{
	struct netlink here, there;
	int yes = 1;

	CHECK(netlink_open(&here) == 0);
	if (unshare(CLONE_NEWUSER | CLONE_NEWNET))
		return NO_NAMESPACE;
	CHECK(netlink_socket(&there, 0) == 0);
	CHECK(netlink_join(&there, here.events) == 0);
	CHECK(setsockopt(there.fd, SOL_NETLINK, NETLINK_LISTEN_ALL_NSID, &yes, sizeof(yes)) == 0);
	CHECK(port_out(fd, PORT_POST, 1, 1) == EPERM);
	CHECK(none(&there));
	return 0;
}

TEST_F(events, one_capability)
{
	EXPECT_EQ(0, IN_CHILD(nobody(self->fd)));
	EXPECT_EQ(0, IN_CHILD(all_but_admin(self->fd)));
	EXPECT_EQ(0, IN_CHILD(admin_alone(self->fd)));
}

TEST_F(events, root_of_a_user_namespace)
{
	int line = IN_CHILD(namespace_root(self->fd));

	if (line == NO_NAMESPACE)
		SKIP(return, "no user namespaces here");
	EXPECT_EQ(0, line);
}

TEST_F(events, other_network_namespace)
{
	int line = IN_CHILD(elsewhere(self->fd));
	struct event event;

	if (line == NO_NAMESPACE)
		SKIP(return, "no network namespaces here");
	EXPECT_EQ(0, line);
	EXPECT_EQ(0, next_event(&self->listener, &event));
	EXPECT_EQ(RINGPROBE_CMD_PORT_MADE, event.command);
	line = IN_CHILD(elsewhere_as_its_root(self->fd));
	if (line == NO_NAMESPACE)
		SKIP(return, "no user namespaces here");
	EXPECT_EQ(0, line);
	EXPECT_EQ(0, next_event(&self->listener, &event));
	EXPECT_EQ(RINGPROBE_CMD_PORT_REFUSED, event.command);
}

/* ---- who does not read ---- */

TEST_F_TIMEOUT(events, slow_listener, 240)
{
	unsigned int failed = 0, heard = 0;
	struct netlink slow;
	struct event event;
	int one = 1, err;

	ASSERT_EQ(0, netlink_open(&slow));
	ASSERT_EQ(0, setsockopt(slow.fd, SOL_SOCKET, SO_RCVBUF, &one, sizeof(one)));
	ASSERT_EQ(0, netlink_join(&slow, slow.events));
	for (int i = 0; i < 10000; i++)
		failed += port_out(self->fd, PORT_POST, 1, 1) != 0;
	EXPECT_EQ(0U, failed);
	EXPECT_EQ(ENOBUFS, next_event(&slow, &event));
	while (!(err = next_event(&slow, &event)))
		heard += event.command == RINGPROBE_CMD_PORT_MADE;
	EXPECT_EQ(EAGAIN, err);
	EXPECT_LT(0U, heard);
	EXPECT_GT(10000U, heard);
	TH_LOG("%u of 10000 were heard", heard);
	ASSERT_EQ(0, port_out(self->fd, PORT_POST, 1, 1));
	EXPECT_EQ(0, next_event(&slow, &event));
	EXPECT_EQ(RINGPROBE_CMD_PORT_MADE, event.command);
	EXPECT_TRUE(none(&slow));
	close(slow.fd);
}

/* ---- watches that end ---- */

static struct event watch_ended(const struct netlink *owner, uint32_t watch, uint32_t tasks,
				uint64_t exited)
{
	struct event event = event_of(RINGPROBE_CMD_WATCH_ENDED);

	event.a[RINGPROBE_A_WATCH] = watch;
	event.a[RINGPROBE_A_PORT_ID] = netlink_port(owner);
	event.a[RINGPROBE_A_TASKS] = tasks;
	event.a[RINGPROBE_A_EXITED] = exited;
	return event;
}

TEST_F(events, watch_deleted)
{
	struct netlink owner;
	uint32_t watch;
	pid_t child;

	ASSERT_EQ(0, netlink_open(&owner));
	ASSERT_EQ(0, watch_add(&owner, getpid(), RINGPROBE_WATCH_F_INHERIT, &watch));
	child = fork();
	if (!child)
		_exit(0);
	ASSERT_EQ(child, waitpid(child, NULL, 0));
	EXPECT_TRUE(none(&self->listener));
	ASSERT_EQ(0, watch_del(&owner, watch));
	EXPECT_EVENT(watch_ended(&owner, watch, 1, 1));
	EXPECT_EQ(ENOENT, watch_del(&owner, watch));
	EXPECT_TRUE(none(&self->listener));
	EXPECT_EQ(ESRCH, watch_add(&owner, 0x7fffffff, 0, &watch));
	EXPECT_TRUE(none(&self->listener));
	close(owner.fd);
	EXPECT_TRUE(none(&self->listener));
}

TEST_F(events, socket_closed)
{
	struct netlink owner, other;
	uint32_t first, second, others;
	struct event one, two;

	ASSERT_EQ(0, netlink_open(&owner));
	ASSERT_EQ(0, netlink_open(&other));
	ASSERT_EQ(0, watch_add(&owner, getpid(), 0, &first));
	ASSERT_EQ(0, watch_add(&other, getpid(), 0, &others));
	ASSERT_EQ(0, watch_add(&owner, getpid(), 0, &second));
	one = watch_ended(&owner, first, 1, 0);
	two = watch_ended(&owner, second, 1, 0);
	close(owner.fd);
	EXPECT_TRUE(is_next(&self->listener, &two));
	EXPECT_EVENT(one);
	EXPECT_EQ(0, watch_del(&other, others));
	EXPECT_EVENT(watch_ended(&other, others, 1, 0));
	close(other.fd);
}

/* The watch is of this process, and its owner is another that is killed. */
TEST_F(events, owner_killed)
{
	struct shared {
		struct netlink owner;
		uint32_t watch;
		struct event event;
	} *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			 -1, 0);
	int status = -1;
	pid_t child;

	ASSERT_NE(MAP_FAILED, (void *)shared);
	child = fork();
	if (!child) {
		if (!netlink_open(&shared->owner) &&
		    !watch_add(&shared->owner, getppid(), 0, &shared->watch))
			shared->event = watch_ended(&shared->owner, shared->watch, 1, 0);
		kill(getpid(), SIGKILL);
	}
	ASSERT_EQ(child, waitpid(child, &status, 0));
	EXPECT_EQ(SIGKILL, WTERMSIG(status));
	ASSERT_NE(0U, shared->watch);
	EXPECT_EVENT(shared->event);
}

TEST_HARNESS_MAIN
