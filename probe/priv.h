/* SPDX-License-Identifier: GPL-2.0 */
/*
 * CAP_SYS_RAWIO, which port I/O asks for, and CAP_NET_ADMIN, which a watch does, are
 * kept only by the commands that need them, and effective only around the calls that do.
 */
#ifndef PRIV_H
#define PRIV_H

#include <stdbool.h>

enum { PRIV_RAWIO = 1, PRIV_NET = 2 };

/*
 * A set-user-ID or set-group-ID copy becomes its caller. Lower both capabilities at once;
 * what is not in @keep is given up for good.
 */
void priv_init(unsigned int keep);
/* Make it effective, or not; does nothing where it was not there at the start. */
void priv_rawio(bool on);
void priv_net(bool on);
/* All that was effective when the program started, for a program that is no part of it. */
void priv_restore(void);
bool priv_has_rawio(void);	/* was it there when the program started? */
bool priv_has_module(void);	/* CAP_SYS_MODULE, effective */
bool priv_in_initial_userns(void);

#endif
