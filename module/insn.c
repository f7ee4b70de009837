// SPDX-License-Identifier: GPL-2.0
/*
 * The catalogue of instructions that are run at CPL 0 because they do no harm:
 * a row each. Whatever a CPU or a hypervisor may refuse has an exception-table
 * entry, so that a refusal is a result and never an oops. Every row runs with
 * preemption off and takes its own two stamps.
 */
#include <linux/hrtimer.h>
#include <linux/nospec.h>
#include <linux/security.h>
#include <linux/smp.h>
#include <linux/uaccess.h>
#include <asm/asm.h>
#include <asm/cpufeature.h>
#include <asm/desc_defs.h>
#include <asm/smap.h>
#include <asm/special_insns.h>

#include <ringprobe_stamp.h>
#include "compat.h"
#include "ringprobe.h"

#define CPL_MASK	3	/* CS bits 0-1 */
#define MSR_UNKNOWN	0x400000ff	/* Intel SDM vol. 4: a range that no CPU will use */

/*
 * GUARDED - run @text; true if it faulted. The kernel then leaves the vector in
 * AX (EX_TYPE_FAULT), so AX has to be among the results.
 */
#define OUTPUTS(...)	__VA_ARGS__
#define GUARDED(text, result, ...) ({					\
	int faulted = 1;						\
									\
	asm volatile("1: " text "\n\txor %[faulted], %[faulted]\n2:\n\t"	\
		     _ASM_EXTABLE_FAULT(1b, 2b)				\
		     : [faulted] "+r"(faulted), result : __VA_ARGS__	\
		     : "memory", "cc");					\
	faulted;							\
})

/* Everything that is read into one register, which AX has to be. */
#define READER(name, text)						\
static void name(struct ringprobe_insn *insn)				\
{									\
	unsigned long value = 0;					\
	u64 before = ringprobe_stamp();					\
	int faulted = GUARDED(text, "+a"(value));			\
									\
	finish(insn, before, faulted, value);				\
}

/* @value: the result, or the vector. */
static __always_inline void finish(struct ringprobe_insn *insn, u64 before, bool faulted,
				   u64 value)
{
	insn->ticks = ringprobe_stamp() - before;
	insn->status = faulted ? RINGPROBE_INSN_FAULTED : RINGPROBE_INSN_EXECUTED;
	insn->vector = faulted ? value : 0;
	insn->value[0] = faulted ? 0 : value;
}

READER(run_read_cr0, "mov %%cr0, %%rax")
READER(run_read_cr2, "mov %%cr2, %%rax")
READER(run_read_cr3, "mov %%cr3, %%rax")
READER(run_read_cr4, "mov %%cr4, %%rax")
READER(run_read_cr8, "mov %%cr8, %%rax")
READER(run_read_dr7, "mov %%dr7, %%rax")
READER(run_smsw, "smsw %%rax")
READER(run_str, "str %%rax")
READER(run_sldt, "sldt %%rax")
READER(run_pushf, "pushf\n\tpop %%rax")
READER(run_cli_sti, "cli\n\tpushf\n\tpop %%rax\n\tsti")
READER(clts_and_look, "clts\n\tmov %%cr0, %%rax")

/* Those that take a number in ECX and answer in EDX:EAX. */
#define NUMBERED(name, text, number)					\
static void name(struct ringprobe_insn *insn)				\
{									\
	unsigned long low = 0, high = 0;				\
	u64 before = ringprobe_stamp();					\
	int faulted = GUARDED(text, OUTPUTS("+a"(low), "+d"(high)),	\
			      "c"(number));	\
									\
	finish(insn, before, faulted, high << 32 | low);		\
}

NUMBERED(run_rdmsr_efer, "rdmsr", MSR_EFER)
NUMBERED(run_rdmsr_star, "rdmsr", MSR_STAR)
NUMBERED(run_rdmsr_lstar, "rdmsr", MSR_LSTAR)
NUMBERED(run_rdmsr_unknown, "rdmsr", MSR_UNKNOWN)
NUMBERED(run_rdpmc, "rdpmc", 0)
NUMBERED(xgetbv_0, "xgetbv", 0)
NUMBERED(xgetbv_7, "xgetbv", 7)

static void run_xgetbv_0(struct ringprobe_insn *insn)
{
	if (boot_cpu_has(X86_FEATURE_OSXSAVE))
		xgetbv_0(insn);
}

