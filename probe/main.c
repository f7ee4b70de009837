// SPDX-License-Identifier: GPL-2.0
/*
 * The table of commands, the options that all of them take, and help and
 * usage made from the table. Nothing is measured and nothing is decided here.
 */
#include "main.h"

#include <ctype.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <ringprobe_version.h>
#include "dev.h"
#include "env.h"
#include "out.h"
#include "parse.h"
#include "priv.h"
#include "reach.h"

const struct main_command main_commands[] = {
	{ "info", "", "this machine, the module, and what you may do here",
	  cmd_info, &info_help, PRIV_RAWIO },
	{ "cpl", "[--via DOOR]", "who am I: both sides of the boundary in one picture",
	  cmd_cpl, &cpl_help, 0 },
	{ "port", "in|out PORT [VALUE]", "one port access: refused in ring 3, done in ring 0",
	  cmd_port, &port_help, PRIV_RAWIO },
	{ "atlas", "[NAME]...", "instructions in both rings, fault by fault",
	  cmd_atlas, &atlas_help, PRIV_RAWIO },
	{ "try", "INSTRUCTIONS", "instructions of yours, run once in ring 3",
	  cmd_try, &try_help, 0 },
	{ "time", "[OPTION]...", "what one crossing costs: entry, exit, total",
	  cmd_time, &time_help, 0 },
	{ "ladder", "[OPTION]...", "that beside a function call, a fault, a fork",
	  cmd_ladder, &ladder_help, PRIV_RAWIO },
	{ "path", "[OPTION]...", "a system call's way through the kernel, leg by leg",
	  cmd_path, &path_help, PRIV_RAWIO },
	{ "batch", "port|file [PORT]", "the same work, with fewer crossings",
	  cmd_batch, &batch_help, PRIV_RAWIO },
	{ "monitor", "[-p PID | -- CMD]", "what other programs pay to cross, call by call",
	  cmd_monitor, &monitor_help, PRIV_NET | PRIV_RAWIO },
	{ "why", "[PORT]", "every gate on the way to a port; who says no",
	  cmd_why, &why_help, PRIV_RAWIO },
	{ "tour", "[N]", "the guided tour: eight scenes for the projector",
	  cmd_tour, &tour_help, PRIV_RAWIO },
	{ "completion", "bash|zsh", "print the completion script for a shell",
	  cmd_completion, &completion_help, 0 },
	{ .name = NULL },
};

#define MAX_OPTIONS 16

const struct main_option main_options[] = {
	{ 256, "json", NULL, NULL, "one JSON object instead of text" },
	{ 257, "wide", NULL, NULL, "more columns" },
	{ 'h', "help", NULL, NULL, "this text; after a command, its own" },
	{ 'V', "version", NULL, NULL, "the version of the probe" },
	{ .name = NULL },
};

static struct {
	bool json, wide, help, version;
} globals;
static const struct main_command *current;

static bool is_letter(int c)
{
	return c < 128 && isalpha(c);
}

