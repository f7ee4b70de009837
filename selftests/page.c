// SPDX-License-Identifier: GPL-2.0
/*
 * The pages of counters: what they say after accesses that are known, that no reader
 * sees half of a change, and that nobody can write, enlarge or misplace a mapping.
 */
#include "kselftest_harness.h"

#include <pthread.h>
#include <sys/uio.h>

#include "ringprobe_test.h"

#define PAGE		4096U

typedef const volatile struct ringprobe_page *page_ptr;

PROGRAM_NEEDS(lacks_root, lacks_device, lacks_port)

FIXTURE(page) {
	int fd;
	page_ptr file, module;
};

static page_ptr map(int fd, unsigned int which)
{
	return mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, (off_t)which * PAGE);
}

FIXTURE_SETUP(page)
{
	self->fd = open(RINGPROBE_DEVICE, O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, self->fd);
	self->file = map(self->fd, RINGPROBE_PAGE_OF_FILE);
	ASSERT_NE(MAP_FAILED, (void *)self->file);
	self->module = map(self->fd, RINGPROBE_PAGE_OF_MODULE);
	ASSERT_NE(MAP_FAILED, (void *)self->module);
}

FIXTURE_TEARDOWN(page)
{
	munmap((void *)self->file, PAGE);
	munmap((void *)self->module, PAGE);
	close(self->fd);
}

static void linger(void)
{
	unsigned int i;

	for (i = 0; i < 2000; i++)
		__asm__ volatile("" : : : "memory");
}

/* The contract's reader, taking its time if it is to. How often it had to begin again. */
static unsigned int read_slowly(page_ptr page, struct ringprobe_page *copy, int slowly)
{
	unsigned int again = 0;
	uint32_t sequence;

	for (;; again++) {
		sequence = __atomic_load_n(&page->sequence, __ATOMIC_ACQUIRE);
		*copy = *page;
		if (slowly) {
			linger();
			copy->out = page->out;
		}
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
		if (!(sequence & 1) && sequence == page->sequence)
			return again;
	}
}

static void read_page(page_ptr page, struct ringprobe_page *copy)
{
	read_slowly(page, copy, 0);
}

TEST_F(page, what_it_says)
{
	struct ringprobe_page file, module;
	struct ringprobe_info info;

	ASSERT_EQ(0, ask(self->fd, &info, 0, 0));
	read_page(self->file, &file);
	read_page(self->module, &module);
	EXPECT_EQ(RINGPROBE_PAGE_VERSION, file.version);
	EXPECT_EQ(sizeof(file), file.size);
	EXPECT_EQ(0, file.sequence % 2);
	EXPECT_EQ(RINGPROBE_PAGE_OF_FILE, file.offset);
	EXPECT_EQ(RINGPROBE_PAGE_OF_MODULE, module.offset);
	EXPECT_EQ(info.features, file.features);
	EXPECT_EQ(info.features, module.features);
	EXPECT_EQ(RINGPROBE_FEATURE_PAGE, file.features & RINGPROBE_FEATURE_PAGE);
	EXPECT_EQ(info.tsc_khz, file.tsc_khz);
	EXPECT_EQ(0, file.reserved);
	EXPECT_EQ(0, file.in + file.out + file.refused);
	EXPECT_EQ(RINGPROBE_PAGE_VERSION, module.version);
	/* the rest of the page is empty */
	EXPECT_TRUE(all_bytes((void *)(self->file + 1), 0, PAGE - sizeof(file)));
	EXPECT_TRUE(all_bytes((void *)(self->module + 1), 0, PAGE - sizeof(file)));
}

/* What was counted between @before and now */
#define EXPECT_COUNTED(page, before, n_in, n_out, n_refused) do {	\
	struct ringprobe_page now_;					\
									\
	read_page(page, &now_);						\
	EXPECT_EQ(n_in, now_.in - (before).in);				\
	EXPECT_EQ(n_out, now_.out - (before).out);			\
	EXPECT_EQ(n_refused, now_.refused - (before).refused);		\
} while (0)

