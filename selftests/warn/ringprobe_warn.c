// SPDX-License-Identifier: GPL-2.0
/*
 * Does on purpose what a kernel must tell of: proof that, were it done by mistake, it
 * would be seen. Loading it fails on purpose, so nothing stays behind.
 */
#include <linux/bug.h>
#include <linux/errno.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/string.h>

static char *fault = "warn";
module_param(fault, charp, 0);
MODULE_PARM_DESC(fault, "warn; on a debug kernel also kasan, ubsan, sleep, rcu, lockdep, leak or another-leak");

static void warn(void)
{
	WARN(1, "ringprobe selftest: a deliberate warning\n");
}

static void kasan(void)
{
	volatile char *bytes = kmalloc(13, GFP_KERNEL);

	if (bytes)
		(void)bytes[13];
	kfree((void *)bytes);
}

static void ubsan(void)
{
	volatile int shift = 40;

	pr_info("shifted: %d\n", 1 << shift);
}

static void sleep_in_atomic(void)
{
	preempt_disable();
	might_sleep();
	preempt_enable();
}

static void rcu(void)
{
	static int __rcu *pointer;

	pr_info("read outside of a reader: %p\n", rcu_dereference(pointer));
}

static void lockdep(void)
{
	static DEFINE_MUTEX(one);
	static DEFINE_MUTEX(other);

	mutex_lock(&one);
	mutex_lock(&other);
	mutex_unlock(&other);
	mutex_unlock(&one);

	mutex_lock(&other);
	mutex_lock(&one);
	mutex_unlock(&one);
	mutex_unlock(&other);
}

static void lose_memory(const char *text)
{
	void *volatile lost = kmalloc(1000, GFP_KERNEL);

	if (lost)
		strscpy(lost, text, 1000);
	lost = NULL;
}

static void leak(void)
{
	lose_memory("deliberate leak!");	/* one line of kmemleak's: selftests/leaks */
}

static void another_leak(void)
{
	lose_memory("unexpected leak!");
}

static const struct {
	const char *name;
	void (*commit)(void);
} faults[] = {
	{ "warn", warn }, { "kasan", kasan }, { "ubsan", ubsan }, { "sleep", sleep_in_atomic },
	{ "rcu", rcu }, { "lockdep", lockdep }, { "leak", leak },
	{ "another-leak", another_leak },
};

static int __init ringprobe_warn_init(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(faults); i++) {
		if (strcmp(faults[i].name, fault))
			continue;
		faults[i].commit();
		return -ECANCELED;
	}
	return -EINVAL;
}

module_init(ringprobe_warn_init);

MODULE_INFO(test, "Y");
MODULE_DESCRIPTION("Goes wrong once, on purpose, for ringprobe's selftests");
MODULE_LICENSE("GPL");
