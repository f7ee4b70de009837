// SPDX-License-Identifier: GPL-2.0
/*
 * The scenes of the tour: claim, live proof, meaning. They call the same code
 * as the commands do, and claim only what cannot be upset by noise.
 */
#define _GNU_SOURCE
#include "scene.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <ringprobe_ports.h>
#include "dev.h"
#include "disasm.h"
#include "fault.h"
#include "out.h"
#include "priv.h"
#include "reach.h"
#include "show.h"
#include "show_atlas.h"

enum { INDENT = 2 };

/* Any address of the kernel half: bit 63 is set, and it is canonical. */
#define KERNEL_ADDRESS 0xffff888000000000ULL

const struct show_access scene_post = {
	.out = true, .port = RINGPROBE_PORT_POST, .value = 0x42, .width_bytes = 1,
};

int scene_needs_module(int fd)
{
	out_row("needs");
	out_say("needs", INDENT, "This needs the module, which is %s.", reach_status(fd));
	out_next(INDENT, reach_next(fd));
	out_row_end();
	return EXIT_PARTIAL;
}

double scene_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int who_am_i(void)
{
	int fd = dev_open(false), status = show_rings(fd, false);

	if (fd >= 0)
		close(fd);
	return show_worse(status, show_root());
}

static int port_from_ring3(void)
{
	return show_ring3(&scene_post);
}

/* A clock that only IN can read, beside the system's own: seen to run. */
static int show_pm_timer(int fd, const struct ringprobe_info *info)
{
	const struct timespec pause = { .tv_nsec = 20 * 1000 * 1000 };
	__u32 mask = info->pm_timer_bits == 32 ? ~0U : 0xffffff, first, last;
	double start, end;
	int err;

	/* each reading lies between two of the system's clock: take their middle */
	start = scene_seconds();
	err = dev_port(fd, false, info->pm_timer_port, 4, &first, NULL);
	start = (start + scene_seconds()) / 2;
	nanosleep(&pause, NULL);
	end = scene_seconds();
	err = err ? err : dev_port(fd, false, info->pm_timer_port, 4, &last, NULL);
	end = (end + scene_seconds()) / 2;
	if (err)
		return EXIT_FAILED;
	out_row("pm_timer");
	out_to(INDENT);
	out_uint("port", "ACPI PM timer, read twice by ring 0 at 0x%03llx", info->pm_timer_port);
	out_uint("first", ": 0x%06llx", first & mask);
	out_uint("last", ", 0x%06llx", last & mask);
	out_text("\n");
	out_to(INDENT);
	out_double("timer_ms", "%.2f ms at 3.579545 MHz", (double)((last - first) & mask) * 1e3 /
		   RINGPROBE_PM_TIMER_HZ);
	out_double("clock_ms", "; the system's clock says %.2f ms", (end - start) * 1e3);
	out_row_end();
	return last == first ? EXIT_FAILED : EXIT_PROVEN;
}

static int port_from_ring0(void)
{
	int status = show_ring0(&scene_post), fd = reach_open(false);
	struct ringprobe_info info;

	if (fd < 0)
		return status;
	priv_rawio(true);
	if (dev_info_port(fd, scene_post.port, scene_post.width_bytes, &info))
		status = EXIT_FAILED;
	else if (status == EXIT_PROVEN && info.pm_timer_port)
		status = show_pm_timer(fd, &info);
	else if (status == EXIT_FAILED && info.deny_out & ~RINGPROBE_LAYER_FMODE)
		status = EXIT_PARTIAL;	/* refused, as foretold: nothing is disproved */
	priv_rawio(false);
	close(fd);
	return status;
}

static __u64 wild_write(const void *arg)
{
	(void)arg;
	__asm__ volatile("movl $0, (%0)" : : "r"(KERNEL_ADDRESS) : "memory");
	return 0;
}

static bool boot_id(char id[64])
{
	FILE *f = fopen("/proc/sys/kernel/random/boot_id", "re");
	bool ok = f && fgets(id, 64, f);

	if (f)
		fclose(f);
	return ok;
}

