// SPDX-License-Identifier: GPL-2.0
/*
 * Loading and unloading: what each parameter allows, claims and refuses, what is
 * logged, and that neither unloading nor a failed load leaves anything behind.
 * What was loaded before, with its parameters, is loaded again at the end.
 */
#include "kselftest_harness.h"

#include <linux/io_uring.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>

#include "ringprobe_test.h"
#include "loading.h"
#include "netlink.h"
#include "ring.h"
#include "sleepers.h"

#define TAINT_USER	6	/* Documentation/admin-guide/tainted-kernels.rst */

static struct image image;
static char parameters_before[4096];
static int loaded_before;

static int times(const char *variable, int otherwise)
{
	const char *text = getenv(variable);

	return text ? atoi(text) : otherwise;
}

/* A file of /proc or /sys, up to 64 KiB, without its last newline; "" if there is none. */
static const char *read_file(const char *path)
{
	static char text[65536];
	size_t length = 0;
	ssize_t got;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	while (fd >= 0 && length < sizeof(text) - 1) {
		got = read(fd, text + length, sizeof(text) - 1 - length);
		if (got <= 0)
			break;
		length += (size_t)got;
	}
	if (fd >= 0)
		close(fd);
	if (length && text[length - 1] == '\n')
		length--;
	text[length] = '\0';
	return text;
}

static int load(const char *parameters)
{
	return image_load(&image, parameters);
}

static int is_loaded(void)
{
	return !access("/sys/module/ringprobe", F_OK);
}

/* The ranges that the module has claimed, as /proc/ioports writes them. */
static const char *claimed(void)
{
	static char ranges[1024];
	char *text, *line, *rest;
	size_t length = 0;

	ranges[0] = '\0';
	text = strdup(read_file("/proc/ioports"));
	for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		if (!strstr(line, " : ringprobe"))
			continue;
		line += strspn(line, " ");
		length += (size_t)snprintf(ranges + length, sizeof(ranges) - length, "%s%.*s",
					   length ? "," : "", (int)strcspn(line, " "), line);
	}
	free(text);
	return ranges;
}

static int nothing_left(void)
{
	return !is_loaded() && access("/dev/ringprobe", F_OK) && !*claimed() &&
	       !strstr(read_file("/proc/misc"), "ringprobe") &&
	       !strstr(read_file("/proc/modules"), "ringprobe ");
}

static int is_tainted(int bit)
{
	return (int)(strtoul(read_file("/proc/sys/kernel/tainted"), NULL, 10) >> bit & 1);
}

static void restore(void)
{
	unload();
	if (loaded_before && load(parameters_before))
		fprintf(stderr, "# the module could not be loaded again\n");
}

static void remember(const char *name, const char *format)
{
	char path[128];
	const char *value;
	size_t length = strlen(parameters_before);

	snprintf(path, sizeof(path), "/sys/module/ringprobe/parameters/%s", name);
	value = read_file(path);
	if (*value && strcmp(value, "(null)"))
		snprintf(parameters_before + length, sizeof(parameters_before) - length, format,
			 value);
}

/* Ports are touched that drivers of a real machine might mind. */
static const char *lacks_vm(void)
{
	return strstr(read_file("/proc/cpuinfo"), " hypervisor") ? NULL :
	       "runs in a virtual machine only";
}

static const char *lacks_module(void)
{
	static char why[256];
	const char *lockdown = read_file("/sys/kernel/security/lockdown");
	const char *path = image_path();
	int err;

	if (*lockdown && !strstr(lockdown, "[none]"))
		return "the kernel is locked down";
	err = image_read(&image);
	if (err) {
		snprintf(why, sizeof(why), "%s: %s", path, strerror(err));
		return why;
	}
	loaded_before = is_loaded();
	if (loaded_before) {
		remember("mode", "mode=%s ");
		remember("ports", "ports=%s ");
		remember("unsafe_ports", "unsafe_ports=%s");
		if (unload())
			return "the module is in use";
	}
	err = load("");
	if (err) {
		snprintf(why, sizeof(why), "%s does not load: %s", path, strerror(err));
		return why;
	}
	unload();
	atexit(restore);
	return NULL;
}

PROGRAM_NEEDS(lacks_root, lacks_vm, lacks_module)

FIXTURE(load) {
	int log;
};

FIXTURE_SETUP(load)
{
	self->log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	ASSERT_LE(0, self->log);
	ASSERT_TRUE(nothing_left());
}

FIXTURE_TEARDOWN(load)
{
	unload();
	close(self->log);
}

