// SPDX-License-Identifier: GPL-2.0
/* The catalogue as a table, and the code of each entry, assembled from its own text. */
#include "atlas.h"

#include <stdio.h>
#include <string.h>

#include <ringprobe.h>

#define ATLAS(name, before, text, ...)						\
	__asm__(".pushsection .rodata\n"					\
		".globl atlas_" #name ", atlas_" #name "_at, atlas_" #name "_end\n"	\
		"atlas_" #name ": " before "\n"					\
		"atlas_" #name "_at: " text "\n"				\
		"1: atlas_" #name "_end: .byte 0\n"				\
		".popsection");							\
	extern const __u8 atlas_##name[], atlas_##name##_at[], atlas_##name##_end[];
#include "atlas_list.h"
#undef ATLAS

#define ATLAS(name, before, text, ...) {					\
	.id = #name, .insn = text, .prelude = before,				\
	.code = atlas_##name, .at = atlas_##name##_at, .end = atlas_##name##_end,	\
	__VA_ARGS__ },

const struct atlas_entry atlas_entries[] = {
#include "atlas_list.h"
};
#undef ATLAS

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
