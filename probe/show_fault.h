/* SPDX-License-Identifier: GPL-2.0 */
/* What stopped code in ring 3, in words; for all that shows a run_report. */
#ifndef SHOW_FAULT_H
#define SHOW_FAULT_H

#include "run.h"

/* "#GP(0)", "SIGALRM" or "": what stopped it, for one column. */
const char *show_stop(const struct run_report *report);
/* What was caught, from the current column on and in lines from SHOW_FACT; @where: RIP in words */
void show_cause(const struct run_report *report, const char *where);
/* The same as the fields of JSON; no text. */
void show_signal(const struct run_report *report);

#endif
