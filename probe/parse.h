/* SPDX-License-Identifier: GPL-2.0 */
/* Words of the command line: numbers, decimal or 0x hexadecimal, and closed sets. */
#ifndef PARSE_H
#define PARSE_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * parse_number: true if all of @text is one number from @min to @max. Empty
 * text, a sign, spaces, octal and trailing characters are refused.
 */
bool parse_number(const char *text, __u64 min, __u64 max, __u64 *value);

/*
 * parse_argument: the same, and says through main_usage() what is wrong:
 * "<what>: \"<text>\" is not a number from <min> to <max>".
 */
bool parse_argument(const char *what, const char *text, __u64 min, __u64 max, __u64 *value);

/* The same for a number of seconds with up to three decimals; all in milliseconds. */
bool parse_seconds(const char *what, const char *text, __u64 min, __u64 max, __u64 *value);

/* The argument of --cpu; says what is wrong, and which CPUs there are. */
bool parse_cpu(const char *text, int *cpu);

/*
 * A closed set of words is written "in|out", as in a synopsis; it ends at a
 * space or at the end of the text. parse_list: the words with @between.
 */
bool parse_among(const char *text, const char *set);
void parse_list(const char *set, const char *between, char *list, size_t size);

#endif
