// SPDX-License-Identifier: GPL-2.0
/*
 * RINGPROBE_IOC_INSN: every entry of the catalogue, its value against what is
 * known from elsewhere; every wrong argument; and all of it from several threads
 * at once. INSN_ROUNDS= says how often (200).
 */
#include "kselftest_harness.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "ringprobe_test.h"

#define FLAG_IF		0x200U
#define FLAG_IOPL	0x3000U
#define FLAG_AC		0x40000U
#define CR4_OSXSAVE	(1ULL << 18)
#define CR4_SMAP	(1ULL << 21)
#define CR0_TS		8U
#define GP		13
#define UD		6
#define KERNEL_CS	0x10
#define USER_CS		0x33
#define THREADS		4

static const char *lacks_right(void)
{
	struct ringprobe_insn insn = insn_of(RINGPROBE_INSN_PUSHF, 0);
	int fd = open(RINGPROBE_DEVICE, O_RDONLY | O_CLOEXEC);
	int err = fd < 0 ? errno : op(fd, RINGPROBE_IOC_INSN, &insn);

	if (fd >= 0)
		close(fd);
	return err ? "instructions in ring 0 need the module and CAP_SYS_RAWIO" : NULL;
}

PROGRAM_NEEDS(lacks_right)

FIXTURE(insn) {
	int fd;
	struct ringprobe_cpl cpl;
};

FIXTURE_SETUP(insn)
{
	self->fd = open(RINGPROBE_DEVICE, O_RDONLY | O_CLOEXEC);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, pin(0));
	memset(&self->cpl, 0, sizeof(self->cpl));
	self->cpl.size = sizeof(self->cpl);
	ASSERT_EQ(0, op(self->fd, RINGPROBE_IOC_CPL, &self->cpl));
}

FIXTURE_TEARDOWN(insn)
{
	close(self->fd);
}

static struct ringprobe_insn run(struct __test_metadata *_metadata, int fd, uint32_t number,
				 uint32_t operand)
{
	struct ringprobe_insn insn = insn_of(number, operand);

	EXPECT_EQ(0, op(fd, RINGPROBE_IOC_INSN, &insn));
	EXPECT_EQ(number, insn.insn);
	EXPECT_EQ(operand, insn.operand);
	EXPECT_EQ(0, insn.pointer);
	EXPECT_EQ(0, insn.cpl);
	EXPECT_EQ(0, insn.cpu);
	EXPECT_EQ(0, insn.notes);
	EXPECT_EQ(0, insn.reserved);
	return insn;
}

#define RUN(number)	run(_metadata, self->fd, number, 0)

#define EXPECT_EXECUTED(insn) do {					\
	EXPECT_EQ(RINGPROBE_INSN_EXECUTED, (insn).status);		\
	EXPECT_EQ(0, (insn).vector);					\
	EXPECT_LT(0, (insn).ticks);					\
} while (0)

/* Refused by the CPU, and the kernel lived to tell. */
#define EXPECT_FAULT(number, insn) do {					\
	EXPECT_EQ(RINGPROBE_INSN_FAULTED, (insn).status);		\
	EXPECT_EQ(number, (insn).vector);				\
	EXPECT_EQ(0, (insn).value[0]);					\
	EXPECT_EQ(0, (insn).value[1]);					\
} while (0)

TEST_F(insn, control_registers)
{
	struct ringprobe_insn cr0 = RUN(RINGPROBE_INSN_READ_CR0);
	struct ringprobe_insn cr4 = RUN(RINGPROBE_INSN_READ_CR4);
	struct ringprobe_insn cr3 = RUN(RINGPROBE_INSN_READ_CR3);
	struct ringprobe_insn cr8 = RUN(RINGPROBE_INSN_READ_CR8);
	struct ringprobe_insn dr7 = RUN(RINGPROBE_INSN_READ_DR7);

	EXPECT_EXECUTED(cr0);
	EXPECT_EQ(self->cpl.cr0, cr0.value[0]);
	EXPECT_EXECUTED(cr4);
	EXPECT_EQ(self->cpl.cr4, cr4.value[0]);
	EXPECT_EXECUTED(cr3);
	EXPECT_NE(0, cr3.value[0] & ~0xfffULL);
	EXPECT_EXECUTED(cr8);
	EXPECT_GE(15, cr8.value[0]);
	EXPECT_EXECUTED(dr7);
	EXPECT_EQ(0x400, dr7.value[0] & 0x400);		/* bit 10 is always 1 */
	EXPECT_EQ(self->cpl.efer, RUN(RINGPROBE_INSN_RDMSR_EFER).value[0]);
}

