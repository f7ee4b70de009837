/* SPDX-License-Identifier: GPL-2.0 */
/* One report of a watch, as a table or as one JSON object. */
#ifndef SHOW_MONITOR_H
#define SHOW_MONITOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cost.h"
#include "measure.h"
#include "monitor.h"

struct show_monitor {
	const char *whom;	/* "process 17" */
	uint64_t tsc_khz;	/* 0: no ns here */
	unsigned int top;	/* so many in rows of their own */
	enum monitor_by by;
	bool faults;		/* were counted */
	bool live;		/* on a screen that is cleared before */
	bool once;		/* one report was wanted: as text, no other after it */
	struct cost cost;
	const char *metrics;	/* a file for Prometheus, or NULL */
	bool metrics_failed;	/* one could not be written: that has been said */
};

/* Ticks of the TSC in the clock's unit. */
static inline unsigned long long show_unit(__u64 ticks)
{
	return (unsigned long long)measure_in_unit((int64_t)ticks);
}

/* 0 of nothing. */
static inline double show_part(double part, double whole)
{
	return whole > 0 ? part / whole : 0;
}

/* The crossing tax: percent of that CPU time that so many crossings take. */
double show_tax(const struct show_monitor *how, __u64 count, __u64 cpu_ticks);
/* Calls begun. */
__u64 show_crossings(const struct netlink_stats *stats);
/* "read", "openat (32)", "number 500" */
void show_call_label(const struct netlink_call *call, char *text, size_t size);

/* show_who.c: threads, processes or CPUs */
void show_who_text(const struct show_monitor *how, const struct monitor_report *report);
void show_who_json(const struct show_monitor *how, const struct monitor_report *report);

/* show_faults.c: page faults and signals */
void show_faults_text(const struct monitor_report *report);
void show_faults_json(const struct netlink_stats *stats);

/* For monitor_run(); @how: a struct show_monitor. */
bool show_monitor(const struct monitor_report *report, void *how);

#endif
