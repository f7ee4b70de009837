// SPDX-License-Identifier: GPL-2.0
/*
 * What stopped code in ring 3. The values come from a child that may have run
 * anything: each is printed as a number, or looked up with its range checked.
 */
#include "show_fault.h"

#include <linux/audit.h>
#include <signal.h>
#include <stdio.h>

#include "fault.h"
#include "look.h"
#include "out.h"
#include "show.h"

#define X32_BIT 0x40000000		/* __X32_SYSCALL_BIT (asm/unistd.h) */

const char *show_stop(const struct run_report *report)
{
	static char text[32];

	if (report->outcome == RUN_SIGNAL && report->signal == SIGSYS)
		return "SIGSYS";
	if (report->outcome == RUN_SIGNAL)
		snprintf(text, sizeof(text), report->error ? "%s(%#llx)" : "%s(%llu)",
			 fault_trap_name(report->trap), (unsigned long long)report->error);
	else if (report->outcome == RUN_KILLED || report->outcome == RUN_TIMEOUT)
		snprintf(text, sizeof(text), "%s", fault_signal_name(report->signal));
	else
		text[0] = '\0';
	return text;
}

/* Intel SDM vol. 3, Page-Fault Error Code. */
static const char *page_error(__u64 error)
{
	static char text[96];

	snprintf(text, sizeof(text), "%s, %s, %s%s%s", error & 1 ? "a right is missing" : "not mapped",
		 error & 0x10 ? "fetch" : error & 2 ? "write" : "read",
		 error & 4 ? "by ring 3" : "by ring 0", error & 0x20 ? ", protection key" : "",
		 error & 8 ? ", reserved bit" : "");
	return text;
}

/* Intel SDM vol. 3, Error Code: of a selector, or of a gate. */
static const char *selector_error(__u64 error)
{
	static char text[64];

	if (error & 2)
		snprintf(text, sizeof(text), "the IDT's gate 0x%02llx",
			 (unsigned long long)error >> 3);
	else
		snprintf(text, sizeof(text), "the %s's selector 0x%02llx", error & 4 ? "LDT" : "GDT",
			 (unsigned long long)error & ~7ULL);
	return text;
}

static bool is_x32(const struct run_report *report)
{
	return report->arch == AUDIT_ARCH_X86_64 && report->syscall >= X32_BIT &&
	       report->syscall < 2U * X32_BIT;
}

static const char *table_of(const struct run_report *report)
{
	if (report->arch == AUDIT_ARCH_I386)
		return "32-bit";
	if (report->arch != AUDIT_ARCH_X86_64)
		return "unknown";
	return is_x32(report) ? "x32" : "64-bit";
}

static __u32 number_of(const struct run_report *report)
{
	return is_x32(report) ? report->syscall & ~(__u32)X32_BIT : report->syscall;
}

static void show_syscall(const struct run_report *report)
{
	out_role(OUT_GOOD);
	out_text("entered ring 0, refused by seccomp");
	out_text(" -> SIGSYS\n");
	out_to(SHOW_FACT);
	out_line("system call %u of the %s table (number %#x)", number_of(report),
		 table_of(report), report->syscall);
}

static void show_exception(const struct run_report *report)
{
	const char *code = fault_code_name(report->signal, report->code);

	out_role(OUT_GOOD);
	out_text("%s", show_stop(report));
	out_text(" %s -> %s", fault_trap_words(report->trap), fault_signal_name(report->signal));
	out_text(*code == '?' ? "\n" : " (%s)\n", code);
	if (report->trap == FAULT_PAGE_FAULT)
		out_say(NULL, SHOW_FACT, "error code: %s; address %#llx",
			page_error(report->error), (unsigned long long)report->addr);
	else if (report->error)
		out_say(NULL, SHOW_FACT, "error code: %s", selector_error(report->error));
}

void show_cause(const struct run_report *report, const char *where)
{
	if (report->signal == SIGSYS)
		show_syscall(report);
	else
		show_exception(report);
	out_say(NULL, SHOW_FACT, "CS 0x%04x: CPL %u%s; RIP %s", report->cs, look_cpl(report->cs),
		report->cs == RUN_CS_32 ? ", compatibility mode" : "", where);
}

void show_signal(const struct run_report *report)
{
	out_str("signal", NULL, fault_signal_name(report->signal));
	if (report->outcome != RUN_SIGNAL)
		return;
	out_int("si_code", NULL, report->code);
	out_str("si_code_name", NULL, fault_code_name(report->signal, report->code));
	if (report->signal == SIGSYS) {
		out_uint("syscall", NULL, number_of(report));
		out_uint("syscall_raw", NULL, report->syscall);
		out_str("syscall_table", NULL, table_of(report));
		out_uint("syscall_arch", NULL, report->arch);
	} else {
		out_uint("si_addr", NULL, report->addr);
		out_int("trap", NULL, report->trap);
		out_str("trap_name", NULL, fault_trap_name(report->trap));
		out_uint("error_code", NULL, report->error);
		out_str("error_words", NULL, report->trap == FAULT_PAGE_FAULT ?
			page_error(report->error) : report->error ? selector_error(report->error) : NULL);
	}
	out_uint("cs", NULL, report->cs);
	out_uint("cpl", NULL, look_cpl(report->cs));
	out_uint("rip", NULL, report->rip);
}
