/* SPDX-License-Identifier: GPL-2.0 */
/* A ladder that was saved by "ringprobe ladder --json", read strictly. */
#ifndef LADDER_FILE_H
#define LADDER_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "ladder.h"

struct json_object;

struct ladder_file {
	const char *path;
	struct json_object *root, *env, *rows;	/* the last two lie in the first */
	enum measure_unit unit;
	uint64_t tsc_khz;			/* 0: no ns */
	char why[256];				/* it cannot be used, beginning with its path */
};

/* Whether it is one; if not, .why. Free it in either case. */
bool ladder_file_read(const char *path, struct ladder_file *file);
void ladder_file_free(struct ladder_file *file);

bool ladder_file_has(const struct ladder_file *file, const char *name);
/* The median of a rung, and whether it was measured there. */
bool ladder_file_median(const struct ladder_file *file, const char *name, int64_t *median);
/* Name and label of row @i, both NULL behind the last. */
const char *ladder_file_row(const struct ladder_file *file, size_t i, const char **label);

/* Key and values of the @i-th difference of the environments, as text; false: no more. */
struct ladder_difference {
	char key[64], a[160], b[160];
};

bool ladder_file_differ(const struct ladder_file *a, const struct ladder_file *b, size_t i,
			struct ladder_difference *difference);

#endif
