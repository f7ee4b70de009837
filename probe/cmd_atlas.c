// SPDX-License-Identifier: GPL-2.0
/* The atlas: which entries are asked for, and in which rings. */
#include <getopt.h>
#include <string.h>

#include "atlas.h"
#include "main.h"
#include "measure.h"
#include "out.h"
#include "parse.h"
#include "show_atlas.h"

static const struct main_option options[] = {
	{ 'g', "group", "GROUP", ATLAS_GROUPS, "one group only" },
	{ 'r', "ring", "RING", "3|0|both", "rings that run it (both)" },
	{ 'm', "mode", "MODE", "64|32", "ring 3's: 64-bit or compatibility mode (64)" },
	{ .name = NULL },
};

const struct main_help atlas_help = {
	options,
	"Runs privileged and sensitive instructions in ring 3, each in a child of its\n"
	"own without any rights, and those that do no harm in ring 0, in the module.\n"
	"Shows what came of it, beside what the manuals say must come of it. With\n"
	"NAME: all that is known of one, on a page. Verdicts:\n"
	"  works      it ran to its end\n"
	"  faults     the CPU raised an exception, and Linux sent a signal\n"
	"  spoofed    it faulted, and the kernel handed out a made-up value\n"
	"  emulated   the kernel did or allowed in its stead what the CPU would not\n"
	"  ignored    no fault and no effect\n"
	"  hangs      it was stopped after some seconds\n"
	"--mode 32 runs ring 3's half in a 32-bit code segment, which a 64-bit task may\n"
	"enter: compatibility mode. Entries without 32-bit code say why. Where a\n"
	"hypervisor leaves no such segment none is run. Ring 0 stays as it is: the\n"
	"kernel has 64-bit code only.\n"
	"\n"
	"Exit status: 0 all as predicted, or as a virtual CPU is known to;\n"
	"1 something differs; 4 something was not run for want of the module or of\n"
	"rights (ioperm and iopl need CAP_SYS_RAWIO), the rest is as predicted.\n",
	"  ringprobe atlas --group io       one screen\n"
	"  ringprobe atlas sgdt             one page\n"
	"  ringprobe atlas --ring 3 --json  without the module\n"
	"  ringprobe atlas --mode 32 into   as 32-bit code\n",
};

struct request {
	const char *group;
	struct show_atlas_rings rings;
};

static bool parse_options(int argc, char **argv, struct request *request)
{
	int letter;

	while ((letter = main_getopt(argc, argv)) != -1) {
		if (letter == '?')
			return false;
		if (letter == 'g') {
			request->group = optarg;
		} else if (letter == 'm') {
			request->rings.mode = strcmp(optarg, "32") ? RUN_MODE_64 : RUN_MODE_32;
		} else {
			request->rings.ring3 = strcmp(optarg, "0") != 0;
			request->rings.ring0 = strcmp(optarg, "3") != 0;
		}
	}
	return true;
}

static int show_named(int n, char **names, const struct request *request)
{
	const struct atlas_entry *entries[64];
	int status = EXIT_PROVEN;

	if (request->group)
		return main_usage("--group and NAME: one of the two");
	if (n > (int)(sizeof(entries) / sizeof(entries[0])))
		return main_usage("more than 64 names: see --group");
	for (int i = 0; i < n; i++) {
		entries[i] = atlas_find(names[i]);
		if (!entries[i])
			return main_usage("no entry \"%s\": \"ringprobe atlas\" lists the names",
					  names[i]);
	}
	for (int i = 0; i < n; i++)
		status = show_worse(status, show_entry(entries[i], &request->rings));
	return status;
}

int cmd_atlas(int argc, char **argv)
{
	struct request request = { .rings = { .ring3 = true, .ring0 = true } };

	if (!parse_options(argc, argv, &request))
		return EXIT_USAGE;
	out_str("unit", NULL, measure_unit_name(measure_clock()->unit));	/* of all "ticks" */
	if (optind < argc)
		return show_named(argc - optind, argv + optind, &request);
	return show_atlas(request.group, &request.rings);
}
