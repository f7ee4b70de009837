// SPDX-License-Identifier: GPL-2.0
/*
 * The driver process. One invariant: it accesses the one port that it was started
 * for, in that width, whatever it is asked. It ends when the other end of the
 * socket pair does, however that happens.
 */
#define _GNU_SOURCE
#include "driver.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/io.h>
#include <sys/socket.h>
#include <unistd.h>

#include <ringprobe_insn.h>
#include "confine.h"

#define DRIVER_SECONDS	120	/* and no longer, whatever happens */

enum { READY, NO_RIGHT, NOT_CONFINED };

static void serve_op(struct ringprobe_op *op, __u16 port, __u8 width_bytes)
{
	op->status = RINGPROBE_OP_REFUSED;
	if (op->port != port || (op->access & ~RINGPROBE_OP_OUT) != width_bytes)
		return;
	if (op->access & RINGPROBE_OP_OUT)
		ringprobe_insn_out(port, width_bytes, op->value);
	else
		op->value = ringprobe_insn_in(port, width_bytes);
	op->status = RINGPROBE_OP_DONE;
}

static _Noreturn void serve(int fd, __u16 port, __u8 width_bytes)
{
	struct ringprobe_op ops[RINGPROBE_BATCH_MAX];
	ssize_t got;

	while ((got = recv(fd, ops, sizeof(ops), 0)) > 0) {
		for (size_t i = 0; i < (size_t)got / sizeof(ops[0]); i++)
			serve_op(&ops[i], port, width_bytes);
		if (send(fd, ops, (size_t)got, 0) != got)
			break;
	}
	_exit(0);
}

static _Noreturn void child(int fd, __u16 port, __u8 width_bytes, const struct confine_rights *had)
{
	char state = READY;

	if (confine_ports(had))
		state = NOT_CONFINED;
	else if (ioperm(port, width_bytes, 1))
		state = NO_RIGHT;
	else if (confine_rest(fd, false))
		state = NOT_CONFINED;
	alarm(DRIVER_SECONDS);
	if (send(fd, &state, 1, 0) == 1 && state == READY)
		serve(fd, port, width_bytes);
	_exit(1);
}

void driver_stop(struct driver *driver)
{
	int status;

	close(driver->fd);
	if (driver->pid > 0)
		confine_wait(driver->pid, &status);
	pin_end(&driver->pin);
}

const char *driver_start(struct driver *driver, __u16 port, __u8 width_bytes)
{
	const struct confine_rights *had = confine_rights();
	char state = NOT_CONFINED;
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return "there is no socket pair";
	pin_begin(&driver->pin, sched_getcpu());
	driver->fd = ends[0];
	driver->pid = fork();
	if (!driver->pid)
		child(ends[1], port, width_bytes, had);
	close(ends[1]);
	if (driver->pid > 0 && recv(driver->fd, &state, 1, 0) == 1 && state == READY)
		return NULL;
	driver_stop(driver);
	return driver->pid < 0 ? "no process could be started" :
	       state == NO_RIGHT ? "ioperm() is refused" : "the process could not be confined";
}

int driver_ask(struct driver *driver, struct ringprobe_op *ops, size_t n)
{
	ssize_t bytes = (ssize_t)(n * sizeof(*ops));

	if (send(driver->fd, ops, (size_t)bytes, MSG_NOSIGNAL) != bytes)
		return -errno;
	return recv(driver->fd, ops, (size_t)bytes, 0) == bytes ? 0 : -EPIPE;
}