static void run_xgetbv_7(struct ringprobe_insn *insn)
{
	if (boot_cpu_has(X86_FEATURE_OSXSAVE))
		xgetbv_7(insn);
}

/* Linux keeps TS clear, so that clearing it changes nothing. */
static void run_clts(struct ringprobe_insn *insn)
{
	if (!(read_cr0() & X86_CR0_TS))
		clts_and_look(insn);
}

#define TABLE(name, text)						\
static void name(struct ringprobe_insn *insn)				\
{									\
	struct desc_ptr table = { };					\
	unsigned long vector = 0;					\
	u64 before = ringprobe_stamp();					\
	int faulted = GUARDED(text " %[table]",				\
			      OUTPUTS([table] "+m"(table), "+a"(vector)));	\
									\
	finish(insn, before, faulted, faulted ? vector : table.size);	\
	insn->value[1] = table.address;					\
}

TABLE(run_sgdt, "sgdt")
TABLE(run_sidt, "sidt")

static void run_lar(struct ringprobe_insn *insn)
{
	unsigned long selector = insn->operand, rights = 0;
	u64 before = ringprobe_stamp();
	bool found;

	asm volatile("lar %k[selector], %k[rights]"
		     : [rights] "+r"(rights), "=@ccz"(found)
		     : [selector] "r"(selector));
	finish(insn, before, false, rights);
	insn->value[1] = found;
}

static void run_invlpg(struct ringprobe_insn *insn)
{
	static char own;
	unsigned long vector = 0;
	u64 before = ringprobe_stamp();
	int faulted = GUARDED("invlpg %[own]", "+a"(vector), [own] "m"(own));

	finish(insn, before, faulted, vector);
}

/* stac() and clac() are the kernel's own: objtool follows them. */
static void run_stac_clac(struct ringprobe_insn *insn)
{
	unsigned long flags;
	u64 before;

	if (!boot_cpu_has(X86_FEATURE_SMAP))
		return;
	before = ringprobe_stamp();
	stac();
	flags = native_save_fl();
	clac();
	finish(insn, before, false, flags);
}

/* The caller's page was read before, with preemption on: this is the load alone. */
static void run_read_user(struct ringprobe_insn *insn)
{
	const u64 __user *user = u64_to_user_ptr(insn->pointer);
	u64 before, value;

	pagefault_disable();
	if (!user_read_access_begin(user, sizeof(*user)))
		goto err_enable;
	before = ringprobe_stamp();
	unsafe_get_user(value, user, err_end);
	finish(insn, before, false, value);

err_end:
	user_read_access_end();
err_enable:
	pagefault_enable();
}

struct bell {
	struct hrtimer timer;
	bool rang;
};

static enum hrtimer_restart ring(struct hrtimer *timer)
{
	WRITE_ONCE(container_of(timer, struct bell, timer)->rang, true);
	return HRTIMER_NORESTART;
}

/*
 * STI lets no interrupt in before HLT has begun, so that the timer cannot ring
 * in between and leave the CPU halted. Not local_irq_disable(): lockdep is to see
 * interrupts on, as they are whenever anything but these instructions runs.
 */
static void halt_until(struct ringprobe_insn *insn, const struct bell *bell)
{
	unsigned long vector = 0;
	u64 before = ringprobe_stamp();
	int faulted = 0;

	native_irq_disable();
	if (!READ_ONCE(bell->rang))
		faulted = GUARDED("sti\n3:\thlt\n\t" _ASM_EXTABLE_FAULT(3b, 2f), "+a"(vector));
	native_irq_enable();
	finish(insn, before, faulted, vector);
}

static void run_hlt(struct ringprobe_insn *insn)
{
	struct bell bell = { };

	hrtimer_setup_on_stack(&bell.timer, ring, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED_HARD);
	hrtimer_start(&bell.timer, ms_to_ktime(1), HRTIMER_MODE_REL_PINNED_HARD);
	halt_until(insn, &bell);
	if (insn->status == RINGPROBE_INSN_EXECUTED)
		insn->value[0] = READ_ONCE(bell.rang);
	hrtimer_cancel(&bell.timer);
	destroy_hrtimer_on_stack(&bell.timer);
}

