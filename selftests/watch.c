// SPDX-License-Identifier: GPL-2.0
/*
 * What a watch counts: a child that is stopped while it is not to be counted does a known
 * number of calls, and the figures are exact; times are within what they must be.
 */
#include "kselftest_harness.h"

#include <glob.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <linux/filter.h>
#include <linux/seccomp.h>

#include "ringprobe_test.h"
#include "netlink.h"
#include "ring.h"

#define HERE		(8 * (uint32_t)sizeof(long))	/* the ABI of this program's calls */
#define N		1000
#define INHERIT		RINGPROBE_WATCH_F_INHERIT
#define ON_EXEC		RINGPROBE_WATCH_F_ON_EXEC

PROGRAM_NEEDS(lacks_root, lacks_family)

struct call {
	uint64_t abi, nr, count, errors, bytes, returned, wall, cpu, min, max;
	uint64_t bucket[RINGPROBE_WATCH_BUCKETS];
};

struct task {
	uint64_t tid, pid, count, cpu_ticks;
	bool ended;
	char comm[17];
};

struct cpu {
	uint64_t number, count, cpu_ticks;
};

struct stats {
	uint64_t watch, tasks, exited, untracked, cpu_ticks, now;
	unsigned int firsts, calls, others, broken;
	struct call call[1200];
	uint64_t fault[32], signal[65];		/* by kind; by number */
	struct task task[16];
	unsigned int listed;			/* of these */
	struct cpu cpu[16];
	unsigned int cpus;			/* of these */
};

static struct stats counted;
static uint64_t tsc_khz;

FIXTURE(watch) {
	struct netlink netlink;
};

static void take_khz(void *context, const struct nlmsghdr *header)
{
	*(uint64_t *)context = number(header, RINGPROBE_A_TSC_KHZ);
}

FIXTURE_SETUP(watch)
{
	struct message message;

	ASSERT_EQ(0, netlink_open(&self->netlink));
	message_begin(&message, self->netlink.family, RINGPROBE_CMD_GET_INFO);
	ASSERT_EQ(0, netlink_ask(&self->netlink, &message, take_khz, &tsc_khz));
}

FIXTURE_TEARDOWN(watch)
{
	close(self->netlink.fd);
}

/* ---- what was counted ---- */

static void take_call(struct stats *stats, const struct nlmsghdr *header)
{
	const struct nlattr *histogram = attribute(header, RINGPROBE_A_HISTOGRAM);
	struct call *call = &stats->call[stats->calls++];

	call->abi = number(header, RINGPROBE_A_ABI);
	call->nr = number(header, RINGPROBE_A_NR);
	call->count = number(header, RINGPROBE_A_COUNT);
	call->errors = number(header, RINGPROBE_A_ERRORS);
	call->bytes = number(header, RINGPROBE_A_BYTES);
	call->returned = number(header, RINGPROBE_A_RETURNED);
	call->wall = number(header, RINGPROBE_A_WALL);
	call->cpu = number(header, RINGPROBE_A_CPU);
	call->min = number(header, RINGPROBE_A_WALL_MIN);
	call->max = number(header, RINGPROBE_A_WALL_MAX);
	if (histogram && histogram->nla_len == NLA_HDRLEN + sizeof(call->bucket))
		memcpy(call->bucket, histogram + 1, sizeof(call->bucket));
	else
		stats->broken++;
}

static void take_task(struct stats *stats, const struct nlmsghdr *header)
{
	const struct nlattr *comm = attribute(header, RINGPROBE_A_COMM);
	struct task *task = &stats->task[stats->listed++];

	task->tid = number(header, RINGPROBE_A_TID);
	task->pid = number(header, RINGPROBE_A_PID);
	task->count = number(header, RINGPROBE_A_COUNT);
	task->cpu_ticks = number(header, RINGPROBE_A_CPU_TICKS);
	task->ended = attribute(header, RINGPROBE_A_ENDED);
	memset(task->comm, 0, sizeof(task->comm));
	if (comm)
		strncpy(task->comm, (const char *)(comm + 1), sizeof(task->comm) - 1);
}

static void take_cpu(struct stats *stats, const struct nlmsghdr *header)
{
	stats->cpu[stats->cpus++] = (struct cpu){
		.number = number(header, RINGPROBE_A_CPU_NR),
		.count = number(header, RINGPROBE_A_COUNT),
		.cpu_ticks = number(header, RINGPROBE_A_CPU_TICKS),
	};
}

/* A message that is not the first, by the attribute that only its kind has */
static void take_other(struct stats *stats, const struct nlmsghdr *header)
{
	uint64_t count = number(header, RINGPROBE_A_COUNT);
	uint64_t fault = number(header, RINGPROBE_A_FAULT);
	uint64_t signal = number(header, RINGPROBE_A_SIGNAL);

	stats->broken += !stats->firsts;
	stats->others++;
	if (fault < ARRAY_SIZE(stats->fault))
		stats->fault[fault] += count;
	else if (signal < ARRAY_SIZE(stats->signal))
		stats->signal[signal] += count;
	else if (attribute(header, RINGPROBE_A_TID) && stats->listed < ARRAY_SIZE(stats->task))
		take_task(stats, header);
	else if (attribute(header, RINGPROBE_A_CPU_NR) && stats->cpus < ARRAY_SIZE(stats->cpu))
		take_cpu(stats, header);
	else if (attribute(header, RINGPROBE_A_NR) && stats->calls < ARRAY_SIZE(stats->call))
		take_call(stats, header);
	else
		stats->broken++;
}

static void take_stats(void *context, const struct nlmsghdr *header)
{
	struct stats *stats = context;

	if (number(header, RINGPROBE_A_TASKS) == NO_NUMBER) {
		take_other(stats, header);
		return;
	}
	stats->firsts++;
	stats->watch = number(header, RINGPROBE_A_WATCH);
	stats->tasks = number(header, RINGPROBE_A_TASKS);
	stats->exited = number(header, RINGPROBE_A_EXITED);
	stats->untracked = number(header, RINGPROBE_A_UNTRACKED);
	stats->cpu_ticks = number(header, RINGPROBE_A_CPU_TICKS);
	stats->now = number(header, RINGPROBE_A_NOW);
}

/* In "counted"; poison, where there is nothing */
static int read_stats(struct netlink *netlink, uint32_t watch)
{
	int err;

	memset(&counted, POISON, sizeof(counted));
	counted.firsts = counted.calls = counted.broken = counted.others = counted.listed = 0;
	counted.cpus = 0;
	memset(counted.fault, 0, sizeof(counted.fault));
	memset(counted.signal, 0, sizeof(counted.signal));
	err = watch_ask(netlink, RINGPROBE_CMD_STATS, watch, take_stats, &counted);
	if (!err && (counted.firsts != 1 || counted.broken || counted.watch != watch))
		err = -1;
	return err;
}

