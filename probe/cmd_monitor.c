// SPDX-License-Identifier: GPL-2.0
/* What other programs pay to cross: the arguments, and what keeps it from being seen. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cost.h"
#include "dev.h"
#include "main.h"
#include "measure.h"
#include "metrics.h"
#include "monitor.h"
#include "netlink.h"
#include "out.h"
#include "parse.h"
#include "priv.h"
#include "reach.h"
#include "show_monitor.h"
#include "terminal.h"

enum { OPTION_TOP = 300, OPTION_COST, OPTION_BY, OPTION_FAULTS, OPTION_METRICS };

/* As env(1), nohup(1) and others have it: what is not the command's own status. */
enum { EXIT_OURS = 125, EXIT_NO_EXEC = 126, EXIT_NO_COMMAND = 127 };

#define PID_LIMIT	(1 << 22)	/* of 64-bit Linux: PID_MAX_LIMIT */

static const struct main_option options[] = {
	{ 'p', "pid", "PID,...", NULL, "these processes, all their threads and new children" },
	{ 'i', "interval", "SECONDS", NULL, "between reports: 0.1 to 3600 (1)" },
	{ 'n', "reports", "COUNT", NULL, "so many reports, then the end; with -p" },
	{ OPTION_BY, "by", "WHAT", "syscall|process|thread|cpu", "a row for each of these (syscall)" },
	{ OPTION_FAULTS, "faults", NULL, NULL, "page faults of user mode, and signals, too" },
	{ OPTION_TOP, "top", "N", NULL, "rows for so many (10); the rest is summed" },
	{ OPTION_COST, "cost", "TICKS", NULL, "what a crossing costs; else it is measured" },
	{ OPTION_METRICS, "openmetrics", "FILE", NULL, "the last report, for Prometheus" },
	{ .name = NULL },
};

const struct main_help monitor_help = {
	options,
	"Counts, in the kernel, the system calls of other programs: of processes that run\n"
	"(-p), or of a command and its children, from its execve() on (-- CMD). The\n"
	"crossing tax is what crossing alone costs them: calls times the median getppid of\n"
	"this machine, of the CPU time that they used. It is a floor: handlers, caches,\n"
	"interrupts and page faults are not in it. While it counts, every system call of\n"
	"every program on this machine takes longer.\n"
	"\n"
	"With -p there is a report each interval and one of the whole at the end: after -n\n"
	"reports, ^C, or when all have ended. On a terminal q ends, r counts anew. With a\n"
	"command there is the last report only, unless -i is given, and it is on stderr:\n"
	"stdout is the command's. --json has each report as an object on a line.\n"
	"\n"
	"Exit status: the command's own; 128 and the signal that ended it; 125 if the\n"
	"monitor itself failed, 126 if the command cannot be run, 127 if it is not there.\n"
	"With -p: 4 without the module or CAP_NET_ADMIN, 1 if the kernel refuses.\n",
	"  ringprobe monitor -- dd if=/dev/zero of=/dev/null bs=1 count=1000\n"
	"  ringprobe monitor -p 1234,1235 -i 5\n"
	"  ringprobe monitor -p 1234 -n 10 --json | jq .interval.tax_percent\n",
};

struct request {
	char **command;			/* NULL: processes */
	__u32 pids[RINGPROBE_WATCH_TASKS_MAX];
	size_t n;
	__u64 interval_ms, reports, top, cost;
	bool has_interval, faults;
	enum monitor_by by;
	const char *metrics;
};

static int parse_pids(char *text, struct request *request)
{
	for (char *word = text; word; request->n++) {
		char *comma = strchr(word, ',');
		__u64 pid;

		if (comma)
			*comma++ = '\0';
		if (!parse_argument("-p", word, 1, PID_LIMIT, &pid))
			return EXIT_USAGE;
		if (request->n == RINGPROBE_WATCH_TASKS_MAX)
			return main_usage("-p: more than %d processes", RINGPROBE_WATCH_TASKS_MAX);
		for (size_t i = 0; i < request->n; i++)
			if (request->pids[i] == pid)
				return main_usage("-p: %s is there twice", word);
		request->pids[request->n] = (__u32)pid;
		word = comma;
	}
	return EXIT_PROVEN;
}

