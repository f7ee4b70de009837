// SPDX-License-Identifier: GPL-2.0
#include "difference.h"

#include <stdlib.h>
#include <string.h>

#include "who.h"

static void subtract(struct netlink_call *call, const struct netlink_call *before)
{
	call->count -= before->count;
	call->errors -= before->errors;
	call->bytes -= before->bytes;
	call->returned -= before->returned;
	call->wall -= before->wall;
	call->cpu -= before->cpu;
	for (int i = 0; i < RINGPROBE_WATCH_BUCKETS; i++)
		call->histogram[i] -= before->histogram[i];
}

static int by_count(const void *a, const void *b)
{
	const struct netlink_call *one = a, *other = b;

	if (one->count != other->count)
		return one->count < other->count ? 1 : -1;
	if (one->abi != other->abi)
		return one->abi < other->abi ? 1 : -1;
	return one->nr < other->nr ? -1 : one->nr > other->nr;
}

static void differ_calls(const struct netlink_stats *total, const struct netlink_stats *before,
			 struct netlink_stats *part)
{
	part->n = 0;
	for (size_t i = 0; i < total->n; i++) {
		const struct netlink_call *all = &total->calls[i];
		const struct netlink_call *old = netlink_call(before, all->abi, all->nr);
		struct netlink_call *call = &part->calls[part->n];

		*call = *all;
		if (old)
			subtract(call, old);
		part->n += call->count || call->returned;
	}
	qsort(part->calls, part->n, sizeof(*part->calls), by_count);
}

/* The rest last. */
static int by_who(const void *a, const void *b)
{
	const struct netlink_who *one = a, *other = b;

	if (who_is_rest(one) != who_is_rest(other))
		return who_is_rest(one) ? 1 : -1;
	if (one->count != other->count)
		return one->count < other->count ? 1 : -1;
	return one->id < other->id ? -1 : one->id > other->id;
}

static __u64 less(__u64 a, __u64 b)
{
	return a > b ? a - b : 0;
}

static void take_off(struct netlink_who *who, const struct netlink_who *old)
{
	who->count = less(who->count, old->count);
	who->cpu_ticks = less(who->cpu_ticks, old->cpu_ticks);
}

/* A number that is another's by now has counted less. */
static const struct netlink_who *still(const struct netlink_stats *stats,
				       const struct netlink_who *old)
{
	const struct netlink_who *who = who_find(stats, old->id, old->pid);

	return who && who->count >= old->count && who->cpu_ticks >= old->cpu_ticks ? who : NULL;
}

static void differ_who(const struct netlink_stats *total, const struct netlink_stats *before,
		       struct netlink_stats *part)
{
	struct netlink_who *rest;
	size_t n = 0;

	if (total->who_n)
		memcpy(part->who, total->who, total->who_n * sizeof(*part->who));
	part->who_n = total->who_n;
	rest = who_rest(part);
	for (size_t i = 0; i < before->who_n; i++) {
		const struct netlink_who *old = &before->who[i], *now = still(total, old);

		if (now)
			take_off(&part->who[now - total->who], old);
		else if (rest)
			take_off(rest, old);
	}
	for (size_t i = 0; i < part->who_n; i++)
		if (part->who[i].count || part->who[i].cpu_ticks)
			part->who[n++] = part->who[i];
	part->who_n = n;
	qsort(part->who, n, sizeof(*part->who), by_who);
}

/* *@to gets @from's numbers, and room for as many elements. */
static bool shape(const struct netlink_stats *from, struct netlink_stats *to)
{
	struct netlink_call *calls = reallocarray(to->calls, from->n + 1, sizeof(*calls));
	struct netlink_who *who = reallocarray(to->who, from->who_n + 1, sizeof(*who));

	if (calls)
		to->calls = calls;
	if (who)
		to->who = who;
	if (!calls || !who)
		return false;
	*to = *from;
	to->calls = calls;
	to->room = from->n + 1;
	to->who = who;
	to->who_room = from->who_n + 1;
	return true;
}

bool difference(const struct netlink_stats *total, const struct netlink_stats *before,
		struct netlink_stats *part)
{
	if (!shape(total, part))
		return false;
	part->exited -= before->exited;
	part->untracked -= before->untracked;
	part->cpu_ticks -= before->cpu_ticks;
	part->now -= before->now;
	for (int i = 0; i < NETLINK_FAULTS; i++)
		part->faults[i] -= before->faults[i];
	for (int i = 0; i < NETLINK_SIGNALS; i++)
		part->signals[i] -= before->signals[i];
	differ_calls(total, before, part);
	differ_who(total, before, part);
	return true;
}

bool difference_copy(const struct netlink_stats *from, struct netlink_stats *to)
{
	if (!shape(from, to))
		return false;
	if (from->n)
		memcpy(to->calls, from->calls, from->n * sizeof(*to->calls));
	if (from->who_n)
		memcpy(to->who, from->who, from->who_n * sizeof(*to->who));
	return true;
}
