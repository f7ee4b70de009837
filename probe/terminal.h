/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Keys at once and without an echo; the terminal is as it was when we exit, or are ended
 * by a signal that is neither blocked nor caught by others.
 */
#ifndef TERMINAL_H
#define TERMINAL_H

#include <stdbool.h>

/* Is stdin a terminal that is ours to read? */
bool terminal_is_ours(void);
/* @signals: its keys still send them. */
void terminal_raw(bool signals);
void terminal_restore(void);

#endif
