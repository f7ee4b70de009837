// SPDX-License-Identifier: GPL-2.0
/*
 * For guest-icount: instructions of one crossing by each door, beside the rivals,
 * as "NAME MEDIAN MIN" lines. The bracket is the probe's, and its own cost is taken
 * off. Without the module only what needs none is measured.
 */
#include <stdlib.h>
#include <sys/io.h>

#include "ringprobe_test.h"
#include "netlink.h"
#include "ring.h"
#include "measure_bracket.h"
#include "stats.h"

#define SAMPLES		301
#define WARM_UP		20
#define PAGE		4096
#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))

static struct ringprobe_op ops[RINGPROBE_BATCH_MAX];

static int64_t empty_bracket(void)
{
	int64_t least = INT64_MAX, ticks;
	int i;

	for (i = 0; i < SAMPLES; i++) {
		ticks = (int64_t)measure_bracket_empty();
		if (ticks < least)
			least = ticks;
	}
	return least;
}

static void print(const char *name, int64_t *v, int64_t divisor)
{
	stats_sort(v, SAMPLES);
	printf("%s %.2f %.2f\n", name, (double)stats_percentile(v, SAMPLES, 500) / (double)divisor,
	       (double)v[0] / (double)divisor);
}

static void fail(const char *name, long ret)
{
	fprintf(stderr, "%s: returned %ld\n", name, ret);
	exit(1);
}

/* One system call; the ops are as new before each. @good: what it returns */
static void call(const char *name, const struct measure_call *what, uint64_t good)
{
	measure_bracket_fn run = measure_bracket_find(0, 0);
	int64_t v[SAMPLES], empty = empty_bracket();
	struct measure_bracket out;
	int i, j;

	for (i = -WARM_UP; i < SAMPLES; i++) {
		for (j = 0; j < RINGPROBE_BATCH_MAX; j++)
			ops[j] = in_op(PORT_TESTDEV, 1);
		run(what, &out);
		if (out.ret != good)
			fail(name, (long)out.ret);
		if (i >= 0)
			v[i] = (int64_t)(out.last - out.first) - empty;
	}
	print(name, v, 1);
}

static void batches(int fd)
{
	const uint32_t counts[] = { 1, 16, RINGPROBE_BATCH_MAX };
	struct ringprobe_batch batch;
	char name[32];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(counts); i++) {
		batch = batch_of(ops, counts[i]);
		snprintf(name, sizeof(name), "batch_in_%u", counts[i]);
		call(name, &(struct measure_call){ SYS_ioctl, fd, RINGPROBE_IOC_PORT_BATCH_IN,
						   (long)&batch }, 0);
		snprintf(name, sizeof(name), "batch_%u", counts[i]);
		call(name, &(struct measure_call){ SYS_ioctl, fd, RINGPROBE_IOC_PORT_BATCH,
						   (long)&batch }, 0);
	}
}

/* 64 requests in one io_uring_enter(), each of them. */
static void by_ring(const char *name, struct ring *ring, unsigned int opcode)
{
	int64_t v[SAMPLES], empty = empty_bracket();
	int results[RING_ENTRIES], i;
	uint64_t before, after;
	unsigned int j;
	long ret;

	for (j = 0; j < RING_ENTRIES; j++)
		ring_prepare(ring, j, 0, opcode == IORING_OP_NOP ? 0 : IOSQE_FIXED_FILE,
			     opcode == IORING_OP_NOP ? 0 : RINGPROBE_IOC_NOP, NULL)->opcode =
			(uint8_t)opcode;
	for (i = -WARM_UP; i < SAMPLES; i++) {
		memset(results, POISON, sizeof(results));
		ring_publish(ring, RING_ENTRIES);
		before = user_stamp();
		ret = syscall(SYS_io_uring_enter, ring->fd, RING_ENTRIES, 0, 0, NULL, 0);
		after = user_stamp();
		if (ret != RING_ENTRIES || ring_reap(ring, results) != RING_ENTRIES ||
		    !all_bytes(results, 0, sizeof(results)))
			fail(name, ret);
		if (i >= 0)
			v[i] = (int64_t)(after - before) - empty;
	}
	print(name, v, RING_ENTRIES);
}

static void rings(int fd)
{
	struct ring it;

	if (ring_open(&it, 0) ||
	    syscall(SYS_io_uring_register, it.fd, IORING_REGISTER_FILES, &fd, 1))
		fail("io_uring", -errno);
	by_ring("uring_nop", &it, IORING_OP_URING_CMD);
	by_ring("uring_own_nop", &it, IORING_OP_NOP);
}

