/* SPDX-License-Identifier: GPL-2.0 */
/*
 * SYSRET or IRET? A null selector that is not 0 in ES: SYSRET leaves it, IRET to ring
 * 3 makes it 0 (Intel SDM vol. 2, IRET). So one that is gone tells of an IRET: the
 * call's own, or an interrupt's. 64-bit code does not use ES.
 */
#ifndef PATH_WAY_H
#define PATH_WAY_H

#include <stdbool.h>

#include "path.h"

static inline __attribute__((always_inline)) void path_way_mark(void)
{
	__asm__ volatile("mov	%0, %%es" : : "r"(3));
}

static inline __attribute__((always_inline)) enum path_way path_way_taken(void)
{
	unsigned int es;

	__asm__ volatile("mov	%%es, %0\n\tmov	%1, %%es" : "=&r"(es) : "r"(0));
	return es == 3 ? PATH_SYSRET : PATH_IRET;
}

/* A call that is known to be short keeps it, a page fault takes it: only then it tells. */
bool path_way_works(void);

#endif