/* A page fault of ours leaves its address in CR2, unless another comes in between. */
TEST_F(insn, cr2_is_the_last_fault)
{
	volatile char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct ringprobe_insn insn = insn_of(RINGPROBE_INSN_READ_CR2, 0);
	int found = 0, i;

	ASSERT_NE(MAP_FAILED, page);
	for (i = 0; i < 100 && !found; i++) {
		ASSERT_EQ(0, madvise((void *)page, 4096, MADV_DONTNEED));
		page[0x123] = 1;
		ASSERT_EQ(0, op(self->fd, RINGPROBE_IOC_INSN, &insn));
		found = insn.value[0] == (uintptr_t)page + 0x123;
	}
	EXPECT_TRUE(found);
	munmap((void *)page, 4096);
}

TEST_F(insn, model_specific_registers)
{
	struct ringprobe_insn star = RUN(RINGPROBE_INSN_RDMSR_STAR);
	struct ringprobe_insn lstar = RUN(RINGPROBE_INSN_RDMSR_LSTAR);
	struct ringprobe_insn unknown = RUN(RINGPROBE_INSN_RDMSR_UNKNOWN);

	EXPECT_EXECUTED(star);
	EXPECT_EQ(KERNEL_CS, star.value[0] >> 32 & 0xffff);	/* what SYSCALL loads */
	EXPECT_EQ(0x23, star.value[0] >> 48);			/* what SYSRET counts from */
	EXPECT_EXECUTED(lstar);
	EXPECT_EQ(1, lstar.value[0] >> 63);
	/* QEMU's TCG reads 0 from any number */
	if (unknown.status == RINGPROBE_INSN_FAULTED)
		EXPECT_FAULT(GP, unknown);
	else
		EXPECT_EQ(0, unknown.value[0]);
}

TEST_F(insn, descriptor_tables)
{
	struct ringprobe_insn gdt = RUN(RINGPROBE_INSN_SGDT), idt = RUN(RINGPROBE_INSN_SIDT);
	struct ringprobe_insn str = RUN(RINGPROBE_INSN_STR), sldt = RUN(RINGPROBE_INSN_SLDT);
	struct ringprobe_insn smsw = RUN(RINGPROBE_INSN_SMSW);

	EXPECT_EXECUTED(gdt);
	EXPECT_EQ(0x7f, gdt.value[0]);
	EXPECT_EQ(1, gdt.value[1] >> 63);
	EXPECT_EXECUTED(idt);
	EXPECT_EQ(0xfff, idt.value[0]);
	EXPECT_EQ(1, idt.value[1] >> 63);
	EXPECT_EXECUTED(str);
	EXPECT_EQ(0x40, str.value[0]);
	EXPECT_EXECUTED(sldt);
	EXPECT_EQ(0, sldt.value[0]);
	EXPECT_EXECUTED(smsw);
	EXPECT_EQ(self->cpl.cr0 & 0xffff, smsw.value[0] & 0xffff);
}

/* Of the whole table: the kernel's segments with DPL 0, the user's with 3, none between. */
TEST_F(insn, lar_over_the_gdt)
{
	unsigned int of_level[4] = { 0 };
	struct ringprobe_insn insn;
	uint32_t selector;

	for (selector = 0; selector <= 0x7f; selector += 8) {
		insn = run(_metadata, self->fd, RINGPROBE_INSN_LAR, selector);
		EXPECT_EXECUTED(insn);
		if (insn.value[1])
			of_level[insn.value[0] >> 13 & 3]++;
		else
			EXPECT_EQ(0, insn.value[0]);
	}
	EXPECT_LE(2, of_level[0]);
	EXPECT_EQ(0, of_level[1]);
	EXPECT_EQ(0, of_level[2]);
	EXPECT_LE(3, of_level[3]);
	insn = run(_metadata, self->fd, RINGPROBE_INSN_LAR, KERNEL_CS);
	EXPECT_EQ(0x9b00, insn.value[0] & 0xff00);
	insn = run(_metadata, self->fd, RINGPROBE_INSN_LAR, USER_CS);
	EXPECT_EQ(0xfb00, insn.value[0] & 0xff00);
	insn = run(_metadata, self->fd, RINGPROBE_INSN_LAR, 0xffff);
	EXPECT_EQ(0, insn.value[1]);
}

