// SPDX-License-Identifier: GPL-2.0
/*
 * Contamination, as far as an ordinary user can see it.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "measure_noise.h"

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* The sum of one CPU's column of /proc/interrupts; offline CPUs have none. */
static unsigned long interrupts_of(unsigned int cpu)
{
	FILE *file = fopen("/proc/interrupts", "re");
	unsigned long sum = 0;
	size_t size = 0;
	char *line = NULL, *at, *end;
	int column = -1, i;

	if (!file)
		return 0;
	if (getline(&line, &size, file) > 0) {
		for (at = line, i = 0; (at = strstr(at, "CPU")); at += 3, i++)
			if (strtoul(at + 3, NULL, 10) == cpu)
				column = i;
	}
	while (column >= 0 && getline(&line, &size, file) > 0) {
		unsigned long value = 0;

		at = strchr(line, ':');
		for (i = 0; at && i <= column; i++) {
			value = strtoul(at + 1, &end, 10);
			if (end == at + 1)
				break;
			at = end - 1;	/* its last digit: at + 1 is what follows */
		}
		if (i > column)
			sum += value;
	}
	free(line);
	fclose(file);
	return sum;
}

/* What the hypervisor gave to others, in USER_HZ: the eighth number of cpuN. */
static unsigned long stolen_from(unsigned int cpu)
{
	FILE *file = fopen("/proc/stat", "re");
	unsigned long stolen = 0;
	char name[16], line[512];

	if (!file)
		return 0;
	snprintf(name, sizeof(name), "cpu%u ", cpu);
	while (fgets(line, sizeof(line), file))
		if (!strncmp(line, name, strlen(name)) &&
		    sscanf(line, "%*s %*u %*u %*u %*u %*u %*u %*u %lu", &stolen) != 1)
			stolen = 0;
	fclose(file);
	return stolen;
}

/* Nearest to the samples: what must not change at all between the two calls. */
void measure_noise_before(unsigned int cpu, struct measure_noise *noise)
{
	noise->stolen = stolen_from(cpu);
	noise->interrupts = interrupts_of(cpu);
	noise->ns = now_ns();
	noise->cpu = (unsigned int)sched_getcpu();
	getrusage(RUSAGE_THREAD, &noise->usage);
}

void measure_noise_after(unsigned int cpu, struct measure_noise *noise)
{
	getrusage(RUSAGE_THREAD, &noise->usage);
	noise->cpu = (unsigned int)sched_getcpu();
	noise->ns = now_ns();
	noise->interrupts = interrupts_of(cpu);
	noise->stolen = stolen_from(cpu);
}

bool measure_noise_judge(const struct measure_noise *before, const struct measure_noise *after,
			 struct measure_result *result)
{
	long involuntary = after->usage.ru_nivcsw - before->usage.ru_nivcsw;
	long faults = after->usage.ru_minflt - before->usage.ru_minflt +
		      after->usage.ru_majflt - before->usage.ru_majflt;
	unsigned long interrupts = after->interrupts - before->interrupts;
	/* The timer at HZ=1000, the fastest that is configured. */
	unsigned long expected = (unsigned long)((after->ns - before->ns) / 1000000) + 2;
	const bool reasons[MEASURE_REASONS] = {
		[MEASURE_MIGRATED] = before->cpu != after->cpu ||
				     before->cpu != (unsigned int)result->cpu,
		[MEASURE_PREEMPTED] = involuntary,
		[MEASURE_FAULTED] = faults,
		[MEASURE_INTERRUPTED] = interrupts > expected,
		[MEASURE_STOLEN] = after->stolen != before->stolen,
	};
	bool keep = true;
	int i;

	for (i = 0; i < MEASURE_REASONS; i++) {
		result->rejected[i] += reasons[i];
		keep &= !reasons[i];
	}
	result->switches_voluntary += after->usage.ru_nvcsw - before->usage.ru_nvcsw;
	result->switches_involuntary += involuntary;
	result->page_faults += faults;
	result->interrupts += interrupts;
	return keep;
}