/* One of the set, as the option has been found to be. */
static enum monitor_by parse_by(const char *word)
{
	switch (*word) {
	case 'p':
		return MONITOR_BY_PROCESS;
	case 't':
		return MONITOR_BY_THREAD;
	case 'c':
		return MONITOR_BY_CPU;
	default:
		return MONITOR_BY_SYSCALL;
	}
}

static int parse_option(int letter, struct request *request)
{
	bool good = false;

	switch (letter) {
	case 'p':
		return parse_pids(optarg, request);
	case 'i':
		request->has_interval = true;
		good = parse_seconds("-i", optarg, 100, 3600000, &request->interval_ms);
		break;
	case 'n':
		good = parse_argument("-n", optarg, 1, 1000000000, &request->reports);
		break;
	case OPTION_TOP:
		good = parse_argument("--top", optarg, 1, 1000, &request->top);
		break;
	case OPTION_BY:
		request->by = parse_by(optarg);
		good = true;
		break;
	case OPTION_FAULTS:
		request->faults = good = true;
		break;
	case OPTION_METRICS:
		if (!*optarg)
			return main_usage("--openmetrics: the name of the file is empty");
		request->metrics = optarg;
		good = true;
		break;
	case OPTION_COST:
		good = parse_argument("--cost", optarg, 1, 1000000000, &request->cost);
		break;
	}
	return good ? EXIT_PROVEN : EXIT_USAGE;
}

/* What stands behind "--" is the command's: getopt never sees it. */
static int parse(int argc, char **argv, struct request *request)
{
	int letter, ours = 1;

	while (ours < argc && strcmp(argv[ours], "--") != 0)
		ours++;
	if (ours < argc) {
		request->command = argv + ours + 1;
		argv[ours] = NULL;
	}
	while ((letter = main_getopt(ours, argv)) != -1)
		if (parse_option(letter, request))
			return EXIT_USAGE;
	if (optind < ours)
		return main_usage("\"%s\" is no option; a command stands behind --", argv[optind]);
	if (request->command && !*request->command)
		return main_usage("there is no command behind --");
	if (request->command && request->n)
		return main_usage("-p or a command behind --: one of the two");
	if (request->command && request->reports)
		return main_usage("-n is for -p: a command's end is the end");
	if (!request->command && !request->n)
		return main_usage("monitor needs -p PID[,PID]... or -- CMD [ARG]...");
	return EXIT_PROVEN;
}

/* ---- what went wrong ---- */

static int no_family(int ours)
{
	int fd = reach_open(false);

	if (fd < 0 && fd != -EACCES && fd != -EPERM) {
		out_error("monitor needs the module: %s", reach_status(fd));
		out_next(2, reach_next(fd));
	} else {
		out_error("the module's netlink family is not in this network namespace");
		out_next(2, "sudo nsenter -t 1 -n ringprobe monitor ...");
	}
	if (fd >= 0)
		close(fd);
	return ours ? ours : EXIT_PARTIAL;
}

static int failed(const char *what, int err, const struct netlink *netlink, int ours)
{
	int status = ours ? ours : EXIT_FAILED;

	if (err == -EPERM) {
		out_error("a watch needs CAP_NET_ADMIN, in the initial user namespace");
		out_next(2, "run it by sudo, or as root");
		return ours ? ours : EXIT_PARTIAL;
	}
	out_error("%s: %s%s%s%s", what, strerror(-err), *netlink->why ? " (" : "", netlink->why,
		  *netlink->why ? ")" : "");
	return status;
}

static int no_exec(const char *name, int err)
{
	out_error("%s: %s", name, strerror(-err));
	return err == -ENOENT ? EXIT_NO_COMMAND : EXIT_NO_EXEC;
}

/* Which of them the kernel did not find: its own word is about one that it does not name. */
static void name_missing(const struct request *request, struct netlink *netlink)
{
	char path[32];

	for (size_t i = 0; i < request->n; i++) {
		snprintf(path, sizeof(path), "/proc/%u", request->pids[i]);
		if (access(path, F_OK) && errno == ENOENT)
			snprintf(netlink->why, sizeof(netlink->why), "there is no process %u",
				 request->pids[i]);
	}
}

