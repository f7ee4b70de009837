// SPDX-License-Identifier: GPL-2.0
/*
 * For the shell tests: one port access through the module, without the probe.
 *	portop in PORT WIDTH | portop out PORT WIDTH VALUE...
 * Prints what was read, or the errno's name, and exits with 0, or with 1.
 */
#include <stdlib.h>

#include "ringprobe_test.h"

static int report(int err)
{
	if (err)
		puts(strerrorname_np(err));
	return !!err;
}

int main(int argc, char **argv)
{
	uint32_t port, width, value;
	int fd, i, err = 0;

	if (argc < 4)
		return 2;
	fd = open(RINGPROBE_DEVICE, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return report(errno);
	port = (uint32_t)strtoul(argv[2], NULL, 0);
	width = (uint32_t)strtoul(argv[3], NULL, 0);
	for (i = 4; !err && i < argc; i++)
		err = port_out(fd, port, width, (uint32_t)strtoul(argv[i], NULL, 0));
	if (!strcmp(argv[1], "in")) {
		err = port_in(fd, port, width, &value);
		if (!err)
			printf("%#x\n", value);
	}
	return report(err);
}
