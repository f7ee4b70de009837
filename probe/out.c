// SPDX-License-Identifier: GPL-2.0
/*
 * Everything that is printed, as text or as one JSON object. Text knows the
 * column it is in, so that sentences can be broken and labels stay aligned;
 * colour is added around a field, never counted.
 */
#define _GNU_SOURCE
#include "out.h"

#include <ctype.h>
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <json-c/json.h>

#define SCHEMA "ringprobe/1"
#define DEPTH 4				/* object, row, two nested objects */

static struct {
	bool json, wide, utf8, screen, color;
	bool lines;			/* an object is a line */
	bool no_memory;			/* for some of the object: none of it is printed */
	FILE *to;
	int failed;			/* exit status where it cannot be written */
	int column;
	int left;			/* lines of the screen; -1: no limit */
	enum out_role role;		/* of the next field */
	struct json_object *nest[DEPTH], *rows;
	int depth;
} out;

static bool is_set(const char *variable)
{
	const char *value = getenv(variable);

	return value && *value;
}

static void write_to(FILE *to, int failed)
{
	const char *term = getenv("TERM");

	out.to = to;
	out.failed = failed;
	out.screen = !out.json && isatty(fileno(to)) && term && *term && strcmp(term, "dumb") != 0;
	out.color = out.screen && !is_set("NO_COLOR");
}

void out_init(bool json, bool wide)
{
	setlocale(LC_CTYPE, "");
	out.json = json;
	out.wide = wide;
	out.utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");
	out.left = -1;
	write_to(stdout, EXIT_FAILED);
}

void out_to_stderr(int failed)
{
	write_to(stderr, failed);
}

/* Each value is made through here. */
static struct json_object *made(struct json_object *value)
{
	out.no_memory |= !value;
	return value;
}

/* A value that has found no place is nobody's. */
static void placed(int err, struct json_object *value)
{
	out.no_memory |= err != 0;
	if (err)
		json_object_put(value);
}

static void add_to(struct json_object *object, const char *key, struct json_object *value)
{
	placed(out.no_memory ? -1 : json_object_object_add(object, key, value), value);
}

static void append_to(struct json_object *array, struct json_object *value)
{
	placed(out.no_memory ? -1 : json_object_array_add(array, value), value);
}

void out_begin(const char *command)
{
	if (!out.json)
		return;
	out.nest[0] = made(json_object_new_object());
	out.rows = made(json_object_new_array());
	add_to(out.nest[0], "schema", made(json_object_new_string(SCHEMA)));
	add_to(out.nest[0], "command", made(json_object_new_string(command)));
}

/* @status: below 0 it is not the end. */
static void print_object(int status)
{
	int flags = JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE;
	const char *text;

	add_to(out.nest[0], "rows", out.rows);
	if (status >= 0)
		add_to(out.nest[0], "exit", made(json_object_new_int(status)));
	/* json-c goes on where its buffer cannot grow, and only errno tells */
	errno = 0;
	text = out.no_memory ? NULL : json_object_to_json_string_ext(out.nest[0], out.lines ? flags :
								     flags | JSON_C_TO_STRING_PRETTY);
	out.no_memory |= !text || errno == ENOMEM;
	if (!out.no_memory)
		fprintf(out.to, "%s\n", text);
	json_object_put(out.nest[0]);
	out.nest[0] = NULL;
}

void out_lines(void)
{
	out.lines = true;
}

void out_object(const char *command)
{
	if (!out.json)
		return;
	print_object(-1);
	fflush(out.to);
	out_begin(command);
}

int out_end(int status)
{
	bool failed;

	if (out.json && out.nest[0])
		print_object(status);
	errno = 0;
	failed = fflush(out.to) != 0 || ferror(out.to);
	/* a full disk may only be noticed by close() */
	failed |= fclose(out.to) != 0;
	if (out.no_memory)
		errno = ENOMEM;
	else if (!failed)
		return status;
	fprintf(stderr, "ringprobe: cannot write the output: %s\n",
		errno ? strerror(errno) : "write error");
	return out.failed;
}

bool out_is_json(void)
{
	return out.json;
}

bool out_is_wide(void)
{
	return out.wide;
}

bool out_is_screen(void)
{
	return out.screen;
}