/* value[n] is an address where bit n of .addresses is set. */
static const struct row {
	void (*run)(struct ringprobe_insn *insn);
	u32 addresses;
} rows[] = {
	[RINGPROBE_INSN_READ_CR0] = { run_read_cr0 },
	[RINGPROBE_INSN_READ_CR2] = { run_read_cr2, BIT(0) },
	[RINGPROBE_INSN_READ_CR3] = { run_read_cr3, BIT(0) },
	[RINGPROBE_INSN_READ_CR4] = { run_read_cr4 },
	[RINGPROBE_INSN_READ_CR8] = { run_read_cr8 },
	[RINGPROBE_INSN_READ_DR7] = { run_read_dr7 },
	[RINGPROBE_INSN_RDMSR_EFER] = { run_rdmsr_efer },
	[RINGPROBE_INSN_RDMSR_STAR] = { run_rdmsr_star },
	[RINGPROBE_INSN_RDMSR_LSTAR] = { run_rdmsr_lstar, BIT(0) },
	[RINGPROBE_INSN_RDMSR_UNKNOWN] = { run_rdmsr_unknown },
	[RINGPROBE_INSN_SGDT] = { run_sgdt, BIT(1) },
	[RINGPROBE_INSN_SIDT] = { run_sidt, BIT(1) },
	[RINGPROBE_INSN_SMSW] = { run_smsw },
	[RINGPROBE_INSN_STR] = { run_str },
	[RINGPROBE_INSN_SLDT] = { run_sldt },
	[RINGPROBE_INSN_LAR] = { run_lar },
	[RINGPROBE_INSN_CLI_STI] = { run_cli_sti },
	[RINGPROBE_INSN_HLT] = { run_hlt },
	[RINGPROBE_INSN_RDPMC] = { run_rdpmc },
	[RINGPROBE_INSN_INVLPG] = { run_invlpg },
	[RINGPROBE_INSN_CLTS] = { run_clts },
	[RINGPROBE_INSN_STAC_CLAC] = { run_stac_clac },
	[RINGPROBE_INSN_PUSHF] = { run_pushf },
	[RINGPROBE_INSN_READ_USER] = { run_read_user },
	[RINGPROBE_INSN_XGETBV_0] = { run_xgetbv_0 },
	[RINGPROBE_INSN_XGETBV_7] = { run_xgetbv_7 },
};

static_assert(ARRAY_SIZE(rows) == RINGPROBE_INSN_MAX + 1);

/* Refuses what is not understood; reads the caller's page in, where one is given. */
static int check(const struct ringprobe_insn *insn)
{
	u64 value;

	if (!insn->insn || insn->insn > RINGPROBE_INSN_MAX)
		return -EINVAL;
	if (insn->operand > (insn->insn == RINGPROBE_INSN_LAR ? 0xffff : 0))
		return -EINVAL;
	if (insn->insn != RINGPROBE_INSN_READ_USER)
		return insn->pointer ? -EINVAL : 0;
	return copy_from_user(&value, u64_to_user_ptr(insn->pointer), sizeof(value)) ? -EFAULT : 0;
}

/* Addresses are KASLR's secret: under lockdown even from who may do all this. */
static void redact(struct ringprobe_insn *insn, u32 addresses)
{
	if (!addresses || !security_locked_down(LOCKDOWN_IOPORT))
		return;
	if (addresses & BIT(0))
		insn->value[0] = 0;
	if (addresses & BIT(1))
		insn->value[1] = 0;
	insn->notes |= RINGPROBE_INSN_REDACTED;
}

int ringprobe_insn(struct file *file, void *arg)
{
	struct ringprobe_insn *insn = arg;
	const struct row *row;
	unsigned long cs;
	int err;

	err = check(insn);
	if (err)
		return err;
	row = &rows[array_index_nospec(insn->insn, ARRAY_SIZE(rows))];

	memset_after(insn, 0, pointer);
	preempt_disable();	/* both stamps from one CPU */
	asm volatile("mov %%cs, %0" : "=r"(cs));
	insn->cpl = cs & CPL_MASK;
	insn->cpu = smp_processor_id();
	insn->status = RINGPROBE_INSN_ABSENT;	/* until it has run */
	row->run(insn);
	preempt_enable();
	if (insn->insn == RINGPROBE_INSN_READ_USER && insn->status == RINGPROBE_INSN_ABSENT)
		return -EFAULT;
	redact(insn, row->addresses);
	return 0;
}