static void mark(int log)
{
	lseek(log, 0, SEEK_END);
}

/*
 * The number of lines since the mark that are the module's own, and whether
 * @text stands in one of them. Not counted: what the core says of any module.
 */
static int own_lines(int log, const char *text, int *says)
{
	char record[8192], *line;
	int lines = 0;
	ssize_t got;

	*says = 0;
	while ((got = read(log, record, sizeof(record) - 1)) > 0 || errno == EPIPE) {
		if (got <= 0)
			continue;
		record[got] = '\0';
		line = strchr(record, ';');
		if (!line || strncmp(line, ";ringprobe: ", 12) ||
		    strstr(line, "loading out-of-tree module") ||
		    strstr(line, "module verification failed"))
			continue;
		lines++;
		*says |= !!strstr(line, text);
	}
	return lines;
}

#define EXPECT_LOADS(parameters) do {					\
	int says_;							\
									\
	mark(self->log);						\
	ASSERT_EQ(0, load(parameters))					\
		TH_LOG("%s", parameters);				\
	EXPECT_EQ(1, own_lines(self->log, "", &says_))			\
		TH_LOG("lines logged: %s", parameters);			\
} while (0)

/* It fails with @err, the log names @named, and nothing is left. */
#define EXPECT_FAILS(err, parameters, named) do {			\
	int says_;							\
									\
	mark(self->log);						\
	EXPECT_EQ(err, load(parameters))				\
		TH_LOG("%s", parameters);				\
	own_lines(self->log, named, &says_);				\
	EXPECT_TRUE(says_)						\
		TH_LOG("not in the log: %s", named);			\
	EXPECT_TRUE(nothing_left())					\
		TH_LOG("something is left of %s", parameters);		\
	unload();							\
} while (0)

/* One access each way on a descriptor of its own. */
static int access_in(uint32_t port, uint32_t width)
{
	int fd = open(RINGPROBE_DEVICE, O_RDWR | O_CLOEXEC), err;
	uint32_t value;

	err = fd < 0 ? -1 : port_in(fd, port, width, &value);
	close(fd);
	return err;
}

static int access_out(uint32_t port, uint32_t width)
{
	int fd = open(RINGPROBE_DEVICE, O_RDWR | O_CLOEXEC), err;

	err = fd < 0 ? -1 : port_out(fd, port, width, 0);
	close(fd);
	return err;
}

/* The same by a batch of one. */
static int batch_in(uint16_t port)
{
	int fd = open(RINGPROBE_DEVICE, O_RDWR | O_CLOEXEC), err;
	struct ringprobe_op one = in_op(port, 1);
	struct ringprobe_batch batch = batch_of(&one, 1);

	err = fd < 0 ? -1 : op(fd, RINGPROBE_IOC_PORT_BATCH_IN, &batch);
	close(fd);
	return err;
}

#define EXPECT_DENIED(port, width) do {					\
	EXPECT_EQ(EACCES, access_in(port, width));			\
	EXPECT_EQ(EACCES, access_out(port, width));			\
} while (0)

static struct ringprobe_info info_of(uint32_t port, uint32_t width)
{
	int fd = open(RINGPROBE_DEVICE, O_RDWR | O_CLOEXEC);
	struct ringprobe_info info;

	if (fd < 0 || ask(fd, &info, port, width))
		memset(&info, 0xff, sizeof(info));
	close(fd);
	return info;
}

static void window(int opens)
{
	int fd = open(RINGPROBE_DEVICE, O_RDWR | O_CLOEXEC);

	if (opens)
		window_opens(fd);
	else
		window_closes(fd);
	close(fd);
}

/* First, before any test taints. */
TEST_F(load, without_parameters)
{
	int tainted = is_tainted(TAINT_USER);
	struct ringprobe_info info;
	struct stat node;

	EXPECT_LOADS("");
	ASSERT_EQ(0, stat("/dev/ringprobe", &node));
	EXPECT_EQ(S_IFCHR | 0600, node.st_mode);
	EXPECT_EQ(0, node.st_uid);
	EXPECT_EQ(0, node.st_gid);
	EXPECT_STREQ("", claimed());
	info = info_of(0, 0);
	EXPECT_EQ(1U + !!info.pm_timer_port, info.ranges);
	EXPECT_EQ(0600, info.mode);
	EXPECT_EQ(0, access_in(PORT_POST, 1));
	EXPECT_EQ(0, access_out(PORT_POST, 1));
	EXPECT_DENIED(PORT_TESTDEV, 1);
	EXPECT_DENIED(PORT_DEBUGCON, 1);
	EXPECT_EQ(tainted, is_tainted(TAINT_USER));
	EXPECT_EQ(0, unload());
	EXPECT_TRUE(nothing_left());
}

