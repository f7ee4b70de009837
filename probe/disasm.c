// SPDX-License-Identifier: GPL-2.0
/* Bytes to an instruction, as the CPU would have read them. */
#include "disasm.h"

#include <capstone/capstone.h>
#include <stdio.h>

static bool disasm(cs_mode mode, const __u8 *bytes, __u32 n, __u64 rip, struct disasm *out)
{
	cs_insn *insn = NULL;
	csh handle;
	size_t found = 0, used = 0;

	snprintf(out->text, sizeof(out->text), "?");
	if (!cs_open(CS_ARCH_X86, mode, &handle)) {
		cs_option(handle, CS_OPT_SYNTAX, CS_OPT_SYNTAX_ATT);
		found = cs_disasm(handle, bytes, n, rip, 1, &insn);
	}
	if (found) {
		n = insn->size;
		snprintf(out->text, sizeof(out->text), "%.31s %.31s", insn->mnemonic, insn->op_str);
		cs_free(insn, found);
	}
	out->hex[0] = '\0';
	for (__u32 i = 0; i < n && i < 16; i++)
		used += (size_t)snprintf(out->hex + used, sizeof(out->hex) - used,
					 i ? " %02x" : "%02x", bytes[i]);
	return found;
}

bool disasm_one(const __u8 *bytes, __u32 n, __u64 rip, struct disasm *out)
{
	return disasm(CS_MODE_64, bytes, n, rip, out);
}

bool disasm_one_32(const __u8 *bytes, __u32 n, __u64 rip, struct disasm *out)
{
	return disasm(CS_MODE_32, bytes, n, rip, out);
}