int out_columns(void)
{
	const char *columns = getenv("COLUMNS");
	long n = columns ? strtol(columns, NULL, 10) : 0;

	if (!out.wide)
		return 79;
	return n > 80 && n < 1000 ? (int)n - 1 : 131;
}

const char *out_glyph(enum out_glyph glyph)
{
	static const char *const ascii[] = { "#", "=", "|" };
	static const char *const utf8[] = { "\u2588", "\u258c", "\u2502" };

	return out.utf8 ? utf8[glyph] : ascii[glyph];
}

void out_bar(int halves)
{
	for (int i = 0; i < halves / 2; i++)
		out_text("%s", out_glyph(OUT_GLYPH_BAR));
	if (halves % 2)
		out_text("%s", out_glyph(OUT_GLYPH_HALF_BAR));
}

/* Characters, not bytes: continuation bytes of UTF-8 take no column. */
static int width_of(const char *text, size_t length)
{
	int width = 0;

	for (size_t i = 0; i < length; i++)
		width += ((unsigned char)text[i] & 0xc0) != 0x80;
	return width;
}

/* How much of it is on lines that the screen still has. */
static size_t that_fits(const char *text, size_t length)
{
	size_t n = 0;

	if (out.left < 0)
		return length;
	while (n < length && out.left > 0)
		out.left -= text[n++] == '\n';
	return n;
}

static void put(const char *text, size_t length)
{
	const char *newline = memrchr(text, '\n', length);

	fwrite(text, 1, that_fits(text, length), out.to);
	if (newline)
		out.column = width_of(newline + 1, length - (size_t)(newline + 1 - text));
	else
		out.column += width_of(text, length);
}

/* SGR: 1 bold, 32 green, 31 red; no bright ones, no yellow. */
static void role_on(void)
{
	static const char *const sgr[] = { "", "\033[1m", "\033[32m", "\033[31m" };

	if (out.color)
		fputs(sgr[out.role], out.to);
}

static void role_off(void)
{
	if (out.color && out.role != OUT_PLAIN)
		fputs("\033[0m", out.to);
	out.role = OUT_PLAIN;
}

static void put_styled(const char *text)
{
	role_on();
	put(text, strlen(text));
	role_off();
}

static void put_formatted(const char *fmt, va_list args)
{
	char text[4096];

	vsnprintf(text, sizeof(text), fmt, args);
	put_styled(text);
}

static void put_value(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	put_formatted(fmt, args);
	va_end(args);
}

/* Is all of @text UTF-8? Only the shape of the sequences is looked at. */
static bool is_utf8(const unsigned char *text)
{
	while (*text) {
		int more = *text < 0x80 ? 0 : *text >= 0xf0 && *text < 0xf8 ? 3 :
			   *text >= 0xe0 && *text < 0xf0 ? 2 : *text >= 0xc2 && *text < 0xe0 ? 1 : -1;

		if (more < 0)
			return false;
		for (text++; more; more--, text++)
			if ((*text & 0xc0) != 0x80)
				return false;
	}
	return true;
}

/* JSON is UTF-8 (RFC 8259, 8.1); an argument or a file name need not be. */
static struct json_object *json_text(const char *text)
{
	struct json_object *object;
	char *copy;

	if (is_utf8((const unsigned char *)text))
		return made(json_object_new_string(text));
	copy = strdup(text);
	for (char *c = copy; c && *c; c++)
		if ((unsigned char)*c >= 0x80)
			*c = '?';
	object = made(copy ? json_object_new_string(copy) : NULL);
	free(copy);
	return object;
}

static void add(const char *key, struct json_object *value)
{
	add_to(out.nest[out.depth], key, value);
}

void out_open(const char *key)
{
	struct json_object *object;

	if (!out.json || out.depth + 1 >= DEPTH)
		return;
	object = made(json_object_new_object());
	add(key, object);
	out.nest[++out.depth] = object;
}

void out_close(void)
{
	if (out.json && out.depth > 0)
		out.depth--;
}

void out_row(const char *name)
{
	if (!out.json)
		return;
	out.nest[++out.depth] = made(json_object_new_object());
	append_to(out.rows, out.nest[out.depth]);
	add("name", made(json_object_new_string(name)));
}

