// SPDX-License-Identifier: GPL-2.0
/*
 * The device, as calls: fills the size of each argument, turns -1 and errno
 * into -errno, and lets no module of another ABI through.
 */
#include "dev.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static int call(int fd, unsigned long number, void *arg)
{
	return ioctl(fd, number, arg) < 0 ? -errno : 0;
}

/* Is it the device that the kernel registered under our name? */
static bool is_ours(const struct stat *st)
{
	unsigned int major, minor;
	FILE *f;
	int n;

	f = fopen("/sys/class/misc/ringprobe/dev", "re");
	if (!f)
		return false;
	n = fscanf(f, "%u:%u", &major, &minor);
	fclose(f);
	return n == 2 && S_ISCHR(st->st_mode) && st->st_rdev == makedev(major, minor);
}

static __u32 other_abi;

__u32 dev_other_abi(void)
{
	return other_abi;
}

/*
 * What has the node's name is looked at before it is opened, too: that may wait, as for
 * a FIFO, or do something, as for another driver's node.
 */
int dev_open(bool write)
{
	struct ringprobe_info info = { .abi = 0 };
	struct stat st;
	int fd, err;

	if (lstat(RINGPROBE_DEVICE, &st))
		return -errno;
	if (!is_ours(&st))
		return -ENODEV;
	fd = open(RINGPROBE_DEVICE, (write ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return -errno;
	err = fstat(fd, &st) || !is_ours(&st) ? -ENODEV : dev_info(fd, &info);
	if (!err && info.abi == RINGPROBE_ABI)
		return fd;
	/* what was interrupted tells nothing of the module */
	if (err != -ENODEV && err != -EINTR)
		err = -EPROTO;
	other_abi = info.abi;
	close(fd);
	return err;
}

int dev_nop(int fd)
{
	return call(fd, RINGPROBE_IOC_NOP, NULL);
}

int dev_info(int fd, struct ringprobe_info *info)
{
	memset(info, 0, sizeof(*info));
	info->size = sizeof(*info);
	return call(fd, RINGPROBE_IOC_INFO, info);
}

int dev_info_port(int fd, __u32 port, __u32 width_bytes, struct ringprobe_info *info)
{
	memset(info, 0, sizeof(*info));
	info->size = sizeof(*info);
	info->flags = RINGPROBE_INFO_F_PORT;
	info->port = port;
	info->width = width_bytes;
	return call(fd, RINGPROBE_IOC_INFO, info);
}

int dev_cpl(int fd, struct ringprobe_cpl *cpl)
{
	memset(cpl, 0, sizeof(*cpl));
	cpl->size = sizeof(*cpl);
	return call(fd, RINGPROBE_IOC_CPL, cpl);
}

int dev_insn(int fd, struct ringprobe_insn *insn)
{
	insn->size = sizeof(*insn);
	insn->flags = 0;
	return call(fd, RINGPROBE_IOC_INSN, insn);
}

int dev_fault_arm(int fd, __u32 flags)
{
	struct ringprobe_fault_arm arm = { .size = sizeof(arm), .flags = flags };

	return call(fd, RINGPROBE_IOC_FAULT_ARM, &arm);
}

int dev_fault_records(int fd, struct ringprobe_fault_record *records, __u32 room, __u32 *n)
{
	struct ringprobe_fault_read read;
	int err;

	*n = 0;
	do {
		read = (struct ringprobe_fault_read){ .size = sizeof(read), .first = *n };
		err = call(fd, RINGPROBE_IOC_FAULT_READ, &read);
		for (__u32 i = 0; !err && i < read.count && *n < room; i++)
			records[(*n)++] = read.record[i];
	} while (!err && read.count && *n < room && *n < read.total);
	return err;
}

/* Two records a call; what found no room was counted as lost. */
int dev_fault_calls(int fd, __u64 *calls)
{
	struct ringprobe_fault_read read = { .size = sizeof(read) };
	int err = call(fd, RINGPROBE_IOC_FAULT_READ, &read);

	*calls = ((__u64)read.total + read.lost) / 2;
	return err;
}

int dev_port(int fd, bool out, __u32 port, __u32 width_bytes, __u32 *value, __u64 *ticks)
{
	struct ringprobe_port access = {
		.size = sizeof(access),
		.port = port,
		.width = width_bytes,
		.value = out ? *value : 0,
	};
	int err;

	err = call(fd, out ? RINGPROBE_IOC_PORT_OUT : RINGPROBE_IOC_PORT_IN, &access);
	if (err)
		return err;
	if (!out)
		*value = access.value;
	if (ticks)
		*ticks = access.ticks;
	return 0;
}

struct ringprobe_batch dev_batch_of(struct ringprobe_op *ops, __u32 n)
{
	return (struct ringprobe_batch){
		.size = sizeof(struct ringprobe_batch),
		.count = n,
		.ops = (__u64)(unsigned long)ops,
	};
}

__u32 dev_batch_number(bool in_only)
{
	return in_only ? RINGPROBE_IOC_PORT_BATCH_IN : RINGPROBE_IOC_PORT_BATCH;
}

int dev_batch(int fd, bool in_only, struct ringprobe_op *ops, __u32 n)
{
	struct ringprobe_batch batch = dev_batch_of(ops, n);
	int err;

	err = call(fd, dev_batch_number(in_only), &batch);
	if (err)
		return err;
	return batch.completed == n ? 0 : -EINTR;
}

const struct ringprobe_page *dev_page_map(int fd)
{
	void *page = mmap(NULL, (size_t)sysconf(_SC_PAGESIZE), PROT_READ, MAP_SHARED, fd,
			  RINGPROBE_PAGE_OF_FILE);

	return page == MAP_FAILED ? NULL : page;
}

void dev_page_unmap(const struct ringprobe_page *page)
{
	if (page)
		munmap((void *)(unsigned long)page, (size_t)sysconf(_SC_PAGESIZE));
}

/* The reader's loop of ringprobe.h. */
void dev_page(const struct ringprobe_page *page, struct ringprobe_page *copy)
{
	const volatile __u32 *sequence = &page->sequence;
	__u32 before;

	do {
		before = *sequence;
		atomic_thread_fence(memory_order_acquire);
		memcpy(copy, page, sizeof(*copy));
		atomic_thread_fence(memory_order_acquire);
	} while (before & 1 || before != *sequence);
}
