// SPDX-License-Identifier: GPL-2.0
/*
 * Ways to a port. Each does the same list of accesses and leaves its answers in the
 * list; what they must be was read by PORT_IN, one call each, before. One invariant:
 * only the port that the module was asked about is accessed.
 */
#define _GNU_SOURCE
#include "batch_port.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <ringprobe_insn.h>
#include "dev.h"
#include "uring.h"

static bool is_out(const struct ringprobe_op *op)
{
	return op->access & RINGPROBE_OP_OUT;
}

/* ---- the kernel's own driver for all ports ---- */

static const char *open_dev_port(void *state)
{
	struct batch_port *port = state;
	struct stat st;

	if (port->width_bytes != 1)
		return BATCH_UNSUITED "/dev/port has bytes only";
	port->dev_port = open("/dev/port", O_RDWR | O_CLOEXEC);
	if (port->dev_port < 0)
		return errno == ENOENT ? "there is no /dev/port" : "/dev/port cannot be opened";
	if (!fstat(port->dev_port, &st) && S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 4))
		return NULL;
	close(port->dev_port);
	return "/dev/port is something else";
}

static int run_dev_port(void *state, size_t n)
{
	struct batch_port *port = state;

	for (struct ringprobe_op *op = port->ops; op < port->ops + n; op++) {
		__u8 byte = (__u8)op->value;
		ssize_t done = is_out(op) ? pwrite(port->dev_port, &byte, 1, op->port) :
					    pread(port->dev_port, &byte, 1, op->port);

		if (done != 1)
			return done < 0 ? -errno : -EIO;
		op->value = byte;
		op->status = RINGPROBE_OP_DONE;
	}
	return 0;
}

static void close_dev_port(void *state)
{
	struct batch_port *port = state;

	close(port->dev_port);
}

/* ---- the module ---- */

static int run_ioctl(void *state, size_t n)
{
	struct batch_port *port = state;
	int err = 0;

	for (struct ringprobe_op *op = port->ops; !err && op < port->ops + n; op++) {
		err = dev_port(port->fd, is_out(op), op->port, port->width_bytes, &op->value, NULL);
		op->status = err ? RINGPROBE_OP_NOT_RUN : RINGPROBE_OP_DONE;
	}
	return err;
}

static int run_batch(void *state, size_t n)
{
	struct batch_port *port = state;
	int err = 0;

	for (size_t at = 0, some; !err && at < n; at += some) {
		some = batch_part(n - at, RINGPROBE_BATCH_MAX);
		err = dev_batch(port->fd, port->list == BATCH_PORT_READS, port->ops + at, (__u32)some);
	}
	return err;
}

