// SPDX-License-Identifier: GPL-2.0
/*
 * FAULT_ARM's points of a system call: between the user's stamps they lie in the order
 * of the way, in ring 3 and in the handler; nobody else's calls are recorded; and
 * threads end, files close and CPUs go while they are armed. PATH_SECONDS= says how
 * long it all happens at once (3).
 */
#include "kselftest_harness.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "ringprobe_test.h"
#include "loading.h"
#include "workers.h"

#define CALLS	RINGPROBE_FAULT_F_CALLS
#define RETURN	RINGPROBE_FAULT_F_RETURN
#define BOTH	(CALLS | RETURN)
#define KINDS	4

static const char *lacks_points(void)
{
	int fd = open(RINGPROBE_DEVICE, O_RDONLY | O_CLOEXEC);
	int err = fd < 0 ? errno : fault_arm(fd, BOTH);

	if (fd >= 0)
		close(fd);
	return err ? "stamps of calls need the module, CAP_SYS_RAWIO, sys_enter and "
		     "user-return notifiers" : NULL;
}

PROGRAM_NEEDS(lacks_points)

/* Another program, started by a thread that was armed. */
static void __attribute__((constructor(101))) as_another_program(void)
{
	if (!getenv("PATH_EXEC"))
		return;
	for (int i = 0; i < 50; i++)
		syscall(SYS_getppid);
	_exit(0);
}

/* Records between two stamps: how many of each kind, and the last of each. */
struct between {
	uint32_t n[KINDS], other;
	uint64_t stamp[KINDS];
};

static struct between between(int fd, uint64_t before, uint64_t after)
{
	struct ringprobe_fault_read reply;
	struct between found = { .other = 0 };
	uint32_t i, n, kind;

	for (n = 0; (reply = fault_records(fd, n)).count; n += reply.count) {
		if (reply.count > RINGPROBE_FAULT_READ_MAX)
			return (struct between){ .other = UINT32_MAX };
		for (i = 0; i < reply.count; i++) {
			if (reply.record[i].stamp < before || reply.record[i].stamp > after)
				continue;
			kind = reply.record[i].vector - RINGPROBE_FAULT_CALL;
			if (reply.record[i].signal || kind >= KINDS) {
				found.other++;
			} else {
				found.n[kind]++;
				found.stamp[kind] = reply.record[i].stamp;
			}
		}
	}
	return found;
}

static struct between all(int fd)
{
	return between(fd, 0, UINT64_MAX);
}

FIXTURE(path) {
	int fd;
};

FIXTURE_SETUP(path)
{
	self->fd = open(RINGPROBE_DEVICE, O_RDONLY);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, pin(0));
}

FIXTURE_TEARDOWN(path)
{
	close(self->fd);
}

/* user <= call <= called <= handler <= return <= returned <= user */
#define EXPECT_ORDER(found, before, first, last, after) do {		\
	EXPECT_LT(before, (found).stamp[0]);				\
	EXPECT_LT((found).stamp[0], (found).stamp[1]);			\
	EXPECT_LT((found).stamp[1], first);				\
	EXPECT_LE(first, last);						\
	EXPECT_LT(last, (found).stamp[2]);				\
	EXPECT_LT((found).stamp[2], (found).stamp[3]);			\
	EXPECT_LT((found).stamp[3], after);				\
} while (0)

/* An interrupt may switch the thread away in a round: then it tells less. */
TEST_F(path, kernel_lies_between)
{
	struct ringprobe_stamp stamp = { .size = sizeof(stamp) };
	uint64_t before, after, kernel;
	struct between found;
	int round, whole = 0;

	for (round = 0; round < 60; round++) {
		ASSERT_EQ(0, fault_arm(self->fd, BOTH));
		before = user_stamp();
		kernel = (uint64_t)syscall(SYS_lseek, self->fd, 0, SEEK_CUR);
		after = user_stamp();
		ASSERT_EQ(0, fault_arm(self->fd, 0));
		found = between(self->fd, before, after);
		ASSERT_EQ(0, found.other);
		ASSERT_EQ(1, found.n[0]);
		ASSERT_EQ(1, found.n[1]);
		ASSERT_GE(1, found.n[2]);
		ASSERT_EQ(found.n[2], found.n[3]);
		if (!found.n[2])
			continue;
		whole++;
		EXPECT_ORDER(found, before, kernel, kernel, after);
	}
	EXPECT_LE(50, whole);

	ASSERT_EQ(0, fault_arm(self->fd, BOTH));
	for (whole = 0; !whole && round < 80; round++) {
		before = user_stamp();
		ASSERT_EQ(0, op(self->fd, RINGPROBE_IOC_STAMP, &stamp));
		after = user_stamp();
		found = between(self->fd, before, after);
		whole = found.n[2] == 1;
	}
	ASSERT_TRUE(whole);
	EXPECT_ORDER(found, before, stamp.first, stamp.last, after);
}

