// SPDX-License-Identifier: GPL-2.0
/* How to get the module loaded: from the module files, DKMS and headers that are here. */
#include "load.h"

#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "env.h"
#include "ko.h"

bool load_wants_signature(char *sig_enforce)
{
	const char *lockdown = env_get()->lockdown;
	FILE *f = fopen("/sys/module/module/parameters/sig_enforce", "re");
	int c = f ? fgetc(f) : EOF;

	if (f)
		fclose(f);
	*sig_enforce = c == EOF ? 0 : (char)c;
	return c == 'Y' || (*lockdown && strcmp(lockdown, "none") != 0);
}

static bool has_dkms_source(void)
{
	glob_t found;
	bool has = !glob("/usr/src/ringprobe-*/dkms.conf", 0, NULL, &found);

	if (has)
		globfree(&found);
	return has;
}

static bool has_headers(const char *release)
{
	char path[256];

	snprintf(path, sizeof(path), "/lib/modules/%s/build/include/config/kernel.release", release);
	return !access(path, F_OK);
}

/* DKMS has the source; what is missing is a build for this kernel. */
static void build_by_dkms(char *text, size_t size)
{
	const char *release = env_get()->kernel;

	if (has_headers(release))
		snprintf(text, size, "sudo dkms autoinstall && sudo modprobe ringprobe");
	else if (!access("/usr/bin/apt", X_OK))
		snprintf(text, size, "sudo apt install linux-headers-%s (DKMS builds it then)", release);
	else
		snprintf(text, size, "install the headers of kernel %s: DKMS builds it then", release);
}

const char *load_next(void)
{
	static char text[640];
	const struct ko *ko = ko_get();
	char enforce;

	if (ko->fits && !*ko->signer && load_wants_signature(&enforce))
		return "sign it (make sign, docs/install.md); or a VM with Secure Boot off";
	if (ko->fits && ko->installed)
		return "sudo modprobe ringprobe (in a VM that you may break)";
	if (ko->fits)
		snprintf(text, sizeof(text), "sudo insmod %s (in a VM that you may break)", ko->path);
	else if ((ko->installed || !*ko->path) && has_dkms_source())
		build_by_dkms(text, sizeof(text));
	else if (!*ko->path)
		return "make demo (boots a VM with it); or make, and insmod it in yours";
	else if (ko->no_modinfo)
		return "install modinfo (package kmod)";
	else if (ko->installed)
		return "make && sudo make install, in ringprobe's source tree";
	else
		snprintf(text, sizeof(text), "make module, with the headers of %s; or make demo",
			 env_get()->kernel);
	return text;
}
