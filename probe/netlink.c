// SPDX-License-Identifier: GPL-2.0
/*
 * The only file that knows libnl. Its errors are fewer than the kernel's, so the
 * kernel's own are taken from each answer, and the words beside them.
 */
#define _GNU_SOURCE
#include "netlink.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>

#define RECEIVE	65536	/* more than the kernel puts in one message of a dump */

static struct nla_policy policy[RINGPROBE_A_MAX + 1] = {
	[RINGPROBE_A_VERSION] = { .type = NLA_STRING },
	[RINGPROBE_A_TSC_KHZ] = { .type = NLA_U32 },
	[RINGPROBE_A_TASKS_MAX] = { .type = NLA_U32 },
	[RINGPROBE_A_BUCKETS] = { .type = NLA_U32 },
	[RINGPROBE_A_WATCH] = { .type = NLA_U32 },
	[RINGPROBE_A_TASKS] = { .type = NLA_U32 },
	[RINGPROBE_A_EXITED] = { .type = NLA_U64 },
	[RINGPROBE_A_UNTRACKED] = { .type = NLA_U64 },
	[RINGPROBE_A_CPU_TICKS] = { .type = NLA_U64 },
	[RINGPROBE_A_NOW] = { .type = NLA_U64 },
	[RINGPROBE_A_ABI] = { .type = NLA_U32 },
	[RINGPROBE_A_NR] = { .type = NLA_U32 },
	[RINGPROBE_A_COUNT] = { .type = NLA_U64 },
	[RINGPROBE_A_ERRORS] = { .type = NLA_U64 },
	[RINGPROBE_A_BYTES] = { .type = NLA_U64 },
	[RINGPROBE_A_RETURNED] = { .type = NLA_U64 },
	[RINGPROBE_A_WALL] = { .type = NLA_U64 },
	[RINGPROBE_A_CPU] = { .type = NLA_U64 },
	[RINGPROBE_A_WALL_MIN] = { .type = NLA_U64 },
	[RINGPROBE_A_WALL_MAX] = { .type = NLA_U64 },
	[RINGPROBE_A_HISTOGRAM] = { .type = NLA_UNSPEC, .minlen = sizeof(__u64) },
	[RINGPROBE_A_FAULT] = { .type = NLA_U32 },
	[RINGPROBE_A_SIGNAL] = { .type = NLA_U32 },
	[RINGPROBE_A_PID] = { .type = NLA_U32 },
	[RINGPROBE_A_TID] = { .type = NLA_U32 },
	[RINGPROBE_A_COMM] = { .type = NLA_STRING },
	[RINGPROBE_A_ENDED] = { .type = NLA_FLAG },
	[RINGPROBE_A_CPU_NR] = { .type = NLA_U32 },
};

/* One request and what comes back. */
struct exchange {
	struct netlink *netlink;
	int (*take)(struct nlattr **attrs, void *to);	/* a message's; 0 or -errno */
	void *to;
	int err;
	bool over;
};

static int finish(struct exchange *exchange, int err)
{
	if (!exchange->err)
		exchange->err = err;
	exchange->over = true;
	return NL_STOP;
}

/* The attributes behind the error: NLMSGERR_ATTR_MSG among them. */
static void keep_words(struct netlink *netlink, struct nlmsghdr *header, size_t skip)
{
	struct nlattr *words;
	int room = (int)nlmsg_datalen(header) - (int)NLMSG_ALIGN(skip);

	if (!(header->nlmsg_flags & NLM_F_ACK_TLVS) || room <= 0)
		return;
	words = nla_find((struct nlattr *)((char *)nlmsg_data(header) + NLMSG_ALIGN(skip)), room,
			 NLMSGERR_ATTR_MSG);
	if (words)
		nla_strlcpy(netlink->why, words, sizeof(netlink->why));
}

static int on_error(struct sockaddr_nl *from, struct nlmsgerr *error, void *arg)
{
	struct nlmsghdr *header = (struct nlmsghdr *)((char *)error - NLMSG_HDRLEN);
	struct exchange *exchange = arg;
	size_t skip = sizeof(*error);

	(void)from;
	/* NETLINK_CAP_ACK was asked for: without it the request lies between */
	if (!(header->nlmsg_flags & NLM_F_CAPPED))
		skip += error->msg.nlmsg_len - sizeof(error->msg);
	keep_words(exchange->netlink, header, skip);
	return finish(exchange, error->error ? error->error : -EIO);
}

static int on_ack(struct nl_msg *msg, void *arg)
{
	(void)msg;
	return finish(arg, 0);
}

