/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What disturbs a block of samples: counters that are read before and after it,
 * never inside. For who measures, and nobody else.
 */
#ifndef MEASURE_NOISE_H
#define MEASURE_NOISE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>

#include "measure.h"

struct measure_noise {
	unsigned int cpu;
	int64_t ns;
	unsigned long interrupts, stolen;
	struct rusage usage;
};

void measure_noise_before(unsigned int cpu, struct measure_noise *noise);
void measure_noise_after(unsigned int cpu, struct measure_noise *noise);
/* Adds what happened in a block to the result; false: reject the block. */
bool measure_noise_judge(const struct measure_noise *before, const struct measure_noise *after,
			 struct measure_result *result);

#endif
