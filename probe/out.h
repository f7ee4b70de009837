/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Everything that is printed. One call site gives text or JSON: each field
 * has a key (JSON) and a printf format for its value (text); a NULL key is
 * text only, a NULL format is JSON only. Text appears as it is produced; with
 * --json nothing does until out_end() prints the one object.
 *
 *	out_row("entry");				{"name": "entry",
 *	out_text("%-8s", "entry");
 *	out_uint("median_ticks", "%10llu", ticks);	 "median_ticks": 441,
 *	out_role(OUT_GOOD);
 *	out_str("verdict", "  %s", "ok");		 "verdict": "ok"}
 *	out_row_end();					newline
 *
 * Fields outside a row belong to the object itself.
 */
#ifndef OUT_H
#define OUT_H

#include <stdbool.h>

/* Colour is never the only sign: each role is used beside a word. */
enum out_role { OUT_PLAIN, OUT_STRONG, OUT_GOOD, OUT_BAD };

/* Drawn with box characters where the locale is UTF-8, with ASCII elsewhere. */
enum out_glyph { OUT_GLYPH_BAR, OUT_GLYPH_HALF_BAR, OUT_GLYPH_WALL };

/* The process's exit status, everywhere. */
enum { EXIT_PROVEN = 0, EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_PARTIAL = 4 };

void out_init(bool json, bool wide);
void out_begin(const char *command);
/* Prints the object if it is JSON. @status, or 1 where the output failed. */
int out_end(int status);
/* To stderr, from the start: stdout is another's. @failed: for out_end(), instead of 1. */
void out_to_stderr(int failed);
/* JSON Lines: an object is a line. */
void out_lines(void);
/* Prints the object, and begins another. */
void out_object(const char *command);

bool out_is_json(void);
bool out_is_wide(void);
bool out_is_screen(void);		/* a terminal that out_clear() clears */
int out_columns(void);			/* 79, with --wide more */
const char *out_glyph(enum out_glyph glyph);
void out_bar(int halves);		/* so many half columns long */

void out_row(const char *name);
void out_row_end(void);
/* A nested JSON object in the row, or in the object; no text. */
void out_open(const char *key);
void out_close(void);

void out_role(enum out_role role);	/* of the next field or text */
void out_str(const char *key, const char *fmt, const char *value);
void out_int(const char *key, const char *fmt, long long value);
void out_uint(const char *key, const char *fmt, unsigned long long value);
void out_double(const char *key, const char *fmt, double value);
void out_bool(const char *key, bool value);			/* JSON only */
/* Array of numbers; JSON only. */
void out_uints(const char *key, const unsigned long long *values, unsigned int n);

void out_text(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/*
 * A sentence: text is broken between words to fit the width, further lines
 * start at column @indent, and it ends with a newline.
 */
void out_say(const char *key, int indent, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void out_to(int column);			/* spaces up to a column; one if it is past */
void out_line(const char *fmt, ...) __attribute__((format(printf, 1, 2)));	/* text + newline */
/* The one next step after a refusal: "next: ..." */
void out_next(int indent, const char *step);
/* What went wrong: "ringprobe: ..." on stderr, or "error" in the object. */
void out_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
bool out_flush(void);			/* false: it cannot be written, now or before */
void out_clear(void);			/* the screen, if it is one */
/* Between these two what a cleared screen has no room for is left out; its last line is @foot. */
void out_fit_begin(void);
void out_fit_end(const char *foot);

#endif
