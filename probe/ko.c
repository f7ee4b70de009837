// SPDX-License-Identifier: GPL-2.0
/* The module as a file: section .modinfo of an ELF file, read, not loaded. */
#define _GNU_SOURCE
#include "ko.h"

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#define NAME "ringprobe.ko"
#define SIZE_MAX_BYTES (16UL << 20)

/* The tree that this very program lies in, if it was not installed. */
static void beside_probe(char *path, size_t size)
{
	char exe[4096];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	char *slash;

	path[0] = '\0';
	if (n <= 0)
		return;
	exe[n] = '\0';
	for (int up = 0; up < 2; up++) {
		slash = strrchr(exe, '/');
		if (!slash)
			return;
		*slash = '\0';
	}
	snprintf(path, size, "%s/" NAME, exe);
}

bool ko_find(char *path, size_t size)
{
	static const char *const folders[] = { "updates/dkms", "updates", "extra" };
	static const char *const endings[] = { "", ".xz", ".zst", ".gz" };
	struct utsname u;

	snprintf(path, size, "./" NAME);
	if (!access(path, F_OK))
		return true;
	beside_probe(path, size);
	if (path[0] && !access(path, F_OK))
		return true;
	if (uname(&u))
		return false;
	for (size_t i = 0; i < 3; i++) {
		for (size_t j = 0; j < 4; j++) {
			snprintf(path, size, "/lib/modules/%s/%s/" NAME "%s", u.release, folders[i],
				 endings[j]);
			if (!access(path, F_OK))
				return true;
		}
	}
	return false;
}

static char *read_file(const char *path, size_t *size)
{
	char *bytes = NULL;
	FILE *f = fopen(path, "re");
	long length;

	if (!f)
		return NULL;
	if (!fseek(f, 0, SEEK_END) && (length = ftell(f)) > 0 &&
	    (unsigned long)length < SIZE_MAX_BYTES && !fseek(f, 0, SEEK_SET))
		bytes = malloc((size_t)length + 1);
	if (bytes) {
		*size = fread(bytes, 1, (size_t)length, f);
		bytes[*size] = '\0';
	}
	fclose(f);
	return bytes;
}

/* Start and size of a section; every offset is checked against the file. */
static const char *section(const char *file, size_t size, const char *name, size_t *length)
{
	const Elf64_Ehdr *header = (const void *)file;
	const Elf64_Shdr *table, *names;

	if (size < sizeof(*header) || memcmp(file, ELFMAG, SELFMAG) != 0 ||
	    header->e_shoff > size || header->e_shoff % 8 || header->e_shstrndx >= header->e_shnum ||
	    header->e_shnum > (size - header->e_shoff) / sizeof(*table))
		return NULL;
	table = (const void *)(file + header->e_shoff);
	names = &table[header->e_shstrndx];
	if (names->sh_offset > size || names->sh_size > size - names->sh_offset)
		return NULL;
	for (unsigned int i = 0; i < header->e_shnum; i++) {
		if (table[i].sh_name >= names->sh_size || table[i].sh_offset > size ||
		    table[i].sh_size > size - table[i].sh_offset ||
		    strncmp(file + names->sh_offset + table[i].sh_name, name,
			    names->sh_size - table[i].sh_name) != 0)
			continue;
		*length = table[i].sh_size;
		return file + table[i].sh_offset;
	}
	return NULL;
}

bool ko_fits(const struct ko_facts *facts, const char *release)
{
	size_t built_for = strcspn(facts->vermagic, " ");

	return strlen(release) == built_for && !strncmp(release, facts->vermagic, built_for);
}

bool ko_read(const char *path, struct ko_facts *facts)
{
	static const char magic[] = "~Module signature appended~\n";
	static const char key[] = "vermagic=";
	size_t size = 0, length = 0;
	char *file = read_file(path, &size);
	const char *info = file ? section(file, size, ".modinfo", &length) : NULL;

	memset(facts, 0, sizeof(*facts));
	for (const char *end = info + length; info && info < end; info += strnlen(info, end - info) + 1)
		if (!strncmp(info, key, strlen(key)))
			snprintf(facts->vermagic, sizeof(facts->vermagic), "%.*s",
				 (int)(end - info - (long)strlen(key)), info + strlen(key));
	if (file && size > strlen(magic))
		facts->is_signed = !memcmp(file + size - strlen(magic), magic, strlen(magic));
	free(file);
	return facts->vermagic[0];
}
