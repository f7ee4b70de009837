// SPDX-License-Identifier: GPL-2.0
/* Fuzz programs by chance: new ones, and changed ones. See fuzz.h. */
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>

#include <linux/netlink.h>
#include <ringprobe.h>
#include <ringprobe_netlink.h>

#include "fuzz.h"

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))
#define PICK(array)	((array)[fuzz_draw() % COUNT(array)])

static bool one_in(unsigned int n)
{
	return fuzz_draw() % n == 0;
}

static uint64_t any_number(void)
{
	static const uint64_t numbers[] = {
		0, 1, 2, 3, 4, 7, 8, 0x10, 0x1f, 0x20, 0x7f, 0x80, 0xff, 0x100, 0x101, 0x200,
		0xfff, 0x1000, 0x1001, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, 0x80000000,
		0xfffffff8, 0xffffffff, 0x100000000, 0x7fffffffffffffff, 0x8000000000000000,
		0xfffffffffffffff8, 0xffffffffffffffff,
	};

	return one_in(3) ? fuzz_draw() >> fuzz_draw() % 64 : PICK(numbers);
}

/* Mostly where there is memory; else at its edges, or where there can be none. */
static uint64_t any_address(void)
{
	static const uint64_t edges[] = {
		FUZZ_MEMORY, FUZZ_MEMORY + FUZZ_PAGE, FUZZ_MEMORY + 2 * FUZZ_PAGE,
		FUZZ_MEMORY + 3 * FUZZ_PAGE, FUZZ_MEMORY + 4 * FUZZ_PAGE,
		FUZZ_MEMORY + 5 * FUZZ_PAGE, FUZZ_MEMORY_END, FUZZ_PLACE(0), FUZZ_PLACE(1),
	};
	static const uint64_t nowhere[] = {
		0, 8, 0x7ffffffff000, 0x7fffffffeff8, 0x800000000000, 0xffff800000000000,
		0xffffffff80000000, 0xfffffffffffffff8, 0x20000000000000,
	};

	switch (fuzz_draw() % 16) {
	case 0:
		return PICK(nowhere);
	case 1:
	case 2:
		return PICK(edges) - 8 * (fuzz_draw() % 16) + 8 * (fuzz_draw() % 4);
	case 3:
		return FUZZ_MEMORY + fuzz_draw() % (FUZZ_PAGES * FUZZ_PAGE);
	default:
		return FUZZ_MEMORY + 0x100 * (fuzz_draw() % 32);
	}
}

static uint64_t any_port(void)
{
	static const uint32_t ports[] = {
		0xe0, 0xe1, 0xe2, 0xe3, 0xe8, 0xea, 0xeb, 0x5e9, 0x80, 0xe0, 0xe0, 0xe8, 0x608,
		0, 0x20, 0x5f, 0x60, 0x61, 0x64, 0x7f, 0x81, 0x92, 0xdf, 0xdc, 0xde, 0xe4, 0xe7,
		0xec,
		0x5e8, 0x5ea, 0x604, 0x607, 0x60c, 0xcf8, 0xcfc, 0x8000, 0xfffc, 0xfffe, 0xffff,
		0x10000, 0x100e0, 0x10080, 0xffffffff, 0xfffffffc, 0x800000e0,
	};

	return one_in(8) ? fuzz_draw() & 0xffff : PICK(ports);
}

static uint64_t any_width(void)
{
	static const uint32_t widths[] = {
		1, 1, 1, 2, 2, 4, 4, 0, 3, 5, 8, 0x81, 0x101, 0x80000001,
	};

	return PICK(widths);
}

static uint64_t any_access(void)
{
	static const uint8_t accesses[] = {
		1, 1, 2, 4, 0x81, 0x81, 0x82, 0x84, 0, 3, 5, 8, 0x80, 0x83, 0x7f, 0xff,
	};

	return PICK(accesses);
}

/* An access of a batch: mostly a good one, since one that is not spoils the batch. */
static uint64_t any_op(void)
{
	static const uint64_t good[] = {
		0x0000000000100e0, 0x00000000000200e2, 0x00000000000400e0, 0x0000005a008100e1,
		0x00001234008200e8, 0x12345678008400e8, 0x0000000000010080, 0x00000000000105e9,
	};

	if (!one_in(4))
		return PICK(good);
	return (any_port() & 0xffff) | any_access() << 16 |
	       (one_in(4) ? any_number() & 0xff : 0) << 24 | any_number() << 32;
}

