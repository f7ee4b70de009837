// SPDX-License-Identifier: GPL-2.0
/*
 * Memory that is not there, at every word and at every touch. What stays away is found
 * before anything is done. What another thread takes away meanwhile may be found after an
 * access that was made; then no other follows, and what was done is counted.
 */
#include "tests.h"

#define COUNT	100	/* ops: some chunks, the last not full */

struct attempt {
	const struct operation_case *operation;
	enum door door;
	__u32 ops;	/* of a batch */
	bool refused;	/* its last one is */
};

static bool is_batch(const struct attempt *attempt)
{
	return attempt->operation->size == sizeof(struct ringprobe_batch);
}

static void prepare(const struct attempt *attempt)
{
	bool both = attempt->operation->number == RINGPROBE_IOC_PORT_BATCH;
	__u32 i;

	good_argument(attempt->operation);
	memset(&context.counters, 0, sizeof(context.counters));
	if (!is_batch(attempt))
		return;
	batch_argument(attempt->ops, true);
	for (i = 0; i < attempt->ops; i++)
		*op(i) = (struct ringprobe_op){
			.port = 0x80, .access = 1 | (both && i % 3 ? RINGPROBE_OP_OUT : 0),
			.value = 5,
		};
	if (attempt->refused)
		op(attempt->ops - 1)->port = 0x64;
}

static int attempted(const struct attempt *attempt)
{
	return -call(attempt->door, attempt->operation->number, user(ARGUMENT));
}

static bool nothing_done(void)
{
	return !made() && !world.number[EVENT_HANDLER];
}

/* A batch, once it is known that its argument can be answered, says that none was done. */
static void none_completed(const struct attempt *attempt)
{
	struct ringprobe_batch *batch = (void *)user(ARGUMENT);

	if (is_batch(attempt) && !batch->completed)
		batch->completed = 0xcccccccc;
}

/* It stays away: one word, or those from it on, or those up to it. */
static void stays_away(const struct attempt *attempt, __u32 first, __u32 words, bool needed,
		       __u8 rights)
{
	int expected = !needed ? 0 : attempt->door == NOWAIT ? EAGAIN : EFAULT, err;

	prepare(attempt);
	memset(world.rights + first, rights, words);
	remember();
	err = attempted(attempt);
	memset(world.rights, READABLE | WRITABLE, sizeof(world.rights));
	CHECK(err == expected, "%s, %u words from %u on with rights %u: %d, expected %d",
	      attempt->operation->name, words, first, rights, err, expected);
	if (!err)
		return;
	CHECK(nothing_done(), "%s, %u words from %u on: it ran", attempt->operation->name, words,
	      first);
	none_completed(attempt);
	CHECK(unchanged(0, USER_WORDS), "%s, %u words from %u on: memory has changed",
	      attempt->operation->name, words, first);
}

static void argument_away(const struct attempt *attempt, __u8 rights)
{
	__u32 words = attempt->operation->size / 8, i;

	for (i = 0; i <= words; i++) {
		/* an argument lies in two pages at most: where one ends */
		stays_away(attempt, ARGUMENT + i, OPS - ARGUMENT - i, i < words, rights);
		stays_away(attempt, 0, ARGUMENT + i, i > 0, rights);
	}
}

void test_memory_that_stays_away(void)
{
	struct attempt attempt = { .ops = 3 };
	const struct operation_case *operation;
	__u32 i;

	CHECK(!load(&settings[1]), "%s", world.message);
	for (operation = operations; operation->name; operation++) {
		attempt.operation = operation;
		for (attempt.door = 0; attempt.door < DOORS; attempt.door++) {
			if (attempt.door == NOWAIT && operation->sleeps)
				continue;
			argument_away(&attempt, 0);
			argument_away(&attempt, READABLE);
		}
		attempt.door = IOCTL;
		attempt.ops = COUNT;
		for (i = 0; is_batch(&attempt) && i < COUNT; i++) {
			stays_away(&attempt, OPS + i, 1, true, 0);
			stays_away(&attempt, OPS + i, 1, true, READABLE);
			stays_away(&attempt, STAMPS + i, 1, true, 0);
			stays_away(&attempt, STAMPS + i, 1, true, READABLE);
		}
	}
	world_close(&context);
}

