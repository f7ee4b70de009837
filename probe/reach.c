// SPDX-License-Identifier: GPL-2.0
/*
 * The module as seen from here, in words. What is said of a port comes from
 * include/ringprobe_ports.h and nowhere else.
 */
#include "reach.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <ringprobe_ports.h>
#include <ringprobe_version.h>
#include "dev.h"
#include "env.h"
#include "ko.h"
#include "load.h"
#include "priv.h"

int reach_open(bool write)
{
	int fd;

	priv_rawio(true);
	fd = dev_open(write);
	priv_rawio(false);
	return fd;
}

/* The module's version is the kernel's word: INFO may mean something else there. */
static void say_other_abi(char *text, size_t size)
{
	FILE *f = fopen("/sys/module/ringprobe/version", "re");
	char version[17] = "?", abi[16] = "another";

	if (f) {
		if (fscanf(f, "%16s", version) != 1)
			strcpy(version, "?");
		fclose(f);
	}
	if (dev_other_abi())
		snprintf(abi, sizeof(abi), "%u", dev_other_abi());
	snprintf(text, size, "loaded, but version %s, ABI %s; this probe is %s, ABI %d", version, abi,
		 RINGPROBE_VERSION, RINGPROBE_ABI);
}

/* The module that this probe came with, if it is at hand, instead of the loaded one. */
static const char *replace_module(void)
{
	static char text[640];
	const struct ko *ko = ko_get();

	if (!ko->fits || strcmp(ko->version, RINGPROBE_VERSION) != 0)
		return "load the module of this probe's version, or use the probe of the module's";
	if (ko->installed)
		return "sudo rmmod ringprobe && sudo modprobe ringprobe";
	snprintf(text, sizeof(text), "sudo rmmod ringprobe && sudo insmod %s", ko->path);
	return text;
}

const char *reach_status(int fd)
{
	static char text[128];
	struct ringprobe_info info;

	switch (fd) {
	case -ENOENT:
		return "not loaded: there is no " RINGPROBE_DEVICE;
	case -ENODEV:
	case -ENXIO:
		return "not loaded: " RINGPROBE_DEVICE " is not ringprobe's node";
	case -EACCES:
	case -EPERM:
		return "there, but you may not open it";
	case -EPROTO:
		say_other_abi(text, sizeof(text));
		return text;
	}
	if (fd < 0) {
		snprintf(text, sizeof(text), "there, but opening it failed: %s", strerror(-fd));
	} else if (dev_info(fd, &info)) {
		return "loaded, but does not answer INFO";
	} else {
		snprintf(text, sizeof(text), "loaded: version %.16s, ABI %u, node mode %04o",
			 (const char *)info.version, info.abi, info.mode);
	}
	return text;
}

const char *reach_next(int fd)
{
	switch (fd) {
	case -ENOENT:
	case -ENODEV:
	case -ENXIO:
		return load_next();
	case -EACCES:
	case -EPERM:
		return "run it as root, or load the module with mode=0666";
	case -EPROTO:
		return replace_module();
	}
	return REACH_NEXT;
}

__u32 reach_first(__u32 mask)
{
	return mask & -mask;
}

int reach_layer_errno(__u32 layer)
{
	switch (layer) {
	case RINGPROBE_LAYER_FMODE:
		return -EBADF;
	case RINGPROBE_LAYER_OPENER:
	case RINGPROBE_LAYER_CALLER:
	case RINGPROBE_LAYER_LOCKDOWN:
		return -EPERM;
	case RINGPROBE_LAYER_RANGE:
		return -EINVAL;
	}
	return layer ? -EACCES : 0;
}

/* In the order of RINGPROBE_LAYER_*. */
static const struct {
	const char *who, *why;
} layers[] = {
	{ "the descriptor's open mode", "it was not opened for this direction" },
	{ "the check on the opener", "whoever opened the device has no CAP_SYS_RAWIO" },
	{ "the check on the caller", "the caller has no CAP_SYS_RAWIO" },
	{ "kernel lockdown", "it keeps root, too, from port I/O" },
	{ "the range check", "there is no such access" },
	{ "ringprobe's allow-list", "the port is not on it, for this width and direction" },
	{ "ringprobe's hard deny-list", "the port may never be listed" },
};

const char *reach_layer(__u32 layer)
{
	for (size_t i = 0; i < sizeof(layers) / sizeof(layers[0]); i++)
		if (layer == 1U << i)
			return layers[i].who;
	return layer ? "a layer unknown to this probe" : "nobody";
}

const char *reach_layer_why(__u32 layer)
{
	for (size_t i = 0; i < sizeof(layers) / sizeof(layers[0]); i++)
		if (layer == 1U << i)
			return layers[i].why;
	return "it does not say why";
}

const char *reach_port(__u32 port, __u32 width, const char **danger)
{
	const struct ringprobe_port_fact *fact = ringprobe_ports_denied;
	size_t n = sizeof(ringprobe_ports_denied) / sizeof(ringprobe_ports_denied[0]);

	for (; n--; fact++) {
		if (port + width <= fact->first || port > fact->last)
			continue;
		*danger = fact->why;
		return fact->what;
	}
	return NULL;
}
