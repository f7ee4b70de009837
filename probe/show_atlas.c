// SPDX-License-Identifier: GPL-2.0
/* The atlas as a table: one line an entry, both rings, the reason beside them. */
#define _GNU_SOURCE
#include "show_atlas.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "fault.h"
#include "measure.h"
#include "out.h"
#include "reach.h"
#include "show_fault.h"

enum { RING3 = 25, RING0 = 43, WHY = 51, INSN = 82, WHY0 = 112, ROUNDS = 8 };

struct count {
	unsigned int entries, as_predicted, open, known, differs, not_run;
	unsigned int ring0, known0, differs0, unreached, no_form;
	int fd;				/* what dev_open() said, where there is no module */
};

int show_match(enum observe_match match)
{
	return match == OBSERVE_DIFFERS ? EXIT_FAILED : EXIT_PROVEN;
}

static void show_predicted(const struct predict *predicted)
{
	out_open("predicted");
	out_str("verdict", NULL, predict_word(predicted->verdict));
	out_int("vector", NULL, predicted->vector);
	out_uint("error_code", NULL, predicted->error);
	out_bool("open", predicted->open);
	out_str("why", NULL, predicted->why);
	out_str("source", NULL, predicted->source);
	out_close();
}

static void show_table(const struct run_report *report)
{
	__u16 limit;
	__u64 base;

	observe_table(report, &limit, &base);
	out_uint("limit", NULL, limit);
	out_uint("base", NULL, base);
}

static void show_ticks(const char *key, const struct run_ticks *ticks)
{
	if (!ticks->n)
		return;
	out_open(key);
	out_uint("n", NULL, ticks->n);
	out_int("min_ticks", NULL, measure_in_unit(ticks->min));
	out_int("median_ticks", NULL, measure_in_unit(ticks->median));
	out_close();
}

void show_disasm(const struct atlas_entry *entry, enum run_mode mode, struct disasm *insn)
{
	const struct atlas_form *form = atlas_shown(entry, mode);

	disasm_as(form == &entry->form[RUN_MODE_32] ? DISASM_32 : 0, form->at,
		  (__u32)(form->end - form->at), RUN_CODE, insn);
}

void show_observation(const struct atlas_entry *entry, const struct observe *result)
{
	static const char *const matches[] = { "as predicted", "left open", "known deviation",
					       "differs", "not run", "no such code" };
	const struct run_report *report = &result->report;
	struct disasm insn;

	show_disasm(entry, report->mode, &insn);
	out_open("ring3");
	out_str("verdict", NULL, predict_word(result->verdict));
	out_str("match", NULL, matches[result->match]);
	show_predicted(&result->predicted);
	out_str("bytes", NULL, insn.hex);
	out_str("disassembly", NULL, insn.text);
	if (report->outcome == RUN_NOT_RUN)
		out_str("why_not", NULL, report->why_not);
	else if (report->signal)
		show_signal(report);
	if (report->outcome == RUN_EXECUTED || report->outcome == RUN_SIGNAL) {
		out_uint("rflags", NULL, report->rflags);
		out_uint("rax", NULL, report->regs[RUN_RAX]);
		out_uints("scratch", report->scratch, sizeof(report->scratch) / 8);
	}
	if (report->outcome == RUN_EXECUTED && observe_is_table(entry))
		show_table(report);
	show_ticks("to_handler", &report->handler);
	show_ticks("round", &report->round);
	if (result->known && result->match != OBSERVE_AS_PREDICTED) {
		out_str("known_of", NULL, result->known->where);
		out_str("known_why", NULL, result->known->why);
	}
	out_close();
}

