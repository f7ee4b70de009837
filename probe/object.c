// SPDX-License-Identifier: GPL-2.0
/*
 * Just as much of ELF as an object from one line of assembly has. Nothing in
 * the file is trusted: each offset is checked against its end.
 */
#include "object.h"

#include <elf.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct object {
	const __u8 *file;
	size_t n;
	const Elf64_Shdr *sections;
	unsigned int n_sections;
};

/* @size bytes at @offset; NULL where they are not all there. */
static const __u8 *inside(const struct object *object, __u64 offset, __u64 size)
{
	if (offset > object->n || size > object->n - offset)
		return NULL;
	return object->file + offset;
}

/* The same for a structure of ELF's. */
static const void *at(const struct object *object, __u64 offset, __u64 size)
{
	return offset % 8 ? NULL : inside(object, offset, size);
}

static const char *name_in(const struct object *object, unsigned int strings, __u64 offset)
{
	const Elf64_Shdr *section = strings < object->n_sections ? &object->sections[strings] : NULL;
	const __u8 *names = section ? inside(object, section->sh_offset, section->sh_size) : NULL;

	if (!names || offset >= section->sh_size ||
	    !memchr(names + offset, '\0', section->sh_size - offset))
		return "?";
	return (const char *)names + offset;
}

static bool open_object(struct object *object)
{
	const Elf64_Ehdr *header = at(object, 0, sizeof(*header));

	if (!header || memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 ||
	    header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_machine != EM_X86_64 ||
	    header->e_type != ET_REL || header->e_shentsize != sizeof(Elf64_Shdr))
		return false;
	object->n_sections = header->e_shnum;
	object->sections = at(object, header->e_shoff,
			      object->n_sections * sizeof(Elf64_Shdr));
	return object->sections != NULL;
}

/* What the first relocation of @section is after. */
static void tell_relocation(const struct object *object, const Elf64_Shdr *section, char *why,
			    size_t size)
{
	const Elf64_Rela *relocation = at(object, section->sh_offset, sizeof(*relocation));
	const Elf64_Shdr *symbols;
	const Elf64_Sym *symbol = NULL;

	snprintf(why, size, "an address is given that only a linker can fill in: "
		 "go there by a register, or relative to \".\"");
	if (!relocation || section->sh_link >= object->n_sections)
		return;
	symbols = &object->sections[section->sh_link];
	if (ELF64_R_SYM(relocation->r_info))
		symbol = at(object, symbols->sh_offset + ELF64_R_SYM(relocation->r_info) *
			    sizeof(*symbol), sizeof(*symbol));
	if (symbol && symbol->st_name)
		snprintf(why, size, "there is nothing here that has the name \"%.64s\"",
			 name_in(object, symbols->sh_link, symbol->st_name));
}

const __u8 *object_text(const __u8 *file, size_t n, size_t *size, char *why, size_t why_size)
{
	struct object object = { .file = file, .n = n };
	const __u8 *text = NULL;

	why[0] = '\0';
	if (!open_object(&object))
		return NULL;
	for (unsigned int i = 0; i < object.n_sections; i++) {
		const Elf64_Shdr *section = &object.sections[i];
		const char *name = name_in(&object, ((const Elf64_Ehdr *)file)->e_shstrndx,
					   section->sh_name);

		if (section->sh_type == SHT_RELA && section->sh_size) {
			tell_relocation(&object, section, why, why_size);
			return NULL;
		}
		if (section->sh_type == SHT_PROGBITS && !strcmp(name, ".text")) {
			text = inside(&object, section->sh_offset, section->sh_size);
			*size = section->sh_size;
		}
	}
	return text;
}
