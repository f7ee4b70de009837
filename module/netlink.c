// SPDX-License-Identifier: GPL-2.0
/*
 * The generic-netlink family: what may be asked, of whom, and the answers as attributes.
 * A watch is its socket's: it ends when that is closed, however that comes about. One
 * mutex, since sockets end outside of generic netlink's own.
 */
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/netlink.h>
#include <linux/notifier.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <net/genetlink.h>
#include <asm/trap_pf.h>
#include <asm/tsc.h>

#include <ringprobe_version.h>
#include "attribute.h"
#include "compat.h"
#include "event.h"
#include "ringprobe.h"
#include "watch.h"

static DEFINE_MUTEX(lock);
static struct genl_family family;

/*
 * Has the module come to stay? While init may fail it goes, whoever holds it; and on its
 * way out nobody would end what begins.
 */
static bool may_begin(void)
{
	return READ_ONCE(THIS_MODULE->state) == MODULE_STATE_LIVE;
}

/* The highest attribute of any request. What is above it or not listed is refused. */
#define REQUEST_MAX RINGPROBE_A_FLAGS

static const struct nla_policy info_policy[REQUEST_MAX + 1];

static const struct nla_policy add_policy[REQUEST_MAX + 1] = {
	[RINGPROBE_A_PID] = NLA_POLICY_MIN(NLA_U32, 1),
	[RINGPROBE_A_FLAGS] = NLA_POLICY_MASK(NLA_U32, RINGPROBE_WATCH_F_ALL),
};

static const struct nla_policy watch_policy[REQUEST_MAX + 1] = {
	[RINGPROBE_A_WATCH] = NLA_POLICY_MIN(NLA_U32, 1),
};

/* No attribute but PID may be there twice. */
static int once(const struct nlmsghdr *message, struct netlink_ext_ack *extack)
{
	DECLARE_BITMAP(seen, REQUEST_MAX + 1) = { 0 };
	const struct nlattr *attribute;
	int rest;

	nlmsg_for_each_attr(attribute, message, GENL_HDRLEN, rest) {
		if (nla_type(attribute) == RINGPROBE_A_PID ||
		    !__test_and_set_bit(nla_type(attribute), seen))
			continue;
		if (nla_type(attribute) == RINGPROBE_A_WATCH)
			NL_SET_ERR_MSG_ATTR(extack, attribute, "WATCH is there twice");
		else
			NL_SET_ERR_MSG_ATTR(extack, attribute, "FLAGS is there twice");
		return -EINVAL;
	}
	return 0;
}

/* The sender's watch, by attribute WATCH. The lock is held. */
static struct ringprobe_watch *watch_of(u32 owner, const struct nlattr *number,
					struct netlink_ext_ack *extack)
{
	struct ringprobe_watch *watch;

	if (!number) {
		NL_SET_ERR_MSG(extack, "WATCH is missing: which one?");
		return ERR_PTR(-EINVAL);
	}
	watch = ringprobe_watch_find(owner, nla_get_u32(number));
	if (watch)
		return watch;
	NL_SET_ERR_MSG_ATTR(extack, number, "WATCH: this socket has none of this number");
	return ERR_PTR(-ENOENT);
}

static struct sk_buff *reply_to(struct genl_info *info, void **header)
{
	struct sk_buff *reply = genlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);

	*header = reply ? genlmsg_put_reply(reply, info, &family, 0, info->genlhdr->cmd) : NULL;
	if (*header)
		return reply;
	nlmsg_free(reply);
	return NULL;
}

static int get_info(struct sk_buff *request, struct genl_info *info)
{
	void *header;
	struct sk_buff *reply = reply_to(info, &header);

	if (!reply)
		return -ENOMEM;
	if (nla_put_string(reply, RINGPROBE_A_VERSION, RINGPROBE_VERSION) ||
	    nla_put_u32(reply, RINGPROBE_A_TSC_KHZ, tsc_khz) ||
	    nla_put_u32(reply, RINGPROBE_A_TASKS_MAX, RINGPROBE_WATCH_TASKS_MAX) ||
	    nla_put_u32(reply, RINGPROBE_A_BUCKETS, RINGPROBE_WATCH_BUCKETS)) {
		nlmsg_free(reply);
		return -EMSGSIZE;
	}
	genlmsg_end(reply, header);
	return genlmsg_reply(reply, info);
}

