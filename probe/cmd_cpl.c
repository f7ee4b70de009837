// SPDX-License-Identifier: GPL-2.0
/* Who am I: both sides of the boundary in one picture. */
#include <getopt.h>
#include <string.h>
#include <unistd.h>

#include "dev.h"
#include "look.h"
#include "main.h"
#include "out.h"
#include "show.h"

static const struct main_option options[] = {
	{ 'v', "via", "DOOR", "syscall|int80", "the door into the kernel (syscall)" },
	{ .name = NULL },
};

const struct main_help cpl_help = {
	options,
	"Shows the current privilege level (CPL) from both sides of the boundary: bits\n"
	"0-1 of CS, read by this program, saved by the kernel when the program called,\n"
	"and read by the module in ring 0. Below it, what protects the rings from each\n"
	"other on the CPU that ran the call, and what the SYSCALL instruction itself\n"
	"saved.\n"
	"\n"
	"Without the module the first column and the SYSCALL part are still shown, and\n"
	"the exit status is 4. It is 1 if the levels are not 3 and 0.\n",
	"  ringprobe cpl                as root: and still CPL 3\n"
	"  ringprobe cpl --via int80    the old door, from 64-bit code\n",
};

/* Is the door there at all? Tried in a child, since it may end in a signal. */
static bool int80_there(void)
{
	struct fault_report report;

	if (look_int80_works(&report))
		return true;
	out_row("int80");
	if (report.outcome == FAULT_SIGNAL)
		out_say("result", 2, "int $0x80 is closed here: it raised %s, and the kernel "
			"sent %s, as it does without 32-bit emulation. The other door: ringprobe cpl",
			fault_trap_name(report.trap), fault_signal_name(report.signal));
	else
		out_say("result", 2, "int $0x80 is closed here: no such system call. "
			"The other door: ringprobe cpl");
	out_row_end();
	return false;
}

static int parse(int argc, char **argv, bool *int80)
{
	int letter;

	while ((letter = main_getopt(argc, argv)) != -1) {
		if (letter == '?')
			return EXIT_USAGE;
		*int80 = !strcmp(optarg, "int80");
	}
	if (optind < argc)
		return main_usage("cpl takes no argument: \"%s\"", argv[optind]);
	return EXIT_PROVEN;
}

static int protections(int fd)
{
	struct ringprobe_cpl cpl;
	int err = dev_cpl(fd, &cpl);

	if (!err) {
		show_protections(&cpl);
		return EXIT_PROVEN;
	}
	out_error("the module refused CPL: %s", strerror(-err));
	return EXIT_FAILED;
}

int cmd_cpl(int argc, char **argv)
{
	bool int80 = false;
	int fd, status = parse(argc, argv, &int80);

	if (status)
		return status;
	if (int80 && !int80_there())
		return EXIT_PARTIAL;
	fd = dev_open(false);
	status = show_rings(fd, int80);
	if (fd >= 0) {
		status = show_worse(status, protections(fd));
		close(fd);
	}
	status = show_worse(status, show_syscall_saves());
	return show_worse(status, show_root());
}
