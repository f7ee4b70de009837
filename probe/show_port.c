// SPDX-License-Identifier: GPL-2.0
/*
 * One port access, twice: the bare instruction in ring 3, in a child that can
 * do no harm, and the same instruction in ring 0, through the module.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <ringprobe_insn.h>
#include <ringprobe_ports.h>
#include "confine.h"
#include "dev.h"
#include "disasm.h"
#include "fault.h"
#include "look.h"
#include "out.h"
#include "priv.h"
#include "reach.h"
#include "show.h"

enum { INDENT = 11 };

__u64 show_instruction(const struct show_access *access)
{
	__u16 port = (__u16)access->port;

	if (!access->out)
		return ringprobe_insn_in(port, access->width_bytes);
	ringprobe_insn_out(port, access->width_bytes, access->value);
	return access->value;
}

static __u64 access_port(const void *arg)
{
	return show_instruction(arg);
}

static void out_instruction(const struct show_access *access, const struct fault_report *report)
{
	struct disasm insn;

	if (!report->n_bytes)
		return;
	disasm_one(report->bytes, report->n_bytes, report->rip, &insn);
	out_str("bytes", "%-6s", insn.hex);
	out_role(OUT_STRONG);
	out_str("instruction", " %s", insn.text);
	out_uint("port", "   with DX = 0x%02llx", access->port);
	if (access->out)
		out_uint("value", ", value 0x%02llx", access->value);
	out_text("\n");
}

static void out_fault(const struct fault_report *report)
{
	out_to(INDENT);
	out_role(OUT_GOOD);
	out_text("refused by the CPU: ");
	out_str("trap_name", "%s", fault_trap_name(report->trap));
	out_uint("error_code", "(%llu)", report->error);
	out_text(" %s -> ", fault_trap_words(report->trap));
	out_str("signal", "%s", fault_signal_name(report->signal));
	out_text("\n");
	out_to(INDENT);
	out_int("trap", "vector %lld", report->trap);
	out_str("si_code_name", ", si_code %s", fault_code_name(report->signal, report->code));
	out_int("si_code", NULL, report->code);
	out_uint("si_addr", report->addr ? ", si_addr %#llx" : ", no address", report->addr);
	out_uint("cs", ", CS 0x%04llx", report->cs);
	out_uint("cpl", ": CPL %llu", look_cpl(report->cs));
	out_uint("rip", NULL, report->rip);
	out_uint("rflags", NULL, report->rflags);
	out_text("\n");
}

/* Said only if there were any, or if nobody can tell. */
static void out_rights(bool given_up)
{
	const struct confine_rights *had = confine_rights();
	const char *then = given_up ? "given up first" : "so it was not run";

	out_int("inherited_iopl", NULL, had->iopl);
	out_int("inherited_ioperm", NULL, had->ioperm);
	out_uint("inherited_ports", NULL, had->ports);
	if (had->iopl == 1)
		out_say(NULL, INDENT, "This program had inherited iopl(3), which opens all ports to "
			"ring 3: %s.", then);
	if (had->ioperm == 1)
		out_say(NULL, INDENT, "This program had inherited %u ports from ioperm(): %s.",
			had->ports, then);
	if (given_up && (had->iopl < 0 || had->ioperm < 0))
		out_say(NULL, INDENT, "Inherited port rights cannot be seen here: given up, if there "
			"were any.");
}

static int ring3_verdict(const struct fault_report *report)
{
	bool refused = report->outcome == FAULT_SIGNAL && report->signal == SIGSEGV &&
		       report->trap == FAULT_GENERAL_PROTECTION && look_cpl(report->cs) == 3;

	out_bool("refused", refused);
	if (refused)
		return EXIT_PROVEN;
	out_to(INDENT);
	out_role(OUT_BAD);
	if (report->outcome == FAULT_NOT_RUN) {
		out_say("not_run", INDENT, "not run: %s", report->why_not);
		return EXIT_PARTIAL;
	}
	if (report->outcome == FAULT_RETURNED)
		out_say("problem", INDENT, "NOT refused: the instruction ran in ring 3 (value %#llx)",
			(unsigned long long)report->value);
	else if (report->outcome == FAULT_TIMEOUT)
		out_say("problem", INDENT, "neither refused nor done after %u s", CONFINE_SECONDS);
	else
		out_say("problem", INDENT, "stopped, but not as expected (#GP at CPL 3)");
	return EXIT_FAILED;
}

