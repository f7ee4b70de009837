// SPDX-License-Identifier: GPL-2.0
/*
 * Counters, and the pages on which they can be read without a crossing. A count is
 * one atomic step; once a page was mapped it is also copied there, under the page's
 * lock, so that a reader's loop sees all of it or none. Readers hold up nobody: they
 * have no lock. Nor are they held up: nobody takes the CPU from a writer under that, not
 * on a real-time kernel either. A page lives as long as its descriptor, or the module.
 */
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>

#include "compat.h"
#include "ringprobe.h"

struct ringprobe_counters ringprobe_page_total;
atomic_t ringprobe_page_mapped = ATOMIC_INIT(0);	/* pages that are kept up to date */

static DEFINE_MUTEX(mapping);	/* makes a page, once */

static void publish(struct ringprobe_counters *counters)
{
	struct ringprobe_page *page;

	page = smp_load_acquire(&counters->page);	/* pairs with make(): its content, too */
	if (!page)
		return;
	raw_spin_lock(&counters->lock);
	WRITE_ONCE(page->sequence, page->sequence + 1);
	smp_wmb();	/* odd before the counters change */
	WRITE_ONCE(page->in, atomic64_read(&counters->count[RINGPROBE_COUNT_IN]));
	WRITE_ONCE(page->out, atomic64_read(&counters->count[RINGPROBE_COUNT_OUT]));
	WRITE_ONCE(page->refused, atomic64_read(&counters->count[RINGPROBE_COUNT_REFUSED]));
	smp_wmb();	/* and even after they have */
	WRITE_ONCE(page->sequence, page->sequence + 1);
	raw_spin_unlock(&counters->lock);
}

void ringprobe_page_publish(struct ringprobe_context *context)
{
	publish(&context->counters);
	publish(&ringprobe_page_total);
}

void ringprobe_page_init(struct ringprobe_counters *counters)
{
	raw_spin_lock_init(&counters->lock);
}

/* No mapping is left, for it keeps the file; a page pinned by get_user_pages() may be. */
void ringprobe_page_exit(struct ringprobe_counters *counters)
{
	if (!counters->page)
		return;
	free_page((unsigned long)counters->page);
	atomic_dec(&ringprobe_page_mapped);
}

static int make(struct ringprobe_counters *counters, u32 offset)
{
	struct ringprobe_page *page = (void *)get_zeroed_page(GFP_KERNEL_ACCOUNT);

	if (!page)
		return -ENOMEM;
	page->version = RINGPROBE_PAGE_VERSION;
	page->size = sizeof(*page);
	page->offset = offset;
	page->features = ringprobe_info_features();
	page->tsc_khz = tsc_khz;
	smp_store_release(&counters->page, page);	/* pairs with publish() */
	atomic_inc(&ringprobe_page_mapped);
	smp_mb__after_atomic();	/* pairs with ringprobe_page_count(): it publishes, or map() */
	return 0;
}

static int map(struct vm_area_struct *vma, struct ringprobe_counters *counters)
{
	int err = 0;

	mutex_lock(&mapping);
	if (!counters->page)
		err = make(counters, vma->vm_pgoff);
	mutex_unlock(&mapping);
	if (err)
		return err;
	publish(counters);
	return vm_insert_page(vma, vma->vm_start, virt_to_page(counters->page));
}

int ringprobe_page_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct ringprobe_context *context = file->private_data;

	if (vma->vm_end - vma->vm_start != PAGE_SIZE || vma->vm_pgoff > RINGPROBE_PAGE_OF_MODULE ||
	    !(vma->vm_flags & VM_MAYSHARE))	/* VM_SHARED is of writers alone */
		return -EINVAL;
	if (vma->vm_flags & (VM_WRITE | VM_EXEC))
		return -EPERM;
	if (vma->vm_pgoff == RINGPROBE_PAGE_OF_MODULE && !context->opener_rawio)
		return -EPERM;
	/* or mprotect() would open it again */
	vm_flags_clear(vma, VM_MAYWRITE | VM_MAYEXEC);
	vm_flags_set(vma, VM_DONTEXPAND | VM_DONTDUMP);
	return map(vma, vma->vm_pgoff ? &ringprobe_page_total : &context->counters);
}