/* A dump ends with the errno that ended it. */
static int on_finish(struct nl_msg *msg, void *arg)
{
	struct nlmsghdr *header = nlmsg_hdr(msg);
	struct exchange *exchange = arg;
	int err = 0;

	if (nlmsg_datalen(header) >= (int)sizeof(err))
		memcpy(&err, nlmsg_data(header), sizeof(err));
	if (err)
		keep_words(exchange->netlink, header, sizeof(err));
	return finish(exchange, err);
}

static int on_valid(struct nl_msg *msg, void *arg)
{
	struct nlattr *attrs[RINGPROBE_A_MAX + 1];
	struct exchange *exchange = arg;
	int err = -EBADMSG;

	if (genlmsg_parse(nlmsg_hdr(msg), 0, attrs, RINGPROBE_A_MAX, policy) >= 0)
		err = exchange->take ? exchange->take(attrs, exchange->to) : 0;
	if (!exchange->err)
		exchange->err = err;
	return NL_OK;
}

static int receive(struct exchange *exchange, struct nl_cb *cb)
{
	while (!exchange->over) {
		int err = nl_recvmsgs(exchange->netlink->sock, cb);

		if (err < 0 && !exchange->over) {
			snprintf(exchange->netlink->why, sizeof(exchange->netlink->why), "%s",
				 nl_geterror(err));
			return -EIO;
		}
	}
	return exchange->err;
}

/* Sends @msg, which is freed, and takes the answers. */
static int talk(struct netlink *netlink, struct nl_msg *msg,
		int (*take)(struct nlattr **attrs, void *to), void *to)
{
	struct exchange exchange = { .netlink = netlink, .take = take, .to = to };
	struct nl_cb *cb = nl_cb_alloc(NL_CB_DEFAULT);
	int err = -ENOMEM;

	netlink->why[0] = '\0';
	if (cb) {
		nl_cb_err(cb, NL_CB_CUSTOM, on_error, &exchange);
		nl_cb_set(cb, NL_CB_ACK, NL_CB_CUSTOM, on_ack, &exchange);
		nl_cb_set(cb, NL_CB_FINISH, NL_CB_CUSTOM, on_finish, &exchange);
		nl_cb_set(cb, NL_CB_VALID, NL_CB_CUSTOM, on_valid, &exchange);
		errno = 0;
		err = nl_send_auto(netlink->sock, msg) < 0 ? -(errno ? errno : EIO) :
		      receive(&exchange, cb);
		nl_cb_put(cb);
	}
	nlmsg_free(msg);
	return err;
}

/* With room for so many numbers. */
static struct nl_msg *request(const struct netlink *netlink, __u8 cmd, int flags, size_t numbers)
{
	struct nl_msg *msg = nlmsg_alloc_size(NLMSG_HDRLEN + GENL_HDRLEN + 8 * numbers);

	if (msg && !genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, netlink->family, 0, flags, cmd,
				RINGPROBE_FAMILY_VERSION)) {
		nlmsg_free(msg);
		msg = NULL;
	}
	return msg;
}

/* ---- the family ---- */

/* What an old kernel does not know of these is not had, and no error. */
static void ask_for_words(struct nl_sock *sock)
{
	static const int options[] = {
		NETLINK_EXT_ACK, NETLINK_CAP_ACK, NETLINK_GET_STRICT_CHK,
	};
	int on = 1;

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		setsockopt(nl_socket_get_fd(sock), SOL_NETLINK, options[i], &on, sizeof(on));
}

int netlink_open(struct netlink *netlink)
{
	int err;

	memset(netlink, 0, sizeof(*netlink));
	netlink->sock = nl_socket_alloc();
	if (!netlink->sock)
		return -ENOMEM;
	nl_socket_set_msg_buf_size(netlink->sock, RECEIVE);
	err = genl_connect(netlink->sock);
	errno = 0;
	if (!err)
		err = genl_ctrl_resolve(netlink->sock, RINGPROBE_FAMILY_NAME);
	/* it says so, too, where asking failed: that call left its own errno */
	if (err == -NLE_OBJ_NOTFOUND)
		return errno ? -errno : -ENOENT;
	if (err < 0) {
		snprintf(netlink->why, sizeof(netlink->why), "%s", nl_geterror(err));
		return -EIO;
	}
	netlink->family = err;
	ask_for_words(netlink->sock);
	return 0;
}

void netlink_close(struct netlink *netlink)
{
	if (netlink->sock)
		nl_socket_free(netlink->sock);
	netlink->sock = NULL;
}

