// SPDX-License-Identifier: GPL-2.0
/* One entry of the atlas on a page: what it is, what was predicted, what was seen, and why. */
#define _GNU_SOURCE
#include "show_atlas.h"

#include <stdio.h>
#include <string.h>

#include "fault.h"
#include "measure.h"
#include "out.h"
#include "reach.h"
#include "show_fault.h"

enum { FACT = SHOW_FACT, ROUNDS = SHOW_ROUNDS };

/* The functions have these names in Linux 6.1, 6.12 and 7.x. */
static const struct {
	int vector;
	const char *way;
} ways[] = {
	{ 0, "exc_divide_error() (arch/x86/kernel/traps.c)" },
	{ 1, "exc_debug() (arch/x86/kernel/traps.c)" },
	{ 3, "exc_int3() (arch/x86/kernel/traps.c)" },
	{ 4, "exc_overflow() (arch/x86/kernel/traps.c)" },
	{ 5, "exc_bounds() (arch/x86/kernel/traps.c)" },
	{ 6, "exc_invalid_op() (arch/x86/kernel/traps.c)" },
	{ 12, "exc_stack_segment() (arch/x86/kernel/traps.c)" },
	{ 13, "exc_general_protection() (arch/x86/kernel/traps.c), which first looks whether it "
	      "has to step in (UMIP, iopl)" },
	{ 14, "exc_page_fault() (arch/x86/mm/fault.c), which finds no mapping that allows it" },
	{ 17, "exc_alignment_check() (arch/x86/kernel/traps.c)" },
};

/* Where are rings 1 and 2? */
static void show_levels(const __u32 *levels)
{
	out_to(FACT);
	out_line("descriptors with DPL 0: %u, 1: %u, 2: %u, 3: %u", levels[0], levels[1], levels[2],
		 levels[3]);
}

static void show_table(const struct run_report *report)
{
	__u16 limit;
	__u64 base;

	observe_table(report, &limit, &base);
	out_to(FACT);
	out_line("limit %#x, base %#llx", limit, (unsigned long long)base);
}

static const char *rip_words(const struct atlas_form *form, __u64 rip)
{
	static char text[32];
	__u64 at = RUN_CODE + (__u64)(form->at - form->code);

	if (rip == at)
		return "at the instruction";
	if (rip == RUN_CODE + (__u64)(form->end - form->code))
		return "behind the instruction";
	snprintf(text, sizeof(text), "%#llx", (unsigned long long)rip);
	return text;
}

static void show_outcome(const struct atlas_entry *entry, const struct observe *result)
{
	const struct run_report *report = &result->report;

	switch (report->outcome) {
	case RUN_SIGNAL:
		out_text("%s: ", predict_word(result->verdict));
		show_cause(report, rip_words(&entry->form[report->mode], report->rip));
		return;
	case RUN_NOT_RUN:
		out_say(NULL, FACT, "%s: %s", predict_word(result->verdict), report->why_not);
		return;
	case RUN_EXECUTED:
		out_role(OUT_STRONG);
		out_text("%s", predict_word(result->verdict));
		out_text(": it ran to its end at CPL 3; RAX 0x%llx, RFLAGS 0x%llx\n",
			 (unsigned long long)report->regs[RUN_RAX],
			 (unsigned long long)report->rflags);
		if (entry->ring0 == RING0_LAR)
			show_levels((const __u32 *)report->scratch);
		if (observe_is_table(entry))
			show_table(report);
		return;
	default:
		out_line("%s: stopped by %s", predict_word(result->verdict),
			 fault_signal_name(report->signal));
	}
}

static void show_prediction(const struct observe *result)
{
	const struct predict *predicted = &result->predicted;
	static const char *const words[] = { "as predicted", "left open by the manuals",
					     "not as predicted, as known",
					     "NOT as predicted", "not run",
					     "no code of this mode" };

	show_label("predicted");
	out_text("%s", predict_word(predicted->verdict));
	if (predicted->vector >= 0)
		out_text(" %s, error code %#x", fault_trap_name(predicted->vector),
			 predicted->error);
	out_text(": %s\n", predicted->why);
	out_to(FACT);
	out_line("(%s)", predicted->source);
	show_label("so it is");
	out_role(result->match == OBSERVE_DIFFERS ? OUT_BAD : OUT_GOOD);
	out_line("%s", words[result->match]);
	if (result->known && result->match != OBSERVE_AS_PREDICTED)
		out_say(NULL, FACT, "%s: %s", result->known->where, result->known->why);
}

