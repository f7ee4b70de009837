/* SPDX-License-Identifier: GPL-2.0 */
/* What the assembler gets to see: instructions on one line, and nothing else of its language. */
#ifndef STATEMENT_H
#define STATEMENT_H

#include <stdbool.h>
#include <stddef.h>

#define STATEMENT_MAX 2048		/* characters of a line */

/*
 * Is @line one or more instructions, separated by ";"? No directive, label,
 * assignment, comment or string. If not, @why names what was refused.
 */
bool statement_accept(const char *line, char *why, size_t size);

#endif
