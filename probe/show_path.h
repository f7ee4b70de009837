/* SPDX-License-Identifier: GPL-2.0 */
/* The way of a system call as a picture: its legs, its steps, what is live of them. */
#ifndef SHOW_PATH_H
#define SHOW_PATH_H

#include "path.h"

int show_path(const struct path *path);
void show_path_map(const struct path *path);
int show_path_indirect(void);

#endif
