/* SPDX-License-Identifier: GPL-2.0 */
/* Several threads that do the same at once for a while: fault.c, path.c. */
#ifndef WORKERS_H
#define WORKERS_H

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#define WORKERS	4

struct worker {
	pthread_t thread;
	int shared;			/* a descriptor that all of them use */
	time_t until;
	unsigned int rounds, failed, whole;
};

/* On all CPUs, for as many @seconds (NULL: 3); 0, or not all could be started. */
static inline int work_at_once(struct worker workers[WORKERS], void *(*work)(void *), int shared,
			       const char *seconds)
{
	int i, started = 0;

	unpin();
	for (i = 0; i < WORKERS; i++) {
		workers[i] = (struct worker){ .shared = shared };
		workers[i].until = time(NULL) + (seconds ? atoi(seconds) : 3);
		if (pthread_create(&workers[i].thread, NULL, work, &workers[i]))
			break;
		started++;
	}
	for (i = 0; i < started; i++)
		pthread_join(workers[i].thread, NULL);
	return started - WORKERS;
}

#endif
