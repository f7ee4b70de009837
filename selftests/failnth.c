// SPDX-License-Identifier: GPL-2.0
/*
 * Every allocation and every copy of user memory that the kernel makes for an operation
 * fails in turn, until there is none left (fault injection's fail-nth): the errno is one
 * that the contract has, no port was accessed, and the same operation works at once
 * afterwards. For a kernel with CONFIG_FAILSLAB, FAIL_PAGE_ALLOC and
 * FAULT_INJECTION_USERCOPY, which tools/check-debug builds.
 */
#include "kselftest_harness.h"

#include <stdlib.h>
#include <sys/mman.h>

#include "ringprobe_test.h"
#include "loading.h"
#include "netlink.h"
#include "ring.h"

#define MOST	3000	/* failures of one operation: more is no end */
#define PAGE	4096
#define FAIL_NTH	"/proc/self/fail-nth"

static int nth_fd;		/* /proc/self/fail-nth */
static int device;
static struct ring ring;
static struct image image;
static struct netlink socket_of;
static uint32_t standing;	/* a watch on us that is there all the time */
static const struct ringprobe_page *page;
static int nth;			/* what fails: the nth; 0: nothing */
static bool injected;		/* it was reached */

static bool set(const char *what, const char *name, const char *value)
{
	char path[128];
	int fd;
	bool good;

	snprintf(path, sizeof(path), "/sys/kernel/debug/%s/%s", what, name);
	fd = open(path, O_WRONLY);
	good = fd >= 0 && write(fd, value, 1) == 1;
	if (fd >= 0)
		close(fd);
	return good;
}

/* Also what may wait for memory; and without a stack in the log for each. */
static bool set_up(void)
{
	return set("failslab", "ignore-gfp-wait", "N") && set("failslab", "verbose", "0") &&
	       set("fail_page_alloc", "ignore-gfp-wait", "N") &&
	       set("fail_page_alloc", "verbose", "0") && set("fail_usercopy", "verbose", "0");
}

static const char *lacks_injection(void)
{
	nth_fd = open(FAIL_NTH, O_RDWR | O_CLOEXEC);
	if (nth_fd < 0 || !set_up())
		return "needs a kernel with fault injection, and debugfs";
	close(nth_fd);
	return NULL;
}

PROGRAM_NEEDS(lacks_root, lacks_injection, lacks_device, lacks_family)

/* To write there copies user memory as well, which may be what fails. */
static void arm(int n)
{
	char text[16];
	int length = snprintf(text, sizeof(text), "%d", n);

	while (pwrite(nth_fd, text, (size_t)length, 0) != length)
		if (errno != EFAULT)
			abort();
}

/* It counts down to 0, which is where it failed; to read it may be what fails. */
static void disarm(void)
{
	char text[16] = "";
	ssize_t n = pread(nth_fd, text, sizeof(text) - 1, 0);

	if (n <= 0 && errno != EFAULT)
		abort();
	injected = n > 0 && atoi(text) == 0;
	arm(0);
}

/* The errno that @call returns, during which the nth fails */
#define INJECT(call) ({							\
	int err_;							\
									\
	if (nth)							\
		arm(nth);						\
	err_ = (call);							\
	if (nth)							\
		disarm();						\
	err_; })

/* ---- the operations: each returns an errno, and leaves nothing ---- */

static uint64_t accesses(void)
{
	return *(volatile const __u64 *)&page->in + *(volatile const __u64 *)&page->out;
}

static int do_open(void)
{
	int fd = -1;
	int err = INJECT((fd = open(RINGPROBE_DEVICE, O_RDWR | O_CLOEXEC)) < 0 ? errno : 0);

	if (fd >= 0)
		close(fd);
	return err;
}

static int do_mmap(void)
{
	void *at = MAP_FAILED;
	int fd = open(RINGPROBE_DEVICE, O_RDWR | O_CLOEXEC);
	int err = INJECT((at = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0)) ==
			 MAP_FAILED ? errno : 0);

	if (at != MAP_FAILED)
		munmap(at, PAGE);
	close(fd);
	return err;
}

static int do_nop(void)
{
	return INJECT(op(device, RINGPROBE_IOC_NOP, NULL));
}

static int do_info(void)
{
	struct ringprobe_info info;

	return INJECT(ask(device, &info, 0, 0));
}

static int do_cpl(void)
{
	struct ringprobe_cpl cpl = { .size = sizeof(cpl) };

	return INJECT(op(device, RINGPROBE_IOC_CPL, &cpl));
}

static int do_stamp(void)
{
	struct ringprobe_stamp stamp = { .size = sizeof(stamp) };

	return INJECT(op(device, RINGPROBE_IOC_STAMP, &stamp));
}

static int do_in(void)
{
	uint32_t value;

	return INJECT(port_in(device, PORT_POST, 1, &value));
}

