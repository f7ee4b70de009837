// SPDX-License-Identifier: GPL-2.0
/* Each answer is read from the running kernel, and says from where. */
#include "path_live.h"

#include <stdio.h>
#include <string.h>

#include "env.h"

/*
 * A mitigation is live if one of these files says so: its first words are the text, or
 * it holds it. What is tried in vain, for want of microcode, costs as much.
 */
struct sign {
	enum path_part part;
	const char *file, *text;
	bool anywhere;
};

/* arch/x86/kernel/cpu/bugs.c; "Enhanced IBRS" and IBRS_FW are not on this way. */
static const struct sign signs[] = {
	{ PATH_IBRS, "retbleed", "Mitigation: IBRS", false },
	{ PATH_IBRS, "spectre_v2", "Mitigation: IBRS", false },
	{ PATH_UNTRAIN, "retbleed", "Mitigation: untrained return thunk", false },
	{ PATH_UNTRAIN, "retbleed", "Mitigation: IBPB", false },
	{ PATH_UNTRAIN, "spec_rstack_overflow", "Mitigation: Safe RET", false },
	{ PATH_UNTRAIN, "spec_rstack_overflow", "Vulnerable: Safe RET", false },
	{ PATH_UNTRAIN, "spec_rstack_overflow", "Mitigation: IBPB", false },
	{ PATH_BHB, "spectre_v2", "BHI: SW loop", true },
	{ PATH_VERW, "mds", "Mitigation: Clear CPU buffers", false },
	{ PATH_VERW, "mds", "Vulnerable: Clear CPU buffers attempted", false },
	{ PATH_VERW, "tsx_async_abort", "Mitigation: Clear CPU buffers", false },
	{ PATH_VERW, "tsx_async_abort", "Vulnerable: Clear CPU buffers attempted", false },
	{ PATH_VERW, "mmio_stale_data", "Mitigation: Clear CPU buffers", false },
	{ PATH_VERW, "mmio_stale_data", "Vulnerable: Clear CPU buffers attempted", false },
	{ PATH_VERW, "reg_file_data_sampling", "Mitigation: Clear Register File", false },
	{ PATH_VERW, "tsa", "Mitigation: Clear CPU buffers", false },
	{ PATH_VERW, "tsa", "Vulnerable: Clear CPU buffers attempted", false },
	{ PATH_IBPB, "vmscape", "Mitigation: IBPB before exit to userspace", false },
};

static const struct {
	const char *key, *name;
} names[PATH_PARTS] = {
	[PATH_PTI] = { "pti", "PTI" }, [PATH_IBRS] = { "ibrs", "IBRS" },
	[PATH_UNTRAIN] = { "untrain_ret", "UNTRAIN_RET" }, [PATH_BHB] = { "bhb", "BHB clear" },
	[PATH_VERW] = { "verw", "VERW" }, [PATH_IBPB] = { "ibpb", "IBPB on exit" },
	[PATH_KSTACK] = { "kstack", "kstack randomisation" },
	[PATH_SECCOMP] = { "seccomp", "seccomp" }, [PATH_PTRACE] = { "ptrace", "ptrace" },
	[PATH_TRACING] = { "tracing", "tracing" }, [PATH_AUDIT] = { "audit", "audit" },
};

static void answer(struct path_live *live, enum path_answer what, const char *where,
		   const char *value)
{
	live->answer = what;
	snprintf(live->how, sizeof(live->how), "%s: %s", where, value);
}

static bool says(const struct sign *sign, const char *state)
{
	size_t length = strlen(sign->text);

	if (sign->anywhere)
		return strstr(state, sign->text) != NULL;
	return !strncmp(state, sign->text, length) && strchr(";,", state[length]);
}

/* Live by the first file that says so; not here where there are some, and none does. */
static void ask_mitigation(enum path_part part, struct path_live *live)
{
	const char *state, *last = NULL;
	char files[96] = "";
	size_t used = 0;

	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
		state = signs[i].part == part ? env_mitigation(signs[i].file) : NULL;
		if (!state)
			continue;
		if (says(&signs[i], state)) {
			answer(live, PATH_LIVE, signs[i].file, state);
			return;
		}
		if (last && !strcmp(last, signs[i].file))
			continue;
		last = signs[i].file;
		used += (size_t)snprintf(files + used, sizeof(files) - used, "%s%s",
					 used ? ", " : "", last);
	}
	if (last)
		answer(live, PATH_NOT_HERE, files, strchr(files, ',') ? "none says so" :
		       env_mitigation(last));
	else
		answer(live, PATH_CANNOT_TELL, "/sys/.../vulnerabilities", "does not say");
}

/* The value of a line "@key<value>" of @path; NULL: no file, or no such line. */
static const char *line_of(const char *path, const char *key)
{
	static char line[8192];
	size_t length = strlen(key);
	FILE *f = fopen(path, "re");
	bool found = false;

	while (f && !found && fgets(line, sizeof(line), f))
		found = !strncmp(line, key, length);
	if (f)
		fclose(f);
	line[strcspn(line, "\n")] = '\0';
	return found ? line + length + strspn(line + length, " \t") : NULL;
}

