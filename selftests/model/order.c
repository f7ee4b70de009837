// SPDX-License-Identifier: GPL-2.0
/*
 * Every combination of asker and argument, at each operation, by both doors: the errno
 * is that of the first layer that refuses. Several are at fault at a time.
 */
#include "tests.h"

/* Where the argument lies and what is wrong with its memory. */
enum memory {
	GOOD, NOWHERE, KERNEL_HALF, FIRST_READ_ONLY, LAST_READ_ONLY, LAST_AWAY,
	TAIL_READ_ONLY, TAIL_AWAY, MEMORIES
};
enum size { EXACT, NONE, SMALLER, ODD, TAIL, TAIL_DIRTY, LARGEST, LARGEST_DIRTY, TOO_LARGE, SIZES };
enum flags { NO_FLAGS, ANOTHER_FLAG, ALL_FLAGS, FLAGS };
enum field { FIELDS_GOOD, FIELD_WRONG, PORT_REFUSED, FIELDS };

#define UNMAPPED	((void *)0x1000)
#define KERNEL		((void *)0xffff888000000000)

static __u32 known_flags(unsigned int number)
{
	return number == RINGPROBE_IOC_INFO ? RINGPROBE_INFO_F_ALL :
	       number == RINGPROBE_IOC_FAULT_ARM ? RINGPROBE_FAULT_F_ALL : 0;
}

static bool is_batch(const struct operation_case *operation)
{
	return operation->size == sizeof(struct ringprobe_batch);
}

static __u32 size_of(const struct operation_case *operation, enum size size)
{
	static const __u32 more[SIZES] = { [ODD] = 4, [TAIL] = 8, [TAIL_DIRTY] = 64 };

	switch (size) {
	case NONE:
		return 0;
	case SMALLER:
		return operation->size - 8;
	case LARGEST:
	case LARGEST_DIRTY:
		return RINGPROBE_ARG_MAX;
	case TOO_LARGE:
		return RINGPROBE_ARG_MAX + 8;
	default:
		return operation->size + more[size];
	}
}

/* Makes the good argument as wrong as @field says; what only INFO and ports have. */
static void spoil(const struct operation_case *operation, enum field field, struct asked *asked)
{
	struct ringprobe_port *access = (void *)user(ARGUMENT);
	struct ringprobe_batch *batch = (void *)user(ARGUMENT);
	struct ringprobe_info *info = (void *)user(ARGUMENT);

	if (field == FIELDS_GOOD)
		return;
	if (operation->number == RINGPROBE_IOC_INFO && field == FIELD_WRONG) {
		/* a width, of a port that is not asked about */
		info->width = 1;
		asked->wrong_field = !info->flags;
	} else if (is_batch(operation)) {
		asked->wrong_field = field == FIELD_WRONG;
		asked->refused = field == PORT_REFUSED;
		if (asked->refused)
			op(1)->port = 0x64;
		else
			batch->reserved = 1;
	} else if (operation->ports) {
		asked->wrong_field = field == FIELD_WRONG;
		asked->refused = true;	/* of both errors EINVAL is the first */
		access->port = 0x64;
		access->width = field == FIELD_WRONG ? 3 : 1;
	}
}

static void protect(const struct operation_case *operation, enum memory memory, struct asked *asked)
{
	__u32 words = operation->size / 8;

	memset(world.rights, READABLE | WRITABLE, sizeof(world.rights));
	asked->unreadable = memory == NOWHERE || memory == KERNEL_HALF;
	asked->unwritable = memory >= FIRST_READ_ONLY && memory <= LAST_AWAY;
	asked->tail_unreadable = memory == TAIL_AWAY;
	if (memory == FIRST_READ_ONLY)
		world.rights[ARGUMENT] = READABLE;
	else if (memory == LAST_READ_ONLY)
		world.rights[ARGUMENT + words - 1] = READABLE;
	else if (memory == LAST_AWAY)
		world.rights[ARGUMENT + words - 1] = 0;
	else if (memory == TAIL_READ_ONLY)
		world.rights[ARGUMENT + words] = READABLE;
	else if (memory == TAIL_AWAY)
		world.rights[ARGUMENT + words] = 0;
}

/* A call that would have to wait, or may find that it would, is made by a worker then. */
static int by_door(enum door door, const struct operation_case *operation,
		   const struct asker *asker, const struct asked *asked)
{
	static const struct asked good = { .size = 4096 };
	int err = reference_errno(operation->number, asker, asked);

	if (door == IOCTL)
		return err;
	if (operation->sleeps)
		return reference_errno(operation->number, asker, &good) ? err : EAGAIN;
	return err == EFAULT ? EAGAIN : err;
}

