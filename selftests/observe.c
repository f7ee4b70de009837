// SPDX-License-Identifier: GPL-2.0
/*
 * The atlas' judges on runs that never were: what a child or the module would
 * bring back, made up here one field at a time, so that each thing that a verdict
 * hangs on is seen to count. Needs no module, no root and no particular CPU.
 */
#include "kselftest_harness.h"

#include <signal.h>
#include <stdint.h>
#include <string.h>

#include "dev.h"
#include "observe.h"
#include "priv.h"
#include "reach.h"
#include "ring0.h"
#include "ringprobe_test.h"

#define CPL3		0x33
#define IF		0x200
#define IOPL		0x3000
#define ZF		0x40
#define UD		6
#define GP		13
#define GDT_BASE	0xfffffffffffe0000ULL	/* arch/x86/kernel/umip.c */
#define IDT_BASE	0xffffffffffff0000ULL
#define UMIP_CR0	0x80050033
#define UMIP_TR		0x40

static struct run_report said;
static struct ringprobe_insn said0;
static struct predict_cpu cpu;
static const struct deviate *deviation;

const struct predict_cpu *predict_this_cpu(void)
{
	return &cpu;
}

const struct deviate *deviate_known(const struct atlas_entry *entry, int ring, enum run_mode mode)
{
	(void)entry;
	(void)ring;
	(void)mode;
	return deviation;
}

void run_registers(__u64 *regs)
{
	memset(regs, 0, RUN_REGS * sizeof(*regs));
}

bool run_mode_there(enum run_mode mode)
{
	(void)mode;
	return true;
}

void run_code(const struct run_request *request, struct run_report *report)
{
	*report = said;
	report->mode = request->mode;
}

int reach_open(bool writes)
{
	return open("/dev/null", writes ? O_WRONLY : O_RDONLY);
}

void priv_rawio(bool on)
{
	(void)on;
}

int dev_insn(int fd, struct ringprobe_insn *insn)
{
	(void)fd;
	*insn = said0;
	return 0;
}

int dev_port(int fd, bool out, __u32 port, __u32 bytes, __u32 *value, __u64 *ticks)
{
	(void)fd;
	(void)out;
	(void)port;
	(void)bytes;
	(void)value;
	(void)ticks;
	return -EACCES;
}

static void nothing_said(void)
{
	memset(&said0, 0, sizeof(said0));
	memset(&said, 0, sizeof(said));
	memset(&cpu, 0, sizeof(cpu));
	deviation = NULL;
	said.rflags = 2 | IF;
}

static void say_executed(uint64_t rax, uint64_t rflags)
{
	said.outcome = RUN_EXECUTED;
	said.regs[RUN_RAX] = rax;
	said.rflags = rflags;
}

static void say_table(uint16_t limit, uint64_t base)
{
	say_executed(0, 2 | IF);
	memcpy(said.scratch, &limit, sizeof(limit));
	memcpy((char *)said.scratch + sizeof(limit), &base, sizeof(base));
}

static void say_fault(int trap, uint64_t error, int signal, uint32_t cs)
{
	said.outcome = RUN_SIGNAL;
	said.trap = trap;
	said.error = error;
	said.signal = signal;
	said.cs = cs;
}

static struct observe seen_in(enum run_mode mode, const char *name)
{
	struct observe result;

	observe(atlas_find(name), mode, 1, &result);
	return result;
}

