// SPDX-License-Identifier: GPL-2.0
/*
 * Numbers from the command line, strictly: a port number with a typo in it
 * must not become another port. Closed sets of words, as the tables write them.
 */
#include "parse.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "main.h"
#include "measure.h"

bool parse_number(const char *text, __u64 min, __u64 max, __u64 *value)
{
	bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	const char *digits = hex ? text + 2 : text;
	unsigned long long number;
	char *end;

	/* strtoull() would skip spaces and take a sign or a second 0x */
	if (!isxdigit((unsigned char)digits[0]) || (hex && (digits[1] == 'x' || digits[1] == 'X')))
		return false;
	/* 010 is eight to C and ten to people: neither is guessed */
	if (!hex && digits[0] == '0' && digits[1])
		return false;
	errno = 0;
	number = strtoull(digits, &end, hex ? 16 : 10);
	if (errno || *end || end == digits || number < min || number > max)
		return false;
	*value = number;
	return true;
}

bool parse_argument(const char *what, const char *text, __u64 min, __u64 max, __u64 *value)
{
	if (parse_number(text, min, max, value))
		return true;
	if (max > 9 && (max & (max + 1)) == 0)
		main_usage("%s: \"%s\" is not a number from %#llx to %#llx", what, text,
			   (unsigned long long)min, (unsigned long long)max);
	else
		main_usage("%s: \"%s\" is not a number from %llu to %llu", what, text,
			   (unsigned long long)min, (unsigned long long)max);
	return false;
}

bool parse_seconds(const char *what, const char *text, __u64 min, __u64 max, __u64 *value)
{
	size_t whole = strspn(text, "0123456789");
	size_t decimals = text[whole] == '.' ? strspn(text + whole + 1, "0123456789") : 0;
	bool ends = !text[whole] || (decimals && decimals <= 3 && !text[whole + 1 + decimals]);
	char digits[16];

	/* the number of milliseconds: its digits, without the point and with all three decimals */
	if (ends && whole && whole < 8 && (text[0] != '0' || whole == 1)) {
		snprintf(digits, sizeof(digits), "%.*s%.*s%.*s", (int)whole, text, (int)decimals,
			 text + whole + 1, 3 - (int)decimals, "000");
		*value = strtoull(digits, NULL, 10);
		if (*value >= min && *value <= max)
			return true;
	}
	main_usage("%s: \"%s\" is not a number of seconds from %g to %g", what, text,
		   (double)min / 1000, (double)max / 1000);
	return false;
}

bool parse_cpu(const char *text, int *cpu)
{
	char list[512];
	__u64 value;

	if (parse_number(text, 0, 1 << 20, &value) &&
	    measure_cpu_allowed((int)value, list, sizeof(list))) {
		*cpu = (int)value;
		return true;
	}
	measure_cpu_allowed(-1, list, sizeof(list));
	main_usage("--cpu: \"%s\" is not a CPU that this process may use: %s", text, list);
	return false;
}

bool parse_among(const char *text, const char *set)
{
	for (size_t length = strlen(text);; set++) {
		size_t word = strcspn(set, "| ");

		if (word == length && !strncmp(text, set, word))
			return true;
		set += word;
		if (*set != '|')
			return false;
	}
}

void parse_list(const char *set, const char *between, char *list, size_t size)
{
	size_t used = 0;

	list[0] = '\0';
	for (; *set && *set != ' ' && used < size; set++) {
		const char letter[2] = { *set, '\0' };

		used += (size_t)snprintf(list + used, size - used, "%s",
					 *set == '|' ? between : letter);
	}
}
