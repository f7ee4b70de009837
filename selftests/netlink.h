/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Generic netlink by raw sockets, so that what is wrong in a message is what the test
 * wants to be wrong: netlink.c, watch.c, events.c, load.c. Calls return the errno that the kernel
 * answered, 0 for success; a kernel that does not answer is EAGAIN.
 */
#ifndef NETLINK_H
#define NETLINK_H

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <ringprobe_netlink.h>

#ifndef SOL_NETLINK
#define SOL_NETLINK	270
#endif

#define NO_NUMBER	0xccccccccccccccccULL	/* of an attribute that is not there */

struct netlink {
	int fd;
	uint16_t family;
	uint32_t events;	/* the number of its one group; 0: there is none */
	uint32_t sequence;
	/* what extack said of the last answer: "" and 0 for nothing */
	char text[160];
	uint32_t offset;
};

/* A request; the header's length counts what is filled in. */
struct message {
	struct nlmsghdr header;
	struct genlmsghdr genl;
	char rest[32768];
};

static inline void message_begin(struct message *message, uint16_t family, uint8_t command)
{
	memset(message, 0, sizeof(*message));
	message->header.nlmsg_len = NLMSG_LENGTH(GENL_HDRLEN);
	message->header.nlmsg_type = family;
	message->header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	message->genl.cmd = command;
	message->genl.version = RINGPROBE_FAMILY_VERSION;
}

/* Where the attribute begins, as extack counts it */
static inline uint32_t message_put(struct message *message, uint16_t type, const void *data,
				   uint16_t length)
{
	uint32_t offset = message->header.nlmsg_len;
	struct nlattr *attribute = (struct nlattr *)((char *)message + offset);

	attribute->nla_type = type;
	attribute->nla_len = (uint16_t)(NLA_HDRLEN + length);
	memcpy(attribute + 1, data, length);
	message->header.nlmsg_len += NLA_ALIGN(attribute->nla_len);
	return offset;
}

static inline uint32_t message_u32(struct message *message, uint16_t type, uint32_t value)
{
	return message_put(message, type, &value, sizeof(value));
}

/* Of the attributes from @at to the end of the message: the first of @type, or NULL */
static inline const struct nlattr *attribute_from(const struct nlmsghdr *header, uint32_t at,
						  uint16_t type)
{
	const struct nlattr *attribute;

	for (; at + NLA_HDRLEN <= header->nlmsg_len; at += NLA_ALIGN(attribute->nla_len)) {
		attribute = (const struct nlattr *)((const char *)header + at);
		if (attribute->nla_len < NLA_HDRLEN)
			break;
		if ((attribute->nla_type & NLA_TYPE_MASK) == type)
			return attribute;
	}
	return NULL;
}

static inline const struct nlattr *attribute(const struct nlmsghdr *header, uint16_t type)
{
	return attribute_from(header, NLMSG_LENGTH(GENL_HDRLEN), type);
}

/* Of 16, 32 or 64 bits, as long as it is there */
static inline uint64_t number_of(const struct nlattr *attribute)
{
	uint64_t value = 0;
	int length = attribute ? attribute->nla_len - NLA_HDRLEN : 0;

	if (length != 2 && length != 4 && length != 8)
		return NO_NUMBER;
	memcpy(&value, attribute + 1, (size_t)length);
	return value;
}

static inline uint64_t number(const struct nlmsghdr *header, uint16_t type)
{
	return number_of(attribute(header, type));
}

/* The errno of NLMSG_ERROR or NLMSG_DONE; with NETLINK_CAP_ACK no request is in it. */
static inline int netlink_verdict(struct netlink *netlink, const struct nlmsghdr *header)
{
	uint32_t at = NLMSG_LENGTH(header->nlmsg_type == NLMSG_DONE ? sizeof(int) :
				   sizeof(struct nlmsgerr));
	const struct nlattr *text;
	uint64_t offset;

	if (header->nlmsg_flags & NLM_F_ACK_TLVS) {
		text = attribute_from(header, at, NLMSGERR_ATTR_MSG);
		if (text)
			strncpy(netlink->text, (const char *)(text + 1), sizeof(netlink->text) - 1);
		offset = number_of(attribute_from(header, at, NLMSGERR_ATTR_OFFS));
		netlink->offset = offset == NO_NUMBER ? 0 : (uint32_t)offset;
	}
	return -*(const int *)NLMSG_DATA(header);
}

typedef void netlink_each(void *context, const struct nlmsghdr *header);

/* Take answers until the last. @room: of the buffer, to be too small for them. */
static inline int netlink_answer(struct netlink *netlink, size_t room, netlink_each *each,
				 void *context)
{
	static char buffer[65536] __attribute__((aligned(8)));
	const struct nlmsghdr *header;
	ssize_t got;

	for (;;) {
		got = recv(netlink->fd, buffer, room ? room : sizeof(buffer), 0);
		if (got < 0)
			return errno;
		for (header = (const struct nlmsghdr *)buffer; NLMSG_OK(header, got);
		     header = NLMSG_NEXT(header, got)) {
			if (header->nlmsg_seq != netlink->sequence)
				continue;
			if (header->nlmsg_type == NLMSG_ERROR || header->nlmsg_type == NLMSG_DONE)
				return netlink_verdict(netlink, header);
			if (each)
				each(context, header);
		}
	}
}

