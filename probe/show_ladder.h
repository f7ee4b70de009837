/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The ladder as text or JSON, and two saved ladders side by side. Knows nothing
 * of how they were measured.
 */
#ifndef SHOW_LADDER_H
#define SHOW_LADDER_H

#include <stdint.h>

#include "ladder.h"
#include "ladder_file.h"

/*
 * Evaluates and prints; its samples are sorted by that. @kernel_khz: the
 * kernel's figure for the TSC, 0 if there is none. The exit status.
 */
int show_ladder(const struct ladder *ladder, uint64_t kernel_khz);
int show_ladder_compare(const struct ladder_file *a, const struct ladder_file *b);

#endif
