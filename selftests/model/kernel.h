/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the module's files see of a kernel when they are built as a program: included
 * before each of them, while the headers that they ask for are empty. No more than they
 * use; kernel.c has what is behind it, world.h what the tests see.
 */
#ifndef KERNEL_H
#define KERNEL_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/types.h>

#include <linux/ioctl.h>
#include <linux/types.h>

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;

#define __user
#define __force
#define __init
#define __exit
#define noinline		__attribute__((__noinline__))
#undef __always_inline		/* one copy of each function: what is covered is the source */
#define __always_inline		inline __attribute__((__unused__))
#define likely(x)		(x)
#define unlikely(x)		(x)

#define static_assert(holds)	_Static_assert(holds, #holds)
#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))
#define sizeof_field(type, field)	sizeof(((type *)0)->field)
#define offsetofend(type, field)	(offsetof(type, field) + sizeof_field(type, field))
#define BIT(n)			(1UL << (n))
#define BIT_ULL(n)		(1ULL << (n))
#define BITS_TO_LONGS(n)	(((n) + 63) / 64)
#define DIV_ROUND_UP(n, by)	(((n) + (by) - 1) / (by))
#define round_up(n, to)		(((n) + (to) - 1) / (to) * (to))
#define max(a, b)		({ __auto_type a_ = (a); __auto_type b_ = (b); a_ > b_ ? a_ : b_; })
#define min(a, b)		({ __auto_type a_ = (a); __auto_type b_ = (b); a_ < b_ ? a_ : b_; })
#define max_t(type, a, b)	max((type)(a), (type)(b))
#define min_t(type, a, b)	min((type)(a), (type)(b))
#define OPTIMIZER_HIDE_VAR(x)	((void)(x))

/* Nothing here runs at the same time. */
#define xchg(at, new)		({ __auto_type old_ = *(at); *(at) = (new); old_; })
#define cmpxchg(at, old, new) ({					\
	__auto_type was_ = *(at);					\
									\
	if (was_ == (old))						\
		*(at) = (new);						\
	was_; })
#define smp_mb__after_atomic()	((void)0)
#define READ_ONCE(x)		(x)

typedef struct { int value; } atomic_t;
typedef struct { u64 value; } atomic64_t;
typedef struct { int value; } spinlock_t, raw_spinlock_t;

#define atomic_read(at)		((at)->value)
#define atomic64_read(at)	((at)->value)
#define atomic64_add(n, at)	((void)((at)->value += (n)))

static inline bool arch_test_bit(unsigned long nr, const unsigned long *map)
{
	return map[nr / 64] >> nr % 64 & 1;
}

static inline void __set_bit(unsigned long nr, unsigned long *map)
{
	map[nr / 64] |= 1UL << nr % 64;
}

/* Kernel versions: of the newest, compat.h needs the least. */
#define KERNEL_VERSION(a, b, c)	((a) << 16 | (b) << 8 | (c))
#define LINUX_VERSION_CODE	KERNEL_VERSION(7, 3, 0)
#define IS_ENABLED(option)	0
#define CONFIG_ACPI		1

/* Time passes where a test says so. */
extern unsigned long jiffies;
#define time_before(a, b)	((long)((a) - (b)) < 0)

/* Who asks */
typedef unsigned int fmode_t;
#define FMODE_READ		1U
#define FMODE_WRITE		2U

struct file {
	fmode_t f_mode;
	void *private_data;
	bool opener_rawio;	/* what the kernel has as f_cred */
};

struct user_namespace { int nothing; };
extern struct user_namespace init_user_ns;
struct task_struct;
#define current			((struct task_struct *)NULL)
#define CAP_SYS_RAWIO		17
#define LOCKDOWN_IOPORT		1

bool capable(int capability);
bool file_ns_capable(const struct file *file, struct user_namespace *ns, int capability);
int security_locked_down(int what);
int fatal_signal_pending(struct task_struct *task);
#define task_pid_nr(task)	1
#define current_uid()		0
#define from_kuid(ns, uid)	(uid)

/* What may sleep, and what forbids it */
void cond_resched(void);
void preempt_disable(void);
void preempt_enable(void);
void pagefault_disable(void);
void pagefault_enable(void);
#define preempt_disable_notrace()	preempt_disable()
#define preempt_enable_notrace()	preempt_enable()

