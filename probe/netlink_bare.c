// SPDX-License-Identifier: GPL-2.0
/* Without the library, since what it does itself would be timed with the crossing. */
#define _GNU_SOURCE
#include "netlink.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>

#include <ringprobe_stamp.h>

static struct {
	struct nlmsghdr header;
	struct genlmsghdr family;
} question = {
	.header = { .nlmsg_len = sizeof(question), .nlmsg_flags = NLM_F_REQUEST },
	.family = { .cmd = RINGPROBE_CMD_GET_INFO, .version = RINGPROBE_FAMILY_VERSION },
};

int netlink_bare_open(void)
{
	const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct netlink netlink;
	int fd, err = netlink_open(&netlink);

	question.header.nlmsg_type = (__u16)netlink.family;
	netlink_close(&netlink);
	if (err)
		return err;
	/* the answer is there when send() returns: none to wait for is an error */
	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_GENERIC);
	if (fd >= 0 && !connect(fd, (const struct sockaddr *)&kernel, sizeof(kernel)))
		return fd;
	err = -errno;
	if (fd >= 0)
		close(fd);
	return err;
}

int64_t netlink_bare_ask(int fd)
{
	static union {
		struct nlmsghdr header;
		char bytes[512];
	} answer;
	uint64_t first, last;
	ssize_t n;

	errno = 0;
	question.header.nlmsg_seq++;
	first = ringprobe_stamp();
	n = send(fd, &question, sizeof(question), 0);
	if (n == (ssize_t)sizeof(question))
		n = recv(fd, &answer, sizeof(answer), 0);
	last = ringprobe_stamp();
	if (n < (ssize_t)sizeof(answer.header) ||
	    answer.header.nlmsg_seq != question.header.nlmsg_seq ||
	    answer.header.nlmsg_type != question.header.nlmsg_type)
		return errno ? -errno : -EBADMSG;
	return (int64_t)(last - first);
}
