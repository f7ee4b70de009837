// SPDX-License-Identifier: GPL-2.0
/* What commands and the tour share beside their pictures. */
#include "show.h"

#include "out.h"

int show_worse(int a, int b)
{
	if (a == EXIT_FAILED || b == EXIT_FAILED)
		return EXIT_FAILED;
	return a ? a : b;
}
