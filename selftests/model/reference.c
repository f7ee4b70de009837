// SPDX-License-Identifier: GPL-2.0
/* The policy as the contract has it; see reference.h. */
#include <errno.h>

#include "reference.h"

static bool within(const struct range *list, __u32 port)
{
	for (; list->last; list++)
		if (list->first <= port && port <= list->last)
			return true;
	return false;
}

/*
 * "Hard deny-list": ringprobe(4)'s sentence, port by port, in its order. That the ports
 * stand here a second time is the purpose: include/ringprobe_ports.h is what is judged.
 * Sources: standard_io_resources of arch/x86/kernel/setup.c (DMA, interrupts, timer,
 * keyboard), QEMU's hw/dma/i8257.c, hw/intc/i8259.c, hw/misc/pc-testdev.c and
 * hw/i386/vmport.c, the ICH9 data sheet (NMI, CMOS, fast reset, SMI), pci_direct_probe()
 * of arch/x86/pci/direct.c.
 */
static bool denied_anywhere(__u32 port)
{
	switch (port) {
	case 0x00 ... 0x1f:		/* DMA controllers */
	case 0xc0 ... 0xdf:
	case 0x81 ... 0x8f:		/* their page registers, but for 0x80 */
	case 0x480 ... 0x48f:
	case 0x20 ... 0x21:		/* interrupt controllers */
	case 0xa0 ... 0xa1:
	case 0x4d0 ... 0x4d1:
	case 0x40 ... 0x43:		/* interval timer */
	case 0x2e ... 0x2f:		/* Super-I/O, at either place */
	case 0x4e ... 0x4f:
	case 0x60:			/* keyboard controller */
	case 0x64:
	case 0x62:			/* embedded controller */
	case 0x66:
	case 0x61:			/* speaker and NMI control */
	case 0x70 ... 0x77:		/* CMOS clock */
	case 0x92:			/* fast reset */
	case 0xb2:			/* SMI command port */
	case 0x1f0 ... 0x1f7:		/* ATA: two channels, two control registers */
	case 0x170 ... 0x177:
	case 0x376:
	case 0x3f0 ... 0x3f7:		/* floppy; ATA's 0x3f6 is among these */
	case 0xcf8 ... 0xcff:		/* PCI configuration, reset */
	case 0x600 ... 0x67f:		/* ACPI power management: Q35's 128 ports, PIIX4's 64 */
	case 0xb000 ... 0xb03f:
	case 0x510 ... 0x51b:		/* fw_cfg: selector and data, DMA address */
	case 0xe4 ... 0xe7:		/* pc-testdev: page flush, 24 interrupt lines */
	case 0x2000 ... 0x2017:
	case 0x5658 ... 0x565b:		/* VMware backdoor: 4 bytes */
		return true;
	}
	return false;
}

/* "Besides, the ACPI registers that this machine's FADT names." */
static bool denied(const struct setting *setting, __u32 port)
{
	return denied_anywhere(port) || within(setting->registers, port);
}

static bool is_timer(const struct setting *setting, __u32 port)
{
	return setting->timer && setting->timer <= port && port < setting->timer + 4;
}

__u32 reference_kind(const struct setting *setting, __u32 port)
{
	if (port == 0x80 || is_timer(setting, port))
		return RINGPROBE_PORT_BUILTIN;
	if (within(setting->ports, port))
		return RINGPROBE_PORT_CLAIMED;
	if (within(setting->unsafe, port))
		return RINGPROBE_PORT_UNSAFE;
	return denied(setting, port) ? RINGPROBE_PORT_DENIED : RINGPROBE_PORT_UNLISTED;
}

/* "0x80, 8 bits, in and out", "PM timer, 32 bits, in"; by a parameter: "all widths" */
static bool byte_allowed(const struct setting *setting, __u32 port, __u32 width, bool out)
{
	switch (reference_kind(setting, port)) {
	case RINGPROBE_PORT_BUILTIN:
		return port == 0x80 ? width == 1 : width == 4 && !out;
	case RINGPROBE_PORT_CLAIMED:
	case RINGPROBE_PORT_UNSAFE:
		return true;
	}
	return false;
}

