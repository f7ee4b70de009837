/* SPDX-License-Identifier: GPL-2.0 */
/* Of the steps that only some machines or threads take: which are taken here. */
#ifndef PATH_LIVE_H
#define PATH_LIVE_H

#include "path.h"

enum path_part {
	PATH_ALWAYS,		/* no question: every call takes this step */
	PATH_PTI, PATH_IBRS, PATH_UNTRAIN, PATH_BHB, PATH_VERW, PATH_IBPB,
	PATH_KSTACK, PATH_SECCOMP, PATH_PTRACE, PATH_TRACING, PATH_AUDIT,
	PATH_PARTS
};

enum path_answer { PATH_LIVE, PATH_NOT_HERE, PATH_CANNOT_TELL };

struct path_live {
	const char *key, *name;
	enum path_answer answer;
	char how[160];		/* how it is known */
};

/* @armed: this measurement had the module's probe at sys_enter. */
void path_live(enum path_part part, bool armed, struct path_live *live);

#endif
