// SPDX-License-Identifier: GPL-2.0
/*
 * Run a function in a forked child and bring back what the CPU did with it.
 * One invariant: nothing runs in a child that could not be made harmless.
 */
#define _GNU_SOURCE
#include "fault.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include "confine.h"

static int report_fd;			/* child only */

static void send_report(const struct fault_report *report)
{
	ssize_t n = write(report_fd, report, sizeof(*report));

	_exit(n == (ssize_t)sizeof(*report) ? 0 : 1);
}

static void on_signal(int signal, siginfo_t *info, void *context)
{
	const greg_t *regs = ((ucontext_t *)context)->uc_mcontext.gregs;
	struct fault_report report = {
		.outcome = FAULT_SIGNAL,
		.signal = signal,
		.code = info->si_code,
		.addr = (__u64)info->si_addr,
		.trap = (int)regs[REG_TRAPNO],
		.error = (__u64)regs[REG_ERR],
		.cs = regs[REG_CSGSFS] & 0xffff,
		.rip = (__u64)regs[REG_RIP],
		.rflags = (__u64)regs[REG_EFL],
	};
	size_t n = FAULT_BYTES;

	/* write() says EFAULT where reading at RIP would fault once more */
	while (n && write(report_fd, (const void *)report.rip, n) != (ssize_t)n)
		n--;
	report.n_bytes = (__u32)n;
	send_report(&report);
}

static void catch_signals(void)
{
	static const int signals[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGSYS };
	static char stack[32768];	/* AVX-512 and AMX frames are large */
	stack_t alternate = { .ss_sp = stack, .ss_size = sizeof(stack) };
	struct sigaction action = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_ONSTACK };

	sigaltstack(&alternate, NULL);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaction(signals[i], &action, NULL);
}

static _Noreturn void child(fault_function function, const void *arg,
			    const struct confine_rights *had)
{
	struct fault_report report = { .outcome = FAULT_NOT_RUN };

	report.why_not = confine_self(had, report_fd);
	if (report.why_not)
		send_report(&report);
	catch_signals();
	report.value = function(arg);
	report.outcome = FAULT_RETURNED;
	send_report(&report);
	_exit(1);
}

/* Bytes at RIP, if there are any, then the report; nothing if it was killed. */
static void receive(int fd, struct fault_report *report)
{
	__u8 buffer[FAULT_BYTES + sizeof(*report)];
	size_t total = 0;
	ssize_t n;

	while ((n = read(fd, buffer + total, sizeof(buffer) - total)) != 0) {
		if (n > 0)
			total += (size_t)n;
		else if (errno != EINTR)
			break;
	}
	if (total < sizeof(*report))
		return;
	memcpy(report, buffer + total - sizeof(*report), sizeof(*report));
	memcpy(report->bytes, buffer, total - sizeof(*report));
}

void fault_run(fault_function function, const void *arg, struct fault_report *report)
{
	const struct confine_rights *had = confine_rights();
	int fds[2], status;
	pid_t pid;

	memset(report, 0, sizeof(*report));
	report->why_not = "the child ended without a report";
	if (pipe2(fds, O_CLOEXEC)) {
		report->why_not = "no pipe to the child";
		return;
	}
	report_fd = fds[1];
	pid = fork();
	if (!pid)
		child(function, arg, had);
	close(fds[1]);
	if (pid > 0)
		receive(fds[0], report);
	else
		report->why_not = "no child process";
	close(fds[0]);
	if (pid < 0 || confine_wait(pid, &status) < 0 || report->outcome != FAULT_NOT_RUN)
		return;
	if (WIFSIGNALED(status)) {
		report->outcome = WTERMSIG(status) == SIGALRM ? FAULT_TIMEOUT : FAULT_SIGNAL;
		report->signal = WTERMSIG(status);
		report->trap = -1;	/* it could not be caught: nothing more is known */
	}
}

static const struct {
	const char *name, *words;
} traps[] = {
	[0] = { "#DE", "divide error" }, [1] = { "#DB", "debug" },
	[2] = { "NMI", "non-maskable interrupt" }, [3] = { "#BP", "breakpoint" },
	[4] = { "#OF", "overflow" }, [5] = { "#BR", "bound range" },
	[6] = { "#UD", "invalid opcode" }, [7] = { "#NM", "device not available" },
	[8] = { "#DF", "double fault" }, [10] = { "#TS", "invalid TSS" },
	[11] = { "#NP", "segment not present" }, [12] = { "#SS", "stack-segment fault" },
	[13] = { "#GP", "general protection" }, [14] = { "#PF", "page fault" },
	[16] = { "#MF", "x87 error" }, [17] = { "#AC", "alignment check" },
	[18] = { "#MC", "machine check" }, [19] = { "#XM", "SIMD error" },
	[20] = { "#VE", "virtualization" }, [21] = { "#CP", "control protection" },
};

const char *fault_trap_name(int trap)
{
	if (trap < 0 || (size_t)trap >= sizeof(traps) / sizeof(traps[0]) || !traps[trap].name)
		return "no exception";
	return traps[trap].name;
}

const char *fault_trap_words(int trap)
{
	if (trap < 0 || (size_t)trap >= sizeof(traps) / sizeof(traps[0]) || !traps[trap].name)
		return "unknown vector";
	return traps[trap].words;
}

const char *fault_signal_name(int signal)
{
	static char name[16] = "SIG";
	const char *abbreviation = sigabbrev_np(signal);

	strncpy(name + 3, abbreviation ? abbreviation : "?", sizeof(name) - 4);
	return name;
}

const char *fault_code_name(int signal, int code)
{
	if (code == SI_KERNEL)
		return "SI_KERNEL";
	if (code == SI_USER)
		return "SI_USER";
	if (signal == SIGSEGV)
		return code == SEGV_MAPERR ? "SEGV_MAPERR" : code == SEGV_ACCERR ? "SEGV_ACCERR" :
		       code == SEGV_PKUERR ? "SEGV_PKUERR" : "?";
	if (signal == SIGFPE)
		return code == FPE_INTDIV ? "FPE_INTDIV" : "?";
	if (signal == SIGBUS)
		return code == BUS_ADRALN ? "BUS_ADRALN" : "?";
	if (signal == SIGSYS)
		return code == 1 /* SYS_SECCOMP; in no header of glibc's */ ? "SYS_SECCOMP" : "?";
	if (signal == SIGILL)
		return code == ILL_ILLOPN ? "ILL_ILLOPN" : code == ILL_PRVOPC ? "ILL_PRVOPC" : "?";
	if (signal == SIGTRAP)
		return code == TRAP_BRKPT ? "TRAP_BRKPT" : code == TRAP_TRACE ? "TRAP_TRACE" : "?";
	return "?";
}
