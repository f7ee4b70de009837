// SPDX-License-Identifier: GPL-2.0
/*
 * Everything at once: processes do every operation, batches, uring commands, mappings,
 * forks, watches and dumps, each by two threads; one after the other is killed wherever it
 * happens to be, and the CPUs but the first come and go. What must be left of that:
 * nothing, so that the module unloads at once. STORM_SECONDS= says how long (5).
 */
#include "kselftest_harness.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include "ringprobe_test.h"
#include "loading.h"
#include "netlink.h"
#include "ring.h"
#include "sleepers.h"

#define PROCESSES	6
#define PAGE		4096

PROGRAM_NEEDS(lacks_root, lacks_port, lacks_family)

struct worker {
	int fd;
	struct netlink netlink;
	struct ring ring;
	bool has_ring;
	unsigned int seed;
};

/* Shared with the processes: how often each was done, and with success. */
static uint64_t *done;

/* A process of threads that sleep: too many to be told of in one message. */
#define SLEEPERS	64

static pid_t sleepers;

/* ---- what they do: each says whether it could ---- */

static bool one_operation(struct worker *worker)
{
	struct ringprobe_cpl cpl = { .size = sizeof(cpl) };
	struct ringprobe_stamp stamp = { .size = sizeof(stamp) };
	struct ringprobe_insn insn = insn_of(RINGPROBE_INSN_READ_CR0, 0);
	struct ringprobe_info info;
	uint32_t value;

	return !op(worker->fd, RINGPROBE_IOC_CPL, &cpl) &&
	       !op(worker->fd, RINGPROBE_IOC_STAMP, &stamp) &&
	       !op(worker->fd, RINGPROBE_IOC_INSN, &insn) &&
	       !ask(worker->fd, &info, PORT_POST, 1) &&
	       port_in(worker->fd, PORT_KEYBOARD, 1, &value) == EACCES &&
	       !port_in(worker->fd, PORT_POST, 1, &value) &&
	       !port_out(worker->fd, PORT_TESTDEV, 4, value);
}

static bool one_batch(struct worker *worker)
{
	struct ringprobe_op ops[64];
	struct ringprobe_batch batch = batch_of(ops, 1 + (uint32_t)rand_r(&worker->seed) % 64);

	for (size_t i = 0; i < ARRAY_SIZE(ops); i++)
		ops[i] = in_op(i % 2 ? PORT_POST : PORT_TESTDEV, 1);
	return !op(worker->fd, RINGPROBE_IOC_PORT_BATCH, &batch);
}

static bool one_ring(struct worker *worker)
{
	struct ringprobe_port access = port_access(PORT_POST, 1, 0);
	int results[8], sum = 0;

	if (!worker->has_ring)
		return false;
	for (unsigned int i = 0; i < 8; i++)
		ring_prepare(&worker->ring, i, worker->fd, i % 2 ? IOSQE_ASYNC : 0,
			     RINGPROBE_IOC_PORT_IN, &access);
	if (ring_run(&worker->ring, 8, results))
		return false;
	for (unsigned int i = 0; i < 8; i++)
		sum |= results[i];
	return !sum;
}

static bool one_mapping(struct worker *worker)
{
	int which = rand_r(&worker->seed) % 2;
	volatile const char *at = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, worker->fd,
				       which ? 0 : (off_t)RINGPROBE_PAGE_OF_MODULE * PAGE);
	int status = 1;
	pid_t child;

	if (at == MAP_FAILED)
		return false;
	(void)at[0];
	child = fork();
	if (!child) {
		(void)at[0];
		_exit(!one_operation(worker));
	}
	munmap((void *)at, PAGE);
	return waitpid(child, &status, 0) == child && !status;
}

static bool one_fault(struct worker *worker)
{
	if (fault_arm(worker->fd, rand_r(&worker->seed) % 2))
		return false;
	fault_records(worker->fd, 0);
	return true;
}

static bool one_watch(struct worker *worker)
{
	uint32_t watch;

	if (watch_add(&worker->netlink, getpid(), RINGPROBE_WATCH_F_ALL, &watch))
		return false;
	one_operation(worker);
	return !watch_ask(&worker->netlink, RINGPROBE_CMD_STATS, watch, NULL, NULL) &&
	       !watch_ask(&worker->netlink, RINGPROBE_CMD_RESET, watch, NULL, NULL) &&
	       !watch_del(&worker->netlink, watch);
}

/* One of many tasks, and some of ourselves, so that what they share goes while tasks come. */
static bool add_watches(struct worker *worker, uint32_t *watch)
{
	static const uint32_t flags[] = {
		RINGPROBE_WATCH_F_INHERIT, RINGPROBE_WATCH_F_ALL,
		RINGPROBE_WATCH_F_INHERIT | RINGPROBE_WATCH_F_TASKS,
	};

	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		if (watch_add(&worker->netlink, getpid(), flags[i], watch))
			return false;
	return !watch_add(&worker->netlink, sleepers, RINGPROBE_WATCH_F_ALL, watch);
}

