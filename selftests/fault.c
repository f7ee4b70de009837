// SPDX-License-Identifier: GPL-2.0
/*
 * RINGPROBE_IOC_FAULT_ARM and _FAULT_READ: the kernel's stamp of each fault lies
 * between the user's own; nobody else's faults are recorded; and a file that is
 * armed may be closed, its thread may end, and all of it from several threads at
 * once. FAULT_SECONDS= says how long that lasts (3).
 */
#include "kselftest_harness.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <linux/filter.h>
#include <linux/seccomp.h>

#include "ringprobe_test.h"
#include "workers.h"

#define MAX	RINGPROBE_FAULT_READ_MAX
#define SIGNALS		RINGPROBE_FAULT_F_SIGNALS
#define PAGES		RINGPROBE_FAULT_F_PAGES

enum fault { UD, GP, PF, BP, DE, FAULTS };

static const struct {
	uint32_t signal, vector;
} expected[FAULTS] = {
	[UD] = { SIGILL, 6 }, [GP] = { SIGSEGV, 13 }, [PF] = { SIGSEGV, 14 },
	[BP] = { SIGTRAP, 3 }, [DE] = { SIGFPE, 0 },
};

struct stamps {
	uint64_t before, handler;
};

static __thread sigjmp_buf back;
static __thread uint64_t in_handler;

static void handle(int signal)
{
	in_handler = user_stamp();
	(void)signal;
	siglongjmp(back, 1);
}

static void catch_all(void)
{
	const int signals[] = { SIGILL, SIGSEGV, SIGTRAP, SIGFPE, SIGSYS, SIGBUS };
	struct sigaction action = { .sa_handler = handle };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(signals); i++)
		sigaction(signals[i], &action, NULL);
}

static void cause(enum fault fault)
{
	switch (fault) {
	case UD: __asm__ volatile("ud2"); break;
	case GP: __asm__ volatile("hlt"); break;
	case PF: __asm__ volatile("movb (%0), %%al" : : "r"(0L) : "eax"); break;
	case BP: __asm__ volatile("int3"); break;
	default: __asm__ volatile("xor %%ecx, %%ecx\n\tdiv %%ecx" : : : "eax", "ecx", "edx");
	}
}

static struct stamps provoke(enum fault fault)
{
	volatile uint64_t before = 0;

	if (!sigsetjmp(back, 1)) {
		before = user_stamp();
		cause(fault);
	}
	return (struct stamps){ before, in_handler };
}

static uint32_t capacity_of(int fd)
{
	struct ringprobe_fault_arm request = fault_arm_of(0);

	return op(fd, RINGPROBE_IOC_FAULT_ARM, &request) ? 0 : request.capacity;
}

static uint32_t total(int fd)
{
	return fault_records(fd, 0).total;
}

/* Another program, started by a thread that was armed: it faults, and ends well. */
static void __attribute__((constructor(101))) as_another_program(void)
{
	if (!getenv("FAULT_EXEC"))
		return;
	catch_all();
	provoke(UD);
	_exit(0);
}

static const char *lacks_right(void)
{
	int fd = open(RINGPROBE_DEVICE, O_RDONLY | O_CLOEXEC);
	int err = fd < 0 ? errno : fault_arm(fd, SIGNALS | PAGES);

	if (fd >= 0)
		close(fd);
	return err ? "stamps of faults need the module, CAP_SYS_RAWIO and tracepoints" : NULL;
}

PROGRAM_NEEDS(lacks_right)

FIXTURE(fault) {
	int fd;
};

FIXTURE_SETUP(fault)
{
	self->fd = open(RINGPROBE_DEVICE, O_RDONLY);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, pin(0));
	catch_all();
}

FIXTURE_TEARDOWN(fault)
{
	close(self->fd);
}

