// SPDX-License-Identifier: GPL-2.0
/*
 * The allow-list of ports: default deny, fixed at load. Three sources: two
 * built-in ports, ports= (claimed with request_region(), so that no driver
 * fights over them), unsafe_ports= (not claimed, taints). What the hard
 * deny-list names gets in through neither parameter, 0x60 in unsafe_ports=
 * apart.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/acpi.h>
#include <linux/ioport.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include <ringprobe_ports.h>
#include "ringprobe.h"

#define RANGES_MAX	32
#define NONE		(~0U)		/* no port */
#define PORTS		0x10000

struct allowed {
	u32 first;
	u32 last;
	u32 kind;		/* RINGPROBE_PORT_* */
	u32 widths;		/* sum of the widths in bytes that may be used */
	bool in, out;
};

static struct allowed ranges[RANGES_MAX];
static u32 count;
bool ringprobe_allow_unsafe;

/*
 * The list as what is asked of it: for each width and direction a map with a bit
 * for each port where such an access may begin. Where there is no such access, the
 * map is that without any: see ringprobe_allow_covers().
 */
const unsigned long *ringprobe_allow_maps[256];
static const u8 accesses[] = {
	1, 2, 4, 1 | RINGPROBE_OP_OUT, 2 | RINGPROBE_OP_OUT, 4 | RINGPROBE_OP_OUT,
};

static unsigned long (*maps)[BITS_TO_LONGS(PORTS)];

/*
 * Hardware parameters, so that the core refuses them under lockdown. Strings,
 * since module_param_hw_array() cannot parse a range.
 */
static char *ports;
module_param_hw(ports, charp, ioport, 0444);
MODULE_PARM_DESC(ports, "Ports to allow and claim: ranges such as 0xe0-0xe3,0x5e9");

static char *unsafe_ports;
/* What module_param_hw() and module_param_unsafe() do, in one. */
param_check_charp(unsafe_ports, &unsafe_ports);
__module_param_call(MODULE_PARAM_PREFIX, unsafe_ports, &param_ops_charp, &unsafe_ports, 0444, -1,
		    KERNEL_PARAM_FL_HWPARAM | KERNEL_PARAM_FL_UNSAFE);
__MODULE_PARM_TYPE(unsafe_ports, "charp");
MODULE_PARM_DESC(unsafe_ports, "Ports to allow that another driver may own: taints the kernel");

#ifdef CONFIG_ACPI
/*
 * The first port of @first..@last within a register block of the FADT, or NONE.
 * A block's width in bits is a byte, too small for a GPE block of 32 bytes or
 * more: @bytes is the length that the FADT gives elsewhere, 0 if nowhere.
 */
static u32 in_block(u32 first, u32 last, const struct acpi_generic_address *block, u32 bytes)
{
	u64 end = block->address + max_t(u32, DIV_ROUND_UP(block->bit_width, 8), max(bytes, 1U));

	if (block->space_id != ACPI_ADR_SPACE_SYSTEM_IO || !block->address ||
	    last < block->address || first >= end)
		return NONE;
	return max_t(u64, first, block->address);
}

static u32 in_acpi(u32 first, u32 last)
{
	const struct acpi_table_fadt *fadt = &acpi_gbl_FADT;
	const struct {
		const struct acpi_generic_address *block;
		u32 bytes;
	} blocks[] = {
		{ &fadt->xpm1a_event_block, fadt->pm1_event_length },
		{ &fadt->xpm1b_event_block, fadt->pm1_event_length },
		{ &fadt->xpm1a_control_block, fadt->pm1_control_length },
		{ &fadt->xpm1b_control_block, fadt->pm1_control_length },
		{ &fadt->xpm2_control_block, fadt->pm2_control_length },
		{ &fadt->xpm_timer_block, fadt->pm_timer_length },
		{ &fadt->xgpe0_block, fadt->gpe0_block_length },
		{ &fadt->xgpe1_block, fadt->gpe1_block_length },
		{ &fadt->reset_register },
		{ &fadt->sleep_control },
		{ &fadt->sleep_status },
	};
	u32 i, port;

	for (i = 0; i < ARRAY_SIZE(blocks); i++) {
		port = in_block(first, last, blocks[i].block, blocks[i].bytes);
		if (port != NONE)
			return port;
	}
	if (fadt->smi_command && first <= fadt->smi_command && last >= fadt->smi_command)
		return fadt->smi_command;
	return NONE;
}
#else
static u32 in_acpi(u32 first, u32 last)
{
	return NONE;
}
#endif