/* A batch says that none was done, where all is well up to its fields. */
static bool answers(const struct operation_case *operation, const struct asker *asker,
		    struct asked asked, int err)
{
	asked.wrong_field = asked.refused = false;
	return is_batch(operation) && err && err != EAGAIN &&
	       !reference_errno(operation->number, asker, &asked);
}

static void judge(enum door door, const struct operation_case *operation, const struct asker *asker,
		  enum memory memory, const struct asked *asked)
{
	void *argument = memory == NOWHERE ? UNMAPPED : memory == KERNEL_HALF ? KERNEL :
									     user(ARGUMENT);
	int expected = by_door(door, operation, asker, asked), err;
	__u64 refused = atomic64_read(&context.counters.count[RINGPROBE_COUNT_REFUSED]);
	__u32 words;

	remember();
	err = -call(door, operation->number, argument);
	CHECK(err == expected,
	      "%s: %d, expected %d (fmode %d%d, opener %d, caller %d, lockdown %d, "
	      "memory %d, size %u, flag %d, field %d, port %d)",
	      operation->name, err, expected, asker->read, asker->write, asker->opener,
	      asker->caller, asker->locked_down, memory, asked->size, asked->unknown_flag,
	      asked->wrong_field, asked->refused);
	CHECK(world.clamped == 1, "%s: the number was clamped %u times", operation->name,
	      world.clamped);
	refused = atomic64_read(&context.counters.count[RINGPROBE_COUNT_REFUSED]) - refused;
	CHECK(refused == (operation->ports && err && err != EAGAIN),
	      "%s: %d counts as %llu refused", operation->name, err, refused);
	if (!err) {
		words = operation->size / 8;
		CHECK(unchanged(0, ARGUMENT + 1) &&
		      unchanged(ARGUMENT + words, OPS - ARGUMENT - words), "%s: more was written than the answer", operation->name);
		return;
	}
	CHECK(!made() && !world.number[EVENT_HANDLER], "%s: %d, but it ran", operation->name, err);
	if (answers(operation, asker, *asked, err)) {
		CHECK(!((struct ringprobe_batch *)argument)->completed, "%s: %d", operation->name,
		      err);
		((struct ringprobe_batch *)argument)->completed = 0xcccccccc;
		op(0)->status = op(1)->status = 0;
	}
	CHECK(unchanged(0, USER_WORDS), "%s: %d, but memory has changed", operation->name, err);
}

static void each_argument(enum door door, const struct operation_case *operation,
			  const struct asker *asker)
{
	int memory, size, flags, field;

	for (memory = 0; memory < MEMORIES; memory++)
	for (size = 0; size < SIZES; size++)
	for (flags = 0; flags < FLAGS; flags++)
	for (field = 0; field < FIELDS; field++) {
		struct asked asked = { .size = size_of(operation, size), .known = operation->size };
		__u32 *head = (void *)user(ARGUMENT);

		good_argument(operation);
		/* what only the tail has is wrong only where there is one */
		memset(user(ARGUMENT + operation->size / 8), 0, 4096);
		asked.tail_dirty = size == TAIL_DIRTY || size == LARGEST_DIRTY;
		if (asked.tail_dirty)
			((__u8 *)user(ARGUMENT))[asked.size - 1] = 1;
		head[0] = asked.size;
		head[1] = flags == NO_FLAGS ? 0 : known_flags(operation->number);
		head[1] += flags == ANOTHER_FLAG;
		asked.unknown_flag = flags == ANOTHER_FLAG;
		spoil(operation, field, &asked);
		protect(operation, memory, &asked);
		judge(door, operation, asker, memory, &asked);
	}
}

void test_order_of_errors(void)
{
	each_call(each_argument);
}

