// SPDX-License-Identifier: GPL-2.0
/* What is behind kernel.h: the world's state, and the rules that a kernel has. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "../../module/ringprobe.h"
#include "world.h"

struct world world;
struct user_namespace init_user_ns;
struct acpi_table_fadt acpi_gbl_FADT;
struct ringprobe_counters ringprobe_page_total;
atomic_t ringprobe_page_mapped;
u32 tsc_khz = 1000000;
unsigned long jiffies, ringprobe_event_quiet;

void fail(const char *file, int line, const char *condition, const char *format, ...)
{
	va_list list;

	printf("%s:%d: %s: ", file, line, condition);
	va_start(list, format);
	vprintf(format, list);
	va_end(list);
	puts("");
	fflush(stdout);
	_exit(1);
}

/* Called by whatever a kernel forbids while user memory is open. */
static void closed(const char *what)
{
	CHECK(!world.open, "%s between user_access_begin() and _end()", what);
}

static void log_event(struct event event)
{
	if (world.events < ARRAY_SIZE(world.log))
		world.log[world.events++] = event;
	world.number[event.kind]++;
}

/* Who asks */
bool capable(int capability)
{
	closed("capable()");
	CHECK(capability == CAP_SYS_RAWIO, "capability %d", capability);
	return world.caller_rawio;
}

bool file_ns_capable(const struct file *file, struct user_namespace *ns, int capability)
{
	closed("file_ns_capable()");
	CHECK(ns == &init_user_ns, "another namespace");
	CHECK(capability == CAP_SYS_RAWIO, "capability %d", capability);
	return file->opener_rawio;
}

int security_locked_down(int what)
{
	closed("security_locked_down()");
	CHECK(what == LOCKDOWN_IOPORT, "reason %d", what);
	return world.locked_down ? -EPERM : 0;
}

int fatal_signal_pending(struct task_struct *task)
{
	(void)task;
	closed("fatal_signal_pending()");
	return ++world.looks == world.signal_at;
}

/* What may sleep, and what forbids it */
static void may_sleep(const char *what)
{
	closed(what);
	CHECK(!world.preempt, "%s with preemption off", what);
	CHECK(!world.pagefault, "%s with page faults off", what);
}

void cond_resched(void)
{
	may_sleep("cond_resched()");
}

void preempt_disable(void)
{
	closed("preempt_disable()");
	world.preempt++;
}

void preempt_enable(void)
{
	closed("preempt_enable()");
	CHECK(world.preempt-- > 0, "preemption was on");
}

void pagefault_disable(void)
{
	world.pagefault++;
}

void pagefault_enable(void)
{
	CHECK(world.pagefault-- > 0, "page faults were on");
}

/* User memory */
static bool fault(void)
{
	log_event((struct event){ .kind = EVENT_FAULT });
	return false;
}

/* Is all of it there, with such @rights? */
static bool reach(const void *at, size_t length, u8 rights)
{
	size_t from = (u64)at - (u64)world.memory, word;

	if (++world.touches == world.fault_at)
		return fault();
	if ((u64)at < (u64)world.memory || from > sizeof(world.memory) ||
	    length > sizeof(world.memory) - from)
		return fault();
	for (word = from / 8; word < DIV_ROUND_UP(from + length, 8); word++)
		if (~world.rights[word] & rights)
			return fault();
	return true;
}

/* As access_ok(): is it in the user's half? */
bool user_access_begin(const void *from, size_t length)
{
	closed("user_access_begin()");
	CHECK(length, "nothing is asked for");
	if ((u64)from >> 47 || ((u64)from + length) >> 47)
		return fault();
	CHECK(world.areas < ARRAY_SIZE(world.area), "too often");
	world.area[world.areas++] = (struct area){ (u64)from, length };
	world.open = true;
	return true;
}

void user_access_end(void)
{
	CHECK(world.open, "user memory was not open");
	world.open = false;
}

