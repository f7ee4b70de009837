/* SPDX-License-Identifier: GPL-2.0 */
/* The atlas as pictures: a table, and a page for one entry. */
#ifndef SHOW_ATLAS_H
#define SHOW_ATLAS_H

#include "atlas.h"
#include "disasm.h"
#include "observe.h"
#include "ring0.h"
#include "show.h"

struct show_atlas_rings {
	bool ring3, ring0;
	enum run_mode mode;		/* of ring 3; the kernel has 64-bit code only */
};

/* @group: NULL for all. Each returns what it is worth: see out.h. */
int show_atlas(const char *group, const struct show_atlas_rings *rings);
int show_atlas_few(const char *const *names);	/* ends with NULL; both rings, no sum */
int show_entry(const struct atlas_entry *entry, const struct show_atlas_rings *rings);

/* Its bytes, disassembled for its mode. */
void show_disasm(const struct atlas_entry *entry, enum run_mode mode, struct disasm *insn);

/*
 * show_timeline.c: how long each leg of an entry's way takes; @ask_module: the
 * kernel's stamps are wanted. @result: of SHOW_ROUNDS rounds.
 */
enum { SHOW_ROUNDS = 200 };
int show_timeline(const struct atlas_entry *entry, const struct observe *result, bool ask_module);

/* The fields of JSON's rows; no text. */
void show_observation(const struct atlas_entry *entry, const struct observe *result);
int show_match(enum observe_match match);	/* as an exit status */

#endif
