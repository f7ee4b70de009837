/* SPDX-License-Identifier: GPL-2.0 */
/* The instructions in an object file of the assembler's. */
#ifndef OBJECT_H
#define OBJECT_H

#include <linux/types.h>
#include <stddef.h>

/*
 * .text of the ELF object of @n bytes at @file, as far as it needs no linker:
 * where it lies there, and its @size. NULL if not: @why says why, or is "" where
 * the file is no such object.
 */
const __u8 *object_text(const __u8 *file, size_t n, size_t *size, char *why, size_t why_size);

#endif