/* The first port of @first..@last that a row of the hard deny-list names, or NONE. */
static u32 find_denied(u32 first, u32 last)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(ringprobe_ports_denied); i++)
		if (first <= ringprobe_ports_denied[i].last &&
		    last >= ringprobe_ports_denied[i].first)
			return max(first, ringprobe_ports_denied[i].first);
	return in_acpi(first, last);
}

/* Does @first..@last touch the hard deny-list? */
bool ringprobe_allow_denied(u32 first, u32 last)
{
	return find_denied(first, last) != NONE;
}

static const struct allowed *find(u32 port)
{
	u32 i;

	for (i = 0; i < count; i++)
		if (port >= ranges[i].first && port <= ranges[i].last)
			return &ranges[i];
	return NULL;
}

/*
 * May each byte of this access be touched, in this width and direction? All by
 * the same permission: an access does not mix claimed and unsafe ports.
 */
static bool covers(u32 port, u32 width, bool out)
{
	const struct allowed *first = find(port), *range;
	u32 i;

	for (i = 0; i < width; i++) {
		range = find(port + i);
		if (!range || range->kind != first->kind)
			return false;
		if (!(range->widths & width) || !(out ? range->out : range->in))
			return false;
	}
	return true;
}

/* RINGPROBE_PORT_*: what is known of @port. */
u32 ringprobe_allow_kind(u32 port)
{
	const struct allowed *range = find(port);

	if (range)
		return range->kind;
	return ringprobe_allow_denied(port, port) ? RINGPROBE_PORT_DENIED :
						    RINGPROBE_PORT_UNLISTED;
}

u32 ringprobe_allow_count(void)
{
	return count;
}

/* The ACPI PM timer's port and width in @bits, or 0 where there is none. */
u32 ringprobe_allow_pm_timer(u32 *bits)
{
#ifdef CONFIG_ACPI
	const struct acpi_generic_address *timer = &acpi_gbl_FADT.xpm_timer_block;

	if (timer->space_id == ACPI_ADR_SPACE_SYSTEM_IO && timer->address &&
	    timer->address <= 0x10000 - sizeof(u32) && !(timer->address % sizeof(u32))) {
		*bits = acpi_gbl_FADT.flags & ACPI_FADT_32BIT_TIMER ? 32 : 24;
		return timer->address;
	}
#endif
	*bits = 0;
	return 0;
}

static void add_builtin(void)
{
	u32 bits, timer = ringprobe_allow_pm_timer(&bits);

	ranges[count++] = (struct allowed) {
		.first = RINGPROBE_PORT_POST, .last = RINGPROBE_PORT_POST,
		.kind = RINGPROBE_PORT_BUILTIN, .widths = 1, .in = true, .out = true,
	};
	if (timer)
		ranges[count++] = (struct allowed) {
			.first = timer, .last = timer + 3,
			.kind = RINGPROBE_PORT_BUILTIN, .widths = 4, .in = true,
		};
}

/* "0xe0" or "0xe0-0xe3" */
static int parse(char *text, struct allowed *range)
{
	char *last = strchr(text, '-');

	if (last)
		*last++ = '\0';
	if (kstrtou32(text, 0, &range->first))
		return -EINVAL;
	range->last = range->first;
	if (last && kstrtou32(last, 0, &range->last))
		return -EINVAL;
	return range->first > range->last || range->last > 0xffff ? -EINVAL : 0;
}

