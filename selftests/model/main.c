// SPDX-License-Identifier: GPL-2.0
/*
 * The module's policy as a program. Without an argument it lists its tests; with the
 * number of one, from 1 on, it runs that: exit status 0 where it holds, else what failed
 * is printed.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests.h"

#define NAME(name, function)	name,
#define FUNCTION(name, function)	function,

static const char *const names[] = { TESTS(NAME) };
static void (*const functions[])(void) = { TESTS(FUNCTION) };

int main(int argc, char **argv)
{
	size_t i;

	if (argc > 1) {
		i = strtoul(argv[1], NULL, 10) - 1;
		if (i >= ARRAY_SIZE(functions))
			return 2;
		functions[i]();
		return 0;
	}
	for (i = 0; i < ARRAY_SIZE(names); i++)
		puts(names[i]);
	return 0;
}