TEST_F(load, what_users_do_wrong_is_not_logged)
{
	const uint32_t ports[] = { PORT_POST, PORT_RESET, PORT_TESTDEV, 0xffff, 0x10000 };
	uint32_t width;
	int says;
	size_t i;

	ASSERT_EQ(0, load(""));
	mark(self->log);
	for (i = 0; i < ARRAY_SIZE(ports); i++) {
		for (width = 0; width < 5; width++) {
			if (ports[i] == PORT_POST && width == 1)
				continue;
			EXPECT_NE(0, access_in(ports[i], width));
			EXPECT_NE(0, access_out(ports[i], width));
		}
	}
	EXPECT_EQ(0, own_lines(self->log, "", &says));
}

TEST_F(load, twice)
{
	ASSERT_EQ(0, load(""));
	EXPECT_EQ(EEXIST, load(""));
	EXPECT_EQ(EEXIST, load("ports=0xe0"));
	EXPECT_STREQ("", claimed());
	EXPECT_EQ(0, access_in(PORT_POST, 1));
}

TEST_F(load, stays_while_open)
{
	uint32_t value;
	int fd, copy;

	ASSERT_EQ(0, load(""));
	fd = open(RINGPROBE_DEVICE, O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, fd);
	EXPECT_EQ(EWOULDBLOCK, unload());
	EXPECT_EQ(0, port_in(fd, PORT_POST, 1, &value));
	copy = dup(fd);
	close(fd);
	EXPECT_EQ(EWOULDBLOCK, unload());
	close(copy);
	EXPECT_EQ(0, unload());
	EXPECT_TRUE(nothing_left());
}

/* A mapping is of the open file, which keeps the module, descriptor or not. */
TEST_F(load, stays_while_mapped)
{
	struct ringprobe_page *page;
	int fd;

	ASSERT_EQ(0, load(""));
	fd = open(RINGPROBE_DEVICE, O_RDONLY | O_CLOEXEC);
	ASSERT_LE(0, fd);
	page = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
	ASSERT_NE((void *)MAP_FAILED, (void *)page);
	close(fd);
	EXPECT_EQ(EWOULDBLOCK, unload());
	EXPECT_EQ(RINGPROBE_PAGE_VERSION, page->version);
	ASSERT_EQ(0, munmap(page, 4096));
	EXPECT_EQ(0, unload());
	EXPECT_TRUE(nothing_left());
}

/* A watch keeps the module, a socket alone does not; the last descriptor ends it. */
TEST_F(load, stays_while_watching)
{
	struct netlink netlink, other;
	uint32_t watch;
	int copy;

	ASSERT_EQ(0, load(""));
	ASSERT_EQ(0, netlink_open(&netlink));
	ASSERT_EQ(0, netlink_open(&other));
	ASSERT_EQ(0, watch_add(&netlink, getpid(), 0, &watch));
	EXPECT_EQ(EWOULDBLOCK, unload());
	ASSERT_EQ(0, watch_del(&netlink, watch));
	EXPECT_EQ(0, unload());
	EXPECT_TRUE(nothing_left());
	EXPECT_EQ(ENOENT, netlink_find(&other));

	ASSERT_EQ(0, load(""));
	ASSERT_EQ(0, netlink_find(&netlink));
	ASSERT_EQ(0, watch_add(&netlink, getpid(), RINGPROBE_WATCH_F_ALL, &watch));
	ASSERT_EQ(0, watch_add(&netlink, getpid(), 0, &watch));
	copy = dup(netlink.fd);
	close(netlink.fd);
	EXPECT_EQ(EWOULDBLOCK, unload());
	close(copy);
	EXPECT_EQ(0, unload());
	EXPECT_TRUE(nothing_left());
	close(other.fd);
}

/* Watches others, and is killed: its watch goes with it. So do those of a failed one. */
TEST_F(load, watcher_is_killed)
{
	struct netlink netlink;
	uint32_t watch;
	pid_t child;
	int pipe_of[2];
	char byte = 0;

	ASSERT_EQ(0, load(""));
	ASSERT_EQ(0, pipe(pipe_of));
	child = fork();
	if (!child) {
		byte = !netlink_open(&netlink) && !watch_add(&netlink, getppid(), 0, &watch) &&
		       !watch_add(&netlink, getpid(), 0, &watch);
		if (write(pipe_of[1], &byte, 1) == 1)
			pause();
		_exit(0);
	}
	ASSERT_EQ(1, read(pipe_of[0], &byte, 1));
	EXPECT_EQ(1, byte);
	EXPECT_EQ(EWOULDBLOCK, unload());
	kill(child, SIGKILL);
	ASSERT_EQ(child, waitpid(child, NULL, 0));
	EXPECT_EQ(0, unload());

	ASSERT_EQ(0, load(""));
	ASSERT_EQ(0, netlink_open(&netlink));
	EXPECT_EQ(ESRCH, watch_add(&netlink, 0x7fffffff, 0, &watch));
	EXPECT_EQ(0, unload());
	EXPECT_TRUE(nothing_left());
	close(netlink.fd);
}

