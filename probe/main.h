/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A command is a row in main.c's table. Options are parsed from the list that
 * the help is printed from, so that neither can say what the other does not.
 */
#ifndef MAIN_H
#define MAIN_H

#include <stdbool.h>
#include <stddef.h>

struct main_option {
	int letter;		/* what main_getopt() returns; printed if it is a letter */
	const char *name;	/* without the dashes */
	const char *arg;	/* NULL: takes none */
	const char *values;	/* a set, see parse.h: nothing else is accepted; NULL: open */
	const char *help;	/* the values are printed behind it */
};

struct main_help {
	const struct main_option *options;	/* ends with .name = NULL; may be NULL */
	const char *text;			/* what it shows and how to read it */
	const char *examples;
};

struct main_command {
	const char *name;
	const char *args;			/* synopsis; its first word may be a set */
	const char *summary;
	int (*run)(int argc, char **argv);	/* argv[0]: the name; returns the exit status */
	const struct main_help *help;
	unsigned int keeps;			/* PRIV_*: what it may use, see priv.h */
};

/* In the order in which they are taught; ends with .name = NULL. */
extern const struct main_command main_commands[];
/* Taken by every command; ends with .name = NULL. */
extern const struct main_option main_options[];

/* As getopt_long(): letter, -1 at the end, '?' after having said what is wrong. */
int main_getopt(int argc, char **argv);
/* Is @word in the set that the synopsis starts with? Says what is wrong if not. */
bool main_first(const char *word);
/* Says what is wrong and where the help is; returns EXIT_USAGE. */
int main_usage(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

extern const struct main_help info_help, cpl_help, port_help, time_help, why_help, tour_help,
	atlas_help, try_help, path_help, ladder_help, batch_help, monitor_help,
	completion_help;
int cmd_info(int argc, char **argv);
int cmd_cpl(int argc, char **argv);
int cmd_port(int argc, char **argv);
int cmd_time(int argc, char **argv);
int cmd_ladder(int argc, char **argv);
int cmd_atlas(int argc, char **argv);
int cmd_try(int argc, char **argv);
int cmd_batch(int argc, char **argv);
int cmd_monitor(int argc, char **argv);
int cmd_path(int argc, char **argv);
int cmd_why(int argc, char **argv);
int cmd_tour(int argc, char **argv);
int cmd_completion(int argc, char **argv);

#endif