#define EXPECT_SEEN_IN(mode, what, is, name) do {			\
	struct observe seen = seen_in(mode, name);			\
									\
	EXPECT_EQ(PREDICT_##what, seen.verdict);			\
	EXPECT_EQ(OBSERVE_##is, seen.match);				\
} while (0)

#define EXPECT_SEEN(what, is, name)	EXPECT_SEEN_IN(RUN_MODE_64, what, is, name)

TEST(spoofed_if_made_up)
{
	nothing_said();
	cpu.umip = true;
	say_table(0, GDT_BASE);
	EXPECT_SEEN(SPOOFED, AS_PREDICTED, "sgdt");
	EXPECT_SEEN(WORKS, DIFFERS, "sidt");
	say_table(0, IDT_BASE);
	EXPECT_SEEN(SPOOFED, AS_PREDICTED, "sidt");
	EXPECT_SEEN(WORKS, DIFFERS, "sgdt");
	say_table(0x7f, GDT_BASE);
	EXPECT_SEEN(WORKS, DIFFERS, "sgdt");
	say_table(0, 0xfffffe0000001000);
	EXPECT_SEEN(WORKS, DIFFERS, "sgdt");
	say_executed(UMIP_CR0, 2 | IF);
	EXPECT_SEEN(SPOOFED, AS_PREDICTED, "smsw");
	EXPECT_SEEN(WORKS, DIFFERS, "str");
	EXPECT_SEEN(WORKS, DIFFERS, "sldt");
	say_executed(UMIP_TR, 2 | IF);
	EXPECT_SEEN(SPOOFED, AS_PREDICTED, "str");
	EXPECT_SEEN(WORKS, DIFFERS, "smsw");
	say_executed(0, 2 | IF);
	EXPECT_SEEN(SPOOFED, AS_PREDICTED, "sldt");
	EXPECT_SEEN(WORKS, DIFFERS, "str");
}

/* Of 6 bytes; what lies behind them is not its. */
TEST(spoofed_in_compatibility_mode)
{
	nothing_said();
	cpu.umip = true;
	say_table(0, GDT_BASE & 0xffffffff);
	EXPECT_SEEN_IN(RUN_MODE_32, SPOOFED, AS_PREDICTED, "sgdt");
	EXPECT_SEEN(WORKS, DIFFERS, "sgdt");
	say_table(0, GDT_BASE);
	EXPECT_SEEN_IN(RUN_MODE_32, SPOOFED, AS_PREDICTED, "sgdt");
	say_table(0, IDT_BASE & 0xffffffff);
	EXPECT_SEEN_IN(RUN_MODE_32, WORKS, DIFFERS, "sgdt");
}

/* Then the CPU answered, whatever it said. */
TEST(not_spoofed_without_umip)
{
	nothing_said();
	say_table(0, GDT_BASE);
	EXPECT_SEEN(WORKS, AS_PREDICTED, "sgdt");
	say_executed(UMIP_CR0, 2 | IF);
	EXPECT_SEEN(WORKS, AS_PREDICTED, "smsw");
}

TEST(ignored_if_the_flags_are_as_before)
{
	nothing_said();
	say_executed(0, 2 | IF);
	EXPECT_SEEN(IGNORED, AS_PREDICTED, "iopl_cli");
	EXPECT_SEEN(IGNORED, AS_PREDICTED, "popf_if");
	EXPECT_SEEN(IGNORED, AS_PREDICTED, "popf_iopl");
	EXPECT_SEEN(EMULATED, AS_PREDICTED, "iopl_in");
	say_executed(0, 2);
	EXPECT_SEEN(WORKS, DIFFERS, "iopl_cli");
	EXPECT_SEEN(WORKS, DIFFERS, "popf_if");
	say_executed(0, 2 | IF | IOPL);
	EXPECT_SEEN(WORKS, DIFFERS, "popf_iopl");
	EXPECT_SEEN(WORKS, DIFFERS, "iopl_in");
}

TEST(absent_if_the_cpu_says_so)
{
	nothing_said();
	say_fault(UD, 0, SIGILL, CPL3);
	EXPECT_SEEN(FAULTS, AS_PREDICTED, "ud2");
	EXPECT_SEEN(ABSENT, AS_PREDICTED, "stac");
	EXPECT_SEEN(ABSENT, AS_PREDICTED, "rdpid");
	EXPECT_SEEN(FAULTS, DIFFERS, "hlt");
	cpu.smap = true;
	cpu.rdpid = true;
	EXPECT_SEEN(FAULTS, AS_PREDICTED, "stac");
	EXPECT_SEEN(FAULTS, DIFFERS, "rdpid");
	cpu.smap = false;
	say_fault(GP, 0, SIGSEGV, CPL3);
	EXPECT_SEEN(FAULTS, DIFFERS, "stac");
	say_executed(0, 2 | IF);
	EXPECT_SEEN(WORKS, DIFFERS, "stac");
}

/* CPUID's answer is a hypervisor's, who may not be able to take away what he denies. */
TEST(denied_and_there_all_the_same)
{
	const char *const names[] = { "rdpid", "vmrun", "vmcall" };

	nothing_said();
	cpu.hypervisor = true;
	say_executed(0, 2 | IF);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		cpu.hides = false;
		if (i < 2)
			EXPECT_SEEN(WORKS, DIFFERS, names[i]);
		cpu.hides = true;
		EXPECT_SEEN(WORKS, OPEN, names[i]);
	}
	cpu.rdpid = cpu.svm = true;
	say_fault(13, 0, SIGSEGV, 0x33);
	EXPECT_SEEN(FAULTS, DIFFERS, "rdpid");
}