TEST_F(page, counts)
{
	struct ringprobe_op ops[10];
	struct ringprobe_batch batch = batch_of(ops, 10);
	struct ringprobe_page file, module, none = { .version = 0 };
	uint32_t value, i;
	int other;

	read_page(self->file, &file);
	read_page(self->module, &module);
	for (i = 0; i < 5; i++)
		ASSERT_EQ(0, port_in(self->fd, PORT_POST, 1, &value));
	EXPECT_COUNTED(self->file, file, 5, 0, 0);
	for (i = 0; i < 3; i++)
		ASSERT_EQ(0, port_out(self->fd, PORT_POST, 1, 0));
	EXPECT_COUNTED(self->file, file, 5, 3, 0);
	for (i = 0; i < 10; i++)
		ops[i] = i < 7 ? in_op(PORT_POST, 1) : out_op(PORT_POST, 1, 0);
	ASSERT_EQ(0, op(self->fd, RINGPROBE_IOC_PORT_BATCH, &batch));
	EXPECT_COUNTED(self->file, file, 12, 6, 0);

	/* refused: as answered, statuses are not 0; a bad pointer; and no such right */
	EXPECT_EQ(EINVAL, op(self->fd, RINGPROBE_IOC_PORT_BATCH, &batch));
	EXPECT_EQ(EACCES, port_out(self->fd, PORT_RESET, 1, 0xfe));
	EXPECT_EQ(EFAULT, op(self->fd, RINGPROBE_IOC_PORT_IN, NULL));
	ASSERT_EQ(0, set_caps(NO_CAPS, ALL_CAPS));
	EXPECT_EQ(EPERM, port_in(self->fd, PORT_POST, 1, &value));
	ASSERT_EQ(0, set_caps(ALL_CAPS, ALL_CAPS));
	EXPECT_COUNTED(self->file, file, 12, 6, 4);

	/* what is no port operation does not count */
	EXPECT_EQ(0, op(self->fd, RINGPROBE_IOC_NOP, NULL));
	EXPECT_EQ(EINVAL, op(self->fd, RINGPROBE_IOC_NOP, self));
	EXPECT_EQ(ENOTTY, op(self->fd, _IO(RINGPROBE_IOC_TYPE, 99), NULL));
	EXPECT_EQ(EFAULT, op(self->fd, RINGPROBE_IOC_CPL, NULL));
	EXPECT_COUNTED(self->file, file, 12, 6, 4);

	/* another descriptor is another page; the module's has both */
	other = open(RINGPROBE_DEVICE, O_RDWR | O_CLOEXEC);
	ASSERT_EQ(0, port_in(other, PORT_POST, 1, &value));
	EXPECT_COUNTED(self->file, file, 12, 6, 4);
	EXPECT_COUNTED(map(other, RINGPROBE_PAGE_OF_FILE), none, 1, 0, 0);
	EXPECT_COUNTED(self->module, module, 13, 6, 4);
	close(other);
}

TEST_F(page, cannot_be_mapped_otherwise)
{
	const struct {
		size_t length;
		int prot, flags;
		off_t offset;
		int err;
	} rows[] = {
		{ PAGE, PROT_READ, MAP_PRIVATE, 0, EINVAL },
		{ PAGE, PROT_READ, MAP_PRIVATE, PAGE, EINVAL },
		{ PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, 0, EINVAL },
		{ PAGE + 1, PROT_READ, MAP_SHARED, 0, EINVAL },
		{ 2 * PAGE, PROT_READ, MAP_SHARED, 0, EINVAL },
		{ 2 * PAGE, PROT_READ, MAP_SHARED, PAGE, EINVAL },
		{ 512 * PAGE, PROT_READ, MAP_SHARED, 0, EINVAL },
		{ PAGE, PROT_READ, MAP_SHARED, 2 * PAGE, EINVAL },
		{ PAGE, PROT_READ, MAP_SHARED, 0x7ffff000, EINVAL },
		{ PAGE, PROT_WRITE, MAP_SHARED, 0, EPERM },
		{ PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, 0, EPERM },
		{ PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, PAGE, EPERM },
		{ PAGE, PROT_READ | PROT_EXEC, MAP_SHARED, 0, EPERM },
		{ PAGE, PROT_EXEC, MAP_SHARED, 0, EPERM },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		EXPECT_EQ(MAP_FAILED, mmap(NULL, rows[i].length, rows[i].prot, rows[i].flags,
					   self->fd, rows[i].offset))
			TH_LOG("row %zu", i);
		EXPECT_EQ(rows[i].err, errno)
			TH_LOG("row %zu", i);
	}
}

