// SPDX-License-Identifier: GPL-2.0
/*
 * A batch beyond its ops: its own fields, signals, two at a time, memory of the kernel's;
 * and what another thread stores while a call is under way, which must not count.
 */
#include "tests.h"

#define CHUNK	32	/* ops, after which a fatal signal is found at the latest */

static int batch(__u32 count, bool stamps)
{
	batch_argument(count, stamps);
	return -call(IOCTL, RINGPROBE_IOC_PORT_BATCH_IN, user(ARGUMENT));
}

static struct ringprobe_batch *answer(void)
{
	return (void *)user(ARGUMENT);
}

static void fill(__u32 count)
{
	__u32 i;

	for (i = 0; i < count; i++)
		*op(i) = (struct ringprobe_op){ .port = 0x80, .access = 1 };
}

static void loaded(void)
{
	CHECK(!load(&settings[1]), "%s", world.message);
	fill(RINGPROBE_BATCH_MAX);
}

/* One field is wrong at a time, in a batch of ops that are good, 4 bytes further on, too. */
void test_fields_of_a_batch(void)
{
	static const struct {
		struct ringprobe_batch change;	/* added to the good one */
		int err;
	} cases[] = {
		{ { .count = 0 }, 0 },
		{ { .count = RINGPROBE_BATCH_MAX - 1 }, 0 },
		{ { .count = RINGPROBE_BATCH_MAX }, EINVAL },
		{ { .count = -1U }, EINVAL },
		{ { .count = -2U }, EINVAL },
		{ { .reserved = 1 }, EINVAL },
		{ { .reserved = 1ULL << 63 }, EINVAL },
		{ { .ops = 1 }, EINVAL },
		{ { .ops = 4 }, EINVAL },
		{ { .stamps = 1 }, EINVAL },
		{ { .stamps = 4 }, EINVAL },
		{ { .ops = 1ULL << 63 }, EFAULT },
		{ { .stamps = 1ULL << 63 }, EFAULT },
	};
	struct ringprobe_batch *good;
	__u32 i, n;
	int err;

	loaded();
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		good = batch_argument(1, true);
		for (n = 0; n <= RINGPROBE_BATCH_MAX; n++)
			*user(OPS + n) = 0x0001008000010080;
		good->count += cases[i].change.count;
		good->reserved += cases[i].change.reserved;
		good->ops += cases[i].change.ops;
		good->stamps += cases[i].change.stamps;
		err = -call(IOCTL, RINGPROBE_IOC_PORT_BATCH_IN, good);
		CHECK(err == cases[i].err, "case %u: %d, expected %d", i, err, cases[i].err);
		CHECK(good->completed == (err ? 0 : good->count), "case %u: %u", i,
		      good->completed);
		CHECK(made() == good->completed, "case %u: %u", i, made());
	}
	world_close(&context);
}

/* Ops of all widths and directions, and what is asked of each. */
static const __u8 accesses[] = {
	1, 2, 4, 1 | RINGPROBE_OP_OUT, 2 | RINGPROBE_OP_OUT, 4 | RINGPROBE_OP_OUT,
};

static struct ringprobe_op mixed(__u32 n)
{
	static const __u32 values[] = { 0, 0xcc, 0xffffffff, 0xff, 0xffff, 0xffffffff };
	__u32 i = n % ARRAY_SIZE(accesses);

	return (struct ringprobe_op){ .port = 0xe0, .access = accesses[i], .value = values[i] };
}

/* Op @n was done as the event says, and answered so. */
static void done_and_answered(__u32 n, const struct event *event)
{
	struct ringprobe_op asked = mixed(n);

	CHECK(event->kind == EVENT_PORT && event->op.access == asked.access, "op %u", n);
	if (asked.access & RINGPROBE_OP_OUT)
		CHECK(event->op.value == asked.value, "op %u: wrote %#x", n, event->op.value);
	CHECK(op(n)->status == RINGPROBE_OP_DONE && op(n)->value == event->op.value &&
	      op(n)->port == asked.port && op(n)->access == asked.access, "op %u's answer", n);
}