/* That it is the user's has been asked in this call, for an area around it. */
static void opened(const void *at, size_t length)
{
	u32 i = 0;

	CHECK(world.open, "user memory is not open");
	while (i < world.areas && ((u64)at < world.area[i].from ||
				   (u64)at + length > world.area[i].from + world.area[i].length))
		i++;
	CHECK(i < world.areas, "user_access_begin() was not asked for this");
}

bool user_get(void *to, const void *from, size_t length)
{
	opened(from, length);
	if (!reach(from, length, READABLE))
		return false;
	memcpy(to, from, length);
	if (world.after_get)
		world.after_get(((u64)from - (u64)world.memory) / 8);
	return true;
}

bool user_put(void *to, const void *from, size_t length)
{
	opened(to, length);
	if (!reach(to, length, READABLE | WRITABLE))
		return false;
	memcpy(to, from, length);
	return true;
}

int put_user_word(u64 word, void *to)
{
	closed("put_user()");
	if (!reach(to, sizeof(word), READABLE | WRITABLE))
		return -EFAULT;
	memcpy(to, &word, sizeof(word));
	return 0;
}

int check_zeroed_user(const void *from, size_t length)
{
	const u8 *bytes = from;

	closed("check_zeroed_user()");
	if (!reach(from, length, READABLE))
		return -EFAULT;
	while (length && !*bytes) {
		bytes++;
		length--;
	}
	return !length;
}

u32 array_index_nospec(u32 index, u32 size)
{
	CHECK(index < size, "%u of %u", index, size);
	world.clamped++;
	return index;
}

/* Memory of the kernel's own */
static void *allocate(size_t size)
{
	may_sleep("an allocation");
	if (++world.allocations == world.fail_at)
		return NULL;
	world.allocated++;
	return calloc(1, size);
}

void *kmalloc_array(size_t n, size_t size, int flags)
{
	void *memory = allocate(n * size);

	(void)flags;
	if (memory)
		memset(memory, 0xcc, n * size);
	return memory;
}

void *__vmalloc_array(size_t n, size_t size, int flags)
{
	(void)flags;
	return allocate(n * size);
}

char *kstrdup(const char *text, int flags)
{
	char *copy = allocate(strlen(text) + 1);

	(void)flags;
	return copy ? strcpy(copy, text) : NULL;
}

void kfree(const void *memory)
{
	closed("kfree()");
	world.allocated -= !!memory;
	free((void *)memory);
}

void vfree(const void *memory)
{
	kfree(memory);
}

/* Text: a number as the kernel reads it, which is stricter than strtoul(). */
int kstrtou32(const char *text, unsigned int base, u32 *value)
{
	unsigned long long number;
	char *end;

	CHECK(!base, "base %u", base);
	text += *text == '+';
	if (*text < '0' || *text > '9')
		return -EINVAL;
	errno = 0;
	number = strtoull(text, &end, 0);
	end += *end == '\n';
	if (*end || end == text)
		return -EINVAL;
	if (errno || number > 0xffffffff)
		return -ERANGE;
	*value = number;
	return 0;
}

void strscpy(char *to, const char *from, size_t size)
{
	snprintf(to, size, "%s", from);
}

static void log_line(const char *format, va_list list)
{
	closed("printk()");
	vsnprintf(world.message, sizeof(world.message), format, list);
	va_end(list);
}

void log_error(const char *format, ...)
{
	va_list list;

	va_start(list, format);
	log_line(format, list);
}

void log_notice(const char *format, ...)
{
	va_list list;

	va_start(list, format);
	log_line(format, list);
	world.notices++;
}

/* Ports */
bool request_region(u32 first, u32 n, const char *name)
{
	may_sleep("request_region()");
	CHECK(!strcmp(name, "ringprobe"), "the owner is %s", name);
	if (first <= world.owner_last && first + n - 1 >= world.owner_first)
		return false;
	world.claimed += n;
	return true;
}

void release_region(u32 first, u32 n)
{
	CHECK(world.claimed >= n, "%#x was not claimed", first);
	world.claimed -= n;
}

