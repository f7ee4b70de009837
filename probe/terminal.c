// SPDX-License-Identifier: GPL-2.0
/* Signals still come from its keys: who is ended by one restores it before. */
#include "terminal.h"

#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

static struct termios before;
static bool raw;

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

void terminal_raw(void)
{
	static bool registered;
	struct termios now;

	if (raw || tcgetattr(STDIN_FILENO, &before))
		return;
	if (!registered)
		registered = !atexit(terminal_restore);
	now = before;
	now.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	now.c_cc[VMIN] = 1;
	now.c_cc[VTIME] = 0;
	raw = registered && !tcsetattr(STDIN_FILENO, TCSANOW, &now);
}