static int add(const char *name, const char *item, struct allowed *new)
{
	bool unsafe = new->kind == RINGPROBE_PORT_UNSAFE;
	u32 i, port;

	if (count == RANGES_MAX) {
		pr_err("%s=: more than %u ranges\n", name, RANGES_MAX);
		return -EINVAL;
	}
	port = find_denied(new->first, new->last);
	if (port != NONE &&
	    !(unsafe && new->first == RINGPROBE_PORT_KEYBOARD && new->first == new->last)) {
		pr_err("%s=%s: %#x is on the hard deny-list, see 'ringprobe why %#x'\n",
		       name, item, port, port);
		return -EACCES;
	}
	/* A built-in port has an owner in the kernel: request_region() says so. */
	for (i = 0; i < count; i++) {
		if (ranges[i].kind != RINGPROBE_PORT_BUILTIN &&
		    new->first <= ranges[i].last && new->last >= ranges[i].first) {
			pr_err("%s=%s: listed twice\n", name, item);
			return -EINVAL;
		}
	}
	if (!unsafe && !request_region(new->first, new->last - new->first + 1, KBUILD_MODNAME)) {
		pr_err("%s=%s: owned by another driver, see /proc/ioports\n", name, item);
		return -EBUSY;
	}
	ranges[count++] = *new;
	ringprobe_allow_unsafe |= unsafe;
	return 0;
}

static int add_list(const char *name, const char *list, u32 kind)
{
	char *copy, *rest, *item, text[32];
	int err = 0;

	if (!list)
		return 0;
	copy = kstrdup(list, GFP_KERNEL);
	if (!copy)
		return -ENOMEM;
	rest = copy;
	while (!err && (item = strsep(&rest, ","))) {
		struct allowed new = { .kind = kind, .widths = 1 | 2 | 4, .in = true, .out = true };

		strscpy(text, item, sizeof(text));
		err = parse(item, &new);
		if (err)
			pr_err("%s=: '%s' is not a port or a range within 0x0-0xffff\n",
			       name, text);
		else
			err = add(name, text, &new);
	}
	kfree(copy);
	return err;
}

static void draw(unsigned long *map, u8 access)
{
	u32 width = access & ~RINGPROBE_OP_OUT, port, i;

	for (i = 0; i < count; i++)
		for (port = round_up(ranges[i].first, width); port <= ranges[i].last; port += width)
			if (covers(port, width, access & RINGPROBE_OP_OUT))
				__set_bit(port, map);
}

static int draw_maps(void)
{
	u32 i;

	/* insmod says ENOMEM: no stack is needed in the log */
	maps = __vmalloc_array(ARRAY_SIZE(accesses) + 1, sizeof(*maps),
			       GFP_KERNEL | __GFP_ZERO | __GFP_NOWARN);
	if (!maps)
		return -ENOMEM;
	for (i = 0; i < ARRAY_SIZE(ringprobe_allow_maps); i++)
		ringprobe_allow_maps[i] = maps[ARRAY_SIZE(accesses)];
	for (i = 0; i < ARRAY_SIZE(accesses); i++) {
		draw(maps[i], accesses[i]);
		ringprobe_allow_maps[accesses[i]] = maps[i];
	}
	return 0;
}

int ringprobe_allow_init(void)
{
	int err;

	add_builtin();
	err = add_list("ports", ports, RINGPROBE_PORT_CLAIMED);
	if (!err)
		err = add_list("unsafe_ports", unsafe_ports, RINGPROBE_PORT_UNSAFE);
	if (!err)
		err = draw_maps();
	if (err)
		ringprobe_allow_exit();
	return err;
}

void ringprobe_allow_exit(void)
{
	vfree(maps);
	while (count) {
		count--;
		if (ranges[count].kind == RINGPROBE_PORT_CLAIMED)
			release_region(ranges[count].first,
				       ranges[count].last - ranges[count].first + 1);
	}
}