static inline int netlink_send(struct netlink *netlink, struct message *message)
{
	memset(netlink->text, 0, sizeof(netlink->text));
	netlink->offset = 0;
	message->header.nlmsg_seq = ++netlink->sequence;
	return send(netlink->fd, message, message->header.nlmsg_len, 0) < 0 ? errno : 0;
}

static inline int netlink_ask(struct netlink *netlink, struct message *message,
			      netlink_each *each, void *context)
{
	int err = netlink_send(netlink, message);

	return err ? err : netlink_answer(netlink, 0, each, context);
}

static inline void netlink_take_family(void *context, const struct nlmsghdr *header)
{
	const struct nlattr *groups = attribute(header, CTRL_ATTR_MCAST_GROUPS), *name;
	/* two nests in: that of the list, and that of its first member */
	uint32_t at = (uint32_t)((const char *)groups - (const char *)header) + 2 * NLA_HDRLEN;
	struct netlink *netlink = context;

	netlink->family = (uint16_t)number(header, CTRL_ATTR_FAMILY_ID);
	name = groups ? attribute_from(header, at, CTRL_ATTR_MCAST_GRP_NAME) : NULL;
	if (name && !strcmp((const char *)(name + 1), RINGPROBE_MCGRP_EVENTS))
		netlink->events = (uint32_t)number_of(attribute_from(header, at,
								     CTRL_ATTR_MCAST_GRP_ID));
}

/* Its number is the kernel's choice. ENOENT: it is not to be found. */
static inline int netlink_find(struct netlink *netlink)
{
	struct message message;

	message_begin(&message, GENL_ID_CTRL, CTRL_CMD_GETFAMILY);
	message_put(&message, CTRL_ATTR_FAMILY_NAME, RINGPROBE_FAMILY_NAME,
		    sizeof(RINGPROBE_FAMILY_NAME));
	return netlink_ask(netlink, &message, netlink_take_family, netlink);
}

static inline int netlink_socket(struct netlink *netlink, uint32_t port)
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_pid = port };
	struct timeval patience = { .tv_sec = 20 };
	int yes = 1;

	memset(netlink, 0, sizeof(*netlink));
	netlink->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	if (netlink->fd < 0 ||
	    bind(netlink->fd, (struct sockaddr *)&address, sizeof(address)) ||
	    setsockopt(netlink->fd, SOL_NETLINK, NETLINK_EXT_ACK, &yes, sizeof(yes)) ||
	    setsockopt(netlink->fd, SOL_NETLINK, NETLINK_CAP_ACK, &yes, sizeof(yes)) ||
	    setsockopt(netlink->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)))
		return errno;
	return 0;
}

static inline int netlink_open(struct netlink *netlink)
{
	int err = netlink_socket(netlink, 0);

	return err ? err : netlink_find(netlink);
}

/* From here on it listens; that nobody does is believed for a tick. The errno. */
static inline int netlink_join(const struct netlink *netlink, uint32_t group)
{
	int err = setsockopt(netlink->fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group,
			     sizeof(group)) ? errno : 0;

	usleep(20000);
	return err;
}

static inline uint32_t netlink_port(const struct netlink *netlink)
{
	struct sockaddr_nl address = { .nl_pid = 0 };
	socklen_t length = sizeof(address);

	getsockname(netlink->fd, (struct sockaddr *)&address, &length);
	return address.nl_pid;
}

static inline void netlink_take_watch(void *context, const struct nlmsghdr *header)
{
	*(uint32_t *)context = (uint32_t)number(header, RINGPROBE_A_WATCH);
}

static inline int watch_add(struct netlink *netlink, pid_t pid, uint32_t flags, uint32_t *watch)
{
	struct message message;

	*watch = 0;
	message_begin(&message, netlink->family, RINGPROBE_CMD_WATCH_ADD);
	message_u32(&message, RINGPROBE_A_PID, (uint32_t)pid);
	message_u32(&message, RINGPROBE_A_FLAGS, flags);
	return netlink_ask(netlink, &message, netlink_take_watch, watch);
}

/* WATCH_DEL, RESET, STATS, which take the same; where the attribute begins */
static inline uint32_t message_about(struct message *message, const struct netlink *netlink,
				     uint8_t command, uint32_t watch)
{
	message_begin(message, netlink->family, command);
	if (command == RINGPROBE_CMD_STATS)
		message->header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	return message_u32(message, RINGPROBE_A_WATCH, watch);
}

static inline int watch_ask(struct netlink *netlink, uint8_t command, uint32_t watch,
			    netlink_each *each, void *context)
{
	struct message message;

	message_about(&message, netlink, command, watch);
	return netlink_ask(netlink, &message, each, context);
}

static inline int watch_del(struct netlink *netlink, uint32_t watch)
{
	return watch_ask(netlink, RINGPROBE_CMD_WATCH_DEL, watch, NULL, NULL);
}

/* The initial network namespace's, and CAP_NET_ADMIN */
static inline const char *lacks_family(void)
{
	struct netlink netlink;
	uint32_t watch = 0;
	int err = netlink_open(&netlink);

	if (!err)
		err = watch_add(&netlink, getpid(), 0, &watch);
	if (netlink.fd >= 0)
		close(netlink.fd);
	return err ? "needs the module's netlink family, CAP_NET_ADMIN and tracepoints" : NULL;
}

#endif
