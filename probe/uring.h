/* SPDX-License-Identifier: GPL-2.0 */
/*
 * io_uring, as calls: queue operations, then let the kernel do all of them. One
 * invariant: uring_run() returns only when each has been completed, so that no
 * memory is written behind the caller's back.
 */
#ifndef URING_H
#define URING_H

#include <linux/types.h>
#include <stdbool.h>

struct uring;

/*
 * @polled: by a thread of the kernel that looks for work by itself (SQPOLL), on
 * another CPU if there is one; until the end this side stays on its own. Rights are
 * those at this moment. NULL and *why_not, which is NULL else.
 */
struct uring *uring_open(unsigned int entries, bool polled, const char **why_not);
void uring_close(struct uring *ring);

/* At most as many between two runs as there are entries; uring_run() says ENOBUFS else. */
void uring_add_read(struct uring *ring, int fd, void *to, __u32 bytes, __u64 at);
/* An operation of the device: RINGPROBE_IOC_* and what ioctl() would be given. */
void uring_add_command(struct uring *ring, int fd, __u32 number, void *argument);
/* 0, or the -errno of one that failed; -EIO: fewer bytes than asked for. */
int uring_run(struct uring *ring);

#endif
