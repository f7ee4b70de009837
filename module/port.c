// SPDX-License-Identifier: GPL-2.0
/*
 * The port access itself: the same instruction as the probe runs in ring 3
 * (ringprobe_insn.h), after access.c has agreed to the caller and to the port.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cred.h>
#include <linux/preempt.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/uidgid.h>

#include <ringprobe_insn.h>
#include <ringprobe_stamp.h>
#include "ringprobe.h"

void ringprobe_port_note(u32 port, bool out)
{
	if (ringprobe_allow_kind(port) == RINGPROBE_PORT_UNSAFE)
		pr_notice_ratelimited("%s unsafe port %#x, pid %d, uid %u\n",
				      out ? "write to" : "read of", port, task_pid_nr(current),
				      from_kuid(&init_user_ns, current_uid()));
}

/* Nothing is written but what the width holds. */
static __always_inline bool fits(const struct ringprobe_port *access, bool out)
{
	return !out || access->width >= 4 || !(access->value >> access->width * 8);
}

/* The allow-list has no access but those that exist: aligned, of 1, 2 or 4 bytes. */
static __always_inline bool is_good(const struct ringprobe_port *access, bool out)
{
	return access->port <= 0xffff && access->width <= 4 && !access->reserved &&
	       fits(access, out) &&
	       ringprobe_allow_covers(access->port, access->width | (out ? RINGPROBE_OP_OUT : 0));
}

/* What is wrong with an access that is not good. */
static noinline int refuse(const struct ringprobe_port *access, bool out)
{
	u32 layers = ringprobe_access_port_layers(access->port, access->width, out);

	if (access->reserved || !fits(access, out))
		return -EINVAL;
	return ringprobe_access_errno(layers);
}

static __always_inline int check(const struct ringprobe_port *access, bool out)
{
	if (unlikely(!is_good(access, out)))
		return refuse(access, out);
	if (unlikely(ringprobe_allow_unsafe))
		ringprobe_port_note(access->port, out);
	return 0;
}

int ringprobe_port_in(struct file *file, void *arg)
{
	struct ringprobe_port *access = arg;
	u64 before;
	int err;

	err = check(access, false);
	if (err)
		return err;
	preempt_disable();	/* both stamps from one CPU */
	before = ringprobe_stamp();
	access->value = ringprobe_insn_in(access->port, access->width);
	access->ticks = ringprobe_stamp() - before;
	preempt_enable();
	ringprobe_page_count(file->private_data, RINGPROBE_COUNT_IN, 1);
	return 1;
}

int ringprobe_port_out(struct file *file, void *arg)
{
	struct ringprobe_port *access = arg;
	u64 before;
	int err;

	err = check(access, true);
	if (err)
		return err;
	preempt_disable();	/* both stamps from one CPU */
	before = ringprobe_stamp();
	ringprobe_insn_out(access->port, access->width, access->value);
	access->ticks = ringprobe_stamp() - before;
	preempt_enable();
	ringprobe_page_count(file->private_data, RINGPROBE_COUNT_OUT, 1);
	return 1;
}
