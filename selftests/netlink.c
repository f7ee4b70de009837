// SPDX-License-Identifier: GPL-2.0
/*
 * The netlink family's messages: one fault at a time in one that is right otherwise,
 * what errno and extack say of it; who may ask; whose a watch is, and when it ends. What
 * a watch counts is watch.c's.
 */
#include "kselftest_harness.h"

#include <grp.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>

#include "ringprobe_test.h"
#include "netlink.h"
#include "sleepers.h"

#define NOBODY		65534U

PROGRAM_NEEDS(lacks_root, lacks_family)

FIXTURE(netlink) {
	struct netlink netlink;
	uint32_t watch;			/* of this process */
};

FIXTURE_SETUP(netlink)
{
	ASSERT_EQ(0, netlink_open(&self->netlink));
	ASSERT_EQ(0, watch_add(&self->netlink, getpid(), 0, &self->watch));
	ASSERT_NE(0, self->watch);
}

FIXTURE_TEARDOWN(netlink)
{
	close(self->netlink.fd);
}

/* A request that is right, for others to make one fault in */
static void right(struct message *message, struct netlink *netlink, uint8_t command, uint32_t watch)
{
	message_begin(message, netlink->family, command);
	if (command == RINGPROBE_CMD_STATS)
		message->header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	if (command == RINGPROBE_CMD_WATCH_ADD) {
		message_u32(message, RINGPROBE_A_PID, (uint32_t)getpid());
		message_u32(message, RINGPROBE_A_FLAGS, 0);
	} else if (command != RINGPROBE_CMD_GET_INFO) {
		message_u32(message, RINGPROBE_A_WATCH, watch);
	}
}

static const uint8_t with_watch[] = {
	RINGPROBE_CMD_WATCH_DEL, RINGPROBE_CMD_STATS, RINGPROBE_CMD_RESET,
};

static const uint8_t all_commands[] = {
	RINGPROBE_CMD_GET_INFO, RINGPROBE_CMD_WATCH_ADD, RINGPROBE_CMD_STATS,
	RINGPROBE_CMD_RESET, RINGPROBE_CMD_WATCH_DEL,
};

static int request(struct netlink *netlink, struct message *message)
{
	return netlink_ask(netlink, message, NULL, NULL);
}

/* What a fault should not have ended or changed */
static int still_there(struct netlink *netlink, uint32_t watch)
{
	return watch_ask(netlink, RINGPROBE_CMD_STATS, watch, NULL, NULL);
}

struct info {
	char version[32];
	uint64_t tsc_khz, tasks_max, buckets;
};

static void take_info(void *context, const struct nlmsghdr *header)
{
	const struct nlattr *version = attribute(header, RINGPROBE_A_VERSION);
	struct info *info = context;

	if (version)
		strncpy(info->version, (const char *)(version + 1), sizeof(info->version) - 1);
	info->tsc_khz = number(header, RINGPROBE_A_TSC_KHZ);
	info->tasks_max = number(header, RINGPROBE_A_TASKS_MAX);
	info->buckets = number(header, RINGPROBE_A_BUCKETS);
}

static int get_info(struct netlink *netlink, struct info *info)
{
	struct message message;

	memset(info, 0, sizeof(*info));
	right(&message, netlink, RINGPROBE_CMD_GET_INFO, 0);
	return netlink_ask(netlink, &message, take_info, info);
}

static void read_line(const char *path, char *line, int size)
{
	FILE *file = fopen(path, "r");

	line[0] = '\0';
	if (file && fgets(line, size, file))
		line[strcspn(line, "\n")] = '\0';
	if (file)
		fclose(file);
}

TEST_F(netlink, info)
{
	char version[32];
	struct info info;

	ASSERT_EQ(0, get_info(&self->netlink, &info));
	read_line("/sys/module/ringprobe/version", version, sizeof(version));
	EXPECT_LT(0, strlen(version));
	EXPECT_STREQ(version, info.version);
	EXPECT_EQ(RINGPROBE_WATCH_TASKS_MAX, info.tasks_max);
	EXPECT_EQ(RINGPROBE_WATCH_BUCKETS, info.buckets);
	EXPECT_LT(100000, info.tsc_khz);
	EXPECT_GT(10000000, info.tsc_khz);
}

/* ---- one fault at a time ---- */