static int take_info(struct nlattr **attrs, void *to)
{
	struct netlink_info *info = to;

	if (!attrs[RINGPROBE_A_VERSION] || !attrs[RINGPROBE_A_TSC_KHZ] ||
	    !attrs[RINGPROBE_A_TASKS_MAX] || !attrs[RINGPROBE_A_BUCKETS])
		return -EBADMSG;
	nla_strlcpy(info->version, attrs[RINGPROBE_A_VERSION], sizeof(info->version));
	info->tsc_khz = nla_get_u32(attrs[RINGPROBE_A_TSC_KHZ]);
	info->tasks_max = nla_get_u32(attrs[RINGPROBE_A_TASKS_MAX]);
	info->buckets = nla_get_u32(attrs[RINGPROBE_A_BUCKETS]);
	return 0;
}

int netlink_info(struct netlink *netlink, struct netlink_info *info)
{
	struct nl_msg *msg = request(netlink, RINGPROBE_CMD_GET_INFO, 0, 0);

	memset(info, 0, sizeof(*info));
	return msg ? talk(netlink, msg, take_info, info) : -ENOMEM;
}

/* ---- a watch ---- */

static int take_watch(struct nlattr **attrs, void *to)
{
	if (!attrs[RINGPROBE_A_WATCH])
		return -EBADMSG;
	*(__u32 *)to = nla_get_u32(attrs[RINGPROBE_A_WATCH]);
	return 0;
}

int netlink_watch_add(struct netlink *netlink, const __u32 *pids, size_t n, __u32 flags,
		      __u32 *watch)
{
	struct nl_msg *msg = request(netlink, RINGPROBE_CMD_WATCH_ADD, 0, n + 1);
	bool fits = msg;

	*watch = 0;
	for (size_t i = 0; fits && i < n; i++)
		fits = !nla_put_u32(msg, RINGPROBE_A_PID, pids[i]);
	if (fits && !nla_put_u32(msg, RINGPROBE_A_FLAGS, flags))
		return talk(netlink, msg, take_watch, watch);
	nlmsg_free(msg);
	return -ENOMEM;
}

/* A command whose one argument is the watch. */
static int tell(struct netlink *netlink, __u8 cmd, int flags, __u32 watch,
		int (*take)(struct nlattr **attrs, void *to), void *to)
{
	struct nl_msg *msg = request(netlink, cmd, flags, 1);

	if (msg && !nla_put_u32(msg, RINGPROBE_A_WATCH, watch))
		return talk(netlink, msg, take, to);
	nlmsg_free(msg);
	return -ENOMEM;
}

int netlink_watch_del(struct netlink *netlink, __u32 watch)
{
	return tell(netlink, RINGPROBE_CMD_WATCH_DEL, 0, watch, NULL, NULL);
}

int netlink_reset(struct netlink *netlink, __u32 watch)
{
	return tell(netlink, RINGPROBE_CMD_RESET, 0, watch, NULL, NULL);
}

/* ---- what it has counted ---- */

/* One more element, cleared, of *@array, which has *@n in room for *@room; or NULL. */
static void *more(void **array, size_t *n, size_t *room, size_t size)
{
	size_t wanted = *room ? 2 * *room : 64;
	void *bigger;

	if (*n == *room) {
		bigger = reallocarray(*array, wanted, size);
		if (!bigger)
			return NULL;
		*array = bigger;
		*room = wanted;
	}
	return memset((char *)*array + size * (*n)++, 0, size);
}

static int take_call(struct nlattr **attrs, struct netlink_call *call)
{
	const struct {
		int attr;
		__u64 *to;
	} numbers[] = {
		{ RINGPROBE_A_COUNT, &call->count }, { RINGPROBE_A_ERRORS, &call->errors },
		{ RINGPROBE_A_BYTES, &call->bytes }, { RINGPROBE_A_RETURNED, &call->returned },
		{ RINGPROBE_A_WALL, &call->wall }, { RINGPROBE_A_CPU, &call->cpu },
		{ RINGPROBE_A_WALL_MIN, &call->min }, { RINGPROBE_A_WALL_MAX, &call->max },
	};
	struct nlattr *histogram = attrs[RINGPROBE_A_HISTOGRAM];

	if (!attrs[RINGPROBE_A_ABI] || !histogram ||
	    nla_len(histogram) != sizeof(call->histogram))
		return -EBADMSG;
	call->abi = nla_get_u32(attrs[RINGPROBE_A_ABI]);
	call->nr = nla_get_u32(attrs[RINGPROBE_A_NR]);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		if (!attrs[numbers[i].attr])
			return -EBADMSG;
		*numbers[i].to = nla_get_u64(attrs[numbers[i].attr]);
	}
	memcpy(call->histogram, nla_data(histogram), sizeof(call->histogram));
	return 0;
}