TEST_F(fault, kernel_lies_between)
{
	struct ringprobe_fault_read reply;
	struct stamps stamps[FAULTS];
	int fault, round;

	for (round = 0; round < 20; round++) {
		ASSERT_EQ(0, fault_arm(self->fd, SIGNALS));
		for (fault = 0; fault < FAULTS; fault++)
			stamps[fault] = provoke((enum fault)fault);
		for (fault = 0; fault < FAULTS; fault++) {
			reply = fault_records(self->fd, (uint32_t)fault);
			ASSERT_EQ(FAULTS, reply.total);
			ASSERT_EQ(0, reply.lost);
			EXPECT_EQ(expected[fault].signal, reply.record[0].signal);
			EXPECT_EQ(expected[fault].vector, reply.record[0].vector);
			EXPECT_LT(stamps[fault].before, reply.record[0].stamp);
			EXPECT_LT(reply.record[0].stamp, stamps[fault].handler);
		}
	}
}

/* Records of page faults between two stamps. */
static int pages_between(int fd, uint64_t before, uint64_t after, uint64_t *stamp)
{
	struct ringprobe_fault_read reply;
	uint32_t i, n;
	int found = 0;

	for (n = 0; (reply = fault_records(fd, n)).count; n += reply.count) {
		for (i = 0; i < reply.count; i++) {
			if (reply.record[i].signal || reply.record[i].stamp < before ||
			    reply.record[i].stamp > after)
				continue;
			*stamp = reply.record[i].stamp;
			found++;
		}
	}
	return found;
}

TEST_F(fault, page_fault_lies_between)
{
	volatile char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint64_t before, after, stamp = 0;
	int i;

	ASSERT_NE(MAP_FAILED, (void *)page);
	for (i = 0; i < 20; i++) {
		ASSERT_EQ(0, fault_arm(self->fd, PAGES));
		ASSERT_EQ(0, madvise((void *)page, 4096, MADV_DONTNEED));
		before = user_stamp();
		*page = 1;
		after = user_stamp();
		ASSERT_EQ(1, pages_between(self->fd, before, after, &stamp));
		before = user_stamp();
		*page = 2;			/* it is there now */
		ASSERT_EQ(0, pages_between(self->fd, before, user_stamp(), &stamp));
	}
	munmap((void *)page, 4096);
}

/* First the page fault, then what becomes of it. */
TEST_F(fault, both_of_one)
{
	uint64_t page = 0, signal = 0;
	struct ringprobe_fault_read reply;
	struct stamps stamps;
	uint32_t i;

	ASSERT_EQ(0, fault_arm(self->fd, SIGNALS | PAGES));
	provoke(PF);				/* the stack's and the library's pages */
	stamps = provoke(PF);
	ASSERT_EQ(1, pages_between(self->fd, stamps.before, stamps.handler, &page));
	for (i = 0; (reply = fault_records(self->fd, i)).count; i++)
		if (reply.record[0].signal)
			signal = reply.record[0].stamp;
	EXPECT_LT(page, signal);
	EXPECT_LT(signal, stamps.handler);
}

TEST_F(fault, only_what_was_asked_for)
{
	struct ringprobe_fault_read reply;
	uint32_t i;

	provoke(PF);
	ASSERT_EQ(0, fault_arm(self->fd, SIGNALS));
	provoke(PF);
	EXPECT_EQ(1, total(self->fd));
	ASSERT_EQ(0, fault_arm(self->fd, PAGES));
	provoke(UD);
	provoke(PF);
	EXPECT_LE(1, total(self->fd));
	for (i = 0; (reply = fault_records(self->fd, i)).count; i++)
		EXPECT_EQ(0, reply.record[0].signal);
}

TEST_F(fault, what_is_sent_is_no_fault)
{
	const int signals[] = { SIGILL, SIGSEGV, SIGTRAP, SIGFPE, SIGSYS, SIGBUS };
	size_t i;

	ASSERT_EQ(0, fault_arm(self->fd, SIGNALS));
	for (i = 0; i < ARRAY_SIZE(signals); i++) {
		if (!sigsetjmp(back, 1))
			raise(signals[i]);
		if (!sigsetjmp(back, 1))
			kill(getpid(), signals[i]);
	}
	signal(SIGALRM, handle);
	if (!sigsetjmp(back, 1)) {
		alarm(1);
		for (;;)
			getppid();
	}
	EXPECT_EQ(0, total(self->fd));
}