static const char *open_ring(struct batch_port *port, bool polled)
{
	const char *why_not;

	port->ring = uring_open(BATCH_MOST, polled, &why_not);
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

static void add(struct batch_port *port, const struct ringprobe_op *op,
		struct ringprobe_port *argument)
{
	*argument = (struct ringprobe_port){
		.size = sizeof(*argument),
		.port = op->port,
		.width = port->width_bytes,
		.value = is_out(op) ? op->value : 0,
	};
	uring_add_command(port->ring, port->fd,
			  is_out(op) ? RINGPROBE_IOC_PORT_OUT : RINGPROBE_IOC_PORT_IN, argument);
}

static int run_commands(struct batch_port *port, size_t n, size_t at_once)
{
	int err = 0;

	for (size_t at = 0, some; !err && at < n; at += some) {
		struct ringprobe_op *ops = port->ops + at;

		some = batch_part(n - at, at_once);
		for (size_t i = 0; i < some; i++)
			add(port, &ops[i], &port->arguments[i]);
		err = uring_run(port->ring);
		for (size_t i = 0; !err && i < some; i++) {
			ops[i].value = port->arguments[i].value;
			ops[i].status = RINGPROBE_OP_DONE;
		}
	}
	return err;
}

static int run_uring(void *state, size_t n)
{
	return run_commands(state, n, 1);
}

static int run_uring_many(void *state, size_t n)
{
	return run_commands(state, n, BATCH_MOST);
}

/* Each command a whole batch. */
static int run_uring_batch(void *state, size_t n)
{
	struct ringprobe_batch batches[BATCH_PORT_MAX / RINGPROBE_BATCH_MAX];
	struct batch_port *port = state;
	size_t commands = 0;
	int err;

	for (size_t at = 0; at < n; commands++) {
		struct ringprobe_batch *batch = &batches[commands];

		*batch = dev_batch_of(port->ops + at, (__u32)batch_part(n - at, RINGPROBE_BATCH_MAX));
		uring_add_command(port->ring, port->fd, dev_batch_number(port->list == BATCH_PORT_READS),
				  batch);
		at += batch->count;
	}
	err = uring_run(port->ring);
	for (size_t i = 0; !err && i < commands; i++)
		err = batches[i].completed == batches[i].count ? 0 : -EINTR;
	return err;
}

static void close_uring(void *state)
{
	struct batch_port *port = state;

	uring_close(port->ring);
}

/* ---- a process that holds the port ---- */

static const char *open_driver(void *state)
{
	struct batch_port *port = state;

	return driver_start(&port->driver, port->port, port->width_bytes);
}

static int ask(struct batch_port *port, size_t n, size_t at_once)
{
	int err = 0;

	for (size_t at = 0, some; !err && at < n; at += some) {
		some = batch_part(n - at, at_once);
		err = driver_ask(&port->driver, port->ops + at, some);
	}
	return err;
}

static int run_driver(void *state, size_t n)
{
	return ask(state, n, 1);
}

static int run_driver_many(void *state, size_t n)
{
	return ask(state, n, RINGPROBE_BATCH_MAX);
}

static void close_driver(void *state)
{
	struct batch_port *port = state;

	driver_stop(&port->driver);
}

/* ---- no kernel between ---- */

static const char *open_bypass(void *state)
{
	struct batch_port *port = state;

	return ioperm(port->port, port->width_bytes, 1) ? "ioperm() is refused" : NULL;
}

static int run_bypass(void *state, size_t n)
{
	struct batch_port *port = state;

	for (struct ringprobe_op *op = port->ops; op < port->ops + n; op++) {
		if (is_out(op))
			ringprobe_insn_out(op->port, port->width_bytes, op->value);
		else
			op->value = ringprobe_insn_in(op->port, port->width_bytes);
		op->status = RINGPROBE_OP_DONE;
	}
	return 0;
}

static void close_bypass(void *state)
{
	struct batch_port *port = state;

	ioperm(port->port, port->width_bytes, 0);
}

static const struct batch_way ways[] = {
	{ "dev-port", "/dev/port, pread", "/dev/port",
	  "the allow-list", BATCH_READS, 1, open_dev_port, run_dev_port, close_dev_port },
	{ "ioctl", "PORT_IN, ioctl", "module",
	  "nothing", BATCH_SINGLE | BATCH_MODULE, 1, NULL, run_ioctl, NULL },
	{ "batch", "PORT_BATCH, ioctl", "module",
	  "reacting between", BATCH_MANY | BATCH_MODULE, 1, NULL, run_batch, NULL },
	{ "uring", "uring_cmd, one each", "module, io_uring",
	  "seccomp's view", BATCH_MODULE, 1, open_uring, run_uring, close_uring },
	{ "uring-many", "uring_cmd, many", "module, io_uring",
	  "seccomp, reacting", BATCH_MANY | BATCH_MODULE, 1,
	  open_uring, run_uring_many, close_uring },
	{ "uring-batch", "PORT_BATCH, uring", "module, io_uring",
	  "time, to a worker", BATCH_MANY | BATCH_MODULE, 1,
	  open_uring, run_uring_batch, close_uring },
	{ "uring-polled", "uring_cmd, SQPOLL", "module, io_uring",
	  "a CPU that polls", BATCH_MANY | BATCH_MODULE, 1,
	  open_polled, run_uring_many, close_uring },
	{ "driver", "driver process", "ioperm",
	  "time, to switches", BATCH_OTHERS, 1, open_driver, run_driver, close_driver },
	{ "driver-many", "driver process, many", "ioperm",
	  "reacting between", BATCH_MANY | BATCH_OTHERS, 1, open_driver, run_driver_many, close_driver },
	{ "bypass", "ioperm + in, ring 3", "ioperm",
	  "every check", 0, 1, open_bypass, run_bypass, close_bypass },
};

/* ---- the work ---- */

static void prepare(void *state, unsigned int list, unsigned int traits, size_t n)
{
	struct batch_port *port = state;

	(void)traits;
	port->list = list;
	memcpy(port->ops, port->wanted[list], n * sizeof(*port->ops));
	for (struct ringprobe_op *op = port->ops; op < port->ops + n; op++) {
		op->status = RINGPROBE_OP_NOT_RUN;
		if (!is_out(op))
			op->value = ~op->value;		/* what it must not stay */
	}
	if (port->page)
		dev_page(port->page, &port->before);
}

/* The module's own counters: it made these accesses, or it made none. */
static bool witnessed(const struct batch_port *port, bool module, size_t n)
{
	struct ringprobe_page now;
	size_t out = 0;

	dev_page(port->page, &now);
	if (!module)
		n = 0;
	for (size_t i = 0; i < n; i++)
		out += is_out(&port->ops[i]);
	return now.in - port->before.in == n - out && now.out - port->before.out == out;
}

static const char *verify(void *state, unsigned int traits, size_t n)
{
	const struct batch_port *port = state;
	const struct ringprobe_op *wanted = port->wanted[port->list];

	for (size_t i = 0; i < n; i++) {
		if (port->ops[i].status != RINGPROBE_OP_DONE)
			return "an access was not made";
		if (!port->changes && port->ops[i].value != wanted[i].value)
			return "it read another value than PORT_IN";
	}
	if (port->page && !witnessed(port, traits & BATCH_MODULE, n))
		return "the module counted another number of accesses";
	return NULL;
}

/*
 * A descriptor of its own, whose page is mapped, for the round that is counted: a
 * module that has to keep a page up to date takes longer.
 */
static void witness(void *state, bool on)
{
	struct batch_port *port = state;

	if (on) {
		port->spare_fd = port->fd;
		port->fd = dev_open(true);
		if (port->fd < 0)
			port->fd = port->spare_fd;
		else
			port->page = dev_page_map(port->fd);
		return;
	}
	dev_page_unmap(port->page);
	port->page = NULL;
	if (port->fd != port->spare_fd)
		close(port->fd);
	port->fd = port->spare_fd;
}

/* Reads always; or OUT and IN by turns, with values that differ. */
static void write_list(const struct batch_port *port, unsigned int list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct ringprobe_op *op = &port->wanted[list][i];

		op->port = port->port;
		op->access = port->width_bytes;
		if (list == BATCH_PORT_READS || i % 2)
			continue;
		op->access |= RINGPROBE_OP_OUT;
		op->value = i & 0xff;
	}
}

