/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One port, read many times, by each way to a port that there is. The port is
 * the module's to allow: where it does not, no way touches it.
 */
#ifndef BATCH_PORT_H
#define BATCH_PORT_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include <ringprobe.h>
#include "batch.h"
#include "driver.h"

/* Written to in the mixed list, and no other: POST diagnostics, which nobody reads. */
#define BATCH_PORT_POST	0x80
#define BATCH_PORT_MAX	4096	/* accesses in a round */

enum { BATCH_PORT_READS, BATCH_PORT_MIXED };

struct batch_port {
	/* set by the caller */
	int fd;				/* the device, open for both directions, or -errno */
	const char *refused;		/* why no way may touch the port; NULL: allowed */
	__u16 port;
	__u8 width_bytes;
	size_t n;

	bool changes;			/* by itself: values are not compared */
	struct ringprobe_op *ops;	/* the round's list, and its answers */
	struct ringprobe_op *wanted[BATCH_LISTS];
	unsigned int list;
	const struct ringprobe_page *page;	/* of the counted round */
	struct ringprobe_page before;
	int spare_fd;
	/* what the ways hold while they are open */
	int dev_port;
	struct uring *ring;
	struct ringprobe_port *arguments;
	struct driver driver;
};

/* CAP_SYS_RAWIO is effective until batch_port_close(). 0 or -errno. */
int batch_port_open(struct batch_port *port, struct batch_work *work);
void batch_port_close(struct batch_port *port);

#endif
