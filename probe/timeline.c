// SPDX-License-Identifier: GPL-2.0
/*
 * Stamps of the kernel's and the user's, put together. One invariant: a stamp of
 * the kernel's belongs to a round only if it lies in it, is the only one there and
 * is of the signal that the round ended in; no other round is described.
 */
#include "timeline.h"

#include <string.h>

#include "dev.h"
#include "measure.h"
#include "priv.h"
#include "run_area.h"

#define RECORDS_MAX 4096

int timeline_arm(const struct timeline *timeline)
{
	if (timeline->fd < 0)
		return 0;
	priv_rawio(true);
	return dev_fault_arm(timeline->fd, timeline->pages ? RINGPROBE_FAULT_F_PAGES :
			     RINGPROBE_FAULT_F_SIGNALS);
}

struct stamps {
	__u32 n;
	__u64 at[RUN_STAMPS][RUN_SAMPLES];
	__u64 kernel[RUN_SAMPLES];
};

struct records {
	__u32 n;
	struct ringprobe_fault_record at[RECORDS_MAX];
};

/* All there are, in their order; then the kernel is to record no more. */
static int read_records(int fd, struct records *records)
{
	int err;

	priv_rawio(true);
	err = dev_fault_records(fd, records->at, RECORDS_MAX, &records->n);
	if (!err)
		err = dev_fault_arm(fd, 0);
	priv_rawio(false);
	return err;
}

/* The kernel's stamp in round @i, 0 if there is none or more than it. */
static __u64 stamp_of(const struct records *records, const struct run_area *area, __u32 i,
		      const struct run_report *report)
{
	__u64 stamp = 0;

	for (__u32 k = 0; k < records->n; k++) {
		const struct ringprobe_fault_record *record = &records->at[k];

		if (record->stamp < area->sample[RUN_AT_ENTER][i] ||
		    record->stamp > area->sample[RUN_AT_LEAVE][i])
			continue;
		if (stamp || record->signal != (__u32)report->signal ||
		    (record->signal && record->vector != (__u32)report->trap))
			return 0;
		stamp = record->stamp;
	}
	return stamp;
}

static void keep(struct stamps *stamps, const struct run_area *area, __u32 i, __u64 kernel)
{
	for (int at = 0; at < RUN_STAMPS; at++)
		stamps->at[at][stamps->n] = area->sample[at][i];
	stamps->kernel[stamps->n++] = kernel;
}

/*
 * The cost of the stamps is taken off, so that the legs make up the whole. @between:
 * what a stamp and the next one take; @split: there are stamps of the kernel's.
 */
static void describe_signal(struct timeline *timeline, const struct stamps *stamps, bool split,
			    __s64 between, const struct run_overhead *overhead)
{
	const __u64 (*at)[RUN_SAMPLES] = stamps->at;
	struct run_ticks *leg = timeline->leg;

	run_describe(&leg[TIMELINE_DELIVERY], stamps->n,
		     split ? stamps->kernel : at[RUN_AT_ENTER], at[RUN_AT_HANDLER],
		     split ? between : overhead->stopped);
	run_describe(&leg[TIMELINE_HANDLER], stamps->n, at[RUN_AT_HANDLER], at[RUN_AT_SIGRETURN],
		     between);
	run_describe(&leg[TIMELINE_SIGRETURN], stamps->n, at[RUN_AT_SIGRETURN], at[RUN_AT_LEAVE],
		     between);
	run_describe(&leg[TIMELINE_WHOLE], stamps->n, at[RUN_AT_ENTER], at[RUN_AT_LEAVE],
		     split ? overhead->stamped + 3 * between : overhead->stopped + 2 * between);
}

static void describe_resolved(struct timeline *timeline, const struct stamps *stamps, bool split,
			      __s64 between, const struct run_overhead *overhead)
{
	const __u64 (*at)[RUN_SAMPLES] = stamps->at;
	struct run_ticks *leg = timeline->leg;

	if (split)
		run_describe(&leg[TIMELINE_RESOLVED], stamps->n, stamps->kernel, at[RUN_AT_LEAVE],
			     between + overhead->executed - overhead->stamped);
	run_describe(&leg[TIMELINE_WHOLE], stamps->n, at[RUN_AT_ENTER], at[RUN_AT_LEAVE],
		     overhead->executed + (split ? between : 0));
}

void timeline_take(struct timeline *timeline, const struct run_area *area,
		   const struct run_report *report, const struct run_overhead *overhead)
{
	static struct records records;
	static struct stamps stamps;
	__u32 n = area->samples <= RUN_SAMPLES ? area->samples : 0;
	__s64 between = measure_clock()->empty;
	bool split = timeline->fd >= 0 && !report->child.unarmed;

	records.n = stamps.n = 0;
	memset(timeline->leg, 0, sizeof(timeline->leg));
	timeline->rounds = n;
	timeline->err = report->child.unarmed;
	if (split)
		timeline->err = read_records(timeline->fd, &records);
	for (__u32 i = 0; i < n; i++) {
		__u64 kernel = split ? stamp_of(&records, area, i, report) : 0;

		if (kernel || !split)
			keep(&stamps, area, i, kernel);
	}
	timeline->told = stamps.n;
	if (split)
		run_describe(&timeline->leg[TIMELINE_ENTRY], stamps.n, stamps.at[RUN_AT_ENTER],
			     stamps.kernel, overhead->stamped);
	if (report->outcome == RUN_SIGNAL)
		describe_signal(timeline, &stamps, split, between, overhead);
	else if (report->outcome == RUN_EXECUTED)
		describe_resolved(timeline, &stamps, split, between, overhead);
}
