/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * ringprobe: look across the boundary between user mode and kernel mode
 *
 * /dev/ringprobe is a character device (misc, name "ringprobe", mode 0600
 * unless the module parameter mode= says otherwise). Each operation is an
 * ioctl; two uses of lseek() are stamps, see "Stamps through lseek" below.
 *
 * Privilege
 *	NOP, INFO, CPL, STAMP and lseek need no more than an open descriptor.
 *	PORT_IN and PORT_OUT need, at each call: the descriptor opened for
 *	reading (IN) or writing (OUT); CAP_SYS_RAWIO in the initial user
 *	namespace in the credentials of whoever opened the device *and* of
 *	whoever calls; no lockdown (LOCKDOWN_IOPORT, level "integrity"); and a
 *	port that is on the allow-list fixed when the module was loaded.
 *	INSN, FAULT_ARM and FAULT_READ need, at each call: the descriptor opened for
 *	reading, and the same capability of both. Under lockdown they run, and tell
 *	no address.
 *
 * Errors, in the order in which they are found; the first one is returned
 *	ENOTTY	no such operation
 *	EBADF	the descriptor was not opened in the mode the operation needs
 *	EPERM	CAP_SYS_RAWIO is missing (opener or caller), or lockdown
 *	then the argument, in the order: size, memory, tail, flags, fields
 *	EFAULT	the argument is not readable, or not writable for the reply
 *	E2BIG	size above 4096, or non-zero bytes beyond what this kernel knows
 *	EINVAL	understood, and wrong: size too small or not a multiple of 8, an
 *		unknown flag, a non-zero reserved field, a width that is not 1, 2
 *		or 4, a port that is not aligned to it or lies above 0xffff, a value
 *		that does not fit the width; an argument where none is taken
 *	EACCES	the port is not on the allow-list, or not for this width and
 *		direction
 *	ENOMEM	the kernel has no memory for a batch, for what FAULT_ARM records, an open()
 *		or an mmap()
 *	EBUSY	never from an operation: only insmod returns it, when a range
 *		of ports= is owned by another driver, or when somebody joins the
 *		group of events, which is nobody's yet, faster than it is emptied
 *	EOPNOTSUPP this CPU or kernel cannot do it: FAULT_ARM, where the kernel has
 *		not the tracepoint, or no user-return notifiers, and through io_uring;
 *		through an io_uring that polls for completions all
 *	insmod besides: EACCES, a listed port is on the hard deny-list; EINVAL, a
 *	parameter cannot be parsed, or lists a port twice.
 *	On an error the argument is unchanged, and no port was touched: that the
 *	reply can be written is tried before the access, by writing back two words as
 *	they were read. So the argument belongs to the call while it lasts: what
 *	another thread stores there meanwhile may be lost, and only a mapping that
 *	it takes away gives EFAULT after the access.
 *
 * Structures
 *	The numbers carry no size (as iommufd's do not): the first word of each
 *	argument is its size in bytes as the caller knows it. A caller may be
 *	older (smaller: the rest is taken as zero) or newer (larger: the rest
 *	must be zero) than the kernel. Fields marked "out" are ignored on input;
 *	all others that are not described must be zero. Layout is the same for
 *	32-bit and 64-bit callers. All times are in ticks of the time-stamp
 *	counter (TSC), which are not core clock cycles.
 *
 * The same through io_uring
 *	IORING_OP_URING_CMD on the descriptor, with an operation's number as cmd_op and
 *	struct ringprobe_uring in the SQE (its 16 bytes at "cmd"): rights, errors and
 *	results are the same. res of the completion is 0 or -errno. The operation is done
 *	when it is submitted, or in a worker thread of the kernel where it would have
 *	to wait: INSN, FAULT_ARM, FAULT_READ and the batches always are. EOPNOTSUPP:
 *	IORING_SETUP_IOPOLL, up to Linux 6.12 (7.3 does not tell of it, and the operation is
 *	done at once), and FAULT_ARM with flags: it would arm the worker. EINVAL
 *	besides: IORING_SETUP_SQE128, any of uring_cmd_flags, a non-zero second word.
 *	seccomp sees io_uring_enter() and none of this.
 *
 * Stamps through lseek
 *	lseek(fd, 0, SEEK_CUR) returns the kernel's TSC, read as soon as the driver
 *	has looked at offset and whence; lseek(fd, 0, SEEK_SET) returns 0 by the same path and
 *	reads nothing: the difference of the two is what the stamp itself costs.
 *	No memory is written for the reply: the stamp travels in RAX (fs/
 *	read_write.c, ksys_lseek()). Any other offset or whence: EINVAL.
 *	A 32-bit caller's lseek() carries the low 32 bits only, and one stamp in
 *	2^20 looks like an error there; _llseek() carries all 64 bits, through
 *	memory.
 */
#ifndef _UAPI_RINGPROBE_H
#define _UAPI_RINGPROBE_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define RINGPROBE_DEVICE	"/dev/ringprobe"

/* A change that an older probe would misread raises this number. */
#define RINGPROBE_ABI		1

#define RINGPROBE_IOC_TYPE	0xE9

/**
 * RINGPROBE_IOC_NOP - enter the driver, do nothing, leave
 *
 * Takes no argument (must be 0). The floor that every other operation's cost
 * is compared with.
 */
#define RINGPROBE_IOC_NOP	_IO(RINGPROBE_IOC_TYPE, 0x00)
#define RINGPROBE_IOC_INFO	_IO(RINGPROBE_IOC_TYPE, 0x01)
#define RINGPROBE_IOC_CPL	_IO(RINGPROBE_IOC_TYPE, 0x02)
#define RINGPROBE_IOC_STAMP	_IO(RINGPROBE_IOC_TYPE, 0x03)
/* IN and OUT have numbers of their own, so that seccomp can tell them apart. */
#define RINGPROBE_IOC_PORT_IN	_IO(RINGPROBE_IOC_TYPE, 0x04)
#define RINGPROBE_IOC_PORT_OUT	_IO(RINGPROBE_IOC_TYPE, 0x05)
#define RINGPROBE_IOC_INSN	_IO(RINGPROBE_IOC_TYPE, 0x06)
#define RINGPROBE_IOC_FAULT_ARM	_IO(RINGPROBE_IOC_TYPE, 0x07)
#define RINGPROBE_IOC_FAULT_READ	_IO(RINGPROBE_IOC_TYPE, 0x08)
/* Many accesses in one call: IN alone, or IN and OUT mixed. */
#define RINGPROBE_IOC_PORT_BATCH_IN	_IO(RINGPROBE_IOC_TYPE, 0x09)
#define RINGPROBE_IOC_PORT_BATCH	_IO(RINGPROBE_IOC_TYPE, 0x0a)

/* The largest argument any operation takes, in bytes. */
#define RINGPROBE_ARG_MAX	4096

/* ringprobe_info.features: what this module can do */
#define RINGPROBE_FEATURE_CPL		(1ULL << 0)
#define RINGPROBE_FEATURE_STAMP		(1ULL << 1)
#define RINGPROBE_FEATURE_LSEEK_STAMP	(1ULL << 2)
#define RINGPROBE_FEATURE_PORT		(1ULL << 3)
#define RINGPROBE_FEATURE_PM_TIMER	(1ULL << 4)	/* see pm_timer_port */
#define RINGPROBE_FEATURE_LFENCE_ORDERS	(1ULL << 5)	/* LFENCE orders RDTSC */
#define RINGPROBE_FEATURE_INSN		(1ULL << 6)
#define RINGPROBE_FEATURE_FAULT		(1ULL << 7)	/* both of its tracepoints */
#define RINGPROBE_FEATURE_BATCH		(1ULL << 8)
#define RINGPROBE_FEATURE_URING		(1ULL << 9)
#define RINGPROBE_FEATURE_PAGE		(1ULL << 10)
#define RINGPROBE_FEATURE_CALLS		(1ULL << 11)	/* RINGPROBE_FAULT_F_CALLS */
#define RINGPROBE_FEATURE_RETURN	(1ULL << 12)	/* RINGPROBE_FAULT_F_RETURN */

/*
 * Layers that say no, in the order in which they are asked. 0: nobody does.
 * The first four are properties of descriptor and caller, the rest of a port.
 */
#define RINGPROBE_LAYER_FMODE		(1U << 0)	/* EBADF: open mode */
#define RINGPROBE_LAYER_OPENER		(1U << 1)	/* EPERM: opener's capability */
#define RINGPROBE_LAYER_CALLER		(1U << 2)	/* EPERM: caller's capability */
#define RINGPROBE_LAYER_LOCKDOWN	(1U << 3)	/* EPERM: kernel lockdown */
#define RINGPROBE_LAYER_RANGE		(1U << 4)	/* EINVAL: no such access */
#define RINGPROBE_LAYER_ALLOW_LIST	(1U << 5)	/* EACCES: not listed */
#define RINGPROBE_LAYER_DENY_LIST	(1U << 6)	/* EACCES: may never be listed */

/* ringprobe_info.flags */
#define RINGPROBE_INFO_F_PORT	(1U << 0)	/* judge port and width too */
#define RINGPROBE_INFO_F_ALL	RINGPROBE_INFO_F_PORT

/* ringprobe_info.port_kind: what the module knows of the port asked about */
#define RINGPROBE_PORT_UNLISTED	0	/* default: denied */
#define RINGPROBE_PORT_BUILTIN	1	/* usable without a parameter */
#define RINGPROBE_PORT_CLAIMED	2	/* ports=, and held by request_region() */
#define RINGPROBE_PORT_UNSAFE	3	/* unsafe_ports=: not claimed, tainting */
#define RINGPROBE_PORT_DENIED	4	/* on the hard deny-list */

/**
 * struct ringprobe_info - what module and caller can do (RINGPROBE_IOC_INFO)
 * @size: in: sizeof(struct ringprobe_info)
 * @flags: in: RINGPROBE_INFO_F_*
 * @port: in, with RINGPROBE_INFO_F_PORT: the port asked about; else 0
 * @width: in, with RINGPROBE_INFO_F_PORT: bytes, 1, 2 or 4; else 0
 * @features: out: RINGPROBE_FEATURE_*
 * @abi: out: RINGPROBE_ABI of the module
 * @arg_max: out: largest argument in bytes
 * @tsc_khz: out: the kernel's figure for the TSC's rate, in kHz (0: unknown)
 * @mode: out: permission bits that the node was created with
 * @deny_in: out: RINGPROBE_LAYER_* that would refuse PORT_IN; 0: allowed
 * @deny_out: out: the same for PORT_OUT
 * @port_kind: out, with RINGPROBE_INFO_F_PORT: RINGPROBE_PORT_*
 * @ranges: out: number of ranges on the allow-list, the built-in ones included
 * @pm_timer_port: out: port of the ACPI PM timer (FADT), 0: none on this machine
 * @pm_timer_bits: out: 24 or 32 (FADT flag TMR_VAL_EXT), 0: none
 * @version: out: version of the module, zero-terminated
 *
 * The layers are evaluated by the same function that guards the operations, so
 * a refusal leaves the same traces of the kernel's own (audit; the lockdown
 * LSM's line in the log). Asking about a port touches no port.
 */
struct ringprobe_info {
	__u32 size;
	__u32 flags;
	__u32 port;
	__u32 width;
	__aligned_u64 features;
	__u32 abi;
	__u32 arg_max;
	__u32 tsc_khz;
	__u32 mode;
	__u32 deny_in;
	__u32 deny_out;
	__u32 port_kind;
	__u32 ranges;
	__u32 pm_timer_port;
	__u32 pm_timer_bits;
	__u8 version[16];
};

/* ringprobe_cpl.entry: the door through which this call came in */
#define RINGPROBE_ENTRY_SYSCALL64	1	/* SYSCALL from 64-bit code */
#define RINGPROBE_ENTRY_INT80		2	/* int $0x80 from 64-bit code */
#define RINGPROBE_ENTRY_COMPAT		3	/* 32-bit code: int $0x80, SYSENTER or SYSCALL */
#define RINGPROBE_ENTRY_WORKER		4	/* none: a thread of io_uring's, never in ring 3 */

/* ringprobe_cpl.state */
#define RINGPROBE_CPL_SMEP		(1U << 0)	/* CR4 bit 20 */
#define RINGPROBE_CPL_SMAP		(1U << 1)	/* CR4 bit 21 */
#define RINGPROBE_CPL_UMIP		(1U << 2)	/* CR4 bit 11 */
#define RINGPROBE_CPL_FSGSBASE		(1U << 3)	/* CR4 bit 16 */
#define RINGPROBE_CPL_PTI		(1U << 4)	/* page-table isolation is on */
#define RINGPROBE_CPL_FRED		(1U << 5)	/* CR4 bit 32: event delivery by FRED */
#define RINGPROBE_CPL_USER_STACK_HIGH	(1U << 6)	/* saved user RSP in the kernel half */
#define RINGPROBE_CPL_KERNEL_STACK_HIGH	(1U << 7)	/* the handler's RSP in the kernel half */

/**
 * struct ringprobe_cpl - both sides of the boundary (RINGPROBE_IOC_CPL)
 * @size: in: sizeof(struct ringprobe_cpl)
 * @flags: in: 0
 * @kernel_cs: out: CS read in the handler
 * @kernel_cpl: out: bits 0-1 of it (Intel SDM vol. 3, "Privilege Levels")
 * @user_cs: out: the caller's CS as the entry path saved it (struct pt_regs)
 * @user_cpl: out: bits 0-1 of it
 * @kernel_rflags: out: RFLAGS in the handler (IF is bit 9, IOPL bits 12-13)
 * @user_rflags: out: RFLAGS as the entry path saved it
 * @cr0: out: CR0 of the CPU that ran the handler
 * @cr4: out: CR4 of the same CPU
 * @efer: out: MSR EFER (0xc0000080) of the same CPU, 0 if it cannot be read
 * @entry: out: RINGPROBE_ENTRY_*
 * @cpu: out: number of that CPU
 * @state: out: RINGPROBE_CPL_*
 * @reserved: out: 0
 *
 * Under RINGPROBE_ENTRY_WORKER what concerns the user is 0: the thread has no frame.
 * It reports no address to anybody: not CR2, CR3, stack or table bases.
 */
struct ringprobe_cpl {
	__u32 size;
	__u32 flags;
	__u32 kernel_cs;
	__u32 kernel_cpl;
	__u32 user_cs;
	__u32 user_cpl;
	__aligned_u64 kernel_rflags;
	__aligned_u64 user_rflags;
	__aligned_u64 cr0;
	__aligned_u64 cr4;
	__aligned_u64 efer;
	__u32 entry;
	__u32 cpu;
	__u32 state;
	__u32 reserved;
};

/**
 * struct ringprobe_stamp - two stamps of the handler (RINGPROBE_IOC_STAMP)
 * @size: in: sizeof(struct ringprobe_stamp)
 * @flags: in: 0
 * @first: out: TSC as the handler's first act, in ticks
 * @last: out: TSC as its last act, in ticks
 * @cpu: out: the CPU it ran on
 * @reserved: out: 0
 *
 * The entry leg, the caller's stamp to @first, includes the look-up of the
 * operation and the copy-in of the argument; the exit leg, @last to the
 * caller's next stamp, includes the copy-out. lseek() has neither copy.
 */
struct ringprobe_stamp {
	__u32 size;
	__u32 flags;
	__aligned_u64 first;
	__aligned_u64 last;
	__u32 cpu;
	__u32 reserved;
};

/**
 * struct ringprobe_port - one port access (RINGPROBE_IOC_PORT_IN, _PORT_OUT)
 * @size: in: sizeof(struct ringprobe_port)
 * @flags: in: 0
 * @port: in: port number, 0 to 0xffff, a multiple of @width
 * @width: in: bytes, 1, 2 or 4
 * @value: PORT_OUT, in: what to write, must fit @width; PORT_IN, out: what was
 *	read, zero-extended
 * @reserved: in: 0
 * @ticks: out: TSC ticks from the stamp before the instruction to the stamp
 *	after it; the cost of an empty pair of stamps is included
 *
 * Reading a port can have side effects, so IN is guarded exactly like OUT.
 */
struct ringprobe_port {
	__u32 size;
	__u32 flags;
	__u32 port;
	__u32 width;
	__u32 value;
	__u32 reserved;
	__aligned_u64 ticks;
};

/* ringprobe_op.access: the width in bytes, 1, 2 or 4; and for OUT, added: */
#define RINGPROBE_OP_OUT	0x80

/* ringprobe_op.status */
#define RINGPROBE_OP_NOT_RUN	0	/* not reached, or another op was refused */
#define RINGPROBE_OP_DONE	1
#define RINGPROBE_OP_INVALID	2	/* EINVAL: no such access, or the value does not fit */
#define RINGPROBE_OP_REFUSED	3	/* EACCES: not allowed in this width and direction */

/**
 * struct ringprobe_op - one access of a batch
 * @port: in: port number, a multiple of the width
 * @access: in: width in bytes, plus RINGPROBE_OP_OUT
 * @status: in: 0; out: RINGPROBE_OP_*
 * @value: OUT, in: what to write, must fit the width; IN, out: what was read,
 *	zero-extended
 */
struct ringprobe_op {
	__u16 port;
	__u8 access;
	__u8 status;
	__u32 value;
} __attribute__((__aligned__(8)));

#define RINGPROBE_BATCH_MAX	256	/* ops */

/**
 * struct ringprobe_batch - many accesses in one call
 *	(RINGPROBE_IOC_PORT_BATCH_IN, RINGPROBE_IOC_PORT_BATCH)
 * @size: in: sizeof(struct ringprobe_batch)
 * @flags: in: 0
 * @count: in: number of ops, 1 to RINGPROBE_BATCH_MAX
 * @completed: out: how many were done, from the first on
 * @ops: in: address of @count struct ringprobe_op, a multiple of 8
 * @stamps: in: address of @count __u64, a multiple of 8, which receive the TSC
 *	in ticks, read before each access; 0: no stamps are taken
 * @reserved: in: 0
 *
 * PORT_BATCH_IN takes IN only (another op: EINVAL) and needs the descriptor open for
 * reading; PORT_BATCH takes both and needs it open for reading and writing. For the
 * rest both need what PORT_IN needs.
 *
 * All ops are checked before the first is done. If one is refused none is done: the
 * call fails with the errno of the first that was, @completed is 0, and the status
 * of each op says what is to be said of it. Else the ops are done in their order. Only
 * a fatal signal ends a batch before its end: it is never restarted, and @completed
 * tells how far it came.
 *
 * Where an op is refused the statuses are written, and on every error but EBADF, EPERM
 * and those of @size, @flags and the argument's own memory @completed is, unlike what is
 * said of errors above. EFAULT: @ops or @stamps is not readable and writable. That is tried
 * first, too; if another thread takes the memory away meanwhile, accesses may have
 * been made: @completed counts those that were also reported.
 */
struct ringprobe_batch {
	__u32 size;
	__u32 flags;
	__u32 count;
	__u32 completed;
	__aligned_u64 ops;
	__aligned_u64 stamps;
	__aligned_u64 reserved;
};

/*
 * ringprobe_insn.insn: the catalogue. It is closed: nothing in it writes a
 * register that the kernel depends on, and nothing in it is port I/O. After the
 * name: what value[0] is, or both. "Address": see RINGPROBE_INSN_REDACTED.
 */
#define RINGPROBE_INSN_READ_CR0		1	/* CR0 */
#define RINGPROBE_INSN_READ_CR2		2	/* CR2: address */
#define RINGPROBE_INSN_READ_CR3		3	/* CR3: address */
#define RINGPROBE_INSN_READ_CR4		4	/* CR4 */
#define RINGPROBE_INSN_READ_CR8		5	/* CR8, the task priority */
#define RINGPROBE_INSN_READ_DR7		6	/* DR7 */
#define RINGPROBE_INSN_RDMSR_EFER	7	/* MSR 0xc0000080 */
#define RINGPROBE_INSN_RDMSR_STAR	8	/* MSR 0xc0000081: selectors */
#define RINGPROBE_INSN_RDMSR_LSTAR	9	/* MSR 0xc0000082: address */
#define RINGPROBE_INSN_RDMSR_UNKNOWN	10	/* MSR 0x400000ff, which no CPU has */
#define RINGPROBE_INSN_SGDT		11	/* limit; base: address */
#define RINGPROBE_INSN_SIDT		12	/* limit; base: address */
#define RINGPROBE_INSN_SMSW		13	/* what SMSW stores in 64 bits */
#define RINGPROBE_INSN_STR		14	/* selector */
#define RINGPROBE_INSN_SLDT		15	/* selector */
#define RINGPROBE_INSN_LAR		16	/* access rights of @operand; ZF */
#define RINGPROBE_INSN_CLI_STI		17	/* RFLAGS between the two */
#define RINGPROBE_INSN_HLT		18	/* 1: its own timer ended it; 0: not */
#define RINGPROBE_INSN_RDPMC		19	/* counter 0 */
#define RINGPROBE_INSN_INVLPG		20	/* 0; of a page of the module's own */
#define RINGPROBE_INSN_CLTS		21	/* CR0 after it; ABSENT where TS is set */
#define RINGPROBE_INSN_STAC_CLAC	22	/* RFLAGS between the two */
#define RINGPROBE_INSN_PUSHF		23	/* RFLAGS */
#define RINGPROBE_INSN_READ_USER	24	/* 8 bytes at @pointer */
#define RINGPROBE_INSN_XGETBV_0		25	/* XCR0 */
#define RINGPROBE_INSN_XGETBV_7		26	/* XCR 7, which does not exist */
#define RINGPROBE_INSN_MAX		26

/* ringprobe_insn.status */
#define RINGPROBE_INSN_EXECUTED	0	/* it ran to its end */
#define RINGPROBE_INSN_FAULTED	1	/* the CPU or a hypervisor refused: see @vector */
#define RINGPROBE_INSN_ABSENT	2	/* not run: this CPU or kernel has it not on */

/* ringprobe_insn.notes */
#define RINGPROBE_INSN_REDACTED	(1U << 0)	/* lockdown: an address is shown as 0 */

/**
 * struct ringprobe_insn - one instruction at CPL 0 (RINGPROBE_IOC_INSN)
 * @size: in: sizeof(struct ringprobe_insn)
 * @flags: in: 0
 * @insn: in: RINGPROBE_INSN_*, what to run
 * @operand: in, with RINGPROBE_INSN_LAR: a selector, 0 to 0xffff; else 0
 * @pointer: in, with RINGPROBE_INSN_READ_USER: the address of 8 bytes of the
 *	caller's; else 0
 * @value: out: what came of it, 0 where it did not run
 * @ticks: out: TSC ticks from the stamp before the instruction to the stamp
 *	after it, with preemption off; an empty pair of stamps is included
 * @status: out: RINGPROBE_INSN_EXECUTED, _FAULTED or _ABSENT
 * @vector: out, with RINGPROBE_INSN_FAULTED: the exception; else 0
 * @notes: out: RINGPROBE_INSN_REDACTED
 * @cpu: out: the CPU it ran on
 * @cpl: out: bits 0-1 of CS where it ran
 * @reserved: out: 0
 *
 * EINVAL: no such entry; an operand or pointer where none is taken, or an
 * operand above 0xffff. EFAULT: @pointer cannot be read. A refusal by the CPU
 * is no error: it is a status. RINGPROBE_INSN_HLT waits for a timer of 1 ms.
 */
struct ringprobe_insn {
	__u32 size;
	__u32 flags;
	__u32 insn;
	__u32 operand;
	__aligned_u64 pointer;
	__aligned_u64 value[2];
	__aligned_u64 ticks;
	__u32 status;
	__u32 vector;
	__u32 notes;
	__u32 cpu;
	__u32 cpl;
	__u32 reserved;
};

/* ringprobe_fault_arm.flags: what is stamped */
#define RINGPROBE_FAULT_F_SIGNALS	(1U << 0)	/* signals that exceptions become */
#define RINGPROBE_FAULT_F_PAGES		(1U << 1)	/* page faults of user mode */
#define RINGPROBE_FAULT_F_CALLS		(1U << 2)	/* system calls, where they begin */
#define RINGPROBE_FAULT_F_RETURN	(1U << 3)	/* their return to user mode */
#define RINGPROBE_FAULT_F_ALL	(RINGPROBE_FAULT_F_SIGNALS | RINGPROBE_FAULT_F_PAGES | \
				 RINGPROBE_FAULT_F_CALLS | RINGPROBE_FAULT_F_RETURN)