/* ---- arguments, by what their fields are ---- */

enum field_class { SIZE, ZERO, FLAGS, PORT, WIDTH, NUMBER, POINTER, OPS, INSN, SMALL, ARM };

struct field {
	uint8_t at, bytes, class;
};

#define FIELD(type, name, what)	\
	{ offsetof(struct type, name), sizeof(((struct type *)0)->name), what }

static const struct argument {
	uint8_t size;
	struct field field[8];	/* up to one of no bytes */
} arguments[] = {
	[_IOC_NR(RINGPROBE_IOC_NOP)] = { 0, { } },
	[_IOC_NR(RINGPROBE_IOC_INFO)] = { sizeof(struct ringprobe_info), {
		FIELD(ringprobe_info, size, SIZE), FIELD(ringprobe_info, flags, FLAGS),
		FIELD(ringprobe_info, port, PORT), FIELD(ringprobe_info, width, WIDTH) } },
	[_IOC_NR(RINGPROBE_IOC_CPL)] = { sizeof(struct ringprobe_cpl), {
		FIELD(ringprobe_cpl, size, SIZE), FIELD(ringprobe_cpl, flags, ZERO) } },
	[_IOC_NR(RINGPROBE_IOC_STAMP)] = { sizeof(struct ringprobe_stamp), {
		FIELD(ringprobe_stamp, size, SIZE), FIELD(ringprobe_stamp, flags, ZERO) } },
	[_IOC_NR(RINGPROBE_IOC_PORT_IN)] = { sizeof(struct ringprobe_port), {
		FIELD(ringprobe_port, size, SIZE), FIELD(ringprobe_port, flags, ZERO),
		FIELD(ringprobe_port, port, PORT), FIELD(ringprobe_port, width, WIDTH),
		FIELD(ringprobe_port, value, NUMBER), FIELD(ringprobe_port, reserved, ZERO) } },
	[_IOC_NR(RINGPROBE_IOC_PORT_OUT)] = { sizeof(struct ringprobe_port), {
		FIELD(ringprobe_port, size, SIZE), FIELD(ringprobe_port, flags, ZERO),
		FIELD(ringprobe_port, port, PORT), FIELD(ringprobe_port, width, WIDTH),
		FIELD(ringprobe_port, value, SMALL), FIELD(ringprobe_port, reserved, ZERO) } },
	[_IOC_NR(RINGPROBE_IOC_INSN)] = { sizeof(struct ringprobe_insn), {
		FIELD(ringprobe_insn, size, SIZE), FIELD(ringprobe_insn, flags, ZERO),
		FIELD(ringprobe_insn, insn, INSN), FIELD(ringprobe_insn, operand, ZERO),
		FIELD(ringprobe_insn, pointer, ZERO) } },
	[_IOC_NR(RINGPROBE_IOC_FAULT_ARM)] = { sizeof(struct ringprobe_fault_arm), {
		FIELD(ringprobe_fault_arm, size, SIZE), FIELD(ringprobe_fault_arm, flags, ARM) } },
	[_IOC_NR(RINGPROBE_IOC_FAULT_READ)] = { sizeof(struct ringprobe_fault_read), {
		FIELD(ringprobe_fault_read, size, SIZE), FIELD(ringprobe_fault_read, flags, ZERO),
		FIELD(ringprobe_fault_read, first, SMALL) } },
#define BATCH { sizeof(struct ringprobe_batch), {				\
		FIELD(ringprobe_batch, size, SIZE), FIELD(ringprobe_batch, flags, ZERO),	\
		FIELD(ringprobe_batch, count, SMALL), FIELD(ringprobe_batch, ops, OPS),		\
		FIELD(ringprobe_batch, stamps, POINTER), FIELD(ringprobe_batch, reserved, ZERO) } }
	[_IOC_NR(RINGPROBE_IOC_PORT_BATCH_IN)] = BATCH,
	[_IOC_NR(RINGPROBE_IOC_PORT_BATCH)] = BATCH,
};

