/* SPDX-License-Identifier: GPL-2.0 */
/* Whose port is it? /proc/ioports, which is all that can be asked. */
#ifndef OWNER_H
#define OWNER_H

#include <linux/types.h>
#include <stdbool.h>

struct owner {
	bool found;
	__u32 first, last;
	char name[64];
};

/*
 * False where the file hides its addresses (all are 0 without CAP_SYS_ADMIN) or
 * is not there: then nothing is known, least of all that a port is unused.
 */
bool owner_find(__u32 port, __u32 width_bytes, struct owner *owner);

#endif
