// SPDX-License-Identifier: GPL-2.0
/*
 * Make the calling process harmless, for good. One invariant: what has not
 * been given up is known not to be there. Rights from ioperm() and iopl() come
 * down from a parent through fork, exec and the loss of all capabilities.
 */
#define _GNU_SOURCE
#include "confine.h"

#include <elf.h>
#include <errno.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/io.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef NT_386_IOPERM
#define NT_386_IOPERM 0x201		/* elf.h: the task's I/O bitmap as a regset */
#endif
#define PORTS 65536
#define NOBODY 65534
#define RFLAGS_IOPL (3UL << 12)

static __u64 read_rflags(void)
{
	__u64 rflags;

	/* past the red zone: a leaf function may keep data below RSP */
	__asm__ volatile("lea -128(%%rsp), %%rsp\n\tpushfq\n\tpop %0\n\tlea 128(%%rsp), %%rsp"
			 : "=r"(rflags) : : "memory");
	return rflags;
}

/* That takes a capability itself: it comes before root and the others are given up. */
static void drop_bounding_set(void)
{
	for (int cap = 0; cap < 64; cap++)
		prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
}

/* All other sets, the ambient one included, and for good. */
static bool drop_capabilities(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[2] = { { 0, 0, 0 }, { 0, 0, 0 } };

	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	return !syscall(SYS_capset, &header, none);
}

const char *confine_ports(const struct confine_rights *had)
{
	if (ioperm(0, PORTS, 0) && had->ioperm)
		return "port rights inherited from ioperm() cannot be given up";
	if (iopl(0) && had->iopl)
		return "I/O privilege inherited from iopl() cannot be given up";
	return NULL;
}

/* Nobody, where root can become nobody: a user namespace may not have that uid. */
static void drop_root(void)
{
	if (geteuid())
		return;
	syscall(SYS_setgroups, 0, NULL);
	syscall(SYS_setresgid, NOBODY, NOBODY, NOBODY);
	syscall(SYS_setresuid, NOBODY, NOBODY, NOBODY);
}

/*
 * SIGALRM can be blocked by code that may call sigreturn, the kill at the end of
 * the CPU time cannot.
 */
static void limit_child(unsigned int seconds)
{
	const struct rlimit none = { 0, 0 }, time = { seconds + 1, seconds + 1 };
	sigset_t all;

	setrlimit(RLIMIT_CORE, &none);
	setrlimit(RLIMIT_CPU, &time);
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	signal(SIGALRM, SIG_DFL);
	sigfillset(&all);
	sigprocmask(SIG_UNBLOCK, &all, NULL);
	alarm(seconds);
}

/* Keep @keep only: a stray write must not reach a file either. */
static void close_files(int keep)
{
	if (keep > 0)
		syscall(SYS_close_range, 0, keep - 1, 0);
	if (!syscall(SYS_close_range, keep + 1, ~0U, 0))
		return;
	for (int fd = 0; fd < 1024; fd++)	/* before Linux 5.9 */
		if (fd != keep)
			close(fd);
}

pid_t confine_wait(pid_t pid, int *status)
{
	pid_t done;

	do {
		done = waitpid(pid, status, 0);
	} while (done < 0 && errno == EINTR);
	return done;
}

static void cli_faulted(int signal)
{
	(void)signal;
	_exit(0);
}

/*
 * In a child without capabilities, and without giving anything up: exit status
 * 1 if it has I/O privilege level 3, 0 if not.
 */
static _Noreturn void look_for_iopl(void)
{
	limit_child(CONFINE_SECONDS);
	drop_capabilities();
	/* before Linux 5.5 the level was really in RFLAGS */
	if (read_rflags() & RFLAGS_IOPL || !iopl(3))
		_exit(1);
	if (!iopl(0))
		_exit(0);
	/*
	 * iopl() is filtered. Since 5.5 the kernel skips CLI for a task with level
	 * 3, and lets it fault for others (arch/x86/kernel/traps.c,
	 * fixup_iopl_exception()); it changes nothing in either case.
	 */
	signal(SIGSEGV, cli_faulted);
	__asm__ volatile("cli");
	_exit(1);
}

static int find_iopl(void)
{
	pid_t pid = fork();
	int status;

	if (!pid)
		look_for_iopl();
	if (pid < 0 || confine_wait(pid, &status) < 0 || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

/* The bitmap of a stopped child, which has a copy of ours: a clear bit opens a port. */
static int read_bitmap(pid_t pid, unsigned int *ports)
{
	__u8 bitmap[PORTS / 8];
	struct iovec iov = { bitmap, sizeof(bitmap) };

	if (ptrace(PTRACE_GETREGSET, pid, NT_386_IOPERM, &iov))
		/* none: no bitmap, or a kernel without ioperm() */
		return errno == ENXIO || errno == ENODEV || errno == EINVAL ? 0 : -1;
	for (size_t i = 0; i < iov.iov_len; i++)
		*ports += 8 - (unsigned int)__builtin_popcount(bitmap[i]);
	return *ports > 0;
}

static int find_ioperm(unsigned int *ports)
{
	int status, answer = -1;
	pid_t pid = fork();

	if (!pid) {
		limit_child(CONFINE_SECONDS);
		if (!ptrace(PTRACE_TRACEME, 0, NULL, NULL))
			raise(SIGSTOP);
		_exit(0);
	}
	if (pid < 0 || confine_wait(pid, &status) < 0)
		return -1;
	if (!WIFSTOPPED(status))
		return -1;
	answer = read_bitmap(pid, ports);
	kill(pid, SIGKILL);
	confine_wait(pid, &status);
	return answer;
}

const struct confine_rights *confine_rights(void)
{
	static struct confine_rights rights;
	static bool looked;

	if (!looked) {
		rights.iopl = find_iopl();
		rights.ioperm = find_ioperm(&rights.ports);
		looked = true;
	}
	return &rights;
}

const char *confine_tool(unsigned int seconds)
{
	drop_bounding_set();
	drop_root();
	if (!drop_capabilities())
		return "capabilities cannot be given up";
	limit_child(seconds);
	return NULL;
}

const char *confine_rest(int keep, bool all_ports)
{
	const char *why_not = confine_tool(CONFINE_SECONDS);

	if (why_not)
		return why_not;
	/* without CAP_SYS_RAWIO this succeeds only for who is at level 3 already */
	if (!all_ports && !iopl(3))
		return "I/O privilege is still there after giving it up";
	close_files(keep);
	return NULL;
}

const char *confine_self(const struct confine_rights *had, int keep)
{
	const char *why_not = confine_ports(had);

	return why_not ? why_not : confine_rest(keep, false);
}
