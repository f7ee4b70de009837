// SPDX-License-Identifier: GPL-2.0
/*
 * What a crossing costs beside other things, from a function call to fork and
 * exec. Here: the options, and which rungs.
 */
#include <getopt.h>
#include <string.h>
#include <unistd.h>

#include "dev.h"
#include "ladder.h"
#include "ladder_file.h"
#include "main.h"
#include "out.h"
#include "parse.h"
#include "reach.h"
#include "show_ladder.h"

enum { OPTION_CPU = 300, OPTION_ONLY, OPTION_OPERATIONS, OPTION_COMPARE };

static const struct main_option options[] = {
	{ 'n', "samples", "N", NULL, "samples of each rung (3000); of the costly ones a share" },
	{ OPTION_CPU, "cpu", "N", NULL, "measure on this CPU (the one it runs on)" },
	{ OPTION_ONLY, "only", "RUNG,...", NULL, "these rungs only; --json has their names" },
	{ OPTION_OPERATIONS, "operations", NULL, NULL, "every other operation of the module, too" },
	{ OPTION_COMPARE, "compare", NULL, NULL, "two runs that were saved by --json, side by side" },
	{ .name = NULL },
};

const struct main_help ladder_help = {
	options,
	"Measures, in one run, what it costs to stay in ring 3, to cross into ring 0 and\n"
	"back by every door, to be interrupted, and to hand over to another task. All\n"
	"rungs take turns, 30 times, so that what drifts drifts for all. The median of\n"
	"single samples counts, less the smallest empty pair of stamps; bars are\n"
	"logarithmic. --wide says what a rung includes, and has min, p99, MAD and N.\n"
	"\n"
	"PORT_IN is split: crossing is a NOP ioctl, checks is what a refused call takes\n"
	"beyond that, access the instruction by the module's stamps; the rest is the\n"
	"answer.\n"
	"What is executed by \"fork, exec, wait\" is a program of three instructions that\n"
	"lies in memory: no file system, no libc.\n"
	"\n"
	"--compare shows B against A where both count time, or both instructions; below\n"
	"5 % it claims no difference of time. What differs between the environments is\n"
	"named.\n"
	"\n"
	"Exit status: 4 if a rung is missing for want of the module or of rights; what\n"
	"this machine or kernel does not have is named, and is no failure. 1 if a rung\n"
	"failed, each of its turns was disturbed, or two runs do not compare.\n",
	"  ringprobe ladder --wide                       with what each rung includes\n"
	"  ringprobe ladder --only getppid,read -n 9000  two rungs, more samples\n"
	"  ringprobe ladder --json > before.json         to be compared later:\n"
	"  ringprobe ladder --compare before.json after.json\n",
};

struct request {
	struct ladder_config config;
	bool operations, compare, measured;	/* measured: by an option of the run */
};

static bool parse_only(const char *text, uint64_t *only)
{
	*only = 0;
	for (const char *word = text;; word++) {
		size_t length = strcspn(word, ",");
		uint64_t rung = ladder_find(word, length);
		char names[1024] = "";

		if (!rung) {
			for (size_t i = 0; ladder_rung(i); i++)
				strncat(strncat(names, i ? ", " : "", 3), ladder_rung(i)->name, 32);
			main_usage("--only: \"%.*s\" is no rung; there are: %s", (int)length, word, names);
			return false;
		}
		*only |= rung;
		word += length;
		if (!*word)
			return true;
	}
}

static bool parse_option(int letter, struct request *request)
{
	__u64 number;

	request->measured |= letter != OPTION_COMPARE;
	switch (letter) {
	case 'n':
		if (!parse_argument("-n", optarg, 1, MEASURE_SAMPLES_MAX, &number))
			return false;
		request->config.samples = number;
		return true;
	case OPTION_CPU:
		return parse_cpu(optarg, &request->config.cpu);
	case OPTION_ONLY:
		return parse_only(optarg, &request->config.only);
	case OPTION_OPERATIONS:
		request->operations = true;
		return true;
	case OPTION_COMPARE:
		request->compare = true;
		return true;
	default:
		return false;
	}
}

/* EXIT_PROVEN, or the status after saying what is wrong. */
static int parse(int argc, char **argv, struct request *request)
{
	int letter;

	while ((letter = main_getopt(argc, argv)) != -1)
		if (!parse_option(letter, request))
			return EXIT_USAGE;
	if (request->compare && request->measured)
		return main_usage("--compare measures nothing: it goes with no other option");
	if (request->compare && argc - optind != 2)
		return main_usage("--compare needs two files, saved by \"ringprobe ladder --json\"");
	if (!request->compare && optind < argc)
		return main_usage("ladder takes options only, not \"%s\"", argv[optind]);
	if (!request->config.only)
		request->config.only = ladder_usual(request->operations);
	else if (request->operations)
		return main_usage("--only and --operations: one of the two");
	return EXIT_PROVEN;
}

static int compare(char **paths)
{
	struct ladder_file a = { 0 }, b = { 0 };
	int status = EXIT_USAGE;

	if (!ladder_file_read(paths[0], &a))
		main_usage("%s", a.why);
	else if (!ladder_file_read(paths[1], &b))
		main_usage("%s", b.why);
	else
		status = show_ladder_compare(&a, &b);
	ladder_file_free(&a);
	ladder_file_free(&b);
	return status;
}

static int measure(struct ladder_config *config)
{
	static struct ladder ladder;
	struct ringprobe_info info = { 0 };
	const char *what;
	int status, err;

	if (config->fd >= 0 && dev_info(config->fd, &info))
		info.tsc_khz = 0;
	err = ladder_run(config, &ladder, &what);
	if (err) {
		out_error("%s failed: %s", what, strerror(-err));
		status = EXIT_FAILED;
	} else {
		status = show_ladder(&ladder, info.tsc_khz);
	}
	ladder_free(&ladder);
	return status;
}

int cmd_ladder(int argc, char **argv)
{
	struct request request = { .config = { .cpu = -1, .samples = LADDER_SAMPLES } };
	int status = parse(argc, argv, &request);

	if (status)
		return status;
	if (request.compare)
		return compare(argv + optind);
	request.config.fd = reach_open(request.operations);
	status = measure(&request.config);
	if (request.config.fd >= 0)
		close(request.config.fd);
	return status;
}
