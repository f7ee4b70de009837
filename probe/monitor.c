// SPDX-License-Identifier: GPL-2.0
/*
 * Signals are blocked and read from a descriptor, so that whatever comes, the loop
 * alone decides, and the watch, the terminal and the last report are seen to.
 */
#define _GNU_SOURCE
#include "monitor.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "difference.h"
#include "launch.h"
#include "priv.h"
#include "terminal.h"
#include "who.h"

#define TICK_MS		1000	/* how late it may be noticed that nobody is left to watch */

struct monitor {
	struct netlink *netlink;
	const struct monitor_config *config;
	struct launch launch;
	int signals;
	__u32 watch;
	struct netlink_stats total, before, part;
	struct netlink_stats base;	/* at the begin or the last reset; it has no calls */
	double began, reported, read;	/* seconds of CLOCK_MONOTONIC */
	double own;			/* of the CPU that we had used when it began */
	__u64 reports;
	bool over;
	int status;
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double own_cpu(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

/* ---- the watch ---- */

static int read_stats(struct monitor *monitor)
{
	enum monitor_by by = monitor->config->by;
	int err;

	priv_net(true);
	err = netlink_stats(monitor->netlink, monitor->watch, &monitor->total);
	priv_net(false);
	monitor->read = now();
	if (by == MONITOR_BY_PROCESS)
		who_by_process(&monitor->total);
	if (!err && (by == MONITOR_BY_PROCESS || by == MONITOR_BY_THREAD))
		err = who_add_rest(&monitor->total) ? 0 : -ENOMEM;
	return err;
}

/* The kernel counts from zero: calls, that is. What has ended, and time, count from now. */
static int from_now(struct monitor *monitor)
{
	int err = read_stats(monitor);

	monitor->base = (struct netlink_stats){
		.exited = monitor->total.exited, .untracked = monitor->total.untracked,
		.now = monitor->total.now,
	};
	monitor->began = monitor->reported = monitor->read;
	monitor->own = own_cpu();
	return err || difference_copy(&monitor->base, &monitor->before) ? err : -ENOMEM;
}

__u32 monitor_flags(const struct monitor_config *config)
{
	__u32 flags = config->faults ? RINGPROBE_WATCH_F_FAULTS : 0;

	if (config->by == MONITOR_BY_PROCESS || config->by == MONITOR_BY_THREAD)
		flags |= RINGPROBE_WATCH_F_TASKS;
	if (config->by == MONITOR_BY_CPU)
		flags |= RINGPROBE_WATCH_F_CPUS;
	return flags;
}

static int begin(struct monitor *monitor)
{
	const struct monitor_config *config = monitor->config;
	__u32 child = (__u32)monitor->launch.pid;
	__u32 flags = RINGPROBE_WATCH_F_INHERIT | monitor_flags(config);
	int err;

	priv_net(true);
	if (config->command)
		err = netlink_watch_add(monitor->netlink, &child, 1,
					flags | RINGPROBE_WATCH_F_ON_EXEC, &monitor->watch);
	else
		err = netlink_watch_add(monitor->netlink, config->pids, config->n, flags,
					&monitor->watch);
	priv_net(false);
	return err ? err : from_now(monitor);
}

static int report(struct monitor *monitor, bool last)
{
	struct monitor_report report = { .total = &monitor->total, .part = &monitor->part };

	if (!difference(&monitor->total, last ? &monitor->base : &monitor->before, &monitor->part))
		return -ENOMEM;
	report.elapsed = monitor->read - monitor->began;
	report.own_cpu = own_cpu() - monitor->own;
	report.seconds = last ? report.elapsed : monitor->read - monitor->reported;
	report.last = last;
	report.number = monitor->reports++;
	if (!monitor->config->report(&report, monitor->config->to))
		monitor->over |= !monitor->config->command;
	monitor->reported = monitor->read;
	return difference_copy(&monitor->total, &monitor->before) ? 0 : -ENOMEM;
}

/* Key r. */
static int anew(struct monitor *monitor)
{
	int err;

	priv_net(true);
	err = netlink_reset(monitor->netlink, monitor->watch);
	priv_net(false);
	return err ? err : from_now(monitor);
}

static int finish(struct monitor *monitor)
{
	int err = read_stats(monitor);

	priv_net(true);
	netlink_watch_del(monitor->netlink, monitor->watch);
	priv_net(false);
	terminal_restore();
	return err ? err : report(monitor, true);
}

/* ---- the loop ---- */

/* The terminal sends its signals to the command, too. */
static void on_signal(struct monitor *monitor, unsigned int number)
{
	bool command = monitor->config->command;

	switch (number) {
	case SIGCHLD:
		if (command)
			monitor->over |= launch_ended(&monitor->launch, &monitor->status);
		break;
	case SIGTSTP:
		terminal_restore();
		raise(SIGSTOP);
		if (terminal_is_ours())
			terminal_raw(true);
		break;
	case SIGTERM:
	case SIGHUP:
		if (command)
			kill(monitor->launch.pid, (int)number);
		else
			monitor->over = true;
		break;
	default:
		monitor->over |= !command;
	}
}

static int on_key(struct monitor *monitor, bool *listen)
{
	char key;

	if (read(STDIN_FILENO, &key, 1) != 1)
		*listen = false;
	else if (key == 'q')
		monitor->over = true;
	else if (key == 'r')
		return anew(monitor);
	return 0;
}

/* Until something happens, or so many seconds have passed. */
static int wait_for(struct monitor *monitor, double seconds, bool *listen)
{
	struct pollfd fds[2] = {
		{ .fd = monitor->signals, .events = POLLIN },
		{ .fd = *listen && terminal_is_ours() ? STDIN_FILENO : -1, .events = POLLIN },
	};
	struct signalfd_siginfo info;
	int n = poll(fds, 2, seconds > 0 ? (int)(seconds * 1000) + 1 : 0);

	if (n < 0)
		return errno == EINTR ? 0 : -errno;
	if (fds[0].revents && read(monitor->signals, &info, sizeof(info)) == sizeof(info))
		on_signal(monitor, info.ssi_signo);
	return fds[1].revents ? on_key(monitor, listen) : 0;
}

/* A tick or a report is due. */
static int due(struct monitor *monitor, double *next)
{
	const struct monitor_config *config = monitor->config;
	double interval = (double)config->interval_ms / 1000;
	int err = read_stats(monitor);

	if (err || now() < *next) {
		monitor->over |= !monitor->total.tasks;
		return err;
	}
	err = report(monitor, false);
	monitor->over |= !monitor->total.tasks && !config->command;
	monitor->over |= config->reports && monitor->reports == config->reports;
	/* one that was missed is not made up for */
	*next += interval;
	if (*next < now())
		*next = now() + interval;
	return err;
}

static int loop(struct monitor *monitor)
{
	const struct monitor_config *config = monitor->config;
	double next = monitor->began + (double)config->interval_ms / 1000;
	bool listen = config->keys;
	int err = 0;

	while (!err && !monitor->over) {
		double left = config->interval_ms ? next - now() : TICK_MS / 1000.;
		double most = TICK_MS / 1000.;

		err = wait_for(monitor, left < most ? left : most, &listen);
		if (err || monitor->over || !config->interval_ms)
			continue;
		if (now() >= next || !config->command)
			err = due(monitor, &next);
	}
	return err;
}

/* ---- from outside ---- */

static int open_signals(const struct monitor_config *config, sigset_t *before)
{
	static const int numbers[] = { SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGCHLD };
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		sigaddset(&set, numbers[i]);
	if (config->keys)
		sigaddset(&set, SIGTSTP);
	sigprocmask(SIG_BLOCK, &set, before);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

static int start(struct monitor *monitor, const sigset_t *mask, const char **what)
{
	char **command = monitor->config->command;
	int err = 0;

	*what = "starting the command";
	if (command)
		err = launch_start(&monitor->launch, command, mask);
	if (err)
		return err;
	*what = "the watch";
	err = begin(monitor);
	if (!command)
		return err;
	if (err) {
		launch_cancel(&monitor->launch);
		return err;
	}
	*what = NULL;
	return launch_go(&monitor->launch);
}

int monitor_run(struct netlink *netlink, const struct monitor_config *config,
		struct monitor_outcome *outcome)
{
	struct monitor monitor = { .netlink = netlink, .config = config };
	sigset_t before;
	int err;

	monitor.signals = open_signals(config, &before);
	err = monitor.signals < 0 ? -errno : start(&monitor, &before, &outcome->what);
	if (!err) {
		outcome->what = "reading the counters";
		if (config->keys)
			terminal_raw(true);
		err = loop(&monitor);
		err = err ? err : finish(&monitor);
		terminal_restore();
		while (config->command && !monitor.over && !launch_ended(&monitor.launch, &monitor.status))
			poll(NULL, 0, 100);
	}
	outcome->status = monitor.status;
	netlink_stats_free(&monitor.total);
	netlink_stats_free(&monitor.before);
	netlink_stats_free(&monitor.part);
	if (monitor.signals >= 0)
		close(monitor.signals);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return err;
}