int show_ring3(const struct show_access *access)
{
	static const char *const outcomes[] = { "not run", "executed", "signal", "timeout" };
	struct fault_report report;
	int status;

	fault_run(access_port, access, &report);
	out_row("ring3");
	out_role(OUT_STRONG);
	out_text("  ring 3");
	out_to(INDENT);
	out_str("outcome", NULL, outcomes[report.outcome]);
	out_instruction(access, &report);
	if (report.outcome == FAULT_SIGNAL)
		out_fault(&report);
	status = ring3_verdict(&report);
	out_rights(report.outcome != FAULT_NOT_RUN);
	out_row_end();
	return status;
}

/* Who refused, in the module's own words, and the next step. */
static int refused(int fd, const struct show_access *access, int err)
{
	struct ringprobe_info info = { 0 };
	const char *danger, *what;
	__u32 layer = 0;
	char next[64];

	if (!dev_info_port(fd, access->port, access->width_bytes, &info))
		layer = reach_first(access->out ? info.deny_out : info.deny_in);
	what = reach_port(access->port, access->width_bytes, &danger);
	out_str("outcome", NULL, layer ? "refused" : "failed");
	out_int("errno", NULL, -err);
	out_str("layer", NULL, reach_layer(layer));
	out_str("errno_name", NULL, strerrorname_np(-err));
	out_role(OUT_BAD);
	if (layer)
		out_line("refused by %s (%s):", reach_layer(layer), strerrorname_np(-err));
	else
		out_line("failed, and no layer says that it refused: %s", strerrorname_np(-err));
	if (layer == RINGPROBE_LAYER_DENY_LIST && what) {
		out_to(INDENT);
		out_text("0x%02x", access->port);
		out_str("what", ": %s.\n", what);
		out_say("reason", INDENT, "%s.%s", danger,
			access->port == RINGPROBE_PORT_KEYBOARD ? "" : " No option allows it.");
	} else {
		out_say("reason", INDENT, "%s.", reach_layer_why(layer));
	}
	snprintf(next, sizeof(next), REACH_NEXT " 0x%02x%s", access->port,
		 access->width_bytes == 4 ? " -w 32" : access->width_bytes == 2 ? " -w 16" : "");
	out_next(INDENT, next);
	return layer & (RINGPROBE_LAYER_OPENER | RINGPROBE_LAYER_CALLER) ? EXIT_PARTIAL : EXIT_FAILED;
}

static int no_module(int fd)
{
	out_str("outcome", NULL, "not run");
	out_role(OUT_BAD);
	out_say("reason", INDENT, "not run: needs the module, which is %s", reach_status(fd));
	out_next(INDENT, reach_next(fd));
	return EXIT_PARTIAL;
}

static int ring0_access(const struct show_access *access)
{
	__u32 value = access->value;
	__u64 ticks = 0;
	int err, fd = reach_open(access->out);

	if (fd < 0)
		return no_module(fd);
	priv_rawio(true);
	err = dev_port(fd, access->out, access->port, access->width_bytes, &value, &ticks);
	if (err)
		err = refused(fd, access, err);
	priv_rawio(false);
	close(fd);
	if (err)
		return err;
	out_text("the same instruction, in the module, after its checks on you:\n");
	out_to(INDENT);
	out_str("outcome", NULL, "executed");
	out_role(OUT_GOOD);
	out_text("done");
	out_uint("value", access->out ? NULL : ": read 0x%02llx", value);
	out_uint("ticks", " in %llu ticks of the TSC", ticks);
	return EXIT_PROVEN;
}

int show_ring0(const struct show_access *access)
{
	int status;

	out_row("ring0");
	out_role(OUT_STRONG);
	out_text("  ring 0");
	out_to(INDENT);
	status = ring0_access(access);
	out_row_end();
	return status;
}
