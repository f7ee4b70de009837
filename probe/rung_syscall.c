// SPDX-License-Identifier: GPL-2.0
/* Rungs that are one system call: any two differ by what the kernel does. */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <ringprobe.h>
#include "fault.h"
#include "look.h"
#include "reach.h"
#include "rung.h"

static struct measure_call call;
static union {
	struct timespec time;
	struct ringprobe_cpl cpl;
	struct ringprobe_info info;
	struct ringprobe_stamp stamp;
	char byte;
} argument;
static int zero = -1;

const char *rung_lacks(struct rung_place *place, enum rung_lack lack, const char *why)
{
	place->lack = lack;
	return why;
}

const char *rung_needs_module(struct rung_place *place)
{
	return place->fd >= 0 ? NULL :
	       rung_lacks(place, RUNG_DENIED, reach_status(place->fd));
}

int64_t rung_call(const struct measure_call *of, long expected)
{
	struct measure_bracket bracket;

	measure_bracket_find(0, 0)(of, &bracket);
	/* the kernel's range of errors, as in libc's syscall() */
	if (bracket.ret > (uint64_t)-4096L && (long)bracket.ret != expected)
		return (long)bracket.ret;
	return (int64_t)(bracket.last - bracket.first);
}

static int64_t sample(void)
{
	return rung_call(&call, call.nr == -1 ? -ENOSYS : 0);
}

static const char *begin_clock(struct rung_place *place)
{
	(void)place;
	call = (struct measure_call){ SYS_clock_gettime, CLOCK_MONOTONIC, (long)&argument, 0 };
	return NULL;
}

static const char *begin_enosys(struct rung_place *place)
{
	(void)place;
	call = (struct measure_call){ -1, 0, 0, 0 };
	return NULL;
}

static const char *begin_getppid(struct rung_place *place)
{
	(void)place;
	call = (struct measure_call){ SYS_getppid, 0, 0, 0 };
	return NULL;
}

/* A kernel may have it off: then it is a fault, so a child tries it first. */
static const char *begin_int80(struct rung_place *place)
{
	static enum { UNKNOWN, WORKS, FAULTS } found;
	struct fault_report report;

	if (found == UNKNOWN)
		found = look_int80_works(&report) ? WORKS : FAULTS;
	return found == WORKS ? NULL :
	       rung_lacks(place, RUNG_ABSENT, "this kernel has int 0x80 off");
}

/* getppid's number is 64 there (arch/x86/entry/syscalls/syscall_32.tbl). */
static int64_t sample_int80(void)
{
	return RUNG_BRACKET("mov	$64, %%eax\n\tint	$0x80", "D"(0), "S"(0));
}

static const char *begin_lseek(struct rung_place *place)
{
	call = (struct measure_call){ SYS_lseek, place->fd, 0, SEEK_CUR };
	return rung_needs_module(place);
}

static const char *begin_lseek_plain(struct rung_place *place)
{
	call = (struct measure_call){ SYS_lseek, place->fd, 0, SEEK_SET };
	return rung_needs_module(place);
}

static const char *begin_nop(struct rung_place *place)
{
	call = (struct measure_call){ SYS_ioctl, place->fd, RINGPROBE_IOC_NOP, 0 };
	return rung_needs_module(place);
}

/* The first word of each argument is its size. */
static const char *begin_operation(struct rung_place *place, long number, __u32 size)
{
	memset(&argument, 0, sizeof(argument));
	argument.cpl.size = size;
	call = (struct measure_call){ SYS_ioctl, place->fd, number, (long)&argument };
	return rung_needs_module(place);
}

static const char *begin_cpl(struct rung_place *place)
{
	return begin_operation(place, RINGPROBE_IOC_CPL, sizeof(argument.cpl));
}

static const char *begin_info(struct rung_place *place)
{
	return begin_operation(place, RINGPROBE_IOC_INFO, sizeof(argument.info));
}

static const char *begin_stamp(struct rung_place *place)
{
	return begin_operation(place, RINGPROBE_IOC_STAMP, sizeof(argument.stamp));
}

static const char *begin_read(struct rung_place *place)
{
	zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	if (zero < 0)
		return rung_lacks(place, RUNG_ABSENT, "/dev/zero cannot be opened");
	call = (struct measure_call){ SYS_read, zero, (long)&argument, 1 };
	return NULL;
}

static void end_read(void)
{
	close(zero);
}

#define SYSCALL .share = 1, .way = RUNG_CROSSES, .sample = sample

const struct rung rung_syscalls[] = {
	{ .name = "clock", .label = "clock, by a real call", SYSCALL, .begin = begin_clock,
	  .includes = "the system call that the vDSO saves" },
	{ .name = "enosys", .label = "no such call", SYSCALL, .begin = begin_enosys,
	  .includes = "syscall(-1): in, the number is looked up and refused, out" },
	{ .name = "getppid", .label = "getppid", SYSCALL, .begin = begin_getppid,
	  .includes = "the least that a real system call does; all are compared with it" },
	{ .name = "int80", .label = "getppid by int 0x80", .share = 1, .way = RUNG_CROSSES,
	  .begin = begin_int80, .sample = sample_int80,
	  .includes = "the old door: through the IDT, and back by IRET" },
	{ .name = "lseek", .label = "lseek, kernel's stamp", SYSCALL, .begin = begin_lseek,
	  .includes = "the way to a driver by its shortest call, and a read of the clock there" },
	{ .name = "lseek-plain", .label = "lseek, no stamp", SYSCALL, .begin = begin_lseek_plain,
	  .operation = true, .includes = "the same without the read of the clock" },
	{ .name = "nop", .label = "NOP ioctl", SYSCALL, .begin = begin_nop,
	  .includes = "the way to a driver's operation, and nothing done there" },
	{ .name = "cpl", .label = "CPL ioctl", SYSCALL, .begin = begin_cpl,
	  .includes = "registers read in ring 0, and 88 bytes of answer copied" },
	{ .name = "info", .label = "INFO ioctl", SYSCALL, .begin = begin_info,
	  .operation = true, .includes = "who may what, evaluated; 80 bytes of answer" },
	{ .name = "stamp", .label = "STAMP ioctl", SYSCALL, .begin = begin_stamp,
	  .operation = true, .includes = "two reads of the clock in ring 0, copied" },
	{ .name = "read", .label = "read 1 byte", SYSCALL, .begin = begin_read, .end = end_read,
	  .includes = "of /dev/zero: no disk, no cache" },
	{ .name = NULL },
};
