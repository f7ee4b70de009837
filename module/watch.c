// SPDX-License-Identifier: GPL-2.0
/*
 * Watches, each with tables of its own for each CPU, and the sums over them. A cell
 * is written by its CPU while it is read here: each figure is whole, since it is one
 * aligned word, and those of a sum are of slightly different moments.
 */
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/pid_namespace.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <asm/tsc.h>

#include "compat.h"
#include "watch.h"

static LIST_HEAD(watches);
static u32 last_id;

/* Whoever asks is told by ENOMEM: the log need not be. */
void *ringprobe_watch_allocate(size_t bytes)
{
	return __vmalloc(bytes, GFP_KERNEL_ACCOUNT | __GFP_ZERO | __GFP_NOWARN);
}

void ringprobe_watch_free(struct ringprobe_watch *watch)
{
	int cpu;

	if (watch->table)
		for_each_possible_cpu(cpu)
			vfree(*per_cpu_ptr(watch->table, cpu));
	free_percpu(watch->table);
	put_pid_ns(watch->ns);
	vfree(watch->base);
	vfree(watch->task);
	kfree(watch);
}

static void set_up(struct ringprobe_watch_table *table)
{
	u32 row;

	for (row = 0; row < RINGPROBE_WATCH_ROWS; row++) {
		table->cell[row].moves_bytes = ringprobe_watch_moves_bytes(row);
		table->cell[row].min = U64_MAX;
	}
}

static bool has_tables(struct ringprobe_watch *watch)
{
	int cpu;

	BUILD_BUG_ON(sizeof(struct ringprobe_watch_table) > SZ_512K);
	watch->table = alloc_percpu(struct ringprobe_watch_table *);
	if (!watch->table)
		return false;
	for_each_possible_cpu(cpu) {
		struct ringprobe_watch_table *table = ringprobe_watch_allocate(sizeof(*table));

		*per_cpu_ptr(watch->table, cpu) = table;
		if (!table)
			return false;
		set_up(table);
	}
	return true;
}

struct ringprobe_watch *ringprobe_watch_new(u32 owner, u32 flags)
{
	struct ringprobe_watch *watch;
	int err = -ENOMEM;

	watch = kzalloc(sizeof(*watch), GFP_KERNEL_ACCOUNT);
	if (!watch)
		return ERR_PTR(-ENOMEM);
	watch->owner = owner;
	watch->flags = flags;
	watch->began = rdtsc();
	watch->ns = get_pid_ns(task_active_pid_ns(current));
	if (has_tables(watch))
		err = ringprobe_watch_probe_begin(watch);
	if (err) {
		ringprobe_watch_free(watch);
		return ERR_PTR(err);
	}
	do {
		watch->id = ++last_id;
	} while (!watch->id || ringprobe_watch_find(owner, watch->id));
	list_add(&watch->list, &watches);
	return watch;
}

void ringprobe_watch_end(struct ringprobe_watch *watch, struct list_head *ended)
{
	list_move_tail(&watch->list, ended);
	ringprobe_watch_probe_end(ended);
}

void ringprobe_watch_end_all(u32 owner, struct list_head *ended)
{
	struct ringprobe_watch *watch, *next;

	list_for_each_entry_safe(watch, next, &watches, list)
		if (watch->owner == owner)
			list_move_tail(&watch->list, ended);
	if (!list_empty(ended))
		ringprobe_watch_probe_end(ended);
}

struct ringprobe_watch *ringprobe_watch_find(u32 owner, u32 id)
{
	struct ringprobe_watch *watch;

	list_for_each_entry(watch, &watches, list)
		if (watch->owner == owner && watch->id == id)
			return watch;
	return NULL;
}

static void add(struct ringprobe_watch_cell *sum, const struct ringprobe_watch_cell *cell)
{
	int i;

	sum->count += READ_ONCE(cell->count);
	sum->errors += READ_ONCE(cell->errors);
	sum->bytes += READ_ONCE(cell->bytes);
	sum->wall += READ_ONCE(cell->wall);
	sum->away += READ_ONCE(cell->away);
	sum->min = min(sum->min, READ_ONCE(cell->min));
	sum->max = max(sum->max, READ_ONCE(cell->max));
	for (i = 0; i < RINGPROBE_WATCH_BUCKETS; i++)
		sum->bucket[i] += READ_ONCE(cell->bucket[i]);
}