void out_row_end(void)
{
	if (out.json)
		out.depth = 0;
	else if (out.column)
		put("\n", 1);
}

void out_role(enum out_role role)
{
	out.role = role;
}

void out_str(const char *key, const char *fmt, const char *value)
{
	if (out.json && key)
		add(key, value ? json_text(value) : NULL);
	else if (!out.json && fmt)
		put_value(fmt, value ? value : "");
}

void out_int(const char *key, const char *fmt, long long value)
{
	if (out.json && key)
		add(key, made(json_object_new_int64(value)));
	else if (!out.json && fmt)
		put_value(fmt, value);
}

void out_uint(const char *key, const char *fmt, unsigned long long value)
{
	if (out.json && key)
		add(key, made(json_object_new_uint64(value)));
	else if (!out.json && fmt)
		put_value(fmt, value);
}

void out_double(const char *key, const char *fmt, double value)
{
	if (out.json && key)
		add(key, made(json_object_new_double(value)));
	else if (!out.json && fmt)
		put_value(fmt, value);
}

void out_bool(const char *key, bool value)
{
	if (out.json)
		add(key, made(json_object_new_boolean(value)));
}

void out_uints(const char *key, const unsigned long long *values, unsigned int n)
{
	struct json_object *array;

	if (!out.json)
		return;
	array = made(json_object_new_array());
	for (unsigned int i = 0; i < n; i++)
		append_to(array, made(json_object_new_uint64(values[i])));
	add(key, array);
}

void out_text(const char *fmt, ...)
{
	va_list args;

	if (out.json)
		return;
	va_start(args, fmt);
	put_formatted(fmt, args);
	va_end(args);
}

void out_to(int column)
{
	if (out.json)
		return;
	if (out.column > column)
		put(" ", 1);
	while (out.column < column)
		put(" ", 1);
}

void out_line(const char *fmt, ...)
{
	va_list args;

	if (out.json)
		return;
	va_start(args, fmt);
	put_formatted(fmt, args);
	va_end(args);
	put("\n", 1);
}

/* Print @text word by word; a word that does not fit starts a line. */
static void wrap(const char *text, int indent)
{
	while (*text) {
		size_t spaces = strspn(text, " ");
		size_t length = strcspn(text + spaces, " ");
		int width = width_of(text + spaces, length);

		if (out.column > indent && out.column + (int)spaces + width > out_columns()) {
			put("\n", 1);
			for (int i = 0; i < indent; i++)
				put(" ", 1);
		} else {
			put(text, spaces);
		}
		put(text + spaces, length);
		text += spaces + length;
	}
}

void out_say(const char *key, int indent, const char *fmt, ...)
{
	char text[2048];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (out.json) {
		if (key)
			add(key, json_text(text));
		return;
	}
	while (out.column < indent)
		put(" ", 1);
	role_on();
	wrap(text, indent);
	role_off();
	put("\n", 1);
}

void out_next(int indent, const char *step)
{
	if (out.json)
		add("next", made(json_object_new_string(step)));
	else
		out_say(NULL, indent, "next: %s", step);
}

void out_error(const char *fmt, ...)
{
	char text[2048];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (out.json && out.nest[0] && !out.no_memory) {
		add_to(out.nest[0], "error", json_text(text));
		return;
	}
	/* an argument that is quoted back must not drive the terminal */
	for (char *c = text; *c; c++)
		if (iscntrl((unsigned char)*c))
			*c = '?';
	fflush(out.to);
	fprintf(stderr, "ringprobe: %s\n", text);
}

bool out_flush(void)
{
	return !fflush(out.to) && !ferror(out.to) && !out.no_memory;
}

/* All but one for the foot, or -1 where that is not known. */
static int screen_rows(void)
{
	struct winsize size;

	return ioctl(fileno(out.to), TIOCGWINSZ, &size) || size.ws_row < 2 ? -1 : size.ws_row - 1;
}

/* ECMA-48 CUP and ED: to the top left, erase the display. */
void out_clear(void)
{
	if (out.screen)
		fputs("\033[H\033[2J", out.to);
	out.column = 0;
}

void out_fit_begin(void)
{
	if (out.screen)
		out.left = screen_rows();
}

void out_fit_end(const char *foot)
{
	out.left = -1;
	if (out.screen)
		out_text("%s", foot);
}
