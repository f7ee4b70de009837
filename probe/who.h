/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Those that crossed: threads or CPUs as the kernel tells of them, or processes. Of
 * tasks that it tells of no more, since it needed their room, there is the rest.
 */
#ifndef WHO_H
#define WHO_H

#include <stdbool.h>

#include "netlink.h"

/* NULL: there is none. */
const struct netlink_who *who_find(const struct netlink_stats *stats, __u32 id, __u32 pid);
bool who_is_rest(const struct netlink_who *who);
/* Of these, or NULL: there is none. */
struct netlink_who *who_rest(struct netlink_stats *stats);
/* Threads become processes: .id is .pid, the name is the first thread's, if it is there. */
void who_by_process(struct netlink_stats *stats);
/* What the whole has and none of the tasks. False: no memory. */
bool who_add_rest(struct netlink_stats *stats);

#endif
