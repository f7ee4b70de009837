// SPDX-License-Identifier: GPL-2.0
/*
 * RINGPROBE_IOC_CPL: what the kernel reports of both sides, against what this
 * program reads of itself with its own instructions, and against what the
 * kernel says elsewhere. Runs as a 64-bit and as a 32-bit program.
 */
#include "kselftest_harness.h"

#include <signal.h>
#include <sys/auxv.h>

#include "ringprobe_test.h"

#define FLAG_CF		0x00000001U
#define FLAG_FIXED	0x00000002U
#define FLAG_PF		0x00000004U
#define FLAG_AF		0x00000010U
#define FLAG_ZF		0x00000040U
#define FLAG_SF		0x00000080U
#define FLAG_TF		0x00000100U
#define FLAG_IF		0x00000200U
#define FLAG_DF		0x00000400U
#define FLAG_OF		0x00000800U
#define FLAG_IOPL	0x00003000U
#define FLAG_NT		0x00004000U
#define FLAG_AC		0x00040000U
#define FLAG_ID		0x00200000U

#define CR0_PE		0x00000001U
#define CR0_WP		0x00010000U
#define CR0_PG		0x80000000U

#define CR4_PAE		(1ULL << 5)
#define CR4_UMIP	(1ULL << 11)
#define CR4_FSGSBASE	(1ULL << 16)
#define CR4_SMEP	(1ULL << 20)
#define CR4_SMAP	(1ULL << 21)
#define CR4_FRED	(1ULL << 32)

#define EFER_SCE	0x001U
#define EFER_LME	0x100U
#define EFER_LMA	0x400U
#define EFER_NXE	0x800U

#define NR_IOCTL_32	54	/* in the table of int $0x80 */

PROGRAM_NEEDS(lacks_device)

FIXTURE(cpl) {
	int fd;
	struct ringprobe_cpl cpl;
};

static void poison(struct ringprobe_cpl *cpl)
{
	memset(cpl, POISON, sizeof(*cpl));
	cpl->size = sizeof(*cpl);
	cpl->flags = 0;
}

FIXTURE_SETUP(cpl)
{
	self->fd = open(RINGPROBE_DEVICE, O_RDONLY | O_CLOEXEC);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, pin(0));
	poison(&self->cpl);
	ASSERT_EQ(0, op(self->fd, RINGPROBE_IOC_CPL, &self->cpl));
}

FIXTURE_TEARDOWN(cpl)
{
	close(self->fd);
}

static uint32_t own_cs(void)
{
	unsigned long cs;

	__asm__ volatile("mov %%cs, %0" : "=r"(cs));
	return (uint32_t)cs;
}

/*
 * The call with these flags set at the very entry: @was is what PUSHF stored
 * just before. No compiled code runs with DF or AC set.
 */
#ifdef __x86_64__
static long call_with_flags(int fd, void *arg, uint64_t set, uint64_t *was)
{
	register long number __asm__("rax") = SYS_ioctl;

	__asm__ volatile("lea -128(%%rsp), %%rsp\n\t"	/* past the red zone */
			 "pushfq\n\t"
			 "push %[set]\n\t"
			 "popfq\n\t"
			 "pushfq\n\t"
			 "pop %[was]\n\t"
			 "syscall\n\t"
			 "popfq\n\t"
			 "lea 128(%%rsp), %%rsp"
			 : "+a"(number), [was] "=&r"(*was)
			 : "D"((long)fd), "S"((long)RINGPROBE_IOC_CPL), "d"(arg), [set] "r"(set)
			 : "rcx", "r11", "memory", "cc");
	return number;
}
#else
static long call_with_flags(int fd, void *arg, uint64_t set, uint64_t *was)
{
	long number = NR_IOCTL_32;
	uint32_t flags;

	__asm__ volatile("pushfl\n\t"
			 "push %[set]\n\t"
			 "popfl\n\t"
			 "pushfl\n\t"
			 "pop %[was]\n\t"
			 "int $0x80\n\t"
			 "popfl"
			 : "+a"(number), [was] "=&r"(flags)
			 : "b"(fd), "c"(RINGPROBE_IOC_CPL), "d"(arg), [set] "r"((uint32_t)set)
			 : "memory", "cc");
	*was = flags;
	return number;
}
#endif