static void show_ring0_fields(const struct atlas_entry *entry, const struct ring0 *result)
{
	out_open("ring0");
	out_str("verdict", NULL, ring0_word(result->outcome));
	if (result->err)
		out_str("errno", NULL, strerrorname_np(-result->err));
	if (result->outcome == RING0_LEFT_OUT)
		out_str("why_not", NULL, entry->why0);
	if (result->outcome == RING0_FAULTED)
		out_int("trap", NULL, result->vector);
	if (result->outcome == RING0_DONE) {
		out_uint("value", NULL, result->value[0]);
		out_uint("value2", NULL, result->value[1]);
		out_bool("redacted", result->redacted);
	}
	if (result->outcome == RING0_DONE || result->outcome == RING0_FAULTED)
		out_int("ticks", NULL, measure_in_unit((int64_t)result->ticks));
	out_bool("differs", result->differs);
	if (result->known)
		out_str("known_why", NULL, result->known->why);
	out_close();
}

static const char *expected_stop(const struct predict *predicted)
{
	static char text[48];

	if (predicted->vector < 0)
		snprintf(text, sizeof(text), "%s", predict_word(predicted->verdict));
	else
		snprintf(text, sizeof(text), predicted->error ? "%s(%#x)" : "%s(%u)",
			 fault_trap_name(predicted->vector), predicted->error);
	return text;
}

static void show_why(const struct observe *result, bool ring3)
{
	out_to(WHY);
	if (ring3 && result->match == OBSERVE_DIFFERS) {
		out_role(OUT_BAD);
		out_text("DIFFERS: predicted %s", expected_stop(&result->predicted));
	} else if (ring3 && result->match == OBSERVE_KNOWN) {
		out_text("known: should be %s", expected_stop(&result->predicted));
	} else if (ring3 && result->match == OBSERVE_NOT_RUN) {
		out_text("%s", result->known ? "the emulator would crash" :
			 run_mode_there(result->report.mode) ? "needs rights" :
			 "no segment for such code here");
	} else {
		out_text("%s", result->predicted.why);
	}
}

/* --wide: the instruction itself, and what is to be said of ring 0. */
static void show_more(const struct atlas_entry *entry, enum run_mode mode,
		      const struct ring0 *result)
{
	if (!out_is_wide())
		return;
	out_to(INSN);
	out_text("%s", atlas_shown(entry, mode)->insn);
	out_to(WHY0);
	if (result->outcome == RING0_LEFT_OUT)
		out_text("%s", entry->why0);
	else if (result->known)
		out_text("known: %s", result->known->why);
	else if (result->outcome == RING0_DONE)
		out_text("0x%llx", (unsigned long long)result->value[0]);
}

static void tally(struct count *count, const struct observe *result)
{
	count->as_predicted += result->match == OBSERVE_AS_PREDICTED;
	count->open += result->match == OBSERVE_OPEN;
	count->known += result->match == OBSERVE_KNOWN || (result->match == OBSERVE_NOT_RUN &&
							   result->known);
	count->differs += result->match == OBSERVE_DIFFERS;
	count->no_form += result->match == OBSERVE_NO_FORM;
	count->not_run += result->match == OBSERVE_NOT_RUN && !result->known;
}

static void show_line3(const struct atlas_entry *entry, const struct observe *result)
{
	bool fault = result->verdict == PREDICT_FAULTS;

	show_observation(entry, result);
	out_to(RING3);
	out_role(result->match == OBSERVE_DIFFERS ? OUT_BAD : fault ? OUT_GOOD : OUT_STRONG);
	out_text("%s", predict_word(result->verdict));
	if (fault)
		out_text(" %s", show_stop(&result->report));
}

static void show_line0(const struct atlas_entry *entry, struct count *count, struct ring0 *result)
{
	ring0_run(entry, result);
	show_ring0_fields(entry, result);
	out_to(RING0);
	out_role(result->differs ? OUT_BAD : result->outcome == RING0_DONE ? OUT_GOOD : OUT_PLAIN);
	out_text("%s", result->differs ? "DIFFERS" : ring0_word(result->outcome));
	count->ring0 += result->outcome <= RING0_ABSENT;
	count->known0 += result->known != NULL;
	count->differs0 += result->differs;
	if (result->outcome == RING0_UNREACHED) {
		count->unreached++;
		count->fd = result->fd;
	}
}