/* One that was not seen has nothing but zeroes. */
static struct call call_of(uint32_t abi, uint32_t nr)
{
	for (unsigned int i = 0; i < counted.calls; i++)
		if (counted.call[i].abi == abi && counted.call[i].nr == nr)
			return counted.call[i];
	return (struct call){ .abi = abi, .nr = nr };
}

static uint64_t count_of(uint32_t nr)
{
	return call_of(HERE, nr).count;
}

/* What must hold of every call: the line of what does not */
static int wrong_with(const struct call *call)
{
	uint64_t sum = 0;

	for (int i = 0; i < RINGPROBE_WATCH_BUCKETS; i++)
		sum += call->bucket[i];
	if (call->abi != 64 && call->abi != 32)
		return __LINE__;
	if (sum != call->returned || call->errors > call->returned)
		return __LINE__;
	if (!call->count || call->returned > call->count)
		return __LINE__;
	if (!call->returned)
		return call->wall || call->cpu || call->min || call->max ? __LINE__ : 0;
	if (call->min > call->max || call->max > call->wall || call->cpu > call->wall)
		return __LINE__;
	if (call->min * call->returned > call->wall || call->max * call->returned < call->wall)
		return __LINE__;
	return 0;
}

static int wrong(void)
{
	int line = 0;

	for (unsigned int i = 0; i < counted.calls && !line; i++)
		line = wrong_with(&counted.call[i]);
	return line;
}

/* The bucket that @ticks belongs into: 2^(i-1) to 2^i - 1 */
static int bucket_of(uint64_t ticks)
{
	int i = 0;

	while (ticks >> i && i < RINGPROBE_WATCH_BUCKETS - 1)
		i++;
	return i;
}

/* ---- the child ---- */

static pid_t self_pid;

/* Done and over when others see it: the stop comes behind the call's end. */
static void stop(void)
{
	syscall(SYS_kill, self_pid, SIGSTOP);
}

/*
 * A task is told of as stopped a little before it has left its CPU. Who reads which call it
 * is in waits for that (lib/syscall.c), unless it is running.
 */
static int runs(const char *path)
{
	char word[16] = "";
	FILE *file = fopen(path, "r");

	if (!file)
		return 0;
	if (fscanf(file, "%15s", word) != 1)
		word[0] = 0;
	fclose(file);
	return !strcmp(word, "running");
}

/* Until it has stopped, with all its threads off their CPUs, or ended: waitpid()'s status */
static int until_stopped(pid_t child)
{
	char path[64];
	int status = -1;
	glob_t tasks;

	if (waitpid(child, &status, WUNTRACED) != child || !WIFSTOPPED(status))
		return status;
	snprintf(path, sizeof(path), "/proc/%d/task/*/syscall", child);
	if (glob(path, 0, NULL, &tasks))
		return -1;
	for (size_t i = 0; i < tasks.gl_pathc; i++)
		while (runs(tasks.gl_pathv[i]))
			usleep(1000);
	globfree(&tasks);
	return status;
}

/* Stopped before @body, and after it if that comes back */
static pid_t start(void (*prepare)(void), void (*body)(void))
{
	pid_t child = fork();

	if (child)
		return WIFSTOPPED(until_stopped(child)) ? child : -1;
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	self_pid = getpid();
	if (prepare)
		prepare();
	stop();
	body();
	stop();
	_exit(0);
}

/* To the next stop, or to its end: what waitpid() says of it */
static int proceed(pid_t child)
{
	kill(child, SIGCONT);
	return until_stopped(child);
}