static int do_out(void)
{
	return INJECT(port_out(device, PORT_POST, 1, 0));
}

/* The first batch of a descriptor allocates. */
static int first_batch(unsigned int number)
{
	struct ringprobe_op ops[40];
	struct ringprobe_batch batch = batch_of(ops, ARRAY_SIZE(ops));
	int fd = open(RINGPROBE_DEVICE, O_RDWR | O_CLOEXEC), err;

	for (size_t i = 0; i < ARRAY_SIZE(ops); i++)
		ops[i] = in_op(PORT_POST, 1);
	err = INJECT(op(fd, number, &batch));
	close(fd);
	return err;
}

static int do_batch(void)
{
	return first_batch(RINGPROBE_IOC_PORT_BATCH);
}

static int do_batch_in(void)
{
	return first_batch(RINGPROBE_IOC_PORT_BATCH_IN);
}

/* Somebody listens: the access is made all the same, and told of, or known to be lost. */
static int do_heard(void)
{
	struct netlink listener;
	char event[512];
	uint32_t value;
	int err = netlink_open(&listener);

	if (!err)
		err = netlink_join(&listener, listener.events);
	if (!err)
		err = INJECT(port_in(device, PORT_POST, 1, &value));
	if (!err && recv(listener.fd, event, sizeof(event), MSG_DONTWAIT) <= 0 &&
	    errno != ENOBUFS)
		err = EIO;
	close(listener.fd);
	return err;
}

static int do_insn(void)
{
	struct ringprobe_insn insn = insn_of(RINGPROBE_INSN_READ_CR0, 0);

	return INJECT(op(device, RINGPROBE_IOC_INSN, &insn));
}

/* By a descriptor of its own, whose recorder is new. */
static int do_arm(void)
{
	int fd = open(RINGPROBE_DEVICE, O_RDWR | O_CLOEXEC);
	int err = INJECT(fault_arm(fd, RINGPROBE_FAULT_F_ALL));

	close(fd);
	return err;
}

static int do_fault_read(void)
{
	struct ringprobe_fault_read reply = fault_read_of(0);

	return INJECT(op(device, RINGPROBE_IOC_FAULT_READ, &reply));
}

static int do_uring(void)
{
	struct ringprobe_port access = port_access(PORT_POST, 1, 0);
	int result = 1, err;

	ring_prepare(&ring, 0, device, 0, RINGPROBE_IOC_PORT_IN, &access);
	ring_publish(&ring, 1);
	err = INJECT(syscall(SYS_io_uring_enter, ring.fd, 1, 1, IORING_ENTER_GETEVENTS, NULL,
			     0) < 0 ? errno : 0);
	if (err) {
		/* it is still there, and has to be gone */
		syscall(SYS_io_uring_enter, ring.fd, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0);
		ring_reap(&ring, &result);
		return err;
	}
	return ring_reap(&ring, &result) == 1 ? -result : EIO;
}

/* Nothing of a failed request comes later. */
static void empty_socket(void)
{
	char rest[512];

	while (recv(socket_of.fd, rest, sizeof(rest), MSG_DONTWAIT) >= 0 || errno == ENOBUFS)
		;
}

/* What the kernel does with a request, it does in send(); its answer may be lost. */
static int send_request(struct message *message, netlink_each *each, void *context)
{
	int err = INJECT(netlink_send(&socket_of, message));

	if (!err)
		err = netlink_answer(&socket_of, 0, each, context);
	if (err && nth)
		empty_socket();
	return err;
}

static int do_netlink_info(void)
{
	struct message message;

	message_begin(&message, socket_of.family, RINGPROBE_CMD_GET_INFO);
	return send_request(&message, NULL, NULL);
}

