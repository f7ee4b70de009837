// SPDX-License-Identifier: GPL-2.0
/*
 * What a load comes to: each parameter that is right or wrong, what is logged, and that
 * one which fails leaves nothing claimed and nothing allocated, wherever it fails.
 */
#include "tests.h"

#define DENIED		"is on the hard deny-list"
#define NO_RANGE	"is not a port or a range within 0x0-0xffff"
#define TWICE		"listed twice"
#define OWNED		"owned by another driver, see /proc/ioports"
#define TOO_MANY	"more than 32 ranges"

struct parameters {
	const char *ports, *unsafe;
	int err;
	const char *message;
	__u32 ranges, claimed;	/* ranges without 0x80; ports held */
};

#define FIVE(port)	#port "0," #port "2," #port "4," #port "6," #port "8"
#define THIRTY \
	FIVE(0x101) "," FIVE(0x102) "," FIVE(0x103) "," FIVE(0x104) "," FIVE(0x105) "," FIVE(0x106)

static const struct parameters all[] = {
	{ NULL, NULL, 0, "", 0, 0 },
	{ "0xe0-0xe3,0x5e9", NULL, 0, "", 2, 5 },
	{ "224,0340,0xE1", NULL, EINVAL, TWICE, 0, 0 },	/* all three bases */
	{ "225-226,0343", NULL, 0, "", 2, 3 },
	{ "0xffff", "0x100-0x100", 0, "", 2, 1 },
	{ NULL, "0x60", 0, "", 1, 0 },
	{ NULL, "0x80", 0, "", 1, 0 },
	{ NULL, "0x78-0x80", 0, "", 1, 0 },
	{ "0x80", NULL, EBUSY, OWNED, 0, 0 },
	{ "0x78-0x80", NULL, EBUSY, OWNED, 0, 0 },
	{ "0xe0,0x80", NULL, EBUSY, OWNED, 0, 0 },
	{ "0x60", NULL, EACCES, DENIED, 0, 0 },
	{ NULL, "0x5f-0x60", EACCES, "0x60 " DENIED, 0, 0 },
	{ NULL, "0x60-0x61", EACCES, "0x60 " DENIED, 0, 0 },
	{ NULL, "0x61", EACCES, DENIED, 0, 0 },
	{ NULL, "0x64", EACCES, DENIED, 0, 0 },
	{ NULL, "0-0xffff", EACCES, DENIED, 0, 0 },
	{ "0", NULL, EACCES, DENIED, 0, 0 },
	{ "0xe0,0xcf9", NULL, EACCES, "0xcf9 " DENIED, 0, 0 },
	{ "0xd00-0x1fff", NULL, EACCES, "0x1800 " DENIED, 0, 0 },
	{ "0x1809", NULL, EACCES, DENIED, 0, 0 },
	{ NULL, "0x1808-0x180b", EACCES, DENIED, 0, 0 },
	{ "0xe3-0xe0", NULL, EINVAL, NO_RANGE, 0, 0 },
	{ "0x10000", NULL, EINVAL, NO_RANGE, 0, 0 },
	{ "0xfffe-0x10000", NULL, EINVAL, NO_RANGE, 0, 0 },
	{ "4294967520", NULL, EINVAL, NO_RANGE, 0, 0 },
	{ "0xe0-0x1000000e3", NULL, EINVAL, NO_RANGE, 0, 0 },
	{ "", NULL, EINVAL, NO_RANGE, 0, 0 },
	{ NULL, "", EINVAL, NO_RANGE, 0, 0 },
	{ "0xe0,", NULL, EINVAL, NO_RANGE, 0, 0 },
	{ ",0xe0", NULL, EINVAL, NO_RANGE, 0, 0 },
	{ "0xe0,,0xe1", NULL, EINVAL, NO_RANGE, 0, 0 },
	{ "0xe0 ", NULL, EINVAL, NO_RANGE, 0, 0 },
	{ " 0xe0", NULL, EINVAL, NO_RANGE, 0, 0 },
	{ "-0xe0", NULL, EINVAL, NO_RANGE, 0, 0 },
	{ "0xe0-", NULL, EINVAL, NO_RANGE, 0, 0 },
	{ "0xe0-0xe1-0xe2", NULL, EINVAL, NO_RANGE, 0, 0 },
	{ "-", NULL, EINVAL, NO_RANGE, 0, 0 },
	{ "e0", NULL, EINVAL, NO_RANGE, 0, 0 },
	{ "0xe0;0xe1", NULL, EINVAL, NO_RANGE, 0, 0 },
	{ "0xe0-0xe3,0xe3", NULL, EINVAL, TWICE, 0, 0 },
	{ "0xe1-0xe3,0xe0-0xe1", NULL, EINVAL, TWICE, 0, 0 },
	{ "0xe1,0xe0-0xe3", NULL, EINVAL, TWICE, 0, 0 },
	{ "0xe0-0xe3", "0xe2", EINVAL, TWICE, 0, 0 },
	{ NULL, "0x60,0x60", EINVAL, TWICE, 0, 0 },
	{ "0x200-0x201,0x202-0x203", "0x204", 0, "", 3, 4 },
	{ THIRTY, NULL, 0, "", 30, 30 },
	{ THIRTY, "0x60,0x200", EINVAL, TOO_MANY, 0, 0 },
	{ THIRTY ",0x200,0x201", NULL, EINVAL, TOO_MANY, 0, 0 },
};

