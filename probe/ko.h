/* SPDX-License-Identifier: GPL-2.0 */
/* The module as a file: where it is, and which kernel it was built for. */
#ifndef KO_H
#define KO_H

#include <stdbool.h>
#include <stddef.h>

/* The first of ./ringprobe.ko, beside the probe's tree, and the modules folder. */
bool ko_find(char *path, size_t size);

struct ko_facts {
	char vermagic[128];	/* "6.1.0-1-amd64 SMP preempt mod_unload" */
	bool is_signed;		/* a signature is appended; whether it is trusted is not known */
};

/* False where it cannot be read or is no ELF file with a vermagic. */
bool ko_read(const char *path, struct ko_facts *facts);

/* Was it built for @release (uname -r)? */
bool ko_fits(const struct ko_facts *facts, const char *release);

#endif
