/* SPDX-License-Identifier: GPL-2.0 */
/* Text to bytes, by GNU as where there is one: the only file that runs it. */
#ifndef ASSEMBLE_H
#define ASSEMBLE_H

#include <linux/types.h>
#include <stdbool.h>

#include "run.h"

enum assemble_result {
	ASSEMBLE_DONE,
	ASSEMBLE_REFUSED,		/* the text is wrong */
	ASSEMBLE_NO_TOOL,		/* there is no as */
	ASSEMBLE_FAILED,		/* it did not do its work */
};

struct assemble {
	__u8 code[RUN_CODE_MAX];
	__u32 size;
	char said[256];			/* done: its warning, or ""; else why not */
};

/*
 * @line: instructions separated by ";", in AT&T's syntax or Intel's. No shell and
 * no file is used, and the tool runs without privileges and with little time.
 */
enum assemble_result assemble(const char *line, bool intel, struct assemble *out);

#endif
