/* SPDX-License-Identifier: GPL-2.0 */
/* System calls by name, as this machine's headers have them. */
#ifndef CALLNAME_H
#define CALLNAME_H

#include <linux/types.h>

/* @abi: 64 or 32, the bits of its table. NULL: the headers have no such number. */
const char *callname(__u32 abi, __u32 nr);

#endif