static uint64_t any_size(uint64_t known)
{
	static const int away[] = { -16, -8, -4, -1, 1, 4, 8, 16, 64 };
	static const uint32_t sizes[] = { 0, 1, 8, 4088, 4095, 4096, 4097, 4104, 0xffffffff };

	if (!one_in(10))
		return known;
	return one_in(2) ? known + (uint64_t)PICK(away) : PICK(sizes);
}

/* @fresh: of a new argument, where most fields are to be good */
static uint64_t field_value(const struct argument *argument, const struct field *field,
			    const struct fuzz_call *call, bool fresh)
{
	unsigned int seldom = fresh ? 20 : 2;

	switch (field->class) {
	case SIZE:
		return any_size(argument->size);
	case ZERO:
		return !one_in(seldom) ? 0 : one_in(2) ? any_number() : any_address();
	case FLAGS:
		return one_in(seldom) ? any_number() : fuzz_draw() & 1;
	case PORT:
		return any_port();
	case WIDTH:
		return any_width();
	case POINTER:
		return one_in(2) ? 0 : any_address();
	case OPS:	/* mostly right behind the batch */
		return one_in(4) ? any_address() : call->b + argument->size;
	case INSN:
		return one_in(10) ? any_number() : fuzz_draw() % (RINGPROBE_INSN_MAX + 2);
	case SMALL:
		return one_in(3) ? any_number() : 1 + fuzz_draw() % 6;
	case ARM:
		return one_in(3) ? any_number() : fuzz_draw() & RINGPROBE_FAULT_F_ALL;
	}
	return any_number();
}

static void set_field(struct fuzz_call *call, const struct field *field, uint64_t value)
{
	memcpy((uint8_t *)call->word + field->at, &value, field->bytes);
}

static const struct argument *argument_of(const struct fuzz_call *call)
{
	uint32_t number = (uint32_t)call->a - RINGPROBE_IOC_NOP;

	return number < COUNT(arguments) ? &arguments[number] : NULL;
}

static void generate_argument(struct fuzz_call *call, const struct argument *argument)
{
	const struct field *field;
	uint32_t i;

	call->words = argument->size / 8;
	for (i = 0; i < FUZZ_WORDS; i++)
		call->word[i] = 0xcccccccccccccccc;
	for (field = argument->field; field->bytes; field++)
		set_field(call, field, field_value(argument, field, call, true));
	if (argument->size == sizeof(struct ringprobe_batch))
		for (i = fuzz_draw() % 7; i && call->words < FUZZ_WORDS; i--)
			call->word[call->words++] = any_op();
}

static void generate_ioctl(struct fuzz_call *call)
{
	uint32_t i;

	/* what is slow, seldom */
	do {
		call->a = _IO(RINGPROBE_IOC_TYPE, fuzz_draw() % COUNT(arguments));
	} while (call->a == RINGPROBE_IOC_FAULT_ARM && !one_in(4));
	call->b = any_address();
	if (call->a != RINGPROBE_IOC_NOP)
		generate_argument(call, &arguments[_IOC_NR(call->a)]);
	else
		call->b = one_in(4) ? call->b : 0;
	if (!one_in(24))
		return;
	/* raw: any number, and any bytes */
	call->a = one_in(2) ? fuzz_draw() & 0xffffffff : call->a ^ 1ULL << fuzz_draw() % 32;
	call->words = fuzz_draw() % FUZZ_WORDS;
	for (i = 0; i < call->words; i++)
		call->word[i] = fuzz_draw();
}

/* ---- messages ---- */

static uint64_t any_attribute(void)
{
	static const uint16_t lengths[] = { 0, 3, 4, 5, 6, 7, 9, 12, 16, 24, 0x40, 0x7fff, 0xffff };
	static const uint32_t values[] = {
		0, 1, 2, FUZZ_SELF, FUZZ_SELF, FUZZ_WATCH(0), FUZZ_WATCH(0), FUZZ_WATCH(1),
		0x7fffffff,
	};
	uint32_t value = one_in(4) ? (uint32_t)any_number() : PICK(values);
	uint16_t type = (uint16_t)(fuzz_draw() % (RINGPROBE_A_FLAGS + 2));

	if (one_in(16))
		type |= (uint16_t)(one_in(2) ? NLA_F_NESTED : NLA_F_NET_BYTEORDER);
	if (one_in(16))
		type = (uint16_t)fuzz_draw();
	return FUZZ_ATTRIBUTE(type, one_in(8) ? PICK(lengths) : 8, value);
}

