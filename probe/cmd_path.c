// SPDX-License-Identifier: GPL-2.0
/* The way of one system call, leg by leg and step by step; or what it costs afterwards. */
#include <getopt.h>
#include <string.h>
#include <unistd.h>

#include "main.h"
#include "out.h"
#include "parse.h"
#include "path.h"
#include "reach.h"
#include "show_path.h"

enum { OPTION_VIA = 300, OPTION_INDIRECT, ROUNDS = 1120, ROUNDS_MAX = 100000 };

static const struct main_option options[] = {
	{ OPTION_VIA, "via", "DOOR", "ioctl|lseek", "the door into the kernel (ioctl)" },
	{ 'n', "rounds", "N", NULL, "rounds, armed and not armed each (1120)" },
	{ OPTION_INDIRECT, "indirect", NULL, NULL,
	  "what a crossing costs afterwards, in caches; needs no module" },
	{ .name = NULL },
};

const struct main_help path_help = {
	options,
	"Cuts the way of a system call through the kernel into legs: to the tracepoint\n"
	"sys_enter, on to the module's handler, the handler, to the last work in C (a\n"
	"user-return notifier), and back to ring 3. Stamps of ring 3 stand at both ends,\n"
	"the module's between; the module's own code is a leg of its own. Beside them\n"
	"the same call with nothing armed: the difference is what measuring adds.\n"
	"Below it the steps of each leg, with function and file, by the kernel's source,\n"
	"and which of them are taken here. No hook lies between SYSCALL and sys_enter:\n"
	"the CPU's part, assembly and C are one leg there. Meanwhile every thread's\n"
	"system calls take longer, which ends with the command.\n"
	"\n"
	"Exit status: 4 if there are fewer legs, for want of the module or of rights; 1\n"
	"if no round has all of its stamps in order.\n",
	"  ringprobe path                the legs and the steps\n"
	"  ringprobe path --via lseek    without any copy of an argument\n"
	"  ringprobe path --indirect     on hardware only\n",
};

static bool parse(int argc, char **argv, struct path *path, bool *indirect)
{
	bool measured = false;		/* by an option of the measurement */
	__u64 number;
	int letter;

	while ((letter = main_getopt(argc, argv)) != -1) {
		if (letter == '?')
			return false;
		measured |= letter != OPTION_INDIRECT;
		if (letter == OPTION_VIA)
			path->via = strcmp(optarg, "lseek") ? MEASURE_IOCTL : MEASURE_LSEEK;
		if (letter == OPTION_INDIRECT)
			*indirect = true;
		if (letter != 'n')
			continue;
		if (!parse_argument("-n", optarg, 1, ROUNDS_MAX, &number))
			return false;
		path->rounds = number;
	}
	if (*indirect && measured) {
		main_usage("--indirect measures no way: it goes with no other option");
		return false;
	}
	if (optind < argc)
		main_usage("path takes options only, not \"%s\"", argv[optind]);
	return optind >= argc;
}

int cmd_path(int argc, char **argv)
{
	struct path path = { .via = MEASURE_IOCTL, .rounds = ROUNDS };
	bool indirect = false;
	const char *what;
	int status, err;

	if (!parse(argc, argv, &path, &indirect))
		return EXIT_USAGE;
	if (indirect)
		return show_path_indirect();
	path.fd = reach_open(false);
	err = path_measure(&path, &what);
	if (err) {
		out_error("%s failed: %s", what, strerror(-err));
		status = EXIT_FAILED;
	} else {
		status = show_path(&path);
		show_path_map(&path);
	}
	if (path.fd >= 0)
		close(path.fd);
	return status;
}
