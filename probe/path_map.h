/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The way of a system call as the kernel's source has it, step by step, for three
 * lines of it: facts with the function and file that they are read from.
 */
#ifndef PATH_MAP_H
#define PATH_MAP_H

#include "path.h"
#include "path_live.h"

enum path_line { PATH_LINE_6_1, PATH_LINE_6_12, PATH_LINE_7, PATH_LINES };

enum path_door { PATH_ANY, PATH_BY_LSEEK, PATH_BY_IOCTL, PATH_BY_GETPPID };

struct path_step {
	enum path_point leg;		/* the leg that it is part of */
	enum path_part part;
	enum path_door door;		/* only by this one */
	const char *what;
	const char *where[PATH_LINES];	/* function, file; NULL: as in the line before; "": no such step */
};

/* Ends with .what = NULL. */
extern const struct path_step path_steps[];

/* The line of the running kernel, or the nearest: then *@exact is false. */
enum path_line path_line(const char *release, bool *exact);
const char *path_line_name(enum path_line line);
const char *path_step_where(const struct path_step *step, enum path_line line);

#endif