static uint64_t any_flags(uint8_t command)
{
	if (one_in(12))
		return fuzz_draw() & 0xffff;
	if (command == RINGPROBE_CMD_STATS && !one_in(8))
		return NLM_F_REQUEST | NLM_F_DUMP;
	return NLM_F_REQUEST | NLM_F_ACK;
}

static void generate_message(struct fuzz_call *call)
{
	uint8_t command = (uint8_t)(1 + fuzz_draw() % RINGPROBE_CMD_RESET);
	uint32_t i;

	if (one_in(16))
		command = (uint8_t)fuzz_draw();
	/* a watch is slow to make */
	if (command == RINGPROBE_CMD_WATCH_ADD && !one_in(3))
		command = RINGPROBE_CMD_STATS;
	call->slot = (uint8_t)(fuzz_draw() % FUZZ_SOCKETS);
	call->a = FUZZ_MESSAGE(command, 1, any_flags(command),
			       one_in(40) ? fuzz_draw() & 0xffff : 0);
	call->b = one_in(24) ? any_number() & 0xff : 0;
	if (command == RINGPROBE_CMD_WATCH_ADD) {
		call->word[call->words++] = FUZZ_ATTRIBUTE(RINGPROBE_A_PID, 8, FUZZ_SELF);
		call->word[call->words++] = FUZZ_ATTRIBUTE(RINGPROBE_A_FLAGS, 8,
							   fuzz_draw() & RINGPROBE_WATCH_F_ALL);
	} else if (command != RINGPROBE_CMD_GET_INFO) {
		call->word[call->words++] = FUZZ_ATTRIBUTE(RINGPROBE_A_WATCH, 8,
							   FUZZ_WATCH(fuzz_draw() % 2));
	}
	if (one_in(3))
		for (i = fuzz_draw() % 4; i && call->words < FUZZ_WORDS; i--)
			call->word[call->words++] = any_attribute();
}

/* ---- calls ---- */

static void generate_mapping(struct fuzz_call *call)
{
	uint64_t prot = one_in(3) ? fuzz_draw() % 8 : PROT_READ;
	uint64_t type = one_in(4) ? fuzz_draw() % 4 : MAP_SHARED;

	call->a = one_in(4) ? any_number() : (fuzz_draw() & 1) * FUZZ_PAGE;
	call->b = FUZZ_MAP(prot, type, fuzz_draw() % FUZZ_PLACES, one_in(6) ? fuzz_draw() % 4 : 1);
}

static void generate_other(struct fuzz_call *call)
{
	static const uint64_t modes[] = {
		O_RDWR, O_RDWR, O_RDONLY, O_WRONLY, O_RDWR | O_NONBLOCK, 3,
	};
	uint32_t i;

	switch (call->kind) {
	case FUZZ_OPEN:
		call->a = PICK(modes);
		break;
	case FUZZ_STORE:
		call->a = any_address();
		call->b = one_in(2) ? 1 : 1 + fuzz_draw() % 256;
		call->words = (uint8_t)(1 + fuzz_draw() % 3);
		for (i = 0; i < call->words; i++)
			call->word[i] = one_in(3) ? 0 : any_op();
		break;
	case FUZZ_MMAP:
		generate_mapping(call);
		break;
	case FUZZ_LSEEK:
		call->a = one_in(3) ? any_number() : 0;
		call->b = one_in(4) ? any_number() : fuzz_draw() & 1;
		break;
	case FUZZ_READ:
	case FUZZ_WRITE:
		call->a = any_address();
		call->b = any_number() & 0xfff;
		break;
	case FUZZ_TOUCH:
		call->a = any_address();
		call->b = fuzz_draw() % 5;
		break;
	default:
		call->a = fuzz_draw() % 4;
		call->b = fuzz_draw() % 8;
	}
}

static void generate_call(struct fuzz_call *call)
{
	memset(call, 0, sizeof(*call));
	call->kind = fuzz_any_kind();
	call->slot = (uint8_t)(one_in(4) ? fuzz_draw() % FUZZ_SLOTS : 0);
	switch (call->kind) {
	case FUZZ_IOCTL:
		generate_ioctl(call);
		break;
	case FUZZ_URING:
		generate_ioctl(call);
		call->a |= one_in(4) ? fuzz_draw() % 8 << 32 : 0;
		break;
	case FUZZ_SEND:
		generate_message(call);
		break;
	default:
		generate_other(call);
	}
}