TEST_F(netlink, missing_attribute)
{
	struct message message;

	for (size_t i = 0; i < ARRAY_SIZE(with_watch); i++) {
		right(&message, &self->netlink, with_watch[i], self->watch);
		message.header.nlmsg_len = NLMSG_LENGTH(GENL_HDRLEN);
		EXPECT_EQ(EINVAL, request(&self->netlink, &message));
		EXPECT_NE(NULL, strstr(self->netlink.text, "WATCH"));
		EXPECT_EQ(0, still_there(&self->netlink, self->watch));
	}
	message_begin(&message, self->netlink.family, RINGPROBE_CMD_WATCH_ADD);
	message_u32(&message, RINGPROBE_A_FLAGS, 0);
	EXPECT_EQ(EINVAL, request(&self->netlink, &message));
	EXPECT_NE(NULL, strstr(self->netlink.text, "PID"));
	/* FLAGS may be left out */
	message_begin(&message, self->netlink.family, RINGPROBE_CMD_WATCH_ADD);
	message_u32(&message, RINGPROBE_A_PID, (uint32_t)getpid());
	EXPECT_EQ(0, request(&self->netlink, &message));
}

/*
 * Refused with @error, in words, and the attribute at @at is named. Kernels before 6.9
 * leave out where, if it is the first part of a dump that fails, and not its start.
 */
#define EXPECT_NAMED(error, at, message) do {				\
	uint32_t at_ = at;						\
									\
	EXPECT_EQ(error, request(&self->netlink, &message));		\
	EXPECT_NE('\0', self->netlink.text[0]);				\
	if (self->netlink.offset || !strstr(self->netlink.text, "WATCH")) \
		EXPECT_EQ(at_, self->netlink.offset);			\
} while (0)

static const struct {
	uint8_t command;
	uint16_t type;
} numbers[] = {
	{ RINGPROBE_CMD_WATCH_DEL, RINGPROBE_A_WATCH }, { RINGPROBE_CMD_STATS, RINGPROBE_A_WATCH },
	{ RINGPROBE_CMD_RESET, RINGPROBE_A_WATCH }, { RINGPROBE_CMD_WATCH_ADD, RINGPROBE_A_PID },
	{ RINGPROBE_CMD_WATCH_ADD, RINGPROBE_A_FLAGS },
};

/* The request for numbers[i], its attribute of another length, beginning right */
static uint32_t of_length(struct message *message, struct netlink *netlink, size_t i,
			  uint32_t watch, uint16_t length)
{
	uint32_t values[4] = { numbers[i].type == RINGPROBE_A_PID ? (uint32_t)getpid() :
			       numbers[i].type == RINGPROBE_A_FLAGS ? 0 : watch };

	right(message, netlink, numbers[i].command, watch);
	message->header.nlmsg_len = NLMSG_LENGTH(GENL_HDRLEN);
	if (numbers[i].type == RINGPROBE_A_FLAGS)
		message_u32(message, RINGPROBE_A_PID, (uint32_t)getpid());
	return message_put(message, numbers[i].type, values, length);
}

TEST_F(netlink, wrong_length)
{
	const uint16_t lengths[] = { 0, 1, 2, 3, 5, 8, 16 };
	struct message message;

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		for (size_t j = 0; j < ARRAY_SIZE(lengths); j++)
			EXPECT_NAMED(EINVAL, of_length(&message, &self->netlink, i, self->watch,
						       lengths[j]), message);
		EXPECT_EQ(0, still_there(&self->netlink, self->watch));
	}
}

TEST_F(netlink, twice)
{
	struct message message;
	uint16_t type;

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		type = numbers[i].type;
		if (type == RINGPROBE_A_PID)
			continue;
		right(&message, &self->netlink, numbers[i].command, self->watch);
		EXPECT_NAMED(EINVAL, message_u32(&message, type, type == RINGPROBE_A_WATCH ?
						 self->watch : 0), message);
		EXPECT_EQ(0, still_there(&self->netlink, self->watch));
	}
	right(&message, &self->netlink, RINGPROBE_CMD_WATCH_ADD, 0);
	message_u32(&message, RINGPROBE_A_PID, (uint32_t)getppid());
	EXPECT_EQ(0, request(&self->netlink, &message));
}

