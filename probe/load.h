/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How to get the module loaded: the one command, chosen by what is really here,
 * also after a kernel update. Every command that misses the module says this.
 */
#ifndef LOAD_H
#define LOAD_H

#include <stdbool.h>

/* Text lives until the next call. */
const char *load_next(void);
/* The kernel refuses modules without a signature that it trusts; @sig_enforce: Y, N or 0. */
bool load_wants_signature(char *sig_enforce);

#endif
