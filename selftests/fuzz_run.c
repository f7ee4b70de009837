// SPDX-License-Identifier: GPL-2.0
/* Makes the calls of a fuzz program: those that are operations here, the others elsewhere. */
#include <setjmp.h>
#include <signal.h>

#include "ringprobe_test.h"
#include "fuzz_run.h"
#include "ring.h"

page_ptr module_page;
uint64_t caps;
static struct ring ring;

/* ---- operations of the device ---- */

static int by_ring(const struct fuzz_call *call, int fd)
{
	struct io_uring_sqe *sqe;
	int result = 1, err;

	sqe = ring_prepare(&ring, 0, fd, call->a & FUZZ_URING_ASYNC ? IOSQE_ASYNC : 0,
			   (uint32_t)call->a, (void *)(uintptr_t)call->b);
	if (call->a & FUZZ_URING_ZERO)
		ring_payload(&ring, 0)->zero = 1;
	if (call->a & FUZZ_URING_FLAGS)
		sqe->uring_cmd_flags = 1U << 30;
	err = ring_run(&ring, 1, &result);
	return err ? -err : -result;
}

/* Of the file systems' own, some are no errors of the device. */
static bool is_ours(const struct fuzz_call *call)
{
	return call->kind == FUZZ_URING || _IOC_TYPE((uint32_t)call->a) == RINGPROBE_IOC_TYPE;
}

static void operate(struct fuzz_run *run, const struct fuzz_call *call)
{
	struct slot *slot = &slots[call->slot];
	struct counts before[2] = { { 0, 0, 0 }, { 0, 0, 0 } };
	int err;

	/* those of all file systems may free or freeze what is not ours */
	if (slot->fd < 0 || (!is_ours(call) && _IOC_TYPE((uint32_t)call->a) == 'X'))
		return;
	store(call->b, call->word, call->words * sizeof(call->word[0]));
	if (writes_mark(call))
		return;
	if (slot->page)
		read_counters(slot->page, &before[0]);
	read_counters(module_page, &before[1]);
	err = call->kind == FUZZ_URING ? by_ring(call, slot->fd) :
	      op(slot->fd, (unsigned int)call->a, (void *)(uintptr_t)call->b);
	run->calls++;
	/* the next program's calls are not to be recorded */
	if (!err && (uint32_t)call->a == RINGPROBE_IOC_FAULT_ARM)
		slot->kept = false;
	if (is_ours(call))
		judge_operation(run, call, slot, before, err);
	else
		may_change(FUZZ_MEMORY, FUZZ_PAGES * FUZZ_PAGE);
}

/* ---- what a thread does that is watched, or armed ---- */

static sigjmp_buf after_signal;

static void at_signal(int number)
{
	siglongjmp(after_signal, number);
}

/* Here is what makes a page fault, or a signal, or neither. */
static void touch(const struct fuzz_call *call)
{
	volatile uint8_t *address = (uint8_t *)(uintptr_t)call->a;
	bool ours = call->a >= FUZZ_MEMORY && call->a < FUZZ_COUNTERS;

	if (sigsetjmp(after_signal, 1))
		return;
	switch (call->b) {
	case 0:
		(void)*address;
		break;
	case 1:
		if (ours)
			*address = 0xcc;
		break;
	case 2:
		__asm__ volatile("ud2");
		break;
	case 3:
		__asm__ volatile("int3");
		break;
	default:
		kill(getpid(), SIGTRAP);
	}
}

static void touch_and_accept(const struct fuzz_call *call)
{
	touch(call);
	may_change(call->a, 1);
}

static void be_forked(void)
{
	pid_t child = fork();

	if (!child)
		_exit(0);
	if (child > 0)
		waitpid(child, NULL, 0);
}

static void set_effective(uint64_t which)
{
	uint64_t without = (which & FUZZ_CAPS_RAWIO ? 0 : RAWIO) |
			   (which & FUZZ_CAPS_ADMIN ? 0 : 1ULL << CAP_NET_ADMIN);

	if (!set_caps(ALL_CAPS & ~without, ALL_CAPS))
		caps = which & (FUZZ_CAPS_RAWIO | FUZZ_CAPS_ADMIN);
}

/* ---- programs ---- */

static void store_words(const struct fuzz_call *call)
{
	uint64_t i, n = call->words * sizeof(call->word[0]);

	for (i = 0; n && i < (call->b & 0x1ff); i++)
		store(call->a + i * n, call->word, n);
}

static void make_call(struct fuzz_run *run, const struct fuzz_call *call)
{
	switch (call->kind) {
	case FUZZ_STORE:
		store_words(call);
		break;
	case FUZZ_IOCTL:
	case FUZZ_URING:
		operate(run, call);
		break;
	case FUZZ_TOUCH:
		touch_and_accept(call);
		break;
	case FUZZ_CAPS:
		set_effective(call->a);
		break;
	case FUZZ_FORK:
		be_forked();
		break;
	case FUZZ_SOCKET:
	case FUZZ_SEND:
	case FUZZ_RECEIVE:
		make_socket_call(run, call);
		break;
	default:
		make_file_call(run, call);
	}
}

static void clean_up(const struct fuzz_run *run)
{
	memory_reset();
	if (caps != (FUZZ_CAPS_RAWIO | FUZZ_CAPS_ADMIN))
		set_effective(FUZZ_CAPS_RAWIO | FUZZ_CAPS_ADMIN);
	close_files();
	close_sockets(run);
}

bool fuzz_run(struct fuzz_run *run, const struct fuzz_program *program,
	      void (*around)(bool after))
{
	const struct fuzz_call *call = program->call;

	*run->complaint = '\0';
	around(false);
	open_standing(run);
	around(true);
	for (; call < program->call + program->calls && !*run->complaint; call++) {
		around(false);
		make_call(run, call);
		around(true);
	}
	judge_pages(run);
	around(false);
	clean_up(run);
	around(true);
	return !*run->complaint;
}

static bool look_at_device(void)
{
	struct ringprobe_info info = { .size = sizeof(info) };
	int fd = open(RINGPROBE_DEVICE, O_RDWR | O_CLOEXEC);

	if (fd < 0 || ioctl(fd, RINGPROBE_IOC_INFO, &info))
		return false;
	judge_init(info.pm_timer_port);
	module_page = mmap(NULL, FUZZ_PAGE, PROT_READ, MAP_SHARED, fd, FUZZ_PAGE);
	close(fd);
	return module_page != MAP_FAILED && !info.deny_in && !info.deny_out;
}

const char *fuzz_run_init(struct fuzz_run *run)
{
	static const int signals[] = { SIGSEGV, SIGBUS, SIGILL, SIGTRAP };
	struct sigaction action = { .sa_handler = at_signal };
	const char *missing;
	uint32_t i;

	if (!look_at_device())
		return "needs the module, CAP_SYS_RAWIO and no lockdown";
	missing = sockets_init();
	if (missing)
		return missing;
	if (ring_open(&ring, 0))
		return "needs io_uring";
	if (!memory_init())
		return "cannot have the memory that programs name";
	for (i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		sigaction(signals[i], &action, NULL);
	memory_reset();
	*run->complaint = '\0';
	set_effective(FUZZ_CAPS_RAWIO | FUZZ_CAPS_ADMIN);
	return NULL;
}

void fuzz_run_counters(uint64_t *in, uint64_t *out)
{
	*in = module_page->in;
	*out = module_page->out;
}