static void end(pid_t child)
{
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

/* What is counted of @body; the child is stopped, or has ended, when it is read. */
static int observe_prepared(struct netlink *netlink, uint32_t flags, void (*prepare)(void),
			    void (*body)(void))
{
	pid_t child = start(prepare, body);
	uint32_t watch;
	int err = watch_add(netlink, child, flags, &watch);
	int status;

	status = proceed(child);
	if (!err)
		err = read_stats(netlink, watch);
	if (WIFSTOPPED(status))
		end(child);
	return err ? err : watch_del(netlink, watch);
}

static int observe(struct netlink *netlink, uint32_t flags, void (*body)(void))
{
	return observe_prepared(netlink, flags, NULL, body);
}

/* Asleep in a call */
static int sleeps(pid_t child)
{
	char path[64], state = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", child);
	for (int i = 0; i < 10000; i++) {
		file = fopen(path, "r");
		if (!file)
			return 0;
		if (fscanf(file, "%*d %*s %c", &state) != 1)
			state = 0;
		fclose(file);
		if (state == 'S')
			return 1;
		usleep(1000);
	}
	return 0;
}

static int wait_pipe[2];

static void getppids(int times)
{
	for (int i = 0; i < times; i++)
		syscall(SYS_getppid);
}

/* ---- calls ---- */

static void some_getppids(void)
{
	getppids(N);
}

TEST_F(watch, each_call_once)
{
	struct call call;

	ASSERT_EQ(0, observe(&self->netlink, 0, some_getppids));
	call = call_of(HERE, SYS_getppid);
	EXPECT_EQ(N, call.count);
	EXPECT_EQ(N, call.returned);
	EXPECT_EQ(0, call.errors);
	EXPECT_EQ(0, call.bytes);
	EXPECT_LT(0, call.min);
	EXPECT_LT(0, call.bucket[bucket_of(call.min)]);
	EXPECT_LT(0, call.bucket[bucket_of(call.max)]);
	for (int i = 0; i < bucket_of(call.min); i++)
		EXPECT_EQ(0, call.bucket[i]);
	for (int i = bucket_of(call.max) + 1; i < RINGPROBE_WATCH_BUCKETS; i++)
		EXPECT_EQ(0, call.bucket[i]);
	EXPECT_EQ(1, count_of(SYS_kill));
	EXPECT_EQ(2, counted.calls);
	EXPECT_EQ(2, counted.others);
	EXPECT_EQ(1, counted.tasks);
	EXPECT_EQ(0, counted.exited);
	EXPECT_EQ(0, counted.untracked);
	EXPECT_EQ(0, wrong());
}

static void nothing(void)
{
}

TEST_F(watch, nothing_but_the_stop)
{
	ASSERT_EQ(0, observe(&self->netlink, 0, nothing));
	EXPECT_EQ(1, counted.calls);
	EXPECT_EQ(1, count_of(SYS_kill));
}

static void some_errors(void)
{
	for (int i = 0; i < N; i++) {
		syscall(SYS_close, -1);
		if (i % 4 == 0)
			syscall(SYS_getppid);
	}
}

TEST_F(watch, errors)
{
	ASSERT_EQ(0, observe(&self->netlink, 0, some_errors));
	EXPECT_EQ(N, call_of(HERE, SYS_close).count);
	EXPECT_EQ(N, call_of(HERE, SYS_close).errors);
	EXPECT_EQ(N / 4, call_of(HERE, SYS_getppid).count);
	EXPECT_EQ(0, call_of(HERE, SYS_getppid).errors);
	EXPECT_EQ(0, wrong());
}

static int zero, null;
static char data[4096];

static void open_files(void)
{
	zero = open("/dev/zero", O_RDWR);
	null = open("/dev/null", O_RDWR);
}

static void move_bytes(void)
{
	struct iovec parts[2] = { { data, 100 }, { data, 23 } };

	for (int i = 0; i < 100; i++) {
		syscall(SYS_read, zero, data, 37);
		syscall(SYS_read, -1, data, 1000);
		syscall(SYS_write, null, data, 41);
		syscall(SYS_readv, zero, parts, 2);
		syscall(SYS_writev, null, parts, 2);
		syscall(SYS_lseek, zero, 0, SEEK_CUR);
		syscall(SYS_dup2, null, 77);		/* returns 77, which are no bytes */
	}
}

TEST_F(watch, bytes)
{
	ASSERT_EQ(0, observe_prepared(&self->netlink, 0, open_files, move_bytes));
	EXPECT_EQ(200, call_of(HERE, SYS_read).count);
	EXPECT_EQ(100, call_of(HERE, SYS_read).errors);
	EXPECT_EQ(3700, call_of(HERE, SYS_read).bytes);
	EXPECT_EQ(4100, call_of(HERE, SYS_write).bytes);
	EXPECT_EQ(12300, call_of(HERE, SYS_readv).bytes);
	EXPECT_EQ(12300, call_of(HERE, SYS_writev).bytes);
	EXPECT_EQ(100, call_of(HERE, SYS_dup2).count);
	EXPECT_EQ(0, call_of(HERE, SYS_dup2).bytes);
	EXPECT_EQ(0, wrong());
}

static void unknown_numbers(void)
{
	for (int i = 0; i < 10; i++) {
		syscall(5000);
		syscall(1 << 20);
		syscall(511);
	}
}

TEST_F(watch, numbers_of_no_call)
{
	struct call call;

	ASSERT_EQ(0, observe(&self->netlink, 0, unknown_numbers));
	call = call_of(HERE, RINGPROBE_NR_OTHER);
	EXPECT_EQ(20, call.count);
	EXPECT_EQ(20, call.errors);
	EXPECT_EQ(20, call.returned);
	EXPECT_EQ(10, count_of(511));
	EXPECT_EQ(3, counted.calls);
	EXPECT_EQ(0, wrong());
}

#ifdef __x86_64__
static long int_80(long nr)
{
	__asm__ volatile("int $0x80" : "+a"(nr) : : "r8", "r9", "r10", "r11", "memory");
	return nr;
}

/* 64 is getppid there, and semget here; 20 is getpid there, and writev here. */
static void from_both_tables(void)
{
	for (int i = 0; i < 100; i++) {
		int_80(64);
		if (i % 2)
			int_80(20);
		if (i % 4 == 3)
			syscall(SYS_getppid);
	}
	int_80(5000);
}

TEST_F(watch, the_32_bit_table)
{
	ASSERT_EQ(0, observe(&self->netlink, 0, from_both_tables));
	EXPECT_EQ(100, call_of(32, 64).count);
	EXPECT_EQ(100, call_of(32, 64).returned);
	EXPECT_EQ(50, call_of(32, 20).count);
	EXPECT_EQ(0, call_of(32, 64).errors);
	EXPECT_EQ(1, call_of(32, RINGPROBE_NR_OTHER).errors);
	EXPECT_EQ(0, call_of(64, 64).count);
	EXPECT_EQ(0, call_of(64, 20).count);
	EXPECT_EQ(25, call_of(64, SYS_getppid).count);
	EXPECT_EQ(0, wrong());
}
#endif

/* ---- begun, and ended ---- */

static void one_read(void)
{
	syscall(SYS_read, wait_pipe[0], data, 1);
}

/* Under way when the watch begins: neither begun nor ended */
TEST_F(watch, call_under_way)
{
	uint32_t watch;
	pid_t child;

	ASSERT_EQ(0, pipe(wait_pipe));
	child = start(NULL, one_read);
	kill(child, SIGCONT);
	ASSERT_TRUE(sleeps(child));
	ASSERT_EQ(0, watch_add(&self->netlink, child, 0, &watch));
	ASSERT_EQ(1, write(wait_pipe[1], "", 1));
	ASSERT_EQ(child, waitpid(child, NULL, WUNTRACED));
	ASSERT_EQ(0, read_stats(&self->netlink, watch));
	EXPECT_EQ(0, count_of(SYS_read));
	EXPECT_EQ(0, call_of(HERE, SYS_read).returned);
	EXPECT_EQ(1, count_of(SYS_kill));
	EXPECT_EQ(1, counted.calls);
	EXPECT_EQ(0, wrong());
	end(child);
}

/* A child that is watched, and asleep in a read() that began under the watch */
static pid_t watched_in_read(struct __test_metadata *_metadata, struct netlink *netlink,
			     uint32_t *watch)
{
	pid_t child;

	ASSERT_EQ(0, pipe(wait_pipe));
	child = start(NULL, one_read);
	ASSERT_EQ(0, watch_add(netlink, child, 0, watch));
	kill(child, SIGCONT);
	ASSERT_TRUE(sleeps(child));
	return child;
}

/* Under way when it is asked: begun, not ended. Stopped meanwhile: begun twice. */
TEST_F(watch, call_interrupted)
{
	uint32_t watch;
	pid_t child = watched_in_read(_metadata, &self->netlink, &watch);

	ASSERT_EQ(0, read_stats(&self->netlink, watch));
	EXPECT_EQ(1, count_of(SYS_read));
	EXPECT_EQ(0, call_of(HERE, SYS_read).returned);
	EXPECT_EQ(0, wrong());

	kill(child, SIGSTOP);
	ASSERT_EQ(child, waitpid(child, NULL, WUNTRACED));
	kill(child, SIGCONT);
	ASSERT_TRUE(sleeps(child));
	ASSERT_EQ(1, write(wait_pipe[1], "", 1));
	ASSERT_EQ(child, waitpid(child, NULL, WUNTRACED));
	ASSERT_EQ(0, read_stats(&self->netlink, watch));
	EXPECT_EQ(2, count_of(SYS_read));
	EXPECT_EQ(2, call_of(HERE, SYS_read).returned);
	EXPECT_EQ(1, call_of(HERE, SYS_read).errors);
	EXPECT_EQ(1, call_of(HERE, SYS_read).bytes);
	EXPECT_EQ(0, wrong());
	end(child);
}

static void leave_at_once(void)
{
	getppids(3);
	syscall(SYS_exit_group, 0);
}

TEST_F(watch, exit_does_not_return)
{
	ASSERT_EQ(0, observe(&self->netlink, 0, leave_at_once));
	EXPECT_EQ(3, count_of(SYS_getppid));
	EXPECT_EQ(1, count_of(SYS_exit_group));
	EXPECT_EQ(0, call_of(HERE, SYS_exit_group).returned);
	EXPECT_EQ(0, counted.tasks);
	EXPECT_EQ(1, counted.exited);
	EXPECT_EQ(0, wrong());
}

/* The signal is dealt with behind the call's end. */
TEST_F(watch, killed_inside)
{
	uint32_t watch;
	pid_t child = watched_in_read(_metadata, &self->netlink, &watch);

	end(child);
	ASSERT_EQ(0, read_stats(&self->netlink, watch));
	EXPECT_EQ(1, count_of(SYS_read));
	EXPECT_EQ(1, call_of(HERE, SYS_read).returned);
	EXPECT_EQ(1, call_of(HERE, SYS_read).errors);
	EXPECT_EQ(0, counted.tasks);
	EXPECT_EQ(1, counted.exited);
	EXPECT_EQ(0, wrong());
}

static void handle(int signal, siginfo_t *info, void *context)
{
	(void)signal;
	(void)info;
	(void)context;
}

static void some_signals(void)
{
	struct sigaction action = { .sa_sigaction = handle, .sa_flags = SA_SIGINFO };

	sigaction(SIGUSR1, &action, NULL);
	for (int i = 0; i < 50; i++)
		syscall(SYS_kill, self_pid, SIGUSR1);
}

TEST_F(watch, signal_handlers)
{
	ASSERT_EQ(0, observe(&self->netlink, 0, some_signals));
	EXPECT_EQ(50, count_of(SYS_rt_sigreturn));
	EXPECT_EQ(50, call_of(HERE, SYS_rt_sigreturn).returned);
	EXPECT_EQ(51, count_of(SYS_kill));
	EXPECT_EQ(51, call_of(HERE, SYS_kill).returned);
	EXPECT_EQ(0, wrong());
}

/* A filter's refusal comes before the kernel's tracepoint, and its end is seen alone. */
static void refused_by_seccomp(void)
{
	struct sock_filter program[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog filter = { ARRAY_SIZE(program), program };

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter);
	for (int i = 0; i < 10; i++) {
		syscall(SYS_getppid);
		syscall(SYS_close, -1);
		syscall(SYS_getuid);
	}
}

TEST_F(watch, refused_by_seccomp)
{
	ASSERT_EQ(0, observe(&self->netlink, 0, refused_by_seccomp));
	EXPECT_EQ(0, count_of(SYS_getppid));
	EXPECT_EQ(10, count_of(SYS_close));
	EXPECT_EQ(10, call_of(HERE, SYS_close).errors);
	EXPECT_EQ(10, call_of(HERE, SYS_getuid).returned);
	EXPECT_EQ(0, call_of(HERE, SYS_getuid).errors);
	EXPECT_EQ(0, wrong());
}

/* ---- children, programs, threads ---- */

static void one_child(void)
{
	long child = syscall(SYS_fork);

	if (!child) {
		getppids(N);
		syscall(SYS_exit_group, 0);
	}
	syscall(SYS_wait4, child, NULL, 0, NULL);
	syscall(SYS_getuid);
}

TEST_F(watch, child_not_inherited)
{
	ASSERT_EQ(0, observe(&self->netlink, 0, one_child));
	EXPECT_EQ(0, count_of(SYS_getppid));
	EXPECT_EQ(1, count_of(SYS_fork));
	EXPECT_EQ(1, call_of(HERE, SYS_fork).returned);
	EXPECT_EQ(1, count_of(SYS_wait4));
	EXPECT_EQ(1, count_of(SYS_getuid));
	EXPECT_EQ(0, counted.exited);
	EXPECT_EQ(1, counted.tasks);
	EXPECT_EQ(0, wrong());
}

/* It comes back from fork() too, without having called it. */
TEST_F(watch, child_inherited)
{
	ASSERT_EQ(0, observe(&self->netlink, INHERIT, one_child));
	EXPECT_EQ(N, count_of(SYS_getppid));
	EXPECT_EQ(1, count_of(SYS_fork));
	EXPECT_EQ(1, call_of(HERE, SYS_fork).returned);
	EXPECT_EQ(1, count_of(SYS_exit_group));
	EXPECT_EQ(1, count_of(SYS_getuid));
	EXPECT_EQ(1, counted.exited);
	EXPECT_EQ(1, counted.tasks);
	EXPECT_EQ(0, counted.untracked);
	EXPECT_EQ(0, wrong());
}

#define IN_PROGRAM	7

/* Another program, started by one that was watched: it stops, or it ends. */
static void __attribute__((constructor(101))) as_another_program(void)
{
	const char *then = getenv("WATCH_EXEC");

	if (!then)
		return;
	self_pid = getpid();
	getppids(IN_PROGRAM);
	if (!strcmp(then, "stop"))
		stop();
	_exit(0);
}

static void execute(const char *then)
{
	char variable[32], *argv[] = { "watch", NULL }, *env[] = { variable, NULL };

	snprintf(variable, sizeof(variable), "WATCH_EXEC=%s", then);
	syscall(SYS_execve, "/proc/self/exe", argv, env);
}

static void another_program(void)
{
	getppids(N);
	execute("stop");
}

TEST_F(watch, another_program)
{
	ASSERT_EQ(0, observe(&self->netlink, 0, another_program));
	EXPECT_EQ(N + IN_PROGRAM, count_of(SYS_getppid));
	EXPECT_EQ(1, count_of(SYS_execve));
	EXPECT_EQ(1, call_of(HERE, SYS_execve).returned);
	EXPECT_EQ(1, counted.tasks);
	EXPECT_EQ(0, wrong());
}

TEST_F(watch, from_the_next_program_on)
{
	ASSERT_EQ(0, observe(&self->netlink, ON_EXEC, another_program));
	EXPECT_EQ(IN_PROGRAM, count_of(SYS_getppid));
	EXPECT_EQ(0, count_of(SYS_execve));
	EXPECT_EQ(1, count_of(SYS_kill));
	EXPECT_LT(0, counted.cpu_ticks);
	EXPECT_EQ(0, wrong());
}

/* One child that executes nothing, one that does, and a child of that one's kind */
static void children_with_programs(void)
{
	long child;

	one_child();
	child = syscall(SYS_fork);
	if (!child) {
		getppids(N);
		execute("exit");
	}
	syscall(SYS_wait4, child, NULL, 0, NULL);
}

TEST_F(watch, from_the_childs_program_on)
{
	ASSERT_EQ(0, observe(&self->netlink, ON_EXEC | INHERIT, children_with_programs));
	EXPECT_EQ(IN_PROGRAM, count_of(SYS_getppid));
	EXPECT_EQ(1, count_of(SYS_exit_group));
	EXPECT_EQ(0, count_of(SYS_fork));
	EXPECT_EQ(0, count_of(SYS_kill));
	EXPECT_EQ(2, counted.exited);
	EXPECT_EQ(0, wrong());
}

static volatile int may_go;
static pthread_t movers[2];

/* From CPU to CPU, in a call and between calls */
static void *move(void *arg)
{
	(void)arg;
	while (!may_go)
		;
	for (int i = 0; i < N; i++) {
		pin(i & 1);
		syscall(SYS_getppid);
	}
	unpin();
	return NULL;
}

static void make_movers(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(movers); i++)
		pthread_create(&movers[i], NULL, move, NULL);
}

