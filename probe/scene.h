/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The scenes of the tour. Each shows its proof live and returns what it is
 * worth: EXIT_PROVEN, EXIT_FAILED, or EXIT_PARTIAL after saying what it needs.
 */
#ifndef SCENE_H
#define SCENE_H

#include "show.h"

struct scene {
	const char *title;
	const char *claim;
	int (*show)(void);
	const char *so;			/* one line: what it means */
};

#define SCENES 8
extern const struct scene scenes[SCENES];

int scene_who_said_no(void);		/* scene_who.c */
int scene_cost(void);			/* scene_cost.c */
int scene_fewer_crossings(void);

extern const struct show_access scene_post;	/* the access that all scenes make */
int scene_needs_module(int fd);		/* says so; EXIT_PARTIAL */
double scene_seconds(void);		/* CLOCK_MONOTONIC */

#endif