/* In their order, a stamp before each, all answered; and no stamp that nobody wants. */
void test_order_of_a_batch(void)
{
	const __u32 count = RINGPROBE_BATCH_MAX;
	const struct event *event;
	__u32 i, stamps;

	loaded();
	for (stamps = 0; stamps < 2; stamps++) {
		for (i = 0; i < count; i++)
			*op(i) = mixed(i);
		memset(user(STAMPS), 0xcc, count * 8);
		batch_argument(count, stamps);
		CHECK(!call(IOCTL, RINGPROBE_IOC_PORT_BATCH, answer()), "it failed");
		CHECK(answer()->completed == count && made() == count, "%u", answer()->completed);
		CHECK(world.events == (1 + stamps) * count, "%u events", world.events);
		for (i = 0, event = world.log; i < count; i++, event++) {
			if (stamps) {
				CHECK(*user(STAMPS + i) == event->stamp, "stamp %u", i);
				event++;
			}
			done_and_answered(i, event);
		}
	}
	/* of each six the first three are in: 129 of 256 */
	CHECK(atomic64_read(&context.counters.count[RINGPROBE_COUNT_IN]) == 2 * 129, "in");
	CHECK(atomic64_read(&context.counters.count[RINGPROBE_COUNT_OUT]) == 2 * 127, "out");
	world_close(&context);
}

/* A fatal signal ends it between two chunks, and it tells how far it came. */
void test_signal(void)
{
	__u32 at, done;

	loaded();
	for (at = 1; at <= RINGPROBE_BATCH_MAX / CHUNK; at++) {
		fill(RINGPROBE_BATCH_MAX);
		world.signal_at = at;
		done = (at - 1) * CHUNK;
		CHECK(!batch(RINGPROBE_BATCH_MAX, false), "look %u", at);
		CHECK(answer()->completed == done && made() == done,
		      "look %u: %u completed, %u made", at, answer()->completed, made());
		CHECK(op(done)->status == RINGPROBE_OP_NOT_RUN, "look %u", at);
	}
	world_close(&context);
}

/* Another thread's batch on the same descriptor, in the midst of the first. */
static struct ringprobe_batch second;

static void at_access(void)
{
	world.at_access = NULL;
	world.open = false;	/* its own context, not that of the first */
	second = (struct ringprobe_batch){ .count = 1, .ops = (__u64)op(200) };
	CHECK(ringprobe_batch_in(&file, &second) == 1, "the second failed");
	CHECK(world.allocated == 3, "%d pieces of memory", world.allocated);
	world.open = true;
	world.number[EVENT_PORT]--;	/* nor is it an access of the first */
}

void test_two_at_a_time(void)
{
	void *kept;

	loaded();
	world.at_access = at_access;
	CHECK(!batch(2, false), "the first failed");
	CHECK(second.completed == 1 && answer()->completed == 2, "%u and %u", second.completed,
	      answer()->completed);
	CHECK(op(200)->status == RINGPROBE_OP_DONE, "the second's op");
	/* of the two pieces of memory one is kept, for the next batch, which takes it */
	CHECK(world.allocated == 2, "%d pieces of memory", world.allocated);
	kept = context.ops;
	fill(1);
	CHECK(kept && !batch(1, false), "the third failed");
	CHECK(!world.allocations && context.ops == kept, "the third allocated");
	world_close(&context);
	CHECK(world.allocated == 1, "%d pieces of memory", world.allocated);
}

void test_no_memory(void)
{
	loaded();
	world.fail_at = 1;
	CHECK(batch(1, false) == ENOMEM, "without memory");
	CHECK(!answer()->completed && !made(), "it ran");
	CHECK(!context.ops && world.allocated == 1, "%d pieces of memory", world.allocated);
	world.fail_at = 0;
	CHECK(!batch(1, false), "with memory");
	world_close(&context);
}

/* What other threads store in place of @hostile's word, as soon as it has been read. */
static struct {
	__u32 word;
	__u64 value;
	bool met;
} hostile;

static void after_get(__u32 word)
{
	if (word != hostile.word)
		return;
	*user(word) = hostile.value;
	hostile.met = true;
}