/* pthread_join() returns before the kernel is done with the thread: until it is. */
static void join(const pthread_t *threads, size_t n)
{
	struct stat tasks;

	for (size_t i = 0; i < n; i++)
		pthread_join(threads[i], NULL);
	while (!stat("/proc/self/task", &tasks) && tasks.st_nlink > 2 + 1)
		usleep(1000);
}

static void let_them_move(void)
{
	may_go = 1;
	join(movers, ARRAY_SIZE(movers));
}

static void make_and_move(void)
{
	make_movers();
	let_them_move();
}

TEST_F_TIMEOUT(watch, threads_that_move, 120)
{
	void (*const when[])(void) = { make_movers, NULL };

	for (size_t i = 0; i < ARRAY_SIZE(when); i++) {
		may_go = 0;
		ASSERT_EQ(0, observe_prepared(&self->netlink, 0, when[i],
					      when[i] ? let_them_move : make_and_move));
		EXPECT_EQ(2 * N, count_of(SYS_getppid));
		EXPECT_EQ(2 * N, call_of(HERE, SYS_getppid).returned);
		EXPECT_EQ(2 * N + 2, count_of(SYS_sched_setaffinity));
		EXPECT_EQ(2 * N + 2, call_of(HERE, SYS_sched_setaffinity).returned);
		EXPECT_EQ(2, count_of(SYS_exit));
		EXPECT_EQ(1, counted.tasks);
		EXPECT_EQ(2, counted.exited);
		EXPECT_EQ(0, wrong());
	}
}

