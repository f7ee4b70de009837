// SPDX-License-Identifier: GPL-2.0
/*
 * Being called on the way back to user mode: one notifier a CPU, registered by a
 * thread that is in a system call there, for once. It belongs to the CPU, not to
 * that thread: whoever is the next to return to user mode there makes it fire, and it
 * unregisters itself. It is touched by its CPU only, with interrupts off, or while
 * that is offline; and by no interrupt: the list that it is in is KVM's, too, which has
 * only preemption off there. None is registered once the last recorder has ended.
 */
#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/percpu.h>
#include <linux/smp.h>
#include <linux/user-return-notifier.h>

#include <ringprobe_stamp.h>
#include "compat.h"
#include "ringprobe.h"

struct door {
	struct user_return_notifier notifier;
	bool registered;
};

static DEFINE_PER_CPU(struct door, doors);
static int hotplug_state __ro_after_init = -1;	/* negative: this works not */

/* Interrupts are off: the last code in C on the way. */
static void at_return(struct user_return_notifier *notifier)
{
	u64 stamp = ringprobe_stamp();

	container_of(notifier, struct door, notifier)->registered = false;
	user_return_notifier_unregister(notifier);
	ringprobe_fault_at_return(stamp);
}

/* Preemption is off. */
void ringprobe_return_expect(void)
{
	struct door *door = this_cpu_ptr(&doors);
	unsigned long flags;

	local_irq_save(flags);
	if (!door->registered) {
		door->registered = true;
		user_return_notifier_register(&door->notifier);
	}
	local_irq_restore(flags);
}

/* Interrupts are off. */
static void forget(struct door *door)
{
	if (!door->registered)
		return;
	door->registered = false;
	user_return_notifier_unregister(&door->notifier);
}

/* In a thread of this CPU's own. */
static int forget_here(void *unused)
{
	local_irq_disable();
	forget(this_cpu_ptr(&doors));
	local_irq_enable();
	return 0;
}

/*
 * Afterwards no CPU is in at_return() on behalf of what was recording until now: that
 * runs with interrupts off, so that it has ended where one could be taken. @last: nobody
 * records any more, so that none is registered, either; seldom more than one still is.
 */
void ringprobe_return_end(bool last)
{
	int cpu;

	kick_all_cpus_sync();
	if (!last)
		return;
	cpus_read_lock();
	for_each_online_cpu(cpu)
		if (READ_ONCE(per_cpu(doors, cpu).registered))
			smp_call_on_cpu(cpu, forget_here, NULL, false);
	local_irq_disable();
	for_each_possible_cpu(cpu)
		if (!cpu_online(cpu))
			forget(per_cpu_ptr(&doors, cpu));
	local_irq_enable();
	cpus_read_unlock();
}

/* On a CPU that goes offline: almost always that leaves nothing for the above. */
static int going_down(unsigned int cpu)
{
	return forget_here(NULL);
}

bool ringprobe_return_works(void)
{
	return hotplug_state >= 0;
}

void ringprobe_return_init(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		per_cpu_ptr(&doors, cpu)->notifier.on_user_return = at_return;
	hotplug_state = cpuhp_setup_state_nocalls(CPUHP_AP_ONLINE_DYN, "ringprobe:return", NULL,
						  going_down);
}

void ringprobe_return_exit(void)
{
	if (hotplug_state >= 0)
		cpuhp_remove_state_nocalls(hotplug_state);
}
