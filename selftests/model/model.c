// SPDX-License-Identifier: GPL-2.0
/* A module that is loaded, and calls of it; see model.h. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "model.h"

extern const struct parameter parameter_ports, parameter_unsafe_ports;

struct file file;
struct ringprobe_context context;
static __u64 remembered[USER_WORDS];

#define OPERATION(name, type, sleeps, ports) \
	{ #name, RINGPROBE_IOC_##name, sizeof(struct ringprobe_##type), sleeps, ports }

const struct operation_case operations[] = {
	OPERATION(INFO, info, false, false),
	OPERATION(CPL, cpl, false, false),
	OPERATION(STAMP, stamp, false, false),
	OPERATION(PORT_IN, port, false, true),
	OPERATION(PORT_OUT, port, false, true),
	OPERATION(INSN, insn, true, false),
	OPERATION(FAULT_ARM, fault_arm, true, false),
	OPERATION(FAULT_READ, fault_read, true, false),
	OPERATION(PORT_BATCH_IN, batch, true, true),
	OPERATION(PORT_BATCH, batch, true, true),
	{ }
};

struct asker asker_of(__u32 bits)
{
	return (struct asker){
		.read = bits & 1, .write = bits & 2, .opener = bits & 4, .caller = bits & 8,
		.locked_down = bits & 16,
	};
}

bool in_child(void (*test)(const void *arg), const void *arg)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		test(arg);
		exit(0);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && !status;
}

int load_text(const char *ports, const char *unsafe_ports)
{
	*parameter_ports.value = (char *)ports;
	*parameter_unsafe_ports.value = (char *)unsafe_ports;
	return ringprobe_allow_init();
}

/* As a parameter is written; NULL: no range, no parameter. */
static char *text_of(const struct range *list)
{
	char *text = NULL;
	size_t size;
	FILE *out;

	if (!list->last)
		return NULL;
	out = open_memstream(&text, &size);
	for (; list->last; list++) {
		fprintf(out, "%#x", list->first);
		if (list->first != list->last)
			fprintf(out, "-%#x", list->last);
		if (list[1].last)
			fputc(',', out);
	}
	fclose(out);
	return text;
}

int load(const struct setting *setting)
{
	char *ports = text_of(setting->ports), *unsafe = text_of(setting->unsafe);
	int err;

	acpi_gbl_FADT = setting->fadt;
	world_reset(&file, &context);
	err = load_text(ports, unsafe);
	free(ports);
	free(unsafe);
	return err;
}

void open_as(const struct asker *asker)
{
	file.f_mode = (asker->read ? FMODE_READ : 0) | (asker->write ? FMODE_WRITE : 0);
	file.opener_rawio = asker->opener;
	context.opener_rawio = ringprobe_access_opener(&file);
	world.caller_rawio = asker->caller;
	world.locked_down = asker->locked_down;
}

int call(enum door door, unsigned int number, const void *argument)
{
	int err;

	world_forget();
	err = door == IOCTL ? ringprobe_ops_ioctl(&file, number, (unsigned long)argument) :
			      ringprobe_ops_uring(&file, number, (void *)argument, true);
	CHECK(!world.open && !world.preempt && !world.pagefault, "something is left off");
	heard(number, argument, -err);
	return err;
}

struct ringprobe_port *port_argument(__u32 port, __u32 width, __u32 value)
{
	struct ringprobe_port *access = (void *)user(ARGUMENT);

	*access = (struct ringprobe_port){
		.size = sizeof(*access), .port = port, .width = width, .value = value,
		.ticks = 0xcccccccccccccccc,
	};
	return access;
}

struct ringprobe_info *info_argument(__u32 port, __u32 width)
{
	struct ringprobe_info *info = (void *)user(ARGUMENT);

	memset(info, 0xcc, sizeof(*info));
	info->size = sizeof(*info);
	info->flags = width ? RINGPROBE_INFO_F_PORT : 0;
	info->port = port;
	info->width = width;
	return info;
}

struct ringprobe_op *op(__u32 n)
{
	return (void *)user(OPS + n);
}

struct ringprobe_batch *batch_argument(__u32 count, bool stamps)
{
	struct ringprobe_batch *batch = (void *)user(ARGUMENT);

	*batch = (struct ringprobe_batch){
		.size = sizeof(*batch), .count = count, .completed = 0xcccccccc,
		.ops = (__u64)user(OPS), .stamps = stamps ? (__u64)user(STAMPS) : 0,
	};
	return batch;
}

void good_argument(const struct operation_case *operation)
{
	const struct ringprobe_op in = { .port = 0x80, .access = 1, .value = 0xcccccccc };
	const struct ringprobe_op out = {
		.port = 0x80, .access = 1 | RINGPROBE_OP_OUT, .value = 7,
	};

	memset(user(ARGUMENT), 0, RINGPROBE_ARG_MAX + 64);
	switch (operation->number) {
	case RINGPROBE_IOC_PORT_IN:
		port_argument(0x80, 1, 0xcccccccc);
		break;
	case RINGPROBE_IOC_PORT_OUT:
		port_argument(0x80, 1, 7);
		break;
	case RINGPROBE_IOC_PORT_BATCH_IN:
	case RINGPROBE_IOC_PORT_BATCH:
		batch_argument(2, true);
		*op(0) = in;
		*op(1) = operation->number == RINGPROBE_IOC_PORT_BATCH ? out : in;
		break;
	case RINGPROBE_IOC_INFO:
		info_argument(0, 0);
		break;
	default:
		memset(user(ARGUMENT), 0xcc, operation->size);
		memcpy(user(ARGUMENT), (__u32[]){ operation->size, 0 }, 8);
	}
}

void remember(void)
{
	memcpy(remembered, world.memory, sizeof(remembered));
}

bool unchanged(__u32 first, __u32 words)
{
	return !memcmp(remembered + first, world.memory + first, words * sizeof(*remembered));
}

void each_call(void (*visit)(enum door door, const struct operation_case *operation,
			     const struct asker *asker))
{
	const struct operation_case *operation;
	struct asker asker;
	int door;
	__u32 i;

	CHECK(!load(&settings[1]), "%s", world.message);
	for (operation = operations; operation->name; operation++)
		for (i = 0; i < ASKERS; i++) {
			asker = asker_of(i);
			open_as(&asker);
			for (door = 0; door < DOORS; door++)
				visit(door, operation, &asker);
		}
	world_close(&context);
}