#define CROWD		8
#define STAY		1000	/* so many calls on one CPU, and then on the other */

static int stays;		/* of each thread */

static void *hurry(void *arg)
{
	(void)arg;
	for (int i = 0; i < stays; i++) {
		pin(i & 1);
		getppids(STAY);
	}
	return NULL;
}

static void crowd(void)
{
	pthread_t threads[CROWD];

	for (int i = 0; i < CROWD; i++)
		pthread_create(&threads[i], NULL, hurry, NULL);
	join(threads, CROWD);
}

/* CROWD_CALLS= (10,000,000) says how many calls they make; rounded down to whole stays. */
TEST_F_TIMEOUT(watch, crowd, 1200)
{
	const char *calls = getenv("CROWD_CALLS");

	stays = (calls ? atoi(calls) : 10000000) / (CROWD * STAY);
	ASSERT_LT(0, stays);
	ASSERT_EQ(0, observe(&self->netlink, 0, crowd));
	EXPECT_EQ((uint64_t)CROWD * stays * STAY, count_of(SYS_getppid));
	EXPECT_EQ((uint64_t)CROWD * stays * STAY, call_of(HERE, SYS_getppid).returned);
	EXPECT_EQ((uint64_t)CROWD * stays, count_of(SYS_sched_setaffinity));
	EXPECT_EQ(CROWD, counted.exited);
	EXPECT_EQ(0, wrong());
}

/* ---- faults, signals, tasks ---- */

#define PAGES		50
#define PRESENT		1
#define WRITE		2
#define FETCH		16

static char *fresh, *code;

/* Pages that nobody has touched yet, and one of code: "ret" */
static void map_pages(void)
{
	int fd = (int)syscall(SYS_memfd_create, "code", 0);

	fresh = mmap(NULL, PAGES * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	madvise(fresh, PAGES * 4096, MADV_NOHUGEPAGE);
	if (write(fd, "\303", 1) == 1)
		code = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0);
}

static void touch_pages(void)
{
	volatile char *page = fresh;

	for (int i = 0; i < PAGES; i++)
		(void)page[i * 4096];
	for (int i = 0; i < PAGES; i++)
		page[i * 4096] = 1;
	((void (*)(void))(uintptr_t)code)();
}

/* Read: the page of zeroes is there; written: it is not one's own. The child has a few more. */
TEST_F(watch, page_faults)
{
	ASSERT_EQ(0, observe_prepared(&self->netlink, RINGPROBE_WATCH_F_FAULTS, map_pages,
				      touch_pages));
	EXPECT_LE(PAGES, counted.fault[0]);
	EXPECT_GE(PAGES + 20, counted.fault[0]);
	EXPECT_LE(PAGES, counted.fault[PRESENT | WRITE]);
	EXPECT_GE(PAGES + 20, counted.fault[PRESENT | WRITE]);
	EXPECT_LE(1, counted.fault[FETCH]);
	EXPECT_GE(20, counted.fault[FETCH]);
	EXPECT_EQ(1, count_of(SYS_kill));
	EXPECT_EQ(0, wrong());
}

/* Each of a task's watches counts by itself; one that was not made for it has none. */
TEST_F(watch, page_faults_in_two_watches)
{
	pid_t child = start(map_pages, touch_pages);
	uint32_t watch[3];

	for (int i = 0; i < 3; i++)
		ASSERT_EQ(0, watch_add(&self->netlink, child, i == 1 ? 0 : RINGPROBE_WATCH_F_FAULTS,
				       &watch[i]));
	proceed(child);
	for (int i = 0; i < 3; i++) {
		ASSERT_EQ(0, read_stats(&self->netlink, watch[i]));
		if (i == 1) {
			EXPECT_EQ(counted.calls, counted.others);
			continue;
		}
		EXPECT_LE(PAGES, counted.fault[PRESENT | WRITE]);
		EXPECT_GE(PAGES + 20, counted.fault[PRESENT | WRITE]);
		EXPECT_EQ(1, counted.signal[SIGSTOP]);
		EXPECT_EQ(1, counted.signal[SIGCONT]);
	}
	end(child);
}

/* SIGCONT is the parent's, SIGSTOP its own, SIGCHLD the kernel's. */
static void signals_and_a_child(void)
{
	some_signals();
	one_child();
}

TEST_F(watch, signals)
{
	ASSERT_EQ(0, observe(&self->netlink, RINGPROBE_WATCH_F_FAULTS, signals_and_a_child));
	EXPECT_EQ(50, counted.signal[SIGUSR1]);
	EXPECT_EQ(1, counted.signal[SIGCONT]);
	EXPECT_EQ(1, counted.signal[SIGSTOP]);
	EXPECT_EQ(1, counted.signal[SIGCHLD]);
	EXPECT_EQ(0, counted.signal[SIGUSR2]);
	EXPECT_EQ(0, counted.listed);
}

