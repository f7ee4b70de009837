// SPDX-License-Identifier: GPL-2.0
/* One invariant: whoever ends us, what was changed is changed back first. */
#include "terminal.h"

#include <signal.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

static struct termios before;
static volatile sig_atomic_t raw;

/* Reading one as a background job would stop us. */
bool terminal_is_ours(void)
{
	return isatty(STDIN_FILENO) && tcgetpgrp(STDIN_FILENO) == getpgrp();
}

void terminal_restore(void)
{
	if (raw)
		tcsetattr(STDIN_FILENO, TCSANOW, &before);
	raw = false;
}

/* The usual action is back by now (SA_RESETHAND), and follows. */
static void end(int number)
{
	terminal_restore();
	raise(number);
}

static bool watch_for_ends(void)
{
	static const int numbers[] = { SIGINT, SIGQUIT, SIGTERM, SIGHUP };
	struct sigaction action = { .sa_handler = end, .sa_flags = SA_RESETHAND }, now;

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (!sigaction(numbers[i], NULL, &now) && now.sa_handler == SIG_DFL)
			sigaction(numbers[i], &action, NULL);
	return !atexit(terminal_restore);
}

void terminal_raw(bool signals)
{
	static bool watched;
	struct termios now;

	watched = watched || watch_for_ends();
	if (raw || !watched || tcgetattr(STDIN_FILENO, &before))
		return;
	now = before;
	now.c_lflag &= ~(tcflag_t)(ICANON | ECHO | (signals ? 0 : ISIG));
	now.c_cc[VMIN] = 1;
	now.c_cc[VTIME] = 0;
	raw = true;
	if (tcsetattr(STDIN_FILENO, TCSANOW, &now))
		raw = false;
}
