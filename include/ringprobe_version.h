/* SPDX-License-Identifier: GPL-2.0 */
/* The version of module and probe, in this one place. */
#ifndef RINGPROBE_VERSION_H
#define RINGPROBE_VERSION_H

#define RINGPROBE_VERSION "0.3.0"

#endif
