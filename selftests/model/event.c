// SPDX-License-Identifier: GPL-2.0
/*
 * What listeners are told. Every call that any test makes is judged here, by what it did
 * and returned; some are written down besides. And nobody changes by listening what is
 * done.
 */
#include "tests.h"

#define COUNT	40	/* ops: a chunk, and one that is not full */

/* None, without a name: NOP, and what is no operation */
static const struct operation_case *operation_of(unsigned int number)
{
	const struct operation_case *operation = operations;

	while (operation->name && operation->number != number)
		operation++;
	return operation;
}

/* Of a single access, whose argument was found to be of a good size and was read */
static bool has_access(const struct operation_case *operation, const struct ringprobe_port *asked,
		       int err)
{
	if (operation->size != sizeof(*asked))
		return false;
	return made() || err == EACCES ||
	       (err == EINVAL && asked->size >= sizeof(*asked) && !(asked->size % 8));
}

/* The access that was made, whatever user memory has now; or that was asked for. */
static bool is_right(const struct ringprobe_port *access, const struct ringprobe_port *asked)
{
	const struct event *event;

	for (event = world.log; event < world.log + world.events; event++)
		if (event->kind == EVENT_PORT)
			return access->port == event->op.port &&
			       access->width == (event->op.access & ~RINGPROBE_OP_OUT);
	return access->port == asked->port && access->width == asked->width;
}

void heard(unsigned int number, const void *argument, int err)
{
	const struct operation_case *operation = operation_of(number);
	const struct ringprobe_event_port *told = &world.last_told;
	bool something = operation->ports && (made() || (err && err != EAGAIN));

	if (!world.listens || ringprobe_event_quiet == jiffies)
		something = false;
	CHECK(world.told == something, "%#x: told %u times of %u made, errno %d", number,
	      world.told, made(), err);
	if (!something)
		return;
	CHECK(told->operation == _IOC_NR(number), "%#x: operation %u", number, told->operation);
	CHECK(told->made == made() && told->err == -err, "%#x: told of %u, %d; %u were made, %d",
	      number, told->made, told->err, made(), -err);
	CHECK(!told->access == !has_access(operation, argument, err), "%#x: %d", number, err);
	CHECK(!told->access || is_right(told->access, argument), "%#x: port %#x, width %u", number,
	      told->access->port, told->access->width);
}

/* During which access another thread takes all memory away; 0: none */
static __u32 away_at;

static void at_access(void)
{
	if (made() == away_at)
		memset(world.rights, 0, sizeof(world.rights));
}

static void prepare(const struct operation_case *operation, __u32 port)
{
	__u32 i;

	good_argument(operation);
	if (operation->size == sizeof(struct ringprobe_port))
		port_argument(port, 1, 0);
	if (operation->size != sizeof(struct ringprobe_batch))
		return;
	batch_argument(COUNT, false);
	for (i = 0; i < COUNT; i++)
		*op(i) = (struct ringprobe_op){ .port = 0x80, .access = 1 };
	op(COUNT - 1)->port = port;
}