/**
 * struct ringprobe_fault_arm - stamp my faults in the kernel (RINGPROBE_IOC_FAULT_ARM)
 * @size: in: sizeof(struct ringprobe_fault_arm)
 * @flags: in: RINGPROBE_FAULT_F_*; 0: no more, and keep what is recorded
 * @capacity: out: how many records are kept; what comes later is counted as lost
 * @reserved: out: 0
 *
 * From now on the kernel reads the TSC at each fault of the calling thread, of
 * this one alone: not of its children, of no other thread, and not after it has
 * run exec(). RINGPROBE_FAULT_F_SIGNALS: where SIGSEGV, SIGBUS, SIGILL, SIGFPE,
 * SIGTRAP or SIGSYS is generated for what the thread itself has just done
 * (tracepoint signal_generate); what somebody sends is not stamped.
 * RINGPROBE_FAULT_F_PAGES: where the page-fault handler begins on a fault of
 * user mode (tracepoint page_fault_user), before it is known what will come of
 * it. RINGPROBE_FAULT_F_CALLS: where the entry code, its own work but audit done, is
 * about to dispatch a system call (tracepoint sys_enter). RINGPROBE_FAULT_F_RETURN:
 * where it returns from one to user mode, interrupts off, all other work but the
 * architecture's done (a user-return notifier, which that tracepoint's probe registers
 * on its CPU, for once); where the thread slept or moved to another CPU meanwhile
 * there may be no such stamp. Both are taken twice, as the first and the last act of
 * the module's code there, so that its own time can be told.
 *
 * The records belong to the open file: whoever has a descriptor of it reads
 * them, or ends the recording, and the last close ends it too. To arm again
 * begins anew, for the thread that then calls. While any file is armed, each
 * signal and each page fault of the machine takes a few instructions longer; with
 * RINGPROBE_FAULT_F_CALLS or _F_RETURN, each system call of every thread: the kernel
 * sets SYSCALL_WORK_SYSCALL_TRACEPOINT on all of them. When none is, nothing does.
 *
 * EOPNOTSUPP: this kernel has not that tracepoint, or no user-return notifiers
 * (RINGPROBE_FEATURE_CALLS, _RETURN); or any flag through io_uring, whose worker threads
 * are not the caller. ENOMEM.
 */