TEST_F(netlink, unknown_attribute)
{
	const uint16_t types[] = { RINGPROBE_A_UNSPEC, RINGPROBE_A_PAD, RINGPROBE_A_VERSION,
				   RINGPROBE_A_HISTOGRAM, RINGPROBE_A_MAX + 1, 0x3fff };
	struct message message;

	for (size_t i = 0; i < ARRAY_SIZE(all_commands); i++) {
		for (size_t j = 0; j < ARRAY_SIZE(types); j++) {
			right(&message, &self->netlink, all_commands[i], self->watch);
			EXPECT_NAMED(EINVAL, message_u32(&message, types[j], 1), message);
		}
		EXPECT_EQ(0, still_there(&self->netlink, self->watch));
	}
	/* one of another command's */
	right(&message, &self->netlink, RINGPROBE_CMD_GET_INFO, 0);
	EXPECT_NAMED(EINVAL, message_u32(&message, RINGPROBE_A_WATCH, self->watch), message);
	right(&message, &self->netlink, RINGPROBE_CMD_WATCH_ADD, 0);
	EXPECT_NAMED(EINVAL, message_u32(&message, RINGPROBE_A_WATCH, self->watch), message);
	right(&message, &self->netlink, RINGPROBE_CMD_RESET, self->watch);
	EXPECT_NAMED(EINVAL, message_u32(&message, RINGPROBE_A_PID, 1), message);
}

/* Two bits of a type say: it is a nest; it is in network byte order. */
TEST_F(netlink, neither_nest_nor_network_order)
{
	struct message message;

	right(&message, &self->netlink, RINGPROBE_CMD_RESET, 0);
	message.header.nlmsg_len = NLMSG_LENGTH(GENL_HDRLEN);
	EXPECT_NAMED(EINVAL, message_u32(&message, RINGPROBE_A_WATCH | NLA_F_NESTED, self->watch),
		     message);
}

TEST_F(netlink, unknown_flags)
{
	struct message message;

	for (int bit = 0; bit < 32; bit++) {
		if (RINGPROBE_WATCH_F_ALL & 1U << bit)
			continue;
		message_begin(&message, self->netlink.family, RINGPROBE_CMD_WATCH_ADD);
		message_u32(&message, RINGPROBE_A_PID, (uint32_t)getpid());
		EXPECT_NAMED(EINVAL, message_u32(&message, RINGPROBE_A_FLAGS, 1U << bit), message);
	}
}

TEST_F(netlink, unknown_command)
{
	const uint8_t commands[] = { RINGPROBE_CMD_UNSPEC, RINGPROBE_CMD_MAX + 1, 255 };
	struct message message;

	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		message_begin(&message, self->netlink.family, commands[i]);
		EXPECT_EQ(EOPNOTSUPP, request(&self->netlink, &message));
	}
}

/* What is neither attribute nor padding, before and behind them */
TEST_F(netlink, odd_bytes)
{
	struct message message;

	for (size_t i = 0; i < ARRAY_SIZE(all_commands); i++) {
		right(&message, &self->netlink, all_commands[i], self->watch);
		message.genl.reserved = 1;
		EXPECT_EQ(EINVAL, request(&self->netlink, &message));
		EXPECT_NE('\0', self->netlink.text[0]);
		right(&message, &self->netlink, all_commands[i], self->watch);
		memcpy((char *)&message + message.header.nlmsg_len, "\1\0", 2);
		message.header.nlmsg_len += 2;
		EXPECT_EQ(EINVAL, request(&self->netlink, &message));
		EXPECT_NE('\0', self->netlink.text[0]);
		right(&message, &self->netlink, all_commands[i], self->watch);
		message.header.nlmsg_len = NLMSG_LENGTH(GENL_HDRLEN - 1);
		EXPECT_EQ(EINVAL, request(&self->netlink, &message));
	}
	EXPECT_EQ(0, still_there(&self->netlink, self->watch));
}

TEST_F(netlink, do_and_dump_are_two)
{
	struct message message;

	for (size_t i = 0; i < ARRAY_SIZE(all_commands); i++) {
		right(&message, &self->netlink, all_commands[i], self->watch);
		message.header.nlmsg_flags = all_commands[i] == RINGPROBE_CMD_STATS ?
			NLM_F_REQUEST | NLM_F_ACK : NLM_F_REQUEST | NLM_F_DUMP;
		EXPECT_EQ(EOPNOTSUPP, request(&self->netlink, &message));
	}
	EXPECT_EQ(0, still_there(&self->netlink, self->watch));
}

