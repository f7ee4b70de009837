// SPDX-License-Identifier: GPL-2.0
/*
 * The predicate: which layers say no to this descriptor, this caller, this
 * port. Every operation passes here, and INFO reports from here, so what is
 * told and what is done cannot differ.
 */
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/security.h>
#include <linux/user_namespace.h>

#include "ringprobe.h"

static_assert(RINGPROBE_ACCESS_READ == (__force u32)FMODE_READ);
static_assert(RINGPROBE_ACCESS_WRITE == (__force u32)FMODE_WRITE);

/* Asked once, at open(): f_cred is of that moment and does not change. */
bool ringprobe_access_opener(const struct file *file)
{
	return file_ns_capable(file, &init_user_ns, CAP_SYS_RAWIO);
}

/**
 * ringprobe_access_layers - which layers refuse @need to descriptor and caller
 * @file: the descriptor's file
 * @need: what the operation needs, a sum of RINGPROBE_ACCESS_*
 *
 * The opener counts besides the caller, so that nobody's privilege is used
 * through a descriptor handed to him, in either direction; and capable() means
 * the initial user namespace: a container's root does not count. lockdown asks
 * as ioperm(2) does (arch/x86/kernel/ioport.c).
 *
 * Return: RINGPROBE_LAYER_*, 0 when nobody refuses.
 */
u32 ringprobe_access_layers(const struct file *file, u32 need)
{
	const struct ringprobe_context *context = file->private_data;
	u32 layers = 0;

	if (need & ~(__force u32)file->f_mode & (RINGPROBE_ACCESS_READ | RINGPROBE_ACCESS_WRITE))
		layers |= RINGPROBE_LAYER_FMODE;
	if (need & RINGPROBE_ACCESS_RAWIO) {
		if (!context->opener_rawio)
			layers |= RINGPROBE_LAYER_OPENER;
		if (!capable(CAP_SYS_RAWIO))
			layers |= RINGPROBE_LAYER_CALLER;
	}
	if (need & RINGPROBE_ACCESS_PORTS && security_locked_down(LOCKDOWN_IOPORT))
		layers |= RINGPROBE_LAYER_LOCKDOWN;
	return layers;
}

/**
 * ringprobe_access_port_layers - which layers refuse this access to anybody
 * @port: as the user gave it
 * @width: in bytes, as the user gave it
 * @out: the direction
 *
 * Nothing is truncated: 0x10000 is not port 0.
 *
 * Return: RINGPROBE_LAYER_*, 0 when nobody refuses.
 */
u32 ringprobe_access_port_layers(u32 port, u32 width, bool out)
{
	if ((width != 1 && width != 2 && width != 4) ||
	    port > 0x10000 - width || port % width)
		return RINGPROBE_LAYER_RANGE;
	if (ringprobe_allow_covers(port, width | (out ? RINGPROBE_OP_OUT : 0)))
		return 0;
	return ringprobe_allow_denied(port, port + width - 1) ?
	       RINGPROBE_LAYER_DENY_LIST : RINGPROBE_LAYER_ALLOW_LIST;
}

/* The errno of the first of @layers, in the order of the UAPI contract. */
int ringprobe_access_errno(u32 layers)
{
	if (layers & RINGPROBE_LAYER_FMODE)
		return -EBADF;
	if (layers & (RINGPROBE_LAYER_OPENER | RINGPROBE_LAYER_CALLER |
		      RINGPROBE_LAYER_LOCKDOWN))
		return -EPERM;
	if (layers & RINGPROBE_LAYER_RANGE)
		return -EINVAL;
	return layers ? -EACCES : 0;
}
