// SPDX-License-Identifier: GPL-2.0
/*
 * Scene 4: the same answer, "not permitted", by one author after the other.
 * INFO foretells each refusal, and what was foretold must be what happens.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "dev.h"
#include "env.h"
#include "fault.h"
#include "out.h"
#include "priv.h"
#include "reach.h"
#include "scene.h"

enum { INDENT = 2, CELL = 32, RESULT = 60 };

/* One attempt and who refused it; @as_expected: as INFO had said before. */
static int out_refusal(const char *who, const char *tried, const char *result, bool as_expected)
{
	out_row(who);
	out_to(INDENT);
	out_role(OUT_STRONG);
	out_text("%s", who);
	out_to(CELL);
	out_str("tried", "%s", tried);
	out_to(RESULT);
	out_role(as_expected ? OUT_GOOD : OUT_BAD);
	out_str("result", "%s", result);
	out_bool("as_expected", as_expected);
	out_row_end();
	return as_expected ? EXIT_PROVEN : EXIT_FAILED;
}

static __u64 out_post(const void *arg)
{
	(void)arg;
	return show_instruction(&scene_post);
}

static int cpu_refuses(void)
{
	struct fault_report report;
	char result[64];

	fault_run(out_post, NULL, &report);
	if (report.outcome == FAULT_NOT_RUN) {
		out_say("not_run", INDENT, "not run in ring 3: %s", report.why_not);
		return EXIT_PARTIAL;
	}
	snprintf(result, sizeof(result), "%s -> %s", fault_trap_name(report.trap),
		 fault_signal_name(report.signal));
	return out_refusal("the CPU", "out 0x80 in ring 3", result,
			   report.outcome == FAULT_SIGNAL && report.signal == SIGSEGV &&
			   report.trap == FAULT_GENERAL_PROTECTION);
}

/* INFO first, then the call: what was foretold must be what happens. */
static int module_refuses(int fd, const char *tried, const struct show_access *access)
{
	struct ringprobe_info info;
	__u32 value = access->value, layer;
	char result[64];
	int err;

	if (dev_info_port(fd, access->port, access->width_bytes, &info))
		return EXIT_FAILED;
	layer = reach_first(access->out ? info.deny_out : info.deny_in);
	err = layer ? dev_port(fd, access->out, access->port, access->width_bytes, &value, NULL) : 0;
	snprintf(result, sizeof(result), "%s", err ? strerrorname_np(-err) : "not refused");
	return out_refusal(reach_layer(layer), tried, result, layer && err == reach_layer_errno(layer));
}

/* A port that the module does not know: default deny. From the top, as rarely used. */
static __u32 unlisted_port(int fd)
{
	struct ringprobe_info info;

	for (__u32 port = 0xffff; port > 0xff00; port--)
		if (!dev_info_port(fd, port, 1, &info) && info.port_kind == RINGPROBE_PORT_UNLISTED)
			return port;
	return 0xffff;
}

static int lockdown_state(void)
{
	const char *lockdown = env_get()->lockdown;
	bool on = *lockdown && strcmp(lockdown, "none") != 0;

	out_row("kernel lockdown");
	out_to(INDENT);
	out_role(OUT_STRONG);
	out_text("kernel lockdown");
	out_to(CELL);
	if (*lockdown)
		out_str("state", on ? "in force: %s" : "not in force here%.0s", lockdown);
	else
		out_str("state", "cannot tell: %s", "no /sys/kernel/security here");
	out_row_end();
	return EXIT_PROVEN;
}

/* Refusals that are about this process, then those about the port. */
static int module_refusals(void)
{
	struct show_access unlisted = { .width_bytes = 1 };
	const struct show_access keyboard = { .port = 0x64, .width_bytes = 1 };
	int status, with, without;

	without = dev_open(true);
	status = module_refuses(without, "opened without it", &scene_post);
	with = reach_open(true);
	status = show_worse(status, module_refuses(with, "called without it", &scene_post));
	priv_rawio(true);
	close(without);
	without = dev_open(false);
	status = show_worse(status, module_refuses(without, "out, opened read-only", &scene_post));
	status = show_worse(status, lockdown_state());
	unlisted.port = unlisted_port(with);
	status = show_worse(status, module_refuses(with, "in from an unlisted port", &unlisted));
	status = show_worse(status, module_refuses(with, "in 0x64 (keyboard)", &keyboard));
	priv_rawio(false);
	close(with);
	close(without);
	return status;
}

int scene_who_said_no(void)
{
	int status = cpu_refuses(), fd = reach_open(true);

	if (fd < 0)
		return show_worse(status, scene_needs_module(fd));
	close(fd);
	if (priv_has_rawio())
		return show_worse(status, module_refusals());
	out_say(NULL, INDENT, "The other layers need root: a user is stopped by the first of them.");
	return show_worse(status, EXIT_PARTIAL);
}
