/* SPDX-License-Identifier: GPL-2.0 */
/* The only file that knows capstone. */
#ifndef DISASM_H
#define DISASM_H

#include <linux/types.h>
#include <stdbool.h>

#define DISASM_TEXT 96

/* One instruction: "ee" and "outb %al, %dx" (AT&T). */
struct disasm {
	char hex[3 * 16];
	char text[DISASM_TEXT];
	__u32 size;			/* in bytes; 0 if it is none */
};

/* False if @bytes are no instruction: then hex holds them and text is "?". */
bool disasm_one(const __u8 *bytes, __u32 n, __u64 rip, struct disasm *out);
/* The same, not in AT&T's syntax, not as 64-bit code: a sum of these. */
enum { DISASM_INTEL = 1, DISASM_32 = 2 };
bool disasm_as(unsigned int how, const __u8 *bytes, __u32 n, __u64 rip, struct disasm *out);

#endif