/* Whatever they store: these accesses are made, and no others. */
static void despite(const struct operation_case *operation, __u32 word, __u64 value)
{
	const struct event *event;
	int err;

	good_argument(operation);
	hostile.word = word;
	hostile.value = value;
	hostile.met = false;
	world.after_get = after_get;
	err = -call(IOCTL, operation->number, user(ARGUMENT));
	world.after_get = NULL;
	CHECK(!err, "%s, word %u: %d", operation->name, word, err);
	CHECK(hostile.met, "%s: word %u is never read", operation->name, word);
	CHECK(made() <= 2, "%s: %u accesses", operation->name, made());
	for (event = world.log; event < world.log + world.events; event++)
		CHECK(event->kind != EVENT_PORT ||
		      (event->op.port == 0x80 && (event->op.access & ~RINGPROBE_OP_OUT) == 1),
		      "%s, word %u: port %#x", operation->name, word, event->op.port);
}

void test_other_threads_stores(void)
{
	static const __u64 values[] = {
		0x64ULL | 1 << 16, 0x64ULL | 0x81 << 16, 0x64ULL, 1ULL << 32 | 0x64, 1, ~0ULL, 0,
		32ULL | 5ULL << 32, 0xffffffff00000028,
	};
	const struct operation_case *operation;
	__u32 word, i;

	loaded();
	for (operation = operations; operation->name; operation++) {
		bool is_batch = operation->size == sizeof(struct ringprobe_batch);

		if (!operation->ports)
			continue;
		for (i = 0; i < ARRAY_SIZE(values); i++) {
			for (word = 0; word < operation->size / 8; word++)
				despite(operation, ARGUMENT + word, values[i]);
			for (word = 0; is_batch && word < 2; word++) {
				despite(operation, OPS + word, values[i]);
				despite(operation, STAMPS + word, values[i]);
			}
		}
	}
	world_close(&context);
}

/* Where pages are kept up to date each count goes there: once an access, once a refusal. */
void test_counts(void)
{
	static const __u64 expected[RINGPROBE_COUNTERS] = { 1, 2, 1 };
	__u32 i;

	loaded();
	ringprobe_page_mapped.value = 1;
	CHECK(!call(IOCTL, RINGPROBE_IOC_PORT_IN, port_argument(0x80, 1, 0)), "in");
	CHECK(!call(IOCTL, RINGPROBE_IOC_PORT_OUT, port_argument(0x80, 1, 0)), "out");
	CHECK(!call(IOCTL, RINGPROBE_IOC_PORT_OUT, port_argument(0x80, 1, 1)), "out");
	CHECK(call(IOCTL, RINGPROBE_IOC_PORT_OUT, port_argument(0x64, 1, 1)) == -EACCES, "refused");
	for (i = 0; i < RINGPROBE_COUNTERS; i++)
		CHECK(atomic64_read(&context.counters.count[i]) == expected[i] &&
		      atomic64_read(&ringprobe_page_total.count[i]) == expected[i],
		      "counter %u", i);
	CHECK(world.published == 4, "%u", world.published);
}

/* A use of unsafe_ports= is logged, each op of a batch; of others there is no line. */
void test_unsafe_is_logged(void)
{
	loaded();
	CHECK(!call(IOCTL, RINGPROBE_IOC_PORT_IN, port_argument(0x60, 1, 0)) && world.notices == 1,
	      "in");
	CHECK(strstr(world.message, "read of unsafe port 0x60, pid 1, uid 0"), "%s", world.message);
	CHECK(!call(IOCTL, RINGPROBE_IOC_PORT_OUT, port_argument(0x60, 1, 0)) && world.notices == 1,
	      "out");
	CHECK(strstr(world.message, "write to unsafe port 0x60, pid 1, uid 0"), "%s",
	      world.message);
	op(1)->port = 0x60;
	op(2)->port = 0x60;
	op(2)->access |= RINGPROBE_OP_OUT;
	batch_argument(4, false);
	CHECK(!call(IOCTL, RINGPROBE_IOC_PORT_BATCH, answer()), "batch");
	CHECK(world.notices == 2 && strstr(world.message, "write to"), "%u lines", world.notices);
	world_close(&context);
}
