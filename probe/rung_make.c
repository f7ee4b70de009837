// SPDX-License-Identifier: GPL-2.0
/*
 * Rungs that make something and see it end. What is executed is a whole program
 * of nine bytes of code, in memory: no file system, no libc, no dynamic linker.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "confine.h"
#include "rung.h"

#ifndef MFD_EXEC
#define MFD_EXEC 0x10			/* linux/memfd.h, since 6.3 */
#endif

#define BASE	0x400000UL

static const struct {
	Elf64_Ehdr head;
	Elf64_Phdr segment;
	unsigned char code[9];
} program = {
	.head = {
		.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
		.e_type = ET_EXEC, .e_machine = EM_X86_64, .e_version = EV_CURRENT,
		.e_entry = BASE + sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr),
		.e_phoff = sizeof(Elf64_Ehdr), .e_ehsize = sizeof(Elf64_Ehdr),
		.e_phentsize = sizeof(Elf64_Phdr), .e_phnum = 1,
	},
	.segment = {
		.p_type = PT_LOAD, .p_flags = PF_R | PF_X, .p_vaddr = BASE,
		.p_filesz = sizeof(program), .p_memsz = sizeof(program), .p_align = 4096,
	},
	/* xor %edi, %edi; mov $60, %eax; syscall: exit(0) */
	.code = { 0x31, 0xff, 0xb8, 60, 0, 0, 0, 0x0f, 0x05 },
};

static int image = -1;

static void *nothing(void *unused)
{
	return unused;
}

static int64_t sample_thread(void)
{
	uint64_t first = ringprobe_stamp();
	pthread_t thread;
	int err = pthread_create(&thread, NULL, nothing, NULL);

	if (err)
		return -err;
	pthread_join(thread, NULL);
	return (int64_t)(ringprobe_stamp() - first);
}

static _Noreturn void execute(void)
{
	char name[] = "exit", *const arguments[] = { name, NULL }, *const environment[] = { NULL };

	syscall(SYS_execveat, image, "", arguments, environment, AT_EMPTY_PATH);
	_exit(127);
}

/* Until a child has ended: one that ends at once, or one that executes the program. */
static int64_t until_ended(bool exec)
{
	uint64_t first = ringprobe_stamp(), last;
	pid_t pid = fork();
	int status;

	if (!pid && exec)
		execute();
	if (!pid)
		_exit(0);
	if (pid < 0 || confine_wait(pid, &status) < 0)
		return -errno;
	last = ringprobe_stamp();
	return WIFEXITED(status) && !WEXITSTATUS(status) ? (int64_t)(last - first) : -ENOEXEC;
}

static int64_t sample_fork(void)
{
	return until_ended(false);
}

static int64_t sample_exec(void)
{
	return until_ended(true);
}

static const char *begin_exec(struct rung_place *place)
{
	image = memfd_create("ringprobe-exit", MFD_CLOEXEC | MFD_EXEC);
	if (image < 0 && errno == EINVAL)	/* before 6.3 all could be executed */
		image = memfd_create("ringprobe-exit", MFD_CLOEXEC);
	if (image < 0)
		return rung_lacks(place, RUNG_ABSENT, "no program in memory may be executed here");
	if (write(image, &program, sizeof(program)) == sizeof(program))
		return NULL;
	close(image);
	return rung_lacks(place, RUNG_FAILED, "the program cannot be written");
}

static void end_exec(void)
{
	close(image);
}

#define MAKE .sleeps = true, .way = RUNG_SWITCHES, .repeats = RUNG_NEARLY

const struct rung rung_makes[] = {
	{ .name = "thread", .label = "thread: create, join", MAKE, .share = 10,
	  .sample = sample_thread, .includes = "of libc, its stack from libc's cache" },
	{ .name = "fork", .label = "fork, wait", MAKE, .share = 20,
	  .sample = sample_fork,
	  .includes = "the child ends at once; it grows with the memory of the parent" },
	{ .name = "exec", .label = "fork, exec, wait", MAKE, .share = 20,
	  .begin = begin_exec, .sample = sample_exec, .end = end_exec,
	  .includes = "the child executes a program of three instructions, in memory, without libc" },
	{ .name = NULL },
};