int main_usage(const char *fmt, ...)
{
	char text[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	out_error("%s (see: ringprobe%s%s --help)", text, current ? " " : "",
		  current ? current->name : "");
	return EXIT_USAGE;
}

/* Fill getopt's two lists from ours. */
static void fill(const struct main_option *options, char *letters, struct option *names)
{
	*letters++ = ':';		/* tell a missing argument from an unknown option */
	for (; options && options->name; options++, names++) {
		*names = (struct option){ options->name, options->arg != NULL, NULL, options->letter };
		if (!is_letter(options->letter))
			continue;
		*letters++ = (char)options->letter;
		if (options->arg)
			*letters++ = ':';
	}
	*letters = '\0';
	*names = (struct option){ NULL, 0, NULL, 0 };
}

/* As main_getopt(). */
static int check_value(int letter)
{
	const struct main_option *option = current->help->options;
	char list[128];

	while (option->letter != letter)
		option++;
	if (!option->values || parse_among(optarg, option->values))
		return letter;
	parse_list(option->values, ", ", list, sizeof(list));
	main_usage("--%s: \"%s\" is none of %s", option->name, optarg, list);
	return '?';
}

int main_getopt(int argc, char **argv)
{
	struct option names[MAX_OPTIONS];
	char letters[2 * MAX_OPTIONS + 2];
	int at = optind, letter;

	fill(current->help->options, letters, names);
	opterr = 0;
	letter = getopt_long(argc, argv, letters, names, NULL);
	if (letter == ':')
		main_usage("option %s needs a value", argv[optind - 1]);
	else if (letter == '?' && optopt && !is_letter(optopt) && isdigit(optopt))
		main_usage("\"-%c\" is not an option, and numbers have no sign here", optopt);
	else if (letter == '?' && optopt && is_letter(optopt) && argv[at][1] != '-')
		main_usage("unknown option -%c", optopt);
	else if (letter == '?')
		main_usage("wrong option %s", argv[optind - 1]);
	else if (letter != ':' && letter != -1)
		return check_value(letter);
	return letter == ':' ? '?' : letter;
}

bool main_first(const char *word)
{
	char list[128];

	if (word && parse_among(word, current->args))
		return true;
	parse_list(current->args, ", ", list, sizeof(list));
	if (word)
		main_usage("%s: \"%s\" is none of %s", current->name, word, list);
	else
		main_usage("%s needs %s", current->name, current->args);
	return false;
}

static void show_options(const struct main_option *option)
{
	for (; option && option->name; option++) {
		char list[128] = "";
		const char letter[2] = { (char)option->letter, '\0' };
		bool has = is_letter(option->letter);

		out_row(option->name);
		out_text(has ? "  -" : "   ");
		out_str("letter", has ? "%s, --" : "%.0s   --", has ? letter : NULL);
		out_text("%s ", option->name);
		out_str("arg", "%s ", option->arg);
		out_to(24);
		if (option->values)
			parse_list(option->values, ", ", list, sizeof(list));
		out_say("help", 24, "%s%s%s", option->help, *list ? ": " : "", list);
		out_str("values", NULL, option->values);
		out_row_end();
	}
}

static int show_help(const struct main_command *command)
{
	out_role(OUT_STRONG);
	out_str("usage", "usage: ringprobe %s", command->name);
	out_line(" %s", command->args);
	out_str("text", "\n%s", command->help->text);
	if (command->help->options) {
		out_line("\nOptions:");
		show_options(command->help->options);
	}
	out_line("\nOptions of every command:");
	show_options(main_options);
	if (command->help->examples) {
		out_line("\nExamples:");
		out_str("examples", "%s", command->help->examples);
	}
	return EXIT_PROVEN;
}

static void show_module(void)
{
	int fd = dev_open(false);

	out_text("module  ");
	out_role(fd >= 0 ? OUT_GOOD : OUT_BAD);
	out_bool("module", fd >= 0);
	out_say("module_status", 8, "%s", reach_status(fd));
	if (fd < 0)
		out_next(8, reach_next(fd));
	else
		close(fd);
}

/* What "ringprobe" alone prints: at most 24 lines. */
static int show_overview(void)
{
	out_role(OUT_STRONG);
	out_text("ringprobe");
	out_str("version", " %s", RINGPROBE_VERSION);
	out_line(": the boundary of user mode and kernel mode, seen and measured\n");
	show_module();
	out_line("%s", "");
	for (const struct main_command *command = main_commands; command->name; command++) {
		out_row(command->name);
		out_role(OUT_STRONG);
		out_text("  %s", command->name);
		out_str("args", " %s", command->args);
		out_to(28);
		out_str("summary", "%s", command->summary);
		out_row_end();
	}
	out_line("\nstart here: ringprobe tour");
	out_line("then:       ringprobe COMMAND --help; everywhere: --json --wide --help --version");
	return EXIT_PROVEN;
}

/* Takes the options of every command out of @argv, wherever they stand. */
static int take_globals(int argc, char **argv)
{
	int kept = 1;
	bool open = true;

	for (int i = 1; i < argc; i++) {
		open = open && strcmp(argv[i], "--") != 0;
		if (open && !strcmp(argv[i], "--json"))
			globals.json = true;
		else if (open && !strcmp(argv[i], "--wide"))
			globals.wide = true;
		else if (open && (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h")))
			globals.help = true;
		else if (open && (!strcmp(argv[i], "--version") || !strcmp(argv[i], "-V")))
			globals.version = true;
		else
			argv[kept++] = argv[i];
	}
	argv[kept] = NULL;
	return kept;
}

static const struct main_command *find(const char *name)
{
	for (const struct main_command *command = main_commands; command->name; command++)
		if (!strcmp(name, command->name))
			return command;
	return NULL;
}

static int unknown_command(const char *name)
{
	char names[128] = "";
	size_t used = 0;

	for (const struct main_command *command = main_commands; command->name; command++)
		used += (size_t)snprintf(names + used, sizeof(names) - used, " %s", command->name);
	return main_usage("unknown command \"%s\"; there are:%s", name, names);
}

static int run(int argc, char **argv)
{
	if (globals.version) {
		out_line("ringprobe %s", RINGPROBE_VERSION);
		out_str("version", NULL, RINGPROBE_VERSION);
		return EXIT_PROVEN;
	}
	if (argc > 1 && !current && argv[1][0] == '-')
		return main_usage("unknown option %s", argv[1]);
	if (argc > 1 && !current)
		return unknown_command(argv[1]);
	if (globals.help && current)
		return show_help(current);
	if (!current)
		return show_overview();
	return current->run(argc - 1, argv + 1);
}

/*
 * A closed stdin, stdout or stderr would give its number to the next file that
 * is opened, the device for one. Not writable, so that printing still fails.
 */
static void keep_standard_files(void)
{
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDONLY) < 0)
			_exit(EXIT_FAILED);
}

int main(int argc, char **argv)
{
	keep_standard_files();
	signal(SIGPIPE, SIG_IGN);	/* a closed pipe is an error to report, not an end */
	signal(SIGXFSZ, SIG_IGN);	/* and so is a file's limit */
	signal(SIGCHLD, SIG_DFL);	/* children are waited for, whatever was inherited */
	argc = take_globals(argc, argv);
	while (argc > 1 && !strcmp(argv[1], "help")) {
		globals.help = true;
		argc--;
		argv++;
	}
	current = argc > 1 ? find(argv[1]) : NULL;
	priv_init(current ? current->keeps : 0);
	out_init(globals.json, globals.wide);
	out_begin(current ? current->name : "");
	env_out();
	return out_end(run(argc, argv));
}