static void *fault_in_thread(void *arg)
{
	provoke(*(enum fault *)arg);
	return NULL;
}

TEST_F(fault, another_threads)
{
	enum fault fault = UD;
	pthread_t thread;

	ASSERT_EQ(0, fault_arm(self->fd, SIGNALS | PAGES));
	ASSERT_EQ(0, pthread_create(&thread, NULL, fault_in_thread, &fault));
	pthread_join(thread, NULL);
	ASSERT_EQ(0, fault_arm(self->fd, 0));
	for (uint32_t i = 0; i < total(self->fd); i++)
		EXPECT_EQ(0, fault_records(self->fd, i).record[0].signal);
	provoke(UD);
	ASSERT_EQ(0, fault_arm(self->fd, SIGNALS));
	provoke(UD);
	EXPECT_EQ(1, total(self->fd));
}

/* In a child: 0 when @body returned 0, else not. */
static int in_child(int fd, int (*body)(int fd))
{
	int status = -1;
	pid_t child = fork();

	if (!child)
		_exit(body(fd));
	return waitpid(child, &status, 0) == child ? status : -1;
}

static int just_fault(int fd)
{
	(void)fd;
	provoke(UD);
	return 0;
}

TEST_F(fault, a_child_inherits_nothing)
{
	ASSERT_EQ(0, fault_arm(self->fd, SIGNALS));
	provoke(UD);
	EXPECT_EQ(0, in_child(self->fd, just_fault));
	EXPECT_EQ(1, total(self->fd));
	provoke(UD);
	EXPECT_EQ(2, total(self->fd));
}

/* Faults of nobody but the thread that waits here are recorded meanwhile: none. */
TEST_F(fault, page_faults_of_a_child)
{
	volatile char *pages = mmap(NULL, 64 * 4096, PROT_READ | PROT_WRITE,
				    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint64_t *window = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
				MAP_SHARED | MAP_ANONYMOUS, -1, 0), stamp;
	pid_t child;

	ASSERT_NE(MAP_FAILED, (void *)pages);
	ASSERT_NE(MAP_FAILED, (void *)window);
	ASSERT_EQ(0, fault_arm(self->fd, PAGES));
	child = fork();
	if (!child) {
		usleep(200000);			/* the parent waits by then */
		window[0] = user_stamp();
		for (int i = 0; i < 64; i++)
			pages[i * 4096] = 1;
		window[1] = user_stamp();
		_exit(0);
	}
	ASSERT_EQ(child, waitpid(child, NULL, 0));
	ASSERT_LT(window[0], window[1]);
	EXPECT_LE(1, total(self->fd));
	EXPECT_EQ(0, pages_between(self->fd, window[0], window[1], &stamp));
	munmap((void *)pages, 64 * 4096);
	munmap(window, 4096);
}

static int arm_and_fault(int fd)
{
	int err = fault_arm(fd, SIGNALS);

	provoke(UD);
	provoke(GP);
	return err;
}

TEST_F(fault, armed_by_a_child_read_by_its_parent)
{
	struct ringprobe_fault_read reply;

	EXPECT_EQ(0, in_child(self->fd, arm_and_fault));
	provoke(UD);				/* not ours to be recorded */
	reply = fault_records(self->fd, 0);
	ASSERT_EQ(2, reply.total);
	EXPECT_EQ(SIGILL, reply.record[0].signal);
	EXPECT_EQ(SIGSEGV, reply.record[1].signal);
	/* many later processes: none of them is taken for the one that is gone */
	for (int i = 0; i < 50; i++)
		EXPECT_EQ(0, in_child(self->fd, just_fault));
	EXPECT_EQ(2, total(self->fd));
}

static int arm_and_die(int fd)
{
	fault_arm(fd, SIGNALS | PAGES);
	provoke(UD);
	kill(getpid(), SIGKILL);
	return 0;
}

