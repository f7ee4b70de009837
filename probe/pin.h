/* SPDX-License-Identifier: GPL-2.0 */
/* Stay on the CPU where we are, for a while, and leave the others to somebody else. */
#ifndef PIN_H
#define PIN_H

#include <sched.h>

struct pin {
	cpu_set_t before;
	int other;		/* a CPU that this process might have used; -1: there is none */
};

/* What is started meanwhile begins with the same one CPU. */
void pin_here(struct pin *pin);
void pin_end(const struct pin *pin);

#endif
