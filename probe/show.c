// SPDX-License-Identifier: GPL-2.0
/* What commands and the tour share beside their pictures. */
#include "show.h"

#include "out.h"

void show_label(const char *label)
{
	out_to(2);
	out_role(OUT_STRONG);
	out_text("%s", label);
	out_to(SHOW_FACT);
}

int show_worse(int a, int b)
{
	if (a == EXIT_FAILED || b == EXIT_FAILED)
		return EXIT_FAILED;
	return a ? a : b;
}
