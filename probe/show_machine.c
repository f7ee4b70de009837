// SPDX-License-Identifier: GPL-2.0
/* This machine: what it says of itself, and how it behaves. */
#include <string.h>

#include "env.h"
#include "measure.h"
#include "out.h"
#include "show.h"

/* Ticks that a CPUID takes: about 100 to 250 on bare hardware, over 1000 in a guest. */
enum { CPUID_BARE_MOST = 500, CPUID_NESTED_LEAST = 10000, RDTSC_TRAPS_LEAST = 500 };

void show_begin(const char *name, const char *label)
{
	out_row(name);
	show_label(label);
}

static void show_kernel(const struct env *e)
{
	show_begin("kernel", "kernel");
	out_say("text", SHOW_FACT, "%s, %s, preemption %s, %u CPUs", e->kernel, e->machine, e->preempt,
		e->cpus_online);
	out_row_end();
	show_begin("cpu", "CPU");
	out_say("text", SHOW_FACT, "%s (%s, family %u, model %u, stepping %u%s%s)",
		e->cpu_model, e->cpu_vendor, e->family, e->model, e->stepping, *e->microcode ? ", microcode " : "", e->microcode);
	out_row_end();
}

static const char *behaviour(const struct measure_clock *clock)
{
	if (clock->unit == MEASURE_INSN)
		return "an emulated CPU that counts instructions";
	if (clock->unit == MEASURE_EMULATED)
		return "an emulated CPU: times mean nothing here";
	if (clock->cpuid <= CPUID_BARE_MOST)
		return "as on bare hardware";
	if (clock->cpuid < CPUID_NESTED_LEAST)
		return "as long as leaving a guest each time takes";
	return "longer than leaving a guest takes: nested or para-virtual?";
}

static void show_hypervisor(const struct env *e, const struct measure_clock *clock)
{
	show_begin("hypervisor", "hypervisor");
	if (e->hypervisor_bit)
		out_say("says", SHOW_FACT, "CPUID says: guest, of \"%s\"", e->hypervisor);
	else
		out_say("says", SHOW_FACT, "CPUID says: none");
	out_to(SHOW_FACT);
	out_int("cpuid", "by behaviour: one CPUID takes %lld", clock->cpuid);
	out_str("unit", " %s: ", measure_unit_name(clock->unit));
	out_say("behaviour", SHOW_FACT, "%s", behaviour(clock));
	out_row_end();
}

static void show_clock(const struct env *e, const struct measure_clock *clock)
{
	show_begin("tsc", "TSC");
	out_str("unit", "unit %s", measure_unit_name(clock->unit));
	out_uint("quantum", ", step %llu", clock->quantum);
	out_int("rdtsc", ", RDTSC takes %lld", clock->rdtsc);
	out_int("empty", ", an empty pair of stamps %lld", clock->empty);
	out_text("\n");
	out_to(SHOW_FACT);
	out_bool("invariant", e->tsc_invariant);
	out_text("%sinvariant", e->tsc_invariant ? "" : "not ");
	out_uint("khz", clock->tsc_khz ? ", %llu kHz" : NULL, clock->tsc_khz);
	out_text("%s", clock->rdtsc >= RDTSC_TRAPS_LEAST && clock->unit == MEASURE_TICKS ?
		 ", RDTSC is trapped" : "");
	out_str("clocksource", ", clocksource %s", e->clocksource);
	out_str("governor", *e->governor ? ", governor %s" : NULL, e->governor);
	out_row_end();
}

static const char *known(const char *text)
{
	return *text ? text : "not told";
}

static void show_guards(const struct env *e)
{
	unsigned int vulnerable = 0, mitigated = 0;

	for (unsigned int i = 0; i < e->n_mitigations; i++) {
		vulnerable += !strncmp(e->mitigations[i].state, "Vulnerable", 10);
		mitigated += !strncmp(e->mitigations[i].state, "Mitigation", 10);
	}
	show_begin("mitigations", "mitigations");
	out_str("pti", "PTI %s", e->pti == ENV_YES ? "on" : e->pti == ENV_NO ? "off" : "not told");
	out_uint("mitigated", "; of the known holes, %llu mitigated", mitigated);
	out_uint("vulnerable", ", %llu open", vulnerable);
	out_uint("not_affected", ", %llu not here", e->n_mitigations - mitigated - vulnerable);
	out_row_end();
	for (unsigned int i = 0; out_is_wide() && i < e->n_mitigations; i++) {
		out_to(SHOW_FACT);
		out_text("%-27s", e->mitigations[i].name);
		out_say(NULL, SHOW_FACT + 27, "%s", e->mitigations[i].state);
	}
	show_begin("guards", "guards");
	out_str("lockdown", "lockdown %s", known(e->lockdown));
	out_str("secure_boot", ", Secure Boot %s", e->secure_boot == ENV_YES ? "on" :
		e->secure_boot == ENV_NO ? "off" : "not told");
	out_str("container", *e->container ? ", container %s" : NULL, e->container);
	out_row_end();
}

void show_machine(void)
{
	const struct env *e = env_get();

	show_kernel(e);
	show_hypervisor(e, measure_clock());
	show_clock(e, measure_clock());
	show_guards(e);
}