/* The dump is left half read, and the watches to the socket's end. */
static bool half_a_dump(struct worker *worker)
{
	struct nlmsghdr header = { 0 };
	struct message message;
	uint32_t watch;
	bool begun;

	begun = add_watches(worker, &watch);
	message_about(&message, &worker->netlink, RINGPROBE_CMD_STATS, watch);
	begun = begun && !netlink_send(&worker->netlink, &message) &&
		recv(worker->netlink.fd, &header, sizeof(header), 0) == sizeof(header) &&
		header.nlmsg_flags & NLM_F_MULTI && header.nlmsg_type == worker->netlink.family;
	close(worker->netlink.fd);
	return !netlink_open(&worker->netlink) && begun;
}

static bool one_open(struct worker *worker)
{
	close(worker->fd);
	worker->fd = open(RINGPROBE_DEVICE, O_RDWR | O_CLOEXEC);
	return worker->fd >= 0;
}

static bool (*const kinds[])(struct worker *) = {
	one_operation, one_batch, one_ring, one_mapping, one_fault, one_watch, half_a_dump,
	one_open,
};

#define KINDS	ARRAY_SIZE(kinds)

static void *work(void *argument)
{
	struct worker worker = { .seed = *(unsigned int *)argument };

	worker.fd = open(RINGPROBE_DEVICE, O_RDWR | O_CLOEXEC);
	netlink_open(&worker.netlink);
	worker.has_ring = !ring_open(&worker.ring, 0);
	for (;;) {
		size_t kind = (size_t)rand_r(&worker.seed) % KINDS;

		if (kinds[kind](&worker))
			__atomic_fetch_add(&done[kind], 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

static pid_t start(unsigned int seed)
{
	unsigned int other = seed + 1000000;
	pthread_t thread;
	pid_t pid = fork();

	if (pid)
		return pid;
	setpgid(0, 0);		/* its children are killed with it */
	if (pthread_create(&thread, NULL, work, &other))
		_exit(1);
	work(&seed);
	_exit(1);
}

/* ---- the storm ---- */

/* Its end takes a while, and is not waited for. Of a fork that failed nobody is killed. */
static void end(pid_t pid)
{
	if (pid <= 0)
		return;
	kill(-pid, SIGKILL);
	kill(pid, SIGKILL);
}

static bool all_done(void)
{
	for (size_t i = 0; i < KINDS; i++)
		if (!__atomic_load_n(&done[i], __ATOMIC_RELAXED))
			return false;
	return true;
}

/* Those that have ended, or as many as are too many */
static void reap(unsigned int *ending)
{
	while (*ending && waitpid(-1, NULL, *ending > PROCESSES ? 0 : WNOHANG) > 0)
		--*ending;
}

static int seconds(void)
{
	const char *text = getenv("STORM_SECONDS");

	return text ? atoi(text) : 5;
}

FIXTURE(everything) {
};

FIXTURE_SETUP(everything)
{
}

FIXTURE_TEARDOWN(everything)
{
}

TEST_F_TIMEOUT(everything, at_once, 7200)
{
	unsigned int seed = (unsigned int)time(NULL), killed = 0, switched = 0, ending = 0;
	time_t until = time(NULL) + seconds();
	unsigned long long rounds = 0;
	pid_t pids[PROCESSES];
	bool on = true;

	done = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, (void *)done);
	TH_LOG("seed %u, %d s", seed, seconds());
	sleepers = start_sleepers(SLEEPERS);
	ASSERT_LT(0, sleepers);
	for (size_t i = 0; i < PROCESSES; i++)
		pids[i] = start(seed++);
	/*
	 * On a slow machine all that is killed before it has done what takes long: if so, at
	 * the end they live longer.
	 */
	while (time(NULL) < until || (!all_done() && time(NULL) < until + 300)) {
		unsigned int most = time(NULL) < until ? 100000 : 5000000;
		size_t victim = (size_t)rand_r(&seed) % PROCESSES;

		usleep((unsigned int)rand_r(&seed) % most);
		end(pids[victim]);
		ending++;
		reap(&ending);
		pids[victim] = start(seed++);
		if (++killed % 10 == 0)
			switched += !set_online(1, on = !on);
	}
	for (size_t i = 0; i < PROCESSES; i++)
		end(pids[i]);
	end(sleepers);
	while (wait(NULL) > 0)
		;
	set_online(1, true);
	for (size_t i = 0; i < KINDS; i++) {
		EXPECT_LT(0U, done[i]) TH_LOG("kind %zu was never done", i);
		rounds += done[i];
	}
	EXPECT_LT(0U, killed);
	EXPECT_LT(0U, switched);
	TH_LOG("%llu rounds, %u killed, CPU 1 switched %u times", rounds, killed, switched);
}

TEST_F(everything, is_over)
{
	EXPECT_EQ(0, unload_soon());
}

TEST_HARNESS_MAIN