/* Is @flag a word in the line of this name in /proc/cpuinfo? */
static int cpu_has(const char *flag)
{
	FILE *file = fopen("/proc/cpuinfo", "r");
	static char line[8192];
	char *word, *rest;
	int found = 0;

	while (file && !found && fgets(line, sizeof(line), file)) {
		if (strncmp(line, "flags", 5))
			continue;
		for (word = strtok_r(line, " \t\n", &rest); word && !found;
		     word = strtok_r(NULL, " \t\n", &rest))
			found = !strcmp(word, flag);
		break;
	}
	if (file)
		fclose(file);
	return found;
}

TEST_F(cpl, kernel_mode)
{
	EXPECT_EQ(0, self->cpl.kernel_cpl);
	EXPECT_EQ(0x10, self->cpl.kernel_cs);	/* __KERNEL_CS */
	EXPECT_EQ(FLAG_FIXED | FLAG_IF, self->cpl.kernel_rflags & (FLAG_FIXED | FLAG_IF));
	EXPECT_EQ(0, self->cpl.kernel_rflags & (FLAG_IOPL | FLAG_TF | FLAG_DF | FLAG_NT));
	EXPECT_EQ(0, self->cpl.kernel_rflags >> 22);
	EXPECT_TRUE(self->cpl.state & RINGPROBE_CPL_KERNEL_STACK_HIGH);
}

TEST_F(cpl, user_mode)
{
	EXPECT_EQ(3, self->cpl.user_cpl);
	EXPECT_EQ(own_cs(), self->cpl.user_cs);
	EXPECT_EQ(3, own_cs() & 3);
	EXPECT_FALSE(self->cpl.state & RINGPROBE_CPL_USER_STACK_HIGH);
	EXPECT_EQ(0, self->cpl.user_rflags >> 22);
}

TEST_F(cpl, all_is_filled_in)
{
	const uint32_t known = RINGPROBE_CPL_SMEP | RINGPROBE_CPL_SMAP | RINGPROBE_CPL_UMIP |
			       RINGPROBE_CPL_FSGSBASE | RINGPROBE_CPL_PTI | RINGPROBE_CPL_FRED |
			       RINGPROBE_CPL_USER_STACK_HIGH | RINGPROBE_CPL_KERNEL_STACK_HIGH;

	EXPECT_EQ(sizeof(self->cpl), self->cpl.size);
	EXPECT_EQ(0, self->cpl.flags);
	EXPECT_EQ(0, self->cpl.reserved);
	EXPECT_EQ(0, self->cpl.state & ~known);
}

/* Also what a reserved field of the reply holds on input is ignored. */
TEST_F(cpl, reserved_is_an_output)
{
	poison(&self->cpl);
	self->cpl.reserved = 0xffffffff;
	EXPECT_EQ(0, op(self->fd, RINGPROBE_IOC_CPL, &self->cpl));
	EXPECT_EQ(0, self->cpl.reserved);
}

TEST_F(cpl, flags_as_the_entry_saved_them)
{
	const uint64_t sets[] = {
		0, FLAG_CF, FLAG_PF | FLAG_AF | FLAG_ZF | FLAG_SF | FLAG_OF, FLAG_DF, FLAG_ID,
		FLAG_AC, FLAG_CF | FLAG_DF | FLAG_AC | FLAG_ID,
	};
	uint64_t was;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sets); i++) {
		poison(&self->cpl);
		ASSERT_EQ(0, call_with_flags(self->fd, &self->cpl,
					     sets[i] | FLAG_FIXED | FLAG_IF, &was));
		EXPECT_EQ(sets[i], was & sets[i]);
		EXPECT_EQ(was, self->cpl.user_rflags);
		EXPECT_TRUE(was & FLAG_IF);
		/* none of them goes on into the handler */
		EXPECT_EQ(0, self->cpl.kernel_rflags & (FLAG_DF | FLAG_IOPL | FLAG_TF));
		if (self->cpl.state & RINGPROBE_CPL_SMAP) {
			EXPECT_EQ(0, self->cpl.kernel_rflags & FLAG_AC);
		}
	}
}

TEST_F(cpl, control_registers)
{
	const uint64_t cr0 = CR0_PE | CR0_WP | CR0_PG;
	const uint64_t efer = EFER_SCE | EFER_LME | EFER_LMA;

	EXPECT_EQ(cr0, self->cpl.cr0 & cr0);
	EXPECT_EQ(0, self->cpl.cr0 >> 32);
	EXPECT_TRUE(self->cpl.cr4 & CR4_PAE);
	EXPECT_EQ(efer, self->cpl.efer & efer);
	EXPECT_EQ(cpu_has("nx"), !!(self->cpl.efer & EFER_NXE));
}

