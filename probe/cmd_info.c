// SPDX-License-Identifier: GPL-2.0
/* This machine, the module, and what you may do here, with the layer that says no. */
#include <errno.h>
#include <getopt.h>
#include <unistd.h>

#include "dev.h"
#include "env.h"
#include "main.h"
#include "out.h"
#include "priv.h"
#include "reach.h"
#include "show.h"

const struct main_help info_help = {
	NULL,
	"Shows where you are: CPU, hypervisor (what it says, and how it behaves),\n"
	"kernel, mitigations, the time-stamp counter, lockdown; then the module, and\n"
	"what you may do with it. Where you may not, it names the layer that says no.\n"
	"--wide lists every mitigation. Takes half a second: the counter is measured,\n"
	"not looked up.\n",
	"  ringprobe info --wide\n"
	"  ringprobe info --json\n",
};

static void show_features(__u64 features)
{
	static const char *const names[] = { "CPL", "STAMP", "lseek stamp", "PORT", "PM timer",
					     "LFENCE orders RDTSC" };

	out_uint("features", NULL, features);
	out_to(SHOW_FACT);
	out_text("can: ");
	for (unsigned int i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (features >> i & 1)
			out_text("%s%s", i ? ", " : "", names[i]);
	out_text("\n");
}

static void show_info(const struct ringprobe_info *info)
{
	out_uint("abi", NULL, info->abi);
	out_str("version", NULL, (const char *)info->version);
	show_features(info->features);
	out_to(SHOW_FACT);
	out_uint("ranges", "%llu port ranges allowed", info->ranges);
	out_uint("arg_max", NULL, info->arg_max);
	out_uint("tsc_khz", "; the kernel's TSC rate: %llu kHz", info->tsc_khz);
	if (info->pm_timer_port) {
		out_text("\n");
		out_to(SHOW_FACT);
		out_uint("pm_timer_port", "ACPI PM timer at 0x%04llx", info->pm_timer_port);
		out_uint("pm_timer_bits", ", %llu bits", info->pm_timer_bits);
	}
}

static void may(const char *name, const char *label, const char *refused_by)
{
	show_begin(name, label);
	out_role(refused_by ? OUT_BAD : OUT_GOOD);
	out_str("answer", "%s", refused_by ? "no" : "yes");
	out_str("layer", refused_by ? ": refused by %s" : NULL, refused_by);
	out_row_end();
}

/* Who refuses, NULL if nobody does. */
static const char *who(__u32 deny)
{
	return deny ? reach_layer(reach_first(deny)) : NULL;
}

static void show_rights(const struct ringprobe_info *info, int fd)
{
	show_begin("you", "you");
	out_str("user", "%s", env_get()->user);
	out_bool("rawio", priv_has_rawio());
	out_text(", %s CAP_SYS_RAWIO%s", priv_has_rawio() ? "with" : "without",
		 priv_in_initial_userns() ? "" : ", but only in a user namespace of your own");
	out_bool("initial_userns", priv_in_initial_userns());
	out_row_end();
	if (!info && fd != -EACCES)
		return;
	may("may_report", "look, time", info ? NULL : "the mode of the node");
	may("may_in", "read ports", info ? who(info->deny_in) : "the mode of the node");
	may("may_out", "write ports", info ? who(info->deny_out) : "the mode of the node");
}

static void show_module(void)
{
	struct ringprobe_info info;
	bool there;
	int fd;

	priv_rawio(true);
	fd = dev_open(true);
	if (fd == -EACCES)
		fd = dev_open(false);
	there = fd >= 0 && !dev_info(fd, &info);
	priv_rawio(false);
	show_begin("module", "module");
	out_bool("there", there);
	out_say("status", SHOW_FACT, "%s", reach_status(fd));
	if (there)
		show_info(&info);
	else
		out_next(SHOW_FACT, reach_next(fd));
	out_row_end();
	show_rights(there ? &info : NULL, fd);
	if (fd >= 0)
		close(fd);
}

int cmd_info(int argc, char **argv)
{
	if (main_getopt(argc, argv) != -1)
		return EXIT_USAGE;
	if (optind < argc)
		return main_usage("info takes no argument: \"%s\"", argv[optind]);
	show_machine();
	show_module();
	return EXIT_PROVEN;
}
