/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The module as a file: which one a user would load here, and what modinfo(8),
 * which knows compression and signatures, reads in it. Nothing is loaded.
 */
#ifndef KO_H
#define KO_H

#include <stdbool.h>

struct ko {
	char path[512];		/* "": there is none */
	char release[80];	/* uname -r of the kernel it was built for; "": not readable */
	char version[32];
	char signer[96];	/* whose signature it has, trusted or not; "": none */
	bool installed;		/* below /lib/modules */
	bool fits;		/* it was built for the running kernel */
	bool no_modinfo;	/* not readable for want of modinfo */
};

/*
 * Of ./, the tree that this program lies in, the running kernel's modules and the
 * newest other kernel's: the first that fits; else the first. Looked for once.
 */
const struct ko *ko_get(void);

#endif