/* Generic netlink leaves it to the family, and this one has had no other yet. */
TEST_F(netlink, any_version)
{
	const uint8_t versions[] = { 0, 2, 255 };
	struct message message;

	for (size_t i = 0; i < ARRAY_SIZE(versions); i++) {
		right(&message, &self->netlink, RINGPROBE_CMD_GET_INFO, 0);
		message.genl.version = versions[i];
		EXPECT_EQ(0, request(&self->netlink, &message));
	}
}

/* ---- whom to watch ---- */

static uint32_t add_one(struct message *message, struct netlink *netlink, uint32_t pid)
{
	message_begin(message, netlink->family, RINGPROBE_CMD_WATCH_ADD);
	return message_u32(message, RINGPROBE_A_PID, pid);
}

static void *wait_at(void *barrier)
{
	pthread_barrier_wait(barrier);
	pthread_barrier_wait(barrier);
	return NULL;
}

/* No process, though a number: the kernel's thread 2, a thread that is no process */
TEST_F(netlink, nobody_to_watch)
{
	pid_t child = fork();
	struct message message;

	if (!child)
		_exit(0);
	ASSERT_EQ(child, waitpid(child, NULL, 0));
	EXPECT_NAMED(ESRCH, add_one(&message, &self->netlink, (uint32_t)child), message);
	EXPECT_NE(NULL, strstr(self->netlink.text, "PID"));
	EXPECT_NAMED(ESRCH, add_one(&message, &self->netlink, 0x7fffffff), message);
	EXPECT_NAMED(ESRCH, add_one(&message, &self->netlink, 0xffffffff), message);
	EXPECT_NAMED(ERANGE, add_one(&message, &self->netlink, 0), message);
	EXPECT_NAMED(EINVAL, add_one(&message, &self->netlink, 2), message);
	EXPECT_NE(NULL, strstr(self->netlink.text, "PID"));
	/* one of them is enough, wherever it is */
	add_one(&message, &self->netlink, (uint32_t)getpid());
	EXPECT_NAMED(ESRCH, message_u32(&message, RINGPROBE_A_PID, (uint32_t)child), message);
}

static volatile pid_t thread_id;

static void *tell_and_wait(void *barrier)
{
	thread_id = (pid_t)syscall(SYS_gettid);
	return wait_at(barrier);
}

TEST_F(netlink, thread_is_no_process)
{
	pthread_barrier_t barrier;
	struct message message;
	pthread_t thread;

	pthread_barrier_init(&barrier, NULL, 2);
	ASSERT_EQ(0, pthread_create(&thread, NULL, tell_and_wait, &barrier));
	pthread_barrier_wait(&barrier);
	EXPECT_NE(getpid(), thread_id);
	EXPECT_NAMED(ESRCH, add_one(&message, &self->netlink, (uint32_t)thread_id), message);
	pthread_barrier_wait(&barrier);
	pthread_join(thread, NULL);
}

static void take_tasks(void *context, const struct nlmsghdr *header)
{
	uint64_t tasks = number(header, RINGPROBE_A_TASKS);

	if (tasks != NO_NUMBER)
		*(uint64_t *)context = tasks;
}

static uint64_t tasks_of(struct netlink *netlink, uint32_t watch)
{
	uint64_t tasks = NO_NUMBER;

	watch_ask(netlink, RINGPROBE_CMD_STATS, watch, take_tasks, &tasks);
	return tasks;
}

static void take_untracked(void *context, const struct nlmsghdr *header)
{
	if (number(header, RINGPROBE_A_UNTRACKED) != NO_NUMBER)
		*(uint64_t *)context = number(header, RINGPROBE_A_UNTRACKED);
}

/* As many threads as there is room for; then one more. */
static int many_threads(struct netlink *netlink)
{
	pthread_t threads[RINGPROBE_WATCH_TASKS_MAX];
	pthread_barrier_t barrier;
	pthread_attr_t small;
	uint64_t untracked = NO_NUMBER;
	uint32_t watch, full;
	size_t i;

	CHECK(watch_add(netlink, getpid(), 0, &watch) == 0);
	CHECK(tasks_of(netlink, watch) == 1);
	pthread_barrier_init(&barrier, NULL, RINGPROBE_WATCH_TASKS_MAX + 1);
	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, 65536);
	for (i = 0; i < RINGPROBE_WATCH_TASKS_MAX - 1; i++)
		CHECK(pthread_create(&threads[i], &small, wait_at, &barrier) == 0);
	CHECK(tasks_of(netlink, watch) == RINGPROBE_WATCH_TASKS_MAX);
	CHECK(watch_del(netlink, watch) == 0);
	CHECK(watch_add(netlink, getpid(), 0, &watch) == 0);
	CHECK(tasks_of(netlink, watch) == RINGPROBE_WATCH_TASKS_MAX);
	CHECK(watch_del(netlink, watch) == 0);
	CHECK(watch_add(netlink, getpid(), 0, &full) == 0);
	CHECK(pthread_create(&threads[i], &small, wait_at, &barrier) == 0);
	watch_ask(netlink, RINGPROBE_CMD_STATS, full, take_untracked, &untracked);
	CHECK(untracked == 1);
	CHECK(tasks_of(netlink, full) == RINGPROBE_WATCH_TASKS_MAX);
	CHECK(watch_add(netlink, getpid(), 0, &watch) == E2BIG && watch == 0);
	CHECK(strstr(netlink->text, "PID"));
	CHECK(netlink->offset == NLMSG_LENGTH(GENL_HDRLEN));
	pthread_barrier_wait(&barrier);
	pthread_barrier_wait(&barrier);
	return 0;
}

