// SPDX-License-Identifier: GPL-2.0
/*
 * A deliberate WARN, for scan.sh: proof that a warning of the running kernel
 * would be seen. Loading it fails on purpose, so nothing stays behind.
 */
#include <linux/bug.h>
#include <linux/errno.h>
#include <linux/init.h>
#include <linux/module.h>

static int __init ringprobe_warn_init(void)
{
	WARN(1, "ringprobe selftest: a deliberate warning\n");
	return -ECANCELED;
}

module_init(ringprobe_warn_init);

MODULE_INFO(test, "Y");
MODULE_DESCRIPTION("Warns once, on purpose, for ringprobe's selftests");
MODULE_LICENSE("GPL");
