// SPDX-License-Identifier: GPL-2.0
/* Prints the script with which a shell completes this command's lines. */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "complete.h"
#include "main.h"
#include "out.h"

const struct main_help completion_help = {
	NULL,
	"Prints a script with which bash or zsh completes commands, options and their\n"
	"values when Tab is pressed. It is made from the table that options are parsed\n"
	"by. \"make install\" puts both in place; to have it in this shell only:\n"
	"  source <(ringprobe completion bash)\n"
	"bash does not need the package bash-completion for it; zsh needs compinit.\n",
	"  ringprobe completion bash > ~/.ringprobe    and source that in ~/.bashrc\n"
	"  ringprobe completion zsh > _ringprobe       in a directory of zsh's $fpath\n",
};

/* Text goes line by line, since the output layer bounds what it takes at once. */
static void show(const char *shell, const char *script)
{
	out_str("shell", NULL, shell);
	out_str("script", NULL, script);
	while (*script) {
		int length = (int)strcspn(script, "\n");

		out_line("%.*s", length, script);
		script += length + 1;
	}
}

int cmd_completion(int argc, char **argv)
{
	char *script = NULL;
	size_t size;
	bool whole;
	FILE *to;

	if (main_getopt(argc, argv) != -1 || !main_first(argv[optind]))
		return EXIT_USAGE;
	if (argc - optind > 1)
		return main_usage("one argument too many: \"%s\"", argv[optind + 1]);
	to = open_memstream(&script, &size);
	if (to)
		(strcmp(argv[optind], "zsh") ? complete_bash : complete_zsh)(to);
	whole = to && !ferror(to);
	if (to && fclose(to))
		whole = false;
	/* fclose() can succeed and yet leave no memory */
	if (!whole || !script) {
		out_error("no memory for the script: %s", strerror(errno));
		free(script);
		return EXIT_FAILED;
	}
	show(argv[optind], script);
	free(script);
	return EXIT_PROVEN;
}