TEST_F(insn, flags)
{
	struct ringprobe_insn pushf = RUN(RINGPROBE_INSN_PUSHF);
	struct ringprobe_insn cli = RUN(RINGPROBE_INSN_CLI_STI);
	struct ringprobe_insn stac = RUN(RINGPROBE_INSN_STAC_CLAC);

	EXPECT_EXECUTED(pushf);
	EXPECT_EQ(FLAG_IF, pushf.value[0] & (FLAG_IF | FLAG_IOPL | FLAG_AC));
	EXPECT_EXECUTED(cli);
	EXPECT_EQ(0, cli.value[0] & FLAG_IF);
	if (self->cpl.cr4 & CR4_SMAP) {
		EXPECT_EXECUTED(stac);
		EXPECT_EQ(FLAG_AC, stac.value[0] & FLAG_AC);
	} else {
		EXPECT_EQ(RINGPROBE_INSN_ABSENT, stac.status);
	}
	/* and what they changed was put back */
	EXPECT_EQ(FLAG_IF, RUN(RINGPROBE_INSN_PUSHF).value[0] & (FLAG_IF | FLAG_AC));
}

TEST_F(insn, clts_invlpg_hlt)
{
	struct ringprobe_insn clts = RUN(RINGPROBE_INSN_CLTS);
	struct ringprobe_insn invlpg = RUN(RINGPROBE_INSN_INVLPG);
	struct ringprobe_insn hlt = RUN(RINGPROBE_INSN_HLT);

	EXPECT_EXECUTED(clts);
	EXPECT_EQ(self->cpl.cr0 & ~CR0_TS, clts.value[0]);
	EXPECT_EXECUTED(invlpg);
	EXPECT_EXECUTED(hlt);
	EXPECT_GE(1, hlt.value[0]);
}

TEST_F(insn, what_a_cpu_may_refuse)
{
	struct ringprobe_insn xcr0 = RUN(RINGPROBE_INSN_XGETBV_0);
	struct ringprobe_insn xcr7 = RUN(RINGPROBE_INSN_XGETBV_7);
	struct ringprobe_insn pmc = RUN(RINGPROBE_INSN_RDPMC);

	if (self->cpl.cr4 & CR4_OSXSAVE) {
		EXPECT_EXECUTED(xcr0);
		EXPECT_EQ(3, xcr0.value[0] & 3);	/* x87 and SSE */
		EXPECT_FAULT(GP, xcr7);
	} else {
		EXPECT_EQ(RINGPROBE_INSN_ABSENT, xcr0.status);
		EXPECT_EQ(RINGPROBE_INSN_ABSENT, xcr7.status);
	}
	/* a CPU without counters says #GP, QEMU's TCG #UD */
	if (pmc.status == RINGPROBE_INSN_FAULTED) {
		EXPECT_TRUE(pmc.vector == GP || pmc.vector == UD);
		EXPECT_EQ(0, pmc.value[0]);
	}
}

TEST_F(insn, read_user)
{
	struct ringprobe_insn insn = insn_of(RINGPROBE_INSN_READ_USER, 0);
	uint64_t own = 0x0123456789abcdefULL;

	insn.pointer = (uintptr_t)&own;
	ASSERT_EQ(0, op(self->fd, RINGPROBE_IOC_INSN, &insn));
	EXPECT_EXECUTED(insn);
	EXPECT_EQ(own, insn.value[0]);
	EXPECT_EQ(0, insn.cpl);
}

/* The call fails with @err, and the argument is as it was. */
#define EXPECT_REFUSED(err, insn) do {					\
	struct ringprobe_insn was = insn;				\
									\
	EXPECT_EQ(err, op(self->fd, RINGPROBE_IOC_INSN, &(insn)));	\
	EXPECT_EQ(0, memcmp(&was, &(insn), sizeof(was)));		\
} while (0)

TEST_F(insn, unknown_entries)
{
	const uint32_t unknown[] = { 0, RINGPROBE_INSN_MAX + 1, RINGPROBE_INSN_MAX + 2, 0xff, 0x100,
				     0x7fffffff, 0x80000000, 0xffffffff };
	struct ringprobe_insn insn;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(unknown); i++) {
		insn = insn_of(unknown[i], 0);
		EXPECT_REFUSED(EINVAL, insn);
	}
	for (i = 5; i < 32; i++) {
		insn = insn_of(RINGPROBE_INSN_PUSHF | 1U << i, 0);
		EXPECT_REFUSED(EINVAL, insn);
	}
}