static void show_way(const struct atlas_entry *entry, const struct run_report *report)
{
	const char *gate = predict_this_cpu()->fred ? "FRED" : "IDT";

	if (entry->setup == RUN_SETUP_FRESH) {
		show_label("its way");
		out_say(NULL, FACT, "CPU, vector %d -> %s -> exc_page_fault() (arch/x86/mm/fault.c) -> "
			"handle_mm_fault() (mm/memory.c) -> the same instruction again",
			FAULT_PAGE_FAULT, gate);
	}
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		if (report->outcome != RUN_SIGNAL || ways[i].vector != report->trap)
			continue;
		show_label("its way");
		out_say(NULL, FACT, "CPU, vector %d -> %s -> %s -> force_sig_info_to_task() "
			"(kernel/signal.c): %s -> arch_do_signal_or_restart() "
			"(arch/x86/kernel/signal.c) -> the handler", report->trap, gate,
			ways[i].way, fault_signal_name(report->signal));
	}
}

static int show_explained(const struct ring0 *result)
{
	if (result->known)
		out_say("ring0_known", FACT, "%s: %s", result->known->where, result->known->why);
	if (!result->differs)
		return EXIT_PROVEN;
	out_role(OUT_BAD);
	out_say("ring0_differs", FACT, "NOT as the manuals say");
	return EXIT_FAILED;
}

static int show_ring0_half(const struct atlas_entry *entry)
{
	struct ring0 result;

	ring0_run(entry, &result);
	show_label("ring 0");
	switch (result.outcome) {
	case RING0_LEFT_OUT:
		out_say("ring0_why_not", FACT, "%s", entry->why0);
		return EXIT_PROVEN;
	case RING0_UNREACHED:
		out_say("ring0_why_not", FACT, "not run: %s",
			result.fd < 0 ? reach_status(result.fd) : strerrordesc_np(-result.err));
		out_next(FACT, result.fd < 0 ? reach_next(result.fd) : REACH_NEXT);
		return EXIT_PARTIAL;
	case RING0_REFUSED:
		out_say("ring0_why_not", FACT, "refused by ringprobe's allow-list (EACCES)");
		return EXIT_PROVEN;
	case RING0_ABSENT:
		out_say("ring0_why_not", FACT, "not on this CPU");
		return EXIT_PROVEN;
	case RING0_FAULTED:
		out_int("ring0_trap", NULL, result.vector);
		out_line("faults, too: %s, caught by the module's exception table",
			 fault_trap_name(result.vector));
		return show_explained(&result);
	default:
		break;
	}
	out_str("ring0", "%s", ring0_word(result.outcome));
	out_uint("ring0_value", result.redacted ? ": the address is kept back under lockdown" :
		 ": 0x%llx", result.value[0]);
	out_uint("ring0_value2", result.value[1] ? ", 0x%llx" : NULL, result.value[1]);
	out_int("ring0_ticks", ", in %lld ", measure_in_unit((int64_t)result.ticks));
	out_line("%s", measure_unit_name(measure_clock()->unit));
	if (entry->why0)
		out_say("ring0_what", FACT, "%s", entry->why0);
	if (entry->ring0 == RING0_LAR)
		show_levels(result.levels);
	return show_explained(&result);
}

static int show_ring3_half(const struct atlas_entry *entry, const struct show_atlas_rings *rings)
{
	struct observe result;
	int status;

	observe(entry, rings->mode, ROUNDS, &result);
	show_observation(entry, &result);
	show_label("ring 3");
	show_outcome(entry, &result);
	show_prediction(&result);
	show_way(entry, &result.report);
	show_label("its time");
	status = show_timeline(entry, &result, rings->ring0);
	if (result.match == OBSERVE_NOT_RUN && !result.known)
		return EXIT_PARTIAL;
	return show_worse(status, show_match(result.match));
}

static void show_code(const struct atlas_entry *entry, enum run_mode mode)
{
	const struct atlas_form *form = atlas_shown(entry, mode);
	struct disasm insn;

	show_disasm(entry, mode, &insn);
	out_role(OUT_STRONG);
	out_line("%s", atlas_name(entry));
	out_say("what", 2, "%s", entry->what);
	show_label("instruction");
	out_text("%s", insn.hex);
	out_role(OUT_STRONG);
	out_say("instruction", FACT, "   %s", form->insn);
	if (*form->prelude) {
		out_to(FACT);
		out_say("prelude", FACT, "after: %s", form->prelude);
	}
	show_label("manual");
	out_str("manual", "Intel SDM vol. 2 and AMD APM vol. 3, %s\n", entry->manual);
}

int show_entry(const struct atlas_entry *entry, const struct show_atlas_rings *rings)
{
	int status = EXIT_PROVEN;

	out_row(entry->id);
	out_str("group", NULL, atlas_group_name(entry->group));
	show_code(entry, rings->mode);
	if (rings->ring3)
		status = show_ring3_half(entry, rings);
	if (rings->ring0)
		status = show_worse(status, show_ring0_half(entry));
	out_row_end();
	return status;
}
