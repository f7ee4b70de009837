/* SPDX-License-Identifier: GPL-2.0 */
/* What the files share that make a fuzz program's calls: fuzz_run.c and those named below. */
#ifndef FUZZ_RUN_H
#define FUZZ_RUN_H

#include <stddef.h>

#include <ringprobe.h>
#include "fuzz.h"

typedef const volatile struct ringprobe_page *page_ptr;

/* Who may do what, and where he is counted: NULL, where that cannot be read. */
struct slot {
	int fd;
	bool read, write, rawio;
	bool kept;		/* for the next program, as it was */
	page_ptr page;
};

struct counts {
	uint64_t in, out, refused;
};

extern struct slot slots[FUZZ_SLOTS];
extern page_ptr module_page;
extern uint64_t caps;		/* FUZZ_CAPS_*: the caller's */

/* ---- fuzz_memory.c ---- */

bool memory_init(void);
/* As it was at first, where it was changed. */
void memory_reset(void);
bool is_memory(uint64_t address, uint64_t length);
void store(uint64_t address, const void *data, uint64_t length);
/* What should be there; zeroes, where not all of it is memory. */
void load(uint64_t address, void *data, uint64_t length);
/* Whatever the kernel has written there is right. */
void may_change(uint64_t address, uint64_t length);
/* From @from on, as far as there is memory */
void judge_memory(struct fuzz_run *run, uint64_t from, uint64_t length);
/* All that was written to; all there is, now and then: what is wrong there stays so. */
void judge_pages(struct fuzz_run *run);

/* ---- fuzz_judge.c ---- */

void judge_init(uint32_t timer_port);
void complain(struct fuzz_run *run, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* The port where the host takes bytes for marks would be written to. */
bool writes_mark(const struct fuzz_call *call);
void read_counters(page_ptr page, struct counts *counts);
/* After the call: @before: of the file, and of the module. @err: what it returned */
void judge_operation(struct fuzz_run *run, const struct fuzz_call *call, const struct slot *slot,
		     const struct counts *before, int err);

/* ---- fuzz_file.c ---- */

void open_standing(struct fuzz_run *run);
void make_file_call(struct fuzz_run *run, const struct fuzz_call *call);
void close_files(void);

/* ---- fuzz_netlink.c ---- */

/* NULL, or what is missing */
const char *sockets_init(void);
void make_socket_call(struct fuzz_run *run, const struct fuzz_call *call);
void close_sockets(const struct fuzz_run *run);

#endif
