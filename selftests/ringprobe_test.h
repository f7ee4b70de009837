/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the tests share, included after kselftest_harness.h: calls that return the errno, so that one EXPECT_EQ
 * asserts it exactly; what a program lacks to run at all; and windows.
 *
 * A window is a pair of bytes, 0x01 and 0x02, that the module writes to QEMU's
 * debug port. Whoever traces the devices from outside the VM demands that no
 * access reaches any of them in between. A run is a pair of 0x03 and 0x04: between
 * them the test device's latch is written 1, 2, 3 and so on, each once. Without that
 * port they do nothing.
 */
#ifndef RINGPROBE_TEST_H
#define RINGPROBE_TEST_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* The harness's 30 s are too few where a kernel that watches itself is emulated. */
#ifdef TEST_TIMEOUT_DEFAULT
#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT 200
#endif

#include <linux/capability.h>
#include <ringprobe.h>

/* The harness's TEST() has a parameter that it does not use; clang says so. */
#pragma GCC diagnostic ignored "-Wunused-parameter"

#define POISON		0xcc

#define NO_CAPS		0ULL
#define RAWIO		(1ULL << CAP_SYS_RAWIO)
#define ALL_CAPS	((1ULL << (CAP_LAST_CAP + 1)) - 1)

#define PORT_POST	0x80	/* always allowed, 8 bits */
#define PORT_KEYBOARD	0x60	/* never listed by ports= */
#define PORT_RESET	0x64
#define PORT_TESTDEV	0xe0	/* QEMU's pc-testdev: a latch of 32 bits */
#define PORT_TESTDEV_B	0xe8	/* the same latch, byte by byte */
#define PORT_DEBUGCON	0x5e9	/* QEMU's isa-debugcon */

/* 0 for success, the errno for -1; anything else a call should never return. */
#define ERRNO(call) ({							\
	long ret_;							\
									\
	errno = 0;							\
	ret_ = (long)(call);						\
	ret_ == -1 ? errno : ret_ ? -1 : 0; })

/* In a function that runs in a child: the line of the check that failed, 0 when all held. */
#define CHECK(condition) do {						\
	if (!(condition))						\
		return __LINE__;					\
} while (0)

#define NO_NAMESPACE	(-2)	/* what such a function returns where it can have none */

/* What @call returned in a child of its own; -1 if that died. */
#define IN_CHILD(call) ({						\
	int *line_ = mmap(NULL, sizeof(*line_), PROT_READ | PROT_WRITE,	\
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);		\
	int status_ = -1, result_ = -1;					\
	pid_t child_;							\
									\
	if (line_ != MAP_FAILED) {					\
		*line_ = -1;						\
		child_ = fork();					\
		if (!child_) {						\
			*line_ = (call);				\
			_exit(0);					\
		}							\
		if (child_ > 0 && waitpid(child_, &status_, 0) == child_ && !status_) \
			result_ = *line_;				\
		munmap(line_, sizeof(*line_));				\
	}								\
	result_; })

/* One operation, its errno. */
static inline int op(int fd, unsigned int number, const void *arg)
{
	return ERRNO(syscall(SYS_ioctl, fd, number, arg));
}

static inline struct ringprobe_port port_access(uint32_t port, uint32_t width,
						uint32_t value)
{
	struct ringprobe_port access;

	memset(&access, POISON, sizeof(access));
	access.size = sizeof(access);
	access.flags = 0;
	access.port = port;
	access.width = width;
	access.value = value;
	access.reserved = 0;
	return access;
}

static inline int port_out(int fd, uint32_t port, uint32_t width, uint32_t value)
{
	struct ringprobe_port access = port_access(port, width, value);

	return op(fd, RINGPROBE_IOC_PORT_OUT, &access);
}

static inline int port_in(int fd, uint32_t port, uint32_t width, uint32_t *value)
{
	struct ringprobe_port access = port_access(port, width, 0xcccccccc);
	int err = op(fd, RINGPROBE_IOC_PORT_IN, &access);

	*value = access.value;
	return err;
}