struct ringprobe_fault_arm {
	__u32 size;
	__u32 flags;
	__u32 capacity;
	__u32 reserved;
};

/* ringprobe_fault_record.vector: what is no exception */
#define RINGPROBE_FAULT_CALL		0x100	/* a system call begins: first act there */
#define RINGPROBE_FAULT_CALLED		0x101	/* and last act */
#define RINGPROBE_FAULT_RETURN		0x102	/* it returns to user mode: first act there */
#define RINGPROBE_FAULT_RETURNED	0x103	/* and last act */

/**
 * struct ringprobe_fault_record - one stamp
 * @stamp: the kernel's TSC, in ticks
 * @signal: the signal's number; 0: none, what it is @vector tells
 * @vector: of the exception, as the kernel noted it for the thread (SIGSYS: 0); 14
 *	without a signal: a page fault; or, above all vectors, RINGPROBE_FAULT_*
 */
struct ringprobe_fault_record {
	__aligned_u64 stamp;
	__u32 signal;
	__u32 vector;
};

/* Records in one reply. */
#define RINGPROBE_FAULT_READ_MAX	3

/**
 * struct ringprobe_fault_read - the records (RINGPROBE_IOC_FAULT_READ)
 * @size: in: sizeof(struct ringprobe_fault_read)
 * @flags: in: 0
 * @first: in: the index of the first one wanted, at most the capacity
 * @count: out: how many follow, 0 to RINGPROBE_FAULT_READ_MAX
 * @total: out: how many there are, from 0 on
 * @lost: out: how many more there would be if more were kept
 * @record: out: in the order in which they were taken, from @first; the rest 0
 *
 * Where nothing was armed there are none. No address is recorded.
 * EINVAL: @first is above the capacity.
 */
