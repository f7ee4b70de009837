// SPDX-License-Identifier: GPL-2.0
/*
 * The second door: the operations as io_uring commands, with the numbers of the
 * ioctls. The SQE is memory that the user can write meanwhile: each word of it is
 * read once. Who is asked for rights is the request's own credentials, which
 * io_uring has put in place, in a worker thread as well.
 */
#include <linux/uaccess.h>

#include "compat.h"
#include "ringprobe.h"

int ringprobe_uring_cmd(struct io_uring_cmd *cmd, unsigned int issue_flags)
{
	const struct ringprobe_uring *payload = compat_uring_payload(cmd);
	u64 argument = READ_ONCE(payload->argument), zero = READ_ONCE(payload->zero);

	if (issue_flags & IO_URING_F_IOPOLL)
		return -EOPNOTSUPP;
	if (issue_flags & IO_URING_F_SQE128 || cmd->flags & IORING_URING_CMD_MASK || zero)
		return -EINVAL;
	return ringprobe_ops_uring(cmd->file, cmd->cmd_op, u64_to_user_ptr(argument),
				   issue_flags & IO_URING_F_NONBLOCK);
}
