/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The module as seen from here: there or not, and if not, what is missing and
 * the one next step. All commands say it in these words.
 */
#ifndef REACH_H
#define REACH_H

#include <linux/types.h>
#include <stdbool.h>

#define REACH_NEXT "ringprobe why"

/* dev_open() with CAP_SYS_RAWIO effective, where we have it: as port I/O needs it. */
int reach_open(bool write);

/* @fd: what dev_open() returned. Text lives until the next call. */
const char *reach_status(int fd);
const char *reach_next(int fd);

/* RINGPROBE_LAYER_*, one bit: who that is, and what it found wrong. */
const char *reach_layer(__u32 layer);
const char *reach_layer_why(__u32 layer);
/* The errno that the UAPI contract gives it, negative. */
int reach_layer_errno(__u32 layer);
/* The first layer of @mask, the one that really refuses; 0: none. */
__u32 reach_first(__u32 mask);

/* What the hard deny-list says of an access, or NULL: what is there, and why not. */
const char *reach_port(__u32 port, __u32 width_bytes, const char **danger);

#endif