TEST_F_TIMEOUT(netlink, too_many_tasks, 240)
{
	struct netlink netlink;

	ASSERT_EQ(0, netlink_open(&netlink));
	EXPECT_EQ(0, IN_CHILD(many_threads(&netlink)));
	close(netlink.fd);
}

/* The same process many times is one task. */
TEST_F(netlink, one_process_many_times)
{
	struct message message;
	uint32_t watch = 0;

	right(&message, &self->netlink, RINGPROBE_CMD_WATCH_ADD, 0);
	for (int i = 0; i < RINGPROBE_WATCH_TASKS_MAX + 1; i++)
		message_u32(&message, RINGPROBE_A_PID, (uint32_t)getpid());
	EXPECT_EQ(0, netlink_ask(&self->netlink, &message, netlink_take_watch, &watch));
	EXPECT_EQ(1, tasks_of(&self->netlink, watch));
}

/*
 * It dies before, while or after it is looked for; nothing of it stays. A minute of that is
 * enough where each takes long.
 */
TEST_F_TIMEOUT(netlink, dying_process, 300)
{
	time_t until = time(NULL) + 60;
	unsigned int added = 0;
	uint32_t watch;
	pid_t child;
	int err, i;

	for (i = 0; i < 200 && (i < 20 || time(NULL) < until); i++) {
		child = fork();
		if (!child) {
			for (volatile int spin = 0; spin < i * 100; spin++)
				;
			_exit(0);
		}
		if (i & 1)
			sched_yield();
		err = watch_add(&self->netlink, child, RINGPROBE_WATCH_F_INHERIT, &watch);
		EXPECT_TRUE(err == 0 || err == ESRCH);
		ASSERT_EQ(child, waitpid(child, NULL, 0));
		if (err)
			continue;
		added++;
		EXPECT_EQ(0, tasks_of(&self->netlink, watch));
		EXPECT_EQ(0, watch_del(&self->netlink, watch));
	}
	TH_LOG("%u of %d were watched", added, i);
	EXPECT_LT(0, added);
}

/* ---- a request that takes long ---- */

struct ask {
	volatile int64_t begun, ended;	/* ns; 0: not yet */
};

static int64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000LL + time.tv_nsec;
}

/* To watch @pid, named 32,768 times */
static int ask_long(struct netlink *netlink, pid_t pid, struct ask *ask)
{
	static struct {
		struct nlattr header;
		uint32_t pid;
	} block[8192];
	struct message message;
	struct iovec part[5] = { { &message, NLMSG_LENGTH(GENL_HDRLEN) } };
	const struct msghdr whole = { .msg_iov = part, .msg_iovlen = ARRAY_SIZE(part) };
	int room = 4 * sizeof(block);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(block); i++) {
		block[i].header = (struct nlattr){ sizeof(block[i]), RINGPROBE_A_PID };
		block[i].pid = (uint32_t)pid;
	}
	message_begin(&message, netlink->family, RINGPROBE_CMD_WATCH_ADD);
	for (i = 1; i < ARRAY_SIZE(part); i++) {
		part[i] = (struct iovec){ block, sizeof(block) };
		message.header.nlmsg_len += sizeof(block);
	}
	CHECK(!setsockopt(netlink->fd, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room)));
	message.header.nlmsg_seq = ++netlink->sequence;
	ask->begun = now();
	CHECK(sendmsg(netlink->fd, &whole, 0) > 0);
	ask->ended = now();
	return netlink_answer(netlink, 0, NULL, NULL);
}

