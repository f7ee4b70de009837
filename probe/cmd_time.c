// SPDX-License-Identifier: GPL-2.0
/*
 * What one crossing costs: entry, exit and total. Here: the options, the door,
 * and what to say when it does not open.
 */
#include <errno.h>
#include <getopt.h>
#include <string.h>
#include <unistd.h>

#include "dev.h"
#include "main.h"
#include "measure.h"
#include "out.h"
#include "parse.h"
#include "reach.h"
#include "report.h"

enum { OPTION_FIFO = 300, OPTION_VIA, OPTION_CPU, OPTION_NOPS_ENTRY, OPTION_NOPS_EXIT };

#define NOPS "0|1|7|64"

static const struct main_option options[] = {
	{ 'n', "samples", "N", NULL, "samples of each series (15000)" },
	{ OPTION_CPU, "cpu", "N", NULL, "measure on this CPU (the one it runs on)" },
	{ OPTION_FIFO, "fifo", NULL, NULL, "real-time priority 1 meanwhile; needs CAP_SYS_NICE" },
	{ OPTION_VIA, "via", "DOOR", "lseek|ioctl|getppid", "the door into the kernel (lseek)" },
	{ OPTION_NOPS_ENTRY, "nops-entry", "K", NOPS,
	  "proof: NOPs between the first stamp and SYSCALL (0)" },
	{ OPTION_NOPS_EXIT, "nops-exit", "K", NOPS,
	  "proof: NOPs between SYSCALL's return and the last stamp (0)" },
	{ .name = NULL },
};

const struct main_help time_help = {
	options,
	"Times a crossing into the kernel and back, split where the kernel reads the\n"
	"clock:\n"
	"  lseek    the module's stamp returns in RAX, nothing is copied: the best split\n"
	"  ioctl    two stamps around the handler; entry and exit include the copies\n"
	"  getppid  needs no module: a total only\n"
	"The estimator is order statistics of single samples: min for what the mechanism\n"
	"costs, median for what is usual, p99 for the tail, MAD (times 1.4826) for the\n"
	"spread. The smallest empty pair of stamps is taken off each leg. Blocks of\n"
	"samples that were disturbed are left out whole and counted; single samples are\n"
	"never left out. entry + exit = total by construction: it proves nothing. What\n"
	"proves the split is --nops-entry and --nops-exit in a VM that counts\n"
	"instructions: K NOPs lengthen the one leg by exactly K and leave the other.\n"
	"\n"
	"Exit status: 1 if a kernel stamp lies outside its user stamps or all blocks\n"
	"were disturbed, 4 if the door needs a module that is not there.\n",
	"  ringprobe time --via getppid     without the module\n"
	"  ringprobe time -n 100000 --wide  more samples, all percentiles\n"
	"  ringprobe time --json --cpu 1    for comparing machines\n",
};

static enum measure_via via_named(const char *name)
{
	enum measure_via via = MEASURE_LSEEK;

	while (via != MEASURE_GETPPID && strcmp(name, report_via_name(via)) != 0)
		via++;
	return via;
}

static bool parse_option(int letter, struct measure_config *config)
{
	__u64 number;

	switch (letter) {
	case 'n':
		if (!parse_argument("-n", optarg, 1, MEASURE_SAMPLES_MAX, &number))
			return false;
		config->samples = number;
		return true;
	case OPTION_CPU:
		return parse_cpu(optarg, &config->cpu);
	case OPTION_FIFO:
		config->fifo = true;
		return true;
	case OPTION_VIA:
		config->via = via_named(optarg);
		return true;
	case OPTION_NOPS_ENTRY:
	case OPTION_NOPS_EXIT:
		if (!parse_number(optarg, 0, 64, &number))
			return false;
		*(letter == OPTION_NOPS_ENTRY ? &config->nops_entry : &config->nops_exit) =
			(unsigned int)number;
		return true;
	default:
		return false;
	}
}

static bool parse(int argc, char **argv, struct measure_config *config)
{
	int letter;

	while ((letter = main_getopt(argc, argv)) != -1)
		if (!parse_option(letter, config))
			return false;
	if (optind < argc) {
		main_usage("time takes options only, not \"%s\"", argv[optind]);
		return false;
	}
	if (config->nops_entry && config->nops_exit) {
		main_usage("--nops-entry and --nops-exit: one of them, the other leg is the control");
		return false;
	}
	return true;
}

static int refused(int err, const char *what, const struct measure_config *config)
{
	if (config->fifo && err == -EPERM) {
		out_error("--fifo is refused: it needs CAP_SYS_NICE or RLIMIT_RTPRIO above 0");
		out_next(0, "without --fifo, or as root");
		return EXIT_PARTIAL;
	}
	out_error("%s failed: %s", what, strerror(-err));
	return EXIT_FAILED;
}

static int measure(const struct measure_config *config)
{
	struct ringprobe_info info = { 0 };
	struct measure_result result;
	struct report report;
	const char *what;
	int status, err;

	err = measure_run(config, &result, &what);
	if (err) {
		status = refused(err, what, config);
	} else if (!result.n) {
		out_error("all %zu blocks were disturbed: nothing is left to report",
			  result.blocks_total);
		out_next(0, "another --cpu, or --fifo");
		status = EXIT_FAILED;
	} else {
		if (config->fd >= 0 && dev_info(config->fd, &info))
			info.tsc_khz = 0;
		report_evaluate(&report, config, &result, info.tsc_khz);
		status = report_print(&report);
	}
	measure_free(&result);
	return status;
}

int cmd_time(int argc, char **argv)
{
	struct measure_config config = {
		.via = MEASURE_LSEEK, .fd = -1, .cpu = -1, .samples = MEASURE_SAMPLES,
	};
	int status;

	if (!parse(argc, argv, &config))
		return EXIT_USAGE;
	config.fd = dev_open(false);
	if (config.fd < 0 && config.via != MEASURE_GETPPID) {
		out_error("--via %s needs the module: %s",
			  report_via_name(config.via), reach_status(config.fd));
		out_next(0, reach_next(config.fd));
		out_line("or:   ringprobe time --via getppid, which needs no module");
		return EXIT_PARTIAL;
	}
	status = measure(&config);
	if (config.fd >= 0)
		close(config.fd);
	return status;
}
