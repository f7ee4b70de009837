// SPDX-License-Identifier: GPL-2.0
/*
 * For the shell tests: listen to the family's events, or to every group of generic
 * netlink that can be joined by its number.
 *	listen events | listen all
 * Prints "joined N" groups, then "event COMMAND" for each message but those on families
 * that come and go, until it is killed.
 */
#include <stdio.h>

#include "netlink.h"

static void print(void)
{
	static char buffer[65536] __attribute__((aligned(8)));
	const struct nlmsghdr *header = (const struct nlmsghdr *)buffer;
	ssize_t got;

	for (;;) {
		got = recv(0, buffer, sizeof(buffer), 0);
		if (got >= (ssize_t)NLMSG_LENGTH(GENL_HDRLEN) && header->nlmsg_type != GENL_ID_CTRL)
			printf("event %u\n", ((const struct genlmsghdr *)NLMSG_DATA(header))->cmd);
		else if (got < 0 && errno != EAGAIN)
			printf("errno %d\n", errno);
	}
}

int main(int argc, char **argv)
{
	struct netlink netlink;
	uint32_t group, joined = 0;

	if (argc != 2 || netlink_socket(&netlink, 0))
		return 2;
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (!strcmp(argv[1], "all")) {
		for (group = 1; group <= 64; group++)
			joined += !netlink_join(&netlink, group);
	} else {
		joined = !netlink_find(&netlink) && !netlink_join(&netlink, netlink.events);
	}
	printf("joined %u\n", joined);
	dup2(netlink.fd, 0);
	print();
	return 0;
}
