// SPDX-License-Identifier: GPL-2.0
/*
 * ringprobe: the boundary between user mode and kernel mode, made visible.
 * Here: loading and unloading, and the device node. Exit is init backwards.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/slab.h>

#include <ringprobe_version.h>
#include "compat.h"
#include "ringprobe.h"

static ushort mode = 0600;
module_param(mode, ushort, 0444);
MODULE_PARM_DESC(mode, "Permissions of the node, octal with a leading 0 (default 0600)");

static int open(struct inode *inode, struct file *file)
{
	struct ringprobe_context *context = kzalloc(sizeof(*context), GFP_KERNEL_ACCOUNT);

	if (!context)
		return -ENOMEM;
	ringprobe_page_init(&context->counters);
	context->opener_rawio = ringprobe_access_opener(file);
	file->private_data = context;
	return 0;
}

static int release(struct inode *inode, struct file *file)
{
	struct ringprobe_context *context = file->private_data;

	ringprobe_fault_exit(context);
	ringprobe_page_exit(&context->counters);
	kfree(context->ops);
	kfree(context);
	return 0;
}

static const struct file_operations fops = {
	.owner = THIS_MODULE,
	.open = open,
	.release = release,
	.llseek = ringprobe_stamp_llseek,
	.unlocked_ioctl = ringprobe_ops_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.mmap = ringprobe_page_mmap,
	.uring_cmd = ringprobe_uring_cmd,
};

static struct miscdevice device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "ringprobe",
	.fops = &fops,
};

/* The permissions that the node was created with. */
u32 ringprobe_mode(void)
{
	return mode;
}

static int __init ringprobe_init(void)
{
	int err;

	/* 0 would mean the default to devtmpfs, not "no permission". */
	if (!mode || mode & ~0666) {
		pr_err("mode=%#o: not a permission, or more than 0666\n", mode);
		return -EINVAL;
	}
	device.mode = mode;

	ringprobe_fault_init();
	ringprobe_page_init(&ringprobe_page_total);
	err = ringprobe_allow_init();
	if (err)
		return err;
	ringprobe_return_init();

	err = ringprobe_netlink_init();
	if (err)
		goto err_release_ports;

	err = misc_register(&device);
	if (err)
		goto err_leave_netlink;

	pr_info("%s, /dev/ringprobe mode %#o, %u port ranges allowed\n",
		RINGPROBE_VERSION, mode, ringprobe_allow_count());
	return 0;

err_leave_netlink:
	ringprobe_netlink_exit();
err_release_ports:
	ringprobe_return_exit();
	ringprobe_allow_exit();
	return err;
}

static void __exit ringprobe_exit(void)
{
	misc_deregister(&device);
	ringprobe_netlink_exit();
	ringprobe_return_exit();
	ringprobe_allow_exit();
	ringprobe_page_exit(&ringprobe_page_total);
}

module_init(ringprobe_init);
module_exit(ringprobe_exit);

MODULE_AUTHOR("The ringprobe authors");
MODULE_DESCRIPTION("Shows, proves and measures the user mode / kernel mode boundary");
MODULE_VERSION(RINGPROBE_VERSION);
MODULE_LICENSE("GPL");
