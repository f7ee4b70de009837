/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the group "events" is told of, for ops.c and netlink.c. To tell neither sleeps
 * nor fails for who is told of: a listener that misses an event gets ENOBUFS.
 */
#ifndef RINGPROBE_EVENT_H
#define RINGPROBE_EVENT_H

#include <linux/jiffies.h>
#include <linux/types.h>

#include <ringprobe.h>

struct genl_family;

/* An operation of the caller's that made port accesses, or was refused to. */
struct ringprobe_event_port {
	u32 operation;		/* _IOC_NR() of its ioctl */
	u32 made;		/* accesses; 0: refused */
	int err;		/* 0 or -errno */
	const struct ringprobe_port *access;	/* NULL: a batch, or it was not read */
};

struct ringprobe_event_watch {
	u32 watch, port_id, tasks;
	u64 exited;
};

/* event.c */
extern unsigned long ringprobe_event_quiet;	/* in this jiffy nobody listened */
bool ringprobe_event_listen(void);
void ringprobe_event_init(const struct genl_family *family);
void ringprobe_event_port(const struct ringprobe_event_port *port);
void ringprobe_event_watch_ended(const struct ringprobe_event_watch *ended);
void ringprobe_event_unload(void);

/* Does anybody listen? That nobody did is believed for the rest of the jiffy. */
static __always_inline bool ringprobe_event_wanted(void)
{
	return time_before(READ_ONCE(ringprobe_event_quiet), jiffies) && ringprobe_event_listen();
}

#endif