/* All but the extremes, which are of the whole time. */
static void take_off(struct ringprobe_watch_cell *sum, const struct ringprobe_watch_cell *base)
{
	int i;

	sum->count -= base->count;
	sum->errors -= base->errors;
	sum->bytes -= base->bytes;
	sum->wall -= base->wall;
	sum->away -= base->away;
	for (i = 0; i < RINGPROBE_WATCH_BUCKETS; i++)
		sum->bucket[i] -= base->bucket[i];
}

static void sum_of(const struct ringprobe_watch *watch, u32 row, struct ringprobe_watch_cell *sum)
{
	int cpu;

	memset(sum, 0, sizeof(*sum));
	sum->min = U64_MAX;
	for_each_possible_cpu(cpu)
		add(sum, &(*per_cpu_ptr(watch->table, cpu))->cell[row]);
}

bool ringprobe_watch_sum(const struct ringprobe_watch *watch, u32 row,
			 struct ringprobe_watch_cell *sum, u64 *returned)
{
	int i;

	sum_of(watch, row, sum);
	if (watch->base)
		take_off(sum, &watch->base->cell[row]);
	*returned = 0;
	for (i = 0; i < RINGPROBE_WATCH_BUCKETS; i++)
		*returned += sum->bucket[i];
	if (!*returned)
		sum->min = 0;
	return sum->count || *returned;
}

/* The word of each table that lies at @offset, less what is taken off. */
static u64 sum_word(const struct ringprobe_watch *watch, size_t offset)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(*(u64 *)((void *)*per_cpu_ptr(watch->table, cpu) + offset));
	return watch->base ? sum - *(u64 *)((void *)watch->base + offset) : sum;
}

u64 ringprobe_watch_fault(const struct ringprobe_watch *watch, u32 kind)
{
	return sum_word(watch, offsetof(struct ringprobe_watch_table, fault[kind]));
}

u64 ringprobe_watch_signal(const struct ringprobe_watch *watch, u32 number)
{
	return sum_word(watch, offsetof(struct ringprobe_watch_table, signal[number]));
}

static u64 cpu_count(const struct ringprobe_watch_table *table)
{
	u64 sum = 0;
	u32 row;

	for (row = 0; row < RINGPROBE_WATCH_ROWS; row++)
		sum += READ_ONCE(table->cell[row].count);
	return sum;
}

bool ringprobe_watch_cpu(const struct ringprobe_watch *watch, u32 cpu, u64 *count, u64 *cpu_ticks)
{
	const struct ringprobe_watch_table *table;

	if (!cpu_possible(cpu))
		return false;
	table = *per_cpu_ptr(watch->table, cpu);
	*count = cpu_count(table) - table->base_count;
	*cpu_ticks = READ_ONCE(table->cpu_ticks) - table->base_cpu_ticks;
	return *count || *cpu_ticks;
}

static void reset_cpus(struct ringprobe_watch *watch)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		struct ringprobe_watch_table *table = *per_cpu_ptr(watch->table, cpu);

		table->base_count = cpu_count(table);
		table->base_cpu_ticks = READ_ONCE(table->cpu_ticks);
	}
}

/* All that is counted is in the table's words. */
int ringprobe_watch_reset(struct ringprobe_watch *watch)
{
	struct ringprobe_watch_table *base = ringprobe_watch_allocate(sizeof(*base));
	size_t offset;
	u32 row;

	if (!base)
		return -ENOMEM;
	ringprobe_watch_settle(watch);
	vfree(watch->base);
	watch->base = NULL;
	for (offset = sizeof(base->cell);
	     offset < offsetof(struct ringprobe_watch_table, base_count); offset += sizeof(u64))
		*(u64 *)((void *)base + offset) = sum_word(watch, offset);
	for (row = 0; row < RINGPROBE_WATCH_ROWS; row++)
		sum_of(watch, row, &base->cell[row]);
	ringprobe_watch_reset_tasks(watch);
	reset_cpus(watch);
	watch->base = base;
	watch->began = rdtsc();
	watch->generation++;
	return 0;
}

void ringprobe_watch_total(struct ringprobe_watch *watch, struct ringprobe_watch_total *total)
{
	ringprobe_watch_settle(watch);
	ringprobe_watch_numbers(watch, total);
	total->now = rdtsc() - watch->began;
	total->cpu_ticks = sum_word(watch, offsetof(struct ringprobe_watch_table, cpu_ticks));
}
