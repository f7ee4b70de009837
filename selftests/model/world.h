/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The world that the module's files run in here: one descriptor, one caller, some words
 * of user memory, a log of what was done to ports, and a listener. Tests set it and look
 * at it; kernel.c is what the module sees of it, and ends the test where the module does
 * what no kernel bears, such as to sleep between user_access_begin() and _end().
 */
#ifndef WORLD_H
#define WORLD_H

#include <ringprobe.h>

#include "../../module/event.h"

#define USER_WORDS	2048
#define READABLE	1
#define WRITABLE	2

enum event_kind {
	EVENT_FAULT,		/* user memory was not there */
	EVENT_STAMP,
	EVENT_PORT,		/* an access was made */
	EVENT_HANDLER,		/* an operation that is none of the files under test ran */
	EVENT_KINDS,
};

struct event {
	enum event_kind kind;
	struct ringprobe_op op;	/* EVENT_PORT: with what was read, or written */
	u64 stamp;
};

struct area {
	u64 from, length;
};

struct world {
	bool caller_rawio, locked_down;

	u64 memory[USER_WORDS];		/* all that is mapped of the user's */
	u8 rights[USER_WORDS];		/* READABLE, WRITABLE */
	u32 touches;			/* of user memory, so far */
	u32 fault_at;			/* this touch faults, whatever the rights; 0: none */
	void (*after_get)(u32 word);	/* another thread's store, after each read */
	void (*at_access)(void);	/* what else happens during a port access */

	u32 signal_at;			/* a fatal signal is found at this look; 0: none */
	u32 looks;			/* for signals, so far */
	u32 fail_at;			/* this allocation fails; 0: none */
	u32 allocations;		/* made or tried, so far */
	u32 owner_first, owner_last;	/* ports of another driver */

	struct event log[1024];
	u32 events;
	u32 number[EVENT_KINDS];	/* of each kind; also what the log has no room for */
	u32 clamped;			/* looks through array_index_nospec() */
	u32 notices;
	bool listens;			/* somebody does, to the group of events */
	u32 sought;			/* looks for who does */
	u32 told;			/* messages to who does */
	struct ringprobe_event_port last_told;	/* its @access is the copy below */
	struct ringprobe_port told_access;
	u32 published;		/* how often pages were brought up to date */
	char message[256];		/* the last that was logged */
	u32 claimed;			/* regions held */
	int allocated;			/* pieces of memory held */
	int preempt, pagefault;		/* depths: 0 between two calls */
	bool open;		/* between user_access_begin() and _end() */
	struct area area[32];	/* what the first was asked for in this call */
	u32 areas;
};

extern struct world world;

void fail(const char *file, int line, const char *condition, const char *format, ...)
	__attribute__((__noreturn__, __format__(__printf__, 4, 5)));

/* The first that does not hold ends the test. */
#define CHECK(condition, ...) do {					\
	if (!(condition))						\
		fail(__FILE__, __LINE__, #condition, __VA_ARGS__);	\
} while (0)

/* All back to: a caller and an opener who may, memory that is there, nothing done. */
void world_reset(struct file *file, struct ringprobe_context *context);

/* Forget what was done; who and where stay. */
void world_forget(void);

/* What release() and the end of a call leave: nothing. */
void world_close(struct ringprobe_context *context);

/* User memory's word @n, as an address. */
static inline u64 *user(u32 n)
{
	return &world.memory[n];
}

/* Port accesses since then. */
static inline u32 made(void)
{
	return world.number[EVENT_PORT];
}

#endif
