/* SPDX-License-Identifier: GPL-2.0 */
/*
 * CAP_SYS_RAWIO, the capability that port I/O asks for, is kept only by the
 * commands that need it, and is effective only around the calls that do.
 */
#ifndef PRIV_H
#define PRIV_H

#include <stdbool.h>

/* Lower it at once; without @keep it is given up for good. */
void priv_init(bool keep);
/* Make it effective, or not; does nothing where it was not permitted. */
void priv_rawio(bool on);
bool priv_has_rawio(void);	/* was it there when the program started? */
bool priv_has_module(void);	/* CAP_SYS_MODULE, effective */
bool priv_in_initial_userns(void);

#endif
