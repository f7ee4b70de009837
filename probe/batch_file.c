// SPDX-License-Identifier: GPL-2.0
/*
 * Ways to the bytes of a file, which lies in memory: what differs is the crossings
 * and the copies. Each way starts at the beginning; where the bytes end up, in the
 * program's buffer or in a second file, they are compared with what was written.
 */
#define _GNU_SOURCE
#include "batch_file.h"

#include <aio.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/uio.h>
#include <unistd.h>

#include "uring.h"

#define BLOCK	BATCH_FILE_BLOCK
#define LARGE	65536
#define POISON	0xcc

static int short_of(ssize_t done, size_t wanted)
{
	return done < 0 ? -errno : (size_t)done == wanted ? 0 : -EIO;
}

/* ---- read(), in larger and larger parts ---- */

static int run_read(struct batch_file *file, size_t n, size_t part)
{
	int err = lseek(file->source, 0, SEEK_SET) ? -errno : 0;

	for (size_t at = 0, some; !err && at < n; at += some) {
		some = batch_part(n - at, part);
		err = short_of(read(file->source, file->buffer + at, some), some);
	}
	return err;
}

static int run_bytes(void *state, size_t n)
{
	return run_read(state, n, 1);
}

static int run_blocks(void *state, size_t n)
{
	return run_read(state, n, BLOCK);
}

static int run_large(void *state, size_t n)
{
	return run_read(state, n, LARGE);
}

static const char *open_stdio(void *state)
{
	struct batch_file *file = state;
	int fd = fcntl(file->source, F_DUPFD_CLOEXEC, 0);

	file->stream = fd < 0 ? NULL : fdopen(fd, "r");
	return file->stream ? NULL : "no stream could be opened";
}

static int run_stdio(void *state, size_t n)
{
	struct batch_file *file = state;

	rewind(file->stream);
	for (size_t at = 0; at < n; at++) {
		int byte = getc_unlocked(file->stream);

		if (byte == EOF)
			return -EIO;
		file->buffer[at] = (unsigned char)byte;
	}
	return 0;
}

static void close_stdio(void *state)
{
	struct batch_file *file = state;

	fclose(file->stream);
}

/* ---- many parts in one call ---- */

/* @parts, of a block each, from @at on; their sum. */
static size_t divide(unsigned char *bytes, size_t n, size_t at, struct iovec *parts, int *count)
{
	size_t sum = 0;

	for (*count = 0; *count < BATCH_MOST && at + sum < n; ++*count) {
		parts[*count].iov_base = bytes + at + sum;
		parts[*count].iov_len = batch_part(n - at - sum, BLOCK);
		sum += parts[*count].iov_len;
	}
	return sum;
}

static int run_parts(int fd, unsigned char *bytes, size_t n,
		     ssize_t (*call)(int fd, const struct iovec *parts, int count, off_t at))
{
	struct iovec parts[BATCH_MOST];
	int err = 0, count;

	for (size_t at = 0, some; !err && at < n; at += some) {
		some = divide(bytes, n, at, parts, &count);
		err = short_of(call(fd, parts, count, (off_t)at), some);
	}
	return err;
}

static int run_readv(void *state, size_t n)
{
	const struct batch_file *file = state;

	return run_parts(file->source, file->buffer, n, preadv);
}

static int run_writev(void *state, size_t n)
{
	const struct batch_file *file = state;

	return run_parts(file->sink, file->content, n, pwritev);
}

/* ---- no copy, or none that the program sees ---- */

static int run_mmap(void *state, size_t n)
{
	struct batch_file *file = state;
	void *bytes = mmap(NULL, n, PROT_READ, MAP_SHARED, file->source, 0);

	if (bytes == MAP_FAILED)
		return -errno;
	memcpy(file->buffer, bytes, n);
	return munmap(bytes, n) ? -errno : 0;
}

static int run_sendfile(void *state, size_t n)
{
	struct batch_file *file = state;
	off_t from = 0;

	if (lseek(file->sink, 0, SEEK_SET))
		return -errno;
	while ((size_t)from < n) {
		ssize_t done = sendfile(file->sink, file->source, &from, n - (size_t)from);

		if (done <= 0)
			return done ? -errno : -EIO;
	}
	return 0;
}

/* ---- asynchronous ---- */

static const char *open_aio(void *state)
{
	const struct aioinit one = { .aio_threads = 1, .aio_num = 1, .aio_idle_time = 1 };

	(void)state;
	aio_init(&one);
	return NULL;
}

static int run_aio(void *state, size_t n)
{
	struct batch_file *file = state;
	int err = 0;

	for (size_t at = 0, some; !err && at < n; at += some) {
		struct aiocb block = { .aio_fildes = file->source, .aio_offset = (off_t)at };
		const struct aiocb *const list[] = { &block };

		some = batch_part(n - at, BLOCK);
		block.aio_buf = file->buffer + at;
		block.aio_nbytes = some;
		if (aio_read(&block))
			return -errno;
		while (aio_error(&block) == EINPROGRESS)
			aio_suspend(list, 1, NULL);
		err = short_of(aio_return(&block), some);
	}
	return err;
}