static void log_port(u16 port, u8 access, u32 value)
{
	/* in a batch no signal is looked for, and one access is as good as on one CPU */
	CHECK(world.preempt || world.open, "an access between two stamps may move");
	log_event((struct event){ .kind = EVENT_PORT, .op = {
		.port = port, .access = access, .value = value } });
	if (world.at_access)
		world.at_access();
}

/* All ones in what is read but the lowest bits, which tell one access from the next. */
u32 ringprobe_insn_in(u16 port, u32 width)
{
	u32 value = 0xfffffff0 | (world.number[EVENT_PORT] & 0xf);

	value &= 0xffffffff >> (32 - 8 * width);
	log_port(port, width, value);
	return value;
}

void ringprobe_insn_out(u16 port, u32 width, u32 value)
{
	log_port(port, width | RINGPROBE_OP_OUT, value);
}

u64 ringprobe_stamp(void)
{
	u64 stamp = 0x100000000 + 10 * (world.number[EVENT_STAMP] + 1);

	log_event((struct event){ .kind = EVENT_STAMP, .stamp = stamp });
	return stamp;
}

/* The operations that are not under test: they fill in all they may. */
static int handler(void *arg, size_t size)
{
	closed("a handler");
	log_event((struct event){ .kind = EVENT_HANDLER });
	memset((u8 *)arg + 8, 0x5a, size - 8);
	return 0;
}

#define HANDLER(name, type)						\
int name(struct file *file, void *arg)					\
{									\
	(void)file;							\
	return handler(arg, sizeof(struct type));			\
}

HANDLER(ringprobe_cpl, ringprobe_cpl)
HANDLER(ringprobe_stamp_ioctl, ringprobe_stamp)
HANDLER(ringprobe_insn, ringprobe_insn)
HANDLER(ringprobe_fault_arm, ringprobe_fault_arm)
HANDLER(ringprobe_fault_read, ringprobe_fault_read)

u64 ringprobe_fault_features(void)
{
	return 0;
}

/* INFO's handler is under test, and asks this when all is well. */
u32 ringprobe_mode(void)
{
	log_event((struct event){ .kind = EVENT_HANDLER });
	return 0600;
}

void ringprobe_page_publish(struct ringprobe_context *context)
{
	(void)context;
	world.published++;
}

/* In place of event.c */
bool ringprobe_event_listen(void)
{
	closed("a look for listeners");
	world.sought++;
	if (!world.listens)
		ringprobe_event_quiet = jiffies;
	return world.listens;
}

void ringprobe_event_port(const struct ringprobe_event_port *port)
{
	closed("a message");
	world.told++;
	world.last_told = *port;
	if (!port->access)
		return;
	world.told_access = *port->access;
	world.last_told.access = &world.told_access;
}

/* The world */
void world_reset(struct file *file, struct ringprobe_context *context)
{
	memset(&world, 0, sizeof(world));
	memset(&ringprobe_page_total, 0, sizeof(ringprobe_page_total));
	memset(world.rights, READABLE | WRITABLE, sizeof(world.rights));
	world.caller_rawio = world.listens = true;
	jiffies = 1000;
	ringprobe_event_quiet = 0;
	world.owner_first = 0x80;
	world.owner_last = 0x8f;
	memset(context, 0, sizeof(*context));
	*file = (struct file){ .f_mode = FMODE_READ | FMODE_WRITE, .private_data = context,
			       .opener_rawio = true };
	context->opener_rawio = ringprobe_access_opener(file);
}

void world_forget(void)
{
	memset(world.number, 0, sizeof(world.number));
	world.events = world.touches = world.looks = world.allocations = world.clamped = 0;
	world.notices = world.areas = world.sought = world.told = 0;
}

void world_close(struct ringprobe_context *context)
{
	kfree(context->ops);
	context->ops = NULL;
	CHECK(!world.preempt && !world.pagefault && !world.open, "something is left off");
}