/* What the list must read, by the plainest way; twice, to see whether it stays. */
static int find_wanted(struct batch_port *port, unsigned int list, size_t n)
{
	int err;

	for (int pass = 0; pass < 2; pass++) {
		prepare(port, list, 0, n);
		err = run_ioctl(port, n);
		if (err)
			return err;
		for (size_t i = 0; pass && i < n; i++)
			port->changes |= port->ops[i].value != port->wanted[list][i].value;
		memcpy(port->wanted[list], port->ops, n * sizeof(*port->ops));
	}
	return 0;
}

int batch_port_open(struct batch_port *port, struct batch_work *work)
{
	size_t n = port->n > BATCH_MOST ? port->n : BATCH_MOST;
	unsigned int lists = port->port == BATCH_PORT_POST ? 2 : 1;
	int err = 0;

	*work = (struct batch_work){
		ways, sizeof(ways) / sizeof(ways[0]), port->n, lists, port, prepare, verify,
		port->refused ? NULL : witness, port->refused,
	};
	port->ops = calloc(n, sizeof(*port->ops));
	port->arguments = calloc(BATCH_MOST, sizeof(*port->arguments));
	if (!port->ops || !port->arguments)
		return -ENOMEM;
	for (unsigned int list = 0; !err && list < lists; list++) {
		port->wanted[list] = calloc(n, sizeof(*port->ops));
		if (!port->wanted[list])
			return -ENOMEM;
		write_list(port, list, n);
		if (!port->refused)
			err = find_wanted(port, list, n);
	}
	return err;
}

void batch_port_close(struct batch_port *port)
{
	free(port->ops);
	free(port->arguments);
	for (unsigned int list = 0; list < BATCH_LISTS; list++)
		free(port->wanted[list]);
}
