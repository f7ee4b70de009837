/* SPDX-License-Identifier: GPL-2.0 */
/*
 * io_uring by its system calls, as little as the tests need: the first n SQEs are
 * filled in, run and answered, and only then come the next. Included after
 * ringprobe_test.h. A result is what io_uring says: 0 or -errno.
 */
#ifndef RING_H
#define RING_H

#include <sys/mman.h>
#include <linux/io_uring.h>

#define RING_ENTRIES	64

struct ring {
	int fd;
	unsigned int flags;
	unsigned int *sq_tail, *sq_flags, *sq_array, *cq_head, *cq_tail;
	unsigned int sq_mask, cq_mask;
	struct io_uring_cqe *cqes;
	uint8_t *sqes;
	unsigned int sqe_size;
};

/* The errno */
static inline int ring_open(struct ring *ring, unsigned int flags)
{
	struct io_uring_params params = { .flags = flags, .sq_thread_idle = 100 };
	uint8_t *queues;
	size_t size;

	/* A thread of the kernel's that submits is on the first CPU, so that a test has the second. */
	if (flags & IORING_SETUP_SQPOLL)
		params.flags |= IORING_SETUP_SQ_AFF;
	ring->fd = (int)syscall(SYS_io_uring_setup, RING_ENTRIES, &params);
	if (ring->fd < 0)
		return errno;
	size = params.cq_off.cqes + params.cq_entries * sizeof(struct io_uring_cqe);
	if (size < params.sq_off.array + params.sq_entries * sizeof(unsigned int))
		size = params.sq_off.array + params.sq_entries * sizeof(unsigned int);
	ring->flags = flags;
	ring->sqe_size = flags & IORING_SETUP_SQE128 ? 128 : 64;
	queues = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, ring->fd,
		      IORING_OFF_SQ_RING);
	ring->sqes = mmap(NULL, RING_ENTRIES * ring->sqe_size, PROT_READ | PROT_WRITE, MAP_SHARED,
			  ring->fd, IORING_OFF_SQES);
	if (queues == MAP_FAILED || (void *)ring->sqes == MAP_FAILED)
		return errno;
	ring->sq_tail = (unsigned int *)(queues + params.sq_off.tail);
	ring->sq_flags = (unsigned int *)(queues + params.sq_off.flags);
	ring->sq_array = (unsigned int *)(queues + params.sq_off.array);
	ring->sq_mask = *(unsigned int *)(queues + params.sq_off.ring_mask);
	ring->cq_head = (unsigned int *)(queues + params.cq_off.head);
	ring->cq_tail = (unsigned int *)(queues + params.cq_off.tail);
	ring->cq_mask = *(unsigned int *)(queues + params.cq_off.ring_mask);
	ring->cqes = (struct io_uring_cqe *)(queues + params.cq_off.cqes);
	return 0;
}

static inline struct io_uring_sqe *ring_sqe(const struct ring *ring, unsigned int i)
{
	return (struct io_uring_sqe *)(ring->sqes + i * ring->sqe_size);
}

static inline struct ringprobe_uring *ring_payload(const struct ring *ring, unsigned int i)
{
	return (struct ringprobe_uring *)(ring->sqes + i * ring->sqe_size +
					  offsetof(struct io_uring_sqe, cmd));
}

/* SQE number @i: one operation. @fd is an index with IOSQE_FIXED_FILE in @sqe_flags. */
static inline struct io_uring_sqe *ring_prepare(struct ring *ring, unsigned int i, int fd,
						unsigned int sqe_flags, unsigned int number,
						const void *argument)
{
	struct io_uring_sqe *sqe = ring_sqe(ring, i);

	memset(sqe, 0, ring->sqe_size);
	sqe->opcode = IORING_OP_URING_CMD;
	sqe->fd = fd;
	sqe->flags = (uint8_t)sqe_flags;
	sqe->cmd_op = number;
	sqe->user_data = i;
	ring_payload(ring, i)->argument = (uintptr_t)argument;
	return sqe;
}

static inline void ring_publish(struct ring *ring, unsigned int n)
{
	unsigned int tail = *ring->sq_tail, i;

	for (i = 0; i < n; i++)
		ring->sq_array[(tail + i) & ring->sq_mask] = i;
	__atomic_store_n(ring->sq_tail, tail + n, __ATOMIC_SEQ_CST);
}

/* Takes what was answered; the result of SQE i goes to @results[i]. How many. */
static inline unsigned int ring_reap(struct ring *ring, int *results)
{
	unsigned int head = *ring->cq_head, n = 0;
	const struct io_uring_cqe *cqe;

	for (; head != __atomic_load_n(ring->cq_tail, __ATOMIC_ACQUIRE); head++, n++) {
		cqe = &ring->cqes[head & ring->cq_mask];
		if (cqe->user_data < RING_ENTRIES)
			results[cqe->user_data] = cqe->res;
	}
	__atomic_store_n(ring->cq_head, head, __ATOMIC_RELEASE);
	return n;
}

/* Runs the first @n SQEs to their end. The errno of io_uring_enter() itself. */
static inline int ring_run(struct ring *ring, unsigned int n, int *results)
{
	unsigned int submit = n, done = 0, flags;
	long ret;

	ring_publish(ring, n);
	while (done < n) {
		flags = IORING_ENTER_GETEVENTS;
		if (ring->flags & IORING_SETUP_SQPOLL &&
		    __atomic_load_n(ring->sq_flags, __ATOMIC_SEQ_CST) & IORING_SQ_NEED_WAKEUP)
			flags |= IORING_ENTER_SQ_WAKEUP;
		ret = syscall(SYS_io_uring_enter, ring->fd, submit, n - done, flags, NULL, 0);
		if (ret < 0 && errno != EINTR)
			return errno;
		if (ret > 0)
			submit -= (unsigned int)ret < submit ? (unsigned int)ret : submit;
		done += ring_reap(ring, results);
	}
	return 0;
}

/* One operation, its errno; as op(), by the ring. */
static inline int ring_op(struct ring *ring, int fd, unsigned int flags, unsigned int number,
			  const void *argument)
{
	int result = 1, err;

	ring_prepare(ring, 0, fd, flags, number, argument);
	err = ring_run(ring, 1, &result);
	return err ? -err : -result;
}

#endif