/* The module's counters are of one load. */
TEST_F(load, counts_from_zero)
{
	struct ringprobe_page *page;
	int fd, i;

	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, load(""));
		ASSERT_EQ(0, access_in(PORT_POST, 1));
		fd = open(RINGPROBE_DEVICE, O_RDONLY | O_CLOEXEC);
		page = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 4096);
		close(fd);
		ASSERT_NE((void *)MAP_FAILED, (void *)page);
		EXPECT_EQ(1, page->in);
		EXPECT_EQ(0, page->out);
		ASSERT_EQ(0, munmap(page, 4096));
		EXPECT_EQ(0, unload());
	}
}

TEST_F(load, modes)
{
	const unsigned int modes[] = { 0400, 0440, 0600, 0644, 0660, 0666 };
	char parameters[32];
	struct stat node;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(modes); i++) {
		snprintf(parameters, sizeof(parameters), "mode=0%o", modes[i]);
		EXPECT_LOADS(parameters);
		ASSERT_EQ(0, stat("/dev/ringprobe", &node));
		EXPECT_EQ(modes[i], node.st_mode & 07777) {
			TH_LOG("%s", parameters);
		}
		EXPECT_EQ(modes[i], info_of(0, 0).mode);
		EXPECT_EQ(0, unload());
	}
}

TEST_F(load, wrong_modes)
{
	/* 666 without the leading 0 is 01232; to the kernel 0 means its default */
	const char *const wrong[] = { "mode=0", "mode=01000", "mode=02600", "mode=04600",
				      "mode=0777", "mode=0700", "mode=0601", "mode=010600",
				      "mode=666", "mode=0xffff" };
	const char *const garbage[] = { "mode=abc", "mode=", "mode=-1", "mode=0o600",
					"mode=0600x", "mode" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(wrong); i++)
		EXPECT_FAILS(EINVAL, wrong[i], "mode=");
	EXPECT_EQ(ERANGE, load("mode=65536"));
	EXPECT_EQ(ERANGE, load("mode=0200600"));
	for (i = 0; i < ARRAY_SIZE(garbage); i++) {
		EXPECT_EQ(EINVAL, load(garbage[i]))
			TH_LOG("%s", garbage[i]);
	}
	EXPECT_TRUE(nothing_left());
}

TEST_F(load, claims_what_it_allows)
{
	EXPECT_LOADS("ports=0xe0-0xe3,0xe8-0xeb,0x5e9");
	EXPECT_STREQ("00e0-00e3,00e8-00eb,05e9-05e9", claimed());
	EXPECT_EQ(RINGPROBE_PORT_CLAIMED, info_of(0xe1, 1).port_kind);
	EXPECT_EQ(RINGPROBE_PORT_UNLISTED, info_of(0xec, 1).port_kind);
	EXPECT_EQ(4U + !!info_of(0, 0).pm_timer_port, info_of(0, 0).ranges);
	EXPECT_EQ(0, access_in(PORT_TESTDEV, 4));
	EXPECT_EQ(0, unload());
	EXPECT_TRUE(nothing_left());

	EXPECT_LOADS("ports=224-0343");
	EXPECT_STREQ("00e0-00e3", claimed());
}

/* Each byte of an access counts; what reaches beyond touches no device. */
TEST_F(load, half_a_device)
{
	EXPECT_LOADS("ports=0xe0-0xe1,0x5e9");
	EXPECT_EQ(0, access_in(0xe1, 1));
	EXPECT_EQ(0, access_in(0xe0, 2));
	window(1);
	EXPECT_DENIED(0xe0, 4);
	EXPECT_DENIED(0xe2, 2);
	EXPECT_DENIED(0xe2, 1);
	EXPECT_DENIED(0x5e8, 2);
	EXPECT_DENIED(0x5e8, 4);
	window(0);
}

