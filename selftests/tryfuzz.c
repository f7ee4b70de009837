// SPDX-License-Identifier: GPL-2.0
/*
 * Random code through the runner of the probe beside us, watched by somebody who
 * would see a system call get through: before the runner's own filter another one
 * is installed that hands to its tracer, which is the runner's parent, all but
 * the two calls that the runner makes. Where both have a say the stricter wins,
 * so that what is refused is not seen, and what is seen was not refused.
 * usage: tryfuzz [-n STRINGS] [-s SEED] [-t MILLISECONDS] [-u] [-a]
 * -u: without the runner's filter; passes if calls are then seen. -a: no far returns,
 * on which QEMU before 9.1 has the kernel crash where there is SMAP.
 */
#include <dirent.h>
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "confine.h"
#include "run.h"
#include "run_enter.h"
#include "timeline.h"

enum { OUTCOMES = RUN_LOST + 1, SIGNALS = 65 };

static struct {
	unsigned long strings, seed, milliseconds;
	bool unfiltered, avoid;
} options = { .strings = 10000, .milliseconds = 100 };

static struct {
	unsigned long runs, outcome[OUTCOMES], signal[SIGNALS], seen, confined;
} count;

/* splitmix64 (Steele, Lea, Flood 2014) */
static __u64 draw(void)
{
	static __u64 state;
	__u64 z;

	if (!state)
		state = options.seed;
	z = state += 0x9e3779b97f4a7c15ULL;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

#define LOAD(field, more) \
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (__u32)offsetof(struct seccomp_data, field) + (more))
#define JUMP(test, value, yes, no) \
	BPF_JUMP(BPF_JMP | (test) | BPF_K, (__u32)(value), yes, no)

/* What is asked for here has no timeline. */
int timeline_arm(const struct timeline *timeline)
{
	(void)timeline;
	abort();
}

void timeline_take(struct timeline *timeline, const struct run_area *area,
		   const struct run_report *report, const struct run_overhead *overhead)
{
	(void)timeline, (void)area, (void)report, (void)overhead;
	abort();
}

/* What the tracer is told of: not the runner's own two, and not its own filter. */
static const char *observe(void)
{
	__u64 first = (__u64)run_text, last = (__u64)run_text_end;
	struct sock_filter program[] = {
		LOAD(arch, 0),
		JUMP(BPF_JEQ, AUDIT_ARCH_X86_64, 0, 11),
		LOAD(nr, 0),
		JUMP(BPF_JEQ, SYS_seccomp, 7, 0),
		JUMP(BPF_JEQ, SYS_rt_sigreturn, 1, 0),
		JUMP(BPF_JEQ, SYS_exit_group, 0, 7),
		LOAD(instruction_pointer, 4),
		JUMP(BPF_JEQ, first >> 32, 0, 5),
		LOAD(instruction_pointer, 0),
		JUMP(BPF_JGE, first, 0, 3),
		JUMP(BPF_JGT, last, 2, 3),
		LOAD(instruction_pointer, 4),		/* of seccomp(): code lies low */
		JUMP(BPF_JEQ, 0, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog filter = { sizeof(program) / sizeof(program[0]), program };

	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter) ?
	       "the observer's filter is refused" : NULL;
}

const char *__real_run_filter(void);
const char *__wrap_run_filter(void);
pid_t __wrap_confine_wait(pid_t pid, int *status);

/* In the child, in place of run_filter(). */
const char *__wrap_run_filter(void)
{
	const char *why_not;

	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) || raise(SIGSTOP))
		return "the observer cannot trace";
	why_not = observe();
	return why_not || options.unfiltered ? why_not : __real_run_filter();
}

/* In the parent, in place of confine_wait(): what is seen does not come to be. */
pid_t __wrap_confine_wait(pid_t pid, int *status)
{
	bool attached = false;

	for (;;) {
		pid_t done = waitpid(pid, status, 0);
		int signal;

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0 || !WIFSTOPPED(*status))
			return done;
		signal = WSTOPSIG(*status);
		if (*status >> 16 == PTRACE_EVENT_SECCOMP) {
			count.seen++;
			kill(pid, SIGKILL);
			continue;
		}
		if (!attached) {
			ptrace(PTRACE_SETOPTIONS, pid, NULL,
			       PTRACE_O_TRACESECCOMP | PTRACE_O_EXITKILL);
			attached = true;
			signal = 0;
		}
		ptrace(PTRACE_CONT, pid, NULL, (void *)(long)signal);
	}
}

