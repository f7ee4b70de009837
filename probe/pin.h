/* SPDX-License-Identifier: GPL-2.0 */
/* Stay on one CPU, for a while or for good, and leave the others to somebody else. */
#ifndef PIN_H
#define PIN_H

#include <sched.h>

struct pin {
	cpu_set_t before;
	int other;		/* a CPU that this process might have used; -1: there is none */
};

/* The calling thread, on @cpu alone, for good; 0, or -errno. */
int pin_to(int cpu);

/*
 * For a while; 0, or -errno: then there is nothing to end, though it does no harm.
 * What is started meanwhile begins with the same one CPU.
 */
int pin_begin(struct pin *pin, int cpu);
void pin_end(const struct pin *pin);

#endif
