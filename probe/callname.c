// SPDX-License-Identifier: GPL-2.0
/* The two tables are made by the Makefile, from <asm/unistd_64.h> and <asm/unistd_32.h>. */
#include "callname.h"

#include <stddef.h>

#include "syscall_names.inc"

const char *callname(__u32 abi, __u32 nr)
{
	if (abi == 32)
		return nr < sizeof(names_32) / sizeof(names_32[0]) ? names_32[nr] : NULL;
	return nr < sizeof(names_64) / sizeof(names_64[0]) ? names_64[nr] : NULL;
}