struct ringprobe_fault_read {
	__u32 size;
	__u32 flags;
	__u32 first;
	__u32 count;
	__u32 total;
	__u32 lost;
	struct ringprobe_fault_record record[RINGPROBE_FAULT_READ_MAX];
};

/* mmap() offsets, in pages */
#define RINGPROBE_PAGE_OF_FILE		0	/* of this descriptor */
#define RINGPROBE_PAGE_OF_MODULE	1	/* of all, since it was loaded */

#define RINGPROBE_PAGE_VERSION		1

/**
 * struct ringprobe_page - what the module knows, to be read without a crossing
 * @version: RINGPROBE_PAGE_VERSION
 * @size: bytes of this structure that the module fills in
 * @sequence: odd while the page is being written
 * @offset: RINGPROBE_PAGE_OF_*
 * @features: RINGPROBE_FEATURE_*, as in INFO
 * @tsc_khz: as in INFO
 * @reserved: 0
 * @in: port accesses that were made: IN
 * @out: OUT
 * @refused: calls of PORT_IN, PORT_OUT and the batches that returned an error
 *
 * mmap() of one page, PROT_READ and MAP_SHARED. EACCES: the descriptor is not open
 * for reading, or PROT_WRITE and not open for writing; EINVAL: another length or
 * offset, or MAP_PRIVATE; EPERM: PROT_WRITE or PROT_EXEC, or the module's page for
 * an opener without CAP_SYS_RAWIO. mprotect() cannot add the two later (EACCES),
 * mremap() cannot enlarge it (EFAULT). The mapping outlives close(): the module
 * stays, and the counters, which are of the open file and not of its number. Writers
 * never wait for readers. A batch counts its IN, then its OUT. A reader:
 *
 *	do {
 *		sequence = atomic_load_explicit(&page->sequence, memory_order_acquire);
 *		copy = *page;
 *		atomic_thread_fence(memory_order_acquire);
 *	} while (sequence & 1 || sequence != page->sequence);
 */
struct ringprobe_page {
	__u32 version;
	__u32 size;
	__u32 sequence;
	__u32 offset;
	__aligned_u64 features;
	__u32 tsc_khz;
	__u32 reserved;
	__aligned_u64 in;
	__aligned_u64 out;
	__aligned_u64 refused;
};

/**
 * struct ringprobe_uring - the payload of an io_uring command
 * @argument: in: the address that ioctl() would be given
 * @zero: in: 0
 */
struct ringprobe_uring {
	__aligned_u64 argument;
	__aligned_u64 zero;
};

#endif /* _UAPI_RINGPROBE_H */
