// SPDX-License-Identifier: GPL-2.0
/*
 * CAP_SYS_RAWIO, raised and lowered through capset(): one bit is no reason
 * for a library.
 */
#define _GNU_SOURCE
#include "priv.h"

#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define RAWIO CAP_TO_MASK(CAP_SYS_RAWIO)

static bool started_with;

static bool get(struct __user_cap_data_struct data[2])
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };

	return !syscall(SYS_capget, &header, data);
}

static void set(struct __user_cap_data_struct data[2])
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };

	/* taking less never fails; taking what is permitted does not either */
	(void)syscall(SYS_capset, &header, data);
}

void priv_init(bool keep)
{
	struct __user_cap_data_struct data[2];

	if (!get(data))
		return;
	started_with = data[CAP_TO_INDEX(CAP_SYS_RAWIO)].effective & RAWIO;
	data[CAP_TO_INDEX(CAP_SYS_RAWIO)].effective &= ~RAWIO;
	if (!keep) {
		data[CAP_TO_INDEX(CAP_SYS_RAWIO)].permitted &= ~RAWIO;
		data[CAP_TO_INDEX(CAP_SYS_RAWIO)].inheritable &= ~RAWIO;
	}
	set(data);
}

void priv_rawio(bool on)
{
	struct __user_cap_data_struct data[2];

	if (!started_with || !get(data))
		return;
	if (on)
		data[CAP_TO_INDEX(CAP_SYS_RAWIO)].effective |= RAWIO &
			data[CAP_TO_INDEX(CAP_SYS_RAWIO)].permitted;
	else
		data[CAP_TO_INDEX(CAP_SYS_RAWIO)].effective &= ~RAWIO;
	set(data);
}

bool priv_has_rawio(void)
{
	return started_with;
}

bool priv_has_module(void)
{
	struct __user_cap_data_struct data[2];

	return get(data) && data[CAP_TO_INDEX(CAP_SYS_MODULE)].effective &
			    CAP_TO_MASK(CAP_SYS_MODULE);
}

/*
 * The initial namespace maps every id to itself (user_namespaces(7)); so may
 * another, but only the initial one has this number (PROC_USER_INIT_INO in
 * include/linux/proc_ns.h).
 */
bool priv_in_initial_userns(void)
{
	char link[32] = "";
	unsigned int inside, outside, count;
	FILE *f;
	int n;

	if (readlink("/proc/self/ns/user", link, sizeof(link) - 1) > 0 &&
	    strcmp(link, "user:[4026531837]") != 0)
		return false;
	f = fopen("/proc/self/uid_map", "re");

	if (!f)
		return true;
	n = fscanf(f, "%u %u %u", &inside, &outside, &count);
	fclose(f);
	return n == 3 && inside == 0 && outside == 0 && count == 0xffffffff;
}
