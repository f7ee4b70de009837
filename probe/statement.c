// SPDX-License-Identifier: GPL-2.0
/*
 * A line of instructions, strictly: the assembler has directives that read
 * files and repeat without end, so it only gets characters and beginnings of
 * statements that are known to be none.
 */
#include "statement.h"

#include <stdio.h>
#include <string.h>

#define ACCEPTED " ,;$%()[]{}*+-~:._"

/* In C's locale, whatever was set. */
static bool is_plain(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static const char *meaning(char c)
{
	switch (c) {
	case '#':
	case '/':
		return ": it can begin a comment";
	case '"':
	case '\'':
		return ": it begins a string";
	case '=':
		return ": it gives a symbol a value";
	case '@':
		return ": it asks for a linker";
	case '\\':
		return ": it belongs to macros";
	default:
		return "";
	}
}

static bool accept_characters(const char *line, char *why, size_t size)
{
	for (const char *c = line; *c; c++) {
		if (is_plain(*c) || strchr(ACCEPTED, *c))
			continue;
		if (*c == '\n')
			snprintf(why, size, "a new line is refused: instructions are separated by \";\"");
		else if (*c < ' ' || *c > '~')
			snprintf(why, size, "the byte 0x%02x is refused: it is not printable ASCII",
				 (unsigned char)*c);
		else
			snprintf(why, size, "the character \"%c\" is refused%s", *c, meaning(*c));
		return false;
	}
	return true;
}

/* @n characters, without blanks at its beginning */
static bool accept_statement(const char *text, size_t n, unsigned int number, char *why, size_t size)
{
	size_t word = 0, after;

	while (word < n && (is_plain(text[word]) || strchr("$._", text[word])))
		word++;
	for (after = word; after < n && text[after] == ' '; after++)
		;
	if (!n)
		snprintf(why, size, "instruction %u is empty", number);
	else if (text[0] == '.')
		snprintf(why, size, "directives are refused: \"%.*s\"; bytes go by --bytes",
			 (int)word, text);
	else if (after < n && text[after] == ':')
		snprintf(why, size, "labels are refused: \"%.*s:\"; \".\" is where an instruction begins",
			 (int)word, text);
	else
		return true;
	return false;
}

bool statement_accept(const char *line, char *why, size_t size)
{
	unsigned int number = 1;

	if (strlen(line) > STATEMENT_MAX) {
		snprintf(why, size, "more than %d characters", STATEMENT_MAX);
		return false;
	}
	if (!accept_characters(line, why, size))
		return false;
	for (;; number++) {
		size_t n;

		line += strspn(line, " ");
		n = strcspn(line, ";");
		if (!accept_statement(line, n, number, why, size))
			return false;
		if (!line[n])
			return true;
		line += n + 1;
	}
}