TEST_F(insn, arguments_that_are_not_taken)
{
	struct ringprobe_insn insn;
	uint64_t own = 0;
	uint32_t number;

	for (number = 1; number <= RINGPROBE_INSN_MAX; number++) {
		if (number != RINGPROBE_INSN_LAR) {
			insn = insn_of(number, 1);
			if (number == RINGPROBE_INSN_READ_USER)
				insn.pointer = (uintptr_t)&own;
			EXPECT_REFUSED(EINVAL, insn);
		}
		if (number != RINGPROBE_INSN_READ_USER) {
			insn = insn_of(number, 0);
			insn.pointer = (uintptr_t)&own;
			EXPECT_REFUSED(EINVAL, insn);
		}
	}
	insn = insn_of(RINGPROBE_INSN_LAR, 0x10000);
	EXPECT_REFUSED(EINVAL, insn);
	insn = insn_of(RINGPROBE_INSN_LAR, 0x80000010);
	EXPECT_REFUSED(EINVAL, insn);
}

/* Nothing but the caller's own readable memory, whole. */
TEST_F(insn, unreadable_memory)
{
	char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct ringprobe_insn insn = insn_of(RINGPROBE_INSN_READ_USER, 0);
	uint64_t bad[] = { 0, 1, 0xffff888000000000ULL, 0xffffffff81000000ULL,
			   0xfffffe0000000000ULL, 0x8000000000000000ULL, ~0ULL, 0, 0 };
	size_t i;

	ASSERT_NE(MAP_FAILED, page);
	ASSERT_EQ(0, mprotect(page + 4096, 4096, PROT_NONE));
	bad[ARRAY_SIZE(bad) - 2] = (uintptr_t)page + 4096;
	bad[ARRAY_SIZE(bad) - 1] = (uintptr_t)page + 4096 - 7;
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		insn.pointer = bad[i];
		EXPECT_REFUSED(EFAULT, insn);
	}
	munmap(page, 8192);
}

TEST_F(insn, write_only_descriptor)
{
	struct ringprobe_insn insn = insn_of(RINGPROBE_INSN_PUSHF, 0), was = insn;
	int fd = open(RINGPROBE_DEVICE, O_WRONLY | O_CLOEXEC);

	ASSERT_LE(0, fd);
	EXPECT_EQ(EBADF, op(fd, RINGPROBE_IOC_INSN, &insn));
	EXPECT_EQ(0, memcmp(&was, &insn, sizeof(was)));
	close(fd);
}

struct worker {
	pthread_t thread;
	int fd;
	unsigned int rounds, failed;
};

static void *work(void *arg)
{
	struct worker *worker = arg;
	struct ringprobe_insn insn;
	uint64_t own = 42;
	unsigned int i;
	uint32_t number;

	for (i = 0; i < worker->rounds; i++) {
		for (number = 1; number <= RINGPROBE_INSN_MAX; number++) {
			insn = insn_of(number, 0);
			if (number == RINGPROBE_INSN_READ_USER)
				insn.pointer = (uintptr_t)&own;
			worker->failed += !!op(worker->fd, RINGPROBE_IOC_INSN, &insn) || insn.cpl;
		}
	}
	return NULL;
}

TEST_F_TIMEOUT(insn, all_at_once, 3600)
{
	const char *wanted = getenv("INSN_ROUNDS");
	int rounds = wanted ? atoi(wanted) : 200;
	struct worker workers[THREADS];
	int i;

	ASSERT_LT(0, rounds);
	TH_LOG("each of %d entries %d times in each of %d threads", RINGPROBE_INSN_MAX, rounds,
	       THREADS);
	ASSERT_EQ(0, unpin());
	for (i = 0; i < THREADS; i++) {
		workers[i] = (struct worker){ .fd = self->fd };
		workers[i].rounds = (unsigned int)rounds;
		ASSERT_EQ(0, pthread_create(&workers[i].thread, NULL, work, &workers[i]));
	}
	for (i = 0; i < THREADS; i++) {
		pthread_join(workers[i].thread, NULL);
		EXPECT_EQ(0, workers[i].failed);
	}
}

TEST_HARNESS_MAIN