static int add_processes(struct ringprobe_watch *watch, struct genl_info *info)
{
	const struct nlattr *attribute;
	int rest, err = 0;

	nlmsg_for_each_attr(attribute, info->nlhdr, GENL_HDRLEN, rest) {
		if (nla_type(attribute) != RINGPROBE_A_PID)
			continue;
		err = ringprobe_watch_process(watch, nla_get_u32(attribute));
		if (err == -ESRCH)
			NL_SET_ERR_MSG_ATTR(info->extack, attribute, "PID: no such process");
		else if (err == -EINVAL)
			NL_SET_ERR_MSG_ATTR(info->extack, attribute, "PID: a thread of the kernel");
		else if (err == -E2BIG)
			NL_SET_ERR_MSG_ATTR(info->extack, attribute,
					    "PID: more than 1024 tasks in a watch");
		if (err)
			break;
		cond_resched();
		if (fatal_signal_pending(current))
			return -EINTR;
	}
	return err;
}

/* Nobody may forget a watch that it was not told of. */
static int add_and_tell(struct ringprobe_watch *watch, struct genl_info *info)
{
	struct sk_buff *reply;
	void *header;
	int err;

	err = add_processes(watch, info);
	if (err)
		return err;
	reply = reply_to(info, &header);
	if (!reply)
		return -ENOMEM;
	if (nla_put_u32(reply, RINGPROBE_A_WATCH, watch->id)) {
		nlmsg_free(reply);
		return -EMSGSIZE;
	}
	genlmsg_end(reply, header);
	ringprobe_watch_see();
	return genlmsg_reply(reply, info);
}

static int add(struct genl_info *info)
{
	const struct nlattr *flags = info->attrs[RINGPROBE_A_FLAGS];
	struct ringprobe_watch *watch;
	LIST_HEAD(ended);
	int err;

	mutex_lock(&lock);
	watch = ringprobe_watch_new(info->snd_portid, flags ? nla_get_u32(flags) : 0);
	err = IS_ERR(watch) ? PTR_ERR(watch) : add_and_tell(watch, info);
	if (err && !IS_ERR(watch))
		ringprobe_watch_end(watch, &ended);
	mutex_unlock(&lock);
	if (!list_empty(&ended))
		ringprobe_watch_free(watch);
	return err;
}

/* Each watch holds the module. */
static int watch_add(struct sk_buff *request, struct genl_info *info)
{
	int err = once(info->nlhdr, info->extack);

	if (err)
		return err;
	if (!info->attrs[RINGPROBE_A_PID]) {
		NL_SET_ERR_MSG(info->extack, "PID is missing: which process?");
		return -EINVAL;
	}
	if (!may_begin() || !try_module_get(THIS_MODULE))
		return -ENOENT;
	err = add(info);
	if (err)
		module_put(THIS_MODULE);
	return err;
}

/* The watch that is asked about, with the mutex held; or ERR_PTR(), and it is not. */
static struct ringprobe_watch *lock_watch(struct genl_info *info)
{
	struct ringprobe_watch *watch;
	int err = once(info->nlhdr, info->extack);

	if (err)
		return ERR_PTR(err);
	mutex_lock(&lock);
	watch = watch_of(info->snd_portid, info->attrs[RINGPROBE_A_WATCH], info->extack);
	if (IS_ERR(watch))
		mutex_unlock(&lock);
	return watch;
}

/* The numbers of one that has ended, which is free afterwards */
static struct ringprobe_event_watch last_of(struct ringprobe_watch *watch)
{
	struct ringprobe_event_watch last = { .watch = watch->id, .port_id = watch->owner };
	struct ringprobe_watch_total total;

	ringprobe_watch_numbers(watch, &total);
	last.tasks = total.tasks;
	last.exited = total.exited;
	ringprobe_watch_free(watch);
	return last;
}

/* Those that their owner was told of. The module is put last: the family may go with it. */
static void free_and_tell(struct list_head *ended)
{
	struct ringprobe_watch *watch, *next;
	struct ringprobe_event_watch last;

	list_for_each_entry_safe(watch, next, ended, list) {
		last = last_of(watch);
		ringprobe_event_watch_ended(&last);
		module_put(THIS_MODULE);
		cond_resched();		/* so many events at once leave no time to read them */
	}
}

