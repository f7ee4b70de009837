// SPDX-License-Identifier: GPL-2.0
/*
 * For the shell tests: take port rights, then become another program, which
 * inherits them: they survive exec and the loss of all capabilities.
 *	inherit PROGRAM ARGUMENTS...
 */
#include <stdio.h>
#include <sys/io.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	if (argc < 2)
		return 2;
	/* pc-testdev's ports by the bitmap, and every port by the level */
	if (ioperm(0xe0, 16, 1) || iopl(3)) {
		perror("ioperm, iopl");
		return 4;
	}
	execv(argv[1], argv + 1);
	perror(argv[1]);
	return 1;
}
