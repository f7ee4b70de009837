// SPDX-License-Identifier: GPL-2.0
/*
 * Two capabilities, raised and lowered through capset(): two bits are no reason
 * for a library.
 */
#define _GNU_SOURCE
#include "priv.h"

#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "out.h"

static struct __user_cap_data_struct at_start[2];

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

static void lower(struct __user_cap_data_struct data[2], int cap, bool keep)
{
	struct __user_cap_data_struct *word = &data[CAP_TO_INDEX(cap)];

	word->effective &= ~CAP_TO_MASK(cap);
	if (!keep) {
		word->permitted &= ~CAP_TO_MASK(cap);
		word->inheritable &= ~CAP_TO_MASK(cap);
	}
}

/*
 * PATH, a file's name and what a watch starts are the caller's, who must not have them
 * read, written or run by another. Only capabilities can be lent.
 */
static void be_caller(void)
{
	gid_t gid = getgid();
	uid_t uid = getuid();

	if (setresgid(gid, gid, gid) || setresuid(uid, uid, uid))
		_exit(EXIT_FAILED);
}

void priv_init(unsigned int keep)
{
	struct __user_cap_data_struct data[2];

	be_caller();
	if (!get(data))
		return;
	memcpy(at_start, data, sizeof(at_start));
	lower(data, CAP_SYS_RAWIO, keep & PRIV_RAWIO);
	lower(data, CAP_NET_ADMIN, keep & PRIV_NET);
	set(data);
}

static bool had(int cap)
{
	return at_start[CAP_TO_INDEX(cap)].effective & CAP_TO_MASK(cap);
}

static void turn(int cap, bool on)
{
	struct __user_cap_data_struct data[2], *word = &data[CAP_TO_INDEX(cap)];

	if (!had(cap) || !get(data))
		return;
	if (on)
		word->effective |= CAP_TO_MASK(cap) & word->permitted;
	else
		word->effective &= ~CAP_TO_MASK(cap);
	set(data);
}

void priv_rawio(bool on)
{
	turn(CAP_SYS_RAWIO, on);
}

void priv_net(bool on)
{
	turn(CAP_NET_ADMIN, on);
}

void priv_restore(void)
{
	set(at_start);
}

bool priv_has_rawio(void)
{
	return had(CAP_SYS_RAWIO);
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