TEST_F(path, only_what_was_asked_for)
{
	const uint32_t flags[] = { CALLS, RETURN, RINGPROBE_FAULT_F_SIGNALS };
	struct between found;
	size_t i;
	int call;

	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		ASSERT_EQ(0, fault_arm(self->fd, flags[i]));
		for (call = 0; call < 50; call++)
			syscall(SYS_getppid);
		ASSERT_EQ(0, fault_arm(self->fd, 0));
		found = all(self->fd);
		EXPECT_EQ(0, found.other);
		/* the call that ended the recording began while it lasted */
		EXPECT_EQ(flags[i] == CALLS ? 51 : 0, found.n[0]);
		EXPECT_EQ(found.n[0], found.n[1]);
		EXPECT_EQ(flags[i] == RETURN, found.n[2] >= 45 && found.n[2] <= 50);
		EXPECT_EQ(found.n[2], found.n[3]);
	}
}

TEST_F(path, unknown_flags)
{
	EXPECT_EQ(EINVAL, fault_arm(self->fd, 0x10));
	EXPECT_EQ(EINVAL, fault_arm(self->fd, 0x80000000 | BOTH));
	EXPECT_EQ(0, all(self->fd).n[0]);
}

/* What does not fit is counted, and the next recording begins anew. */
TEST_F(path, more_than_fit)
{
	struct ringprobe_fault_read reply;

	ASSERT_EQ(0, fault_arm(self->fd, CALLS));
	for (int i = 0; i < 400; i++)
		syscall(SYS_getppid);
	ASSERT_EQ(0, fault_arm(self->fd, 0));
	reply = fault_records(self->fd, 0);
	EXPECT_EQ(2 * 401, reply.total + reply.lost);
	EXPECT_LT(0, reply.lost);
	ASSERT_EQ(0, fault_arm(self->fd, CALLS));
	ASSERT_EQ(0, fault_arm(self->fd, 0));
	EXPECT_EQ(2, fault_records(self->fd, 0).total);
}

static void call_often(void)
{
	for (int i = 0; i < 200; i++)
		syscall(SYS_getppid);
}

static void *calls_in_thread(void *window)
{
	uint64_t *stamp = window;

	stamp[0] = user_stamp();
	call_often();
	stamp[1] = user_stamp();
	return NULL;
}

/* Nobody else's calls: only the thread that was armed waits meanwhile. */
TEST_F(path, another_threads)
{
	uint64_t window[2];
	struct between found;
	pthread_t thread;

	ASSERT_EQ(0, fault_arm(self->fd, BOTH));
	ASSERT_EQ(0, pthread_create(&thread, NULL, calls_in_thread, window));
	pthread_join(thread, NULL);
	ASSERT_EQ(0, fault_arm(self->fd, 0));
	found = between(self->fd, window[0], window[1]);
	/* at most it was in the call that waits */
	EXPECT_GE(3, found.n[0]);
	EXPECT_GE(3, found.n[2]);
	EXPECT_LE(2, all(self->fd).n[0]);
}

static int in_child(int fd, int (*body)(int fd))
{
	int status = -1;
	pid_t child = fork();

	if (!child)
		_exit(body(fd));
	return waitpid(child, &status, 0) == child ? status : -1;
}

static int arm_and_exec(int fd)
{
	char *const argv[] = { "path", NULL }, *const env[] = { "PATH_EXEC=1", NULL };

	if (!fault_arm(fd, BOTH))
		execve("/proc/self/exe", argv, env);
	return 1;
}

TEST_F(path, another_program)
{
	EXPECT_EQ(0, in_child(self->fd, arm_and_exec));
	EXPECT_LE(1, all(self->fd).n[0]);
	EXPECT_GE(3, all(self->fd).n[0]);	/* execve() itself, not what came of it */
}

static int just_call(int fd)
{
	(void)fd;
	call_often();
	return 0;
}

TEST_F(path, a_child_inherits_nothing)
{
	ASSERT_EQ(0, fault_arm(self->fd, BOTH));
	EXPECT_EQ(0, in_child(self->fd, just_call));
	ASSERT_EQ(0, fault_arm(self->fd, 0));
	EXPECT_GE(10, all(self->fd).n[0]);
}

static int arm_and_sleep(int fd)
{
	fault_arm(fd, BOTH);
	raise(SIGSTOP);
	for (;;)
		pause();
	return 0;
}

static pid_t sleeper(int fd)
{
	int status;
	pid_t child = fork();

	if (!child)
		_exit(arm_and_sleep(fd));
	waitpid(child, &status, WUNTRACED);
	return child;
}

/* In a call, and it never returns from that. */
TEST_F(path, killed_while_armed)
{
	int i, status;

	for (i = 0; i < 10; i++) {
		pid_t child = sleeper(self->fd);

		kill(child, SIGCONT);
		if (i % 2)
			usleep(20000);
		kill(child, SIGKILL);
		ASSERT_EQ(child, waitpid(child, &status, 0));
		EXPECT_EQ(SIGKILL, status);
		EXPECT_LE(1, all(self->fd).n[0]);
		call_often();
	}
}