static void named_task(void)
{
	prctl(PR_SET_NAME, "watched", 0, 0, 0);
	getppids(N);
	stop();
	getppids(N / 2);
}

TEST_F(watch, each_task)
{
	pid_t child = start(NULL, named_task);
	uint32_t watch;

	ASSERT_EQ(0, watch_add(&self->netlink, child, RINGPROBE_WATCH_F_TASKS, &watch));
	proceed(child);
	ASSERT_EQ(0, read_stats(&self->netlink, watch));
	ASSERT_EQ(1, counted.listed);
	EXPECT_EQ((uint64_t)child, counted.task[0].tid);
	EXPECT_EQ((uint64_t)child, counted.task[0].pid);
	EXPECT_STREQ("watched", counted.task[0].comm);
	EXPECT_EQ(N + 2, counted.task[0].count);
	EXPECT_EQ(counted.cpu_ticks, counted.task[0].cpu_ticks);

	ASSERT_EQ(0, watch_ask(&self->netlink, RINGPROBE_CMD_RESET, watch, NULL, NULL));
	proceed(child);
	ASSERT_EQ(0, read_stats(&self->netlink, watch));
	ASSERT_EQ(1, counted.listed);
	EXPECT_EQ(N / 2 + 1, counted.task[0].count);
	EXPECT_EQ(counted.cpu_ticks, counted.task[0].cpu_ticks);
	EXPECT_FALSE(counted.task[0].ended);

	/* One that has ended is told of until a reset */
	end(child);
	ASSERT_EQ(0, read_stats(&self->netlink, watch));
	ASSERT_EQ(1, counted.listed);
	EXPECT_TRUE(counted.task[0].ended);
	EXPECT_EQ((uint64_t)child, counted.task[0].tid);
	EXPECT_EQ((uint64_t)child, counted.task[0].pid);
	EXPECT_STREQ("watched", counted.task[0].comm);
	EXPECT_EQ(counted.cpu_ticks, counted.task[0].cpu_ticks);
	ASSERT_EQ(0, watch_ask(&self->netlink, RINGPROBE_CMD_RESET, watch, NULL, NULL));
	ASSERT_EQ(0, read_stats(&self->netlink, watch));
	EXPECT_EQ(0, counted.listed);
}

/* In our memory: under KASAN a copy takes long. */
static pid_t short_lived(void)
{
	pid_t child = vfork();

	if (!child)
		_exit(0);
	return child;
}

static void many_children(void)
{
	for (int i = 0; i < RINGPROBE_WATCH_TASKS_MAX + 100; i++) {
		waitpid(short_lived(), NULL, 0);
		/* its record is free again after a grace period */
		if (i % 100 == 99)
			usleep(100000);
	}
}

static void count_ended(void *context, const struct nlmsghdr *header)
{
	uint64_t *listed = context;

	if (attribute(header, RINGPROBE_A_TID))
		listed[!!attribute(header, RINGPROBE_A_ENDED)]++;
}

static void take_first(void *context, const struct nlmsghdr *header)
{
	if (number(header, RINGPROBE_A_TASKS) != NO_NUMBER)
		take_stats(context, header);
}

/* Those that ended first give their room to new ones, and none goes untracked. */
TEST_F_TIMEOUT(watch, more_ended_than_there_is_room, 1200)
{
	pid_t child = start(NULL, many_children);
	uint64_t listed[2] = { 0 };
	uint32_t watch;

	ASSERT_EQ(0, watch_add(&self->netlink, child, RINGPROBE_WATCH_F_TASKS | INHERIT, &watch));
	proceed(child);
	ASSERT_EQ(0, watch_ask(&self->netlink, RINGPROBE_CMD_STATS, watch, count_ended, listed));
	EXPECT_EQ(1, listed[0]);
	EXPECT_EQ(RINGPROBE_WATCH_TASKS_MAX - 1, listed[1]);
	ASSERT_EQ(0, watch_ask(&self->netlink, RINGPROBE_CMD_STATS, watch, take_first, &counted));
	EXPECT_EQ(RINGPROBE_WATCH_TASKS_MAX + 100, counted.exited);
	EXPECT_EQ(0, counted.untracked);
	end(child);
}

/* Not asked for, not told; the sums of CPUs are those of the whole. */
static void on_each_cpu(void)
{
	cpu_set_t set;

	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		CPU_ZERO(&set);
		CPU_SET(cpu, &set);
		if (!sched_setaffinity(0, sizeof(set), &set))
			getppids(100 * (cpu + 1));
	}
}

TEST_F(watch, each_cpu)
{
	uint64_t calls, ticks, all;
	uint32_t watch;
	pid_t child;

	ASSERT_EQ(0, observe(&self->netlink, 0, on_each_cpu));
	EXPECT_EQ(0, counted.cpus);

	child = start(NULL, on_each_cpu);
	ASSERT_EQ(0, watch_add(&self->netlink, child, RINGPROBE_WATCH_F_CPUS, &watch));
	for (int round = 0; round < 2; round++) {
		if (!round)
			proceed(child);
		else
			ASSERT_EQ(0, watch_ask(&self->netlink, RINGPROBE_CMD_RESET, watch, NULL, NULL));
		ASSERT_EQ(0, read_stats(&self->netlink, watch));
		calls = ticks = all = 0;
		for (unsigned int i = 0; i < counted.cpus; i++) {
			if (counted.cpu[i].number < 8)
				EXPECT_LE(100 * (counted.cpu[i].number + 1), counted.cpu[i].count);
			calls += counted.cpu[i].count;
			ticks += counted.cpu[i].cpu_ticks;
		}
		for (unsigned int i = 0; i < counted.calls; i++)
			all += counted.call[i].count;
		EXPECT_EQ(round ? 0 : (unsigned int)sysconf(_SC_NPROCESSORS_ONLN), counted.cpus);
		EXPECT_EQ(all, calls);
		EXPECT_EQ(counted.cpu_ticks, ticks);
		EXPECT_EQ(round == 0, all > 0);
	}
	end(child);
}

static int ready;

static void *wait_for_stop(void *arg)
{
	getppids((int)(intptr_t)arg);
	__atomic_add_fetch(&ready, 1, __ATOMIC_SEQ_CST);
	while (may_go < 2)
		;
	return NULL;
}

static void two_threads_at_once(void)
{
	pthread_t threads[2];

	for (intptr_t i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, wait_for_stop, (void *)(100 * (i + 1)));
	while (__atomic_load_n(&ready, __ATOMIC_SEQ_CST) < 2)
		usleep(10000);
}