/* Outputs poisoned. */
static inline struct ringprobe_insn insn_of(uint32_t number, uint32_t operand)
{
	struct ringprobe_insn insn;

	memset(&insn, POISON, sizeof(insn));
	insn.size = sizeof(insn);
	insn.flags = 0;
	insn.insn = number;
	insn.operand = operand;
	insn.pointer = 0;
	return insn;
}

/* Outputs poisoned. */
static inline struct ringprobe_fault_arm fault_arm_of(uint32_t flags)
{
	struct ringprobe_fault_arm arm;

	memset(&arm, POISON, sizeof(arm));
	arm.size = sizeof(arm);
	arm.flags = flags;
	return arm;
}

/* Outputs poisoned. */
static inline struct ringprobe_fault_read fault_read_of(uint32_t first)
{
	struct ringprobe_fault_read read;

	memset(&read, POISON, sizeof(read));
	read.size = sizeof(read);
	read.flags = 0;
	read.first = first;
	return read;
}

static inline struct ringprobe_op in_op(uint16_t port, uint8_t width)
{
	return (struct ringprobe_op){ .port = port, .access = width, .value = 0xcccccccc };
}

static inline struct ringprobe_op out_op(uint16_t port, uint8_t width, uint32_t value)
{
	return (struct ringprobe_op){ .port = port, .access = width | RINGPROBE_OP_OUT,
				      .value = value };
}

/* Outputs poisoned, no stamps. */
static inline struct ringprobe_batch batch_of(const struct ringprobe_op *ops, uint32_t count)
{
	return (struct ringprobe_batch){ .size = sizeof(struct ringprobe_batch), .count = count,
					 .completed = 0xcccccccc, .ops = (uintptr_t)ops };
}

/* 0, or the errno; -1 where the answer is none. */
static inline int fault_arm(int fd, uint32_t flags)
{
	struct ringprobe_fault_arm request = fault_arm_of(flags);
	int err = op(fd, RINGPROBE_IOC_FAULT_ARM, &request);

	return err ? err : request.capacity && !request.reserved ? 0 : -1;
}

/* Those from @first on; poison, where they cannot be read. */
static inline struct ringprobe_fault_read fault_records(int fd, uint32_t first)
{
	struct ringprobe_fault_read reply = fault_read_of(first);

	if (op(fd, RINGPROBE_IOC_FAULT_READ, &reply))
		memset(&reply, POISON, sizeof(reply));
	return reply;
}

/* What INFO says of @port; @width 0: of descriptor and caller alone. */
static inline int ask(int fd, struct ringprobe_info *info, uint32_t port, uint32_t width)
{
	memset(info, POISON, sizeof(*info));
	info->size = sizeof(*info);
	info->flags = width ? RINGPROBE_INFO_F_PORT : 0;
	info->port = port;
	info->width = width;
	return op(fd, RINGPROBE_IOC_INFO, info);
}

/* The errno that the contract gives for a mask of layers. */
static inline int errno_of_layers(uint32_t layers)
{
	if (layers & RINGPROBE_LAYER_FMODE)
		return EBADF;
	if (layers & (RINGPROBE_LAYER_OPENER | RINGPROBE_LAYER_CALLER | RINGPROBE_LAYER_LOCKDOWN))
		return EPERM;
	if (layers & RINGPROBE_LAYER_RANGE)
		return EINVAL;
	return layers ? EACCES : 0;
}

static inline int usable(int fd, uint32_t port, uint32_t width)
{
	struct ringprobe_info info;

	return !ask(fd, &info, port, width) && !info.deny_in && !info.deny_out;
}

static inline void mark_device(int fd, uint32_t value)
{
	if (usable(fd, PORT_DEBUGCON, 1))
		port_out(fd, PORT_DEBUGCON, 1, value);
}

static inline void window_opens(int fd)
{
	mark_device(fd, 0x01);
}

static inline void window_closes(int fd)
{
	mark_device(fd, 0x02);
}

static inline void run_begins(int fd)
{
	mark_device(fd, 0x03);
}

static inline void run_ends(int fd)
{
	mark_device(fd, 0x04);
}

