// SPDX-License-Identifier: GPL-2.0
/*
 * Judges a call of the device by the contract alone, see <ringprobe.h>: which errors an
 * operation may return; that memory changes only where an answer belongs; that the
 * counters move by exactly what was done; and that nothing is done on a port that the
 * module was not loaded for.
 */
#include <errno.h>
#include <stdarg.h>

#include "fuzz_run.h"

static uint32_t timer_port;

void judge_init(uint32_t port)
{
	timer_port = port;
}

void complain(struct fuzz_run *run, const char *format, ...)
{
	va_list list;

	if (*run->complaint)
		return;
	va_start(list, format);
	vsnprintf(run->complaint, sizeof(run->complaint), format, list);
	va_end(list);
}

/* What the module was loaded with, and the two ports that need no parameter */
static bool may_touch(const struct fuzz_run *run, uint32_t port, uint32_t width, bool out)
{
	uint32_t byte;

	if (port == 0x80)
		return width == 1;
	if (port == timer_port)
		return width == 4 && !out;
	for (byte = port; byte < port + width; byte++) {
		bool device = (byte >= 0xe0 && byte <= 0xe3) || (byte >= 0xe8 && byte <= 0xeb);

		if (!(device && run->lie != FUZZ_LIE_PORTS) && byte != 0x5e9)
			return false;
	}
	return width == 1 || width == 2 || width == 4;
}

#define ARGUMENT	EFAULT, E2BIG, EINVAL
#define CALLER		EBADF, EPERM

/* The contract's list of errors, for each operation: up to 0. Its size; what it counts as. */
static const struct operation {
	uint8_t size;
	bool ports;
	uint8_t errors[10];
} operations[] = {
	[_IOC_NR(RINGPROBE_IOC_NOP)] = { 0, false, { EINVAL } },
	[_IOC_NR(RINGPROBE_IOC_INFO)] = { sizeof(struct ringprobe_info), false, { ARGUMENT } },
	[_IOC_NR(RINGPROBE_IOC_CPL)] = { sizeof(struct ringprobe_cpl), false, { ARGUMENT } },
	[_IOC_NR(RINGPROBE_IOC_STAMP)] = { sizeof(struct ringprobe_stamp), false, { ARGUMENT } },
	[_IOC_NR(RINGPROBE_IOC_PORT_IN)] =
		{ sizeof(struct ringprobe_port), true, { CALLER, ARGUMENT, EACCES } },
	[_IOC_NR(RINGPROBE_IOC_PORT_OUT)] =
		{ sizeof(struct ringprobe_port), true, { CALLER, ARGUMENT, EACCES } },
	[_IOC_NR(RINGPROBE_IOC_INSN)] =
		{ sizeof(struct ringprobe_insn), false, { CALLER, ARGUMENT } },
	[_IOC_NR(RINGPROBE_IOC_FAULT_ARM)] =
		{ sizeof(struct ringprobe_fault_arm), false,
		  { CALLER, ARGUMENT, ENOMEM, EOPNOTSUPP } },
	[_IOC_NR(RINGPROBE_IOC_FAULT_READ)] =
		{ sizeof(struct ringprobe_fault_read), false, { CALLER, ARGUMENT } },
	[_IOC_NR(RINGPROBE_IOC_PORT_BATCH_IN)] =
		{ sizeof(struct ringprobe_batch), true, { CALLER, ARGUMENT, EACCES, ENOMEM } },
	[_IOC_NR(RINGPROBE_IOC_PORT_BATCH)] =
		{ sizeof(struct ringprobe_batch), true, { CALLER, ARGUMENT, EACCES, ENOMEM } },
};

static const struct operation *operation_of(uint32_t number)
{
	uint32_t nr = number - RINGPROBE_IOC_NOP;

	return nr < sizeof(operations) / sizeof(*operations) ? &operations[nr] : NULL;
}