/* An answer that is lost is not waited for. */
static void be_impatient(const struct netlink *netlink)
{
	struct timeval patience = { .tv_usec = 300000 };

	setsockopt(netlink->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
}

static int send_add(void)
{
	struct message message;
	uint32_t watch;

	message_begin(&message, socket_of.family, RINGPROBE_CMD_WATCH_ADD);
	message_u32(&message, RINGPROBE_A_PID, (uint32_t)getpid());
	message_u32(&message, RINGPROBE_A_FLAGS, RINGPROBE_WATCH_F_ALL);
	return send_request(&message, netlink_take_watch, &watch);
}

static int send_about(uint32_t watch, uint8_t command)
{
	struct message message;

	message_about(&message, &socket_of, command, watch);
	return send_request(&message, NULL, NULL);
}

static int send_del(void)
{
	uint32_t watch;
	int err = watch_add(&socket_of, getpid(), RINGPROBE_WATCH_F_ALL, &watch);

	return err ? err : send_about(watch, RINGPROBE_CMD_WATCH_DEL);
}

/* By a socket of its own, so that a watch whose answer is lost ends with it. */
static int by_another(int (*run)(void))
{
	struct netlink before = socket_of;
	int err = netlink_open(&socket_of);

	be_impatient(&socket_of);
	if (!err)
		err = run();
	close(socket_of.fd);
	socket_of = before;
	return err;
}

static int do_watch(void)
{
	return by_another(send_add);
}

static int do_watch_del(void)
{
	return by_another(send_del);
}

static int do_stats(void)
{
	return send_about(standing, RINGPROBE_CMD_STATS);
}

static int do_reset(void)
{
	return send_about(standing, RINGPROBE_CMD_RESET);
}

/*
 * The kernel's own loader allocates a lot besides. request_region() says of a want of
 * memory what it says of a port that has an owner: EBUSY.
 */
static int do_load(void)
{
	int err = unload();

	if (!err || err == ENOENT)
		err = INJECT(image_load(&image, "ports=0xe0-0xe3,0xe8-0xeb,0x5e9"));
	return err;
}

/* ---- the sweep ---- */

static bool is_expected(int err, int other)
{
	const int expected[] = { 0, ENOMEM, EFAULT, ENOBUFS, EAGAIN, other };

	for (size_t i = 0; i < ARRAY_SIZE(expected); i++)
		if (err == expected[i])
			return true;
	return false;
}

/*
 * All that can fail in @run, every @step-th, which is @least or more; @other: an errno that
 * it may have besides.
 */
static void sweep(struct __test_metadata *_metadata, int (*run)(void), int least, int other,
		  int step)
{
	int n, err, errors = 0, failures = 0;
	uint64_t before;

	nth = 0;
	ASSERT_EQ(0, run());
	for (n = 1; n < MOST; n += step) {
		before = page ? accesses() : 0;
		nth = n;
		err = run();
		nth = 0;
		ASSERT_TRUE(is_expected(err, other)) TH_LOG("failure %d: errno %d", n, err);
		if (!injected) {
			EXPECT_EQ(0, err);
			break;
		}
		failures++;
		errors += err != 0;
		if (page && err)
			EXPECT_EQ(before, accesses()) TH_LOG("failure %d: accesses", n);
		ASSERT_EQ(0, run()) TH_LOG("after failure %d", n);
	}
	ASSERT_GT(MOST, n);
	EXPECT_LE(least, failures);
	TH_LOG("%d things failed in turn, %d times it returned an error", failures, errors);
}

FIXTURE(failnth) {
};

FIXTURE_SETUP(failnth)
{
	device = open(RINGPROBE_DEVICE, O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, device);
	page = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, device,
		    (off_t)RINGPROBE_PAGE_OF_MODULE * PAGE);
	ASSERT_NE(MAP_FAILED, (void *)page);
	ASSERT_EQ(0, netlink_open(&socket_of));
	be_impatient(&socket_of);
	ASSERT_EQ(0, watch_add(&socket_of, getpid(),
			       RINGPROBE_WATCH_F_ALL & ~RINGPROBE_WATCH_F_ON_EXEC, &standing));
	ASSERT_EQ(0, ring_open(&ring, 0));
	nth_fd = open(FAIL_NTH, O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, nth_fd);
}

static void let_go(void)
{
	close(ring.fd);
	close(socket_of.fd);
	munmap((void *)page, PAGE);
	close(device);
	page = NULL;
}

FIXTURE_TEARDOWN(failnth)
{
	if (page)
		let_go();
	close(nth_fd);
}

/* @least: how many things can fail in it, or more. The ioctls copy by unsafe_get_user(). */
#define SWEEP(operation, least)						\
	TEST_F_TIMEOUT(failnth, operation, 900)				\
	{								\
		sweep(_metadata, do_##operation, least, 0, 1);		\
	}

SWEEP(open, 3)
SWEEP(mmap, 3)
SWEEP(nop, 0)
SWEEP(info, 0)
SWEEP(cpl, 0)
SWEEP(stamp, 0)
SWEEP(in, 0)
SWEEP(out, 0)
SWEEP(heard, 2)
SWEEP(batch, 1)
SWEEP(batch_in, 1)
SWEEP(insn, 0)
SWEEP(arm, 0)
SWEEP(fault_read, 0)
SWEEP(uring, 0)
SWEEP(netlink_info, 5)
SWEEP(watch, 10)
SWEEP(watch_del, 5)
SWEEP(stats, 5)
SWEEP(reset, 5)

/* Hundreds of things: FAIL_EVERY= takes only some of them. */
TEST_F_TIMEOUT(failnth, load, 3600)
{
	const char *every = getenv("FAIL_EVERY");
	int step = every ? atoi(every) : 1;

	ASSERT_EQ(0, image_read(&image));
	let_go();
	sweep(_metadata, do_load, 300 / step, EBUSY, step);
}

TEST_HARNESS_MAIN
