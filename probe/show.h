/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Pictures that a command and the tour share. Each prints what it has just
 * measured and returns the exit status that this is worth.
 */
#ifndef SHOW_H
#define SHOW_H

#include <linux/types.h>
#include <stdbool.h>
#include <ringprobe.h>

/* The worse of two: a broken proof, then a part that could not run. */
int show_worse(int a, int b);

enum { SHOW_FACT = 15 };		/* the column of facts, behind labels */
void show_label(const char *label);

/* show_machine.c */
void show_begin(const char *name, const char *label);
void show_machine(void);

/* show_cpl.c; @fd: the device, or -errno */
int show_rings(int fd, bool int80);
int show_syscall_saves(void);
void show_protections(const struct ringprobe_cpl *cpl);
int show_root(void);		/* "You are root, and still ..."; nothing for others */

/* show_port.c */
struct show_access {
	bool out;
	__u32 port, value;
	__u32 width_bytes;
};
__u64 show_instruction(const struct show_access *access);	/* the bare IN or OUT */
int show_ring3(const struct show_access *access);
int show_ring0(const struct show_access *access);

/* cmd_why.c; @port may be GATE_NO_PORT */
int show_gates(__u32 port, __u32 width_bytes);

#endif