/* "Each of them allowed, all by the same parameter or all built in" */
static bool allowed(const struct setting *setting, __u32 port, __u32 width, bool out)
{
	__u32 byte;

	for (byte = port; byte < port + width; byte++)
		if (!byte_allowed(setting, byte, width, out) ||
		    reference_kind(setting, byte) != reference_kind(setting, port))
			return false;
	return true;
}

static bool any_denied(const struct setting *setting, __u32 port, __u32 width)
{
	__u32 byte;

	for (byte = port; byte < port + width; byte++)
		if (denied(setting, byte))
			return true;
	return false;
}

static bool exists(__u32 port, __u32 width)
{
	if (width != 1 && width != 2 && width != 4)
		return false;
	return port <= 0xffff && port % width == 0;
}

__u32 reference_port_layers(const struct setting *setting, __u32 port, __u32 width, bool out)
{
	if (!exists(port, width))
		return RINGPROBE_LAYER_RANGE;
	if (allowed(setting, port, width, out))
		return 0;
	return any_denied(setting, port, width) ? RINGPROBE_LAYER_DENY_LIST :
						  RINGPROBE_LAYER_ALLOW_LIST;
}

__u32 reference_asker_layers(const struct asker *asker, bool out)
{
	return ((out ? asker->write : asker->read) ? 0 : RINGPROBE_LAYER_FMODE) |
	       (asker->opener ? 0 : RINGPROBE_LAYER_OPENER) |
	       (asker->caller ? 0 : RINGPROBE_LAYER_CALLER) |
	       (asker->locked_down ? RINGPROBE_LAYER_LOCKDOWN : 0);
}

static bool fits(__u32 value, __u32 width)
{
	return width == 1 ? value <= 0xff : width == 2 ? value <= 0xffff : true;
}

__u8 reference_status(const struct setting *setting, const struct ringprobe_op *op, bool in_only)
{
	bool out = op->access >= RINGPROBE_OP_OUT;
	__u32 width = out ? op->access - RINGPROBE_OP_OUT : op->access;

	if (op->status || !exists(op->port, width))
		return RINGPROBE_OP_INVALID;
	if (out && (in_only || !fits(op->value, width)))
		return RINGPROBE_OP_INVALID;
	return allowed(setting, op->port, width, out) ? RINGPROBE_OP_NOT_RUN :
							RINGPROBE_OP_REFUSED;
}

/* EBADF, EPERM: "PORT_IN and PORT_OUT need ...", "INSN, FAULT_ARM and FAULT_READ need ..." */
static int errno_of_asker(unsigned int number, const struct asker *asker)
{
	bool reads = false, writes = false, ports = true;

	switch (number) {
	case RINGPROBE_IOC_PORT_IN:
	case RINGPROBE_IOC_PORT_BATCH_IN:
		reads = true;
		break;
	case RINGPROBE_IOC_PORT_OUT:
		writes = true;
		break;
	case RINGPROBE_IOC_PORT_BATCH:
		reads = true;
		writes = true;
		break;
	case RINGPROBE_IOC_INSN:
	case RINGPROBE_IOC_FAULT_ARM:
	case RINGPROBE_IOC_FAULT_READ:
		reads = true;
		ports = false;
		break;
	default:
		return 0;
	}
	if ((reads && !asker->read) || (writes && !asker->write))
		return EBADF;
	if (!asker->opener || !asker->caller || (ports && asker->locked_down))
		return EPERM;
	return 0;
}

/* "Then the argument, in the order: size, memory, tail, flags, fields" */
static int errno_of_argument(const struct asked *asked)
{
	if (asked->unreadable)
		return EFAULT;
	if (asked->size > RINGPROBE_ARG_MAX)
		return E2BIG;
	if (asked->size < asked->known || asked->size % 8)
		return EINVAL;
	if (asked->unwritable)
		return EFAULT;
	if (asked->size > asked->known && asked->tail_unreadable)
		return EFAULT;
	if (asked->size > asked->known && asked->tail_dirty)
		return E2BIG;
	if (asked->unknown_flag || asked->wrong_field)
		return EINVAL;
	return asked->refused ? EACCES : 0;
}

int reference_errno(unsigned int number, const struct asker *asker, const struct asked *asked)
{
	int err;

	if (number < RINGPROBE_IOC_NOP || number > RINGPROBE_IOC_PORT_BATCH)
		return ENOTTY;
	err = errno_of_asker(number, asker);
	return err ? err : errno_of_argument(asked);
}
