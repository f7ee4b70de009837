// SPDX-License-Identifier: GPL-2.0
/* Every port in every width and direction, by every way to it, beside the reference. */
#include "tests.h"

static const __u32 widths[] = {
	0, 1, 2, 3, 4, 5, 6, 8, 16, 0x80, 0x81, 0x101, 0x80000004, 0xffffffff,
};

/* What a narrower type would take for another port. */
static const __u32 beyond[] = {
	0x10000, 0x10080, 0x100e0, 0x105e9, 0x80000080, 0xfffffffc, 0xffffffff,
};

static int errno_of(__u32 layers)
{
	return layers & RINGPROBE_LAYER_RANGE ? EINVAL : layers ? EACCES : 0;
}

/* What INFO says: one call for both directions. */
static void asks(const struct setting *setting, __u32 port, __u32 width)
{
	struct ringprobe_info *info = info_argument(port, width);
	__u32 in, out;

	info->flags = RINGPROBE_INFO_F_PORT;
	CHECK(!call(IOCTL, RINGPROBE_IOC_INFO, info), "%#x", port);
	in = reference_port_layers(setting, port, width, false);
	out = reference_port_layers(setting, port, width, true);
	CHECK(info->deny_in == in, "port %#x, width %u: %#x, expected %#x", port, width,
	      info->deny_in, in);
	CHECK(info->deny_out == out, "port %#x, width %u: %#x, expected %#x", port, width,
	      info->deny_out, out);
	CHECK(info->port_kind == reference_kind(setting, port), "port %#x: %u, expected %u", port,
	      info->port_kind, reference_kind(setting, port));
	CHECK(!made(), "port %#x was touched", port);
}

/* One access was made, between two stamps, and it is this one. */
static void was_made(const struct ringprobe_port *access, bool out)
{
	const struct ringprobe_op *done = &world.log[1].op;

	CHECK(world.events == 3 && world.log[0].kind == EVENT_STAMP &&
	      world.log[1].kind == EVENT_PORT && world.log[2].kind == EVENT_STAMP,
	      "port %#x: %u events", access->port, world.events);
	CHECK(done->port == access->port && done->value == access->value &&
	      done->access == (access->width | (out ? RINGPROBE_OP_OUT : 0)),
	      "port %#x: %#x in %#x with %#x", access->port, done->port, done->access, done->value);
	CHECK(access->ticks == world.log[2].stamp - world.log[0].stamp, "port %#x", access->port);
}

static void one(const struct setting *setting, __u32 port, __u32 width, bool out)
{
	struct ringprobe_port *access = port_argument(port, width, out ? 0x5a : 0xcccccccc);
	int expected = errno_of(reference_port_layers(setting, port, width, out)), err;
	const struct ringprobe_port asked = *access;
	bool unsafe = !expected && reference_kind(setting, port) == RINGPROBE_PORT_UNSAFE;

	err = -call(IOCTL, out ? RINGPROBE_IOC_PORT_OUT : RINGPROBE_IOC_PORT_IN, access);
	CHECK(err == expected, "port %#x, width %#x, %s: %d, expected %d", port, width,
	      out ? "out" : "in", err, expected);
	CHECK(world.notices == unsafe, "port %#x: %u lines in the log", port, world.notices);
	if (err) {
		CHECK(!world.events, "port %#x was touched", port);
		CHECK(!memcmp(access, &asked, sizeof(asked)), "port %#x: the argument", port);
	} else {
		was_made(access, out);
	}
}

/* As ioctl() and INFO have it; @arg: struct setting */
static void each_port(const void *arg)
{
	const struct setting *setting = arg;
	__u32 port, i, n;

	CHECK(!load(setting), "%s: %s", setting->name, world.message);
	for (i = 0; i < ARRAY_SIZE(widths); i++) {
		for (port = 0; port <= 0xffff; port++) {
			/* a width that is wrong is wrong for each port: not all are asked */
			if (i > 5 && port % 241)
				continue;
			asks(setting, port, widths[i]);
			one(setting, port, widths[i], false);
			one(setting, port, widths[i], true);
		}
		for (n = 0; n < ARRAY_SIZE(beyond); n++) {
			asks(setting, beyond[n], widths[i]);
			one(setting, beyond[n], widths[i], false);
			one(setting, beyond[n], widths[i], true);
		}
	}
	ringprobe_allow_exit();
	CHECK(!world.claimed && !world.allocated, "%s: something is left", setting->name);
}

/* How a batch of @count ops that lie in user memory must end, and does. */
static void runs(const struct setting *setting, __u32 count, bool in_only)
{
	struct ringprobe_batch *batch = batch_argument(count, false);
	static struct ringprobe_op before[RINGPROBE_BATCH_MAX];
	__u8 first = RINGPROBE_OP_NOT_RUN, expected;
	__u32 i;
	int err;

	memcpy(before, op(0), count * sizeof(*before));
	err = -call(IOCTL, in_only ? RINGPROBE_IOC_PORT_BATCH_IN : RINGPROBE_IOC_PORT_BATCH, batch);
	for (i = 0; i < count; i++) {
		expected = reference_status(setting, &before[i], in_only);
		first = first ? first : expected;
		CHECK(!err || op(i)->status == expected,
		      "port %#x, access %#x, status %u: %u, expected %u", before[i].port,
		      before[i].access, before[i].status, op(i)->status, expected);
	}
	CHECK(err == (first == RINGPROBE_OP_INVALID ? EINVAL : first ? EACCES : 0),
	      "port %#x: %d where an op is %u", before[0].port, err, first);
	CHECK(batch->completed == (err ? 0 : count), "port %#x: %u", before[0].port,
	      batch->completed);
	CHECK(made() == batch->completed, "port %#x: %u accesses", before[0].port, made());
	for (i = 0; !err && i < count; i++) {
		before[i].value = world.log[i].op.value;
		CHECK(!memcmp(&world.log[i].op, &before[i], sizeof(*before)), "op %u", i);
		before[i].status = RINGPROBE_OP_DONE;
		CHECK(!memcmp(op(i), &before[i], sizeof(*before)), "op %u's answer", i);
	}
}