/* ---- the run ---- */

static void say_whom(const struct request *request, char *text, size_t size)
{
	size_t used = 0, shown = request->n > 4 ? 3 : request->n;

	if (request->command) {
		snprintf(text, size, "%s", request->command[0]);
		return;
	}
	used = (size_t)snprintf(text, size, "process%s", request->n > 1 ? "es" : "");
	for (size_t i = 0; i < shown; i++)
		used += (size_t)snprintf(text + used, size - used, "%s%u", i ? ", " : " ",
					 request->pids[i]);
	if (shown < request->n)
		snprintf(text + used, size - used, " and %zu more", request->n - shown);
}

static int run(struct netlink *netlink, const struct request *request,
	       const struct monitor_config *config, int ours)
{
	struct monitor_outcome outcome = { 0 };
	int err = monitor_run(netlink, config, &outcome);

	if (!err)
		return request->command ? outcome.status : EXIT_PROVEN;
	if (!outcome.what)
		return no_exec(request->command[0], err);
	if (err == -ESRCH)
		name_missing(request, netlink);
	return failed(outcome.what, err, netlink, ours);
}

/* The family is there. */
static int with_family(struct netlink *netlink, const struct netlink_info *info,
		       const struct request *request, int ours)
{
	struct show_monitor how = {
		.top = (unsigned int)request->top, .by = request->by, .faults = request->faults,
		.live = !request->command && out_is_screen() && request->reports != 1,
		.once = request->reports == 1,
		.cost = { .given = request->cost, .crossing = (int64_t)request->cost },
		.metrics = request->metrics,
	};
	const struct monitor_config config = {
		.pids = request->pids, .n = request->n, .command = request->command,
		.interval_ms = request->command && !request->has_interval ? 0 : request->interval_ms,
		.reports = request->reports, .keys = how.live && terminal_is_ours(),
		.by = request->by, .faults = request->faults,
		.report = show_monitor, .to = &how,
	};
	const char *what;
	char whom[256];
	int err = 0, status;

	say_whom(request, whom, sizeof(whom));
	how.whom = whom;
	how.tsc_khz = measure_tsc_khz(info->tsc_khz, &what);
	if (!how.cost.given)
		err = cost_measure(&how.cost, netlink, monitor_flags(&config), info->tsc_khz, &what);
	if (err) {
		status = failed(what, err, netlink, ours);
		if (err != -EPERM)
			out_next(2, "--cost TICKS says what a crossing costs, and does without");
		return status;
	}
	status = run(netlink, request, &config, ours);
	return how.metrics_failed && !status ? EXIT_FAILED : status;
}

/* Such a module counts as none: its family, too, may mean something else. */
static bool of_another_abi(void)
{
	int fd = reach_open(false);

	if (fd >= 0)
		close(fd);
	return fd == -EPROTO;
}

static int monitor(const struct request *request, int ours)
{
	struct netlink_info info = { 0 };
	struct netlink netlink = { .sock = NULL };
	int err, status;

	err = request->metrics ? metrics_try(request->metrics) : 0;
	if (err) {
		out_error("--openmetrics %s: %s", request->metrics,
			  err == -EINVAL ? "it is no regular file" : strerror(-err));
		return ours ? ours : EXIT_FAILED;
	}
	priv_net(true);
	err = of_another_abi() ? -ENOENT : netlink_open(&netlink);
	err = err ? err : netlink_info(&netlink, &info);
	priv_net(false);
	if (err == -ENOENT)
		status = no_family(ours);
	else if (err)
		status = failed("the module's netlink family", err, &netlink, ours);
	else
		status = with_family(&netlink, &info, request, ours);
	netlink_close(&netlink);
	return status;
}

int cmd_monitor(int argc, char **argv)
{
	static struct request request = { .interval_ms = 1000, .top = 10 };

	out_lines();
	if (parse(argc, argv, &request))
		return EXIT_USAGE;
	if (!request.command)
		return monitor(&request, 0);
	out_to_stderr(EXIT_OURS);
	return monitor(&request, EXIT_OURS);
}