TEST_F(page, descriptors_of_each_mode)
{
	int reads = open(RINGPROBE_DEVICE, O_RDONLY | O_CLOEXEC);
	int writes = open(RINGPROBE_DEVICE, O_WRONLY | O_CLOEXEC);
	page_ptr page = map(reads, RINGPROBE_PAGE_OF_FILE);
	struct ringprobe_page before;
	uint32_t value;

	ASSERT_NE(MAP_FAILED, (void *)page);
	read_page(page, &before);
	ASSERT_EQ(0, port_in(reads, PORT_POST, 1, &value));
	EXPECT_COUNTED(page, before, 1, 0, 0);
	EXPECT_EQ(MAP_FAILED, (void *)map(writes, RINGPROBE_PAGE_OF_FILE));
	EXPECT_EQ(EACCES, errno);
	EXPECT_EQ(MAP_FAILED, mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, reads, 0));
	EXPECT_EQ(EACCES, errno);
	EXPECT_EQ(EACCES, ERRNO(mprotect((void *)page, PAGE, PROT_READ | PROT_WRITE)));
	close(reads);
	close(writes);
}

TEST_F(page, stays_as_it_was_mapped)
{
	void *pages[] = { (void *)self->file, (void *)self->module };
	const int prots[] = { PROT_WRITE, PROT_READ | PROT_WRITE, PROT_EXEC,
			      PROT_READ | PROT_EXEC, PROT_READ | PROT_WRITE | PROT_EXEC };
	struct ringprobe_page copy, forged = { .version = 99 };
	struct iovec from = { &forged, sizeof(forged) }, to = { NULL, sizeof(forged) };
	size_t i, j;
	int err;
	int mem = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
	int zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);

	ASSERT_LE(0, mem);
	ASSERT_LE(0, zero);
	for (i = 0; i < ARRAY_SIZE(pages); i++) {
		for (j = 0; j < ARRAY_SIZE(prots); j++)
			EXPECT_EQ(EACCES, ERRNO(mprotect(pages[i], PAGE, prots[j])));
		EXPECT_EQ(EFAULT, ERRNO(mremap(pages[i], PAGE, 2 * PAGE, MREMAP_MAYMOVE)));
		EXPECT_EQ(EFAULT, ERRNO(mremap(pages[i], PAGE, 2 * PAGE, 0)));
		/* nor by way of the kernel: as a reply, by another process's door, by force */
		copy = *(struct ringprobe_page *)pages[i];
		EXPECT_EQ(EFAULT, ERRNO(read(zero, pages[i], PAGE)));
		to.iov_base = pages[i];
		err = ERRNO(process_vm_writev(getpid(), &from, 1, &to, 1, 0));
		EXPECT_TRUE(err == EFAULT || err == ENOSYS);	/* a kernel without it */
		EXPECT_EQ(-1, pwrite(mem, &forged, sizeof(forged), (off_t)(uintptr_t)pages[i]));
		EXPECT_EQ(0, memcmp(&copy, pages[i], sizeof(copy)));
		/* PROT_NONE and back is no harm */
		EXPECT_EQ(0, mprotect(pages[i], PAGE, PROT_NONE));
		EXPECT_EQ(0, mprotect(pages[i], PAGE, PROT_READ));
	}
	close(mem);
	close(zero);
}

