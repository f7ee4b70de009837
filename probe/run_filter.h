/* SPDX-License-Identifier: GPL-2.0 */
/* The seccomp filter of a child that runs code of which nothing is known. */
#ifndef RUN_FILTER_H
#define RUN_FILTER_H

/*
 * From here on every system call, of every architecture's table, raises SIGSYS,
 * but for rt_sigreturn and exit_group from run_enter.c's own text. NULL, or what
 * stood in the way. Wants no_new_privs.
 */
const char *run_filter(void);

#endif