/* Who asks for long, until it has ended: killed after @us; 0: not at all */
static int asking(struct netlink *netlink, pid_t about, useconds_t us, struct ask *ask, int64_t *took)
{
	pid_t child;

	ask->begun = 0;
	ask->ended = 0;
	child = fork();
	if (!child)
		_exit(ask_long(netlink, about, ask));
	CHECK(child > 0);
	while (us && !ask->begun)
		usleep(100);
	usleep(us);
	if (us)
		kill(child, SIGKILL);
	CHECK(waitpid(child, NULL, 0) == child && ask->begun);
	*took = now() - ask->begun;
	return 0;
}

/*
 * One that is killed in the tenth part of the time that it took before does not go on. Where
 * the machine has other work, the one or the other try may be late.
 */
TEST_F_TIMEOUT(netlink, killed_while_asking, 600)
{
	struct ask *ask = mmap(NULL, sizeof(*ask), PROT_READ | PROT_WRITE,
			       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int64_t usual = 0, killed = 0;
	pid_t others = start_sleepers(64);
	int i;

	ASSERT_LT(0, others);
	for (i = 0; i < 5 && (ask->ended || killed >= usual / 2); i++) {
		ASSERT_EQ(0, asking(&self->netlink, others, 0, ask, &usual));
		ASSERT_NE(0, ask->ended);
		ASSERT_EQ(0, asking(&self->netlink, others, (useconds_t)(usual / 10000), ask,
				    &killed));
	}
	TH_LOG("%lld of %lld ms", (long long)killed / 1000000, (long long)usual / 1000000);
	EXPECT_EQ(0, ask->ended);
	EXPECT_GT(usual / 2, killed);
	kill(others, SIGKILL);
	waitpid(others, NULL, 0);
	EXPECT_EQ(0, still_there(&self->netlink, self->watch));
}

/* How often we wait while @n sockets are closed that have 16 watches in all */
static int waits(size_t n, long *times)
{
	struct netlink owner[16];
	struct rusage before, after;
	uint32_t watch;
	size_t i;

	for (i = 0; i < n; i++)
		CHECK(!netlink_open(&owner[i]));
	for (i = 0; i < 16; i++)
		CHECK(!watch_add(&owner[i % n], getpid(), 0, &watch));
	getrusage(RUSAGE_THREAD, &before);
	for (i = 0; i < n; i++)
		close(owner[i].fd);
	getrusage(RUSAGE_THREAD, &after);
	*times = after.ru_nvcsw - before.ru_nvcsw;
	return 0;
}

/*
 * Those of one socket end together, with few waits: others' requests wait meanwhile. An RT
 * kernel waits for locks, too, where others have them.
 */
TEST_F_TIMEOUT(netlink, one_wait_for_all, 300)
{
	long together = 0, apart = 0;

	for (int i = 0; i < 5 && together >= apart / 4; i++) {
		ASSERT_EQ(0, waits(1, &together));
		ASSERT_EQ(0, waits(16, &apart));
	}
	TH_LOG("16 watches of one socket: %ld waits, of 16: %ld", together, apart);
	EXPECT_GT(apart / 4, together);
	EXPECT_EQ(0, still_there(&self->netlink, self->watch));
}

/* ---- whose a watch is ---- */

TEST_F(netlink, no_such_watch)
{
	struct netlink other;
	struct message message;
	uint32_t watch, at;

	ASSERT_EQ(0, netlink_open(&other));
	ASSERT_EQ(0, watch_add(&other, getpid(), 0, &watch));
	EXPECT_NE(self->watch, watch);
	for (size_t i = 0; i < ARRAY_SIZE(with_watch); i++) {
		at = message_about(&message, &self->netlink, with_watch[i], watch);
		EXPECT_NAMED(ENOENT, at, message);
		EXPECT_NE(NULL, strstr(self->netlink.text, "WATCH"));
		right(&message, &self->netlink, with_watch[i], 0);
		EXPECT_NAMED(ERANGE, at, message);
		right(&message, &self->netlink, with_watch[i], 0xffffffff);
		EXPECT_NAMED(ENOENT, at, message);
	}
	EXPECT_EQ(0, still_there(&self->netlink, self->watch));
	EXPECT_EQ(0, still_there(&other, watch));
	EXPECT_EQ(0, watch_del(&other, watch));
	EXPECT_EQ(ENOENT, still_there(&other, watch));
	EXPECT_EQ(ENOENT, watch_del(&other, watch));
	close(other.fd);
}

/* Ports are numbers of one protocol in one network namespace: others' end nothing. */
static int namesakes(struct netlink *netlink)
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_pid = netlink_port(netlink) };
	struct netlink there;
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);

	CHECK(bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0);
	close(fd);
	if (unshare(CLONE_NEWNET))
		return NO_NAMESPACE;
	CHECK(netlink_socket(&there, address.nl_pid) == 0);
	CHECK(netlink_find(&there) == ENOENT);
	there.family = netlink->family;
	CHECK(watch_del(&there, 1) == ENOENT);
	close(there.fd);
	return 0;
}

