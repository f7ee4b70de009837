/* SPDX-License-Identifier: GPL-2.0 */
/* Threads that sleep until they are killed: netlink.c, load.c, storm.c. */
#ifndef SLEEPERS_H
#define SLEEPERS_H

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static inline void *sleep_on(void *argument)
{
	for (;;)
		pause();
	return argument;
}

/* So many more in this process, which are not waited for; false: there is no room. */
static inline bool add_sleepers(int n)
{
	pthread_t thread;

	while (n--)
		if (pthread_create(&thread, NULL, sleep_on, NULL))
			return false;
	return true;
}

/* A process of so many threads, once all are there; it ends with this one. -1: there is none. */
static inline pid_t start_sleepers(int n)
{
	pid_t child = fork();
	int status;

	if (child)
		return waitpid(child, &status, WUNTRACED) == child && WIFSTOPPED(status) ? child : -1;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (add_sleepers(n - 1))
		raise(SIGSTOP);
	_exit(1);
}

#endif