/* The user's side of a bracket; see ringprobe_stamp.h for the fences. */
static inline uint64_t user_stamp(void)
{
	uint32_t low, high;

	__asm__ volatile("lfence\n\trdtsc\n\tlfence" : "=a"(low), "=d"(high) : : "memory");
	return (uint64_t)high << 32 | low;
}

static inline int set_caps(uint64_t effective, uint64_t permitted)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = {
		{ .effective = (uint32_t)effective, .permitted = (uint32_t)permitted },
		{ .effective = (uint32_t)(effective >> 32),
		  .permitted = (uint32_t)(permitted >> 32) },
	};

	return (int)syscall(SYS_capset, &header, data);
}

static inline int pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return sched_setaffinity(0, sizeof(set), &set);
}

static inline int unpin(void)
{
	cpu_set_t set;

	memset(&set, 0xff, sizeof(set));
	return sched_setaffinity(0, sizeof(set), &set);
}

/* The errno: a kernel may have no way to switch it. */
static inline int set_online(int cpu, int online)
{
	char path[64];
	int fd, err;

	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%d/online", cpu);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	err = fd < 0 || write(fd, online ? "1" : "0", 1) != 1 ? errno : 0;
	if (fd >= 0)
		close(fd);
	return err;
}

static inline int all_bytes(const void *buffer, uint8_t value, size_t length)
{
	const uint8_t *bytes = buffer;

	while (length && *bytes == value) {
		bytes++;
		length--;
	}
	return !length;
}

/* Port I/O as such: an open descriptor, the capability, no lockdown. */
static inline const char *lacks_port(void)
{
	int fd = open(RINGPROBE_DEVICE, O_RDWR | O_CLOEXEC);
	int yes = fd >= 0 && usable(fd, PORT_POST, 1);

	if (fd >= 0)
		close(fd);
	return yes ? NULL : "port I/O needs the module, CAP_SYS_RAWIO and no lockdown";
}

static inline const char *lacks_device(void)
{
	static char why[128];
	int fd = open(RINGPROBE_DEVICE, O_RDWR | O_CLOEXEC);

	if (fd >= 0) {
		close(fd);
		return NULL;
	}
	snprintf(why, sizeof(why), "%s: %s", RINGPROBE_DEVICE, strerror(errno));
	return why;
}

/* uid 0 with its capabilities, in the initial user namespace */
static inline const char *lacks_root(void)
{
	unsigned int inside = 1, outside = 1, length = 0;
	FILE *map = fopen("/proc/self/uid_map", "r");

	if (map) {
		if (fscanf(map, "%u %u %u", &inside, &outside, &length) != 3)
			length = 0;
		fclose(map);
	}
	if (geteuid() || inside || outside || length != 0xffffffff)
		return "needs root in the initial user namespace";
	return NULL;
}

#ifdef __KSELFTEST_HARNESS_H
/*
 * Who ends a program that takes too long (the kernel's runner, by timeout) ends the test with
 * it: that has a process group of its own, and would keep the runner waiting.
 */
static pid_t harness;

static inline void end_test(int number)
{
	if (getpid() == harness && __active_test)
		kill(-__active_test->pid, SIGKILL);
	signal(number, SIG_DFL);
	raise(number);
}

static void __attribute__((constructor)) be_ended_with_the_test(void)
{
	harness = getpid();
	signal(SIGTERM, end_test);
}
#endif

/*
 * A program that lacks what it needs exits with 4 before main(): the harness
 * of older kernels would count a program that skipped all its tests as passed.
 */
#define PROGRAM_NEEDS(...)						\
static void __attribute__((constructor)) program_needs(void)		\
{									\
	const char *(*const checks[])(void) = { __VA_ARGS__ };		\
	size_t i;							\
									\
	for (i = 0; i < ARRAY_SIZE(checks); i++) {			\
		const char *why = checks[i]();				\
									\
		if (why) {						\
			printf("TAP version 13\n1..0 # SKIP %s\n", why); \
			fflush(stdout);					\
			_exit(KSFT_SKIP);				\
		}							\
	}								\
}

#endif
