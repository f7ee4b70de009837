/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is known of I/O ports, once, for the module's policy and the probe's
 * explanations. Sources: standard_io_resources (arch/x86/kernel/setup.c),
 * /proc/ioports of a PC, QEMU's hw/ tree for the emulated devices, the ICH9
 * data sheet for 0x92, 0xb2 and 0xcf9.
 */
#ifndef RINGPROBE_PORTS_H
#define RINGPROBE_PORTS_H

#include <linux/types.h>

/**
 * struct ringprobe_port_fact - a range of ports that is left alone, and why
 * @first: first port
 * @last: last port
 * @what: what is there
 * @why: what could happen
 */
struct ringprobe_port_fact {
	__u32 first;
	__u32 last;
	const char *what;
	const char *why;
};

/*
 * No parameter allows these, with one exception: unsafe_ports= may list 0x60.
 * The ACPI PM block is denied besides, where the FADT says that it is.
 */
static const struct ringprobe_port_fact ringprobe_ports_denied[] = {
	{ 0x0000, 0x001f, "DMA controller 1", "DMA writes any memory" },
	{ 0x0020, 0x0021, "interrupt controller 1", "interrupts are lost" },
	{ 0x002e, 0x002f, "Super-I/O index and data", "fans and voltages hang on it" },
	{ 0x0040, 0x0043, "interval timer", "timekeeping breaks" },
	{ 0x004e, 0x004f, "Super-I/O index and data", "fans and voltages hang on it" },
	{ 0x0060, 0x0060, "keyboard controller's data port", "it takes keys from their driver" },
	{ 0x0061, 0x0061, "speaker and NMI control", "a read changes it" },
	{ 0x0062, 0x0062, "embedded controller's data port", "batteries and fans hang on it" },
	{ 0x0064, 0x0064, "keyboard controller's command port", "0xfe there resets the machine" },
	{ 0x0066, 0x0066, "embedded controller's command port", "batteries and fans hang on it" },
	{ 0x0070, 0x0077, "CMOS clock index and data", "the pair needs the kernel's lock" },
	{ 0x0081, 0x008f, "DMA page registers", "DMA writes any memory" },
	{ 0x0092, 0x0092, "fast reset and A20", "bit 0 resets the machine" },
	{ 0x00a0, 0x00a1, "interrupt controller 2", "interrupts are lost" },
	{ 0x00b2, 0x00b2, "SMI command port", "it calls the firmware" },
	{ 0x00c0, 0x00df, "DMA controller 2", "DMA writes any memory" },
	{ 0x00e4, 0x00e7, "QEMU pc-testdev page flush", "it changes a page of memory" },
	{ 0x0170, 0x0177, "ATA channel 2", "data on a disk are lost" },
	{ 0x01f0, 0x01f7, "ATA channel 1", "data on a disk are lost" },
	{ 0x0376, 0x0376, "ATA channel 2 control", "data on a disk are lost" },
	{ 0x03f0, 0x03f7, "floppy controller, ATA control", "data on a disk are lost" },
	{ 0x0480, 0x048f, "DMA high page registers", "DMA writes any memory" },
	{ 0x04d0, 0x04d1, "interrupt edge/level control", "interrupts are lost" },
	{ 0x0510, 0x051b, "QEMU fw_cfg", "its DMA writes any memory" },
	{ 0x0600, 0x067f, "ACPI PM block of Q35", "it switches the machine off" },
	{ 0x0cf8, 0x0cff, "PCI configuration, reset at 0xcf9", "it moves devices and resets" },
	{ 0x2000, 0x2017, "QEMU pc-testdev interrupt lines", "spurious interrupts" },
	{ 0x5658, 0x565b, "VMware backdoor", "it changes registers behind the compiler" },
	{ 0xb000, 0xb03f, "ACPI PM block of PIIX4", "it switches the machine off" },
};

/* The one port of the list above that unsafe_ports= may name. */
#define RINGPROBE_PORT_KEYBOARD	0x60

/* Usable with no parameter and without taint: */
/* POST diagnostics; the kernel's own I/O delay writes here (io_delay.c). */
#define RINGPROBE_PORT_POST	0x80
#define RINGPROBE_PORT_POST_WHY	"POST diagnostics; the kernel's own I/O delay port"
/* The ACPI PM timer counts up at 3,579,545 Hz, read as 32 bits (ACPI 4.8.2.1). */
#define RINGPROBE_PM_TIMER_HZ	3579545
#define RINGPROBE_PM_TIMER_WHY	"ACPI PM timer: counts up at 3,579,545 Hz, reading changes nothing"

#endif