struct code {
	__u8 bytes[256];
	__u32 n;
};

static void put(struct code *code, const void *bytes, __u32 n)
{
	memcpy(code->bytes + code->n, bytes, n);
	code->n += n;
}

/* RETF with and without an operand, and IRET */
static bool is_avoided(__u8 byte)
{
	return options.avoid && (byte == 0xca || byte == 0xcb || byte == 0xcf);
}

static void put_random(struct code *code, __u32 n)
{
	while (n) {
		__u8 byte = (__u8)draw();

		if (is_avoided(byte))
			continue;
		put(code, &byte, 1);
		n--;
	}
}

static __u64 draw_text(void)
{
	__u64 at;

	do {
		at = (__u64)run_text + draw() % (__u64)(run_text_end - run_text);
	} while (is_avoided(*(const __u8 *)at));
	return at;
}

/* mov $value, %register: REX.W, with REX.B from R8 on */
static void put_load(struct code *code, unsigned int number, __u64 value)
{
	const __u8 opcode[] = { (__u8)(0x48 | number >> 3), (__u8)(0xb8 | (number & 7)) };

	put(code, opcode, 2);
	put(code, &value, 8);
}

static void put_jump(struct code *code, __u64 to)
{
	put_load(code, RUN_RCX, to);
	put(code, "\xff\xe1", 2);			/* jmp *%rcx */
}

/* SYSCALL in the C library, as code might find it. */
static __u64 door_of_libc(void)
{
	const __u8 *at = (const __u8 *)(unsigned long)syscall;

	while (at[0] != 0x0f || at[1] != 0x05)
		at++;
	return (__u64)at;
}

static __u64 draw_number(void)
{
	static const __u64 numbers[] = {
		SYS_rt_sigreturn, SYS_exit_group, SYS_getpid, 20, ~0ULL, SYS_getpid | 0x40000000,
		SYS_exit_group | 0x40000000,
	};
	__u64 i = draw() % (sizeof(numbers) / sizeof(numbers[0]) + 2);

	return i < sizeof(numbers) / sizeof(numbers[0]) ? numbers[i] : draw() % 512;
}

/* Through a far return to the 32-bit code segment, behind this. */
static void put_compat(struct code *code)
{
	__u32 to = RUN_CODE + code->n + 9;

	put(code, "\x6a\x23\x68", 3);			/* push $0x23; push $to */
	put(code, &to, 4);
	put(code, "\x48\xcb", 2);			/* lretq */
}

/* Each way into the kernel, with any number. */
static void put_door(struct code *code)
{
	put_load(code, RUN_RAX, draw_number());
	switch (draw() % (options.avoid ? 7 : 9)) {
	case 0:
		put(code, "\x0f\x05", 2);		/* syscall */
		return;
	case 1:
		put(code, "\xcd\x80", 2);		/* int $0x80 */
		return;
	case 2:
		put_load(code, RUN_RBP, RUN_SCRATCH);
		put(code, "\x0f\x34", 2);		/* sysenter */
		return;
	case 3:						/* the vsyscall page's three */
		put_load(code, RUN_RCX, 0xffffffffff600000 + draw() % 3 * 1024);
		put(code, "\xff\xd1", 2);		/* call *%rcx */
		return;
	case 4:
		put_jump(code, (__u64)run_restorer + 5);	/* its SYSCALL, past the number */
		return;
	case 5:
		put_jump(code, draw_text());
		return;
	case 6:
		put_jump(code, door_of_libc());
		return;
	case 7:
		put_compat(code);
		put(code, "\xcd\x80", 2);
		return;
	default:
		put_compat(code);
		put(code, "\x0f\x05", 2);
	}
}