TEST(each_part_of_a_fault_counts)
{
	const struct deviate other = { .vector = GP, .error = 0xe2 };

	nothing_said();
	say_fault(GP, 0x72, SIGSEGV, CPL3);
	EXPECT_SEEN(FAULTS, AS_PREDICTED, "int_gate");
	EXPECT_SEEN(FAULTS, DIFFERS, "int_nmi");
	EXPECT_SEEN(FAULTS, DIFFERS, "hlt");
	say_fault(GP, 0xe2, SIGSEGV, CPL3);
	EXPECT_SEEN(FAULTS, DIFFERS, "int_gate");
	deviation = &other;
	EXPECT_SEEN(FAULTS, KNOWN, "int_gate");
	say_fault(GP, 0xe3, SIGSEGV, CPL3);
	EXPECT_SEEN(FAULTS, DIFFERS, "int_gate");
	deviation = NULL;
	say_fault(UD, 0x72, SIGSEGV, CPL3);
	EXPECT_SEEN(FAULTS, DIFFERS, "int_gate");
	say_fault(GP, 0x72, SIGBUS, CPL3);
	EXPECT_SEEN(FAULTS, DIFFERS, "int_gate");
	say_fault(GP, 0x72, SIGSEGV, 0x10);
	EXPECT_SEEN(FAULTS, DIFFERS, "int_gate");
	say_fault(GP, 0x72, SIGSEGV, RUN_CS_32);
	EXPECT_SEEN(FAULTS, DIFFERS, "int_gate");
	EXPECT_SEEN_IN(RUN_MODE_32, FAULTS, AS_PREDICTED, "int_gate");
	say_fault(GP, 0x72, SIGSEGV, CPL3);
	EXPECT_SEEN_IN(RUN_MODE_32, FAULTS, DIFFERS, "int_gate");
}

TEST(answers)
{
	nothing_said();
	say_executed(0, 2 | IF | ZF);
	EXPECT_SEEN(WORKS, AS_PREDICTED, "lar_user");
	EXPECT_SEEN(WORKS, DIFFERS, "lar_kernel");
	say_executed(0, 2 | IF);
	EXPECT_SEEN(WORKS, DIFFERS, "lar_user");
	EXPECT_SEEN(WORKS, AS_PREDICTED, "lar_kernel");
	EXPECT_SEEN(WORKS, DIFFERS, "hlt");
}

TEST(no_result_is_no_proof)
{
	nothing_said();
	EXPECT_SEEN(NOT_RUN, NOT_RUN, "hlt");
	said.outcome = RUN_TIMEOUT;
	EXPECT_SEEN(HANGS, DIFFERS, "hlt");
	said.outcome = RUN_KILLED;
	said.signal = SIGSEGV;
	said.trap = -1;
	EXPECT_SEEN(FAULTS, DIFFERS, "hlt");
	say_fault(GP, 0, SIGSEGV, CPL3);
	EXPECT_SEEN(FAULTS, AS_PREDICTED, "hlt");
	EXPECT_SEEN_IN(RUN_MODE_32, NOT_RUN, NO_FORM, "swapgs");
}

static struct ring0 seen0(const char *name, uint32_t status, uint32_t vector)
{
	struct ring0 result;

	said0.status = status;
	said0.vector = vector;
	ring0_run(atlas_find(name), &result);
	return result;
}

#define EXPECT_SEEN0(what, does_differ, name, status, vector) do {	\
	struct ring0 seen = seen0(name, RINGPROBE_INSN_##status, vector);	\
									\
	EXPECT_EQ(RING0_##what, seen.outcome);				\
	EXPECT_EQ(does_differ, seen.differs);				\
} while (0)

TEST(ring0)
{
	const struct deviate known = { .ring = 0, .vector = UD };

	nothing_said();
	EXPECT_SEEN0(DONE, false, "mov_from_cr0", EXECUTED, 0);
	EXPECT_SEEN0(FAULTED, true, "mov_from_cr0", FAULTED, GP);
	EXPECT_SEEN0(ABSENT, false, "mov_from_cr0", ABSENT, 0);
	EXPECT_SEEN0(FAULTED, false, "xgetbv_7", FAULTED, GP);
	EXPECT_SEEN0(FAULTED, true, "xgetbv_7", FAULTED, UD);
	EXPECT_SEEN0(DONE, true, "xgetbv_7", EXECUTED, 0);
	EXPECT_SEEN0(REFUSED, false, "in_al_dx", EXECUTED, 0);
	EXPECT_SEEN0(LEFT_OUT, false, "ud2", EXECUTED, 0);
	deviation = &known;
	EXPECT_SEEN0(FAULTED, false, "rdpmc", FAULTED, UD);
	EXPECT_SEEN0(FAULTED, true, "rdpmc", FAULTED, GP);
	EXPECT_SEEN0(DONE, true, "xgetbv_7", EXECUTED, 0);
}

TEST_HARNESS_MAIN
