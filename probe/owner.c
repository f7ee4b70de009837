// SPDX-License-Identifier: GPL-2.0
/* Whose port is it? The innermost range of /proc/ioports that touches it. */
#include "owner.h"

#include <stdio.h>
#include <string.h>

bool owner_find(__u32 port, __u32 width_bytes, struct owner *owner)
{
	char line[128], name[64];
	unsigned int first, last;
	bool addresses = false;
	FILE *f = fopen("/proc/ioports", "re");

	memset(owner, 0, sizeof(*owner));
	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, " %x-%x : %63[^\n]", &first, &last, name) != 3)
			continue;
		addresses |= last > 0;
		/* a bus is a window that ranges are given from, not an owner */
		if (port + width_bytes <= first || port > last || !strncmp(name, "PCI Bus", 7))
			continue;
		owner->found = true;
		owner->first = first;
		owner->last = last;
		memcpy(owner->name, name, sizeof(owner->name));
	}
	if (f)
		fclose(f);
	return addresses;
}