/* EBADF and EPERM exactly; of what is wrong with the argument, any. 0: it may succeed. */
static int refused(uint32_t number, const struct slot *slot)
{
	bool reads = number != RINGPROBE_IOC_PORT_OUT;
	bool writes = number == RINGPROBE_IOC_PORT_OUT || number == RINGPROBE_IOC_PORT_BATCH;

	if (number < RINGPROBE_IOC_PORT_IN)
		return 0;
	if ((reads && !slot->read) || (writes && !slot->write))
		return EBADF;
	return slot->rawio && caps & FUZZ_CAPS_RAWIO ? 0 : EPERM;
}

static uint32_t word_at(uint64_t address)
{
	uint32_t word;

	load(address, &word, sizeof(word));
	return word;
}

static void judge_errno(struct fuzz_run *run, const struct fuzz_call *call,
			const struct slot *slot, int err)
{
	const struct operation *operation = operation_of((uint32_t)call->a);
	int must = operation ? refused((uint32_t)call->a, slot) : ENOTTY;
	uint32_t i;

	/* it would be a worker that is armed */
	if (call->kind == FUZZ_URING && (uint32_t)call->a == RINGPROBE_IOC_FAULT_ARM && !err &&
	    word_at(call->b + offsetof(struct ringprobe_fault_arm, flags)))
		complain(run, "io_uring armed a worker");
	/* with these, before the number is looked at */
	if (call->kind == FUZZ_URING && call->a & (FUZZ_URING_ZERO | FUZZ_URING_FLAGS))
		must = EINVAL;
	if (must && err != must)
		complain(run, "errno %d where %d is due", err, must);
	if (must || !err)
		return;
	for (i = 0; i < sizeof(operation->errors) && operation->errors[i]; i++)
		if (operation->errors[i] == err && !(err == EINVAL && run->lie == FUZZ_LIE_ERRNO))
			return;
	complain(run, "errno %d, which the operation does not have", err);
}

/* A batch as it was before the call, its ops in @ops; no ops, where they are not in memory. */
static uint32_t load_batch(const struct fuzz_call *call, struct ringprobe_batch *batch,
			   struct ringprobe_op *ops)
{
	load(call->b, batch, sizeof(*batch));
	if (!batch->count || batch->count > RINGPROBE_BATCH_MAX ||
	    !is_memory(batch->ops, batch->count * sizeof(*ops)))
		return 0;
	load(batch->ops, ops, batch->count * sizeof(*ops));
	return batch->count;
}

/* Who listens at QEMU's debug port takes each byte for a mark of a test's, see ringprobe_test.h. */
static bool is_mark(uint32_t port)
{
	return port >= 0x5e6 && port <= 0x5e9;
}

bool writes_mark(const struct fuzz_call *call)
{
	static struct ringprobe_op ops[RINGPROBE_BATCH_MAX];
	struct ringprobe_batch batch;
	struct ringprobe_port access;
	uint32_t n, i;

	switch ((uint32_t)call->a) {
	case RINGPROBE_IOC_PORT_OUT:
		load(call->b, &access, sizeof(access));
		return is_mark(access.port);
	case RINGPROBE_IOC_PORT_BATCH:
		n = load_batch(call, &batch, ops);
		for (i = 0; i < n; i++)
			if (is_mark(ops[i].port) && ops[i].access & RINGPROBE_OP_OUT)
				return true;
	}
	return false;
}

/* What the answer to a batch changes, and what is counted for it. */
static void expect_batch(struct fuzz_run *run, const struct fuzz_call *call, int err,
			 struct counts *counts)
{
	static struct ringprobe_op ops[RINGPROBE_BATCH_MAX];
	struct ringprobe_batch batch;
	uint32_t n = load_batch(call, &batch, ops), i;