/* @arg: struct parameters; with the FADT of the PC, whose timer is one range more */
static void loads(const void *arg)
{
	const struct parameters *given = arg;
	int err;

	acpi_gbl_FADT = settings[1].fadt;
	world_reset(&file, &context);
	err = -load_text(given->ports, given->unsafe);
	CHECK(err == given->err, "%d, expected %d: %s", err, given->err, world.message);
	CHECK(err || ringprobe_allow_count() == given->ranges + 2, "%u ranges",
	      ringprobe_allow_count());
	CHECK(world.claimed == given->claimed, "%u ports are claimed", world.claimed);
	CHECK(strstr(world.message, given->message), "%s", world.message);
	CHECK(err || ringprobe_allow_unsafe == !!given->unsafe, "%d", ringprobe_allow_unsafe);
	if (!err) {
		CHECK(world.allocated == 1, "%d pieces of memory", world.allocated);
		ringprobe_allow_exit();
	}
	CHECK(!world.claimed && !world.allocated, "something is left");
}

void test_parameters(void)
{
	__u32 i;

	for (i = 0; i < ARRAY_SIZE(all); i++)
		CHECK(in_child(loads, &all[i]), "with ports=%s unsafe_ports=%s", all[i].ports,
		      all[i].unsafe);
}

/* @arg: which allocation fails, or which port has an owner */
static void without_memory(const void *arg)
{
	world_reset(&file, &context);
	world.fail_at = *(const __u32 *)arg;
	CHECK(load_text("0xe0-0xe3,0x5e9", "0x60") == -ENOMEM, "%s", world.message);
	CHECK(!world.claimed && !world.allocated, "something is left");
}

static void with_owner(const void *arg)
{
	world_reset(&file, &context);
	world.owner_first = world.owner_last = *(const __u32 *)arg;
	CHECK(load_text("0xe0-0xe3,0xe8,0x5e9", NULL) == -EBUSY, "%s", world.message);
	CHECK(!world.claimed && !world.allocated, "something is left");
}

void test_loads_that_fail(void)
{
	static const __u32 owned[] = { 0xe0, 0xe3, 0xe8, 0x5e9 };
	__u32 i;

	/* both lists, and the maps */
	for (i = 1; i <= 3; i++)
		CHECK(in_child(without_memory, &i), "without allocation %u", i);
	for (i = 0; i < ARRAY_SIZE(owned); i++)
		CHECK(in_child(with_owner, &owned[i]), "with an owner of %#x", owned[i]);
}

/* Under lockdown the kernel refuses both, and it taints itself for the second. */
void test_parameters_are_declared(void)
{
	extern const struct parameter parameter_ports, parameter_unsafe_ports;

	CHECK(parameter_ports.flags == KERNEL_PARAM_FL_HWPARAM, "%u", parameter_ports.flags);
	CHECK(parameter_unsafe_ports.flags == (KERNEL_PARAM_FL_HWPARAM | KERNEL_PARAM_FL_UNSAFE),
	      "%u", parameter_unsafe_ports.flags);
}

/* What INFO says of the timer, and of the list. */
static void tells(const void *arg)
{
	const struct setting *setting = arg;
	struct ringprobe_info *info;
	__u32 ranges = 1 + !!setting->timer, i;

	CHECK(!load(setting), "%s", world.message);
	for (i = 0; setting->ports[i].last; i++)
		ranges++;
	for (i = 0; setting->unsafe[i].last; i++)
		ranges++;
	info = info_argument(0, 0);
	CHECK(!call(IOCTL, RINGPROBE_IOC_INFO, info), "INFO");
	CHECK(info->ranges == ranges, "%u, expected %u", info->ranges, ranges);
	CHECK(info->pm_timer_port == setting->timer, "%#x", info->pm_timer_port);
	CHECK(info->pm_timer_bits == setting->timer_bits, "%u", info->pm_timer_bits);
	CHECK(!(info->features & RINGPROBE_FEATURE_PM_TIMER) == !setting->timer, "%llx",
	      info->features);
}

void test_list_is_told(void)
{
	const struct setting *setting;

	for (setting = settings; setting->name; setting++)
		CHECK(in_child(tells, setting), "where there is: %s", setting->name);
}
