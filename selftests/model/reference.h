/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The policy as the contract has it: include/uapi/ringprobe.h, ringprobe(4). Written
 * from these two, one byte at a time, and not from the code that it judges.
 */
#ifndef REFERENCE_H
#define REFERENCE_H

#include <stdbool.h>

#include <ringprobe.h>

struct range {
	__u32 first, last;	/* both 0: the list ends; no list may have port 0 */
};

/* What a module is loaded with, and the machine that it is loaded on. */
struct setting {
	const char *name;
	struct acpi_table_fadt fadt;
	struct range registers[16];	/* the ports that this FADT names */
	__u32 timer, timer_bits;	/* the PM timer's port, or 0 */
	struct range ports[32], unsafe[32];
};

/* Who calls, by what descriptor. */
struct asker {
	bool read, write;	/* how the descriptor was opened */
	bool opener, caller;	/* has CAP_SYS_RAWIO */
	bool locked_down;
};

/* The argument, as far as the order of errors is concerned. */
struct asked {
	bool unreadable;	/* its first word already */
	__u32 size, known;	/* as the caller says; as the kernel has it */
	bool unwritable;	/* of what is known, some cannot be written, or read */
	bool tail_unreadable, tail_dirty;
	bool unknown_flag;
	bool wrong_field;
	bool refused;		/* by allow-list or deny-list */
};

/* RINGPROBE_PORT_* */
__u32 reference_kind(const struct setting *setting, __u32 port);

/* The layers that refuse this access to anybody. */
__u32 reference_port_layers(const struct setting *setting, __u32 port, __u32 width, bool out);

/* The layers that refuse PORT_IN, or PORT_OUT, to this asker. */
__u32 reference_asker_layers(const struct asker *asker, bool out);

/* RINGPROBE_OP_*: what is said of an op where one of the batch is refused. */
__u8 reference_status(const struct setting *setting, const struct ringprobe_op *op, bool in_only);

/* The errno of operation @number (but NOP, which takes no argument), 0 if all is well. */
int reference_errno(unsigned int number, const struct asker *asker, const struct asked *asked);

#endif