/* Who reads in a loop does not flood the log: the kernel's default is 10 lines in 5 s. */
TEST_F(load, a_flood_of_unsafe_uses)
{
	int fd, lines, says, whole_windows;
	time_t begun;
	uint32_t value;

	EXPECT_LOADS("unsafe_ports=0xe0");
	fd = open(RINGPROBE_DEVICE, O_RDWR | O_CLOEXEC);
	mark(self->log);
	begun = time(NULL);
	for (int i = 0; i < 1000; i++)
		EXPECT_EQ(0, port_in(fd, 0xe0, 1, &value));
	whole_windows = (int)(time(NULL) - begun) / 5;
	close(fd);
	lines = own_lines(self->log, "read of unsafe port 0xe0", &says);
	EXPECT_TRUE(says);
	EXPECT_LE(10, lines);
	EXPECT_GE(10 * (whole_windows + 2), lines);
}

/* Two ranges side by side may serve one access. */
TEST_F(load, two_halves)
{
	EXPECT_LOADS("ports=0xe0-0xe1,0xe2-0xe3");
	EXPECT_EQ(0, access_in(0xe0, 4));
}

/* But not a claimed range and an unsafe one: the latter's uses are logged. */
TEST_F(load, two_halves_of_different_kinds)
{
	EXPECT_LOADS("ports=0xe0-0xe1,0x5e9 unsafe_ports=0xe2-0xe3");
	EXPECT_STREQ("00e0-00e1,05e9-05e9", claimed());
	EXPECT_EQ(0, access_in(0xe0, 2));
	EXPECT_EQ(0, access_in(0xe2, 2));
	window(1);
	EXPECT_DENIED(0xe0, 4);
	window(0);
}

TEST_F(load, nothing_else)
{
	const uint32_t ports[] = { 0xe0, 0xe8, 0x60, 0x64, 0x20, 0x40, 0x61, 0x70, 0x92, 0xa0,
				   0xb2, 0xc0, 0xcf8, 0xcf9, 0x510, 0x600, 0x5658, 0x5e8 };
	size_t i;

	EXPECT_LOADS("ports=0x5e9");
	window(1);
	for (i = 0; i < ARRAY_SIZE(ports); i++)
		EXPECT_DENIED(ports[i], 1);
	EXPECT_DENIED(0xe0, 2);
	EXPECT_DENIED(0xe0, 4);
	window(0);
	EXPECT_EQ(RINGPROBE_PORT_DENIED, info_of(0x64, 1).port_kind);
	EXPECT_EQ(RINGPROBE_PORT_UNLISTED, info_of(0xe0, 1).port_kind);
}

TEST_F(load, busy_ranges)
{
	unsigned int first, last;
	const char *serial, *line;
	char parameters[64];

	EXPECT_FAILS(EBUSY, "ports=0x80", "ports=0x80");
	EXPECT_FAILS(EBUSY, "ports=0xe0-0xe3,0x80", "ports=0x80");
	EXPECT_FAILS(EBUSY, "ports=0xf0-0xff", "ports=0xf0-0xff");
	serial = strstr(read_file("/proc/ioports"), " : serial");
	if (!serial)
		return;
	for (line = serial; line[-1] != '\n' && line[-1] != ' '; line--)
		;
	ASSERT_EQ(2, sscanf(line, "%x-%x", &first, &last));
	snprintf(parameters, sizeof(parameters), "ports=0x%x", last);
	EXPECT_FAILS(EBUSY, parameters, parameters);
}

TEST_F(load, denied_ranges)
{
	const char *const ranges[] = { "0x64", "0x60", "0x61", "0x20-0x21", "0x70", "0x92",
				       "0xcf8-0xcff", "0xcf9", "0x1f0", "0x510", "0x600", "0x67f",
				       "0x5658", "0x5f-0x65", "0xe0-0xe4", "0xe3-0xe8",
				       "0-0xffff", "0" };
	char parameters[64];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ranges); i++) {
		snprintf(parameters, sizeof(parameters), "ports=%s", ranges[i]);
		EXPECT_FAILS(EACCES, parameters, parameters);
	}
	EXPECT_FAILS(EACCES, "ports=0xe0-0xe3,0x64", "ports=0x64");
	/* of a range, the port that is denied is named */
	EXPECT_FAILS(EACCES, "ports=0xe0-0xe8", "0xe4 is on the hard deny-list");
	EXPECT_FAILS(EACCES, "ports=0x5e-0x60", "0x60 is on the hard deny-list");
}