/* Threads are tasks of their own, in one process. */
TEST_F(watch, each_thread)
{
	uint64_t calls = 0, ticks = 0, all = 0;

	may_go = 0;
	ASSERT_EQ(0, observe(&self->netlink, RINGPROBE_WATCH_F_TASKS, two_threads_at_once));
	ASSERT_EQ(3, counted.listed);
	EXPECT_EQ(3, counted.tasks);
	for (int i = 0; i < 3; i++) {
		EXPECT_EQ(counted.task[0].pid, counted.task[i].pid);
		EXPECT_NE(counted.task[i].tid, counted.task[(i + 1) % 3].tid);
		calls += counted.task[i].count;
		ticks += counted.task[i].cpu_ticks;
	}
	for (unsigned int i = 0; i < counted.calls; i++)
		all += counted.call[i].count;
	EXPECT_EQ(300, count_of(SYS_getppid));
	EXPECT_EQ(all, calls);
	EXPECT_EQ(counted.cpu_ticks, ticks);
}

/*
 * What a worker of io_uring's carries out is no system call, and the worker is not
 * watched, whether it was there before or not.
 */
static struct ring ring;
static int opened, results[RING_ENTRIES];

static void read_by_workers(void)
{
	static char bytes[RING_ENTRIES];
	int source = open("/dev/zero", O_RDONLY);

	memset(results, POISON, sizeof(results));
	for (unsigned int i = 0; !opened && i < RING_ENTRIES; i++)
		*ring_prepare(&ring, i, source, IOSQE_ASYNC, 0, NULL) = (struct io_uring_sqe){
			.opcode = IORING_OP_READ, .fd = source, .flags = IOSQE_ASYNC,
			.addr = (uintptr_t)&bytes[i], .len = 1, .user_data = i,
		};
	if (!opened)
		opened = ring_run(&ring, RING_ENTRIES, results);
	for (unsigned int i = 0; i < RING_ENTRIES; i++)
		opened |= results[i] != 1;
	if (!opened)
		syscall(SYS_getuid);
}

static void open_ring(void)
{
	opened = ring_open(&ring, 0);
}

static void open_ring_and_read(void)
{
	open_ring();
	read_by_workers();
}

TEST_F(watch, workers_of_io_uring)
{
	int fd = (int)syscall(SYS_io_uring_setup, 0, NULL);

	if (fd < 0 && errno == ENOSYS)
		SKIP(return, "this kernel has no io_uring");
	for (int i = 0; i < 2; i++) {
		ASSERT_EQ(0, observe_prepared(&self->netlink, RINGPROBE_WATCH_F_TASKS,
					      i ? open_ring_and_read : open_ring, read_by_workers));
		ASSERT_EQ(1, count_of(SYS_getuid));	/* all of them were carried out */
		EXPECT_EQ(0, count_of(SYS_read));
		EXPECT_LE(1, count_of(SYS_io_uring_enter));
		EXPECT_EQ(1, counted.listed);
	}
}

/* ---- watches ---- */

TEST_F(watch, several_of_one_task)
{
	pid_t child = start(NULL, some_errors);
	struct netlink other;
	uint32_t watch[3];
	struct netlink *netlink[3] = { &self->netlink, &self->netlink, &other };

	ASSERT_EQ(0, netlink_open(&other));
	for (int i = 0; i < 3; i++)
		ASSERT_EQ(0, watch_add(netlink[i], child, 0, &watch[i]));
	ASSERT_TRUE(WIFSTOPPED(proceed(child)));
	for (int i = 0; i < 3; i++) {
		ASSERT_EQ(0, read_stats(netlink[i], watch[i]));
		EXPECT_EQ(N, count_of(SYS_close));
		EXPECT_EQ(N, call_of(HERE, SYS_close).errors);
		EXPECT_EQ(N / 4, count_of(SYS_getppid));
		EXPECT_EQ(1, count_of(SYS_kill));
		EXPECT_EQ(3, counted.calls);
		EXPECT_EQ(0, wrong());
		/* and the end of one is not that of the others */
		EXPECT_EQ(0, watch_del(netlink[i], watch[i]));
	}
	close(other.fd);
	end(child);
}

static void in_two_parts(void)
{
	getppids(N);
	syscall(SYS_read, zero, data, 100);
	stop();
	getppids(N / 2);
	syscall(SYS_read, zero, data, 10);
}

TEST_F(watch, reset)
{
	pid_t child = start(open_files, in_two_parts);
	uint64_t since, min;
	uint32_t watch;

	ASSERT_EQ(0, watch_add(&self->netlink, child, 0, &watch));
	proceed(child);
	ASSERT_EQ(0, read_stats(&self->netlink, watch));
	EXPECT_EQ(N, count_of(SYS_getppid));
	min = call_of(HERE, SYS_getppid).min;
	since = user_stamp();
	ASSERT_EQ(0, watch_ask(&self->netlink, RINGPROBE_CMD_RESET, watch, NULL, NULL));
	ASSERT_EQ(0, read_stats(&self->netlink, watch));
	EXPECT_EQ(0, count_of(SYS_getppid));
	EXPECT_EQ(0, count_of(SYS_kill));
	EXPECT_EQ(0, counted.cpu_ticks);
	EXPECT_GE(user_stamp() - since, counted.now);
	EXPECT_EQ(1, counted.tasks);

	proceed(child);
	ASSERT_EQ(0, read_stats(&self->netlink, watch));
	EXPECT_EQ(N / 2, count_of(SYS_getppid));
	EXPECT_EQ(N / 2, call_of(HERE, SYS_getppid).returned);
	EXPECT_LE(call_of(HERE, SYS_getppid).min, min);
	EXPECT_EQ(1, count_of(SYS_read));
	EXPECT_EQ(10, call_of(HERE, SYS_read).bytes);
	EXPECT_EQ(1, count_of(SYS_kill));
	EXPECT_LT(0, counted.cpu_ticks);
	end(child);
}

/* A PID is one of the sender's namespace: 1 is this, and not the machine's init. */
static void watch_oneself(void)
{
	struct netlink netlink;
	uint32_t watch;
	int failed;

	if (unshare(CLONE_NEWPID))
		_exit(2);
	if (fork()) {
		wait(&failed);
		_exit(WEXITSTATUS(failed));
	}
	failed = getpid() != 1 || netlink_open(&netlink) || watch_add(&netlink, 1, 0, &watch);
	getppids(N);
	failed = failed || read_stats(&netlink, watch);
	_exit(failed || count_of(SYS_getppid) != N || counted.tasks != 1);
}

TEST_F(watch, pid_namespace)
{
	int status = proceed(start(NULL, watch_oneself));

	ASSERT_TRUE(WIFEXITED(status));
	if (WEXITSTATUS(status) == 2)
		SKIP(return, "no PID namespaces here");
	EXPECT_EQ(0, WEXITSTATUS(status));
}

/* ---- time ---- */

#define MILLISECONDS(n)	((n) * tsc_khz)

static void sleep_a_while(void)
{
	struct timespec time = { .tv_nsec = 50000000 };

	for (int i = 0; i < 4; i++)
		syscall(SYS_nanosleep, &time, NULL);
}

