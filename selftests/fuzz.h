/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A fuzz program is a short sequence of calls, each a kind, a descriptor's slot, two numbers
 * and a few words. Pointers are numbers, too: all memory that a program names lies at
 * fixed addresses, so that its text says all of it.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define FUZZ_WORDS	16	/* of a call */
#define FUZZ_CALLS	16	/* of a program */
#define FUZZ_SLOTS	4	/* for descriptors of the device */
#define FUZZ_SOCKETS	2
#define FUZZ_PLACES	4	/* for mappings of the device */

/* Memory: pages with rights of their own, one after the other; see fuzz_memory.c. */
#define FUZZ_MEMORY	0x20000000ULL
#define FUZZ_PAGE	0x1000ULL
#define FUZZ_PAGES	6
#define FUZZ_MEMORY_END	(FUZZ_MEMORY + FUZZ_PAGES * FUZZ_PAGE)
#define FUZZ_PLACE(i)	(FUZZ_MEMORY + 0x10000 + (i) * 4 * FUZZ_PAGE)
#define FUZZ_COUNTERS	(FUZZ_MEMORY + 0x20000)

/* In the upper half of an attribute's word: stands for a number that no text can know. */
#define FUZZ_SELF	0x53454c46U		/* this process */
#define FUZZ_WATCH(i)	(0x57415400U + (i))	/* the i-th watch that the program was given */

enum fuzz_kind {
	FUZZ_OPEN,	/* a: flags */
	FUZZ_CLOSE,
	FUZZ_DUP,	/* a: slot */
	FUZZ_STORE,	/* a: address, b: how often; the words */
	FUZZ_IOCTL,	/* a: number, b: address; the words are stored there first */
	FUZZ_URING,	/* the same; a >> 32: see FUZZ_URING_* */
	FUZZ_MMAP,	/* a: offset, b: FUZZ_MAP() */
	FUZZ_MUNMAP,	/* a: place */
	FUZZ_MPROTECT,	/* a: place, b: PROT_* */
	FUZZ_MREMAP,	/* a: place, b: pages */
	FUZZ_LSEEK,	/* a: offset, b: whence */
	FUZZ_READ,	/* a: address, b: length */
	FUZZ_WRITE,	/* the same */
	FUZZ_POLL,
	FUZZ_FCNTL,	/* a: which, see fuzz_file.c */
	FUZZ_TOUCH,	/* a: address, b: how */
	FUZZ_CAPS,	/* a: sum of FUZZ_CAPS_*: which are effective from here on */
	FUZZ_FORK,
	FUZZ_SOCKET,	/* a: 1: joins the group of events */
	FUZZ_SEND,	/* a: FUZZ_MESSAGE(), b: zeroes at its end, and 256 times what is cut off */
	FUZZ_RECEIVE,	/* a: room in bytes */
	FUZZ_KINDS
};

#define FUZZ_URING_ASYNC	(1ULL << 32)
#define FUZZ_URING_ZERO		(1ULL << 33)	/* the word that is to be 0 is not */
#define FUZZ_URING_FLAGS	(1ULL << 34)	/* uring_cmd_flags are not 0 */

#define FUZZ_MAP(prot, type, place, pages) \
	((uint64_t)(prot) | (uint64_t)(type) << 8 | (uint64_t)(place) << 16 | \
	 (uint64_t)(pages) << 24)
#define FUZZ_MESSAGE(command, version, flags, other) \
	((uint64_t)(command) | (uint64_t)(version) << 8 | (uint64_t)(flags) << 16 | \
	 (uint64_t)(other) << 32)
#define FUZZ_ATTRIBUTE(type, length, value) \
	((uint64_t)(length) | (uint64_t)(type) << 16 | (uint64_t)(value) << 32)

#define FUZZ_CAPS_RAWIO	1
#define FUZZ_CAPS_ADMIN	2

struct fuzz_call {
	uint8_t kind, slot, words;
	uint64_t a, b;
	uint64_t word[FUZZ_WORDS];
};

struct fuzz_program {
	uint32_t calls;
	struct fuzz_call call[FUZZ_CALLS];
};

/* ---- fuzz_program.c: text, and chance ---- */

void fuzz_print(FILE *to, const struct fuzz_program *program);
/* The next one: 1; 0 at the end; -1: what is there is none. */
int fuzz_scan(FILE *from, struct fuzz_program *program);
void fuzz_seed(uint64_t seed);
uint64_t fuzz_draw(void);
uint8_t fuzz_any_kind(void);
/* About how many ordinary calls it takes as long as */
unsigned int fuzz_cost(const struct fuzz_program *program);

/* ---- fuzz_mutate.c ---- */

void fuzz_generate(struct fuzz_program *program);
void fuzz_mutate(struct fuzz_program *program, const struct fuzz_program *other);

/* ---- fuzz_run.c: makes the calls, and has them judged ---- */

/* What is to be found wrong although it is right: the judge must notice. */
enum fuzz_lie { FUZZ_TRUTH, FUZZ_LIE_PORTS, FUZZ_LIE_ERRNO, FUZZ_LIE_COUNT, FUZZ_LIE_MEMORY };

struct fuzz_run {
	bool alone;		/* nobody else is counted on the module's own page */
	bool fresh;		/* each program has descriptors of its own, from the first on */
	enum fuzz_lie lie;
	uint64_t calls;		/* of the device and the family */
	uint64_t in, out, refused;	/* by this process */
	char complaint[256];	/* "" : none */
};

/* NULL, or what is missing */
const char *fuzz_run_init(struct fuzz_run *run);
/* How many accesses the module counts on its page */
void fuzz_run_counters(uint64_t *in, uint64_t *out);
/*
 * false: see the complaint. Slots 0 to 2 are open when a program begins: for both, for reading,
 * for writing. @around: called before and after each call, with false and true.
 */
bool fuzz_run(struct fuzz_run *run, const struct fuzz_program *program,
	      void (*around)(bool after));

/* ---- fuzz_cover.c: which of the module's code a program has run ---- */

#define FUZZ_EDGES	(1U << 17)

/* Shared by all processes: what was seen by any. */
struct fuzz_seen {
	uint8_t edge[FUZZ_EDGES], point[FUZZ_EDGES];
	uint32_t edges, points;
};

/* NULL, or what is missing */
const char *fuzz_cover_init(void);
void fuzz_cover_around(bool after);
/* The edges of the calls since this was last called: how many, and which */
uint32_t fuzz_cover_take(const uint32_t **edges);
/* How many of those are new to @seen; from now on they are not. */
uint32_t fuzz_cover_add(struct fuzz_seen *seen);

#endif
