/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Make a child harmless before it tries something: no port rights, no
 * capabilities, no files, no core dump, little time.
 */
#ifndef CONFINE_H
#define CONFINE_H

#include <stdbool.h>
#include <sys/types.h>

#define CONFINE_SECONDS 5

/*
 * Port rights that this process has from its parents, as ioperm(2) and iopl(2)
 * give them: 0 no, 1 yes, -1 cannot tell. They survive fork, exec and the loss
 * of all capabilities.
 */
struct confine_rights {
	int iopl;			/* iopl(3): all ports */
	int ioperm;			/* some port */
	unsigned int ports;		/* how many by ioperm */
};

/* Looked up once, in a child of its own; touches no port. */
const struct confine_rights *confine_rights(void);

/*
 * In a child, for good. NULL, or what stood in the way: then nothing may be
 * tried. confine_ports: give up what ioperm() and iopl() gave a parent. Where a
 * seccomp filter keeps us from it (errno is not told apart from the kernel's),
 * it must be known that there is nothing to give up. @had: looked up by the
 * parent. confine_rest: all the rest. @keep: the one descriptor that stays open,
 * -1 for none; @all_ports: iopl(3) was asked for in between, and is meant.
 */
const char *confine_ports(const struct confine_rights *had);
const char *confine_rest(int keep, bool all_ports);
/* Both, one after the other. */
const char *confine_self(const struct confine_rights *had, int keep);

/*
 * In a child that is about to become a program of others: nobody's rights,
 * if we are root, no capability, so many seconds. Files stay as they are.
 */
const char *confine_tool(unsigned int seconds);

/* waitpid() through interruptions. */
pid_t confine_wait(pid_t pid, int *status);

#endif