TEST_F(load, what_is_no_range)
{
	const char *const wrong[] = {
		"garbage", "0xg0", "0x", "0x10000", "0xfff0-0x10000", "0xe3-0xe0", "0xe0-",
		"-0xe3", "-", "-1", "0xe0-0xe1-0xe3", "", ",", "0xe0,", ",0xe0", "0xe0,,0xe8",
		"0xe0;0xe8", "0xe0..0xe3", "0xe0-0xe3,0xe2", "0xe0,0xe0", "0xe0-0xe3,garbage",
		"0xe0-0xe3,0x10000",
	};
	const char *const too_large[] = { "0x100000000", "0x1000000e0", "0xe0-0x1000000e3",
					  "99999999999999999999" };
	char parameters[1024];
	size_t i, length;

	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		snprintf(parameters, sizeof(parameters), "ports=%s", wrong[i]);
		EXPECT_FAILS(EINVAL, parameters, "ports=");
		snprintf(parameters, sizeof(parameters), "unsafe_ports=%s", wrong[i]);
		EXPECT_FAILS(EINVAL, parameters, "unsafe_ports=");
	}
	for (i = 0; i < ARRAY_SIZE(too_large); i++) {
		snprintf(parameters, sizeof(parameters), "ports=%s", too_large[i]);
		EXPECT_FAILS(EINVAL, parameters, "ports=");
	}
	/* more ranges than there is room for, all of them free */
	length = (size_t)snprintf(parameters, sizeof(parameters), "ports=0x5000");
	for (i = 1; i < 64; i++)
		length += (size_t)snprintf(parameters + length, sizeof(parameters) - length,
					   ",0x%zx", 0x5000 + 2 * i);
	EXPECT_FAILS(EINVAL, parameters, "ports=");
}

TEST_F(load, unsafe_ports_denied)
{
	const char *const ranges[] = { "0x64", "0x60-0x64", "0x61", "0x20", "0x70", "0x92",
				       "0xcf8", "0xcf9", "0x5f-0x60", "0xb2", "0xe4" };
	char parameters[64];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ranges); i++) {
		snprintf(parameters, sizeof(parameters), "unsafe_ports=%s", ranges[i]);
		EXPECT_FAILS(EACCES, parameters, parameters);
	}
	EXPECT_FAILS(EACCES, "ports=0xe0-0xe3 unsafe_ports=0x64", "unsafe_ports=0x64");
}

TEST_F(load, unsafe_port_0x60)
{
	int says;

	EXPECT_LOADS("unsafe_ports=0x60 ports=0x5e9");
	EXPECT_TRUE(is_tainted(TAINT_USER));
	EXPECT_STREQ("05e9-05e9", claimed());
	EXPECT_EQ(RINGPROBE_PORT_UNSAFE, info_of(0x60, 1).port_kind);
	EXPECT_EQ(RINGPROBE_PORT_DENIED, info_of(0x64, 1).port_kind);
	mark(self->log);
	EXPECT_EQ(0, access_in(0x60, 1));
	EXPECT_LE(1, own_lines(self->log, "unsafe port 0x60", &says));
	EXPECT_TRUE(says);
	mark(self->log);
	EXPECT_EQ(0, batch_in(0x60));
	EXPECT_LE(1, own_lines(self->log, "unsafe port 0x60", &says));
	EXPECT_TRUE(says);
	window(1);
	EXPECT_DENIED(0x60, 2);
	EXPECT_DENIED(0x60, 4);
	EXPECT_DENIED(0x61, 1);
	EXPECT_DENIED(0x64, 1);
	window(0);
	EXPECT_EQ(0, unload());
	EXPECT_TRUE(nothing_left());
	/* it was for that load only */
	EXPECT_LOADS("ports=0x5e9");
	window(1);
	EXPECT_DENIED(0x60, 1);
	window(0);
}

/*
 * The ACPI block that begins below the PM timer: what owners in /proc/ioports
 * call "ACPI ..." is denied to its last port, whatever the static list says.
 */
TEST_F(load, no_acpi_port_is_unsafe)
{
	char line[128], parameters[64];
	unsigned int first, last, seen = 0;
	FILE *owners = fopen("/proc/ioports", "r");

	ASSERT_NE(NULL, owners);
	while (fgets(line, sizeof(line), owners)) {
		if (!strstr(line, ": ACPI ") || sscanf(line, " %x-%x", &first, &last) != 2)
			continue;
		seen++;
		snprintf(parameters, sizeof(parameters), "unsafe_ports=%#x", first);
		EXPECT_FAILS(EACCES, parameters, parameters);
		snprintf(parameters, sizeof(parameters), "unsafe_ports=%#x", last);
		EXPECT_FAILS(EACCES, parameters, parameters);
	}
	fclose(owners);
	EXPECT_LT(0U, seen);
}