/* Moved, the mapping is the same page still. */
TEST_F(page, can_be_moved)
{
	struct ringprobe_page before;
	uint32_t value;
	page_ptr moved;
	void *place;

	place = mmap(NULL, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	read_page(self->file, &before);
	moved = mremap((void *)self->file, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, place);
	ASSERT_NE(MAP_FAILED, (void *)moved);
	self->file = moved;
	ASSERT_EQ(0, port_in(self->fd, PORT_POST, 1, &value));
	EXPECT_COUNTED(moved, before, 1, 0, 0);
}

TEST_F(page, outlives_close)
{
	struct ringprobe_page before, after;
	uint32_t value;
	int copy;

	read_page(self->file, &before);
	ASSERT_EQ(0, port_in(self->fd, PORT_POST, 1, &value));
	copy = dup(self->fd);
	close(self->fd);
	ASSERT_EQ(0, port_in(copy, PORT_POST, 1, &value));
	EXPECT_COUNTED(self->file, before, 2, 0, 0);
	close(copy);
	self->fd = open(RINGPROBE_DEVICE, O_RDWR | O_CLOEXEC);
	ASSERT_EQ(0, port_in(self->fd, PORT_POST, 1, &value));
	read_page(self->file, &after);
	EXPECT_EQ(before.in + 2, after.in);
	EXPECT_EQ(RINGPROBE_PAGE_VERSION, after.version);
}

/* It is the file's, and both have the file: what one counts the other reads. */
TEST_F(page, fork)
{
	struct ringprobe_page before;
	uint32_t value;
	int status, i;
	pid_t child;

	read_page(self->file, &before);
	for (i = 0; i < 3; i++) {
		child = fork();
		if (!child) {
			if (port_in(self->fd, PORT_POST, 1, &value))
				_exit(1);
			_exit(self->file->in == before.in + 1U + (unsigned int)i ? 0 : 2);
		}
		ASSERT_EQ(child, waitpid(child, &status, 0));
		EXPECT_EQ(0, status);
	}
	EXPECT_COUNTED(self->file, before, 3, 0, 0);
}

/* The node's mode opens a descriptor's own page to others, never the module's. */
TEST_F(page, opener_without_rights)
{
	int fd;

	ASSERT_EQ(0, set_caps(ALL_CAPS & ~RAWIO, ALL_CAPS));
	fd = open(RINGPROBE_DEVICE, O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, fd);
	EXPECT_NE(MAP_FAILED, (void *)map(fd, RINGPROBE_PAGE_OF_FILE));
	EXPECT_EQ(MAP_FAILED, (void *)map(fd, RINGPROBE_PAGE_OF_MODULE));
	EXPECT_EQ(EPERM, errno);
	/* it is the opener that counts: as with a descriptor that was handed over */
	ASSERT_EQ(0, set_caps(ALL_CAPS, ALL_CAPS));
	EXPECT_EQ(MAP_FAILED, (void *)map(fd, RINGPROBE_PAGE_OF_MODULE));
	EXPECT_EQ(EPERM, errno);
	close(fd);
}

static volatile int stop;

/* IN, OUT, refused, and again: whoever sees all three sees them so. */
static void *in_turn(void *arg)
{
	int fd = *(int *)arg;
	uint32_t value;

	while (!stop) {
		if (port_in(fd, PORT_POST, 1, &value) || port_out(fd, PORT_POST, 1, 0) ||
		    port_in(fd, PORT_RESET, 1, &value) != EACCES)
			return arg;
	}
	return NULL;
}

static int in_order(const struct ringprobe_page *page, const struct ringprobe_page *base,
		    uint64_t writers)
{
	uint64_t in = page->in - base->in, out = page->out - base->out;
	uint64_t refused = page->refused - base->refused;

	return in >= out && out >= refused && in - refused <= writers;
}

/* While writers storm, no reader sees half of a change; without the loop some would. */
TEST_F_TIMEOUT(page, storm, 600)
{
	struct ringprobe_page base[2], copy;
	page_ptr pages[2] = { self->file, self->module };
	unsigned int again = 0, torn = 0, wrong = 0, i;
	uint64_t last[2] = { 0, 0 };
	pthread_t threads[2];
	void *failed;
	int other = open(RINGPROBE_DEVICE, O_RDWR | O_CLOEXEC);
	int fds[2] = { self->fd, other };
	bool tears = sysconf(_SC_NPROCESSORS_ONLN) > 1;
	uint64_t storm = 20000;

	for (i = 0; i < 2; i++)
		read_page(pages[i], &base[i]);
	for (i = 0; i < 2; i++)
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, in_turn, &fds[i]));
	for (i = 0; pages[1]->in - base[1].in < storm; i++) {
		again += read_slowly(pages[i % 2], &copy, i & 4);
		wrong += !in_order(&copy, &base[i % 2], 1 + i % 2);
		wrong += copy.in < last[i % 2] || copy.version != RINGPROBE_PAGE_VERSION;
		last[i % 2] = copy.in;
		/* the fields one by one, as whoever knows nothing of sequence would */
		copy.refused = pages[i % 2]->refused;
		copy.in = pages[i % 2]->in;
		linger();
		copy.out = pages[i % 2]->out;
		torn += !in_order(&copy, &base[i % 2], 1 + i % 2);
		if (tears && !torn && pages[1]->in - base[1].in >= storm / 2 && storm < 1000000)
			storm *= 2;
	}
	stop = 1;
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, pthread_join(threads[i], &failed));
		EXPECT_EQ(NULL, failed);
	}
	EXPECT_EQ(0, wrong);
	if (tears)
		EXPECT_LT(0U, torn);
	/* nothing was lost */
	read_page(self->module, &copy);
	EXPECT_EQ(copy.in - base[1].in, copy.out - base[1].out);
	EXPECT_EQ(copy.in - base[1].in, copy.refused - base[1].refused);
	TH_LOG("read again %u times; without it %u would have been wrong", again, torn);
	close(other);
}

