// SPDX-License-Identifier: GPL-2.0
/*
 * What an event is, attribute by attribute. No value that was read from a port or
 * written to one is in any. All are sent without sleeping, since some doors must not,
 * and so that no slow listener is waited for.
 */
#include <linux/cred.h>
#include <linux/sched.h>
#include <linux/uidgid.h>
#include <net/genetlink.h>

#include <ringprobe_netlink.h>
#include "attribute.h"
#include "event.h"

#define ROOM	(10 * nla_total_size_64bit(sizeof(u64)))	/* for more than any has */
#define GFP	(GFP_NOWAIT | __GFP_NOWARN)

static const struct genl_family *family __ro_after_init;
unsigned long ringprobe_event_quiet;

/* Before the device is there, and any watch. */
void __init ringprobe_event_init(const struct genl_family *ours)
{
	family = ours;
}

bool ringprobe_event_listen(void)
{
	unsigned long now = jiffies;

	if (genl_has_listeners(family, &init_net, 0))
		return true;
	WRITE_ONCE(ringprobe_event_quiet, now);
	return false;
}

typedef bool put_fn(struct sk_buff *event, const void *what);

static void send(u8 command, put_fn *put, const void *what)
{
	struct sk_buff *event = genlmsg_new(ROOM, GFP);
	void *header = event ? genlmsg_put(event, 0, 0, family, 0, command) : NULL;

	if (!header || !put(event, what)) {
		nlmsg_free(event);
		genl_set_err(family, &init_net, 0, 0, -ENOBUFS);
		return;
	}
	genlmsg_end(event, header);
	genlmsg_multicast_netns(family, &init_net, event, 0, 0, GFP);
}

static bool put_caller(struct sk_buff *event)
{
	return !nla_put_u32(event, RINGPROBE_A_PID, task_tgid_nr(current)) &&
	       !nla_put_u32(event, RINGPROBE_A_TID, task_pid_nr(current)) &&
	       !nla_put_u32(event, RINGPROBE_A_UID, from_kuid(&init_user_ns, current_uid()));
}

static bool put_access(struct sk_buff *event, const struct ringprobe_event_port *port)
{
	bool out = port->operation == _IOC_NR(RINGPROBE_IOC_PORT_OUT);

	return !nla_put_u32(event, RINGPROBE_A_PORT, port->access->port) &&
	       !nla_put_u32(event, RINGPROBE_A_ACCESS,
			    port->access->width | (out ? RINGPROBE_OP_OUT : 0));
}

static bool put_port(struct sk_buff *event, const void *what)
{
	const struct ringprobe_event_port *port = what;

	return put_caller(event) &&
	       !nla_put_u32(event, RINGPROBE_A_OPERATION, port->operation) &&
	       (!port->made || put_u64(event, RINGPROBE_A_COUNT, port->made)) &&
	       (!port->err || !nla_put_u32(event, RINGPROBE_A_ERRNO, -port->err)) &&
	       (!port->access || put_access(event, port));
}

void ringprobe_event_port(const struct ringprobe_event_port *port)
{
	send(port->made ? RINGPROBE_CMD_PORT_MADE : RINGPROBE_CMD_PORT_REFUSED, put_port, port);
}

static bool put_watch(struct sk_buff *event, const void *what)
{
	const struct ringprobe_event_watch *ended = what;

	return !nla_put_u32(event, RINGPROBE_A_WATCH, ended->watch) &&
	       !nla_put_u32(event, RINGPROBE_A_PORT_ID, ended->port_id) &&
	       !nla_put_u32(event, RINGPROBE_A_TASKS, ended->tasks) &&
	       put_u64(event, RINGPROBE_A_EXITED, ended->exited);
}

void ringprobe_event_watch_ended(const struct ringprobe_event_watch *ended)
{
	send(RINGPROBE_CMD_WATCH_ENDED, put_watch, ended);
}

static bool put_nothing(struct sk_buff *event, const void *what)
{
	return true;
}

void ringprobe_event_unload(void)
{
	send(RINGPROBE_CMD_UNLOAD, put_nothing, NULL);
}
