// SPDX-License-Identifier: GPL-2.0
/*
 * The chain of gates between this user and a port, in the order in which they
 * are met: machine, module file, loading, node, caller, kernel, port.
 */
#define _GNU_SOURCE
#include "gate.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <ringprobe_ports.h>
#include <ringprobe_version.h>
#include "dev.h"
#include "env.h"
#include "ko.h"
#include "load.h"
#include "owner.h"
#include "priv.h"
#include "reach.h"

/* What all gates look at. */
struct view {
	__u32 port, width;
	int fd;				/* the device, or -errno */
	bool loaded;			/* it is there, whether it opens or not */
	bool answers;			/* .info is the module's own judgement */
	struct ringprobe_info info;
	const struct ko *ko;
};

static void set(struct gate *gate, enum gate_answer answer, const char *next, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
static void set(struct gate *gate, enum gate_answer answer, const char *next, const char *fmt, ...)
{
	va_list args;

	gate->answer = answer;
	va_start(args, fmt);
	vsnprintf(gate->how, sizeof(gate->how), fmt, args);
	va_end(args);
	snprintf(gate->next, sizeof(gate->next), "%s", answer == GATE_YES ? "" : next);
}

/* The first character of a small file, 0 if there is none. */
static char read_flag(const char *path)
{
	FILE *f = fopen(path, "re");
	int c = f ? fgetc(f) : EOF;

	if (f)
		fclose(f);
	return c == EOF ? 0 : (char)c;
}

static void ask_cpu(const struct view *view, struct gate *gate)
{
	const char *machine = env_get()->machine;

	(void)view;
	set(gate, strcmp(machine, "x86_64") ? GATE_NO : GATE_YES, "use an x86-64 machine or VM",
	    "uname says %s", machine);
}

static void ask_kernel(const struct view *view, struct gate *gate)
{
	static const char next[] = "make demo, which boots a VM of its own; or a VM where you are root";
	const char *container = env_get()->container;
	bool may = priv_has_module();

	if (view->loaded)
		set(gate, GATE_YES, "", "it is loaded");
	else if (!strcmp(container, "WSL"))
		set(gate, GATE_UNKNOWN, next, "WSL: Microsoft's kernel, its headers are not packaged");
	else if (*container)
		set(gate, may ? GATE_YES : GATE_NO, next,
		    "%s container, %s CAP_SYS_MODULE", container,
		    may ? "with" : "no");
	else
		set(gate, may ? GATE_YES : GATE_NO, "become root (sudo), in a VM that you may break",
		    "%s CAP_SYS_MODULE", may ? "you have" : "you have no");
}

/* A long path has no blank to break the line at. */
static void name_file(const struct ko *ko, char *name, size_t size)
{
	const char *release = ko->path + strlen("/lib/modules/"), *rest = strchrnul(release, '/');

	if (ko->installed && *rest)
		snprintf(name, size, "%s of %.*s", rest + 1, (int)(rest - release), release);
	else
		snprintf(name, size, "%s", ko->path);
}

static void ask_built(const struct view *view, struct gate *gate)
{
	const struct ko *ko = view->ko;
	bool same = !*ko->version || !strcmp(ko->version, RINGPROBE_VERSION);
	char name[sizeof(ko->path)];

	name_file(ko, name, sizeof(name));

	if (view->loaded)
		set(gate, GATE_YES, "", "it is loaded");
	else if (!*ko->path)
		set(gate, GATE_NO, load_next(), "no ./ringprobe.ko, none installed");
	else if (same)
		set(gate, GATE_YES, "", "%s", name);
	else
		set(gate, GATE_YES, "", "%s: version %s, and this probe is %s", name, ko->version,
		    RINGPROBE_VERSION);
}

static void ask_fits(const struct view *view, struct gate *gate)
{
	const struct ko *ko = view->ko;
	const char *kernel = env_get()->kernel;

	if (view->loaded)
		set(gate, GATE_YES, "", "it is loaded");
	else if (!*ko->release)
		set(gate, GATE_UNKNOWN, load_next(), !*ko->path ? "no module file" :
		    ko->no_modinfo ? "no modinfo (package kmod) to read it with" :
				     "modinfo cannot read it: not a module, or damaged");
	else if (ko->fits)
		set(gate, GATE_YES, "", "vermagic %s, as uname -r", ko->release);
	else
		set(gate, GATE_NO, load_next(), "built for %s, running %s", ko->release, kernel);
}

/* Who would refuse a module without a trusted signature? */
static void ask_signature(const struct view *view, struct gate *gate)
{
	const struct env *e = env_get();
	const char *signer = view->ko->signer;
	char enforce;
	bool wanted = load_wants_signature(&enforce);
	const char *boot = e->secure_boot == ENV_YES ? "on" :
			   e->secure_boot == ENV_NO ? "off" : "unknown";

	if (view->loaded)
		set(gate, GATE_YES, "", "it is loaded");
	else if (!wanted)
		set(gate, GATE_YES, "", "sig_enforce %c, lockdown %s, Secure Boot %s",
		    enforce ? enforce : '-', *e->lockdown ? e->lockdown : "-", boot);
	else
		set(gate, *signer ? GATE_UNKNOWN : GATE_NO, load_next(),
		    "enforced (sig_enforce %c, lockdown %s, Secure Boot %s); %s%s%s",
		    enforce ? enforce : '-', *e->lockdown ? e->lockdown : "-", boot,
		    *signer ? "signed by " : *view->ko->path ? "not signed" : "no module file", signer,
		    *signer ? ": loading tells whether that is trusted" : "");
}

static void ask_modules_disabled(const struct view *view, struct gate *gate)
{
	char disabled = read_flag("/proc/sys/kernel/modules_disabled");
	bool modules = !access("/proc/modules", F_OK);

	if (view->loaded)
		set(gate, GATE_YES, "", "it is loaded");
	else if (!modules)
		set(gate, GATE_NO, "make demo, which boots a kernel that has modules",
		    "no /proc/modules: built without them");
	else if (!disabled)
		set(gate, GATE_UNKNOWN, "make demo", "no kernel.modules_disabled to read");
	else
		set(gate, disabled == '0' ? GATE_YES : GATE_NO,
		    "reboot: kernel.modules_disabled cannot be taken back",
		    "kernel.modules_disabled is %c", disabled);
}

static void ask_loaded(const struct view *view, struct gate *gate)
{
	if (view->fd == -EPROTO)
		set(gate, GATE_NO, reach_next(-EPROTO), "%s", reach_status(-EPROTO));
	else if (view->loaded)
		set(gate, GATE_YES, "", "there is /sys/class/misc/ringprobe");
	else
		set(gate, GATE_NO, load_next(), "no /sys/class/misc/ringprobe");
}

static void ask_node(const struct view *view, struct gate *gate)
{
	if (view->fd >= 0)
		set(gate, GATE_YES, "", "opened " RINGPROBE_DEVICE);
	else
		set(gate, GATE_NO, reach_next(view->fd), "open: %s",
		    strerrorname_np(-view->fd));
}

static void ask_userns(const struct view *view, struct gate *gate)
{
	bool initial = priv_in_initial_userns();

	(void)view;
	set(gate, initial ? GATE_YES : GATE_NO, "run it outside of the user namespace (or container)",
	    "uid_map: %s", initial ? "every id is itself" : "ids are mapped");
}

static void ask_capability(const struct view *view, struct gate *gate, __u32 layer)
{
	bool has = priv_has_rawio(), had = has && priv_in_initial_userns();

	if (view->answers)
		set(gate, view->info.deny_in & layer ? GATE_NO : GATE_YES, "run it as root (sudo)",
		    "the module's own check");
	else
		set(gate, had ? GATE_YES : GATE_NO, "run it as root (sudo)",
		    "capget%s", has && !had ? ": inside this user namespace only" : "");
}

static void ask_opener(const struct view *view, struct gate *gate)
{
	ask_capability(view, gate, RINGPROBE_LAYER_OPENER);
}

static void ask_caller(const struct view *view, struct gate *gate)
{
	ask_capability(view, gate, RINGPROBE_LAYER_CALLER);
}

static void ask_lockdown(const struct view *view, struct gate *gate)
{
	static const char next[] = "reboot without lockdown= and with Secure Boot off, in a VM";
	const char *lockdown = env_get()->lockdown;

	if (view->answers)
		set(gate, view->info.deny_in & RINGPROBE_LAYER_LOCKDOWN ? GATE_NO : GATE_YES, next,
		    "the module's own check; /sys: %s", *lockdown ? lockdown : "none");
	else if (*lockdown)
		set(gate, strcmp(lockdown, "none") ? GATE_NO : GATE_YES, next,
		    "/sys/kernel/security/lockdown: %s", lockdown);
	else
		set(gate, GATE_UNKNOWN, "mount -t securityfs none /sys/kernel/security",
		    "no /sys/kernel/security/lockdown");
}

/* The step that changes what the module allows; it cannot change while loaded. */
static void reload(const struct view *view, const char *parameter, char *next, size_t size)
{
	snprintf(next, size, "%ssudo insmod ringprobe.ko %s=%#x",
		 view->loaded ? "sudo rmmod ringprobe; " : "", parameter, view->port);
}

/* What the module says of the port, in words. */
static const char *port_kind(const struct view *view)
{
	switch (view->info.port_kind) {
	case RINGPROBE_PORT_BUILTIN:
		return view->port == RINGPROBE_PORT_POST ? RINGPROBE_PORT_POST_WHY :
							   RINGPROBE_PM_TIMER_WHY;
	case RINGPROBE_PORT_CLAIMED:
		return "listed by ports=, and claimed";
	case RINGPROBE_PORT_UNSAFE:
		return "listed by unsafe_ports=, not claimed";
	case RINGPROBE_PORT_DENIED:
		return "on the hard deny-list";
	}
	return "not listed by ports=";
}

/* Builtin ports are known without the module, and that is all that is. */
static void ask_listed(const struct view *view, struct gate *gate)
{
	__u32 listed = RINGPROBE_LAYER_ALLOW_LIST | RINGPROBE_LAYER_DENY_LIST | RINGPROBE_LAYER_RANGE;
	bool in = !(view->info.deny_in & listed), out = !(view->info.deny_out & listed);
	bool post = view->port == RINGPROBE_PORT_POST && view->width == 1;
	bool builtin = view->answers && view->info.port_kind == RINGPROBE_PORT_BUILTIN;
	char next[128];

	if (builtin)
		snprintf(next, sizeof(next), "none for this width: it is built in for %s",
			 view->port == RINGPROBE_PORT_POST ? "8 bits" : "IN of 32 bits");
	else
		reload(view, "ports", next, sizeof(next));
	if (!view->answers)
		set(gate, post ? GATE_YES : GATE_UNKNOWN, "load the module and ask again",
		    post ? RINGPROBE_PORT_POST_WHY : "the list is the module's");
	else
		set(gate, in || out ? GATE_YES : GATE_NO, next, "%s%s", port_kind(view),
		    in && out ? "" : in ? " (IN only)" : out ? " (OUT only)" : "");
}

static void ask_denied(const struct view *view, struct gate *gate)
{
	const char *danger = "", *what = reach_port(view->port, view->width, &danger);
	bool lifted = view->answers && view->info.port_kind == RINGPROBE_PORT_UNSAFE;
	bool builtin = view->answers && view->info.port_kind == RINGPROBE_PORT_BUILTIN;
	char next[128];

	reload(view, "unsafe_ports", next, sizeof(next));
	if (lifted || builtin)
		set(gate, GATE_YES, "", "%s", builtin ? "built in" : port_kind(view));
	else if (!view->answers && what && view->width == 4 && !strncmp(what, "ACPI", 4))
		set(gate, GATE_UNKNOWN, "load the module and ask again",
		    "%s; only its timer is excepted", what);
	else if (what && view->port == RINGPROBE_PORT_KEYBOARD)
		set(gate, GATE_NO, next,
		    "%s: %s; unsafe_ports=0x60 lifts it (in a VM)", what, danger);
	else if (what)
		set(gate, GATE_NO, "none: no option allows this port; try 0x80", "%s: %s", what, danger);
	else if (view->answers && view->info.port_kind == RINGPROBE_PORT_DENIED)
		set(gate, GATE_NO, "none: no option allows this port; try 0x80",
		    "ACPI power management, by this machine's FADT");
	else if (!view->answers)
		set(gate, GATE_UNKNOWN, "load the module and ask again",
		    "not on the fixed list; the module knows where ACPI is");
	else
		set(gate, GATE_YES, "", "not on the hard deny-list");
}

/* Only a range of another driver is in the way: ports= could not claim it. */
static void ask_owner(const struct view *view, struct gate *gate)
{
	__u32 kind = view->info.port_kind;
	bool listed = kind == RINGPROBE_PORT_BUILTIN || kind == RINGPROBE_PORT_CLAIMED ||
		      kind == RINGPROBE_PORT_UNSAFE;
	bool post = view->port == RINGPROBE_PORT_POST;
	struct owner owner;
	char next[128];

	reload(view, "unsafe_ports", next, sizeof(next));
	if (!owner_find(view->port, view->width, &owner))
		set(gate, GATE_UNKNOWN, "run it as root (sudo)",
		    "/proc/ioports hides it from you");
	else if (!owner.found)
		set(gate, GATE_YES, "", "/proc/ioports names none");
	else if (listed || post)
		set(gate, GATE_YES, "", "\"%s\" has it: not in the way", owner.name);
	else
		set(gate, GATE_NO, next, "\"%s\" has %04x-%04x: ports= gives EBUSY",
		    owner.name, owner.first, owner.last);
}

static const struct {
	const char *name, *question;
	void (*ask)(const struct view *view, struct gate *gate);
	bool port;				/* only for a port */
} gates[] = {
	{ "cpu", "x86-64", ask_cpu, false },
	{ "kernel", "may load modules", ask_kernel, false },
	{ "built", "module built", ask_built, false },
	{ "vermagic", "built for this kernel", ask_fits, false },
	{ "signature", "unsigned is accepted", ask_signature, false },
	{ "modules_disabled", "loading not disabled", ask_modules_disabled, false },
	{ "loaded", "module loaded", ask_loaded, false },
	{ "node", "node opens for you", ask_node, false },
	{ "userns", "initial user namespace", ask_userns, false },
	{ "opener", "opener has CAP_SYS_RAWIO", ask_opener, false },
	{ "caller", "caller has CAP_SYS_RAWIO", ask_caller, false },
	{ "lockdown", "no kernel lockdown", ask_lockdown, false },
	{ "deny_list", "not denied for good", ask_denied, true },
	{ "owner", "no other driver has it", ask_owner, true },
	{ "allow_list", "on the allow-list", ask_listed, true },
};

static void open_view(struct view *view, __u32 port, __u32 width_bytes)
{
	memset(view, 0, sizeof(*view));
	view->port = port;
	view->width = width_bytes;
	priv_rawio(true);
	view->fd = dev_open(true);
	if (view->fd == -EACCES)
		view->fd = dev_open(false);
	if (view->fd >= 0)
		view->answers = !(port == GATE_NO_PORT ? dev_info(view->fd, &view->info) :
				  dev_info_port(view->fd, port, width_bytes, &view->info));
	priv_rawio(false);
	view->loaded = view->fd >= 0 || !access("/sys/class/misc/ringprobe", F_OK);
	view->ko = ko_get();
}

void gate_ask(struct gate_chain *chain, __u32 port, __u32 width_bytes)
{
	struct view view;

	memset(chain, 0, sizeof(*chain));
	open_view(&view, port, width_bytes);
	chain->loaded = view.loaded && view.fd != -EPROTO;
	for (size_t i = 0; i < sizeof(gates) / sizeof(gates[0]); i++) {
		struct gate *gate = &chain->gate[chain->n];

		if (gates[i].port && port == GATE_NO_PORT)
			continue;
		gate->name = gates[i].name;
		gate->question = gates[i].question;
		gates[i].ask(&view, gate);
		chain->n++;
		if (gate->answer == GATE_NO && !chain->first_no)
			chain->first_no = gate;
		chain->unknown |= gate->answer == GATE_UNKNOWN;
	}
	if (view.fd >= 0)
		close(view.fd);
}

const char *gate_word(enum gate_answer answer)
{
	return answer == GATE_YES ? "yes" : answer == GATE_NO ? "no" : "cannot tell";
}