TEST_F(fault, killed_while_armed)
{
	for (int i = 0; i < 10; i++) {
		EXPECT_EQ(SIGKILL, in_child(self->fd, arm_and_die));
		EXPECT_LE(1, total(self->fd));
		provoke(UD);
	}
}

static int arm_and_exec(int fd)
{
	char *const argv[] = { "fault", NULL }, *const env[] = { "FAULT_EXEC=1", NULL };
	int err = fault_arm(fd, SIGNALS | PAGES);

	provoke(UD);
	if (!err)
		execve("/proc/self/exe", argv, env);
	return 1;
}

TEST_F(fault, another_program)
{
	struct ringprobe_fault_read reply;
	uint32_t i, signals = 0;

	EXPECT_EQ(0, in_child(self->fd, arm_and_exec));
	for (i = 0; (reply = fault_records(self->fd, i)).count; i++)
		signals += !!reply.record[0].signal;
	EXPECT_EQ(1, signals);
}

static int trapped_by_seccomp(int fd)
{
	struct sock_filter program[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog filter = { ARRAY_SIZE(program), program };

	provoke(GP);				/* whose vector is not to be taken for SIGSYS's */
	if (fault_arm(fd, SIGNALS) || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter))
		return 1;
	if (!sigsetjmp(back, 1))
		syscall(SYS_getppid);
	return 0;
}

TEST_F(fault, refused_by_seccomp)
{
	struct ringprobe_fault_read reply;

	ASSERT_EQ(0, in_child(self->fd, trapped_by_seccomp));
	reply = fault_records(self->fd, 0);
	ASSERT_EQ(1, reply.total);
	EXPECT_EQ(SIGSYS, reply.record[0].signal);
	EXPECT_EQ(0, reply.record[0].vector);
}

TEST_F(fault, what_does_not_fit_is_counted)
{
	uint32_t capacity = capacity_of(self->fd), i;
	struct ringprobe_fault_read reply;
	uint64_t last = 0;

	ASSERT_LE(256, capacity);
	ASSERT_EQ(0, fault_arm(self->fd, SIGNALS));
	for (i = 0; i < capacity; i++)
		provoke(UD);
	EXPECT_EQ(capacity, total(self->fd));
	EXPECT_EQ(0, fault_records(self->fd, 0).lost);
	for (i = 1; i <= 3; i++) {
		provoke(UD);
		EXPECT_EQ(capacity, total(self->fd));
		EXPECT_EQ(i, fault_records(self->fd, 0).lost);
	}
	for (i = 0; i < capacity; i++) {
		reply = fault_records(self->fd, i);
		ASSERT_EQ(capacity - i < MAX ? capacity - i : MAX, reply.count);
		ASSERT_LT(last, reply.record[0].stamp);
		last = reply.record[0].stamp;
		ASSERT_TRUE(all_bytes(&reply.record[reply.count], 0,
				      (MAX - reply.count) * sizeof(reply.record[0])));
	}
	reply = fault_records(self->fd, capacity);
	EXPECT_EQ(0, reply.count);
	EXPECT_EQ(capacity, reply.total);
	/* and to begin anew forgets them */
	ASSERT_EQ(0, fault_arm(self->fd, SIGNALS));
	reply = fault_records(self->fd, 0);
	EXPECT_EQ(0, reply.count);
	EXPECT_EQ(0, reply.total);
	EXPECT_EQ(0, reply.lost);
}

TEST_F(fault, ended_and_kept)
{
	ASSERT_EQ(0, fault_arm(self->fd, SIGNALS));
	provoke(UD);
	provoke(BP);
	ASSERT_EQ(0, fault_arm(self->fd, 0));
	provoke(UD);
	EXPECT_EQ(2, total(self->fd));
	EXPECT_EQ(SIGTRAP, fault_records(self->fd, 1).record[0].signal);
	ASSERT_EQ(0, fault_arm(self->fd, 0));
	EXPECT_EQ(2, total(self->fd));
}

