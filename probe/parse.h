/* SPDX-License-Identifier: GPL-2.0 */
/* Numbers from the command line: decimal or 0x hexadecimal, nothing else. */
#ifndef PARSE_H
#define PARSE_H

#include <linux/types.h>
#include <stdbool.h>

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

/* parse_width: 8, 16 or 32 bits, or says through main_usage() what is wrong. */
bool parse_width(const char *text, __u64 *bits);

#endif
