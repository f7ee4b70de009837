// SPDX-License-Identifier: GPL-2.0
/*
 * Machines and parameters that the policy is tried with. What a FADT names is written
 * down twice, as the table and as ports.
 */
#include "model.h"

#define IO(at, bits)	{ ACPI_ADR_SPACE_SYSTEM_IO, bits, at }
#define MEMORY(at, bits)	{ ACPI_ADR_SPACE_SYSTEM_MEMORY, bits, at }

const struct setting settings[] = {
	{ .name = "nothing is listed, and no register named" },
	{
		.name = "a PC, with the ports of the lessons",
		.fadt = {
			.smi_command = 0xb2, .flags = ACPI_FADT_32BIT_TIMER,
			.pm1_event_length = 4, .pm1_control_length = 2, .pm2_control_length = 1,
			.pm_timer_length = 4, .gpe0_block_length = 32,
			.xpm1a_event_block = IO(0x1800, 32), .xpm1a_control_block = IO(0x1804, 16),
			.xpm2_control_block = IO(0x1850, 8), .xpm_timer_block = IO(0x1808, 32),
			.xgpe0_block = IO(0x1820, 0),	/* 256 bits, in a byte */
			.reset_register = IO(0xcf9, 8),
		},
		.registers = {
			{ 0x1800, 0x1805 }, { 0x1808, 0x180b }, { 0x1820, 0x183f },
			{ 0x1850, 0x1850 }, { 0xcf9, 0xcf9 }, { 0xb2, 0xb2 },
		},
		.timer = 0x1808, .timer_bits = 32,
		.ports = { { 0xe0, 0xe3 }, { 0xe8, 0xeb }, { 0x5e9, 0x5e9 } },
		.unsafe = { { 0x60, 0x60 } },
	},
	{
		.name = "ranges that touch, of one kind and of two",
		.fadt = { .xpm_timer_block = IO(0x204, 32) },
		.registers = { { 0x204, 0x207 } },
		.timer = 0x204, .timer_bits = 24,
		.ports = {
			{ 0x101, 0x106 }, { 0x108, 0x109 }, { 0x10a, 0x10b }, { 0x10e, 0x10f },
			{ 0x200, 0x203 }, { 0x5e9, 0x5e9 }, { 0x65, 0x65 }, { 0xfffd, 0xffff },
		},
		.unsafe = {
			{ 0x10c, 0x10d }, { 0x110, 0x113 }, { 0x114, 0x117 }, { 0x208, 0x20a },
			{ 0x78, 0x80 }, { 0x68, 0x6b }, { 0x8000, 0x9003 },
		},
	},
	{
		.name = "each register in a place of its own",
		.fadt = {
			.smi_command = 0x1ab,
			.pm1_event_length = 4, .pm1_control_length = 2, .pm2_control_length = 3,
			.pm_timer_length = 4, .gpe0_block_length = 8, .gpe1_block_length = 64,
			.xpm1a_event_block = IO(0x1010, 0), .xpm1b_event_block = IO(0x1020, 0),
			.xpm1a_control_block = IO(0x1031, 0), .xpm1b_control_block = IO(0x1040, 0),
			.xpm2_control_block = IO(0x1050, 0), .xpm_timer_block = IO(0x1061, 0),
			.xgpe0_block = IO(0x1070, 0), .xgpe1_block = IO(0x1080, 64),
			.reset_register = IO(0x10e0, 9), .sleep_control = IO(0x10f0, 0),
			.sleep_status = IO(0xfffe, 64),
		},
		.registers = {
			{ 0x1ab, 0x1ab }, { 0x1010, 0x1013 }, { 0x1020, 0x1023 },
			{ 0x1031, 0x1032 }, { 0x1040, 0x1041 }, { 0x1050, 0x1052 },
			{ 0x1061, 0x1064 }, { 0x1070, 0x1077 }, { 0x1080, 0x10bf },
			{ 0x10e0, 0x10e1 }, { 0x10f0, 0x10f0 }, { 0xfffe, 0x10005 },
		},
		/* not aligned: such a timer cannot be read by 32 bits */
		.ports = { { 0x100f, 0x100f }, { 0x1014, 0x101f }, { 0x5e9, 0x5e9 } },
		.unsafe = { { 0x10c0, 0x10df }, { 0x10e2, 0x10e4 }, { 0xfff0, 0xfffd } },
	},
	{
		.name = "registers in memory, or beyond the ports",
		.fadt = {
			.flags = ACPI_FADT_32BIT_TIMER, .pm1_event_length = 4, .pm_timer_length = 4,
			.xpm1a_event_block = MEMORY(0x1800, 32),
			.xpm_timer_block = MEMORY(0x1808, 32), .reset_register = MEMORY(0x5e9, 8),
			.sleep_status = IO(0xffffffffffffffff, 8),
			.xgpe1_block = IO(0x100005e9, 8),
		},
		.ports = { { 0x1800, 0x180b }, { 0x5e9, 0x5e9 } },
	},
	{
		.name = "registers at 0, which are none",
		.fadt = {
			.gpe0_block_length = 255, .pm_timer_length = 4,
			.xgpe0_block = IO(0, 0), .xpm_timer_block = IO(0, 32),
		},
		.ports = { { 0x5e9, 0x5e9 } },
	},
	{
		.name = "a timer at the last place",
		.fadt = { .xpm_timer_block = IO(0xfffc, 32) },
		.registers = { { 0xfffc, 0xffff } },
		.timer = 0xfffc, .timer_bits = 24,
		.ports = { { 0xfff8, 0xfffb } },
	},
	{
		.name = "a timer behind the last place",
		.fadt = { .xpm_timer_block = IO(0x10000, 32) },
		.registers = { { 0x10000, 0x10003 } },
		.unsafe = { { 0xfff8, 0xffff } },
	},
	{
		.name = "as many ranges as there may be",
		.ports = {
			{ 0x101, 0x101 }, { 0x102, 0x103 }, { 0x105, 0x105 }, { 0x107, 0x107 },
			{ 0x109, 0x10b }, { 0x10d, 0x10d }, { 0x10f, 0x10f }, { 0x111, 0x111 },
			{ 0x113, 0x113 }, { 0x115, 0x115 }, { 0x117, 0x117 }, { 0x119, 0x119 },
			{ 0x11b, 0x11b }, { 0x11d, 0x11d }, { 0x11f, 0x11f },
		},
		.unsafe = {
			{ 0x100, 0x100 }, { 0x104, 0x104 }, { 0x106, 0x106 }, { 0x108, 0x108 },
			{ 0x10c, 0x10c }, { 0x10e, 0x10e }, { 0x110, 0x110 }, { 0x112, 0x112 },
			{ 0x114, 0x114 }, { 0x116, 0x116 }, { 0x118, 0x118 }, { 0x11a, 0x11a },
			{ 0x11c, 0x11c }, { 0x11e, 0x11e }, { 0x120, 0x12f }, { 0x130, 0x131 },
		},
	},
	{ }
};
