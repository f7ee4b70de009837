// SPDX-License-Identifier: GPL-2.0
/*
 * Rungs that hand over to another task and wait until it has handed back. The
 * partner ends when its pipe does or, at the futex, when it is told to; a process
 * besides when we die.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "confine.h"
#include "pin.h"
#include "rung.h"

enum { OURS, THEIRS, OVER };		/* whose turn it is */

static struct {
	int there[2], back[2];		/* pipes: read end, write end */
	int cpu;			/* the partner's */
	pid_t child;
	pthread_t thread;
} partner;
static atomic_int turn;

/* Each byte goes back as it came. */
static void echo(void)
{
	char byte;

	while (read(partner.there[0], &byte, 1) == 1)
		if (write(partner.back[1], &byte, 1) != 1)
			break;
}

static void *thread(void *unused)
{
	pin_to(partner.cpu);
	echo();
	return unused;
}

static _Noreturn void child(pid_t parent)
{
	close(partner.there[1]);
	close(partner.back[0]);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() == parent) {
		pin_to(partner.cpu);
		echo();
	}
	_exit(0);
}

/* A partner that has died is an error here, since it alone held its ends. */
static int64_t sample_pipe(void)
{
	char byte = 0;
	uint64_t first;

	errno = 0;
	first = ringprobe_stamp();
	if (write(partner.there[1], &byte, 1) != 1 || read(partner.back[0], &byte, 1) != 1)
		return errno ? -errno : -EPIPE;
	return (int64_t)(ringprobe_stamp() - first);
}

static void close_end(int *end)
{
	if (*end >= 0)
		close(*end);
	*end = -1;
}

static void close_pipe(int ends[2])
{
	close_end(&ends[0]);
	close_end(&ends[1]);
}

static bool open_pipes(void)
{
	if (pipe2(partner.there, O_CLOEXEC))
		return false;
	if (!pipe2(partner.back, O_CLOEXEC))
		return true;
	close_pipe(partner.there);
	return false;
}

static void close_pipes(void)
{
	close_pipe(partner.there);
	close_pipe(partner.back);
}

static bool start_process(void)
{
	pid_t self = getpid();

	partner.child = fork();
	if (!partner.child)
		child(self);
	if (partner.child < 0)
		return false;
	close_end(&partner.there[0]);
	close_end(&partner.back[1]);
	return true;
}

static bool start_thread(void *(*function)(void *))
{
	return !pthread_create(&partner.thread, NULL, function, NULL);
}

static const char *begin_pipe(struct rung_place *place, int cpu, bool process)
{
	if (cpu < 0)
		return rung_lacks(place, RUNG_ABSENT, "there is one CPU only");
	partner.cpu = cpu;
	if (!open_pipes())
		return rung_lacks(place, RUNG_FAILED, "no pipe");
	if (process ? start_process() : start_thread(thread))
		return NULL;
	close_pipes();
	return rung_lacks(place, RUNG_FAILED, process ? "no child process" : "no thread");
}

static const char *begin_threads(struct rung_place *place)
{
	return begin_pipe(place, place->cpu, false);
}

static const char *begin_threads_2(struct rung_place *place)
{
	return begin_pipe(place, place->other_cpu, false);
}

static const char *begin_processes(struct rung_place *place)
{
	return begin_pipe(place, place->cpu, true);
}

static const char *begin_processes_2(struct rung_place *place)
{
	return begin_pipe(place, place->other_cpu, true);
}

static void end_threads(void)
{
	close_end(&partner.there[1]);
	pthread_join(partner.thread, NULL);
	close_pipes();
}

static void end_processes(void)
{
	int status;

	close_end(&partner.there[1]);
	confine_wait(partner.child, &status);
	close_pipes();
}

static void wait_while(int whose)
{
	while (atomic_load(&turn) == whose)
		syscall(SYS_futex, &turn, FUTEX_WAIT_PRIVATE, whose, NULL, NULL, 0);
}

static void hand_over(int to)
{
	atomic_store(&turn, to);
	syscall(SYS_futex, &turn, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

static void *hand_back(void *unused)
{
	pin_to(partner.cpu);
	for (;;) {
		wait_while(OURS);
		if (atomic_load(&turn) == OVER)
			return unused;
		hand_over(OURS);
	}
}

static const char *begin_futex(struct rung_place *place)
{
	partner.cpu = place->cpu;
	atomic_store(&turn, OURS);
	return start_thread(hand_back) ? NULL : rung_lacks(place, RUNG_FAILED, "no thread");
}

static int64_t sample_futex(void)
{
	uint64_t first = ringprobe_stamp();

	hand_over(THEIRS);
	wait_while(THEIRS);
	return (int64_t)(ringprobe_stamp() - first);
}

static void end_futex(void)
{
	hand_over(OVER);
	pthread_join(partner.thread, NULL);
}

#define PASS .sleeps = true, .way = RUNG_SWITCHES, .repeats = RUNG_NEARLY

const struct rung rung_passes[] = {
	{ .name = "pipe-threads", .share = 5, PASS,
	  .label = "pipe, threads, one CPU",
	  .begin = begin_threads, .sample = sample_pipe, .end = end_threads,
	  .includes = "a byte to another thread and back: four calls, two switches" },
	{ .name = "pipe-threads-2", .share = 20, PASS,
	  .label = "pipe, threads, two CPUs",
	  .begin = begin_threads_2, .sample = sample_pipe, .end = end_threads,
	  .includes = "the same, each thread on a CPU of its own, woken from idling" },
	{ .name = "pipe-processes", .share = 5, PASS,
	  .label = "pipe, processes, one CPU",
	  .begin = begin_processes, .sample = sample_pipe, .end = end_processes,
	  .includes = "the same with a child process: the page tables change, too" },
	{ .name = "pipe-processes-2", .share = 20, PASS,
	  .label = "pipe, processes, two CPUs",
	  .begin = begin_processes_2, .sample = sample_pipe, .end = end_processes,
	  .includes = "the same, each process on a CPU of its own, woken from idling" },
	{ .name = "futex", .share = 5, PASS,
	  .label = "futex, threads, one CPU",
	  .begin = begin_futex, .sample = sample_futex, .end = end_futex,
	  .includes = "a word handed over and back: wake and wait, twice" },
	{ .name = NULL },
};
