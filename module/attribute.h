/* SPDX-License-Identifier: GPL-2.0 */
/* How both files of the netlink family write a number of 64 bits. */
#ifndef RINGPROBE_ATTRIBUTE_H
#define RINGPROBE_ATTRIBUTE_H

#include <net/netlink.h>

#include <ringprobe_netlink.h>

static inline bool put_u64(struct sk_buff *message, int attribute, u64 value)
{
	return !nla_put_u64_64bit(message, attribute, value, RINGPROBE_A_PAD);
}

#endif