/* User memory, by words or by less */
bool user_access_begin(const void *from, size_t length);
void user_access_end(void);
bool user_get(void *to, const void *from, size_t length);
bool user_put(void *to, const void *from, size_t length);
int put_user_word(u64 word, void *to);
int check_zeroed_user(const void *from, size_t length);
#define u64_to_user_ptr(address)	((void *)(address))
#define put_user(value, to)	put_user_word(value, to)
#define unsafe_get_user(value, from, label) do {			\
	__typeof__(*(from)) got_;					\
									\
	if (!user_get(&got_, from, sizeof(got_)))			\
		goto label;						\
	(value) = got_;							\
} while (0)
#define unsafe_put_user(value, to, label) do {				\
	__typeof__(*(to)) put_ = (value);				\
									\
	if (!user_put(to, &put_, sizeof(put_)))				\
		goto label;						\
} while (0)

u32 array_index_nospec(u32 index, u32 size);

/* Memory of the kernel's own */
#define GFP_KERNEL		0
#define GFP_KERNEL_ACCOUNT	0
#define __GFP_ZERO		0
#define __GFP_NOWARN		0
void *kmalloc_array(size_t n, size_t size, int flags);
void *__vmalloc_array(size_t n, size_t size, int flags);
char *kstrdup(const char *text, int flags);
void kfree(const void *memory);
void vfree(const void *memory);

/* Text */
int kstrtou32(const char *text, unsigned int base, u32 *value);
void strscpy(char *to, const char *from, size_t size);
#define strscpy_pad(to, from, size) do {				\
	memset(to, 0, size);						\
	strscpy(to, from, size);					\
} while (0)
char *strsep(char **rest, const char *delimiters);

/* The log */
#define KBUILD_MODNAME		"ringprobe"
void log_error(const char *format, ...) __attribute__((__format__(__printf__, 1, 2)));
void log_notice(const char *format, ...) __attribute__((__format__(__printf__, 1, 2)));
#define pr_err(format, ...)	log_error(pr_fmt(format), ##__VA_ARGS__)
#define pr_notice_ratelimited(format, ...)	log_notice(pr_fmt(format), ##__VA_ARGS__)

/* Module parameters: what is set at load, and how the kernel is told to treat it */
struct parameter {
	char **value;
	u32 flags;
};
#define KERNEL_PARAM_FL_UNSAFE	1
#define KERNEL_PARAM_FL_HWPARAM	2
#define MODULE_PARAM_PREFIX	""
#define MODULE_PARM_DESC(name, text)	struct described_##name
#define __MODULE_PARM_TYPE(name, type)	struct typed_##name
#define param_check_charp(name, at)	struct checked_##name
#define __module_param_call(prefix, name, ops, at, mode, level, fl)	\
	const struct parameter parameter_##name = { at, fl }
#define module_param_hw(name, type, kind, mode)				\
	const struct parameter parameter_##name = { &name, KERNEL_PARAM_FL_HWPARAM }

/* Ports */
bool request_region(u32 first, u32 n, const char *name);
void release_region(u32 first, u32 n);

/* In place of ringprobe_insn.h and ringprobe_stamp.h: no port and no clock of this machine. */
#define RINGPROBE_INSN_H
#define RINGPROBE_STAMP_H
u32 ringprobe_insn_in(u16 port, u32 width);
void ringprobe_insn_out(u16 port, u32 width, u32 value);
u64 ringprobe_stamp(void);

static inline u32 ringprobe_insn_in8(u16 port)
{
	return ringprobe_insn_in(port, 1);
}

/* ACPI's table, as far as it names registers */
#define ACPI_ADR_SPACE_SYSTEM_MEMORY	0
#define ACPI_ADR_SPACE_SYSTEM_IO	1
#define ACPI_FADT_32BIT_TIMER	(1 << 8)

struct acpi_generic_address {
	u8 space_id, bit_width;
	u64 address;
};

struct acpi_table_fadt {
	u32 smi_command, flags;
	u8 pm1_event_length, pm1_control_length, pm2_control_length, pm_timer_length;
	u8 gpe0_block_length, gpe1_block_length;
	struct acpi_generic_address xpm1a_event_block, xpm1b_event_block;
	struct acpi_generic_address xpm1a_control_block, xpm1b_control_block;
	struct acpi_generic_address xpm2_control_block, xpm_timer_block;
	struct acpi_generic_address xgpe0_block, xgpe1_block;
	struct acpi_generic_address reset_register, sleep_control, sleep_status;
};

extern struct acpi_table_fadt acpi_gbl_FADT;

/* What info.c and compat.h want besides */
extern u32 tsc_khz;
#define boot_cpu_has(feature)	1
struct vm_area_struct;
struct io_uring_cmd {
	const void *sqe;
};
#define io_uring_sqe_cmd(sqe, type)	((const type *)(sqe))

#endif
