// SPDX-License-Identifier: GPL-2.0
/* The guided tour: shows the scenes at the speaker's pace. */
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <unistd.h>

#include "main.h"
#include "out.h"
#include "parse.h"
#include "scene.h"
#include "show.h"
#include "terminal.h"

enum { NO_PAUSE = 300, LIST };

static const struct main_option options[] = {
	{ NO_PAUSE, "no-pause", NULL, NULL, "all scenes in one go (also when not on a terminal)" },
	{ LIST, "list", NULL, NULL, "the titles only" },
	{ .name = NULL },
};

const struct main_help tour_help = {
	options,
	"Eight scenes, each a claim, its proof, made live on this machine, and what it\n"
	"means. Keys: Enter or space for the next scene, b for the one before, q to\n"
	"end. With N only that scene. Without the module scenes 2, 5, 8 and halves of 1,\n"
	"6 and 7 can be shown; the others say what they need.\n"
	"\n"
	"Exit status: 0 all that was shown held; 1 a proof did not hold; 4 a scene\n"
	"could not run here.\n",
	"  ringprobe tour           as root, with the module: all eight\n"
	"  ringprobe tour 5         a wild write to a kernel address\n",
};

static const char *verdict(int status)
{
	return status == EXIT_PROVEN ? "shown, live" :
	       status == EXIT_PARTIAL ? "not shown in full: see above what it needs" :
					"THE PROOF DID NOT HOLD";
}

static int play(unsigned int i)
{
	const struct scene *scene = &scenes[i];
	int status;

	out_row("scene");
	out_role(OUT_STRONG);
	out_uint("number", "%llu", i + 1);
	out_text("/%d  ", SCENES);
	out_role(OUT_STRONG);
	out_str("title", "%s", scene->title);
	out_text("\n");
	out_say("claim", 5, "%s", scene->claim);
	out_row_end();
	out_line("%s", "");
	status = scene->show();
	out_line("%s", "");
	out_row("verdict");
	out_uint("scene", NULL, i + 1);
	out_int("exit", NULL, status);
	out_role(status == EXIT_PROVEN ? OUT_GOOD : status == EXIT_FAILED ? OUT_BAD : OUT_PLAIN);
	out_str("verdict", "  %s", verdict(status));
	out_text("\n");
	if (status != EXIT_FAILED)
		out_say("so", 2, "%s", scene->so);
	out_row_end();
	return status;
}

/* One key, without waiting for Enter; the terminal is as before afterwards. */
static int key(void)
{
	unsigned char c = 'q';
	ssize_t n;

	terminal_raw(false);
	do
		n = read(STDIN_FILENO, &c, 1);
	while (n < 0 && errno == EINTR);
	terminal_restore();
	return n == 1 ? c : 'q';
}

/* The number of the scene to go to; SCENES: the end. */
static unsigned int ask(unsigned int i)
{
	enum { CTRL_C = 3, CTRL_D = 4, CTRL_Z = 26, ESCAPE = 27 };

	out_text("\n  Enter %s   b back   q quit ", i + 1 < SCENES ? "next" : "end ");
	out_flush();
	for (;;) {
		switch (key()) {
		case '\n':
		case '\r':
		case ' ':
		case 'n':
			out_text("\n");
			return i + 1;
		case 'b':
			out_text("\n");
			return i ? i - 1 : 0;
		case 'q':
		case CTRL_C:
		case CTRL_D:
			out_text("\n");
			return SCENES;
		}
	}
}

static int summary(const int status[SCENES], const bool played[SCENES])
{
	unsigned int count[5] = { 0 }, n = 0;
	int worst = EXIT_PROVEN;

	for (unsigned int i = 0; i < SCENES; i++) {
		if (!played[i])
			continue;
		n++;
		count[status[i]]++;
		worst = show_worse(worst, status[i]);
	}
	out_uint("scenes", "\n%llu scenes", n);
	out_uint("shown", ": %llu shown", count[EXIT_PROVEN]);
	out_uint("failed", ", %llu failed", count[EXIT_FAILED]);
	out_uint("partial", ", %llu could not be shown in full here\n", count[EXIT_PARTIAL]);
	return worst;
}

static int play_all(bool pause)
{
	bool played[SCENES] = { false };
	int status[SCENES] = { 0 };
	unsigned int i = 0;

	while (i < SCENES) {
		if (pause)
			out_clear();
		else if (i)
			out_line("%s", "");
		status[i] = play(i);
		played[i] = true;
		i = pause ? ask(i) : i + 1;
	}
	return summary(status, played);
}

static int list(void)
{
	for (unsigned int i = 0; i < SCENES; i++) {
		out_row("scene");
		out_uint("number", "  %llu", i + 1);
		out_str("title", "  %s", scenes[i].title);
		out_str("claim", NULL, scenes[i].claim);
		out_row_end();
	}
	return EXIT_PROVEN;
}

int cmd_tour(int argc, char **argv)
{
	bool pause = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && !out_is_json();
	bool only_list = false;
	__u64 n = 0;
	int letter;

	while ((letter = main_getopt(argc, argv)) != -1) {
		if (letter == '?')
			return EXIT_USAGE;
		if (letter == LIST)
			only_list = true;
		else
			pause = false;
	}
	if (argc - optind > 1)
		return main_usage("one argument too many: \"%s\"", argv[optind + 1]);
	if (optind < argc && !parse_argument("N", argv[optind], 1, SCENES, &n))
		return EXIT_USAGE;
	if (only_list && n)
		return main_usage("--list shows all titles: it goes with no N");
	if (only_list)
		return list();
	return n ? play((unsigned int)n - 1) : play_all(pause);
}