/* Mapped and unmapped by some while others count: no count is lost on the way. */
static void *map_and_unmap(void *arg)
{
	page_ptr page;
	int fd;

	while (!stop) {
		fd = open(RINGPROBE_DEVICE, O_RDWR | O_CLOEXEC);
		page = map(fd, RINGPROBE_PAGE_OF_FILE);
		close(fd);
		if ((void *)page == MAP_FAILED || page->in || munmap((void *)page, PAGE))
			return arg;
	}
	return NULL;
}

TEST_F_TIMEOUT(page, mapped_while_counted, 600)
{
	struct ringprobe_page before, first;
	pthread_t thread;
	page_ptr page;
	uint32_t value, i;
	void *failed;
	int fd;

	read_page(self->module, &before);
	ASSERT_EQ(0, pthread_create(&thread, NULL, map_and_unmap, self));
	for (i = 0; i < 500; i++) {
		fd = open(RINGPROBE_DEVICE, O_RDWR | O_CLOEXEC);
		ASSERT_EQ(0, port_in(fd, PORT_POST, 1, &value));
		/* counted before it was mapped, and there */
		page = map(fd, RINGPROBE_PAGE_OF_FILE);
		read_page(page, &first);
		EXPECT_EQ(1, first.in);
		munmap((void *)page, PAGE);
		page = map(fd, RINGPROBE_PAGE_OF_FILE);
		read_page(page, &first);
		EXPECT_EQ(1, first.in);
		munmap((void *)page, PAGE);
		close(fd);
	}
	stop = 1;
	ASSERT_EQ(0, pthread_join(thread, &failed));
	EXPECT_EQ(NULL, failed);
	EXPECT_COUNTED(self->module, before, 500, 0, 0);
}

TEST_HARNESS_MAIN
