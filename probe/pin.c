// SPDX-License-Identifier: GPL-2.0
/* The CPU affinity of the calling thread, taken and given back. */
#define _GNU_SOURCE
#include "pin.h"

void pin_here(struct pin *pin)
{
	int cpu = sched_getcpu();
	cpu_set_t here;

	pin->other = -1;
	CPU_ZERO(&pin->before);
	if (sched_getaffinity(0, sizeof(pin->before), &pin->before) || cpu < 0)
		return;
	for (int i = 0; i < CPU_SETSIZE && pin->other < 0; i++)
		if (i != cpu && CPU_ISSET((size_t)i, &pin->before))
			pin->other = i;
	CPU_ZERO(&here);
	CPU_SET((size_t)cpu, &here);
	sched_setaffinity(0, sizeof(here), &here);
}

void pin_end(const struct pin *pin)
{
	if (CPU_COUNT(&pin->before))
		sched_setaffinity(0, sizeof(pin->before), &pin->before);
}
