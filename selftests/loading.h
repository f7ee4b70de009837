/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Loading and unloading, by the system calls that insmod and rmmod make, so that the errno
 * is seen as it is: load.c, failnth.c, storm.c, path.c. MODULE= names the module's file.
 * Included after ringprobe_test.h.
 */
#ifndef LOADING_H
#define LOADING_H

#include <stdlib.h>
#include <sys/stat.h>

struct image {
	void *bytes;		/* read once: its file system may be slow */
	size_t size;
};

static inline const char *image_path(void)
{
	const char *path = getenv("MODULE");

	return path ? path : "../ringprobe.ko";
}

static inline int image_read(struct image *image)
{
	int fd = open(image_path(), O_RDONLY | O_CLOEXEC);
	struct stat file;

	if (fd < 0 || fstat(fd, &file))
		return errno;
	image->size = (size_t)file.st_size;
	image->bytes = malloc(image->size);
	if (!image->bytes || read(fd, image->bytes, image->size) != file.st_size)
		return errno ? errno : EIO;
	close(fd);
	return 0;
}

static inline int image_load(const struct image *image, const char *parameters)
{
	return ERRNO(syscall(SYS_init_module, image->bytes, image->size, parameters));
}

/* EWOULDBLOCK: it is in use */
static inline int unload(void)
{
	return ERRNO(syscall(SYS_delete_module, "ringprobe", O_NONBLOCK));
}

/* A ring, and a process that was killed, let their files go a moment later. */
static inline int unload_soon(void)
{
	int i, err = EWOULDBLOCK;

	for (i = 0; i < 600 && err == EWOULDBLOCK; i++) {
		err = unload();
		if (err)
			usleep(100000);
	}
	return err;
}

#endif
