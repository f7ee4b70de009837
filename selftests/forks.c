// SPDX-License-Identifier: GPL-2.0
/*
 * A watched task that forks as fast as it can: each child is counted once, and what
 * they needed is given back. FORK_SECONDS= says how long that lasts (5), after as long to
 * warm up.
 */
#include "kselftest_harness.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>

#include "ringprobe_test.h"
#include "netlink.h"

#define AT_ONCE		16	/* children: more than there are CPUs */
#define TOO_MANY	(RINGPROBE_WATCH_TASKS_MAX + 76)

PROGRAM_NEEDS(lacks_root, lacks_family)

/* ---- what was counted ---- */

struct stats {
	uint64_t tasks, exited, untracked;
	uint64_t listed;		/* of those that have not ended */
};

static void take_stats(void *context, const struct nlmsghdr *header)
{
	struct stats *stats = context;

	if (attribute(header, RINGPROBE_A_TASKS)) {
		stats->tasks = number(header, RINGPROBE_A_TASKS);
		stats->exited = number(header, RINGPROBE_A_EXITED);
		stats->untracked = number(header, RINGPROBE_A_UNTRACKED);
	}
	stats->listed += attribute(header, RINGPROBE_A_TID) && !attribute(header, RINGPROBE_A_ENDED);
}

static int read_stats(struct netlink *netlink, uint32_t watch, struct stats *stats)
{
	*stats = (struct stats){ .tasks = NO_NUMBER };
	return watch_ask(netlink, RINGPROBE_CMD_STATS, watch, take_stats, stats);
}

/* ---- memory ---- */

struct memory {
	uint64_t slab, available;	/* KiB, of the whole machine */
	uint64_t areas, bytes;		/* that the module has from vmalloc() */
};

static void each_line(const char *path, void (*take)(struct memory *, const char *),
		      struct memory *memory)
{
	FILE *file = fopen(path, "r");
	char line[512];

	while (file && fgets(line, sizeof(line), file))
		take(memory, line);
	if (file)
		fclose(file);
}

/* The value of a line that begins with @format's name, or 0 */
static uint64_t value(const char *line, const char *format)
{
	unsigned long long number;

	return sscanf(line, format, &number) == 1 ? number : 0;
}

static void take_meminfo(struct memory *memory, const char *line)
{
	memory->slab += value(line, "Slab: %llu");
	memory->available += value(line, "MemAvailable: %llu");
}

/* Free pages that a CPU keeps for itself are many, and not in MemAvailable. */
static void take_zoneinfo(struct memory *memory, const char *line)
{
	memory->available += value(line, " count: %llu") * (uint64_t)sysconf(_SC_PAGESIZE) / 1024;
}

static void take_vmallocinfo(struct memory *memory, const char *line)
{
	if (!strstr(line, "[ringprobe]"))
		return;
	memory->areas++;
	memory->bytes += value(line, "%*s %llu");
}

/* A second later: RCU frees tasks when it comes to it. */
static struct memory look(void)
{
	struct memory memory = { 0 };

	sleep(1);
	each_line("/proc/meminfo", take_meminfo, &memory);
	each_line("/proc/zoneinfo", take_zoneinfo, &memory);
	each_line("/proc/vmallocinfo", take_vmallocinfo, &memory);
	return memory;
}

/* ---- the child that forks ---- */

static uint64_t *forks;		/* shared */
static int seconds;

static void fork_and_wait(void)
{
	for (int i = 0; i < AT_ONCE; i++) {
		pid_t child = fork();

		if (!child)
			_exit(0);
		*forks += child > 0;
	}
	while (waitpid(-1, NULL, 0) > 0)
		;
}

/* For so many seconds, then stopped until it is told to go on */
static void fork_each_time(void)
{
	time_t until;

	for (;;) {
		raise(SIGSTOP);
		for (until = time(NULL) + seconds; time(NULL) < until;)
			fork_and_wait();
	}
}

/* All are there at its second stop, and none at its third. */
static void fork_too_many(void)
{
	int fds[2];
	char byte;

	if (pipe(fds))
		_exit(1);
	raise(SIGSTOP);
	for (int i = 0; i < TOO_MANY; i++) {
		pid_t child = fork();

		if (!child) {
			close(fds[1]);
			_exit((int)read(fds[0], &byte, 1));
		}
		*forks += child > 0;
	}
	raise(SIGSTOP);
	close(fds[1]);
	while (waitpid(-1, NULL, 0) > 0)
		;
	raise(SIGSTOP);
	_exit(0);
}

