/* SPDX-License-Identifier: GPL-2.0 */
/* Keys at once and without an echo; the terminal is as it was when we exit. */
#ifndef TERMINAL_H
#define TERMINAL_H

#include <stdbool.h>

/* Is stdin a terminal that is ours to read? */
bool terminal_is_ours(void);
void terminal_raw(void);
void terminal_restore(void);

#endif