TEST_F(path, closed_while_armed)
{
	for (int i = 0; i < 20; i++) {
		int fd = open(RINGPROBE_DEVICE, O_RDONLY | O_CLOEXEC);

		ASSERT_LE(0, fd);
		ASSERT_EQ(0, fault_arm(fd, BOTH));
		syscall(SYS_getppid);
		close(fd);
		call_often();
	}
}

/* Its last descriptor is closed by another while it sleeps in a call. */
TEST_F(path, ended_by_another)
{
	pid_t child = sleeper(self->fd);

	kill(child, SIGCONT);
	usleep(50000);
	ASSERT_EQ(0, fault_arm(self->fd, 0));
	call_often();
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	EXPECT_LE(1, all(self->fd).n[0]);
}

/* A child of it sits in a call on the CPU that goes: with it armed, and no more. */
TEST_F_TIMEOUT(path, cpu_goes_while_armed, 120)
{
	int i;

	if (access("/sys/devices/system/cpu/cpu1/online", W_OK))
		SKIP(return, "needs a second CPU that can be switched off");
	for (i = 0; i < 4; i++) {
		pid_t child;

		ASSERT_EQ(0, pin(1));
		child = sleeper(self->fd);
		ASSERT_EQ(0, pin(0));
		kill(child, SIGCONT);
		usleep(50000);
		ASSERT_EQ(0, set_online(1, 0));
		if (i % 2)
			EXPECT_EQ(0, fault_arm(self->fd, 0));
		call_often();
		EXPECT_EQ(0, set_online(1, 1));
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
		EXPECT_EQ(0, fault_arm(self->fd, 0));
		ASSERT_EQ(0, pin(1));
		call_often();
	}
}

/* In a call that passes many of KVM's sections: see there. The errno. */
static int pass_sections(int fd, int module, volatile int *begun)
{
	if (pin(1) || fault_arm(fd, BOTH))
		return ENXIO;
	*begun = 1;
	return ERRNO(syscall(SYS_finit_module, module, "fault=section", 0));
}

/* Where KVM has only preemption off, its list of notifiers stays as it is. */
TEST_F_TIMEOUT(path, no_interrupt_changes_the_list, 120)
{
	const char *path = getenv("WARN_MODULE");
	int i, status, module = open(path ? path : "warn/ringprobe_warn.ko", O_RDONLY | O_CLOEXEC);
	volatile int *begun = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (module < 0 || ERRNO(syscall(SYS_finit_module, module, "fault=none", 0)) != EINVAL)
		SKIP(return, "needs ringprobe_warn.ko of this kernel");
	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		SKIP(return, "needs a second CPU");
	for (i = 0; i < 4; i++) {
		pid_t child = fork();

		if (!child)
			_exit(pass_sections(self->fd, module, begun));
		while (!*begun && !waitpid(child, &status, WNOHANG))
			;
		usleep(100000);
		ASSERT_EQ(0, fault_arm(self->fd, 0));
		ASSERT_EQ(child, waitpid(child, &status, 0));
		EXPECT_EQ(ECANCELED, WEXITSTATUS(status));
		*begun = 0;
	}
	close(module);
}

TEST_F(path, unload_is_refused_while_open)
{
	ASSERT_EQ(0, fault_arm(self->fd, BOTH));
	EXPECT_EQ(EWOULDBLOCK, unload());
	syscall(SYS_getppid);
	EXPECT_LE(1, all(self->fd).n[2]);
}

/* A file of its own, whose records are known, and one that all of them arm. */
static void *work(void *arg)
{
	struct worker *worker = arg;

	do {
		int fd = open(RINGPROBE_DEVICE, O_RDONLY | O_CLOEXEC);
		uint64_t before, after;
		struct between found;

		worker->failed += fault_arm(worker->shared, BOTH) || fault_arm(fd, BOTH);
		before = user_stamp();
		for (int i = 0; i < 20; i++)
			syscall(SYS_getppid);
		after = user_stamp();
		found = between(fd, before, after);
		worker->failed += found.n[0] != 20 || found.n[1] != 20 || found.n[2] > 20 ||
				  found.n[2] != found.n[3] || found.other;
		worker->whole += found.n[2] == 20;
		close(fd);
		worker->rounds++;
	} while (time(NULL) < worker->until || (!worker->whole && worker->rounds < 200));
	return NULL;
}

TEST_F_TIMEOUT(path, all_at_once, 3600)
{
	struct worker workers[WORKERS];

	ASSERT_EQ(0, work_at_once(workers, work, self->fd, getenv("PATH_SECONDS")));
	for (int i = 0; i < WORKERS; i++) {
		EXPECT_EQ(0, workers[i].failed);
		EXPECT_LT(0, workers[i].rounds);
		EXPECT_LT(0, workers[i].whole);
	}
}

TEST_HARNESS_MAIN