/* INFO tells of each layer, of the asker and of the port, whatever else refuses. */
void test_layers(void)
{
	static const __u32 ports[] = { 0x64, 0x80, 0x5e9, 0x5ea };
	const struct setting *setting = &settings[1];
	struct ringprobe_info *info;
	struct asker asker;
	__u32 i, n, in, out, port_in, port_out;

	CHECK(!load(setting), "%s", world.message);
	for (i = 0; i < ASKERS; i++) {
		asker = asker_of(i);
		open_as(&asker);
		in = reference_asker_layers(&asker, false);
		out = reference_asker_layers(&asker, true);
		info = info_argument(0, 0);
		CHECK(!call(IOCTL, RINGPROBE_IOC_INFO, info), "asker %#x", i);
		CHECK(info->deny_in == in && info->deny_out == out, "asker %#x: %#x, %#x", i,
		      info->deny_in, info->deny_out);
		for (n = 0; n < ARRAY_SIZE(ports); n++) {
			info = info_argument(ports[n], 1);
			CHECK(!call(IOCTL, RINGPROBE_IOC_INFO, info), "asker %#x", i);
			port_in = reference_port_layers(setting, ports[n], 1, false);
			port_out = reference_port_layers(setting, ports[n], 1, true);
			CHECK(info->deny_in == (in | port_in) && info->deny_out == (out | port_out),
			      "asker %#x, port %#x: %#x, %#x", i, ports[n], info->deny_in,
			      info->deny_out);
		}
	}
}

/* Each need by itself, and each layer: those that refuse, and the errno of the first. */
void test_needs(void)
{
	static const struct {
		__u32 layer;
		int err;
	} order[] = {
		{ RINGPROBE_LAYER_FMODE, EBADF }, { RINGPROBE_LAYER_OPENER, EPERM },
		{ RINGPROBE_LAYER_CALLER, EPERM }, { RINGPROBE_LAYER_LOCKDOWN, EPERM },
		{ RINGPROBE_LAYER_RANGE, EINVAL }, { RINGPROBE_LAYER_ALLOW_LIST, EACCES },
		{ RINGPROBE_LAYER_DENY_LIST, EACCES },
	};
	__u32 i, need, layers, expected, n;
	struct asker asker;

	CHECK(!load(&settings[1]), "%s", world.message);
	for (i = 0; i < ASKERS; i++)
		for (need = 0; need < 16; need++) {
			asker = asker_of(i);
			open_as(&asker);
			expected = 0;
			if ((need & RINGPROBE_ACCESS_READ && !asker.read) ||
			    (need & RINGPROBE_ACCESS_WRITE && !asker.write))
				expected |= RINGPROBE_LAYER_FMODE;
			if (need & RINGPROBE_ACCESS_RAWIO)
				expected |= (asker.opener ? 0 : RINGPROBE_LAYER_OPENER) |
					    (asker.caller ? 0 : RINGPROBE_LAYER_CALLER);
			if (need & RINGPROBE_ACCESS_PORTS && asker.locked_down)
				expected |= RINGPROBE_LAYER_LOCKDOWN;
			layers = ringprobe_access_layers(&file, need);
			CHECK(layers == expected, "asker %#x, need %#x: %#x, expected %#x", i, need,
			      layers, expected);
		}
	for (layers = 0; layers < 1U << ARRAY_SIZE(order); layers++) {
		for (n = 0; n < ARRAY_SIZE(order) && !(layers & order[n].layer); n++)
			;
		CHECK(-ringprobe_access_errno(layers) == (n < ARRAY_SIZE(order) ? order[n].err : 0),
		      "layers %#x: %d", layers, ringprobe_access_errno(layers));
	}
}

/* A number is an operation or none, whatever it has in bits that it does not use. */
void test_numbers(void)
{
	static const unsigned int none[] = {
		RINGPROBE_IOC_NOP - 1, RINGPROBE_IOC_PORT_BATCH + 1, RINGPROBE_IOC_NOP + 0x80,
		RINGPROBE_IOC_NOP | 1U << 31, RINGPROBE_IOC_PORT_IN | 32U << 16,
		_IOC_NR(RINGPROBE_IOC_PORT_OUT), 0, 0xffffffff,
	};
	static const struct asker nobody;
	int door, err;
	__u32 i;

	CHECK(!load(&settings[1]), "%s", world.message);
	open_as(&nobody);
	for (door = 0; door < DOORS; door++) {
		for (i = 0; i < ARRAY_SIZE(none); i++) {
			good_argument(&operations[0]);
			remember();
			err = -call(door, none[i], user(ARGUMENT));
			CHECK(err == ENOTTY && !world.touches, "%#x: %d", none[i], err);
		}
		CHECK(!call(door, RINGPROBE_IOC_NOP, NULL), "NOP");
		err = -call(door, RINGPROBE_IOC_NOP, user(ARGUMENT));
		CHECK(err == EINVAL && !world.touches, "NOP with an argument: %d", err);
		info_argument(0x80, 0)->flags = 0;
		err = -call(door, RINGPROBE_IOC_INFO, user(ARGUMENT));
		CHECK(err == EINVAL, "INFO of a port that is not asked about: %d", err);
	}
}