static pid_t start(void (*body)(void))
{
	pid_t child = fork();

	if (!child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		body();
	}
	return waitpid(child, NULL, WUNTRACED) == child ? child : -1;
}

/* To its next stop */
static int proceed(pid_t child)
{
	int status = -1;

	kill(child, SIGCONT);
	waitpid(child, &status, WUNTRACED);
	return WIFSTOPPED(status);
}

FIXTURE(forks) {
	struct netlink netlink;
	struct memory alone;
	uint32_t watch;
	pid_t child;
};

FIXTURE_SETUP(forks)
{
	const char *wanted = getenv("FORK_SECONDS");

	seconds = wanted ? atoi(wanted) : 5;
	forks = mmap(NULL, sizeof(*forks), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, (void *)forks);
	self->child = -1;
	ASSERT_EQ(0, netlink_open(&self->netlink));
	self->alone = look();
}

FIXTURE_TEARDOWN(forks)
{
	if (self->child > 0) {
		kill(self->child, SIGKILL);
		waitpid(self->child, NULL, 0);
	}
	close(self->netlink.fd);
}

/* The child, watched with all that it will fork; errno */
static int watch_child(FIXTURE_DATA(forks) *self, void (*body)(void))
{
	self->child = start(body);
	if (self->child < 0)
		return ECHILD;
	return watch_add(&self->netlink, self->child,
			 RINGPROBE_WATCH_F_INHERIT | RINGPROBE_WATCH_F_TASKS, &self->watch);
}

/* A task that was not given back would be 12 KiB for each fork. */
TEST_F_TIMEOUT(forks, counted_and_given_back, 1200)
{
	struct memory before, after;
	struct stats stats;
	uint64_t first, bound;

	ASSERT_EQ(0, watch_child(self, fork_each_time));
	ASSERT_TRUE(proceed(self->child));
	first = *forks;
	before = look();
	ASSERT_TRUE(proceed(self->child));
	after = look();

	ASSERT_EQ(0, read_stats(&self->netlink, self->watch, &stats));
	TH_LOG("%d forks, then %d in %d s; %d children without room; Slab %+d, available %+d KiB",
	       (int)first, (int)(*forks - first), seconds, (int)stats.untracked,
	       (int)(after.slab - before.slab), (int)(after.available - before.available));
	EXPECT_LT(0, *forks - first);
	EXPECT_EQ(1 + *forks, stats.tasks + stats.exited + stats.untracked);
	EXPECT_EQ(1, stats.tasks);
	EXPECT_EQ(1, stats.listed);

	bound = 4096 + 4 * (*forks - first);
	/* RCU may have some of it yet. */
	for (int i = 0; i < 10 && before.slab + bound <= after.slab; i++) {
		sleep(1);
		after = look();
	}
	EXPECT_GT(before.slab + bound, after.slab);
	EXPECT_GT(after.available + bound, before.available);
	EXPECT_LT(self->alone.areas, before.areas);
	EXPECT_EQ(before.areas, after.areas);
	EXPECT_EQ(before.bytes, after.bytes);

	ASSERT_EQ(0, watch_del(&self->netlink, self->watch));
	after = look();
	EXPECT_EQ(self->alone.areas, after.areas);
	EXPECT_EQ(self->alone.bytes, after.bytes);
}

/* Those for whom there is no room are counted as such, and not again when they end. */
TEST_F_TIMEOUT(forks, more_than_there_is_room_for, 1800)
{
	struct stats stats;

	ASSERT_EQ(0, watch_child(self, fork_too_many));
	ASSERT_TRUE(proceed(self->child));
	ASSERT_EQ(0, read_stats(&self->netlink, self->watch, &stats));
	EXPECT_EQ(TOO_MANY, *forks);
	EXPECT_EQ(RINGPROBE_WATCH_TASKS_MAX, stats.tasks);
	EXPECT_EQ(RINGPROBE_WATCH_TASKS_MAX, stats.listed);
	EXPECT_EQ(0, stats.exited);
	EXPECT_EQ(TOO_MANY - (RINGPROBE_WATCH_TASKS_MAX - 1), stats.untracked);

	ASSERT_TRUE(proceed(self->child));
	ASSERT_EQ(0, read_stats(&self->netlink, self->watch, &stats));
	EXPECT_EQ(1, stats.tasks);
	EXPECT_EQ(1, stats.listed);
	EXPECT_EQ(RINGPROBE_WATCH_TASKS_MAX - 1, stats.exited);
	EXPECT_EQ(TOO_MANY - (RINGPROBE_WATCH_TASKS_MAX - 1), stats.untracked);
}

TEST_HARNESS_MAIN
