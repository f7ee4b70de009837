/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A port's driver as a process of its own, as a microkernel has it: it holds the
 * right to one port and nothing else, and is asked by messages.
 */
#ifndef DRIVER_H
#define DRIVER_H

#include <linux/types.h>
#include <stddef.h>
#include <sys/types.h>

#include <ringprobe.h>
#include "pin.h"

struct driver {
	int fd;
	pid_t pid;
	struct pin pin;
};

/*
 * CAP_SYS_RAWIO is effective. NULL, or why there is none. It ends with its parent;
 * until then both are on one CPU, so that what is measured is a switch between two
 * processes, and not the waking of another CPU.
 */
const char *driver_start(struct driver *driver, __u16 port, __u8 width_bytes);
/* Up to RINGPROBE_BATCH_MAX ops, one message there and one back. 0 or -errno. */
int driver_ask(struct driver *driver, struct ringprobe_op *ops, size_t n);
void driver_stop(struct driver *driver);

#endif
