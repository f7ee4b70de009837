// SPDX-License-Identifier: GPL-2.0
/* Kinds of calls, fuzz programs as text, and chance. See fuzz.h. */
#include <inttypes.h>
#include <string.h>

#include <ringprobe.h>
#include <ringprobe_netlink.h>

#include "fuzz.h"

/* How often a kind is drawn; how many ordinary calls one takes as long as, where it is slow. */
static const struct {
	const char *name;
	unsigned int weight, cost;
} kinds[FUZZ_KINDS] = {
	[FUZZ_OPEN] = { "open", 2, 40 },
	[FUZZ_CLOSE] = { "close", 1, 40 },
	[FUZZ_DUP] = { "dup", 1, 40 },
	[FUZZ_STORE] = { "store", 16, 1 },
	[FUZZ_IOCTL] = { "ioctl", 110, 1 },
	[FUZZ_URING] = { "uring", 4, 50 },
	[FUZZ_MMAP] = { "mmap", 6, 30 },
	[FUZZ_MUNMAP] = { "munmap", 1, 30 },
	[FUZZ_MPROTECT] = { "mprotect", 3, 20 },
	[FUZZ_MREMAP] = { "mremap", 1, 5 },
	[FUZZ_LSEEK] = { "lseek", 8, 1 },
	[FUZZ_READ] = { "read", 1, 1 },
	[FUZZ_WRITE] = { "write", 1, 1 },
	[FUZZ_POLL] = { "poll", 1, 1 },
	[FUZZ_FCNTL] = { "fcntl", 1, 1 },
	[FUZZ_TOUCH] = { "touch", 2, 10 },
	[FUZZ_CAPS] = { "caps", 6, 3 },
	[FUZZ_FORK] = { "fork", 1, 1700 },
	[FUZZ_SOCKET] = { "socket", 1, 20 },
	[FUZZ_SEND] = { "send", 10, 30 },
	[FUZZ_RECEIVE] = { "receive", 4, 2 },
};

#define COST_OF_PROBES	500	/* the kernel waits until nobody runs them */

unsigned int fuzz_cost(const struct fuzz_program *program)
{
	const struct fuzz_call *call;
	unsigned int cost = 0;

	for (call = program->call; call < program->call + program->calls; call++) {
		cost += kinds[call->kind].cost;
		if ((call->kind == FUZZ_IOCTL && (uint32_t)call->a == RINGPROBE_IOC_FAULT_ARM) ||
		    (call->kind == FUZZ_SEND && (uint8_t)call->a == RINGPROBE_CMD_WATCH_ADD))
			cost += COST_OF_PROBES;
		if (call->kind == FUZZ_STORE)
			cost += (unsigned int)(call->b & 0x1ff) / 64;
	}
	return cost;
}

/* ---- text: a line a call, all numbers hexadecimal, an empty line after each program ---- */

void fuzz_print(FILE *to, const struct fuzz_program *program)
{
	const struct fuzz_call *call;
	uint32_t i;

	for (call = program->call; call < program->call + program->calls; call++) {
		fprintf(to, "%s %x %" PRIx64 " %" PRIx64, kinds[call->kind].name, call->slot,
			call->a, call->b);
		for (i = 0; i < call->words; i++)
			fprintf(to, " %" PRIx64, call->word[i]);
		fprintf(to, "\n");
	}
	fprintf(to, "\n");
}

static bool scan_call(const char *line, struct fuzz_call *call)
{
	char name[16];
	int used;

	memset(call, 0, sizeof(*call));
	if (sscanf(line, "%15s %" SCNx8 " %" SCNx64 " %" SCNx64 "%n", name, &call->slot, &call->a,
		   &call->b, &used) != 4)
		return false;
	while (call->kind < FUZZ_KINDS && strcmp(kinds[call->kind].name, name))
		call->kind++;
	line += used;
	while (call->words < FUZZ_WORDS &&
	       sscanf(line, "%" SCNx64 "%n", &call->word[call->words], &used) == 1) {
		line += used;
		call->words++;
	}
	return call->kind < FUZZ_KINDS && call->slot < FUZZ_SLOTS && *line == '\n';
}

int fuzz_scan(FILE *from, struct fuzz_program *program)
{
	char line[512];

	program->calls = 0;
	while (fgets(line, sizeof(line), from)) {
		if (*line == '#')
			continue;
		if (*line == '\n' && program->calls)
			return 1;
		if (*line == '\n')
			continue;
		if (program->calls == FUZZ_CALLS ||
		    !scan_call(line, &program->call[program->calls]))
			return -1;
		program->calls++;
	}
	return program->calls > 0;
}

/* ---- chance ---- */

static uint64_t state;

void fuzz_seed(uint64_t seed)
{
	state = seed;
}

/* splitmix64 (Steele, Lea, Flood 2014) */
uint64_t fuzz_draw(void)
{
	uint64_t z = state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

uint8_t fuzz_any_kind(void)
{
	unsigned int i, sum = 0, drawn;

	for (i = 0; i < FUZZ_KINDS; i++)
		sum += kinds[i].weight;
	drawn = (unsigned int)(fuzz_draw() % sum);
	for (i = 0; drawn >= kinds[i].weight; i++)
		drawn -= kinds[i].weight;
	return (uint8_t)i;
}