void test_told(void)
{
	static const struct {
		unsigned int number;
		enum door door;
		__u32 asker, port;	/* the port of the last, in a batch */
		__u32 away_at, signal_at;
		__u32 made;
		int err;
		bool access;
	} cases[] = {
		{ RINGPROBE_IOC_PORT_IN, IOCTL, 15, 0x80, 0, 0, 1, 0, true },
		{ RINGPROBE_IOC_PORT_OUT, NOWAIT, 15, 0x5e9, 0, 0, 1, 0, true },
		{ RINGPROBE_IOC_PORT_IN, IOCTL, 15, 0x80, 1, 0, 1, EFAULT, true },
		{ RINGPROBE_IOC_PORT_OUT, IOCTL, 15, 0x64, 0, 0, 0, EACCES, true },
		{ RINGPROBE_IOC_PORT_IN, NOWAIT, 15, 0x10080, 0, 0, 0, EINVAL, true },
		{ RINGPROBE_IOC_PORT_IN, IOCTL, 14, 0x80, 0, 0, 0, EBADF, false },
		{ RINGPROBE_IOC_PORT_OUT, NOWAIT, 7, 0x80, 0, 0, 0, EPERM, false },
		{ RINGPROBE_IOC_PORT_BATCH, IOCTL, 15, 0x80, 0, 0, COUNT, 0, false },
		{ RINGPROBE_IOC_PORT_BATCH_IN, IOCTL, 15, 0x80, 1, 0, 1, EFAULT, false },
		{ RINGPROBE_IOC_PORT_BATCH, IOCTL, 15, 0x80, 35, 0, 35, EFAULT, false },
		{ RINGPROBE_IOC_PORT_BATCH_IN, IOCTL, 15, 0x64, 0, 0, 0, EACCES, false },
		{ RINGPROBE_IOC_PORT_BATCH, IOCTL, 31, 0x80, 0, 0, 0, EPERM, false },
		{ RINGPROBE_IOC_PORT_BATCH_IN, IOCTL, 15, 0x80, 0, 2, 32, 0, false },
		/* nothing */
		{ RINGPROBE_IOC_PORT_BATCH_IN, IOCTL, 15, 0x80, 0, 1, 0, 0, false },
		{ RINGPROBE_IOC_PORT_BATCH_IN, NOWAIT, 15, 0x80, 0, 0, 0, EAGAIN, false },
		{ RINGPROBE_IOC_INFO, IOCTL, 15, 0, 0, 0, 0, 0, false },
		{ RINGPROBE_IOC_INSN, IOCTL, 7, 0, 0, 0, 0, EPERM, false },
		{ RINGPROBE_IOC_NOP, IOCTL, 15, 0, 0, 0, 0, EINVAL, false },
		{ RINGPROBE_IOC_PORT_BATCH + 1, IOCTL, 15, 0, 0, 0, 0, ENOTTY, false },
	};
	__u32 i;

	CHECK(!load(&settings[1]), "%s", world.message);
	world.at_access = at_access;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct operation_case *operation = operation_of(cases[i].number);
		const struct ringprobe_event_port *told = &world.last_told;
		bool something = cases[i].made || (cases[i].err && cases[i].err != EAGAIN);
		struct asker asker = asker_of(cases[i].asker);
		int err;

		open_as(&asker);
		if (operation->name)
			prepare(operation, cases[i].port);
		away_at = cases[i].away_at;
		world.signal_at = cases[i].signal_at;
		err = -call(cases[i].door, cases[i].number, user(ARGUMENT));
		memset(world.rights, READABLE | WRITABLE, sizeof(world.rights));
		CHECK(err == cases[i].err, "case %u: %d", i, err);
		CHECK(world.told == (something && operation->ports), "case %u: %u", i, world.told);
		if (!world.told)
			continue;
		CHECK(told->made == cases[i].made && told->err == -err, "case %u: %u, %d", i,
		      told->made, told->err);
		CHECK(cases[i].access ? told->access && told->access->port == cases[i].port :
					!told->access, "case %u: the access", i);
	}
	world_close(&context);
}

static int with_listener(bool listens, enum door door, const struct operation_case *operation,
			 __u32 fault_at)
{
	int err;

	jiffies++;	/* what was found before does not hold any more */
	memset(&context.counters, 0, sizeof(context.counters));
	good_argument(operation);
	world.listens = listens;
	world.fault_at = fault_at;
	err = -call(door, operation->number, user(ARGUMENT));
	world.fault_at = 0;
	return err;
}

/* With a listener and without: false where no touch of memory was left to fault. */
static bool alike(enum door door, const struct operation_case *operation, __u32 fault_at)
{
	static struct world with;
	struct ringprobe_counters counters;
	int err = with_listener(true, door, operation, fault_at), without;

	with = world;
	counters = context.counters;
	remember();
	without = with_listener(false, door, operation, fault_at);
	CHECK(err == without, "%s, touch %u: %d with a listener, %d without", operation->name,
	      fault_at, err, without);
	CHECK(unchanged(0, USER_WORDS), "%s, touch %u: memory", operation->name, fault_at);
	CHECK(!memcmp(counters.count, context.counters.count, sizeof(counters.count)),
	      "%s, touch %u: counters", operation->name, fault_at);
	CHECK(!memcmp(with.number, world.number, sizeof(with.number)) &&
	      with.touches == world.touches, "%s, touch %u: what was done", operation->name,
	      fault_at);
	return world.number[EVENT_FAULT];
}

/* ... with each touch of memory at fault in turn */
static void alike_at_each_touch(enum door door, const struct operation_case *operation,
				const struct asker *asker)
{
	__u32 fault_at;

	(void)asker;	/* the descriptor's */
	for (fault_at = 1; alike(door, operation, fault_at); fault_at++)
		;
}

void test_nobody_listens(void)
{
	each_call(alike_at_each_touch);
}

/* One access and one refusal; how often listeners were sought. */
static __u32 sought(void)
{
	__u32 n;

	CHECK(!call(IOCTL, RINGPROBE_IOC_PORT_IN, port_argument(0x80, 1, 0)), "in");
	n = world.sought;
	CHECK(call(IOCTL, RINGPROBE_IOC_PORT_IN, port_argument(0x64, 1, 0)) == -EACCES, "refused");
	return n + world.sought;
}

/* Who comes within a jiffy is not seen yet; in the next he is. The clock runs over, too. */
void test_jiffy(void)
{
	__u32 i;

	CHECK(!load(&settings[1]), "%s", world.message);
	ringprobe_event_quiet = -3UL;
	for (i = 0, jiffies = -2UL; i < 4; i++, jiffies++) {
		world.listens = false;
		CHECK(sought() == 1, "jiffy %u: not once", i);
		CHECK(!sought(), "jiffy %u: once more", i);
		world.listens = true;
		CHECK(!sought() && !world.told, "jiffy %u: when somebody came", i);
	}
	CHECK(sought() && world.told == 1, "in the next jiffy");
	CHECK(sought() && world.told == 1, "once more in that");
}