static void show_line(const struct atlas_entry *entry, const struct show_atlas_rings *rings,
		      struct count *count)
{
	struct observe result = { .predicted = predict(entry, rings->mode, predict_this_cpu()) };
	struct ring0 kernel = { .outcome = RING0_LEFT_OUT };

	count->entries++;
	out_row(entry->id);
	out_str("group", NULL, atlas_group_name(entry->group));
	out_str("instruction", NULL, atlas_shown(entry, rings->mode)->insn);
	out_role(OUT_STRONG);
	out_text("  %s", atlas_name(entry));
	if (rings->ring3) {
		observe(entry, rings->mode, ROUNDS, &result);
		show_line3(entry, &result);
		tally(count, &result);
	}
	if (rings->ring0)
		show_line0(entry, count, &kernel);
	show_why(&result, rings->ring3);
	show_more(entry, rings->mode, &kernel);
	out_text("\n");
	out_row_end();
	out_flush();
}

static void show_columns(void)
{
	out_text("  name");
	out_to(RING3);
	out_text("ring 3");
	out_to(RING0);
	out_text("ring 0");
	out_to(WHY);
	out_text("ring 3: why\n");
}

static void show_head(enum atlas_group group)
{
	out_line("\n%s: %s", atlas_group_name(group), atlas_group_title(group));
	show_columns();
}

/* What kept entries from being run, and what it all is worth. */
static int conclude(const struct count *count)
{
	if (count->unreached && !count->ring0) {
		out_say("reason", 8, "The module is %s.", reach_status(count->fd));
		out_next(8, reach_next(count->fd));
	}
	if (count->differs || count->differs0)
		return EXIT_FAILED;
	return count->not_run || count->unreached ? EXIT_PARTIAL : EXIT_PROVEN;
}

static int show_sum(const struct count *count, const struct show_atlas_rings *rings)
{
	out_text("\n");
	if (rings->ring3) {
		out_str("mode", "ring 3, %s:\n", run_mode_name(rings->mode));
		out_uint("entries", "        %llu entries, ", count->entries);
		out_uint("no_such_code", count->no_form ? "%llu without code for it, " : NULL,
			 count->no_form);
		out_uint("as_predicted", "%llu as the manuals predict, ", count->as_predicted);
		out_uint("left_open", "%llu left open by them,\n", count->open);
		out_uint("known_deviations", "        %llu as this virtual CPU is known to differ, ",
			 count->known);
		out_uint("not_run", "%llu not run (why: beside them),\n", count->not_run);
		out_role(count->differs ? OUT_BAD : OUT_GOOD);
		out_uint("differs", "        %llu without an explanation\n", count->differs);
	}
	if (rings->ring0) {
		out_uint("ring0", "ring 0: %llu entries run by the module, ", count->ring0);
		out_uint("ring0_known_deviations", "%llu as this virtual CPU is known to differ,\n",
			 count->known0);
		out_uint("ring0_unreached", "        %llu out of reach, ", count->unreached);
		out_role(count->differs0 ? OUT_BAD : OUT_GOOD);
		out_uint("ring0_differs", "%llu without an explanation\n", count->differs0);
	}
	return conclude(count);
}

int show_atlas_few(const char *const *names)
{
	const struct show_atlas_rings both = { true, true, RUN_MODE_64 };
	struct count count = { 0 };

	show_columns();
	for (; *names; names++)
		show_line(atlas_find(*names), &both, &count);
	return conclude(&count);
}

int show_atlas(const char *group, const struct show_atlas_rings *rings)
{
	struct count count = { 0 };
	enum atlas_group shown = ATLAS_GROUP_COUNT;

	for (unsigned int i = 0; i < atlas_count; i++) {
		const struct atlas_entry *entry = &atlas_entries[i];

		if (group && strcmp(group, atlas_group_name(entry->group)) != 0)
			continue;
		if (shown != entry->group)
			show_head(shown = entry->group);
		show_line(entry, rings, &count);
	}
	return show_sum(&count, rings);
}
