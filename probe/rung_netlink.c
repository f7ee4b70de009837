// SPDX-License-Identifier: GPL-2.0
/* A rung that asks the module by the other door: generic netlink, a socket and attributes. */
#include <errno.h>
#include <stddef.h>
#include <unistd.h>

#include "netlink.h"
#include "rung.h"

static int fd = -1;

static const char *begin(struct rung_place *place)
{
	/* of another ABI: its family may mean something else */
	if (place->fd == -EPROTO)
		return rung_needs_module(place);
	fd = netlink_bare_open();
	if (fd >= 0)
		return NULL;
	if (fd != -ENOENT)
		return rung_lacks(place, RUNG_FAILED, "no socket of generic netlink could be opened");
	return place->fd == -ENOENT ? rung_needs_module(place) :
	       rung_lacks(place, RUNG_DENIED, "the module's netlink family is not here");
}

static int64_t sample(void)
{
	return netlink_bare_ask(fd);
}

static void end(void)
{
	close(fd);
	fd = -1;
}

const struct rung rung_netlink[] = {
	{ .name = "netlink", .label = "netlink, ask and answer", .share = 1, .way = RUNG_CROSSES,
	  .repeats = RUNG_NEARLY, .begin = begin, .sample = sample, .end = end,
	  .includes = "GET_INFO by send() and recv(): two crossings, two messages, attributes" },
	{ .name = NULL },
};