static int watch_del(struct sk_buff *request, struct genl_info *info)
{
	struct ringprobe_watch *watch = lock_watch(info);
	LIST_HEAD(ended);

	if (IS_ERR(watch))
		return PTR_ERR(watch);
	ringprobe_watch_end(watch, &ended);
	mutex_unlock(&lock);
	free_and_tell(&ended);
	return 0;
}

static int reset(struct sk_buff *request, struct genl_info *info)
{
	struct ringprobe_watch *watch = lock_watch(info);
	int err;

	if (IS_ERR(watch))
		return PTR_ERR(watch);
	err = ringprobe_watch_reset(watch);
	mutex_unlock(&lock);
	return err;
}

static bool put_call(struct sk_buff *message, u32 row, const struct ringprobe_watch_cell *sum,
		     u64 returned)
{
	u32 number = row % (RINGPROBE_WATCH_CALLS + 1);
	u32 abi = row <= RINGPROBE_WATCH_CALLS ? 64 : 32;

	if (number == RINGPROBE_WATCH_CALLS)
		number = RINGPROBE_NR_OTHER;
	return !nla_put_u32(message, RINGPROBE_A_ABI, abi) &&
	       !nla_put_u32(message, RINGPROBE_A_NR, number) &&
	       put_u64(message, RINGPROBE_A_COUNT, sum->count) &&
	       put_u64(message, RINGPROBE_A_ERRORS, sum->errors) &&
	       put_u64(message, RINGPROBE_A_BYTES, sum->bytes) &&
	       put_u64(message, RINGPROBE_A_RETURNED, returned) &&
	       put_u64(message, RINGPROBE_A_WALL, sum->wall) &&
	       put_u64(message, RINGPROBE_A_CPU, sum->wall - min(sum->away, sum->wall)) &&
	       put_u64(message, RINGPROBE_A_WALL_MIN, sum->min) &&
	       put_u64(message, RINGPROBE_A_WALL_MAX, sum->max) &&
	       !nla_put_64bit(message, RINGPROBE_A_HISTOGRAM, sizeof(sum->bucket), sum->bucket,
			      RINGPROBE_A_PAD);
}

static bool put_one(struct sk_buff *message, int attribute, u32 which, u64 count)
{
	return !nla_put_u32(message, attribute, which) &&
	       put_u64(message, RINGPROBE_A_COUNT, count);
}

/* ---- what a dump tells, and of which there is nothing to tell ---- */

enum tell { TOLD, NOTHING_TO_TELL, NO_MORE, NO_ROOM };

static enum tell fits(bool done)
{
	return done ? TOLD : NO_ROOM;
}

static enum tell tell_total(struct sk_buff *skb, struct ringprobe_watch *watch, u32 unused)
{
	struct ringprobe_watch_total total;

	ringprobe_watch_total(watch, &total);
	return fits(!nla_put_u32(skb, RINGPROBE_A_WATCH, watch->id) &&
		    !nla_put_u32(skb, RINGPROBE_A_TASKS, total.tasks) &&
		    put_u64(skb, RINGPROBE_A_EXITED, total.exited) &&
		    put_u64(skb, RINGPROBE_A_UNTRACKED, total.untracked) &&
		    put_u64(skb, RINGPROBE_A_CPU_TICKS, total.cpu_ticks) &&
		    put_u64(skb, RINGPROBE_A_NOW, total.now));
}

static enum tell tell_row(struct sk_buff *skb, struct ringprobe_watch *watch, u32 row)
{
	struct ringprobe_watch_cell sum;
	u64 returned;

	if (!ringprobe_watch_sum(watch, row, &sum, &returned))
		return NOTHING_TO_TELL;
	return fits(put_call(skb, row, &sum, returned));
}

static enum tell tell_fault(struct sk_buff *skb, struct ringprobe_watch *watch, u32 kind)
{
	u64 count = ringprobe_watch_fault(watch, kind);