TEST_F(watch, asleep)
{
	struct call call;

	ASSERT_EQ(0, observe(&self->netlink, 0, sleep_a_while));
	call = call_of(HERE, SYS_nanosleep);
	EXPECT_EQ(4, call.returned);
	EXPECT_LE(MILLISECONDS(45), call.min);
	EXPECT_LE(MILLISECONDS(190), call.wall);
	EXPECT_LT(MILLISECONDS(150), call.wall - call.cpu);
	EXPECT_LT(MILLISECONDS(150), counted.now - counted.cpu_ticks);
	EXPECT_LE(call.wall, counted.now);
	EXPECT_EQ(0, wrong());
}

static char *much;
#define MUCH		(32U << 20)

static void open_and_map(void)
{
	open_files();
	much = mmap(NULL, MUCH, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE,
		    -1, 0);
}

static void work_a_while(void)
{
	for (int i = 0; i < 4; i++)
		syscall(SYS_read, zero, much, MUCH);
}

/* All of its time has a CPU, but for what others took. */
TEST_F(watch, at_work)
{
	struct call call;

	ASSERT_EQ(0, observe_prepared(&self->netlink, 0, open_and_map, work_a_while));
	call = call_of(HERE, SYS_read);
	EXPECT_EQ(4, call.returned);
	EXPECT_EQ(4ULL * MUCH, call.bytes);
	EXPECT_LT(call.wall / 2, call.cpu);
	EXPECT_LE(call.cpu, counted.cpu_ticks);
	EXPECT_GE(counted.now, counted.cpu_ticks);
	EXPECT_EQ(0, wrong());
}

static volatile bool *spinning;	/* shared: until it is told not to be */

static void spin_until_told(void)
{
	while (*spinning)
		;
}

static pid_t start_spinner(void)
{
	spinning = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	*spinning = true;
	return start(NULL, spin_until_told);
}

/* How long it has had a CPU, in ticks, as the kernel itself counts it: 0, it cannot be told */
static uint64_t cpu_time(pid_t child)
{
	struct timespec time;
	clockid_t clock;

	if (clock_getcpuclockid(child, &clock) || clock_gettime(clock, &time))
		return 0;
	return MILLISECONDS(time.tv_sec * 1000) + tsc_khz * time.tv_nsec / 1000000;
}

/* Until it has had a CPU for so long, however many others want one. */
static void let_it_spin(pid_t child, uint64_t ticks)
{
	uint64_t until = cpu_time(child) + ticks;

	do
		usleep(20000);
	while (cpu_time(child) < until);
}

/* Time in user mode is no call's, and the task's all the same: in each watch, at any time. */
TEST_F(watch, spinning)
{
	pid_t child = start_spinner();
	uint32_t watch[2];

	for (int i = 0; i < 2; i++)
		ASSERT_EQ(0, watch_add(&self->netlink, child, 0, &watch[i]));
	kill(child, SIGCONT);
	let_it_spin(child, MILLISECONDS(100));
	for (int i = 0; i < 2; i++) {
		ASSERT_EQ(0, read_stats(&self->netlink, watch[i]));
		EXPECT_LT(MILLISECONDS(20), counted.cpu_ticks);
		EXPECT_GE(counted.now, counted.cpu_ticks);
	}
	let_it_spin(child, MILLISECONDS(100));
	*spinning = false;
	ASSERT_EQ(child, waitpid(child, NULL, WUNTRACED));
	for (int i = 0; i < 2; i++) {
		ASSERT_EQ(0, read_stats(&self->netlink, watch[i]));
		EXPECT_LT(MILLISECONDS(120), counted.cpu_ticks);
		EXPECT_GE(counted.now, counted.cpu_ticks);
		EXPECT_LT(call_of(HERE, SYS_kill).cpu + MILLISECONDS(120), counted.cpu_ticks);
	}
	end(child);
}

/* Added while the task has a CPU already: seen at once, by each of two watches. */
TEST_F(watch, spinning_already)
{
	pid_t child = start_spinner();
	uint32_t watch[2];

	kill(child, SIGCONT);
	for (int i = 0; i < 2; i++)
		ASSERT_EQ(0, watch_add(&self->netlink, child, 0, &watch[i]));
	let_it_spin(child, MILLISECONDS(100));
	*spinning = false;
	ASSERT_EQ(child, waitpid(child, NULL, WUNTRACED));
	for (int i = 0; i < 2; i++) {
		ASSERT_EQ(0, read_stats(&self->netlink, watch[i]));
		EXPECT_LT(MILLISECONDS(60), counted.cpu_ticks);
		EXPECT_GE(counted.now, counted.cpu_ticks);
		EXPECT_EQ(1, count_of(SYS_kill));
	}
	end(child);
}

static void sleep_often(void)
{
	for (;;)
		usleep(100);
}

/*
 * On CPU 1, which may not have been there meanwhile; with a priority nobody else is let in.
 * But those of the same have their turns (RR): an RT kernel's own threads, and whom it lends
 * that priority, who may hold the lock that a fork waits for.
 */
static void put_on_cpu_1(pid_t child, int priority)
{
	struct sched_param param = { .sched_priority = priority };
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(1, &set);
	sched_setaffinity(child, sizeof(set), &set);
	sched_setscheduler(child, priority ? SCHED_RR : SCHED_OTHER, &param);
}

/*
 * A watched task runs on a CPU that goes while the last watch does; when that CPU is back,
 * and switches, the next watch finds nothing there of the one that was. WATCH_ROUNDS= (10)
 * says how often.
 */
TEST_F_TIMEOUT(watch, cpu_goes_with_the_last, 3600)
{
	const char *rounds = getenv("WATCH_ROUNDS");
	pid_t child, neighbour, other;
	uint32_t watch;
	int i, status;

	if (access("/sys/devices/system/cpu/cpu1/online", W_OK))
		SKIP(return, "needs a second CPU that can be switched off");
	child = start_spinner();
	neighbour = start(NULL, sleep_often);
	kill(child, SIGCONT);
	kill(neighbour, SIGCONT);
	for (i = 0; i < (rounds ? atoi(rounds) : 10); i++) {
		put_on_cpu_1(neighbour, 0);
		put_on_cpu_1(child, 0);
		ASSERT_EQ(0, watch_add(&self->netlink, child, 0, &watch));
		put_on_cpu_1(child, 1);
		other = fork();
		if (!other)
			_exit(watch_del(&self->netlink, watch));
		usleep(50000U * (i % 10));	/* machines differ in how soon it is about it */
		put_on_cpu_1(child, 0);
		EXPECT_EQ(0, set_online(1, 0));
		ASSERT_EQ(other, waitpid(other, &status, 0));
		EXPECT_EQ(0, status);
		EXPECT_EQ(0, set_online(1, 1));
	}
	end(neighbour);
	end(child);
}

TEST_HARNESS_MAIN