TEST_F(fault, never_armed)
{
	struct ringprobe_fault_read reply = fault_read_of(0);

	provoke(UD);
	ASSERT_EQ(0, op(self->fd, RINGPROBE_IOC_FAULT_READ, &reply));
	EXPECT_TRUE(all_bytes(&reply.count, 0, sizeof(reply) - offsetof(typeof(reply), count)));
	EXPECT_EQ(0, fault_arm(self->fd, 0));
}

TEST_F(fault, two_files)
{
	int other = open(RINGPROBE_DEVICE, O_RDONLY | O_CLOEXEC);

	ASSERT_LE(0, other);
	ASSERT_EQ(0, fault_arm(self->fd, SIGNALS));
	ASSERT_EQ(0, fault_arm(other, SIGNALS));
	provoke(UD);
	EXPECT_EQ(1, total(self->fd));
	EXPECT_EQ(1, total(other));
	close(other);
	provoke(UD);
	EXPECT_EQ(2, total(self->fd));
}

TEST_F(fault, closed_while_armed)
{
	for (int i = 0; i < 20; i++) {
		int fd = open(RINGPROBE_DEVICE, O_RDONLY | O_CLOEXEC);

		ASSERT_LE(0, fd);
		ASSERT_EQ(0, fault_arm(fd, SIGNALS | PAGES));
		close(fd);
		provoke(PF);
	}
}

TEST_F(fault, index_above_the_capacity)
{
	uint32_t bad[] = { capacity_of(self->fd) + 1, 0x7fffffff, 0x80000000, 0xffffffff };
	struct ringprobe_fault_read reply, was;

	ASSERT_EQ(0, fault_arm(self->fd, SIGNALS));
	provoke(UD);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		reply = was = fault_read_of(bad[i]);
		EXPECT_EQ(EINVAL, op(self->fd, RINGPROBE_IOC_FAULT_READ, &reply));
		EXPECT_EQ(0, memcmp(&was, &reply, sizeof(was)));
	}
}

TEST_F(fault, write_only_descriptor)
{
	struct ringprobe_fault_arm request = fault_arm_of(SIGNALS), was = request;
	struct ringprobe_fault_read reply = fault_read_of(0), before = reply;
	int fd = open(RINGPROBE_DEVICE, O_WRONLY | O_CLOEXEC);

	ASSERT_LE(0, fd);
	EXPECT_EQ(EBADF, op(fd, RINGPROBE_IOC_FAULT_ARM, &request));
	EXPECT_EQ(0, memcmp(&was, &request, sizeof(was)));
	EXPECT_EQ(EBADF, op(fd, RINGPROBE_IOC_FAULT_READ, &reply));
	EXPECT_EQ(0, memcmp(&before, &reply, sizeof(before)));
	close(fd);
}

/* A file of its own, whose records are known, and one that all of them arm. */
static void *work(void *arg)
{
	struct worker *worker = arg;

	do {
		int fd = open(RINGPROBE_DEVICE, O_RDONLY | O_CLOEXEC);

		worker->failed += fault_arm(fd, SIGNALS) || fault_arm(worker->shared, SIGNALS | PAGES);
		provoke(UD);
		provoke(PF);
		provoke(BP);
		worker->failed += total(fd) != 3 || fault_records(fd, 1).record[0].vector != 14;
		worker->failed += fault_records(worker->shared, 0).lost != 0;
		close(fd);
		worker->rounds++;
	} while (time(NULL) < worker->until);
	return NULL;
}

TEST_F_TIMEOUT(fault, all_at_once, 3600)
{
	struct worker workers[WORKERS];

	ASSERT_EQ(0, work_at_once(workers, work, self->fd, getenv("FAULT_SECONDS")));
	for (int i = 0; i < WORKERS; i++) {
		EXPECT_EQ(0, workers[i].failed);
		EXPECT_LT(0, workers[i].rounds);
	}
}

TEST_HARNESS_MAIN
