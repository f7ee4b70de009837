// SPDX-License-Identifier: GPL-2.0
/* The CPU affinity of the calling thread, taken and given back. */
#define _GNU_SOURCE
#include "pin.h"

#include <errno.h>

int pin_to(int cpu)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	if (cpu >= 0 && cpu < CPU_SETSIZE)
		CPU_SET((size_t)cpu, &one);
	return sched_setaffinity(0, sizeof(one), &one) ? -errno : 0;
}

int pin_begin(struct pin *pin, int cpu)
{
	pin->other = -1;
	CPU_ZERO(&pin->before);
	if (sched_getaffinity(0, sizeof(pin->before), &pin->before))
		return -errno;
	for (int i = 0; i < CPU_SETSIZE && pin->other < 0; i++)
		if (i != cpu && CPU_ISSET((size_t)i, &pin->before))
			pin->other = i;
	return pin_to(cpu);
}

void pin_end(const struct pin *pin)
{
	if (CPU_COUNT(&pin->before))
		sched_setaffinity(0, sizeof(pin->before), &pin->before);
}