	if (!err && !n)
		complain(run, "a batch of %u ops at %#llx was done", batch.count,
			 (unsigned long long)batch.ops);
	for (i = 0; i < n; i++) {
		bool out = ops[i].access & RINGPROBE_OP_OUT;
		uint32_t width = ops[i].access & ~RINGPROBE_OP_OUT;

		/* its status, and if it was done its value */
		may_change(batch.ops + i * sizeof(ops[0]) + offsetof(struct ringprobe_op, status),
			   err ? 1 : out ? 1 : 5);
		if (!err && !may_touch(run, ops[i].port, width, out))
			complain(run, "op %u: port %#x was touched", i, ops[i].port);
		counts->in += !err && !out;
		counts->out += !err && out;
	}
	if (!err && batch.stamps)
		may_change(batch.stamps, n * sizeof(uint64_t));
	if (err != EBADF && err != EPERM)
		may_change(call->b + offsetof(struct ringprobe_batch, completed), 4);
}

static void expect_port(struct fuzz_run *run, const struct fuzz_call *call, int err,
			struct counts *counts)
{
	bool out = (uint32_t)call->a == RINGPROBE_IOC_PORT_OUT;
	struct ringprobe_port access;

	load(call->b, &access, sizeof(access));
	if (!err && !may_touch(run, access.port, access.width, out))
		complain(run, "port %#x, width %u was touched", access.port, access.width);
	counts->in += !err && !out;
	counts->out += !err && out;
}

/* Where all went well: of the answer all that the caller knows, but size and flags, may change. */
static void expect_answer(const struct fuzz_call *call, const struct operation *operation,
			  bool lie)
{
	uint32_t size;

	load(call->b, &size, sizeof(size));
	if (size > operation->size)
		size = operation->size;
	if (size > 8)
		may_change(call->b + 8, size - 8 - 8 * lie);
}

void read_counters(page_ptr page, struct counts *counts)
{
	*counts = (struct counts){ page->in, page->out, page->refused };
}

static void judge_counters(struct fuzz_run *run, page_ptr page, const struct counts *before,
			   const struct counts *made, bool refusal_counts, const char *whose)
{
	struct counts now;
	uint64_t refusals;

	read_counters(page, &now);
	refusals = now.refused - before->refused;
	if (now.in - before->in != made->in + (run->lie == FUZZ_LIE_COUNT) ||
	    now.out - before->out != made->out ||
	    (refusals != made->refused && (refusal_counts || refusals)))
		complain(run, "the counters of the %s: in +%llu, out +%llu, refused +%llu, "
			 "expected +%llu, +%llu, +%llu", whose,
			 (unsigned long long)(now.in - before->in),
			 (unsigned long long)(now.out - before->out),
			 (unsigned long long)refusals, (unsigned long long)made->in,
			 (unsigned long long)made->out, (unsigned long long)made->refused);
	run->refused += whose[0] == 'm' ? refusals : 0;
}

void judge_operation(struct fuzz_run *run, const struct fuzz_call *call,
			    const struct slot *slot, const struct counts *before, int err)
{
	const struct operation *operation = operation_of((uint32_t)call->a);
	bool sure = call->kind == FUZZ_IOCTL ||
		    !(call->a & (FUZZ_URING_ZERO | FUZZ_URING_FLAGS));
	struct counts made = { 0, 0, 0 };

	judge_errno(run, call, slot, err);
	if (operation && operation->ports) {
		made.refused = !!err;
		if (operation->size == sizeof(struct ringprobe_batch))
			expect_batch(run, call, err, &made);
		else
			expect_port(run, call, err, &made);
	}
	if (operation && !err && operation->size != sizeof(struct ringprobe_batch))
		expect_answer(call, operation, run->lie == FUZZ_LIE_MEMORY);
	judge_memory(run, call->b - 0x40, 0x100);
	if (slot->page)
		judge_counters(run, slot->page, &before[0], &made, sure, "file");
	if (run->alone)
		judge_counters(run, module_page, &before[1], &made, sure, "module");
	else
		run->refused += made.refused;
	run->in += made.in;
	run->out += made.out;
}
