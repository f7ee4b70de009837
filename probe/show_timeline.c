// SPDX-License-Identifier: GPL-2.0
/* How long an entry of the atlas takes, leg by leg, and what the kernel's stamp adds to that. */
#define _GNU_SOURCE
#include "show_atlas.h"

#include <string.h>
#include <unistd.h>

#include "measure.h"
#include "out.h"
#include "reach.h"
#include "timeline.h"

enum { FACT = SHOW_FACT, LEG = 58 };

static void show_leg(const char *key, const char *text, const struct run_ticks *ticks)
{
	if (!ticks->n)
		return;
	out_to(FACT);
	out_text("%s", text);
	out_to(LEG);
	out_open(key);
	out_uint("n", NULL, ticks->n);
	out_int("min", "%10lld", measure_in_unit(ticks->min));
	out_int("median", "%10lld\n", measure_in_unit(ticks->median));
	out_close();
}

static void show_head(__u32 rounds)
{
	const char *unit = measure_unit_name(measure_clock()->unit);

	out_uint("rounds", "%llu rounds", rounds);
	out_str("unit", ", in %s; stamps are taken off", unit);
	out_to(LEG);
	out_text("%10s%10s\n", "min", "median");
}

static void show_legs(const struct timeline *timeline)
{
	static const struct {
		enum timeline_leg leg;
		const char *key, *text;
	} legs[] = {
		{ TIMELINE_ENTRY, "entry", "the instruction, to the kernel's stamp" },
		{ TIMELINE_DELIVERY, "delivery", "on to the handler's first instruction" },
		{ TIMELINE_HANDLER, "handler", "the handler: ours, in ring 3" },
		{ TIMELINE_SIGRETURN, "sigreturn", "rt_sigreturn: to ring 0 and back" },
		{ TIMELINE_RESOLVED, "resolved", "the page is made; the instruction, again" },
		{ TIMELINE_WHOLE, "whole", "the whole" },
	};
	bool merged = !timeline->leg[TIMELINE_ENTRY].n;

	for (size_t i = 0; i < sizeof(legs) / sizeof(legs[0]); i++)
		show_leg(legs[i].key, merged && legs[i].leg == TIMELINE_DELIVERY ?
			 "the instruction, to the handler: two legs" : legs[i].text,
			 &timeline->leg[legs[i].leg]);
}

static void run(const struct atlas_entry *entry, enum run_mode mode, enum run_setup setup,
		struct timeline *timeline)
{
	struct run_request request = observe_request(entry, mode, SHOW_ROUNDS);
	struct run_report report;

	request.setup = setup;
	request.timeline = timeline;
	timeline->pages = entry->setup == RUN_SETUP_FRESH;
	run_code(&request, &report);
}

/* The same without the kernel's stamp: what that, or its tracepoint, costs. */
static void show_cost(const struct run_ticks *with, const struct run_ticks *without)
{
	show_leg("plain", "the whole, without the kernel's stamp", without);
	if (!with->n || !without->n)
		return;
	out_to(FACT);
	out_text("its tracepoint adds");
	out_to(LEG);
	out_text("%10s", "-");
	out_int("stamp_adds", "%10lld\n", measure_in_unit(with->median - without->median));
}

/* @fd: the device, or what reach_open() said instead; an entry's ring 0 half says it, too */
static int show_merged(const struct atlas_entry *entry, bool ask_module, int fd, int err)
{
	if (!ask_module) {
		out_say("not_split", FACT, "ring 0 was not asked: the kernel's part is in one");
		return EXIT_PROVEN;
	}
	if (entry->ring0 != RING0_NOT_RUN) {
		out_say("not_split", FACT, "the kernel's part is in one, without the module's stamp");
		return EXIT_PARTIAL;
	}
	out_say("not_split", FACT, "the kernel's part is in one, without the module's stamp: %s",
		fd < 0 ? reach_status(fd) : strerrordesc_np(-err));
	out_next(FACT, fd < 0 ? reach_next(fd) : REACH_NEXT);
	return EXIT_PARTIAL;
}

/* Rounds that cannot be cut are left out, and there is no hiding it. */
static int show_left_out(const struct timeline *timeline)
{
	if (timeline->told == timeline->rounds)
		return EXIT_PROVEN;
	out_role(OUT_BAD);
	out_to(FACT);
	out_uint("left_out", "%llu rounds are left out: no stamp of the kernel's in them, or others\n",
		 timeline->rounds - timeline->told);
	return timeline->told ? EXIT_PROVEN : EXIT_FAILED;
}

static int show_both(const struct atlas_entry *entry, enum run_mode mode, bool ask_module)
{
	int fd = ask_module ? reach_open(false) : -1;
	struct timeline with = { .fd = fd }, without = { .fd = -1 }, present = { .fd = -1 };
	bool split;
	int status;

	run(entry, mode, entry->setup, &without);
	if (fd >= 0)
		run(entry, mode, entry->setup, &with);
	split = fd >= 0 && !with.err;
	show_head(SHOW_ROUNDS);
	show_legs(split ? &with : &without);
	if (split)
		show_cost(&with.leg[TIMELINE_WHOLE], &without.leg[TIMELINE_WHOLE]);
	if (entry->setup == RUN_SETUP_FRESH) {
		run(entry, mode, RUN_SETUP_NONE, &present);
		show_leg("present", "the instruction where the page is there",
			 &present.leg[TIMELINE_WHOLE]);
	}
	status = split ? show_left_out(&with) : show_merged(entry, ask_module, fd, with.err);
	if (fd >= 0)
		close(fd);
	return status;
}

int show_timeline(const struct atlas_entry *entry, const struct observe *result, bool ask_module)
{
	const struct run_report *report = &result->report;
	int status = EXIT_PROVEN;

	if (!report->round.n) {
		out_say(NULL, FACT, "not taken");
		return status;
	}
	out_open("timeline");
	if (report->outcome == RUN_SIGNAL || entry->setup == RUN_SETUP_FRESH) {
		status = show_both(entry, report->mode, ask_module);
	} else {
		show_head(report->round.n);
		show_leg("whole", "the whole", &report->round);
	}
	if (measure_clock()->unit == MEASURE_EMULATED)
		out_say(NULL, FACT, "(an emulated CPU: compare rows only)");
	out_close();
	return status;
}
