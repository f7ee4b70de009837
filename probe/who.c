// SPDX-License-Identifier: GPL-2.0
#include "who.h"

#include <string.h>

const struct netlink_who *who_find(const struct netlink_stats *stats, __u32 id, __u32 pid)
{
	for (size_t i = 0; i < stats->who_n; i++)
		if (stats->who[i].id == id && stats->who[i].pid == pid)
			return &stats->who[i];
	return NULL;
}

/* No task has number 0, and no CPU ends. */
bool who_is_rest(const struct netlink_who *who)
{
	return !who->id && who->ended;
}

struct netlink_who *who_rest(struct netlink_stats *stats)
{
	for (size_t i = 0; i < stats->who_n; i++)
		if (who_is_rest(&stats->who[i]))
			return &stats->who[i];
	return NULL;
}

static struct netlink_who *process(struct netlink_who *list, size_t n, __u32 pid)
{
	for (size_t i = 0; i < n; i++)
		if (list[i].pid == pid)
			return &list[i];
	return NULL;
}

void who_by_process(struct netlink_stats *stats)
{
	size_t n = 0;

	for (size_t i = 0; i < stats->who_n; i++) {
		struct netlink_who thread = stats->who[i];
		struct netlink_who *known = process(stats->who, n, thread.pid);

		if (!known) {
			known = &stats->who[n++];
			*known = thread;
			known->id = thread.pid;
			continue;
		}
		if (thread.id == thread.pid)
			memcpy(known->name, thread.name, sizeof(known->name));
		known->ended &= thread.ended;
		known->count += thread.count;
		known->cpu_ticks += thread.cpu_ticks;
	}
	stats->who_n = n;
}

/* The whole was read first, so it may be less than the sum. */
bool who_add_rest(struct netlink_stats *stats)
{
	struct netlink_who rest = { .ended = true, .cpu_ticks = stats->cpu_ticks };
	struct netlink_who *more;

	for (size_t i = 0; i < stats->n; i++)
		rest.count += stats->calls[i].count;
	for (size_t i = 0; i < stats->who_n; i++) {
		const struct netlink_who *who = &stats->who[i];

		rest.count -= who->count < rest.count ? who->count : rest.count;
		rest.cpu_ticks -= who->cpu_ticks < rest.cpu_ticks ? who->cpu_ticks : rest.cpu_ticks;
	}
	more = netlink_more_who(stats);
	if (more)
		*more = rest;
	return more;
}