/* What was done before the fault, and nothing after it. */
static void stopped(const struct attempt *attempt, __u32 at)
{
	const struct ringprobe_batch *batch = (void *)user(ARGUMENT);
	__u64 counted = atomic64_read(&context.counters.count[RINGPROBE_COUNT_IN]) +
			atomic64_read(&context.counters.count[RINGPROBE_COUNT_OUT]);
	__u32 i, done = 0;

	for (i = 0; i < world.events && world.log[i].kind != EVENT_FAULT; i++)
		;
	for (i++; i < world.events; i++)
		CHECK(world.log[i].kind == EVENT_FAULT || world.log[i].kind == EVENT_STAMP,
		      "%s, touch %u: it went on after the fault", attempt->operation->name, at);
	if (attempt->operation->ports)
		CHECK(counted == made(), "%s, touch %u: %llu counted, %u made",
		      attempt->operation->name, at, counted, made());
	if (!is_batch(attempt) || !counted)
		return;
	while (done < attempt->ops && op(done)->status == RINGPROBE_OP_DONE)
		done++;
	/* an access that was answered, and one whose stamp or answer met the fault */
	CHECK(counted == done || counted == done + 1, "touch %u: %llu made, %u answered", at,
	      counted, done);
	CHECK(batch->completed == counted - 1 || batch->completed == 0xcccccccc ||
	      batch->completed == attempt->ops, "touch %u: %u completed", at, batch->completed);
}

/* Each touch of user memory faults once, in its turn, until there is none left. */
static __u32 walk(const struct attempt *attempt)
{
	int end = attempt->refused ? EACCES :
		  attempt->door == NOWAIT && attempt->operation->sleeps ? EAGAIN : 0, err;
	__u64 refused;
	__u32 at;

	for (at = 1; ; at++) {
		prepare(attempt);
		world.fault_at = at;
		err = attempted(attempt);
		world.fault_at = 0;
		if (!world.number[EVENT_FAULT])
			break;
		CHECK(err == (attempt->door == NOWAIT && nothing_done() ? EAGAIN : EFAULT),
		      "%s, touch %u: %d", attempt->operation->name, at, err);
		refused = atomic64_read(&context.counters.count[RINGPROBE_COUNT_REFUSED]);
		CHECK(refused == (attempt->operation->ports && err == EFAULT),
		      "%s, touch %u: %llu refused", attempt->operation->name, at, refused);
		stopped(attempt, at);
		CHECK(world.allocated == 1 + !!context.ops, "%s, touch %u: memory is left",
		      attempt->operation->name, at);
	}
	CHECK(err == end, "%s: %d at the end", attempt->operation->name, err);
	return at - 1;
}

void test_fault_at_each_touch(void)
{
	struct attempt attempt = { .ops = COUNT };
	const struct operation_case *operation;
	__u32 touches;

	CHECK(!load(&settings[1]), "%s", world.message);
	for (operation = operations; operation->name; operation++) {
		attempt.operation = operation;
		for (attempt.door = 0; attempt.door < DOORS; attempt.door++) {
			touches = walk(&attempt);
			if (attempt.door == NOWAIT && operation->sleeps)
				CHECK(!touches, "%s touched memory", operation->name);
			else
				CHECK(touches >= operation->size / 8 + 3, "%s: %u touches only",
				      operation->name, touches);
		}
		if (!is_batch(&attempt))
			continue;
		attempt.door = IOCTL;
		attempt.refused = true;
		walk(&attempt);
		attempt.refused = false;
	}
	world_close(&context);
}
