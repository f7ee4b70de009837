// SPDX-License-Identifier: GPL-2.0
/*
 * Rungs that enter ring 0 without asking for it: exceptions, and a signal.
 * A handler only steps over the instruction that it expects; of anything else
 * the process dies as it would without.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include "measure.h"
#include "rung.h"

#define PAGES	256

static struct {
	int signal;
	unsigned char bytes[2];		/* of the instruction, at RIP */
	unsigned int length;		/* 0: RIP is behind it already */
	struct sigaction before;
} trap;

static struct measure_call call;
static volatile sig_atomic_t handled;
static char *pages;
static size_t page_size, next_page;

static void step_over(int signal, siginfo_t *info, void *context)
{
	greg_t *rip = &((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP];

	(void)info;
	if (memcmp((const void *)*rip, trap.bytes, trap.length) != 0)
		sigaction(signal, &trap.before, NULL);
	else
		*rip += trap.length;
}

static const char *begin_trap(struct rung_place *place, int signal, const char *bytes,
			      unsigned int length)
{
	const struct sigaction action = { .sa_sigaction = step_over, .sa_flags = SA_SIGINFO };

	memcpy(trap.bytes, bytes, length);
	trap.length = length;
	trap.signal = signal;
	return sigaction(signal, &action, &trap.before) ?
	       rung_lacks(place, RUNG_ABSENT, "no handler can be set") : NULL;
}

static void end_trap(void)
{
	sigaction(trap.signal, &trap.before, NULL);
}

static const char *begin_int3(struct rung_place *place)
{
	return begin_trap(place, SIGTRAP, "", 0);
}

static int64_t sample_int3(void)
{
	return RUNG_BRACKET("int3", "D"(0));
}

static const char *begin_ud2(struct rung_place *place)
{
	return begin_trap(place, SIGILL, "\x0f\x0b", 2);
}

static int64_t sample_ud2(void)
{
	return RUNG_BRACKET("ud2", "D"(0));
}

static const char *begin_hlt(struct rung_place *place)
{
	return begin_trap(place, SIGSEGV, "\xf4", 1);
}

static int64_t sample_hlt(void)
{
	return RUNG_BRACKET("hlt", "D"(0));
}

/* An inherited mask may hold the signal back: then nothing would be measured. */
static void on_signal(int signal)
{
	handled = signal;
}

static const char *begin_signal(struct rung_place *place)
{
	const struct sigaction action = { .sa_handler = on_signal };

	trap.signal = SIGUSR1;
	call = (struct measure_call){ SYS_tgkill, getpid(), gettid(), SIGUSR1 };
	return sigaction(SIGUSR1, &action, &trap.before) ?
	       rung_lacks(place, RUNG_ABSENT, "no handler can be set") : NULL;
}

static int64_t sample_signal(void)
{
	int64_t ticks;

	handled = 0;
	ticks = rung_call(&call, 0);
	return handled ? ticks : -EAGAIN;
}

static const char *begin_page(struct rung_place *place)
{
	page_size = (size_t)sysconf(_SC_PAGESIZE);
	/* its page table stays, so that no sample has to make one */
	pages = measure_memory(PAGES * page_size);
	next_page = PAGES;
	return pages ? NULL : rung_lacks(place, RUNG_ABSENT, "no memory");
}

static int64_t sample_page(void)
{
	if (next_page == PAGES) {
		if (madvise(pages, PAGES * page_size, MADV_DONTNEED))
			return -errno;
		next_page = 0;
	}
	return RUNG_BRACKET("movb	(%[page]), %%al",
			    [page] "r"(pages + next_page++ * page_size));
}

static void end_page(void)
{
	munmap(pages, PAGES * page_size);
}

#define TRAP .share = 1, .way = RUNG_CROSSES, .end = end_trap

const struct rung rung_faults[] = {
	{ .name = "page-fault", .label = "minor page fault", .share = 1, .way = RUNG_CROSSES,
	  .repeats = RUNG_NEARLY, .sleeps = true,
	  .begin = begin_page, .sample = sample_page, .end = end_page,
	  .includes = "first read of a page of anonymous memory: the shared page of zeroes is "
		      "mapped, none is allocated" },
	{ .name = "int3", .label = "#BP to handler and back", TRAP, .begin = begin_int3,
	  .sample = sample_int3, .includes = "int3, SIGTRAP, handler, sigreturn" },
	{ .name = "ud2", .label = "#UD to handler and back", TRAP, .begin = begin_ud2,
	  .sample = sample_ud2, .includes = "ud2, SIGILL, handler, sigreturn" },
	{ .name = "hlt", .label = "#GP to handler and back", TRAP, .begin = begin_hlt,
	  .sample = sample_hlt, .includes = "hlt, SIGSEGV, handler, sigreturn" },
	{ .name = "signal", .label = "signal to oneself", TRAP, .begin = begin_signal,
	  .sample = sample_signal, .includes = "tgkill, empty handler, sigreturn" },
	{ .name = NULL },
};
