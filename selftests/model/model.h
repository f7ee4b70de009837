/* SPDX-License-Identifier: GPL-2.0 */
/* What the tests of the model share: a module that is loaded, and calls of it. */
#ifndef MODEL_H
#define MODEL_H

#include "../../module/ringprobe.h"
#include "reference.h"
#include "world.h"

/* User memory, in words: an argument, its tail, the ops and the stamps of a batch */
#define ARGUMENT	8
#define OPS		1024
#define STAMPS		1408

extern const struct setting settings[];	/* up to one without a name */
extern struct file file;
extern struct ringprobe_context context;

/* Runs @test in a process of its own, where the module is loaded anew: false if it fails. */
bool in_child(void (*test)(const void *arg), const void *arg);

/* As insmod: 0 or -errno. */
int load_text(const char *ports, const char *unsafe_ports);
int load(const struct setting *setting);

/* Each asker that there may be, by a number. */
#define ASKERS		32
struct asker asker_of(__u32 bits);

/* The descriptor, opened by this asker. */
void open_as(const struct asker *asker);

/* By ioctl(), or through io_uring where it must not wait. */
enum door { IOCTL, NOWAIT, DOORS };
int call(enum door door, unsigned int number, const void *argument);

/* After each call: a listener has heard of what it did, and what it returned. */
void heard(unsigned int number, const void *argument, int err);

/* The argument in user memory, with what is out poisoned. */
struct ringprobe_port *port_argument(__u32 port, __u32 width, __u32 value);
struct ringprobe_info *info_argument(__u32 port, __u32 width);
struct ringprobe_batch *batch_argument(__u32 count, bool stamps);
struct ringprobe_op *op(__u32 n);

/* An operation, its argument's size, and an argument that is good. */
struct operation_case {
	const char *name;
	unsigned int number;
	__u32 size;
	bool sleeps, ports;
};

extern const struct operation_case operations[];	/* all but NOP, up to one without a name */
void good_argument(const struct operation_case *operation);

/* @visit, with the module loaded, by each door for each operation and each asker. */
void each_call(void (*visit)(enum door door, const struct operation_case *operation,
			     const struct asker *asker));

/* User memory as it was, to be compared with later. */
void remember(void);
bool unchanged(__u32 first, __u32 words);

#endif
