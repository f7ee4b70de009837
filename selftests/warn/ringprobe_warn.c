// SPDX-License-Identifier: GPL-2.0
/*
 * Does on purpose what a kernel must tell of: proof that, were it done by mistake, it
 * would be seen. And goes where KVM goes, for path.c. Loading it fails on purpose, so
 * nothing stays behind.
 */
#include <linux/bug.h>
#include <linux/delay.h>
#include <linux/errno.h>
#include <linux/init.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

static char *fault = "warn";
module_param(fault, charp, 0);
MODULE_PARM_DESC(fault, "warn, section; on a debug kernel also kasan, ubsan, sleep, rcu, lockdep, leak, another-leak");

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

/*
 * As KVM does, look at this CPU's user-return notifiers with preemption off and interrupts
 * on, until there is none. They may not change meanwhile.
 */
static int section(void)
{
	unsigned long end = jiffies + 20 * HZ;
	bool before, after;

	do {
		preempt_disable();
		before = test_thread_flag(TIF_USER_RETURN_NOTIFY);
		mdelay(2);
		after = test_thread_flag(TIF_USER_RETURN_NOTIFY);
		preempt_enable();
		if (before != after)
			return -EINTR;
		cond_resched();
	} while (after && time_before(jiffies, end));
	return after ? -ETIME : -ECANCELED;
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

	if (!strcmp(fault, "section"))
		return section();
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