TEST_F(netlink, other_network_namespace)
{
	int line = IN_CHILD(namesakes(&self->netlink));

	if (line == NO_NAMESPACE)
		SKIP(return, "no network namespaces here");
	EXPECT_EQ(0, line);
	EXPECT_EQ(0, still_there(&self->netlink, self->watch));
}

/* ---- who may ---- */

static int become_nobody(void)
{
	return setgroups(0, NULL) || setresgid(NOBODY, NOBODY, NOBODY) ||
	       setresuid(NOBODY, NOBODY, NOBODY);
}

/* All but GET_INFO are refused, whatever else is wrong with them. */
static int is_refused(struct netlink *netlink)
{
	struct message message;
	struct info info;

	for (size_t i = 0; i < ARRAY_SIZE(all_commands); i++) {
		if (all_commands[i] == RINGPROBE_CMD_GET_INFO)
			continue;
		right(&message, netlink, all_commands[i], 1);
		CHECK(request(netlink, &message) == EPERM);
		message.header.nlmsg_len = NLMSG_LENGTH(GENL_HDRLEN);
		CHECK(request(netlink, &message) == EPERM);
	}
	CHECK(get_info(netlink, &info) == 0);
	CHECK(info.tasks_max == RINGPROBE_WATCH_TASKS_MAX);
	return 0;
}

static int nobody(struct netlink *netlink)
{
	CHECK(become_nobody() == 0);
	CHECK(netlink_open(netlink) == 0);
	return is_refused(netlink);
}

TEST_F(netlink, nobody)
{
	struct netlink netlink;

	EXPECT_EQ(0, IN_CHILD(nobody(&netlink)));
}

/* Opened with every right, used with none */
static int lent_to_nobody(struct netlink *netlink)
{
	struct netlink own;
	uint32_t watch;

	CHECK(netlink_open(&own) == 0);
	CHECK(watch_add(&own, getpid(), 0, &watch) == 0);
	CHECK(become_nobody() == 0);
	CHECK(is_refused(&own) == 0);
	return is_refused(netlink);
}

TEST_F(netlink, lent_to_nobody)
{
	EXPECT_EQ(0, IN_CHILD(lent_to_nobody(&self->netlink)));
	EXPECT_EQ(0, still_there(&self->netlink, self->watch));
}

/* Opened with none, used with every right: by another program that can be tricked */
static int opened_by_nobody(struct netlink *netlink)
{
	uint32_t watch;

	CHECK(seteuid(NOBODY) == 0);
	CHECK(netlink_open(netlink) == 0);
	CHECK(seteuid(0) == 0);
	CHECK(is_refused(netlink) == 0);
	CHECK(netlink_open(netlink) == 0);
	return watch_add(netlink, getpid(), 0, &watch);
}

TEST_F(netlink, opened_by_nobody)
{
	struct netlink netlink;

	EXPECT_EQ(0, IN_CHILD(opened_by_nobody(&netlink)));
}

static int all_but_admin(struct netlink *netlink)
{
	const uint64_t caps = ALL_CAPS & ~(1ULL << CAP_NET_ADMIN);

	CHECK(set_caps(caps, caps) == 0);
	CHECK(netlink_open(netlink) == 0);
	return is_refused(netlink);
}

static int admin_alone(struct netlink *netlink)
{
	uint32_t watch;

	CHECK(prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) == 0);
	CHECK(become_nobody() == 0);
	CHECK(set_caps(1ULL << CAP_NET_ADMIN, 1ULL << CAP_NET_ADMIN) == 0);
	CHECK(netlink_open(netlink) == 0);
	CHECK(watch_add(netlink, getpid(), 0, &watch) == 0);
	return watch_del(netlink, watch);
}

