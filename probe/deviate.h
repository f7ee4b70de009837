/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where an emulator's or a hypervisor's CPU is known to differ from the manuals: shown,
 * never predicted away.
 */
#ifndef DEVIATE_H
#define DEVIATE_H

#include "atlas.h"

struct deviate {
	const char *id;			/* the entry */
	int ring;
	enum { DEVIATE_TCG, DEVIATE_KVM_AMD, DEVIATE_PVM } cpu;
	const char *where;		/* whose CPU, and the version that was looked at */
	bool only_32;			/* in compatibility mode only */
	enum { DEVIATE_TRY, DEVIATE_SMAP, DEVIATE_INTEL } avoid;	/* not to be run there with */
	int vector;			/* what comes instead; -1: it runs through */
	__u32 error;
	const char *why;
};

/* The deviation known for @entry in @ring and @mode on this machine; NULL: none. */
const struct deviate *deviate_known(const struct atlas_entry *entry, int ring, enum run_mode mode);

/*
 * Why an instruction, by its mnemonic, must not be run in ring 3 here; NULL: it may.
 */
const char *deviate_avoid(const char *mnemonic);

#endif
