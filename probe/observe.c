// SPDX-License-Identifier: GPL-2.0
/*
 * From a run to a verdict. That an instruction came to its end does not say
 * that it did anything: what tells is the flags and values it left.
 */
#include "observe.h"

#include <stdio.h>
#include <string.h>

#include "look.h"

#define RFLAGS_ZF	0x40
#define RFLAGS_IF	0x200
#define RFLAGS_IOPL	0x3000

/* What the kernel puts in place of a value: arch/x86/kernel/umip.c */
#define UMIP_GDT_BASE	0xfffffffffffe0000ULL
#define UMIP_IDT_BASE	0xffffffffffff0000ULL
#define UMIP_CR0	0x80050033
#define UMIP_STR	0x40

bool observe_is_table(const struct atlas_entry *entry)
{
	return !strcmp(entry->id, "sgdt") || !strcmp(entry->id, "sidt");
}

void observe_table(const struct run_report *report, __u16 *limit, __u64 *base)
{
	memcpy(limit, report->scratch, sizeof(*limit));
	memcpy(base, (const char *)report->scratch + sizeof(*limit), sizeof(*base));
	if (report->mode == RUN_MODE_32)
		*base &= 0xffffffff;
}

static bool is_made_up(const struct atlas_entry *entry, const struct run_report *report)
{
	__u64 all = report->mode == RUN_MODE_32 ? 0xffffffff : ~0ULL, base;
	__u16 limit;

	observe_table(report, &limit, &base);
	if (!strcmp(entry->id, "sgdt"))
		return !limit && base == (UMIP_GDT_BASE & all);
	if (!strcmp(entry->id, "sidt"))
		return !limit && base == (UMIP_IDT_BASE & all);
	if (!strcmp(entry->id, "smsw"))
		return report->regs[RUN_RAX] == UMIP_CR0;
	if (!strcmp(entry->id, "str"))
		return report->regs[RUN_RAX] == UMIP_STR;
	return !report->regs[RUN_RAX];
}

static enum predict_verdict judge_executed(const struct atlas_entry *entry,
					   const struct run_report *report)
{
	switch (entry->rule) {
	case RULE_IOPL:
		return report->rflags & RFLAGS_IOPL ? PREDICT_WORKS : PREDICT_EMULATED;
	case RULE_IOPL_FLAG:
		return report->rflags & RFLAGS_IF ? PREDICT_IGNORED : PREDICT_WORKS;
	case RULE_IGNORED:		/* .error: the bits that were to change */
		return (report->rflags & entry->error) == (entry->error & RFLAGS_IF) ?
		       PREDICT_IGNORED : PREDICT_WORKS;
	case RULE_UMIP:
		/* With UMIP the CPU refuses, so what came back is not the CPU's. */
		return predict_this_cpu()->umip && is_made_up(entry, report) ?
		       PREDICT_SPOOFED : PREDICT_WORKS;
	case RULE_VSYSCALL:
		return PREDICT_EMULATED;
	default:
		return PREDICT_WORKS;
	}
}

static enum predict_verdict judge(const struct atlas_entry *entry, const struct observe *result)
{
	const struct run_report *report = &result->report;
	bool absent = result->predicted.verdict == PREDICT_ABSENT;

	switch (report->outcome) {
	case RUN_NOT_RUN:
		/* what would have forbidden it is not there either */
		return absent && entry->setup ? PREDICT_ABSENT : PREDICT_NOT_RUN;
	case RUN_TIMEOUT:
		return PREDICT_HANGS;
	case RUN_EXECUTED:
		return judge_executed(entry, report);
	default:
		return absent && report->trap == result->predicted.vector ?
		       PREDICT_ABSENT : PREDICT_FAULTS;
	}
}

/*
 * A caught fault with this vector and error code, in this mode at CPL 3, and
 * the signal for it.
 */
static bool faulted_so(const struct run_report *report, int vector, __u32 error)
{
	return report->outcome == RUN_SIGNAL && report->trap == vector &&
	       report->error == error && report->signal == predict_signal(vector) &&
	       look_cpl(report->cs) == 3 &&
	       (report->cs == RUN_CS_32) == (report->mode == RUN_MODE_32);
}

static bool is_as_predicted(const struct atlas_entry *entry, const struct observe *result)
{
	const struct predict *predicted = &result->predicted;
	const struct run_report *report = &result->report;

	if (result->verdict != predicted->verdict)
		return false;
	if (entry->rule == RULE_ANSWER && !(report->rflags & RFLAGS_ZF) != !entry->error)
		return false;
	if (predicted->vector < 0 || report->outcome == RUN_NOT_RUN)
		return true;
	return faulted_so(report, predicted->vector, predicted->error) ||
	       faulted_so(report, predicted->other_vector, 0);
}

static bool is_as_known(const struct observe *result)
{
	const struct deviate *known = result->known;

	if (!known || known->vector < 0)
		return known && result->verdict == PREDICT_WORKS;
	return faulted_so(&result->report, known->vector, known->error);
}

static enum observe_match match(const struct atlas_entry *entry, const struct observe *result)
{
	if (!entry->form[result->report.mode].insn)
		return OBSERVE_NO_FORM;
	if (result->verdict == PREDICT_NOT_RUN)
		return OBSERVE_NOT_RUN;
	if (is_as_predicted(entry, result))
		return OBSERVE_AS_PREDICTED;
	if (result->predicted.open)
		return OBSERVE_OPEN;
	return is_as_known(result) ? OBSERVE_KNOWN : OBSERVE_DIFFERS;
}

struct run_request observe_request(const struct atlas_entry *entry, enum run_mode mode,
				   __u32 rounds)
{
	const struct atlas_form *form = &entry->form[mode];
	struct run_request request = {
		.code = form->code, .size = (__u32)(form->end - form->code),
		.mode = mode, .rounds = rounds, .grant = entry->grant,
		.setup = entry->setup,
	};

	run_registers(request.regs);
	return request;
}

static void run(const struct atlas_entry *entry, __u32 rounds, struct run_report *report)
{
	const struct run_request request = observe_request(entry, report->mode, rounds);

	run_code(&request, report);
}

/* A busy host's seconds are not the code's: what really hangs does so again. */
static void run_twice(const struct atlas_entry *entry, __u32 rounds, struct run_report *report)
{
	run(entry, rounds, report);
	if (report->outcome == RUN_TIMEOUT || report->outcome == RUN_KILLED)
		run(entry, rounds, report);
}

void observe(const struct atlas_entry *entry, enum run_mode mode, __u32 rounds,
	     struct observe *result)
{
	struct run_report *report = &result->report;

	memset(result, 0, sizeof(*result));
	report->mode = mode;
	result->predicted = predict(entry, mode, predict_this_cpu());
	if (entry->form[mode].insn && run_mode_there(mode))
		result->known = deviate_known(entry, 3, mode);
	if (!entry->form[mode].insn)
		snprintf(report->why_not, sizeof(report->why_not), "%s", entry->why32);
	else if (result->known && result->known->avoid)
		snprintf(report->why_not, sizeof(report->why_not), "%s: %s",
			 result->known->where, result->known->why);
	else
		run_twice(entry, rounds, report);
	result->verdict = judge(entry, result);
	result->match = match(entry, result);
}
