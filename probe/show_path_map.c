// SPDX-License-Identifier: GPL-2.0
/* The steps of each leg, from the kernel's source, and which of them are taken here. */
#include "show_path.h"

#include "env.h"
#include "out.h"
#include "path_map.h"

enum { MARK = 2, WHAT = 4, WHERE = 43, ANSWER = 24, HOW = 36 };

static const char marks[] = { [PATH_LIVE] = '+', [PATH_NOT_HERE] = '-', [PATH_CANNOT_TELL] = '?' };

static const char *answer_name(enum path_answer answer)
{
	return answer == PATH_LIVE ? "live" : answer == PATH_NOT_HERE ? "not here" : "cannot tell";
}

/* @live: by enum path_part */
static void show_step(const struct path_step *step, enum path_line line,
		      const struct path_live *live)
{
	live += step->part;
	out_row("step");
	out_uint("leg", NULL, step->leg);
	out_to(MARK);
	if (step->part != PATH_ALWAYS)
		out_text("%c", marks[live->answer]);
	out_str("part", NULL, live->key);
	out_str("live", NULL, live->key ? answer_name(live->answer) : NULL);
	out_to(WHAT);
	out_str("what", "%s", step->what);
	out_say("where", WHERE, "%s", path_step_where(step, line));
	out_row_end();
}

static void show_leg(const struct path *path, enum path_point leg, const char *title,
		     enum path_line line, const struct path_live *live)
{
	const enum path_door door = path->fd < 0 ? PATH_BY_GETPPID :
				    path->via == MEASURE_IOCTL ? PATH_BY_IOCTL : PATH_BY_LSEEK;
	bool begun = false;

	for (const struct path_step *step = path_steps; step->what; step++) {
		if (step->leg != leg || (step->door != PATH_ANY && step->door != door) ||
		    !*path_step_where(step, line))
			continue;
		if (!begun) {
			out_role(OUT_STRONG);
			out_line("  %s", title);
		}
		begun = true;
		show_step(step, line, live);
	}
}

static void show_live(const struct path_live *live)
{
	out_line("\n  %s", "Where there is a mark: + taken here, - not here, ? cannot tell");
	for (enum path_part part = PATH_ALWAYS + 1; part < PATH_PARTS; part++) {
		out_row(live[part].key);
		out_to(MARK);
		out_text("%s", live[part].name);
		out_to(ANSWER);
		out_str("answer", "%s", answer_name(live[part].answer));
		out_say("how", HOW, "%s", live[part].how);
		out_row_end();
	}
}

void show_path_map(const struct path *path)
{
	struct path_live live[PATH_PARTS];
	bool exact;
	enum path_line line = path_line(env_get()->kernel, &exact);

	for (enum path_part part = PATH_ALWAYS; part < PATH_PARTS; part++)
		path_live(part, path->armed.n, &live[part]);
	out_str("map", NULL, path_line_name(line));
	out_bool("map_exact", exact);
	out_line("%s", "");
	out_role(OUT_STRONG);
	out_say(NULL, 0, "The steps of each leg, by the source of Linux %s; this is %s%s",
		path_line_name(line), env_get()->kernel,
		exact ? "" : ", where functions may have moved");
	show_leg(path, PATH_USER, "SYSCALL, asm entry, C entry (no hook between them)", line, live);
	show_leg(path, PATH_CALLED, "dispatch", line, live);
	show_leg(path, PATH_HANDLER, "handler", line, live);
	show_leg(path, PATH_HANDLED, "C exit work", line, live);
	show_leg(path, PATH_RETURNED, "the last of C, asm exit, SYSRET", line, live);
	show_live(live);
}
