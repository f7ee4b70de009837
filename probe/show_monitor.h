/* SPDX-License-Identifier: GPL-2.0 */
/* One report of a watch, as a table or as one JSON object. */
#ifndef SHOW_MONITOR_H
#define SHOW_MONITOR_H

#include <stdbool.h>
#include <stdint.h>

#include "monitor.h"

struct show_monitor {
	const char *whom;	/* "process 17" */
	uint64_t tsc_khz;	/* 0: no ns here */
	unsigned int top;	/* so many calls in rows of their own */
	bool live;		/* on a screen that is cleared before */
	bool once;		/* one report was wanted: as text, no other after it */
	/* what a crossing costs, in the clock's unit */
	int64_t cost, low, high;
	double spread;
	bool given;		/* by --cost: it was not measured */
};

/* For monitor_run(); @how: a struct show_monitor. */
bool show_monitor(const struct monitor_report *report, void *how);

#endif