/* As many ports from @port on as a batch has: all, or those where such an op is good. */
static void run_of_ports(const struct setting *setting, __u32 port, __u8 access, bool good)
{
	__u32 n, count = 0;

	for (n = 0; n < RINGPROBE_BATCH_MAX; n++) {
		*op(count) = (struct ringprobe_op){
			.port = port + n, .access = access, .value = 9,
		};
		count += !good || !reference_status(setting, op(count), false);
	}
	if (count)
		runs(setting, count, false);
}

/* As a batch has it; @arg: struct setting */
static void each_op(const void *arg)
{
	static const __u8 accesses[] = { 0, 1, 2, 3, 4, 5, 8, 0x7f };
	const struct setting *setting = arg;
	__u32 port, i;

	CHECK(!load(setting), "%s: %s", setting->name, world.message);
	for (i = 0; i < ARRAY_SIZE(accesses); i++)
		for (port = 0; port <= 0xffff; port += RINGPROBE_BATCH_MAX) {
			run_of_ports(setting, port, accesses[i], false);
			run_of_ports(setting, port, accesses[i], true);
			run_of_ports(setting, port, accesses[i] | RINGPROBE_OP_OUT, false);
			run_of_ports(setting, port, accesses[i] | RINGPROBE_OP_OUT, true);
		}
	world_close(&context);
	ringprobe_allow_exit();
	CHECK(!world.claimed && !world.allocated, "%s: something is left", setting->name);
}

/* Each access and status with some ports and values, by both numbers */
void test_every_access_byte(void)
{
	static const __u16 ports[] = { 0x60, 0x64, 0x80, 0xe0, 0xe4, 0x5e8, 0x5e9, 0x1808, 0xfffc };
	static const __u32 values[] = { 0, 0xff, 0x100, 0xffff, 0x10000, 0xffffffff };
	__u32 i, access, n, in_only;

	CHECK(!load(&settings[1]), "%s", world.message);
	for (i = 0; i < ARRAY_SIZE(ports); i++)
		for (access = 0; access < 256; access++)
			for (n = 0; n < 256 + ARRAY_SIZE(values); n++)
				for (in_only = 0; in_only < 2; in_only++) {
					*op(0) = (struct ringprobe_op){
						.port = ports[i], .access = access,
						.status = n < 256 ? n : 0,
						.value = values[n % ARRAY_SIZE(values)],
					};
					runs(&settings[1], 1, in_only);
				}
	world_close(&context);
}

/* A value must fit where it is written; what is read over does not matter. */
void test_every_value(void)
{
	static const __u32 values[] = {
		0, 0x7f, 0xff, 0x100, 0x101, 0xffff, 0x10000, 0x7fffffff, 0xffffffff,
	};
	__u32 i, width, out, limit;
	int err;

	CHECK(!load(&settings[1]), "%s", world.message);
	for (width = 1; width <= 4; width *= 2) {
		limit = width == 1 ? 0xff : width == 2 ? 0xffff : 0xffffffff;
		for (i = 0; i < ARRAY_SIZE(values); i++)
			for (out = 0; out < 2; out++) {
				err = -call(IOCTL,
					    out ? RINGPROBE_IOC_PORT_OUT : RINGPROBE_IOC_PORT_IN,
					    port_argument(0xe0, width, values[i]));
				CHECK(err == (out && values[i] > limit ? EINVAL : 0),
				      "%#x in %u bytes: %d", values[i], width, err);
				CHECK(made() == !err, "%#x in %u bytes", values[i], width);
			}
	}
	/* what is wrong in itself is wrong for a port that is refused, too */
	err = -call(IOCTL, RINGPROBE_IOC_PORT_OUT, port_argument(0x64, 1, 0x100));
	CHECK(err == EINVAL, "%d", err);
	port_argument(0x64, 1, 0)->reserved = 1;
	err = -call(IOCTL, RINGPROBE_IOC_PORT_IN, user(ARGUMENT));
	CHECK(err == EINVAL, "%d", err);
	port_argument(0x80, 1, 0)->reserved = 0x80000000;
	err = -call(IOCTL, RINGPROBE_IOC_PORT_OUT, user(ARGUMENT));
	CHECK(err == EINVAL && !made(), "%d", err);
}

static void in_each_setting(void (*test)(const void *))
{
	const struct setting *setting;

	for (setting = settings; setting->name; setting++)
		CHECK(in_child(test, setting), "where there is: %s", setting->name);
}

void test_every_port(void)
{
	in_each_setting(each_port);
}

void test_every_port_in_batches(void)
{
	in_each_setting(each_op);
}