	if (!count)
		return NOTHING_TO_TELL;
	kind = (kind & 3) | (kind & 4 ? X86_PF_INSTR : 0);
	return fits(put_one(skb, RINGPROBE_A_FAULT, kind, count));
}

static enum tell tell_signal(struct sk_buff *skb, struct ringprobe_watch *watch, u32 number)
{
	u64 count = ringprobe_watch_signal(watch, number);

	return count ? fits(put_one(skb, RINGPROBE_A_SIGNAL, number, count)) : NOTHING_TO_TELL;
}

static enum tell tell_task(struct sk_buff *skb, struct ringprobe_watch *watch, u32 i)
{
	struct ringprobe_watch_about about;

	if (!ringprobe_watch_about(watch, i, &about))
		return NOTHING_TO_TELL;
	return fits(!nla_put_u32(skb, RINGPROBE_A_TID, about.tid) &&
		    !nla_put_u32(skb, RINGPROBE_A_PID, about.pid) &&
		    !nla_put_string(skb, RINGPROBE_A_COMM, about.comm) &&
		    (!about.ended || !nla_put_flag(skb, RINGPROBE_A_ENDED)) &&
		    put_u64(skb, RINGPROBE_A_COUNT, about.count) &&
		    put_u64(skb, RINGPROBE_A_CPU_TICKS, about.cpu_ticks));
}

static enum tell tell_cpu(struct sk_buff *skb, struct ringprobe_watch *watch, u32 cpu)
{
	u64 count, cpu_ticks;

	if (cpu >= nr_cpu_ids)
		return NO_MORE;
	if (!ringprobe_watch_cpu(watch, cpu, &count, &cpu_ticks))
		return NOTHING_TO_TELL;
	return fits(put_one(skb, RINGPROBE_A_CPU_NR, cpu, count) &&
		    put_u64(skb, RINGPROBE_A_CPU_TICKS, cpu_ticks));
}

/* In this order, each with as many messages at most. @flag: of the watches that have it. */
static const struct chapter {
	u32 messages, flag;
	enum tell (*tell)(struct sk_buff *skb, struct ringprobe_watch *watch, u32 i);
} chapters[] = {
	{ 1, 0, tell_total },
	{ RINGPROBE_WATCH_ROWS, 0, tell_row },
	{ RINGPROBE_WATCH_FAULTS, RINGPROBE_WATCH_F_FAULTS, tell_fault },
	{ RINGPROBE_WATCH_SIGNALS, RINGPROBE_WATCH_F_FAULTS, tell_signal },
	{ RINGPROBE_WATCH_TASKS_MAX, RINGPROBE_WATCH_F_TASKS, tell_task },
	{ U32_MAX, RINGPROBE_WATCH_F_CPUS, tell_cpu },	/* which says where it ends */
};

/* One message, if there is anything to say. */
static enum tell tell_one(struct sk_buff *skb, struct netlink_callback *cb,
			  struct ringprobe_watch *watch, const struct chapter *chapter, u32 i)
{
	enum tell told;
	void *header = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq, &family,
				   NLM_F_MULTI, RINGPROBE_CMD_STATS);

	if (!header)
		return NO_ROOM;
	genl_dump_check_consistent(cb, header);
	told = chapter->tell(skb, watch, i);
	if (told == TOLD)
		genlmsg_end(skb, header);
	else
		genlmsg_cancel(skb, header);
	return told;
}

/* As many messages as there is room for. args[0]: the chapter, args[1]: the message next in it. */
static bool tell(struct sk_buff *skb, struct netlink_callback *cb,
		 struct ringprobe_watch *watch)
{
	enum tell told = TOLD;

	for (; cb->args[0] < ARRAY_SIZE(chapters); cb->args[0]++, cb->args[1] = 0) {
		const struct chapter *chapter = &chapters[cb->args[0]];

		if (chapter->flag & ~watch->flags)
			continue;
		for (; cb->args[1] < chapter->messages && told != NO_MORE; cb->args[1]++) {
			told = tell_one(skb, cb, watch, chapter, cb->args[1]);
			if (told == NO_ROOM)
				return false;
		}
	}
	return true;
}

static struct ringprobe_watch *watch_of_dump(struct netlink_callback *cb)
{
	return watch_of(NETLINK_CB(cb->skb).portid, compat_dump_attributes(cb)[RINGPROBE_A_WATCH],
			cb->extack);
}

