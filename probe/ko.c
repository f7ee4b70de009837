// SPDX-License-Identifier: GPL-2.0
/* The module as a file: where it may lie, and modinfo's word on each. */
#define _GNU_SOURCE
#include "ko.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "env.h"

#define NAME "ringprobe.ko"
#define MODULES "/lib/modules"

static const char *modinfo(void)
{
	static const char *const paths[] = { "/usr/sbin/modinfo", "/sbin/modinfo", "/usr/bin/modinfo" };

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		if (!access(paths[i], X_OK))
			return paths[i];
	return NULL;
}

/* modinfo's child and what it prints; NULL if it does not start. */
static FILE *start(const char *tool, char *path, pid_t *pid)
{
	static char *const environment[] = { "LC_ALL=C", NULL };
	char *const argv[] = { "modinfo", path, NULL };
	posix_spawn_file_actions_t actions;
	int fds[2], err;

	if (pipe2(fds, O_CLOEXEC))
		return NULL;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, fds[1], 1);
	posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
	err = posix_spawn(pid, tool, &actions, NULL, argv, environment);
	posix_spawn_file_actions_destroy(&actions);
	close(fds[1]);
	if (!err)
		return fdopen(fds[0], "r");
	close(fds[0]);
	return NULL;
}

/* The value, if @line is "name:   value"; ends at @end. */
static void take(const char *line, const char *name, const char *end, char *value, size_t size)
{
	size_t length = strlen(name);

	if (strncmp(line, name, length) != 0 || line[length] != ':')
		return;
	line += length + 1;
	line += strspn(line, " \t");
	snprintf(value, size, "%.*s", (int)strcspn(line, end), line);
}

static void read_file(struct ko *ko)
{
	const char *tool = modinfo();
	char line[1024];
	pid_t pid;
	FILE *from;

	ko->no_modinfo = !tool;
	from = tool ? start(tool, ko->path, &pid) : NULL;
	if (!from)
		return;
	while (fgets(line, sizeof(line), from)) {
		take(line, "vermagic", " \n", ko->release, sizeof(ko->release));
		take(line, "version", "\n", ko->version, sizeof(ko->version));
		take(line, "signer", "\n", ko->signer, sizeof(ko->signer));
	}
	fclose(from);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	ko->fits = !strcmp(ko->release, env_get()->kernel);
}

/* The tree that this very program lies in, if it was not installed. */
static void beside_probe(char *path, size_t size)
{
	char exe[480];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe));
	char *slash;

	path[0] = '\0';
	if (n <= 0 || n == sizeof(exe))
		return;
	exe[n] = '\0';
	for (int up = 0; up < 2; up++) {
		slash = strrchr(exe, '/');
		if (!slash)
			return;
		*slash = '\0';
	}
	snprintf(path, size, "%s/" NAME, exe);
}

/* Where DKMS, "make install" and others put it, compressed or not. */
static bool of_kernel(const char *release, char *path, size_t size)
{
	static const char *const folders[] = { "updates/dkms", "updates", "extra" };
	static const char *const endings[] = { "", ".xz", ".zst", ".gz" };

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		for (size_t j = 0; j < sizeof(endings) / sizeof(endings[0]); j++) {
			snprintf(path, size, MODULES "/%s/%s/" NAME "%s", release, folders[i],
				 endings[j]);
			if (!access(path, F_OK))
				return true;
		}
	}
	path[0] = '\0';
	return false;
}

static void of_newest_kernel(char *path, size_t size)
{
	struct dirent **kernels;
	int n = scandir(MODULES, &kernels, NULL, versionsort);

	path[0] = '\0';
	while (n-- > 0) {
		if (!path[0] && kernels[n]->d_name[0] != '.')
			of_kernel(kernels[n]->d_name, path, size);
		free(kernels[n]);
		if (!n)
			free(kernels);
	}
}

static void look(struct ko *best, const char *path)
{
	struct ko ko = { .installed = !strncmp(path, MODULES "/", strlen(MODULES "/")) };

	if (!*path || best->fits || access(path, F_OK))
		return;
	snprintf(ko.path, sizeof(ko.path), "%s", path);
	read_file(&ko);
	if (ko.fits || !*best->path)
		*best = ko;
}

const struct ko *ko_get(void)
{
	static struct ko best;
	static bool looked;
	char path[sizeof(best.path)];

	if (looked)
		return &best;
	looked = true;
	look(&best, "./" NAME);
	beside_probe(path, sizeof(path));
	look(&best, path);
	of_kernel(env_get()->kernel, path, sizeof(path));
	look(&best, path);
	of_newest_kernel(path, sizeof(path));
	look(&best, path);
	return &best;
}
