// SPDX-License-Identifier: GPL-2.0
/*
 * Where this runs. Everything is read, from CPUID, /proc and /sys; a file that
 * is not there leaves "" or ENV_UNKNOWN, never a guess.
 */
#define _GNU_SOURCE
#include "env.h"

#include <cpuid.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <ringprobe_version.h>
#include "out.h"

static struct env env;
static bool collected;

bool env_read_line(const char *path, char *text, size_t size)
{
	FILE *f = fopen(path, "re");

	text[0] = '\0';
	if (!f)
		return false;
	if (fgets(text, (int)size, f))
		text[strcspn(text, "\n")] = '\0';
	fclose(f);
	return text[0] != '\0';
}

/* The value behind "key<spaces>:" of /proc/cpuinfo's first CPU. */
static void read_cpuinfo(const char *key, char *text, size_t size)
{
	char line[512];
	FILE *f = fopen("/proc/cpuinfo", "re");

	while (f && fgets(line, sizeof(line), f)) {
		char *colon = strchr(line, ':');

		if (!colon || strncmp(line, key, strlen(key)) != 0)
			continue;
		line[strcspn(line, "\n")] = '\0';
		snprintf(text, size, "%s", colon + 1 + strspn(colon + 1, " "));
		break;
	}
	if (f)
		fclose(f);
}

/* Four registers as text, without the spaces around it. */
static void cpuid_text(const unsigned int *regs, size_t bytes, char *text, size_t size)
{
	char raw[64] = "";
	const char *start;
	size_t end;

	memcpy(raw, regs, bytes);
	start = raw + strspn(raw, " ");
	end = strlen(start);
	while (end && start[end - 1] == ' ')
		end--;
	snprintf(text, size, "%.*s", (int)end, start);
}

/* Intel SDM vol. 2, CPUID, leaf 1: displayed family and model. */
static void read_signature(unsigned int eax)
{
	env.stepping = eax & 0xf;
	env.family = eax >> 8 & 0xf;
	env.model = eax >> 4 & 0xf;
	if (env.family == 6 || env.family == 15)
		env.model |= eax >> 12 & 0xf0;
	if (env.family == 15)
		env.family += eax >> 20 & 0xff;
}

static void read_cpuid_names(void)
{
	unsigned int r[12] = { 0 };

	__cpuid(0, r[3], r[0], r[2], r[1]);
	cpuid_text(r, 12, env.cpu_vendor, sizeof(env.cpu_vendor));
	if ((unsigned int)__get_cpuid_max(0x80000000, NULL) >= 0x80000004) {
		for (unsigned int i = 0; i < 3; i++)
			__cpuid(0x80000002 + i, r[4 * i], r[4 * i + 1], r[4 * i + 2], r[4 * i + 3]);
		cpuid_text(r, 48, env.cpu_model, sizeof(env.cpu_model));
	}
	if (env.hypervisor_bit) {
		__cpuid(0x40000000, r[3], r[0], r[1], r[2]);
		cpuid_text(r, 12, env.hypervisor, sizeof(env.hypervisor));
	}
}

static void read_cpuid(void)
{
	unsigned int a, b, c, d;

	if (__get_cpuid(1, &a, &b, &c, &d)) {
		read_signature(a);
		env.hypervisor_bit = c >> 31;
	}
	if (__get_cpuid_count(7, 0, &a, &b, &c, &d)) {
		env.smep = b >> 7 & 1;
		env.smap = b >> 20 & 1;
		env.umip = c >> 2 & 1;
		if (a >= 1 && __get_cpuid_count(7, 1, &a, &b, &c, &d))
			env.fred = a >> 17 & 1;
	}
	if (__get_cpuid(0x80000001, &a, &b, &c, &d))
		env.rdtscp = d >> 27 & 1;
	if (__get_cpuid(0x80000007, &a, &b, &c, &d))
		env.tsc_invariant = d >> 8 & 1;
	if (__get_cpuid(0x80000021, &a, &b, &c, &d))
		env.lfence_serializing = a >> 2 & 1;
	read_cpuid_names();
	env.tcg = !strcmp(env.hypervisor, "TCGTCGTCGTCG");
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct env_mitigation *)a)->name,
		      ((const struct env_mitigation *)b)->name);
}

