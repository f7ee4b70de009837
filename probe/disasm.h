/* SPDX-License-Identifier: GPL-2.0 */
/* The only file that knows capstone. */
#ifndef DISASM_H
#define DISASM_H

#include <linux/types.h>
#include <stdbool.h>

#define DISASM_TEXT 64

/* One instruction: "ee" and "outb %al, %dx" (AT&T). */
struct disasm {
	char hex[3 * 16];
	char text[DISASM_TEXT];
};

/* False if @bytes are no instruction: then hex holds them and text is "?". _32: 32-bit code. */
bool disasm_one(const __u8 *bytes, __u32 n, __u64 rip, struct disasm *out);
bool disasm_one_32(const __u8 *bytes, __u32 n, __u64 rip, struct disasm *out);

#endif
