// SPDX-License-Identifier: GPL-2.0
/*
 * One run, shown: the code, what it started with, as whom it ran, what came of
 * it and what it changed. Whatever came is an answer; only not to have run is not.
 */
#define _GNU_SOURCE
#include "show_try.h"

#include <ctype.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "confine.h"
#include "deviate.h"
#include "disasm.h"
#include "fault.h"
#include "look.h"
#include "out.h"
#include "run.h"
#include "show.h"
#include "show_fault.h"

enum { TEXT = SHOW_FACT + 24, REGISTER = 22 };

static const char *const names[RUN_REGS] = {
	"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi",
	"r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15",
};

/* Intel SDM vol. 1, EFLAGS Register */
static const struct {
	__u64 bit;
	const char *name;
} flags[] = {
	{ 1 << 0, "CF" }, { 1 << 2, "PF" }, { 1 << 4, "AF" }, { 1 << 6, "ZF" }, { 1 << 7, "SF" },
	{ 1 << 8, "TF" }, { 1 << 9, "IF" }, { 1 << 10, "DF" }, { 1 << 11, "OF" },
	{ 1 << 14, "NT" }, { 1 << 16, "RF" }, { 1 << 18, "AC" }, { 1 << 21, "ID" },
};

/* Where each instruction begins, and the end of the last one. */
static struct {
	__u32 from[RUN_CODE_MAX + 1];
	__u32 n;
} insns;

static void disassemble(const struct show_try *try, __u32 i, struct disasm *insn)
{
	__u32 from = insns.from[i];

	disasm_as(try->intel, try->code + from, insns.from[i + 1] - from, RUN_CODE + from, insn);
}

/* Bytes that are no instruction count one by one. */
static void split(const struct show_try *try)
{
	struct disasm insn;

	insns.n = 0;
	for (__u32 at = 0; at < try->size;) {
		disasm_one(try->code + at, try->size - at, RUN_CODE + at, &insn);
		insns.from[insns.n++] = at;
		at += insn.size ? insn.size : 1;
	}
	insns.from[insns.n] = try->size;
}

/* Side by side, or one below the other where that is too long for a line. */
static void show_insn(const struct disasm *insn)
{
	bool fits = strlen(insn->hex) < TEXT - SHOW_FACT &&
		    TEXT + strlen(insn->text) < (size_t)out_columns();

	out_to(SHOW_FACT);
	out_str("bytes", fits ? "%s" : "%s\n", insn->hex);
	out_to(fits ? TEXT : SHOW_FACT + 4);
	out_role(OUT_STRONG);
	out_str("disassembly", "%s", insn->text);
	out_text(insn->size ? "\n" : "  not an instruction, or not all of one\n");
}

static void show_code(const struct show_try *try)
{
	show_label("code");
	for (__u32 i = 0; i < insns.n; i++) {
		struct disasm insn;
		char number[12];

		disassemble(try, i, &insn);
		snprintf(number, sizeof(number), "%u", i + 1);
		out_row(number);
		out_uint("offset", NULL, insns.from[i]);
		show_insn(&insn);
		out_row_end();
	}
	out_str("warning", NULL, *try->warning ? try->warning : NULL);
	if (*try->warning) {
		show_label("as warns");
		out_say(NULL, SHOW_FACT, "%s", try->warning);
	}
}

/* Three in a line; the rest of it is up to the caller. */
static void show_register(int i, __u64 value, unsigned int *shown)
{
	char name[4] = "";

	for (int c = 0; c < 3; c++)
		name[c] = (char)toupper((unsigned char)names[i][c]);
	if (*shown && *shown % 3 == 0)
		out_text("\n");
	out_to(SHOW_FACT + REGISTER * (int)(*shown % 3));
	out_text("%-3s %016llx", name, (unsigned long long)value);
	++*shown;
}

static const char *flag_words(__u64 rflags)
{
	static char text[96];
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (rflags & flags[i].bit)
			used += (size_t)snprintf(text + used, sizeof(text) - used, " %s",
						 flags[i].name);
	return text;
}

static void out_registers(const char *key, const __u64 *regs, __u64 rflags)
{
	out_open(key);
	for (int i = 0; i < RUN_REGS; i++)
		out_uint(names[i], NULL, regs[i]);
	out_uint("rflags", NULL, rflags);
	out_close();
}

static void show_start(const __u64 *regs)
{
	unsigned int shown = 0;

	show_label("starts with");
	for (int i = 0; i < RUN_REGS; i++)
		show_register(i, regs[i], &shown);
	out_line("  RFLAGS %#x:%s", RUN_RFLAGS_START, flag_words(RUN_RFLAGS_START));
	out_to(SHOW_FACT);
	out_line("RSI and RDI: 4 KiB of zeros; RSP and RBP: a stack");
	out_registers("start", regs, RUN_RFLAGS_START);
}

static void show_child(const struct run_child *child)
{
	show_label("ran as");
	out_open("ran_as");
	out_uint("uid", "uid %llu, ", child->uid);
	out_uint("gid", "gid %llu, ", child->gid);
	out_uint("capabilities", child->capabilities ? "capabilities %#llx, " : "no capabilities, ",
		 child->capabilities);
	out_bool("no_new_privs", child->no_new_privs);
	out_text("%s, ", child->no_new_privs ? "no new privileges" : "new privileges possible");
	out_uint("cpl", "CPL %llu", look_cpl(child->cs));
	out_close();
	out_text("\n");
	if (geteuid() || !child->uid)
		return;
	out_to(SHOW_FACT);
	out_line("(you are root: the child has given that up)");
}

