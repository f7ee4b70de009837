// SPDX-License-Identifier: GPL-2.0
/*
 * Saved ladders. One invariant: after a successful read each member that is
 * used later is there, and of its type.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "ladder_file.h"

#define SIZE_LIMIT	(4UL << 20)

static bool is_not(struct ladder_file *file, const char *why)
{
	snprintf(file->why, sizeof(file->why), "%s: %s", file->path, why);
	return false;
}

/* The whole file without the blanks at its end, NULL and errno if it cannot be had. */
static char *read_text(const char *path, size_t *size)
{
	FILE *from = fopen(path, "re");
	char *text = from ? malloc(SIZE_LIMIT + 1) : NULL;
	int err = text ? 0 : errno;

	*size = text ? fread(text, 1, SIZE_LIMIT + 1, from) : 0;
	if (text)
		err = ferror(from) ? errno : *size > SIZE_LIMIT ? EFBIG : 0;
	while (*size && strchr(" \n\r\t", text[*size - 1]))
		--*size;
	if (from)
		fclose(from);
	if (err) {
		free(text);
		text = NULL;
		errno = err;
	}
	return text;
}

/* All of the text is one value, without comments and trailing commas. */
static bool parse(struct ladder_file *file)
{
	struct json_tokener *tokener;
	enum json_tokener_error error;
	char why[128];
	size_t size;
	char *text = read_text(file->path, &size);

	if (!text) {
		snprintf(why, sizeof(why), "cannot be read: %s", strerror(errno));
		return is_not(file, why);
	}
	tokener = json_tokener_new();
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	file->root = json_tokener_parse_ex(tokener, text, (int)size);
	error = json_tokener_get_error(tokener);
	snprintf(why, sizeof(why), "is not JSON: %s, at byte %zu",
		 error == json_tokener_continue ? "it ends too early" : json_tokener_error_desc(error),
		 json_tokener_get_parse_end(tokener));
	json_tokener_free(tokener);
	free(text);
	return file->root ? true : is_not(file, why);
}

static struct json_object *member(struct json_object *of, const char *key, enum json_type type)
{
	struct json_object *found;

	return json_object_is_type(of, json_type_object) &&
	       json_object_object_get_ex(of, key, &found) && json_object_is_type(found, type) ?
	       found : NULL;
}

static const char *text_of(struct json_object *of, const char *key)
{
	struct json_object *found = member(of, key, json_type_string);

	return found ? json_object_get_string(found) : NULL;
}

static bool says(struct ladder_file *file, const char *key, const char *value)
{
	const char *found = text_of(file->root, key);

	return found && !strcmp(found, value);
}

static bool rows_are_good(struct ladder_file *file)
{
	for (size_t i = 0; i < json_object_array_length(file->rows); i++) {
		struct json_object *row = json_object_array_get_idx(file->rows, i), *median;

		if (!text_of(row, "name") || !text_of(row, "label") || !text_of(row, "status"))
			return false;
		median = member(row, "median", json_type_int);
		if (!median != (strcmp(text_of(row, "status"), "measured") != 0))
			return false;
	}
	return json_object_array_length(file->rows) > 0;
}

static bool read_clock(struct ladder_file *file)
{
	struct json_object *khz = member(file->root, "tsc_khz", json_type_int);

	for (file->unit = MEASURE_TICKS; file->unit <= MEASURE_EMULATED; file->unit++)
		if (says(file, "clock", measure_clock_name(file->unit)))
			break;
	if (!khz || json_object_get_int64(khz) < 0 || file->unit > MEASURE_EMULATED)
		return false;
	file->tsc_khz = (uint64_t)json_object_get_int64(khz);
	return !file->tsc_khz == (file->unit != MEASURE_TICKS);
}

bool ladder_file_read(const char *path, struct ladder_file *file)
{
	memset(file, 0, sizeof(*file));
	file->path = path;
	if (!parse(file))
		return false;
	if (!says(file, "schema", "ringprobe/1") || !says(file, "command", "ladder"))
		return is_not(file, "is not what \"ringprobe ladder --json\" prints");
	file->env = member(file->root, "env", json_type_object);
	file->rows = member(file->root, "rows", json_type_array);
	if (!file->env || !file->rows || !read_clock(file) || !rows_are_good(file))
		return is_not(file, "is no whole ladder: env, clock, tsc_khz or rows are not as "
			      "\"ringprobe ladder --json\" prints them");
	return true;
}

void ladder_file_free(struct ladder_file *file)
{
	json_object_put(file->root);
	memset(file, 0, sizeof(*file));
}

const char *ladder_file_row(const struct ladder_file *file, size_t i, const char **label)
{
	struct json_object *row = json_object_array_get_idx(file->rows, i);

	*label = row ? text_of(row, "label") : NULL;
	return row ? text_of(row, "name") : NULL;
}

static struct json_object *row_named(const struct ladder_file *file, const char *name)
{
	for (size_t i = 0; i < json_object_array_length(file->rows); i++) {
		struct json_object *row = json_object_array_get_idx(file->rows, i);
		const char *found = text_of(row, "name");

		if (found && !strcmp(found, name))
			return row;
	}
	return NULL;
}

bool ladder_file_has(const struct ladder_file *file, const char *name)
{
	return row_named(file, name);
}

bool ladder_file_median(const struct ladder_file *file, const char *name, int64_t *median)
{
	struct json_object *value = member(row_named(file, name), "median", json_type_int);

	if (value)
		*median = json_object_get_int64(value);
	return value;
}

static void as_text(struct json_object *value, char *text, size_t size)
{
	const char *is = value ? json_object_is_type(value, json_type_string) ?
			 json_object_get_string(value) :
			 json_object_to_json_string_ext(value, JSON_C_TO_STRING_PLAIN) : "unknown";

	snprintf(text, size, "%s", is);
}

/* Objects are looked into: what differs is one of their members. */
static bool differ(struct json_object *a, struct json_object *b, size_t *skip,
		   struct ladder_difference *difference)
{
	json_object_object_foreach(a, key, in_a) {
		struct json_object *in_b;

		json_object_object_get_ex(b, key, &in_b);
		if (json_object_equal(in_a, in_b))
			continue;
		if (json_object_is_type(in_a, json_type_object) &&
		    json_object_is_type(in_b, json_type_object)) {
			if (differ(in_a, in_b, skip, difference))
				return true;
			continue;
		}
		if ((*skip)--)
			continue;
		snprintf(difference->key, sizeof(difference->key), "%s", key);
		as_text(in_a, difference->a, sizeof(difference->a));
		as_text(in_b, difference->b, sizeof(difference->b));
		return true;
	}
	return false;
}

bool ladder_file_differ(const struct ladder_file *a, const struct ladder_file *b, size_t i,
			struct ladder_difference *difference)
{
	return differ(a->env, b->env, &i, difference);
}