/* The last "@key<value>" of the kernel's command line, or NULL. */
static const char *parameter(const char *key)
{
	static char words[4096];
	const char *value = NULL;
	char *rest = words;

	env_read_line("/proc/cmdline", words, sizeof(words));
	for (char *word; (word = strsep(&rest, " "));)
		if (!strncmp(word, key, strlen(key)))
			value = word + strlen(key);
	return value;
}

static bool is_on(const char *value)
{
	return strchr("1yY", *value) || !strcmp(value, "on");
}

/* The line of the kernel's configuration, from where one may be found. */
static const char *configured(const char *key)
{
	static const char *const places[] = {
		"/boot/config-%s", "/lib/modules/%s/config", "/lib/modules/%s/build/.config",
		"/usr/src/linux-headers-%s/.config",
	};
	const char *value = NULL;
	char path[256];

	for (size_t i = 0; !value && i < sizeof(places) / sizeof(places[0]); i++) {
		snprintf(path, sizeof(path), places[i], env_get()->kernel);
		value = line_of(path, key);
	}
	return value;
}

static void ask_kstack(struct path_live *live)
{
	const char *value = parameter("randomize_kstack_offset=");

	if (value) {
		answer(live, is_on(value) ? PATH_LIVE : PATH_NOT_HERE,
		       "/proc/cmdline: randomize_kstack_offset", value);
		return;
	}
	value = configured("CONFIG_RANDOMIZE_KSTACK_OFFSET_DEFAULT=");
	if (value)
		answer(live, PATH_LIVE, "CONFIG_RANDOMIZE_KSTACK_OFFSET_DEFAULT", value);
	else if (configured("# CONFIG_RANDOMIZE_KSTACK_OFFSET"))
		answer(live, PATH_NOT_HERE, "CONFIG_RANDOMIZE_KSTACK_OFFSET_DEFAULT", "not set");
	else
		answer(live, PATH_CANNOT_TELL, "the kernel's configuration", "not found");
}

/* Its file among the vulnerabilities says "Not affected" where pti=on has switched it on. */
static void ask_pti(struct path_live *live)
{
	const char *flags = line_of("/proc/cpuinfo", "flags");
	bool there = flags && strstr(flags, " pti ");

	if (flags)
		answer(live, there ? PATH_LIVE : PATH_NOT_HERE, "/proc/cpuinfo",
		       there ? "the flag pti" : "no flag pti");
	else
		answer(live, PATH_CANNOT_TELL, "/proc/cpuinfo", "no flags");
}

static void ask_status(struct path_live *live, const char *key)
{
	const char *value = line_of("/proc/self/status", key);
	char where[64];

	snprintf(where, sizeof(where), "/proc/self/status: %.*s", (int)strlen(key) - 1, key);
	if (value)
		answer(live, strcmp(value, "0") ? PATH_LIVE : PATH_NOT_HERE, where, value);
	else
		answer(live, PATH_CANNOT_TELL, where, "not there");
}

/* Users of the tracepoint by perf or BPF do not show. */
static void ask_tracing(struct path_live *live, bool armed)
{
	const char *file = "/sys/kernel/tracing/events/raw_syscalls/sys_enter/enable";
	const char *value = armed ? NULL : line_of(file, "");

	if (armed)
		answer(live, PATH_LIVE, "sys_enter", "this measurement's own probe");
	else if (value)
		answer(live, *value == '1' ? PATH_LIVE : PATH_NOT_HERE,
		       "events/raw_syscalls/sys_enter/enable", value);
	else
		answer(live, PATH_CANNOT_TELL, "/sys/kernel/tracing", "cannot be read");
}

static void ask_audit(struct path_live *live)
{
	const char *value = parameter("audit=");

	if (value && !is_on(value))
		answer(live, PATH_NOT_HERE, "/proc/cmdline: audit", value);
	else
		answer(live, PATH_CANNOT_TELL, "audit", "its rules are a matter of each thread's");
}

void path_live(enum path_part part, bool armed, struct path_live *live)
{
	memset(live, 0, sizeof(*live));
	live->key = names[part].key;
	live->name = names[part].name;
	live->answer = PATH_CANNOT_TELL;
	if (part == PATH_PTI)
		ask_pti(live);
	else if (part == PATH_KSTACK)
		ask_kstack(live);
	else if (part == PATH_SECCOMP)
		ask_status(live, "Seccomp:");
	else if (part == PATH_PTRACE)
		ask_status(live, "TracerPid:");
	else if (part == PATH_TRACING)
		ask_tracing(live, armed);
	else if (part == PATH_AUDIT)
		ask_audit(live);
	else if (part != PATH_ALWAYS)
		ask_mitigation(part, live);
}
