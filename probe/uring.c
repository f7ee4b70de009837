// SPDX-License-Identifier: GPL-2.0
/*
 * The only file that knows liburing. A ring that the kernel polls is watched in
 * memory for a while before this side sleeps: that it takes no system call is its
 * whole point, and on a single CPU the poller must be let in all the same.
 */
#define _GNU_SOURCE
#include "uring.h"

#include <errno.h>
#include <liburing.h>
#include <ringprobe.h>
#include <stdlib.h>
#include <string.h>

#include "pin.h"

#define IDLE_MS		1000	/* of the polling thread, before it sleeps */
#define LOOKS		20000	/* at the ring, before this side sleeps */

struct uring {
	struct io_uring ring;
	struct pin pin;			/* of a polled ring */
	bool polled, overfull;
	int looks;
	unsigned int queued;
};

static int set_up(struct uring *ring, unsigned int entries)
{
	struct io_uring_params params = { .sq_thread_idle = IDLE_MS };

	if (ring->polled) {
		params.flags = IORING_SETUP_SQPOLL;
		pin_begin(&ring->pin, sched_getcpu());
	}
	if (ring->polled && ring->pin.other >= 0) {
		params.flags |= IORING_SETUP_SQ_AFF;
		params.sq_thread_cpu = (__u32)ring->pin.other;
		ring->looks = LOOKS;
	}
	return io_uring_queue_init_params(entries, &ring->ring, &params);
}

static void end(struct uring *ring)
{
	if (ring->polled)
		pin_end(&ring->pin);
	free(ring);
}

struct uring *uring_open(unsigned int entries, bool polled, const char **why_not)
{
	struct uring *ring = calloc(1, sizeof(*ring));
	int err;

	*why_not = "no memory";
	if (!ring)
		return NULL;
	ring->polled = polled;
	err = set_up(ring, entries);
	*why_not = !err ? NULL : err == -ENOSYS ? "this kernel has no io_uring" :
		   err == -EPERM ? "io_uring is not permitted here" : "io_uring cannot be set up";
	if (!err)
		return ring;
	end(ring);
	return NULL;
}

void uring_close(struct uring *ring)
{
	io_uring_queue_exit(&ring->ring);
	end(ring);
}

/*
 * A place for one more, or NULL and @overfull. A polled ring takes an operation first
 * and frees its place later: it may still be full when all has been completed.
 */
static struct io_uring_sqe *place(struct uring *ring)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(&ring->ring);

	for (int i = 0; ring->polled && !sqe && i < ring->looks; i++) {
		__builtin_ia32_pause();
		sqe = io_uring_get_sqe(&ring->ring);
	}
	while (ring->polled && !sqe && io_uring_sqring_wait(&ring->ring) >= 0)
		sqe = io_uring_get_sqe(&ring->ring);
	ring->overfull |= !sqe;
	ring->queued += sqe != NULL;
	return sqe;
}

void uring_add_read(struct uring *ring, int fd, void *to, __u32 bytes, __u64 at)
{
	struct io_uring_sqe *sqe = place(ring);

	if (!sqe)
		return;
	io_uring_prep_read(sqe, fd, to, bytes, at);
	sqe->user_data = bytes;		/* what its completion must carry */
}

void uring_add_command(struct uring *ring, int fd, __u32 number, void *argument)
{
	const struct ringprobe_uring payload = { .argument = (__u64)(unsigned long)argument };
	struct io_uring_sqe *sqe = place(ring);

	if (!sqe)
		return;
	io_uring_prep_rw(IORING_OP_URING_CMD, sqe, fd, NULL, 0, 0);
	sqe->cmd_op = number;
	memcpy(sqe->cmd, &payload, sizeof(payload));
	sqe->user_data = 0;
}

static void look(struct uring *ring)
{
	for (int i = 0; i < ring->looks && !io_uring_cq_ready(&ring->ring); i++)
		__builtin_ia32_pause();
}

/* One completion; *err is the first failure. Waiting itself fails only by -errno. */
static int take(struct uring *ring, int *err)
{
	struct io_uring_cqe *cqe;
	int failed;

	if (ring->polled)
		look(ring);
	do {
		failed = io_uring_wait_cqe(&ring->ring, &cqe);
	} while (failed == -EINTR);
	if (failed)
		return failed;
	if (!*err && (__u64)(__u32)cqe->res != cqe->user_data)
		*err = cqe->res < 0 ? cqe->res : -EIO;
	io_uring_cqe_seen(&ring->ring, cqe);
	return 0;
}

int uring_run(struct uring *ring)
{
	unsigned int left = ring->queued;
	int err = ring->overfull ? -ENOBUFS : 0, done;

	ring->queued = 0;
	ring->overfull = false;
	done = ring->polled ? io_uring_submit(&ring->ring) :
			      io_uring_submit_and_wait(&ring->ring, left);
	if (done < 0)
		return done;
	for (; left; left--) {
		done = take(ring, &err);
		if (done)
			return done;
	}
	return err;
}