/* A port that another driver owns, but that is not on the deny-list. */
TEST_F(load, unsafe_port_of_another_driver)
{
	EXPECT_LOADS("unsafe_ports=0xf8");
	EXPECT_STREQ("", claimed());
	EXPECT_EQ(RINGPROBE_PORT_UNSAFE, info_of(0xf8, 1).port_kind);
	EXPECT_EQ(0, info_of(0xf8, 1).deny_in);
}

/* LOAD_TIMES= says how often */
TEST_F_TIMEOUT(load, again_and_again, 3600)
{
	int i;

	for (i = 0; i < times("LOAD_TIMES", 20); i++) {
		ASSERT_EQ(0, load("ports=0xe0-0xe3,0x5e9"));
		ASSERT_EQ(0, access_in(0xe0, 4));
		ASSERT_EQ(0, unload());
		ASSERT_TRUE(nothing_left());
	}
}

static int begin_descriptor(void)
{
	return open(RINGPROBE_DEVICE, O_RDWR | O_CLOEXEC);
}

/* Of the ring, which has the file as one of its own */
static int begin_ring(void)
{
	struct io_uring_params params = { 0 };
	int file = open(RINGPROBE_DEVICE, O_RDWR | O_CLOEXEC);
	int ring = (int)syscall(SYS_io_uring_setup, 1, &params);

	if (ring >= 0 && syscall(SYS_io_uring_register, ring, IORING_REGISTER_FILES, &file, 1)) {
		close(ring);
		ring = -1;
	}
	close(file);
	return ring;
}

static int begin_watch(void)
{
	struct netlink netlink;
	uint32_t watch;

	if (netlink_open(&netlink) ||
	    watch_add(&netlink, getpid(), RINGPROBE_WATCH_F_ALL, &watch))
		return -1;
	return netlink.fd;
}

/* Without a descriptor */
static void *begin_mapping(void)
{
	int file = open(RINGPROBE_DEVICE, O_RDWR | O_CLOEXEC);
	void *page = mmap(NULL, 4096, PROT_READ, MAP_SHARED, file, 0);

	close(file);
	return page;
}

/* A mapping, and a use of each kind that one descriptor holds, UNLOAD_TIMES= each. */
TEST_F_TIMEOUT(load, stays_while_used, 3600)
{
	int (*const begin[])(void) = { begin_descriptor, begin_ring, begin_watch };
	int i, fd;
	size_t kind;
	void *page;

	ASSERT_EQ(0, load(""));
	for (i = 0; i < times("UNLOAD_TIMES", 3); i++) {
		page = begin_mapping();
		ASSERT_NE(MAP_FAILED, page);
		EXPECT_EQ(EWOULDBLOCK, unload());
		munmap(page, 4096);
		for (kind = 0; kind < ARRAY_SIZE(begin); kind++) {
			fd = begin[kind]();
			ASSERT_LE(0, fd) TH_LOG("kind %zu", kind);
			EXPECT_EQ(EWOULDBLOCK, unload()) TH_LOG("kind %zu", kind);
			close(fd);
		}
	}
	EXPECT_EQ(0, unload_soon());
	EXPECT_TRUE(nothing_left());
}

/* Did the kernel ask for the page, in 10 s? Of faults that block poll() knows only POLLERR. */
static bool asked_for(int faults)
{
	struct pollfd asked = { .fd = faults, .events = POLLIN };

	return poll(&asked, 1, 10000) == 1 && asked.revents == POLLIN;
}

/*
 * A command of a ring whose argument the kernel waits for: it is in a page that
 * userfaultfd() has us give, and we do not. Nothing else holds the device.
 */
static int begin_command(void)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register missing = { .range = { .len = 4096 },
					   .mode = UFFDIO_REGISTER_MODE_MISSING };
	int file = open(RINGPROBE_DEVICE, O_RDWR | O_CLOEXEC);
	int faults = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	struct ring ring = { .fd = -1 };
	void *page;

	page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	missing.range.start = (uintptr_t)page;
	if (file < 0 || page == MAP_FAILED || ioctl(faults, UFFDIO_API, &api) ||
	    ioctl(faults, UFFDIO_REGISTER, &missing) || ring_open(&ring, 0))
		return -1;
	ring_prepare(&ring, 0, file, IOSQE_ASYNC, RINGPROBE_IOC_PORT_IN, page);
	ring_publish(&ring, 1);
	if (syscall(SYS_io_uring_enter, ring.fd, 1, 0, 0, NULL, 0) != 1 || !asked_for(faults))
		return -1;
	return close(file);
}

