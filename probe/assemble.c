// SPDX-License-Identifier: GPL-2.0
/*
 * GNU as on a line of text. Its input, its output and its complaints are
 * memory that has no name in any directory, so that nothing can be left behind.
 */
#define _GNU_SOURCE
#include "assemble.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "confine.h"
#include "fault.h"
#include "object.h"
#include "statement.h"

enum { SECONDS = 60, NO_TOOL = 127, NO_CHILD = 126, OBJECT_MAX = 65536 };

/* Above the numbers that the tool gets them under. */
struct files {
	int source, object, complaints;
};

static int memory(void)
{
	int low = memfd_create("ringprobe", MFD_CLOEXEC), fd = fcntl(low, F_DUPFD_CLOEXEC, 10);

	if (low >= 0)
		close(low);
	return fd;
}

static bool open_files(struct files *files)
{
	files->source = memory();
	files->object = memory();
	files->complaints = memory();
	return files->source >= 0 && files->object >= 0 && files->complaints >= 0;
}

static void close_files(const struct files *files)
{
	close(files->source);
	close(files->object);
	close(files->complaints);
}

/* A line each, so that the tool's line numbers count instructions. */
static bool write_source(int fd, const char *line, bool intel)
{
	char text[STATEMENT_MAX + 64];
	int n = snprintf(text, sizeof(text), "%s\n%s\n",
			 intel ? ".intel_syntax noprefix" : ".att_syntax", line);

	for (char *c = text; *c; c++)
		if (*c == ';')
			*c = '\n';
	return write(fd, text, (size_t)n) == n && !lseek(fd, 0, SEEK_SET);
}

static _Noreturn void become_tool(const struct files *files)
{
	static char *const argv[] = { "as", "--64", "-o", "/proc/self/fd/3", "--", NULL };
	static char *const environment[] = { "LC_ALL=C", NULL };

	if (dup2(files->source, 0) < 0 || dup2(files->complaints, 1) < 0 ||
	    dup2(files->complaints, 2) < 0 || dup2(files->object, 3) < 0 || confine_tool(SECONDS))
		_exit(NO_CHILD);
	syscall(SYS_close_range, 4, ~0U, 0);
	execvpe(argv[0], argv, environment);
	_exit(errno == ENOENT ? NO_TOOL : NO_CHILD);
}

/* The first error's or warning's text, with the number of its instruction. */
static void reduce(const char *complaints, const char *kind, char *said, size_t size)
{
	const char *text = strstr(complaints, kind), *line = text;
	unsigned int number;

	said[0] = '\0';
	if (!text)
		return;
	while (line > complaints && line[-1] != '\n')
		line--;
	text += strlen(kind);
	if (sscanf(line, "{standard input}:%u:", &number) == 1 && number > 1)
		snprintf(said, size, "instruction %u: %.*s", number - 1, (int)strcspn(text, "\n"),
			 text);
	else
		snprintf(said, size, "%.*s", (int)strcspn(text, "\n"), text);
}

static enum assemble_result take_object(const struct files *files, struct assemble *out)
{
	static __u8 object[OBJECT_MAX] __attribute__((aligned(8)));
	ssize_t n = pread(files->object, object, sizeof(object), 0);
	const __u8 *text;
	size_t size = 0;
	char why[sizeof(out->said)];

	text = object_text(object, n > 0 ? (size_t)n : 0, &size, why, sizeof(why));
	if (text && size && size <= sizeof(out->code)) {
		memcpy(out->code, text, size);
		out->size = (__u32)size;
		return ASSEMBLE_DONE;
	}
	if (!text && !*why) {
		snprintf(out->said, sizeof(out->said), "as made no object file");
		return ASSEMBLE_FAILED;
	}
	if (!text)
		snprintf(out->said, sizeof(out->said), "%s", why);
	else if (!size)
		snprintf(out->said, sizeof(out->said), "that is no instruction");
	else
		snprintf(out->said, sizeof(out->said), "%zu bytes of code: the most is %d", size,
			 RUN_CODE_MAX);
	return ASSEMBLE_REFUSED;
}

static enum assemble_result judge(const struct files *files, int status, struct assemble *out)
{
	char complaints[4096];
	ssize_t n = pread(files->complaints, complaints, sizeof(complaints) - 1, 0);

	complaints[n > 0 ? n : 0] = '\0';
	if (WIFEXITED(status) && WEXITSTATUS(status) == NO_TOOL)
		return ASSEMBLE_NO_TOOL;
	if (WIFSIGNALED(status))
		snprintf(out->said, sizeof(out->said), "as was stopped by %s",
			 fault_signal_name(WTERMSIG(status)));
	else if (WEXITSTATUS(status) == NO_CHILD)
		snprintf(out->said, sizeof(out->said), "as cannot be run");
	if (*out->said)
		return ASSEMBLE_FAILED;
	reduce(complaints, WEXITSTATUS(status) ? "Error: " : "Warning: ", out->said,
	       sizeof(out->said));
	if (!WEXITSTATUS(status))
		return take_object(files, out);
	if (*out->said)
		return ASSEMBLE_REFUSED;
	snprintf(out->said, sizeof(out->said), "as says: %.*s", (int)strcspn(complaints, "\n"),
		 complaints);
	return ASSEMBLE_FAILED;
}

enum assemble_result assemble(const char *line, bool intel, struct assemble *out)
{
	enum assemble_result result = ASSEMBLE_FAILED;
	struct files files;
	int status;
	pid_t pid;

	memset(out, 0, sizeof(*out));
	if (!statement_accept(line, out->said, sizeof(out->said)))
		return ASSEMBLE_REFUSED;
	if (!open_files(&files) || !write_source(files.source, line, intel)) {
		snprintf(out->said, sizeof(out->said), "no memory for as");
	} else {
		pid = fork();
		if (!pid)
			become_tool(&files);
		if (pid < 0 || confine_wait(pid, &status) < 0)
			snprintf(out->said, sizeof(out->said), "no child process for as");
		else
			result = judge(&files, status, out);
	}
	close_files(&files);
	return result;
}
