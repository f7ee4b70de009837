// SPDX-License-Identifier: GPL-2.0
/* What a fuzz program asks of the netlink family, and how that may be answered. */
#include "netlink.h"

#include "fuzz_run.h"

static struct netlink sockets[FUZZ_SOCKETS];
static bool spoiled[FUZZ_SOCKETS];	/* for the next program: a watch, a dump, a group */
static uint32_t watches[FUZZ_SOCKETS], watch_count;
static uint16_t family;
static uint32_t events;		/* the group */

static void open_socket(struct netlink *netlink)
{
	if (netlink->fd >= 0)
		close(netlink->fd);
	if (netlink_socket(netlink, 0))
		netlink->fd = -1;
}

static uint32_t meant(uint32_t value)
{
	if (value == FUZZ_SELF)
		return (uint32_t)getpid();
	if (value - FUZZ_WATCH(0) < FUZZ_SOCKETS)
		return watches[value - FUZZ_WATCH(0)];
	return value;
}

static void judge_answer(struct fuzz_run *run, const struct nlmsghdr *header, bool ours)
{
	static const int errors[] = {
		0, EPERM, EINVAL, ERANGE, ENOENT, ESRCH, E2BIG, ENOMEM, EOPNOTSUPP,
		EBUSY,	/* of netlink itself: a dump is under way */
	};
	int err = -*(const int *)NLMSG_DATA(header);
	size_t i;

	for (i = 0; i < sizeof(errors) / sizeof(*errors); i++)
		if (errors[i] == err)
			return;
	if (ours)
		complain(run, "netlink: errno %d", err);
}

static bool receive(struct fuzz_run *run, const struct netlink *netlink, size_t room, bool ours)
{
	static uint8_t buffer[65536] __attribute__((aligned(8)));
	const struct nlmsghdr *header = (const struct nlmsghdr *)buffer;
	ssize_t got = recv(netlink->fd, buffer, room < sizeof(buffer) ? room : sizeof(buffer),
			   MSG_DONTWAIT);
	const struct genlmsghdr *genl = NLMSG_DATA(header);

	if (got < (ssize_t)sizeof(*header) || header->nlmsg_len > (size_t)got)
		return false;
	if (header->nlmsg_type == NLMSG_ERROR)
		judge_answer(run, header, ours);
	else if (header->nlmsg_type == family && genl->cmd == RINGPROBE_CMD_WATCH_ADD)
		watches[watch_count++ % FUZZ_SOCKETS] = (uint32_t)number(header, RINGPROBE_A_WATCH);
	return true;
}

static void send_message(struct fuzz_run *run, const struct fuzz_call *call)
{
	struct netlink *netlink = &sockets[call->slot % FUZZ_SOCKETS];
	bool other = call->a >> 32, plain = !other && !(call->a >> 16 & (NLM_F_DUMP | NLM_F_MULTI));
	static struct message message;
	uint64_t word;
	uint32_t i;

	if (netlink->fd < 0)
		open_socket(netlink);
	if (!plain || (uint8_t)call->a == RINGPROBE_CMD_WATCH_ADD)
		spoiled[call->slot % FUZZ_SOCKETS] = true;
	message.header = (struct nlmsghdr){
		.nlmsg_len = NLMSG_LENGTH(GENL_HDRLEN) + call->words * 8U + (call->b & 0xff) +
			     (call->b >> 8 & 0xff),
		.nlmsg_type = family ^ (uint16_t)(call->a >> 32),
		.nlmsg_flags = (uint16_t)(call->a >> 16),
	};
	message.genl = (struct genlmsghdr){ .cmd = (uint8_t)call->a,
					    .version = (uint8_t)(call->a >> 8) };
	memset(message.rest + call->words * 8, 0, 0x100);
	for (i = 0; i < call->words; i++) {
		word = call->word[i];
		word = (word & 0xffffffff) | (uint64_t)meant((uint32_t)(word >> 32)) << 32;
		memcpy(message.rest + i * 8, &word, sizeof(word));
	}
	run->calls++;
	send(netlink->fd, &message, message.header.nlmsg_len - (call->b >> 8 & 0xff), MSG_DONTWAIT);
	while (receive(run, netlink, SIZE_MAX, !other) && plain)
		;
}

static void other_call(struct fuzz_run *run, const struct fuzz_call *call)
{
	struct netlink *netlink = &sockets[call->slot % FUZZ_SOCKETS];

	run->calls++;
	if (call->kind == FUZZ_RECEIVE) {
		if (netlink->fd >= 0)
			receive(run, netlink, call->a & 0xffff, false);
		return;
	}
	open_socket(netlink);
	spoiled[call->slot % FUZZ_SOCKETS] = true;
	if (call->a & 1)
		setsockopt(netlink->fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &events,
			   sizeof(events));
}

void make_socket_call(struct fuzz_run *run, const struct fuzz_call *call)
{
	if (call->kind == FUZZ_SEND)
		send_message(run, call);
	else
		other_call(run, call);
}

void close_sockets(const struct fuzz_run *run)
{
	uint32_t i;

	for (i = 0; i < FUZZ_SOCKETS; i++) {
		if (sockets[i].fd >= 0 && (run->fresh || spoiled[i])) {
			close(sockets[i].fd);
			sockets[i].fd = -1;
		}
		spoiled[i] = false;
		watches[i] = 0;
	}
	watch_count = 0;
}

const char *sockets_init(void)
{
	int err = netlink_open(&sockets[0]);

	if (sockets[0].fd >= 0)
		close(sockets[0].fd);
	family = sockets[0].family;
	events = sockets[0].events;
	sockets[0].fd = -1;
	sockets[1].fd = -1;
	return err ? "needs the module's netlink family" : NULL;
}
