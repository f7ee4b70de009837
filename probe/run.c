// SPDX-License-Identifier: GPL-2.0
/*
 * The runner: a page of code, a child that cannot do harm, and what came of
 * it. One invariant: what is read back was written by a child that may have
 * run anything, so it is shown but never followed. It is only believed where it
 * lies on a page that the child could not write any more: struct run_child.
 */
#define _GNU_SOURCE
#include "run.h"

#include <asm/prctl.h>
#include <errno.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "confine.h"
#include "pin.h"
#include "priv.h"
#include "run_enter.h"
#include "run_filter.h"
#include "stats.h"
#include "timeline.h"

static struct run_area *const area = (struct run_area *)RUN_AREA;
static struct run_child *const told = (struct run_child *)RUN_CHILD;

/* Fixed, but never over what is there already; -1 and errno if it is taken. */
static int map(unsigned long from, unsigned long to, int protection, int sharing)
{
	void *at = mmap((void *)from, to - from, protection,
			sharing | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

	return at == (void *)from ? 0 : -1;
}

/* Present, so that a fault there is one of rights and not of absence. */
static bool map_touched(unsigned long page, int protection)
{
	if (map(page, page + 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE))
		return false;
	*(volatile char *)page = 0;
	return !mprotect((void *)page, 4096, protection);
}

/* Once: what is mapped already would be in the way of another attempt. 0, or errno. */
static int map_all(void)
{
	const int both = PROT_READ | PROT_WRITE;
	static bool tried, mapped;
	static int err;

	if (!tried)
		mapped = !map(RUN_AREA, RUN_SCRATCH + 4096, both, MAP_SHARED) &&
			 !map(RUN_CODE, RUN_CODE + 4096, both, MAP_SHARED) &&
			 !map(RUN_CHILD, RUN_CHILD + 4096, both, MAP_SHARED) &&
			 !map(RUN_STACK, RUN_STACK_END, both, MAP_PRIVATE) &&
			 !map(RUN_ALTERNATE, RUN_ALTERNATE_END, both, MAP_PRIVATE) &&
			 map_touched(RUN_READ_ONLY, PROT_READ) &&
			 map_touched(RUN_NO_EXECUTE, both) && map_touched(RUN_PROTECTED, both) &&
			 map_touched(RUN_FRESH, both);
	if (!tried && !mapped)
		err = errno;
	tried = true;
	return err;
}

#define BYTES(address)							\
	(address) & 0xff, (address) >> 8 & 0xff, (address) >> 16 & 0xff, (address) >> 24

/*
 * The code, and behind it: jmp *RUN_EXIT (FF /4 with an absolute address). From
 * 32-bit code there leads ljmp $RUN_CS_64, $address (EA).
 */
static void write_code(const struct run_request *request)
{
	static const __u8 leave[] = { 0xff, 0x24, 0x25, BYTES(RUN_EXIT) };
	__u32 behind = RUN_CODE + request->size + 7;
	const __u8 far_jump[] = { 0xea, BYTES(behind), RUN_CS_64, 0 };
	__u8 *code = (__u8 *)RUN_CODE;

	_Static_assert(sizeof(far_jump) == 7, "where leave lies");
	memset(code, 0xcc, 4096);	/* int3 */
	memcpy(code, request->code, request->size);
	code += request->size;
	if (request->mode == RUN_MODE_32)
		code = (__u8 *)memcpy(code, far_jump, sizeof(far_jump)) + sizeof(far_jump);
	memcpy(code, leave, sizeof(leave));
}

void run_registers(__u64 *regs)
{
	for (int i = 0; i < RUN_REGS; i++)
		regs[i] = 0x1111111111111111ULL * (unsigned int)i;
	regs[RUN_RSI] = regs[RUN_RDI] = RUN_SCRATCH;
	regs[RUN_RSP] = RUN_STACK_END - 256;
}

static const char *ask_for(enum run_grant grant)
{
	priv_rawio(true);
	if (grant == RUN_GRANT_POST && ioperm(0x80, 1, 1))
		return "ioperm(0x80) is refused: it needs CAP_SYS_RAWIO and no lockdown";
	if (grant == RUN_GRANT_ALL_PORTS && iopl(3))
		return "iopl(3) is refused: it needs CAP_SYS_RAWIO and no lockdown";
	return NULL;
}

static const char *protect_by_key(void)
{
	int key = pkey_alloc(0, PKEY_DISABLE_ACCESS);

	if (key < 0 || pkey_mprotect((void *)RUN_PROTECTED, 4096, PROT_READ | PROT_WRITE, key))
		return "no protection keys here";
	return NULL;
}

static const char *set_up(enum run_setup setup)
{
	if (setup == RUN_SETUP_NO_TSC && prctl(PR_SET_TSC, PR_TSC_SIGSEGV, 0, 0, 0))
		return "PR_SET_TSC is refused";
	if (setup == RUN_SETUP_NO_CPUID && syscall(SYS_arch_prctl, ARCH_SET_CPUID, 0))
		return "no CPUID faulting: this CPU, or what virtualizes it, has none";
	return setup == RUN_SETUP_KEY ? protect_by_key() : NULL;
}

/* Not through libc: the restorer has to be where the filter lets it call from. */
static bool catch(int signal, bool timed)
{
	struct {
		void (*handler)(void);
		unsigned long flags;
		void (*restorer)(void);
		unsigned long mask;
	} action = {
		.handler = timed ? run_handler : run_handler_untimed,
		.flags = SA_SIGINFO | SA_ONSTACK | 0x04000000,	/* SA_RESTORER */
		.restorer = timed ? run_restorer : run_restorer_untimed,
	};

	return !syscall(SYS_rt_sigaction, signal, &action, NULL, sizeof(action.mask));
}

static const char *catch_signals(bool timed)
{
	static const int signals[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGSYS };
	stack_t alternate = { .ss_sp = (void *)RUN_ALTERNATE,
			      .ss_size = RUN_ALTERNATE_END - RUN_ALTERNATE };

	if (sigaltstack(&alternate, NULL))
		return "no stack for signals";
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		if (!catch(signals[i], timed))
			return "no handler for signals";
	return NULL;
}

/* No more memory than there is, and no more time than was asked for. */
static const char *limit(const struct run_request *request)
{
	const struct rlimit none = { 0, 0 };
	const struct itimerval time = { .it_value = { request->milliseconds / 1000,
						      request->milliseconds % 1000 * 1000 } };

	if (setrlimit(RLIMIT_AS, &none))
		return "the address space cannot be limited";
	if (request->milliseconds && setitimer(ITIMER_REAL, &time, NULL))
		return "the time cannot be limited";
	return NULL;
}

/* Says what the child has become; with this, all but the filter is done. */
static const char *tell(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct caps[2];

	if (syscall(SYS_capget, &header, caps))
		return "its own capabilities cannot be read";
	for (int i = 0; i < 2; i++)
		told->capabilities |= (__u64)(caps[i].permitted | caps[i].effective |
					      caps[i].inheritable) << 32 * i;
	told->uid = (__u32)syscall(SYS_geteuid);
	told->gid = (__u32)syscall(SYS_getegid);
	told->no_new_privs = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
	__asm__("mov %%cs, %0" : "=r"(told->cs));
	told->begun = 1;
	return mprotect(told, 4096, PROT_READ) ? "its report cannot be made read-only" : NULL;
}

static const char *prepare(const struct run_request *request, const struct confine_rights *had,
			   bool timed)
{
	const char *why_not = confine_ports(had);

	if (!why_not)
		why_not = ask_for(request->grant);
	pin_to(sched_getcpu());		/* the stamps of a round are to be one CPU's */
	if (request->timeline)
		told->unarmed = timeline_arm(request->timeline);
	if (!why_not)
		why_not = confine_rest(-1, request->grant == RUN_GRANT_ALL_PORTS);
	if (!why_not && mprotect((void *)RUN_CODE, 4096, PROT_READ | PROT_EXEC))
		why_not = "the code cannot be made executable";
	if (!why_not)
		why_not = catch_signals(timed);
	if (!why_not)
		why_not = set_up(request->setup);
	if (!why_not)
		why_not = limit(request);
	if (!why_not)
		why_not = tell();
	if (!why_not && request->filtered)
		why_not = run_filter();
	return why_not;
}

static bool is_timed(const struct run_request *request)
{
	return request->setup != RUN_SETUP_NO_TSC && !request->filtered;
}

static _Noreturn void child(const struct run_request *request, const struct confine_rights *had)
{
	bool timed = is_timed(request);
	const char *why_not = prepare(request, had, timed);

	if (why_not) {
		mprotect(told, 4096, PROT_READ | PROT_WRITE);
		told->begun = 0;
		snprintf(told->why_not, sizeof(told->why_not), "%s", why_not);
		run_exit(0);
	}
	run_rounds(request, timed);
}

void run_describe(struct run_ticks *ticks, __u32 n, const __u64 *from, const __u64 *to,
		  __s64 overhead)
{
	__s64 v[RUN_SAMPLES];
	struct stats stats;

	for (__u32 i = 0; i < n; i++)
		v[i] = (__s64)(to[i] - from[i] - (__u64)overhead);
	stats_describe((int64_t *)v, n, &stats);
	*ticks = (struct run_ticks){ n, stats.median, stats.min };
}

/* Outside 64-bit mode the upper halves are undefined (Intel SDM vol. 1, 3.4.1.1). */
static void cut_to_32_bits(__u64 *regs)
{
	for (int i = 0; i < RUN_REGS; i++)
		regs[i] &= 0xffffffff;
}

static void take(struct run_report *report, const struct run_overhead *overhead, bool timed)
{
	__u32 n = area->samples;

	memcpy(report->regs, area->regs_out, sizeof(report->regs));
	if (report->mode == RUN_MODE_32)
		cut_to_32_bits(report->regs);
	memcpy(report->scratch, (void *)RUN_SCRATCH, sizeof(report->scratch));
	report->rflags = area->rflags;
	report->signal = (int)area->signal;
	report->code = (int)area->code;
	report->addr = area->addr;
	report->trap = (int)area->trap;
	report->error = area->error;
	report->cs = (__u32)area->cs;
	report->rip = area->rip;
	report->syscall = area->syscall;
	report->arch = area->arch;
	if (!timed || n > RUN_SAMPLES)
		return;
	if (report->signal)
		run_describe(&report->handler, n, area->sample[RUN_AT_ENTER],
			     area->sample[RUN_AT_HANDLER], overhead->stopped);
	run_describe(&report->round, n, area->sample[RUN_AT_ENTER], area->sample[RUN_AT_LEAVE],
		     report->signal ? overhead->stopped : overhead->executed);
}

static void judge(struct run_report *report, int status)
{
	report->child = *told;
	if (!told->begun) {
		report->outcome = RUN_NOT_RUN;
		snprintf(report->why_not, sizeof(report->why_not), "%s", WIFSIGNALED(status) ?
			 "its time was over before it began" : told->why_not);
	} else if (WIFSIGNALED(status)) {
		report->outcome = WTERMSIG(status) == SIGALRM ? RUN_TIMEOUT : RUN_KILLED;
		report->signal = WTERMSIG(status);
		report->trap = -1;
		report->handler.n = report->round.n = 0;
	} else if (report->signal) {
		report->outcome = RUN_SIGNAL;
	} else {
		report->outcome = area->samples ? RUN_EXECUTED : RUN_LOST;
	}
}

/* False: it was stopped before its code began. */
static bool run_once(const struct run_request *request, const struct run_overhead *overhead,
		     struct run_report *report)
{
	const struct confine_rights *had = confine_rights();
	int status, err = map_all();
	pid_t pid;

	memset(report, 0, sizeof(*report));
	report->mode = request->mode;
	if (err) {
		snprintf(report->why_not, sizeof(report->why_not), "no memory at %#x: %s", RUN_AREA,
			 err == EEXIST ? "the addresses are taken" : strerror(err));
		return true;
	}
	if (!run_mode_there(request->mode)) {
		snprintf(report->why_not, sizeof(report->why_not),
			 "no segment for 32-bit code here (LAR of %#x)", RUN_CS_32);
		return true;
	}
	memset(area, 0, RUN_SCRATCH + 4096 - RUN_AREA);
	memset(told, 0, sizeof(*told));
	memcpy(area->regs_in, request->regs, sizeof(area->regs_in));
	if (request->mode == RUN_MODE_32)
		cut_to_32_bits(area->regs_in);
	write_code(request);
	pid = fork();
	if (!pid)
		child(request, had);
	if (pid < 0 || confine_wait(pid, &status) < 0) {
		snprintf(report->why_not, sizeof(report->why_not), "no child process: %s",
			 strerror(errno));
		return true;
	}
	take(report, overhead, is_timed(request));
	judge(report, status);
	if (request->timeline)
		timeline_take(request->timeline, area, report, overhead);
	return told->begun || !WIFSIGNALED(status);
}

/* A busy machine's time may be over before the code began: that is not the code's doing. */
static void run(const struct run_request *request, const struct run_overhead *overhead,
		struct run_report *report)
{
	if (!run_once(request, overhead, report))
		run_once(request, overhead, report);
}

static const struct run_overhead none;

/* A run of no interest in itself: did it take samples? If not, @report says it was not run. */
static bool sample(const struct run_request *request, struct run_report *report)
{
	run(request, &none, report);
	if (report->round.n)
		return true;
	if (report->outcome != RUN_NOT_RUN)
		snprintf(report->why_not, sizeof(report->why_not),
			 "what a round takes by itself could not be measured");
	report->outcome = RUN_NOT_RUN;
	return false;
}

/* @request: its code takes the handler's stamp */
static bool up_to_stamp(const struct run_request *request, struct run_report *report, __s64 *least)
{
	struct run_ticks ticks;

	if (!sample(request, report))
		return false;
	run_describe(&ticks, report->round.n, area->sample[RUN_AT_ENTER],
		     area->sample[RUN_AT_HANDLER], 0);
	*least = ticks.min;
	return true;
}

/*
 * What a round takes with no code in it, and up to a stamp that is the code. NULL, and in
 * @report why, where that is not known: no time can be told then.
 */
static const struct run_overhead *measure_overhead(enum run_mode mode, struct run_report *report)
{
	/*
	 * as run_handler begins: mov %rdx, %r8; lfence; rdtsc; lfence; both halves.
	 * Without the first byte it is 32-bit code, and moves EDX to EAX.
	 */
	static const __u8 stamp[] = {
		0x49, 0x89, 0xd0, 0x0f, 0xae, 0xe8, 0x0f, 0x31, 0x0f, 0xae, 0xe8,
		0x89, 0x04, 0x25, 0x10, 0x00, 0x00, 0x20, 0x89, 0x14, 0x25, 0x14, 0x00, 0x00, 0x20,
	};
	static struct run_overhead all[RUN_MODES];
	static bool measured[RUN_MODES];
	struct run_overhead *overhead = &all[mode];
	struct run_request request = { .mode = mode, .rounds = RUN_SAMPLES };

	if (measured[mode])
		return overhead;
	request.code = stamp + (mode == RUN_MODE_32);
	run_registers(request.regs);
	if (!sample(&request, report))
		return NULL;
	overhead->executed = report->round.min;
	request.size = (__u32)(stamp + sizeof(stamp) - request.code);
	if (!up_to_stamp(&request, report, &overhead->stopped))
		return NULL;
	request.code = stamp + 3;	/* without the MOV */
	request.size = sizeof(stamp) - 3;
	measured[mode] = up_to_stamp(&request, report, &overhead->stamped);
	return measured[mode] ? overhead : NULL;
}

const char *run_mode_name(enum run_mode mode)
{
	return mode == RUN_MODE_32 ? "compatibility mode" : "64-bit mode";
}

/* LAR answers for a segment that CPL 3 may use: SDM vol. 2. */
static bool has_segment(__u64 selector)
{
	__u64 rights;
	bool there;

	__asm__("lar %2, %0" : "=r"(rights), "=@ccz"(there) : "r"(selector));
	return there;
}

/* By a child: what translates programs may not know LAR, and ends who tries it. */
bool run_mode_there(enum run_mode mode)
{
	static bool asked, lacks_32;
	int status;
	pid_t pid;

	if (mode == RUN_MODE_64)
		return true;
	if (!asked) {
		pid = fork();
		if (!pid)
			_exit(!has_segment(RUN_CS_32));
		lacks_32 = pid > 0 && confine_wait(pid, &status) == pid && WIFEXITED(status) &&
			   WEXITSTATUS(status) == 1;
		asked = true;
	}
	return !lacks_32;
}

void run_code(const struct run_request *request, struct run_report *report)
{
	const struct run_overhead *overhead = &none;

	if (is_timed(request))
		overhead = measure_overhead(request->mode, report);
	if (overhead)
		run(request, overhead, report);
}
