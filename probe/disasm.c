// SPDX-License-Identifier: GPL-2.0
/* Bytes to an instruction, as the CPU would have read them. */
#include "disasm.h"

#include <capstone/capstone.h>
#include <stdio.h>
#include <stdlib.h>

#include "out.h"

/* capstone follows the NULL that it gets. */
static void *needed(void *memory)
{
	if (memory)
		return memory;
	out_error("no memory to disassemble");
	exit(out_end(EXIT_FAILED));
}

static void *need(size_t size)
{
	return needed(malloc(size));
}

static void *need_zeroes(size_t n, size_t size)
{
	return needed(calloc(n, size));
}

static void *need_more(void *memory, size_t size)
{
	return needed(realloc(memory, size));
}

static bool open_capstone(unsigned int how, csh *handle)
{
	cs_opt_mem memory = { need, need_zeroes, need_more, free, vsnprintf };

	return !cs_option(0, CS_OPT_MEM, (size_t)&memory) &&
	       !cs_open(CS_ARCH_X86, how & DISASM_32 ? CS_MODE_32 : CS_MODE_64, handle) &&
	       !cs_option(*handle, CS_OPT_SYNTAX, how & DISASM_INTEL ? CS_OPT_SYNTAX_INTEL :
							CS_OPT_SYNTAX_ATT);
}

bool disasm_as(unsigned int how, const __u8 *bytes, __u32 n, __u64 rip, struct disasm *out)
{
	cs_insn *insn = NULL;
	csh handle = 0;
	size_t found = 0, used = 0;

	snprintf(out->text, sizeof(out->text), "?");
	if (open_capstone(how, &handle))
		found = cs_disasm(handle, bytes, n, rip, 1, &insn);
	if (found) {
		n = insn->size;
		snprintf(out->text, sizeof(out->text), "%.31s%s%.62s", insn->mnemonic,
			 *insn->op_str ? " " : "", insn->op_str);
		cs_free(insn, found);
	}
	if (handle)
		cs_close(&handle);
	out->size = found ? n : 0;
	out->hex[0] = '\0';
	for (__u32 i = 0; i < n && i < 16; i++)
		used += (size_t)snprintf(out->hex + used, sizeof(out->hex) - used,
					 i ? " %02x" : "%02x", bytes[i]);
	return found;
}

bool disasm_one(const __u8 *bytes, __u32 n, __u64 rip, struct disasm *out)
{
	return disasm_as(0, bytes, n, rip, out);
}
