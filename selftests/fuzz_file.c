// SPDX-License-Identifier: GPL-2.0
/* What a fuzz program does with descriptors of the device, but for its operations. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fuzz_run.h"

#define FILES	8	/* opened by one program, of which the counters are looked at */

/* How the first slots are open when a program begins */
static const int standing[] = { O_RDWR, O_RDONLY, O_WRONLY };

#define STANDING	(sizeof(standing) / sizeof(*standing))

struct slot slots[FUZZ_SLOTS] = { { .fd = -1 }, { .fd = -1 }, { .fd = -1 }, { .fd = -1 } };
static uint32_t files;		/* that this program has opened */
static bool mapped;		/* something, by the program */

static void forget(struct slot *slot)
{
	if (slot->fd >= 0)
		close(slot->fd);
	*slot = (struct slot){ .fd = -1 };
}

/* Those of the standing slots first, behind them those of what a program opens itself. */
static page_ptr map_counters(int fd, uint32_t which)
{
	void *address = (void *)(uintptr_t)(FUZZ_COUNTERS + which * FUZZ_PAGE);

	if (which >= FILES)
		return NULL;
	return mmap(address, FUZZ_PAGE, PROT_READ, MAP_SHARED | MAP_FIXED, fd, 0) == address ?
	       address : NULL;
}

static void open_slot(struct fuzz_run *run, struct slot *slot, uint64_t flags, uint32_t page)
{
	int mode = (int)(flags & (O_ACCMODE | O_NONBLOCK));

	forget(slot);
	slot->fd = open(RINGPROBE_DEVICE, mode | O_CLOEXEC);
	run->calls++;
	if (slot->fd < 0) {
		complain(run, "open(%#x): errno %d", mode, errno);
		return;
	}
	slot->read = (mode & O_ACCMODE) == O_RDONLY || (mode & O_ACCMODE) == O_RDWR;
	slot->write = (mode & O_ACCMODE) == O_WRONLY || (mode & O_ACCMODE) == O_RDWR;
	slot->rawio = caps & FUZZ_CAPS_RAWIO;
	if (slot->read)
		slot->page = map_counters(slot->fd, page);
}

void open_standing(struct fuzz_run *run)
{
	uint32_t i;

	for (i = 0; i < STANDING; i++) {
		if (!slots[i].kept)
			open_slot(run, &slots[i], (uint64_t)standing[i], i);
		slots[i].kept = !run->fresh;
	}
}

static void dup_slot(const struct fuzz_call *call)
{
	struct slot *from = &slots[call->slot];
	struct slot *to = &slots[call->a % FUZZ_SLOTS];

	if (from->fd < 0 || from == to)
		return;
	forget(to);
	from->kept = false;
	*to = *from;
	to->fd = fcntl(from->fd, F_DUPFD_CLOEXEC, 0);
}

/* ---- mappings ---- */

static void *place(uint64_t i)
{
	return (void *)(uintptr_t)FUZZ_PLACE(i % FUZZ_PLACES);
}

static void map(struct fuzz_run *run, const struct fuzz_call *call)
{
	const struct slot *slot = &slots[call->slot];
	int prot = (int)(call->b & 7), type = (int)(call->b >> 8 & 3);
	uint64_t pages = call->b >> 24 & 3;
	page_ptr page;
	int err;

	if (slot->fd < 0)
		return;
	mapped = true;
	page = (page_ptr)syscall(SYS_mmap, place(call->b >> 16), pages * FUZZ_PAGE, prot,
				 type | MAP_FIXED, slot->fd, call->a);
	err = page == MAP_FAILED ? errno : 0;
	run->calls++;
	/* EOVERFLOW: of mmap() itself, for an offset that no file has */
	if (err && err != EINVAL && err != EACCES && err != EPERM &&
	    !(err == EOVERFLOW && call->a >> 32))
		complain(run, "mmap: errno %d", err);
	if (err)
		return;
	if (pages != 1 || prot & (PROT_WRITE | PROT_EXEC) || type == MAP_PRIVATE || !slot->read ||
	    call->a > FUZZ_PAGE || (call->a && !slot->rawio))
		complain(run, "mmap: it was done");
	else if (prot & PROT_READ && (page->offset != call->a / FUZZ_PAGE ||
				      page->version != RINGPROBE_PAGE_VERSION))
		complain(run, "mmap: page %u, version %u", page->offset, page->version);
}