static const char *open_ring(struct batch_file *file, bool polled)
{
	const char *why_not;

	file->ring = uring_open(BATCH_MOST, polled, &why_not);
	return why_not;
}

static const char *open_uring(void *state)
{
	return open_ring(state, false);
}

static const char *open_polled(void *state)
{
	return open_ring(state, true);
}

static int run_queued(struct batch_file *file, size_t n, int at_once)
{
	size_t at = 0;
	int err = 0;

	while (!err && at < n) {
		for (int i = 0; i < at_once && at < n; i++) {
			size_t some = batch_part(n - at, BLOCK);

			uring_add_read(file->ring, file->source, file->buffer + at, (__u32)some, at);
			at += some;
		}
		err = uring_run(file->ring);
	}
	return err;
}

static int run_uring(void *state, size_t n)
{
	return run_queued(state, n, 1);
}

static int run_uring_many(void *state, size_t n)
{
	return run_queued(state, n, BATCH_MOST);
}

static void close_uring(void *state)
{
	struct batch_file *file = state;

	uring_close(file->ring);
}

static const struct batch_way ways[] = {
	{ "read-1", "read, 1 byte", "", "time",
	  BATCH_READS, 1, NULL, run_bytes, NULL },
	{ "stdio", "stdio, getc", "", "fresh bytes",
	  BATCH_READS, 1, open_stdio, run_stdio, close_stdio },
	{ "read-4k", "read, 4 KiB", "", "4 KiB memory",
	  BATCH_READS | BATCH_SINGLE, BLOCK, NULL, run_blocks, NULL },
	{ "read-64k", "read, 64 KiB", "", "64 KiB memory",
	  BATCH_READS, LARGE, NULL, run_large, NULL },
	{ "readv", "preadv, 4 KiB parts", "", "whose error",
	  BATCH_READS | BATCH_MANY, BLOCK, NULL, run_readv, NULL },
	{ "writev", "pwritev, to a file", "", "whose error",
	  BATCH_READS | BATCH_TO_FILE, BLOCK, NULL, run_writev, NULL },
	{ "mmap", "mmap", "", "error codes",
	  0, BLOCK, NULL, run_mmap, NULL },
	{ "sendfile", "sendfile, to a file", "", "the bytes",
	  BATCH_TO_FILE, BLOCK, NULL, run_sendfile, NULL },
	{ "aio", "POSIX aio, 4 KiB", "", "a thread",
	  BATCH_OTHERS, BLOCK, open_aio, run_aio, NULL },
	{ "uring", "io_uring, one each", "io_uring", "simplicity",
	  0, BLOCK, open_uring, run_uring, close_uring },
	{ "uring-many", "io_uring, many", "io_uring", "their order",
	  BATCH_MANY, BLOCK, open_uring, run_uring_many, close_uring },
	{ "uring-polled", "io_uring, SQPOLL", "io_uring", "a CPU",
	  BATCH_MANY, BLOCK, open_polled, run_uring_many, close_uring },
};

/* ---- the work ---- */

static void prepare(void *state, unsigned int list, unsigned int traits, size_t n)
{
	struct batch_file *file = state;

	(void)list;
	memset(file->buffer, POISON, n);
	if (traits & BATCH_TO_FILE && pwrite(file->sink, file->buffer, n, 0) != (ssize_t)n &&
	    ftruncate(file->sink, 0))
		abort();	/* or what an earlier way wrote there would pass for this one's */
}

static const char *verify(void *state, unsigned int traits, size_t n)
{
	struct batch_file *file = state;

	if (traits & BATCH_TO_FILE && pread(file->sink, file->buffer, n, 0) != (ssize_t)n)
		return "the other file is too short";
	return memcmp(file->buffer, file->content, n) ? "it moved other bytes" : NULL;
}

/* Bytes of which no two neighbouring blocks are alike (Knuth's MMIX generator). */
static void write_content(struct batch_file *file)
{
	__u64 state = 1;

	for (size_t i = 0; i < file->size; i++) {
		state = state * 6364136223846793005ULL + 1442695040888963407ULL;
		file->content[i] = (unsigned char)(state >> 56);
	}
}

int batch_file_open(struct batch_file *file, struct batch_work *work)
{
	*work = (struct batch_work){
		ways, sizeof(ways) / sizeof(ways[0]), file->n, 1, file, prepare, verify, NULL, NULL,
	};
	file->size = file->n > BATCH_MOST * BLOCK ? file->n : BATCH_MOST * BLOCK;
	file->source = memfd_create("ringprobe source", MFD_CLOEXEC);
	file->sink = memfd_create("ringprobe sink", MFD_CLOEXEC);
	if (file->source < 0 || file->sink < 0)
		return -errno;
	file->content = malloc(file->size);
	file->buffer = malloc(file->size);
	if (!file->content || !file->buffer)
		return -ENOMEM;
	write_content(file);
	return short_of(pwrite(file->source, file->content, file->size, 0), file->size);
}

void batch_file_close(struct batch_file *file)
{
	free(file->content);
	free(file->buffer);
	if (file->source >= 0)
		close(file->source);
	if (file->sink >= 0)
		close(file->sink);
}
