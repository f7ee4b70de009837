// SPDX-License-Identifier: GPL-2.0
/* Every gate on the way to a port, the answer, how it was found, the next step. */
#include <getopt.h>

#include "gate.h"
#include "main.h"
#include "out.h"
#include "parse.h"
#include "show.h"

enum { QUESTION = 2, ANSWER = 29, HOW = 42 };

static const struct main_option options[] = {
	{ 'w', "width", "BITS", "8|16|32", "bits of the access to PORT (8)" },
	{ .name = NULL },
};

const struct main_help why_help = {
	options,
	"Prints the chain of gates between you and an I/O port, in the order in which\n"
	"they are met, each with yes (it lets you pass), no, or \"cannot tell\" from\n"
	"here; how that was found; and the one next step. With PORT, also who owns the\n"
	"port and which list it is on. Where the module is loaded its own check is\n"
	"asked. No port is touched.\n"
	"\n"
	"Exit status: 0 all say yes; 1 a gate says no; 4 no module, or it cannot be\n"
	"told.\n",
	"  ringprobe why            can I use the module at all?\n"
	"  ringprobe why 0x60       the keyboard controller\n",
};

static void show_gate(const struct gate *gate)
{
	out_row(gate->name);
	out_to(QUESTION);
	out_str("question", "%s", gate->question);
	out_to(ANSWER);
	out_role(gate->answer == GATE_YES ? OUT_GOOD : gate->answer == GATE_NO ? OUT_BAD : OUT_PLAIN);
	out_str("answer", "%s", gate_word(gate->answer));
	out_say("how", HOW, "%s", gate->how);
	out_str("next", NULL, *gate->next ? gate->next : NULL);
	if (out_is_wide() && *gate->next)
		out_say(NULL, HOW, "next: %s", gate->next);
	out_row_end();
}

int show_gates(__u32 port, __u32 width_bytes)
{
	struct gate_chain chain;

	gate_ask(&chain, port, width_bytes);
	for (unsigned int i = 0; i < chain.n; i++)
		show_gate(&chain.gate[i]);
	out_line("%s", "");
	if (chain.first_no) {
		out_role(OUT_STRONG);
		out_next(2, chain.first_no->next);
		return chain.loaded ? EXIT_FAILED : EXIT_PARTIAL;
	}
	if (!chain.unknown)
		out_say("result", 2, "Every gate lets you pass.");
	else
		out_say("result", 2, "No gate says no; some cannot be seen from here.");
	return chain.unknown ? EXIT_PARTIAL : EXIT_PROVEN;
}

int cmd_why(int argc, char **argv)
{
	__u64 port = GATE_NO_PORT, bits = 0;
	int letter;

	while ((letter = main_getopt(argc, argv)) != -1) {
		if (letter == '?')
			return EXIT_USAGE;
		parse_number(optarg, 8, 32, &bits);
	}
	if (argc - optind > 1)
		return main_usage("one argument too many: \"%s\"", argv[optind + 1]);
	if (optind < argc && !parse_argument("PORT", argv[optind], 0, 0xffff, &port))
		return EXIT_USAGE;
	if (bits && port == GATE_NO_PORT)
		return main_usage("-w is the width of an access: it needs a PORT");
	bits = bits ? bits : 8;
	if (port != GATE_NO_PORT && port % (bits / 8))
		return main_usage("PORT: %s is not a multiple of %u, as %u bits need it", argv[optind],
				  (unsigned int)bits / 8, (unsigned int)bits);
	return show_gates((__u32)port, (__u32)bits / 8);
}