static void read_mitigations(void)
{
	static const char folder[] = "/sys/devices/system/cpu/vulnerabilities";
	DIR *dir = opendir(folder);
	struct dirent *entry;
	char path[512];

	while (dir && (entry = readdir(dir)) && env.n_mitigations < ENV_MITIGATIONS_MAX) {
		struct env_mitigation *m = &env.mitigations[env.n_mitigations];

		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		snprintf(m->name, sizeof(m->name), "%.31s", entry->d_name);
		if (!env_read_line(path, m->state, sizeof(m->state)))
			continue;
		env.n_mitigations++;
		if (!strcmp(m->name, "meltdown"))
			env.pti = strstr(m->state, "PTI") ? ENV_YES : ENV_NO;
	}
	if (dir)
		closedir(dir);
	qsort(env.mitigations, env.n_mitigations, sizeof(env.mitigations[0]), by_name);
}

/* "none [integrity] confidentiality": the one in brackets is in force. */
static void read_lockdown(void)
{
	char line[128], *start;

	if (!env_read_line("/sys/kernel/security/lockdown", line, sizeof(line)))
		return;
	start = strchr(line, '[');
	if (start)
		snprintf(env.lockdown, sizeof(env.lockdown), "%.*s",
			 (int)strcspn(start + 1, "]"), start + 1);
}

/* UEFI 2.10, 3.3: SecureBoot is one byte; efivarfs puts four attribute bytes first. */
static void read_secure_boot(void)
{
	static const char path[] = "/sys/firmware/efi/efivars/"
		"SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c";
	unsigned char bytes[5];
	FILE *f;

	if (access("/sys/firmware/efi", F_OK)) {
		/* no EFI, no Secure Boot; a container may hide the folder */
		env.secure_boot = access("/sys/firmware", F_OK) ? ENV_UNKNOWN : ENV_NO;
		return;
	}
	env.secure_boot = ENV_UNKNOWN;
	f = fopen(path, "re");
	if (!f)
		return;
	if (fread(bytes, 1, sizeof(bytes), f) == sizeof(bytes))
		env.secure_boot = bytes[4] == 1 ? ENV_YES : ENV_NO;
	fclose(f);
}

/* The first PID namespace has a fixed number, PROC_PID_INIT_INO (linux/proc_ns.h). */
static bool in_first_pid_namespace(void)
{
	char link[64] = "";

	return readlink("/proc/self/ns/pid", link, sizeof(link) - 1) > 0 &&
	       !strcmp(link, "pid:[4026531836]");
}

/* Marks left by container managers count only where there is a container. */
static void read_container(void)
{
	char line[64];
	const char *name = getenv("container");

	if (strcasestr(env.kernel, "microsoft"))
		name = "WSL";
	else if (in_first_pid_namespace())
		name = NULL;
	else if (!access("/.dockerenv", F_OK))
		name = "docker";
	else if (!access("/run/.containerenv", F_OK))
		name = "podman";
	else if (env_read_line("/run/systemd/container", line, sizeof(line)))
		name = line;
	snprintf(env.container, sizeof(env.container), "%.31s", name ? name : "");
}

static void read_kernel(void)
{
	struct utsname u;
	const char *preempt;

	if (uname(&u))
		return;
	snprintf(env.kernel, sizeof(env.kernel), "%s", u.release);
	snprintf(env.machine, sizeof(env.machine), "%.31s", u.machine);
	preempt = strstr(u.version, "PREEMPT");
	snprintf(env.preempt, sizeof(env.preempt), "%.*s",
		 preempt ? (int)strcspn(preempt, " ") : 4, preempt ? preempt : "none");
}

