/* SPDX-License-Identifier: GPL-2.0 */
/* Instructions of the user's, run once in ring 3, and all that came of them. */
#ifndef SHOW_TRY_H
#define SHOW_TRY_H

#include <linux/types.h>
#include <stdbool.h>

struct show_try {
	const __u8 *code;
	__u32 size;
	bool intel;			/* the syntax to show it in */
	const char *warning;		/* the assembler's, or "" */
};

/* Returns what it is worth: see out.h. */
int show_try(const struct show_try *try);

#endif
