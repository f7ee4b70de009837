/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A command of the user's, started in two steps: it has its process number before it
 * runs its first instruction. It gets our files, its own capabilities, and SIGPIPE as
 * it is for any program.
 */
#ifndef LAUNCH_H
#define LAUNCH_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

struct launch {
	pid_t pid;
	int go, answer;		/* our ends of two pipes; -1: closed */
};

/* @mask: the signals that it has blocked. 0 or -errno. */
int launch_start(struct launch *launch, char **argv, const sigset_t *mask);
/* It runs: 0, or the errno of its execve(), negative; then it has ended. */
int launch_go(struct launch *launch);
/* It never ran, and it ends. */
void launch_cancel(struct launch *launch);
/* Has it ended? Then *@status is as a shell has it, 128 and the signal for one. */
bool launch_ended(const struct launch *launch, int *status);

#endif
