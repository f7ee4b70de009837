// SPDX-License-Identifier: GPL-2.0
/*
 * Two pipes: the child waits at one, and the other is closed by its execve() or has
 * the errno of that.
 */
#define _GNU_SOURCE
#include "launch.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "priv.h"

static void close_end(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static _Noreturn void child(int go, int answer, char **argv, const sigset_t *mask)
{
	char byte;
	int err;

	if (read(go, &byte, 1) == 1) {
		priv_restore();
		signal(SIGPIPE, SIG_DFL);
		signal(SIGXFSZ, SIG_DFL);
		sigprocmask(SIG_SETMASK, mask, NULL);
		execvp(argv[0], argv);
		err = errno;
		if (write(answer, &err, sizeof(err)) < 0)
			_exit(126);
	}
	_exit(127);
}

int launch_start(struct launch *launch, char **argv, const sigset_t *mask)
{
	int go[2], answer[2];

	*launch = (struct launch){ .pid = -1, .go = -1, .answer = -1 };
	if (pipe2(go, O_CLOEXEC))
		return -errno;
	if (pipe2(answer, O_CLOEXEC)) {
		close(go[0]);
		close(go[1]);
		return -errno;
	}
	launch->pid = fork();
	if (!launch->pid) {
		/* our end of it must not keep the child waiting for itself */
		close(go[1]);
		child(go[0], answer[1], argv, mask);
	}
	launch->go = go[1];
	launch->answer = answer[0];
	close(go[0]);
	close(answer[1]);
	if (launch->pid > 0)
		return 0;
	close_end(&launch->go);
	close_end(&launch->answer);
	return -EAGAIN;
}

static void reap(const struct launch *launch)
{
	while (waitpid(launch->pid, NULL, 0) < 0 && errno == EINTR)
		;
}

int launch_go(struct launch *launch)
{
	int err = 0;
	ssize_t n;

	do
		n = write(launch->go, "g", 1);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		err = errno;
	close_end(&launch->go);
	do
		n = read(launch->answer, &err, sizeof(err));
	while (n < 0 && errno == EINTR);
	close_end(&launch->answer);
	if (err)
		reap(launch);
	return -err;
}

void launch_cancel(struct launch *launch)
{
	if (launch->go < 0)
		return;
	close_end(&launch->go);
	close_end(&launch->answer);
	reap(launch);
}

bool launch_ended(const struct launch *launch, int *status)
{
	pid_t done;
	int ended;

	do
		done = waitpid(launch->pid, &ended, WNOHANG);
	while (done < 0 && errno == EINTR);
	if (done != launch->pid)
		return false;
	*status = WIFEXITED(ended) ? WEXITSTATUS(ended) : 128 + WTERMSIG(ended);
	return true;
}
