// SPDX-License-Identifier: GPL-2.0
/* What module and caller can do. Asks access.c and allow.c; touches no port. */
#include <linux/string.h>

#include <ringprobe_version.h>
#include "compat.h"
#include "ringprobe.h"

u64 ringprobe_info_features(void)
{
	u32 bits;
	u64 mask = ringprobe_fault_features() | RINGPROBE_FEATURE_CPL | RINGPROBE_FEATURE_STAMP |
		   RINGPROBE_FEATURE_LSEEK_STAMP | RINGPROBE_FEATURE_PORT |
		   RINGPROBE_FEATURE_INSN | RINGPROBE_FEATURE_BATCH | RINGPROBE_FEATURE_PAGE;

	if (IS_ENABLED(CONFIG_IO_URING))
		mask |= RINGPROBE_FEATURE_URING;
	if (ringprobe_allow_pm_timer(&bits))
		mask |= RINGPROBE_FEATURE_PM_TIMER;
	if (boot_cpu_has(X86_FEATURE_LFENCE_RDTSC))
		mask |= RINGPROBE_FEATURE_LFENCE_ORDERS;
	return mask;
}

int ringprobe_info(struct file *file, void *arg)
{
	struct ringprobe_info *info = arg;
	bool asks_port = info->flags & RINGPROBE_INFO_F_PORT;

	if (!asks_port && (info->port || info->width))
		return -EINVAL;

	info->abi = RINGPROBE_ABI;
	info->arg_max = RINGPROBE_ARG_MAX;
	info->tsc_khz = tsc_khz;
	info->mode = ringprobe_mode();
	info->deny_in = ringprobe_access_layers(file, RINGPROBE_ACCESS_IN);
	info->deny_out = ringprobe_access_layers(file, RINGPROBE_ACCESS_OUT);
	info->port_kind = RINGPROBE_PORT_UNLISTED;
	if (asks_port) {
		info->deny_in |= ringprobe_access_port_layers(info->port, info->width, false);
		info->deny_out |= ringprobe_access_port_layers(info->port, info->width, true);
		info->port_kind = ringprobe_allow_kind(info->port);
	}
	info->ranges = ringprobe_allow_count();
	info->pm_timer_port = ringprobe_allow_pm_timer(&info->pm_timer_bits);
	info->features = ringprobe_info_features();
	strscpy_pad((char *)info->version, RINGPROBE_VERSION, sizeof(info->version));
	return 0;
}
