// SPDX-License-Identifier: GPL-2.0
/* The ring 0 half of the atlas: which operation stands for an entry. */
#include "ring0.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "dev.h"
#include "fault.h"
#include "priv.h"
#include "reach.h"

static int run_insn(int fd, const struct atlas_entry *entry, struct ring0 *result)
{
	static const __u64 own = 0x1122334455667788;
	struct ringprobe_insn insn = { .insn = entry->arg0 & 0xffff, .operand = entry->arg0 >> 16 };
	int err;

	if (insn.insn == RINGPROBE_INSN_READ_USER)
		insn.pointer = (__u64)&own;
	err = dev_insn(fd, &insn);
	if (err)
		return err;
	memcpy(result->value, insn.value, sizeof(result->value));
	result->ticks = insn.ticks;
	result->cpl = insn.cpl;
	result->vector = (int)insn.vector;
	result->redacted = insn.notes & RINGPROBE_INSN_REDACTED;
	result->outcome = insn.status == RINGPROBE_INSN_EXECUTED ? RING0_DONE :
			  insn.status == RINGPROBE_INSN_FAULTED ? RING0_FAULTED : RING0_ABSENT;
	return 0;
}

static int run_port(int fd, const struct atlas_entry *entry, struct ring0 *result)
{
	__u32 value = 0x42;
	int err = dev_port(fd, entry->ring0 == RING0_OUT, entry->arg0 >> 8, entry->arg0 & 0xff,
			   &value, &result->ticks);

	result->value[0] = value;
	result->outcome = RING0_DONE;
	return err;
}

/* As far as SGDT says that the table goes; @result->ticks: of all of them. */
static int run_lar(int fd, struct ring0 *result)
{
	struct ringprobe_insn insn = { .insn = RINGPROBE_INSN_SGDT };
	int err = dev_insn(fd, &insn);
	__u64 limit = insn.value[0];

	for (__u64 selector = 0; !err && selector <= limit; selector += 8) {
		insn = (struct ringprobe_insn){ .insn = RINGPROBE_INSN_LAR,
						.operand = (__u32)selector };
		err = dev_insn(fd, &insn);
		if (insn.value[1])
			result->levels[insn.value[0] >> 13 & 3]++;	/* SDM vol. 2, LAR: DPL */
		result->ticks += insn.ticks;
	}
	result->outcome = RING0_DONE;
	return err;
}

/* What must come of it in ring 0 is simple: it runs, unless it may not even there. */
static void compare(const struct atlas_entry *entry, struct ring0 *result)
{
	const struct deviate *known = deviate_known(entry, 0, RUN_MODE_64);
	bool faulted = result->outcome == RING0_FAULTED;

	result->known = known;
	result->differs = entry->refused0 ? !faulted || result->vector != FAULT_GENERAL_PROTECTION :
					    faulted;
	if (known && (faulted ? result->vector : -1) == known->vector)
		result->differs = false;
	else
		result->known = NULL;
}

static int run(int fd, const struct atlas_entry *entry, struct ring0 *result)
{
	switch (entry->ring0) {
	case RING0_INSN: return run_insn(fd, entry, result);
	case RING0_LAR: return run_lar(fd, result);
	default: return run_port(fd, entry, result);
	}
}

void ring0_run(const struct atlas_entry *entry, struct ring0 *result)
{
	int fd;

	memset(result, 0, sizeof(*result));
	result->outcome = RING0_LEFT_OUT;
	if (entry->ring0 == RING0_NOT_RUN)
		return;
	fd = reach_open(entry->ring0 == RING0_OUT);
	if (fd < 0) {
		result->outcome = RING0_UNREACHED;
		result->err = result->fd = fd;
		return;
	}
	priv_rawio(true);
	result->err = run(fd, entry, result);
	priv_rawio(false);
	close(fd);
	if (result->err)
		result->outcome = result->err == -EACCES ? RING0_REFUSED : RING0_UNREACHED;
	else if (result->outcome != RING0_ABSENT)
		compare(entry, result);
}

const char *ring0_word(enum ring0_outcome outcome)
{
	static const char *const words[] = {
		[RING0_DONE] = "works", [RING0_FAULTED] = "faults", [RING0_ABSENT] = "absent",
		[RING0_REFUSED] = "refused", [RING0_UNREACHED] = "not run",
		[RING0_LEFT_OUT] = "-",
	};

	return words[outcome];
}