/* The runner's own memory, from what it reports on, filled with anything. */
static void put_forgery(struct code *code)
{
	for (unsigned int i = 0; i < 6; i++) {
		__u32 first = RUN_REGS_OUT + sizeof(__u64) * RUN_REGS - RUN_AREA;
		__u32 size = sizeof(struct run_area) - first;

		/* the fields first, the samples less often */
		put_load(code, RUN_RCX, RUN_AREA + first + 4 * (draw() % (i < 5 ? 16 : size / 4 - 2)));
		put_load(code, RUN_RAX, draw() >> draw() % 64);
		put(code, "\x48\x89\x01", 3);		/* mov %rax, (%rcx) */
	}
}

static void run(const struct code *code)
{
	struct run_request request = {
		.code = code->bytes, .size = code->n, .rounds = 1, .filtered = true,
		.milliseconds = (__u32)options.milliseconds,
	};
	struct run_report report;

	run_registers(request.regs);
	run_code(&request, &report);
	count.runs++;
	count.outcome[report.outcome]++;
	if (report.outcome == RUN_SIGNAL && report.signal > 0 && report.signal < SIGNALS)
		count.signal[report.signal]++;
	count.confined += report.child.uid && !report.child.capabilities &&
			  report.child.no_new_privs && (report.child.cs & 3) == 3;
	if (report.outcome == RUN_NOT_RUN && count.outcome[RUN_NOT_RUN] == 1)
		fprintf(stderr, "tryfuzz: not run: %s\n", report.why_not);
}

static void run_random(unsigned long n)
{
	while (n--) {
		struct code code = { .n = 0 };

		put_random(&code, 1 + (__u32)(draw() % 32));
		run(&code);
	}
}

static void run_built(unsigned long n, void (*build)(struct code *code))
{
	while (n--) {
		struct code code = { .n = 0 };

		if (draw() % 4 == 0)
			put_random(&code, (__u32)(draw() % 4));
		build(&code);
		run(&code);
	}
}

static unsigned int files(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned int n = 0;

	while (dir && readdir(dir))
		n++;
	if (dir)
		closedir(dir);
	return n;
}

static void parse(int argc, char **argv)
{
	int letter;

	options.seed = (unsigned long)time(NULL) << 16 ^ (unsigned long)getpid();
	while ((letter = getopt(argc, argv, "n:s:t:ua")) != -1) {
		if (letter == 'n')
			options.strings = strtoul(optarg, NULL, 0);
		else if (letter == 's')
			options.seed = strtoul(optarg, NULL, 0);
		else if (letter == 't')
			options.milliseconds = strtoul(optarg, NULL, 0);
		else if (letter == 'u')
			options.unfiltered = true;
		else if (letter == 'a')
			options.avoid = true;
		else
			exit(2);
	}
}

static void print(double seconds)
{
	static const char *const words[OUTCOMES] = {
		"not run", "executed", "signal", "killed", "hang", "lost",
	};

	printf("seed %lu, uid %u: %lu runs in %.1f s;", options.seed, geteuid(), count.runs, seconds);
	for (int i = 0; i < OUTCOMES; i++)
		printf(" %s %lu,", words[i], count.outcome[i]);
	printf(" SIGSYS %lu; confined %lu, calls seen %lu\n", count.signal[SIGSYS], count.confined,
	       count.seen);
}

int main(int argc, char **argv)
{
	struct timespec from, to;
	unsigned int before;
	bool good;

	parse(argc, argv);
	before = files();
	clock_gettime(CLOCK_MONOTONIC, &from);
	run_random(options.strings);
	run_built(options.strings / 4, put_door);
	run_built(options.strings / 8, put_forgery);
	clock_gettime(CLOCK_MONOTONIC, &to);
	print((double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9);
	if (options.unfiltered)
		return !count.seen;
	good = !count.seen && !count.outcome[RUN_NOT_RUN] && count.signal[SIGSYS] &&
	       count.confined == count.runs;
	if (files() != before || waitpid(-1, NULL, WNOHANG) != -1) {
		printf("a file or a process is left\n");
		good = false;
	}
	return !good;
}
