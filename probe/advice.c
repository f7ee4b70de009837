// SPDX-License-Identifier: GPL-2.0
/*
 * Each rule looks at the sums of some calls, by name, of both tables. What a rule would
 * save is crossings times what one costs: the handlers' work is not in it.
 */
#include "advice.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "callname.h"

#define BUFFER		4096	/* bytes, in place of calls for less */
#define TINY		512	/* bytes a call: an eighth of a buffer */
#define WORTH		1.0	/* percent */

/* Bits of RINGPROBE_A_FAULT, beside "present" */
enum { FAULT_WRITE = 2, FAULT_FETCH = 16 };

struct some {
	__u64 count, returned, bytes;
};

struct rules {
	const struct netlink_stats *stats;
	double cost, cpu;
	struct advice *list;
	size_t n;
};

/* @names: words, each with a blank behind it. */
static struct some sum(const struct netlink_stats *stats, const char *names)
{
	struct some some = { 0 };

	for (size_t i = 0; i < stats->n; i++) {
		const struct netlink_call *call = &stats->calls[i];
		const char *name = callname(call->abi, call->nr);
		size_t length = name ? strlen(name) : 0;

		for (const char *at = name ? names : ""; *at; at = strchr(at, ' ') + 1) {
			if (strncmp(at, name, length) != 0 || at[length] != ' ')
				continue;
			some.count += call->count;
			some.returned += call->returned - call->errors;
			some.bytes += call->bytes;
		}
	}
	return some;
}

static double each(const struct some *some)
{
	return some->returned ? (double)some->bytes / (double)some->returned : 0;
}

static double percent(const struct rules *rules, double calls)
{
	return rules->cpu > 0 ? 100 * calls * rules->cost / rules->cpu : 0;
}

/* The next in the list, if saving @calls crossings is worth it. */
static struct advice *worth(struct rules *rules, const char *key, double calls, const char *see)
{
	double saves = percent(rules, calls);
	struct advice *next = &rules->list[rules->n];

	if (saves < WORTH || rules->n == ADVICE_MOST)
		return NULL;
	*next = (struct advice){ .key = key, .saves = saves, .see = see };
	rules->n++;
	return next;
}

static void tiny(struct rules *rules, const char *key, const char *names, const char *word,
		 const char *remedy)
{
	struct some some = sum(rules->stats, names);
	double needed = (double)some.bytes / BUFFER + 1;
	struct advice *it;

	if (!some.returned || each(&some) >= TINY)
		return;
	it = worth(rules, key, (double)some.count - needed, "ringprobe batch file");
	if (!it)
		return;
	snprintf(it->evidence, sizeof(it->evidence), "%llu %s of %.1f bytes each",
		 (unsigned long long)some.count, word, each(&some));
	snprintf(it->remedy, sizeof(it->remedy), "%s: %.0f calls of %d bytes would do", remedy,
		 needed, BUFFER);
}

/* What is read is written, in pieces of a size of their own. */
static void copies(struct rules *rules)
{
	struct some in = sum(rules->stats, "read pread64 recvfrom ");
	struct some out = sum(rules->stats, "write pwrite64 sendto ");
	__u64 more = in.bytes > out.bytes ? in.bytes : out.bytes;
	__u64 less = in.bytes + out.bytes - more;
	struct advice *it;

	if (each(&in) < TINY || each(&out) < TINY || (double)less < 0.9 * (double)more)
		return;
	it = worth(rules, "copy", (double)in.count, "ringprobe batch file");
	if (!it)
		return;
	snprintf(it->evidence, sizeof(it->evidence), "%llu bytes read in %llu calls, as many written",
		 (unsigned long long)in.bytes, (unsigned long long)in.count);
	snprintf(it->remedy, sizeof(it->remedy),
		 "sendfile() or splice(): the bytes stay in the kernel, and one call does both");
}

static void clocks(struct rules *rules, const char *clocksource)
{
	struct some some = sum(rules->stats, "clock_gettime gettimeofday time clock_gettime64 ");
	struct advice *it = worth(rules, "clock", (double)some.count, "ringprobe ladder --only vdso,clock");

	if (!it)
		return;
	snprintf(it->evidence, sizeof(it->evidence),
		 "%llu readings of a clock as real calls; the clock source is %s",
		 (unsigned long long)some.count, clocksource);
	snprintf(it->remedy, sizeof(it->remedy), "%s",
		 strcmp(clocksource, "tsc") != 0 && strcmp(clocksource, "kvm-clock") != 0 ?
		 "one that the vDSO can read: clocksource=tsc, where that is stable" :
		 "the vDSO reads it without a call: by libc, and CLOCK_MONOTONIC or CLOCK_REALTIME");
}

static void identities(struct rules *rules)
{
	struct some some = sum(rules->stats, "getpid getppid gettid getuid geteuid getgid getegid "
					     "getpgrp getuid32 geteuid32 getgid32 getegid32 ");
	struct advice *it = worth(rules, "identity", (double)some.count, "ringprobe ladder --only getppid");

	if (!it)
		return;
	snprintf(it->evidence, sizeof(it->evidence), "%llu calls for who the process is",
		 (unsigned long long)some.count);
	snprintf(it->remedy, sizeof(it->remedy), "ask once, and again after fork() or set*id()");
}

/* Each fault crosses as a call does, at least; only those that some page was missing for. */
static void faults(struct rules *rules)
{
	const __u64 *by_kind = rules->stats->faults;
	__u64 count = by_kind[0] + by_kind[FAULT_WRITE] + by_kind[FAULT_FETCH];
	struct advice *it = worth(rules, "faults", (double)count, "ringprobe ladder --only page-fault");

	if (!it)
		return;
	snprintf(it->evidence, sizeof(it->evidence), "%llu page faults, of pages that were not there",
		 (unsigned long long)count);
	snprintf(it->remedy, sizeof(it->remedy), "%s",
		 "keep memory and use it again, or have it made in one call: MAP_POPULATE, "
		 "madvise(MADV_POPULATE_WRITE), huge pages");
}

static int dearest_first(const void *one, const void *other)
{
	double a = ((const struct advice *)one)->saves, b = ((const struct advice *)other)->saves;

	return (a < b) - (a > b);
}

size_t advice(const struct netlink_stats *stats, double cost, double cpu,
	      const char *clocksource, struct advice list[ADVICE_MOST])
{
	struct rules rules = { .stats = stats, .cost = cost, .cpu = cpu, .list = list };

	tiny(&rules, "reads", "read pread64 recvfrom ", "reads", "a buffer, or readv()");
	tiny(&rules, "writes", "write pwrite64 sendto ", "writes", "a buffer, or writev()");
	copies(&rules);
	clocks(&rules, clocksource);
	identities(&rules);
	faults(&rules);
	qsort(list, rules.n, sizeof(*list), dearest_first);
	return rules.n;
}
