/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a crossing costs afterwards: the time to touch a working set that was just
 * touched, against the same with one crossing between. What the kernel drove out of
 * caches, TLB and predictors is paid for there.
 */
#ifndef PATH_INDIRECT_H
#define PATH_INDIRECT_H

#include <stddef.h>
#include <stdint.h>

#include "stats.h"

enum path_set { PATH_SET_L1, PATH_SET_L2, PATH_SET_LLC, PATH_SET_TLB, PATH_SETS };

struct path_indirect {
	const char *key, *name;	/* what it is sized by */
	size_t bytes, touches;	/* 0: the kernel does not tell of such a cache */
	struct stats without, with;	/* ticks to touch all of it */
};

/* On the CPU where it runs; -errno where there is no memory. */
int path_indirect(struct path_indirect sets[PATH_SETS]);

#endif