TEST_F(cpl, state_is_what_the_registers_say)
{
	const struct {
		uint32_t state;
		uint64_t cr4;
		const char *flag;
	} rows[] = {
		{ RINGPROBE_CPL_SMEP, CR4_SMEP, "smep" },
		{ RINGPROBE_CPL_SMAP, CR4_SMAP, "smap" },
		{ RINGPROBE_CPL_UMIP, CR4_UMIP, "umip" },
		{ RINGPROBE_CPL_FSGSBASE, CR4_FSGSBASE, "fsgsbase" },
		{ RINGPROBE_CPL_FRED, CR4_FRED, "fred" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		EXPECT_EQ(!!(self->cpl.cr4 & rows[i].cr4), !!(self->cpl.state & rows[i].state))
			TH_LOG("%s", rows[i].flag);
		EXPECT_EQ(cpu_has(rows[i].flag), !!(self->cpl.state & rows[i].state))
			TH_LOG("%s", rows[i].flag);
	}
	EXPECT_EQ(cpu_has("pti"), !!(self->cpl.state & RINGPROBE_CPL_PTI));
	/* AT_HWCAP2 bit 1: the kernel lets user mode run RDFSBASE */
#ifdef __x86_64__
	EXPECT_EQ(!!(getauxval(AT_HWCAP2) & 2), !!(self->cpl.state & RINGPROBE_CPL_FSGSBASE));
#endif
}

TEST_F(cpl, each_cpu)
{
	int cpu, seen = 0;

	for (cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (pin(cpu))
			continue;
		poison(&self->cpl);
		ASSERT_EQ(0, op(self->fd, RINGPROBE_IOC_CPL, &self->cpl));
		EXPECT_EQ((unsigned int)cpu, self->cpl.cpu);
		seen++;
	}
	EXPECT_EQ(sysconf(_SC_NPROCESSORS_ONLN), seen);
}

/* No word of the reply has the shape of an address in the kernel's half. */
TEST_F(cpl, no_kernel_address)
{
	uint64_t words[sizeof(self->cpl) / 8];
	size_t i;

	memcpy(words, &self->cpl, sizeof(words));
	for (i = 0; i < ARRAY_SIZE(words); i++) {
		EXPECT_NE(0xffffULL, words[i] >> 48);
	}
}

#ifdef __x86_64__
TEST_F(cpl, entry_by_syscall)
{
	EXPECT_EQ(RINGPROBE_ENTRY_SYSCALL64, self->cpl.entry);
	EXPECT_EQ(0x33, self->cpl.user_cs);
}

static void no_int80(int signal)
{
	_exit(signal == SIGSEGV ? 255 : 1);	/* 255: the harness's SKIP */
}

/* 64-bit code through the 32-bit door: the argument must lie low. */
TEST_F(cpl, entry_by_int80)
{
	struct ringprobe_cpl *low;
	long ret = NR_IOCTL_32;

	low = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	ASSERT_NE((void *)MAP_FAILED, (void *)low);
	poison(low);
	signal(SIGSEGV, no_int80);	/* ia32_emulation=0 */
	__asm__ volatile("int $0x80"
			 : "+a"(ret)
			 : "b"((long)self->fd), "c"((long)RINGPROBE_IOC_CPL), "d"(low)
			 : "r8", "r9", "r10", "r11", "memory", "cc");
	ASSERT_EQ(0, ret);
	EXPECT_EQ(RINGPROBE_ENTRY_INT80, low->entry);
	EXPECT_EQ(own_cs(), low->user_cs);
	EXPECT_EQ(3, low->user_cpl);
	EXPECT_EQ(0, low->kernel_cpl);
	EXPECT_EQ(0, low->reserved);
}
#else
/* The C library's door: SYSENTER or SYSCALL through the vDSO, or int $0x80. */
TEST_F(cpl, entry_from_32_bit_code)
{
	EXPECT_EQ(RINGPROBE_ENTRY_COMPAT, self->cpl.entry);
	EXPECT_EQ(0x23, self->cpl.user_cs);
}

TEST_F(cpl, entry_from_32_bit_code_by_int80)
{
	uint64_t was;

	poison(&self->cpl);
	ASSERT_EQ(0, call_with_flags(self->fd, &self->cpl, FLAG_FIXED | FLAG_IF, &was));
	EXPECT_EQ(RINGPROBE_ENTRY_COMPAT, self->cpl.entry);
}
#endif

TEST_HARNESS_MAIN