/* RIP in words; the instruction before it where the signal came behind one. */
static const char *rip_words(const struct show_try *try, const struct run_report *report)
{
	static char text[192];
	bool behind = report->signal == SIGSYS || report->signal == SIGTRAP;
	__u64 at = report->rip - RUN_CODE;
	struct disasm insn;
	__u32 i = 0;

	if (at > try->size) {
		snprintf(text, sizeof(text), "%#llx, outside the code",
			 (unsigned long long)report->rip);
		return text;
	}
	while (insns.from[i + 1] < at && i + 1 < insns.n)
		i++;
	/* now i is the one that ends at or behind it */
	if (insns.from[i + 1] == at && !behind && i + 1 < insns.n)
		i++;
	disassemble(try, i, &insn);
	snprintf(text, sizeof(text), "%#llx, %s instruction %u: %s", (unsigned long long)report->rip,
		 at == insns.from[i] ? "at" : at == insns.from[i + 1] ? "behind" : "inside", i + 1,
		 insn.text);
	return text;
}

static const char *outcome_word(const struct run_report *report)
{
	static const char *const words[] = {
		[RUN_NOT_RUN] = "not run", [RUN_EXECUTED] = "executed", [RUN_SIGNAL] = "faults",
		[RUN_KILLED] = "killed", [RUN_TIMEOUT] = "hangs", [RUN_LOST] = "lost",
	};

	if (report->outcome == RUN_SIGNAL && report->signal == SIGSYS)
		return "refused by seccomp";
	return words[report->outcome];
}

static void show_outcome(const struct show_try *try, const struct run_report *report)
{
	const char *word = outcome_word(report), *words;

	show_label("outcome");
	out_str("outcome", NULL, word);
	if (report->outcome != RUN_NOT_RUN && report->signal)
		show_signal(report);
	switch (report->outcome) {
	case RUN_SIGNAL:
		if (report->signal != SIGSYS)
			out_text("%s: ", word);
		words = rip_words(try, report);
		out_str("rip_words", NULL, words);
		show_cause(report, words);
		return;
	case RUN_EXECUTED:
		out_role(OUT_STRONG);
		out_line("%s: it ran to its end", word);
		return;
	case RUN_NOT_RUN:
		out_say("why_not", SHOW_FACT, "%s: %s", word, report->why_not);
		return;
	case RUN_KILLED:
		out_say(NULL, SHOW_FACT, "%s by %s, which no handler caught%s", word,
			fault_signal_name(report->signal), report->signal == SIGKILL ?
			": its CPU time was used up, or somebody killed it" : "");
		return;
	case RUN_TIMEOUT:
		out_line("%s: stopped by %s after %d s", word, fault_signal_name(report->signal),
			 CONFINE_SECONDS);
		return;
	default:
		out_line("%s: its process ended, but not behind the code", word);
	}
}

static void show_memory(const struct run_report *report)
{
	for (unsigned int i = 0; i < sizeof(report->scratch) / 8; i++) {
		if (!report->scratch[i])
			continue;
		out_to(SHOW_FACT);
		out_line("%016llx at %#llx", report->scratch[i], RUN_SCRATCH + 8ULL * i);
	}
}

static void show_changes(const __u64 *start, const struct run_report *report)
{
	unsigned int shown = 0;

	show_label("changed");
	for (int i = 0; i < RUN_REGS; i++)
		if (report->regs[i] != start[i])
			show_register(i, report->regs[i], &shown);
	out_text(shown ? "\n" : "no register\n");
	if (report->rflags != RUN_RFLAGS_START) {
		out_to(SHOW_FACT);
		out_line("RFLAGS %#llx:%s", (unsigned long long)report->rflags,
			 flag_words(report->rflags));
	}
	show_memory(report);
	out_registers("end", report->regs, report->rflags);
	out_uints("memory", report->scratch, sizeof(report->scratch) / 8);
}

/* As far as it can be seen in the code: would this emulator have the kernel crash? */
static bool is_avoided(const struct show_try *try, struct run_report *report)
{
	memset(report, 0, sizeof(*report));
	for (__u32 i = 0; i < insns.n; i++) {
		struct disasm insn;
		const char *why;

		disassemble(try, i, &insn);
		why = deviate_avoid(insn.text);
		if (!why)
			continue;
		snprintf(report->why_not, sizeof(report->why_not), "instruction %u on this emulator: %s",
			 i + 1, why);
		return true;
	}
	return false;
}

int show_try(const struct show_try *try)
{
	struct run_request request = {
		.code = try->code, .size = try->size, .rounds = 1, .filtered = true,
	};
	struct run_report report;

	split(try);
	out_str("syntax", NULL, try->intel ? "intel" : "att");
	show_code(try);
	run_registers(request.regs);
	request.regs[RUN_RBP] = request.regs[RUN_RSP];	/* SYSENTER reads what is there */
	show_start(request.regs);
	out_flush();
	if (!is_avoided(try, &report))
		run_code(&request, &report);
	if (report.outcome != RUN_NOT_RUN)
		show_child(&report.child);
	show_outcome(try, &report);
	if (report.outcome == RUN_EXECUTED || report.outcome == RUN_SIGNAL)
		show_changes(request.regs, &report);
	return report.outcome == RUN_NOT_RUN ? EXIT_PARTIAL : EXIT_PROVEN;
}
