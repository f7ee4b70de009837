// SPDX-License-Identifier: GPL-2.0
/* The catalogue as a table, and the code of each entry, assembled from its own text. */
#include "atlas.h"

#include <stdio.h>
#include <string.h>

#include <ringprobe.h>

#define ASSEMBLE(mode, label, before, text)					\
	__asm__(".pushsection .rodata\n"					\
		".code" #mode "\n"						\
		".globl " #label ", " #label "_at, " #label "_end\n"		\
		#label ": " before "\n"						\
		#label "_at: " text "\n"					\
		"1: " #label "_end: .byte 0\n"					\
		".code64\n"							\
		".popsection");							\
	extern const __u8 label[], label##_at[], label##_end[];

#define ATLAS(name, before, text, ...)						\
	ASSEMBLE(64, atlas_##name, before, text)
#define ATLAS_EACH(name, before, text, before32, text32, ...)			\
	ASSEMBLE(64, atlas_##name, before, text)				\
	ASSEMBLE(32, atlas32_##name, before32, text32)
#define ATLAS_BOTH(name, before, text, ...)					\
	ATLAS_EACH(name, before, text, before, text)
#include "atlas_list.h"
#undef ATLAS
#undef ATLAS_EACH

#define FORM(label, before, text)						\
	{ .insn = text, .prelude = before, .code = label, .at = label##_at, .end = label##_end }
#define ATLAS(name, before, text, ...) {					\
	.id = #name, .form = { [RUN_MODE_64] = FORM(atlas_##name, before, text) },	\
	__VA_ARGS__ },
#define ATLAS_EACH(name, before, text, before32, text32, ...) {			\
	.id = #name, .form = { [RUN_MODE_64] = FORM(atlas_##name, before, text),	\
			       [RUN_MODE_32] = FORM(atlas32_##name, before32, text32) },	\
	__VA_ARGS__ },
#undef ATLAS_BOTH
#define ATLAS_BOTH(name, before, text, ...)					\
	ATLAS_EACH(name, before, text, before, text, __VA_ARGS__)

const struct atlas_entry atlas_entries[] = {
#include "atlas_list.h"
};
#undef ATLAS
#undef ATLAS_EACH
#undef ATLAS_BOTH

const unsigned int atlas_count = sizeof(atlas_entries) / sizeof(atlas_entries[0]);

static bool same_name(const char *a, const char *b)
{
	for (; *a && *b; a++, b++)
		if (*a != *b && !(strchr("-_", *a) && strchr("-_", *b)))
			return false;
	return *a == *b;
}

const struct atlas_entry *atlas_find(const char *name)
{
	for (unsigned int i = 0; i < atlas_count; i++)
		if (same_name(atlas_entries[i].id, name))
			return &atlas_entries[i];
	return NULL;
}

const char *atlas_name(const struct atlas_entry *entry)
{
	static char name[40];

	snprintf(name, sizeof(name), "%s", entry->id);
	for (char *c = name; *c; c++)
		if (*c == '_')
			*c = '-';
	return name;
}

const struct atlas_form *atlas_shown(const struct atlas_entry *entry, enum run_mode mode)
{
	return &entry->form[entry->form[mode].insn ? mode : RUN_MODE_64];
}

static const struct {
	const char *name, *title;
} groups[ATLAS_GROUP_COUNT] = {
	[ATLAS_IO] = { "io", "ports and the interrupt flag" },
	[ATLAS_PRIVILEGED] = { "privileged", "for CPL 0 only" },
	[ATLAS_STATE] = { "system-state", "control and debug registers" },
	[ATLAS_DESCRIPTOR] = { "descriptor", "descriptor tables and segments" },
	[ATLAS_SENSITIVE] = { "sensitive", "allowed, unless a bit says no" },
	[ATLAS_MEMORY] = { "memory", "addresses and pages" },
	[ATLAS_DOORS] = { "doors", "ways into ring 0" },
};

const char *atlas_group_name(enum atlas_group group)
{
	return groups[group].name;
}

const char *atlas_group_title(enum atlas_group group)
{
	return groups[group].title;
}