static void collect(void)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	env.pti = ENV_UNKNOWN;
	env.cpus_online = cpus > 0 ? (unsigned int)cpus : 0;
	read_kernel();
	read_cpuid();
	read_cpuinfo("microcode", env.microcode, sizeof(env.microcode));
	read_mitigations();
	env_read_line("/sys/devices/system/clocksource/clocksource0/current_clocksource",
		      env.clocksource, sizeof(env.clocksource));
	env_read_line("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor",
		      env.governor, sizeof(env.governor));
	env_read_line("/sys/devices/system/cpu/smt/control", env.smt, sizeof(env.smt));
	env_read_line("/sys/devices/system/cpu/isolated", env.isolated, sizeof(env.isolated));
	read_lockdown();
	read_secure_boot();
	read_container();
	if (geteuid())
		snprintf(env.user, sizeof(env.user), "uid %u", geteuid());
	else
		snprintf(env.user, sizeof(env.user), "root");
}

const struct env *env_get(void)
{
	if (!collected)
		collect();
	collected = true;
	return &env;
}

const char *env_mitigation(const char *name)
{
	const struct env *e = env_get();

	for (unsigned int i = 0; i < e->n_mitigations; i++)
		if (!strcmp(e->mitigations[i].name, name))
			return e->mitigations[i].state;
	return NULL;
}

static void out_answer(const char *key, enum env_answer answer)
{
	if (answer == ENV_UNKNOWN)
		out_str(key, NULL, NULL);
	else
		out_bool(key, answer == ENV_YES);
}

static void out_strings(const struct env *e)
{
	const struct {
		const char *key, *value;
	} strings[] = {
		{ "kernel", e->kernel }, { "machine", e->machine }, { "preempt", e->preempt },
		{ "cpu_vendor", e->cpu_vendor }, { "cpu_model", e->cpu_model },
		{ "microcode", e->microcode }, { "hypervisor", e->hypervisor },
		{ "clocksource", e->clocksource }, { "governor", e->governor },
		{ "smt", e->smt }, { "isolated", e->isolated }, { "lockdown", e->lockdown },
		{ "container", e->container }, { "user", e->user },
	};

	/* what could not be read is null, not "" */
	for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++)
		out_str(strings[i].key, NULL, *strings[i].value ? strings[i].value : NULL);
}

void env_out(void)
{
	const struct env *e;

	if (!out_is_json())
		return;
	e = env_get();
	out_open("env");
	out_str("ringprobe", NULL, RINGPROBE_VERSION);
	out_strings(e);
	out_uint("cpu_family", NULL, e->family);
	out_uint("cpu_model_number", NULL, e->model);
	out_uint("cpu_stepping", NULL, e->stepping);
	out_uint("cpus_online", NULL, e->cpus_online);
	out_bool("hypervisor_bit", e->hypervisor_bit);
	out_bool("tsc_invariant", e->tsc_invariant);
	out_bool("rdtscp", e->rdtscp);
	out_bool("lfence_serializing", e->lfence_serializing);
	out_bool("fred", e->fred);
	out_answer("pti", e->pti);
	out_answer("secure_boot", e->secure_boot);
	out_open("mitigations");
	for (unsigned int i = 0; i < e->n_mitigations; i++)
		out_str(e->mitigations[i].name, NULL, e->mitigations[i].state);
	out_close();
	out_close();
}

void env_out_stamp(void)
{
	const struct env *e = env_get();

	out_say(NULL, 2, "on: %s, Linux %s, %s%s%s, PTI %s%s%s",
		*e->cpu_model ? e->cpu_model : e->cpu_vendor, e->kernel,
		e->hypervisor_bit ? "guest of \"" : "no hypervisor bit", e->hypervisor,
		e->hypervisor_bit ? "\"" : "",
		e->pti == ENV_YES ? "on" : e->pti == ENV_NO ? "off" : "unknown",
		*e->governor ? ", governor " : "", e->governor);
}
