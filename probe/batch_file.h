/* SPDX-License-Identifier: GPL-2.0 */
/* One file in memory, moved by each way that there is; no disk, no page cache to fill. */
#ifndef BATCH_FILE_H
#define BATCH_FILE_H

#include <stddef.h>
#include <stdio.h>

#include "batch.h"

#define BATCH_FILE_BLOCK	4096
#define BATCH_FILE_MAX		(16 << 20)	/* bytes in a round */

struct batch_file {
	size_t n;			/* set by the caller */

	size_t size;			/* of the files, so that BATCH_MOST blocks fit */
	int source, sink;
	unsigned char *content;		/* of the source */
	unsigned char *buffer;		/* where the program gets it */
	/* what the ways hold while they are open */
	FILE *stream;
	struct uring *ring;
};

/* 0 or -errno. */
int batch_file_open(struct batch_file *file, struct batch_work *work);
void batch_file_close(struct batch_file *file);

#endif