static int take_who(struct nlattr **attrs, struct netlink_who *who)
{
	bool task = attrs[RINGPROBE_A_TID];

	if (!attrs[RINGPROBE_A_COUNT] || !attrs[RINGPROBE_A_CPU_TICKS] ||
	    (task && (!attrs[RINGPROBE_A_PID] || !attrs[RINGPROBE_A_COMM])))
		return -EBADMSG;
	who->id = nla_get_u32(attrs[task ? RINGPROBE_A_TID : RINGPROBE_A_CPU_NR]);
	if (task) {
		who->pid = nla_get_u32(attrs[RINGPROBE_A_PID]);
		nla_strlcpy(who->name, attrs[RINGPROBE_A_COMM], sizeof(who->name));
		who->ended = attrs[RINGPROBE_A_ENDED];
	}
	who->count = nla_get_u64(attrs[RINGPROBE_A_COUNT]);
	who->cpu_ticks = nla_get_u64(attrs[RINGPROBE_A_CPU_TICKS]);
	return 0;
}

/* One of the array's, by an attribute that says which. */
static int take_number(struct nlattr **attrs, int which, __u64 *array, __u32 n)
{
	__u32 i = nla_get_u32(attrs[which]);

	if (i >= n || !attrs[RINGPROBE_A_COUNT])
		return -EBADMSG;
	array[i] = nla_get_u64(attrs[RINGPROBE_A_COUNT]);
	return 0;
}

static int take_whole(struct nlattr **attrs, struct netlink_stats *stats)
{
	if (!attrs[RINGPROBE_A_NOW] || !attrs[RINGPROBE_A_TASKS] || !attrs[RINGPROBE_A_EXITED] ||
	    !attrs[RINGPROBE_A_UNTRACKED] || !attrs[RINGPROBE_A_CPU_TICKS])
		return -EBADMSG;
	stats->tasks = nla_get_u32(attrs[RINGPROBE_A_TASKS]);
	stats->exited = nla_get_u64(attrs[RINGPROBE_A_EXITED]);
	stats->untracked = nla_get_u64(attrs[RINGPROBE_A_UNTRACKED]);
	stats->cpu_ticks = nla_get_u64(attrs[RINGPROBE_A_CPU_TICKS]);
	stats->now = nla_get_u64(attrs[RINGPROBE_A_NOW]);
	return 0;
}

static struct netlink_call *more_call(struct netlink_stats *stats)
{
	return more((void **)&stats->calls, &stats->n, &stats->room, sizeof(*stats->calls));
}

struct netlink_who *netlink_more_who(struct netlink_stats *stats)
{
	return more((void **)&stats->who, &stats->who_n, &stats->who_room, sizeof(*stats->who));
}

/* What a message is of is told by the attribute that only its kind has. */
static int take_stats(struct nlattr **attrs, void *to)
{
	struct netlink_stats *stats = to;
	struct netlink_call *call;
	struct netlink_who *who;

	if (attrs[RINGPROBE_A_NR]) {
		call = more_call(stats);
		return call ? take_call(attrs, call) : -ENOMEM;
	}
	if (attrs[RINGPROBE_A_TID] || attrs[RINGPROBE_A_CPU_NR]) {
		who = netlink_more_who(stats);
		return who ? take_who(attrs, who) : -ENOMEM;
	}
	if (attrs[RINGPROBE_A_FAULT])
		return take_number(attrs, RINGPROBE_A_FAULT, stats->faults, NETLINK_FAULTS);
	if (attrs[RINGPROBE_A_SIGNAL])
		return take_number(attrs, RINGPROBE_A_SIGNAL, stats->signals, NETLINK_SIGNALS);
	return take_whole(attrs, stats);
}

int netlink_stats(struct netlink *netlink, __u32 watch, struct netlink_stats *stats)
{
	int err;

	stats->n = stats->who_n = 0;
	stats->now = 0;
	memset(stats->faults, 0, sizeof(stats->faults));
	memset(stats->signals, 0, sizeof(stats->signals));
	err = tell(netlink, RINGPROBE_CMD_STATS, NLM_F_DUMP, watch, take_stats, stats);
	/* without its first message the others mean nothing */
	return err || stats->now ? err : -EBADMSG;
}

void netlink_stats_free(struct netlink_stats *stats)
{
	free(stats->calls);
	free(stats->who);
	memset(stats, 0, sizeof(*stats));
}

const struct netlink_call *netlink_call(const struct netlink_stats *stats, __u32 abi, __u32 nr)
{
	for (size_t i = 0; i < stats->n; i++)
		if (stats->calls[i].abi == abi && stats->calls[i].nr == nr)
			return &stats->calls[i];
	return NULL;
}