/* It ends with its process, as whoever waits for memory does. */
TEST_F_TIMEOUT(load, stays_while_commanded, 3600)
{
	int i, faults = (int)syscall(SYS_userfaultfd, O_CLOEXEC);

	if (faults < 0 && errno == ENOSYS)
		SKIP(return, "no userfaultfd() here");
	close(faults);
	ASSERT_EQ(0, load(""));
	for (i = 0; i < times("UNLOAD_TIMES", 3); i++) {
		ASSERT_EQ(0, IN_CHILD(begin_command() || unload() != EWOULDBLOCK));
		EXPECT_EQ(0, unload_soon());
		ASSERT_EQ(0, load(""));
	}
	EXPECT_EQ(0, unload());
	EXPECT_TRUE(nothing_left());
}

/* Of so many threads that what there is to tell of them does not fit one message */
static int begin_dump(struct netlink *netlink)
{
	struct message message;
	uint32_t watch;

	if (netlink_open(netlink) ||
	    watch_add(netlink, getpid(), RINGPROBE_WATCH_F_ALL, &watch) || !add_sleepers(128))
		return -1;
	message_about(&message, netlink, RINGPROBE_CMD_STATS, watch);
	if (netlink_send(netlink, &message))
		return -1;
	message_about(&message, netlink, RINGPROBE_CMD_WATCH_DEL, watch);
	return netlink_send(netlink, &message);
}

/* A dump whose rest nobody has read keeps the module, when its watch has gone as well. */
TEST_F_TIMEOUT(load, stays_while_dumping, 3600)
{
	struct netlink netlink;
	int i;

	ASSERT_EQ(0, load(""));
	for (i = 0; i < times("UNLOAD_TIMES", 3); i++)	/* the threads end with the child */
		ASSERT_EQ(0, IN_CHILD(begin_dump(&netlink) || unload() != EWOULDBLOCK ||
				      close(netlink.fd) || unload_soon() || load("")));
	EXPECT_EQ(0, unload());
	EXPECT_TRUE(nothing_left());
}

/* Another process opens the node as fast as it can: in use, or gone. */
TEST_F(load, while_others_open_it)
{
	int i, err, in_use = 0;
	pid_t other = fork();

	ASSERT_LE(0, other);
	while (!other)
		access_in(PORT_POST, 1);
	for (i = 0; i < 20; i++) {
		EXPECT_EQ(0, load(""));
		usleep(1000);
		while ((err = unload()) == EWOULDBLOCK) {
			in_use++;
			usleep(100);
		}
		EXPECT_EQ(0, err);
	}
	kill(other, SIGKILL);
	EXPECT_EQ(other, waitpid(other, NULL, 0));
	EXPECT_TRUE(nothing_left());
	TH_LOG("in use %d times", in_use);
}

/* Adds watches as fast as it can, until it is killed with one of them still there */
static void watch_for_ever(void)
{
	struct netlink netlink;
	uint32_t watch;

	for (;;) {
		if (!netlink_open(&netlink))
			watch_add(&netlink, getpid(), RINGPROBE_WATCH_F_ALL, &watch);
		if (netlink.fd >= 0)
			close(netlink.fd);
	}
}

/*
 * The module goes while watches begin, and while their owner dies. LOAD_ROUNDS= says how
 * often; each round waits for readers of RCU several times.
 */
TEST_F_TIMEOUT(load, while_owners_of_watches_die, 900)
{
	int rounds = times("LOAD_ROUNDS", 100);
	int i, err, in_use = 0;
	pid_t owner;

	/* Where it never was in use it was always too soon. */
	for (i = 0; i < rounds || (!in_use && i < 10 * rounds); i++) {
		ASSERT_EQ(0, load(""));
		owner = fork();
		ASSERT_LE(0, owner);
		if (!owner)
			watch_for_ever();
		usleep(500U << i % 10);	/* machines differ in how soon it begins one */
		err = unload();		/* while it begins one */
		in_use += err == EWOULDBLOCK;
		kill(owner, SIGKILL);
		while (err == EWOULDBLOCK) {
			usleep(100);
			err = unload();	/* while its own is ended */
		}
		ASSERT_EQ(0, err);
		ASSERT_EQ(owner, waitpid(owner, NULL, 0));
	}
	EXPECT_TRUE(nothing_left());
	EXPECT_LT(0, in_use);
	TH_LOG("in use %d times of %d", in_use, rounds);
}

TEST_HARNESS_MAIN
