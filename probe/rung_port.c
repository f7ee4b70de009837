// SPDX-License-Identifier: GPL-2.0
/*
 * Rungs that read port 0x80, which the module allows everywhere: in ring 0, in a
 * call that is refused at the end of all checks, and by ioperm() in ring 3.
 * CAP_SYS_RAWIO is effective from begin to end and no longer.
 */
#include <errno.h>
#include <string.h>
#include <sys/io.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <ringprobe.h>
#include "dev.h"
#include "priv.h"
#include "reach.h"
#include "rung.h"

#define POST 0x80

static struct measure_call call;
static union {
	struct ringprobe_port port;
	struct ringprobe_insn insn;
	struct ringprobe_fault_arm arm;
	struct ringprobe_fault_read records;
} argument;

static int64_t sample_port(void)
{
	return rung_call(&call, 0);
}

/* Were it not refused, that would be no measure of the checks. */
static int64_t sample_refused(void)
{
	int64_t ticks = rung_call(&call, -EINVAL);

	return ticks >= 0 && argument.port.ticks ? -EPROTO : ticks;
}

/* What the module measured around the instruction. */
static int64_t sample_access(void)
{
	int64_t ticks = rung_call(&call, 0);

	return ticks < 0 ? ticks : (int64_t)argument.port.ticks;
}

static void end_port(void)
{
	priv_rawio(false);
}

/* Who refuses port I/O to us, if anybody does. */
static const char *may_not(struct rung_place *place, bool out)
{
	struct ringprobe_info info;
	__u32 layer;

	if (dev_info_port(place->fd, POST, 1, &info))
		return rung_lacks(place, RUNG_FAILED, "the module does not answer INFO");
	layer = reach_first(out ? info.deny_out : info.deny_in);
	return layer ? rung_lacks(place, RUNG_DENIED, reach_layer_why(layer)) : NULL;
}

static const char *begin_port(struct rung_place *place, bool out)
{
	const char *why = rung_needs_module(place);

	if (why)
		return why;
	memset(&argument, 0, sizeof(argument));
	argument.port.size = sizeof(argument.port);
	argument.port.port = POST;
	argument.port.width = 1;
	call = (struct measure_call){ SYS_ioctl, place->fd,
				      out ? RINGPROBE_IOC_PORT_OUT : RINGPROBE_IOC_PORT_IN,
				      (long)&argument };
	priv_rawio(true);
	why = may_not(place, out);
	if (why)
		priv_rawio(false);
	return why;
}

static const char *begin_in(struct rung_place *place)
{
	return begin_port(place, false);
}

static const char *begin_out(struct rung_place *place)
{
	return begin_port(place, true);
}

static const char *begin_refused(struct rung_place *place)
{
	const char *why = begin_port(place, false);

	argument.port.reserved = 1;
	return why;
}

/* Other operations that need the capability. The first word of each argument is its size. */
static const char *begin_operation(struct rung_place *place, long number, __u32 size)
{
	const char *why = begin_port(place, false);

	memset(&argument, 0, sizeof(argument));
	argument.insn.size = size;
	call.a2 = number;
	return why;
}

static const char *begin_insn(struct rung_place *place)
{
	const char *why = begin_operation(place, RINGPROBE_IOC_INSN, sizeof(argument.insn));

	argument.insn.insn = RINGPROBE_INSN_READ_CR0;
	return why;
}

static const char *begin_fault_arm(struct rung_place *place)
{
	return begin_operation(place, RINGPROBE_IOC_FAULT_ARM, sizeof(argument.arm));
}

static const char *begin_fault_read(struct rung_place *place)
{
	return begin_operation(place, RINGPROBE_IOC_FAULT_READ, sizeof(argument.records));
}

static const char *begin_ioperm(struct rung_place *place)
{
	int err;

	priv_rawio(true);
	err = ioperm(POST, 1, 1) ? errno : 0;
	priv_rawio(false);
	if (!err)
		return NULL;
	return err == ENOSYS ? rung_lacks(place, RUNG_ABSENT, "this kernel has no ioperm()") :
	       rung_lacks(place, RUNG_DENIED, "ioperm() needs CAP_SYS_RAWIO and no lockdown");
}

/* The same form as in ring 0: the port in DX. */
static int64_t sample_in(void)
{
	return RUNG_BRACKET("mov	%%edi, %%edx\n\tin	%%dx, %%al", "D"(POST));
}

static const char *begin_getppid(struct rung_place *place)
{
	call = (struct measure_call){ SYS_getppid, 0, 0, 0 };
	return begin_ioperm(place);
}

/* The kernel frees the bitmap with its last port. */
static void end_ioperm(void)
{
	ioperm(POST, 1, 0);
}

#define PORT .share = 1, .way = RUNG_CROSSES, .end = end_port

const struct rung rung_ports[] = {
	{ .name = "port-in", .label = "port read, in ring 0", PORT,
	  .begin = begin_in, .sample = sample_port,
	  .includes = "PORT_IN of port 0x80: the crossing, the checks, the access, the answer" },
	{ .name = "port-refused", .label = "port read, refused", PORT,
	  .begin = begin_refused, .sample = sample_refused,
	  .includes = "the same with a reserved field set: the crossing and the checks, no access" },
	{ .name = "in-ring0", .label = "IN alone, in ring 0", PORT,
	  .begin = begin_in, .sample = sample_access,
	  .includes = "the instruction of the above, between the module's two stamps" },
	{ .name = "port-out", .label = "port write, in ring 0", PORT, .operation = true,
	  .begin = begin_out, .sample = sample_port, .includes = "PORT_OUT of 0 to port 0x80" },
	{ .name = "insn", .label = "INSN ioctl", PORT, .operation = true,
	  .begin = begin_insn, .sample = sample_port, .includes = "CR0 read in ring 0" },
	{ .name = "fault-arm", .label = "FAULT_ARM ioctl", PORT, .operation = true,
	  .begin = begin_fault_arm, .sample = sample_port,
	  .includes = "flags 0: nothing is armed or disarmed" },
	{ .name = "fault-read", .label = "FAULT_READ ioctl", PORT, .operation = true,
	  .begin = begin_fault_read, .sample = sample_port,
	  .includes = "of no records, in a structure for three" },
	{ .name = "in-ring3", .label = "IN by ioperm, in ring 3", .share = 1,
	  .begin = begin_ioperm, .sample = sample_in, .end = end_ioperm,
	  .includes = "DX set, IN of port 0x80 in ring 3, permitted by the task's bitmap: no crossing" },
	{ .name = "getppid-ioperm", .label = "getppid, owning ioperm", .share = 1,
	  .way = RUNG_CROSSES, .begin = begin_getppid, .sample = sample_port, .end = end_ioperm,
	  .includes = "what each exit to ring 3 costs a task that owns such a bitmap" },
	{ .name = NULL },
};
