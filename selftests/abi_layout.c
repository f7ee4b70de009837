// SPDX-License-Identifier: GPL-2.0
/*
 * The layout as one compiler sees it. Compiled as C11 and as C++17 with
 * -Wpadded -Werror, and both with -m32 too: the header must be clean in all
 * four. Nothing is included before it: it must stand on its own.
 */
#include <ringprobe.h>

#include <stddef.h>

#include "abi_layout.h"

#if defined(__cplusplus) || defined(NO_CXX)
#define TABLE layout_cxx
#else
#define TABLE layout_c
#endif

#define FIELD(type, field, at, length) \
	{ #type "." #field, (unsigned int)offsetof(struct type, field), \
	  (unsigned int)sizeof(((struct type *)0)->field) },
#define SIZE(type, length) { #type, 0, (unsigned int)sizeof(struct type) },

#ifdef NO_CXX	/* there is no C++ compiler: the test skips */
const struct layout TABLE[] = { { NULL, 0, 0 } };
#else
const struct layout TABLE[] = { LAYOUT(FIELD, SIZE) { NULL, 0, 0 } };
#endif