static void protect(struct fuzz_run *run, const struct fuzz_call *call)
{
	int prot = (int)(call->b & 7);
	int err = mprotect(place(call->a), FUZZ_PAGE, prot) ? errno : 0;

	run->calls++;
	if (!err && prot & (PROT_WRITE | PROT_EXEC))
		complain(run, "mprotect: it was done");
	if (err && err != EACCES && err != ENOMEM)
		complain(run, "mprotect: errno %d", err);
}

static void enlarge(struct fuzz_run *run, const struct fuzz_call *call)
{
	uint64_t pages = call->b & 3;

	run->calls++;
	if (mremap(place(call->a), FUZZ_PAGE, pages * FUZZ_PAGE, 0) != MAP_FAILED && pages != 1)
		complain(run, "mremap: it was done");
}

/* ---- what a file has besides ---- */

static void seek(struct fuzz_run *run, const struct fuzz_call *call)
{
	long ret = syscall(SYS_lseek, slots[call->slot].fd, call->a, call->b);
	int err = ret == -1 ? errno : 0, due = 0;

	run->calls++;
	if (slots[call->slot].fd < 0)
		due = EBADF;
	else if (call->a || (uint32_t)call->b > SEEK_CUR)
		due = EINVAL;
	if (err != due || (!due && (uint32_t)call->b == SEEK_SET && ret))
		complain(run, "lseek: %ld, errno %d, %d is due", ret, err, due);
}

static void read_or_write(struct fuzz_run *run, const struct fuzz_call *call)
{
	void *address = (void *)(uintptr_t)call->a;
	int fd = slots[call->slot].fd;
	ssize_t ret = call->kind == FUZZ_READ ? read(fd, address, call->b & 0xffff) :
						write(fd, address, call->b & 0xffff);

	run->calls++;
	if (ret >= 0 || (errno != EINVAL && errno != EBADF))
		complain(run, "read or write: %zd, errno %d", ret, errno);
}

static void control(struct fuzz_run *run, const struct fuzz_call *call)
{
	static const int commands[] = { F_GETFL, F_SETFL, F_GETFD, F_GETOWN };

	run->calls++;
	fcntl(slots[call->slot].fd, commands[call->a % 4], call->b & O_NONBLOCK);
}

static void look(struct fuzz_run *run, const struct fuzz_call *call)
{
	struct pollfd descriptor = { .fd = slots[call->slot].fd, .events = POLLIN | POLLOUT };

	run->calls++;
	poll(&descriptor, 1, 0);
}

/* ---- all of them ---- */

void make_file_call(struct fuzz_run *run, const struct fuzz_call *call)
{
	switch (call->kind) {
	case FUZZ_OPEN:
		open_slot(run, &slots[call->slot], call->a, STANDING + files++);
		break;
	case FUZZ_CLOSE:
		forget(&slots[call->slot]);
		break;
	case FUZZ_DUP:
		dup_slot(call);
		break;
	case FUZZ_MMAP:
		map(run, call);
		break;
	case FUZZ_MUNMAP:
		munmap(place(call->a), FUZZ_PAGE);
		break;
	case FUZZ_MPROTECT:
		protect(run, call);
		break;
	case FUZZ_MREMAP:
		enlarge(run, call);
		break;
	case FUZZ_LSEEK:
		seek(run, call);
		break;
	case FUZZ_READ:
	case FUZZ_WRITE:
		read_or_write(run, call);
		break;
	case FUZZ_POLL:
		look(run, call);
		break;
	case FUZZ_FCNTL:
		control(run, call);
		break;
	}
}

void close_files(void)
{
	uint32_t i;

	for (i = 0; i < FUZZ_SLOTS; i++)
		if (!slots[i].kept)
			forget(&slots[i]);
	if (mapped)
		munmap(place(0), FUZZ_PLACE(FUZZ_PLACES) - FUZZ_PLACE(0));
	mapped = false;
	if (files)
		munmap((void *)(uintptr_t)(FUZZ_COUNTERS + STANDING * FUZZ_PAGE),
		       (FILES - STANDING) * FUZZ_PAGE);
	files = 0;
}