static int survivors(const char *before)
{
	char after[64] = "";
	bool same = boot_id(after) && !strcmp(before, after);
	int fd = dev_open(false), err = fd < 0 ? fd : dev_nop(fd);

	out_row("survivors");
	out_bool("same_boot", same);
	out_text("  this process         still here\n");
	out_text("  boot_id              %s: %.18s...\n", same ? "the same boot" : "CHANGED", after);
	out_str("module", "  the module           %s", !err ? "still answers" :
		fd < 0 ? "not there to ask" : "DOES NOT ANSWER");
	out_row_end();
	if (fd >= 0)
		close(fd);
	return same && (fd < 0 || !err) ? EXIT_PROVEN : EXIT_FAILED;
}

static int kills_the_process_only(void)
{
	struct fault_report report;
	struct disasm insn;
	char before[64] = "";
	bool killed;

	if (!boot_id(before))
		return EXIT_FAILED;
	fault_run(wild_write, NULL, &report);
	killed = report.outcome == FAULT_SIGNAL && report.signal == SIGSEGV &&
		 report.trap == FAULT_PAGE_FAULT && report.addr == KERNEL_ADDRESS;
	disasm_one(report.bytes, report.n_bytes, report.rip, &insn);
	out_row("child");
	out_str("instruction", "  a child process      %s\n", insn.text);
	out_str("trap_name", "                       %s", fault_trap_name(report.trap));
	out_uint("error_code", ", error code %#llx", report.error);
	out_text("%s%s", report.error & 2 ? ": a write" : "", report.error & 4 ? " by ring 3" : "");
	out_str("signal", " -> %s", fault_signal_name(report.signal));
	out_str("si_code_name", "\n                       %s",
		fault_code_name(report.signal, report.code));
	out_uint("si_addr", " at %#llx\n", report.addr);
	out_bool("killed", killed);
	out_row_end();
	return show_worse(killed ? EXIT_PROVEN : EXIT_FAILED, survivors(before));
}

static int one_answer_each(void)
{
	static const char *const names[] = { "hlt", "mov-from-cr0", "sgdt", "popf-if", "pushf", NULL };

	return show_atlas_few(names);
}

const struct scene scenes[SCENES] = {
	{ "Who am I?",
	  "A program runs at CPL 3, root's too; the kernel code it calls, at CPL 0.",
	  who_am_i,
	  "Kernel mode is a state of the CPU, two bits of CS: not a place, not a user." },
	{ "A port, from ring 3",
	  "The CPU refuses a port access in ring 3; the kernel makes it a signal.",
	  port_from_ring3,
	  "The CPU decided alone: CPL 3 is above IOPL, and its I/O bitmap opens no port." },
	{ "The same instruction, in ring 0",
	  "The same access works in ring 0, through a driver that checks you first.",
	  port_from_ring0,
	  "A driver is how ring 3 gets at hardware: it does the access, after asking." },
	{ "Who said no?",
	  "\"Not permitted\" has several authors: each of these was another one.",
	  scene_who_said_no,
	  "ringprobe why PORT shows the whole chain for any port." },
	{ "A wild write to a kernel address",
	  "A program that writes to a kernel address dies; all others go on.",
	  kills_the_process_only,
	  "The kernel's half is not for CPL 3, mapped or not: the MMU checks each access. "
	  "(Linux sets bit 0 of the error code either way, not to tell which.)" },
	{ "Refused, made up, ignored",
	  "Not all that ring 3 may not do faults: the same instructions, in both rings.",
	  one_answer_each,
	  "The CPU refuses or looks away; where it refuses, the kernel may cover up. "
	  "ringprobe atlas has many more, ringprobe atlas NAME a page on each." },
	{ "What a crossing costs",
	  "Going in and coming back cost time; SYSCALL saves two registers itself.",
	  scene_cost,
	  "A mode switch is no context switch: same process, same address space." },
	{ "Fewer crossings",
	  "The same 4096 bytes of a file in memory, read one by one and all at once.",
	  scene_fewer_crossings,
	  "Buffering pays the crossing once for many bytes: stdio does it for you." },
};