TEST_F(netlink, one_capability)
{
	struct netlink netlink;

	EXPECT_EQ(0, IN_CHILD(all_but_admin(&netlink)));
	EXPECT_EQ(0, IN_CHILD(admin_alone(&netlink)));
}

/* Root of a user namespace: every capability, and none that counts */
static int namespace_root(struct netlink *netlink)
{
	if (unshare(CLONE_NEWUSER))
		return NO_NAMESPACE;
	CHECK(set_caps(ALL_CAPS, ALL_CAPS) == 0);
	CHECK(is_refused(netlink) == 0);
	CHECK(netlink_open(netlink) == 0);
	return is_refused(netlink);
}

TEST_F(netlink, root_of_a_user_namespace)
{
	int line = IN_CHILD(namespace_root(&self->netlink));

	if (line == NO_NAMESPACE)
		SKIP(return, "no user namespaces here");
	EXPECT_EQ(0, line);
}

/* ---- dumps ---- */

struct rows {
	unsigned int messages, calls;
};

static void count_rows(void *context, const struct nlmsghdr *header)
{
	struct rows *rows = context;

	rows->messages++;
	rows->calls += number(header, RINGPROBE_A_NR) != NO_NUMBER;
}

/* So many different calls that no one buffer holds them. */
static void make_many_calls(void)
{
	for (long nr = 600; nr < 700; nr++)
		syscall(nr);
	for (int fd = 0; fd < 40; fd++) {
		syscall(SYS_getppid);
		syscall(SYS_fsync, -1);
		syscall(SYS_fdatasync, -1);
		syscall(SYS_ftruncate, -1, 0);
		syscall(SYS_fchdir, -1);
		syscall(SYS_fchmod, -1, 0);
		syscall(SYS_flock, -1, 0);
		syscall(SYS_dup, -1);
		syscall(SYS_getpgid, 0);
		syscall(SYS_getsid, 0);
		syscall(SYS_getuid);
		syscall(SYS_geteuid);
		syscall(SYS_getgid);
		syscall(SYS_getegid);
		syscall(SYS_close, -1);
		syscall(SYS_gettid);
		syscall(SYS_sched_yield);
	}
}

/* The smallest buffer there is: all comes, in as many messages as with a large one. */
TEST_F(netlink, dump_into_a_small_buffer)
{
	struct rows large = { 0 }, small = { 0 };
	struct message message;
	struct netlink other;
	uint32_t watch;
	int one = 1;

	make_many_calls();
	ASSERT_EQ(0, watch_ask(&self->netlink, RINGPROBE_CMD_STATS, self->watch, count_rows,
			       &large));
	EXPECT_LT(18, large.calls);
	EXPECT_EQ(large.messages, large.calls + 1);

	ASSERT_EQ(0, netlink_open(&other));
	ASSERT_EQ(0, watch_add(&other, getpid(), 0, &watch));
	make_many_calls();
	ASSERT_EQ(0, setsockopt(other.fd, SOL_SOCKET, SO_RCVBUF, &one, sizeof(one)));
	ASSERT_EQ(0, watch_ask(&other, RINGPROBE_CMD_STATS, watch, count_rows, &small));
	EXPECT_LT(18, small.calls);
	EXPECT_EQ(small.messages, small.calls + 1);

	/* room for one byte of each message: what is cut off is lost, and the kernel lives */
	right(&message, &other, RINGPROBE_CMD_STATS, watch);
	ASSERT_EQ(0, netlink_send(&other, &message));
	EXPECT_EQ(1, recv(other.fd, &small, 1, 0));
	close(other.fd);
	EXPECT_EQ(0, still_there(&self->netlink, self->watch));
}

/* Its watch is ended in between, and by another thread: the dump says so. */
TEST_F(netlink, ended_during_a_dump)
{
	struct message message;
	char byte;

	make_many_calls();
	right(&message, &self->netlink, RINGPROBE_CMD_STATS, self->watch);
	ASSERT_EQ(0, netlink_send(&self->netlink, &message));
	EXPECT_EQ(1, recv(self->netlink.fd, &byte, 1, 0));
	right(&message, &self->netlink, RINGPROBE_CMD_WATCH_DEL, self->watch);
	ASSERT_EQ(0, netlink_send(&self->netlink, &message));
	EXPECT_EQ(0, netlink_answer(&self->netlink, 0, NULL, NULL));
	EXPECT_EQ(ENOENT, still_there(&self->netlink, self->watch));
}

TEST_HARNESS_MAIN