/* The contract's reader, on the page's counters. */
static void page_read(int fd)
{
	const volatile struct ringprobe_page *page = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
	int64_t v[SAMPLES], empty = empty_bracket();
	uint64_t before, in, out, refused;
	uint32_t sequence;
	int i;

	if ((const void *)page == MAP_FAILED)
		fail("page", -errno);
	for (i = -WARM_UP; i < SAMPLES; i++) {
		before = user_stamp();
		do {
			sequence = __atomic_load_n(&page->sequence, __ATOMIC_ACQUIRE);
			in = page->in;
			out = page->out;
			refused = page->refused;
			__atomic_thread_fence(__ATOMIC_ACQUIRE);
		} while (sequence & 1 || sequence != page->sequence);
		if (i >= 0)
			v[i] = (int64_t)(user_stamp() - before) - empty;
		if (out || refused > in)
			fail("page", -1);
	}
	print("page_read", v, 1);
}

/* The same byte by /dev/port, and in ring 3 with a right to the port. */
static void rivals(void)
{
	measure_bracket_fn run = measure_bracket_find(0, 0);
	int64_t v[SAMPLES], empty = empty_bracket();
	int port = open("/dev/port", O_RDONLY | O_CLOEXEC), i;
	struct measure_bracket out;
	struct measure_call what;
	uint64_t before;
	char byte;

	if (port < 0)
		fail("/dev/port", -errno);
	what = (struct measure_call){ SYS_read, port, (long)&byte, 1 };
	for (i = -WARM_UP; i < SAMPLES; i++) {
		lseek(port, PORT_TESTDEV, SEEK_SET);
		run(&what, &out);
		if (out.ret != 1)
			fail("/dev/port", (long)out.ret);
		if (i >= 0)
			v[i] = (int64_t)(out.last - out.first) - empty;
	}
	print("dev_port", v, 1);
	/* not before: with a right to a port every exit from the kernel is longer */
	if (ioperm(PORT_TESTDEV, 4, 1))
		fail("ioperm", -errno);
	for (i = -WARM_UP; i < SAMPLES; i++) {
		before = user_stamp();
		inb(PORT_TESTDEV);
		if (i >= 0)
			v[i] = (int64_t)(user_stamp() - before) - empty;
	}
	print("ioperm_in", v, 1);
	ioperm(PORT_TESTDEV, 4, 0);
}

static void getppids(const char *name)
{
	call(name, &(struct measure_call){ SYS_getppid, 0, 0, 0 }, (uint64_t)getppid());
}

/* While another process is watched, then this one too, then none any more. */
static void watched(void)
{
	uint32_t other, this;
	struct netlink netlink;

	if (netlink_open(&netlink) || watch_add(&netlink, getppid(), 0, &other))
		fail("a watch", -errno);
	getppids("getppid_unwatched");
	if (watch_add(&netlink, getpid(), 0, &this))
		fail("a watch", -errno);
	getppids("getppid_watched");
	if (watch_del(&netlink, this) || watch_del(&netlink, other))
		fail("a watch", -errno);
	getppids("getppid_after");
	close(netlink.fd);
}

int main(void)
{
	struct ringprobe_port access = port_access(PORT_TESTDEV, 1, 0);
	struct ringprobe_port refused = port_access(PORT_RESET, 1, 0);
	struct ringprobe_cpl cpl = { .size = sizeof(cpl) };
	int fd = open(RINGPROBE_DEVICE, O_RDWR | O_CLOEXEC);

	getppids("getppid");
	if (fd < 0)
		return 0;
	call("nop", &(struct measure_call){ SYS_ioctl, fd, RINGPROBE_IOC_NOP, 0 }, 0);
	call("cpl", &(struct measure_call){ SYS_ioctl, fd, RINGPROBE_IOC_CPL, (long)&cpl }, 0);
	call("port_in", &(struct measure_call){ SYS_ioctl, fd, RINGPROBE_IOC_PORT_IN,
						(long)&access }, 0);
	call("port_in_refused", &(struct measure_call){ SYS_ioctl, fd, RINGPROBE_IOC_PORT_IN,
							(long)&refused }, (uint64_t)-EACCES);
	batches(fd);
	rings(fd);
	rivals();
	page_read(fd);
	watched();
	return 0;
}