/*
 * The watch may have ended since the last messages. That a request is wrong is said
 * here, since in .start 6.1 has no extack to say it by.
 */
static int stats(struct sk_buff *skb, struct netlink_callback *cb)
{
	bool begins = !cb->args[0] && !cb->args[1];
	struct ringprobe_watch *watch;
	int err = begins ? once(cb->nlh, cb->extack) : 0;

	if (err)
		return err;
	mutex_lock(&lock);
	watch = watch_of_dump(cb);
	err = PTR_ERR_OR_ZERO(watch);
	if (!err) {
		cb->seq = watch->generation + 1;	/* 0 is taken for: not known */
		if (!tell(skb, cb, watch) && !skb->len)
			err = -EMSGSIZE;
	}
	mutex_unlock(&lock);
	return err ? err : skb->len;
}

/* A dump holds the module, as a watch does. */
static int stats_start(struct netlink_callback *cb)
{
	return may_begin() ? 0 : -ENOENT;
}

static const struct genl_ops ops[] = {
	{ .cmd = RINGPROBE_CMD_GET_INFO, .doit = get_info,
	  .policy = info_policy, .maxattr = REQUEST_MAX },
	{ .cmd = RINGPROBE_CMD_WATCH_ADD, .doit = watch_add, .flags = GENL_ADMIN_PERM,
	  .policy = add_policy, .maxattr = REQUEST_MAX },
	{ .cmd = RINGPROBE_CMD_WATCH_DEL, .doit = watch_del, .flags = GENL_ADMIN_PERM,
	  .policy = watch_policy, .maxattr = REQUEST_MAX },
	{ .cmd = RINGPROBE_CMD_STATS, .start = stats_start, .dumpit = stats,
	  .flags = GENL_ADMIN_PERM, .policy = watch_policy, .maxattr = REQUEST_MAX },
	{ .cmd = RINGPROBE_CMD_RESET, .doit = reset, .flags = GENL_ADMIN_PERM,
	  .policy = watch_policy, .maxattr = REQUEST_MAX },
};

static const struct genl_multicast_group groups[] = {
	{ .name = RINGPROBE_MCGRP_EVENTS, .flags = GENL_MCAST_CAP_NET_ADMIN },
};

static struct genl_family family __ro_after_init = {
	.name = RINGPROBE_FAMILY_NAME,
	.version = RINGPROBE_FAMILY_VERSION,
	.module = THIS_MODULE,
	.ops = ops,
	.n_ops = ARRAY_SIZE(ops),
	.mcgrps = groups,
	.n_mcgrps = ARRAY_SIZE(groups),
	.resv_start_op = RINGPROBE_CMD_GET_INFO,
};

/* A socket has been closed. */
static int at_release(struct notifier_block *block, unsigned long event, void *data)
{
	const struct netlink_notify *socket = data;
	LIST_HEAD(ended);

	if (event == NETLINK_URELEASE && socket->protocol == NETLINK_GENERIC &&
	    net_eq(socket->net, &init_net)) {
		mutex_lock(&lock);
		ringprobe_watch_end_all(socket->portid, &ended);
		mutex_unlock(&lock);
		free_and_tell(&ended);
	}
	return NOTIFY_DONE;
}

static struct notifier_block releases = { .notifier_call = at_release };

/*
 * While a group is nobody's, anybody may join it by its number, and stays when it
 * becomes ours. To give it up empties it.
 */
static int __init register_unheard(void)
{
	int i, err;

	for (i = 0; i < 8; i++) {
		err = genl_register_family(&family);
		if (err || !ringprobe_event_listen())
			return err;
		genl_unregister_family(&family);
	}
	return -EBUSY;
}

int __init ringprobe_netlink_init(void)
{
	int err;

	ringprobe_watch_probe_init();
	err = netlink_register_notifier(&releases);
	if (err)
		return err;
	ringprobe_event_init(&family);
	err = register_unheard();
	if (err)
		netlink_unregister_notifier(&releases);
	return err;
}

void ringprobe_netlink_exit(void)
{
	ringprobe_event_unload();
	genl_unregister_family(&family);
	netlink_unregister_notifier(&releases);
}