void fuzz_generate(struct fuzz_program *program)
{
	uint32_t i;

	program->calls = 1 + (uint32_t)(fuzz_draw() % 12);
	for (i = 0; i < program->calls; i++)
		generate_call(&program->call[i]);
}

/* ---- changes ---- */

static void insert(struct fuzz_program *program, const struct fuzz_call *call)
{
	uint32_t at = (uint32_t)(fuzz_draw() % (program->calls + 1));

	if (program->calls == FUZZ_CALLS)
		return;
	memmove(&program->call[at + 1], &program->call[at],
		(program->calls - at) * sizeof(program->call[0]));
	program->call[at] = *call;
	program->calls++;
}

static void drop(struct fuzz_program *program)
{
	uint32_t at = (uint32_t)(fuzz_draw() % program->calls);

	if (program->calls == 1)
		return;
	program->calls--;
	memmove(&program->call[at], &program->call[at + 1],
		(program->calls - at) * sizeof(program->call[0]));
}

static void mutate_field(struct fuzz_call *call)
{
	const struct argument *argument = argument_of(call);
	unsigned int fields = 0;
	const struct field *field;

	if (!argument || !argument->size)
		return;
	while (fields < COUNT(argument->field) && argument->field[fields].bytes)
		fields++;
	field = &argument->field[fuzz_draw() % fields];
	set_field(call, field, field_value(argument, field, call, false));
}

static void mutate_word(struct fuzz_call *call)
{
	uint64_t *word = &call->word[fuzz_draw() % FUZZ_WORDS];

	if (call->words)
		word = &call->word[fuzz_draw() % call->words];
	switch (fuzz_draw() % 6) {
	case 0:
		*word ^= 1ULL << fuzz_draw() % 64;
		break;
	case 1:
		*word = any_number();
		break;
	case 2:
		*word = (*word & 0xffffffff) | any_number() << 32;
		break;
	case 3:
		*word = call->kind == FUZZ_SEND ? any_attribute() : any_op();
		break;
	case 4:
		*word = any_address();
		break;
	default:
		call->words = (uint8_t)(fuzz_draw() % (FUZZ_WORDS + 1));
	}
}

static void mutate_call(struct fuzz_call *call)
{
	bool argued = call->kind == FUZZ_IOCTL || call->kind == FUZZ_URING;
	struct fuzz_call fresh;

	switch (fuzz_draw() % 8) {
	case 0:
		call->slot = (uint8_t)(fuzz_draw() % FUZZ_SLOTS);
		break;
	case 1:
		call->b = argued ? any_address() : any_number();
		break;
	case 2:
		/* the numbers of the same kind of call, of which each knows its own */
		generate_call(&fresh);
		if (fresh.kind == call->kind)
			*call = fresh;
		else if (argued && one_in(16))
			call->kind = call->kind == FUZZ_IOCTL ? FUZZ_URING : FUZZ_IOCTL;
		break;
	case 3:
		call->a ^= 1ULL << fuzz_draw() % (argued ? 36 : 64);
		break;
	case 4:
	case 5:
		if (argued)
			mutate_field(call);
		else
			mutate_word(call);
		break;
	default:
		mutate_word(call);
	}
}

static void mutate_once(struct fuzz_program *program, const struct fuzz_program *other)
{
	struct fuzz_call *call = &program->call[fuzz_draw() % program->calls];
	struct fuzz_call fresh;

	switch (fuzz_draw() % 12) {
	case 0:
	case 1:
		generate_call(&fresh);
		insert(program, &fresh);
		break;
	case 2:
		drop(program);
		break;
	case 3:
		fresh = *call;
		insert(program, &fresh);
		break;
	case 4:
		insert(program, &other->call[fuzz_draw() % other->calls]);
		break;
	case 5:
		*call = other->call[fuzz_draw() % other->calls];
		break;
	default:
		mutate_call(call);
	}
}

void fuzz_mutate(struct fuzz_program *program, const struct fuzz_program *other)
{
	uint64_t n = 1 + fuzz_draw() % (one_in(4) ? 12 : 4);

	while (n--)
		mutate_once(program, other);
}
