/* SPDX-License-Identifier: GPL-2.0 */
/* An entry of the atlas in ring 0: what the module was asked, and what it said. */
#ifndef RING0_H
#define RING0_H

#include "atlas.h"
#include "deviate.h"
#include <ringprobe.h>

enum ring0_outcome {
	RING0_DONE,			/* it ran to its end */
	RING0_FAULTED,			/* refused by the CPU, and caught */
	RING0_ABSENT,			/* this CPU does not have it */
	RING0_REFUSED,			/* by the module's checks: .err */
	RING0_UNREACHED,		/* no module, or not for you: .err */
	RING0_LEFT_OUT,			/* not in the catalogue: .why0 of the entry */
};

struct ring0 {
	enum ring0_outcome outcome;
	int err;			/* negative errno */
	int fd;				/* RING0_UNREACHED: what dev_open() returned, or 0 */
	__u64 value[2];
	__u32 levels[4];		/* RING0_LAR: descriptors of each DPL */
	__u64 ticks;
	__u32 cpl;			/* INSN only: 0, as CS said */
	int vector;			/* RING0_FAULTED */
	bool redacted;
	bool differs;			/* from what the manuals say, or this emulator is known for */
	const struct deviate *known;
};

void ring0_run(const struct atlas_entry *entry, struct ring0 *result);
const char *ring0_word(enum ring0_outcome outcome);

#endif
