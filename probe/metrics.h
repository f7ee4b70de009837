/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A report as a file for Prometheus: its text format, as node_exporter(1) collects it
 * from a directory. Whoever reads it sees one report whole, since it is renamed to.
 */
#ifndef METRICS_H
#define METRICS_H

#include "show_monitor.h"

/* To @how->metrics. 0 or -errno: the file is as it was. */
int metrics_write(const struct show_monitor *how, const struct monitor_report *report);
/* Whether a file can be made there: 0 or -errno; -EINVAL: what is there is no regular file. */
int metrics_try(const char *path);

#endif
