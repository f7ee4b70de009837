// SPDX-License-Identifier: GPL-2.0
/* One port access, in both rings: the arguments, strictly. */
#include <getopt.h>
#include <string.h>

#include "main.h"
#include "out.h"
#include "parse.h"
#include "show.h"

static const struct main_option options[] = {
	{ 'w', "width", "BITS", "8|16|32", "bits of the access (8)" },
	{ 'r', "ring", "RING", "3|0|both", "rings that run it (both)" },
	{ .name = NULL },
};

const struct main_help port_help = {
	options,
	"Runs one IN or OUT. First the bare instruction in ring 3, in a child process\n"
	"without capabilities that gives up inherited port rights: the CPU is expected\n"
	"to refuse. Then the same instruction in ring 0, in the module, which checks\n"
	"you and the port.\n"
	"\n"
	"The order is PORT VALUE. Linux's outb() takes (value, port): there, the\n"
	"textbook line outb(0x60, 0x00) would write 0x60 to port 0, the DMA\n"
	"controller. What it means is: ringprobe port out 0x60 0x00\n"
	"\n"
	"Exit status: 0 refused in ring 3 and done in ring 0; 1 ring 0 refused, or\n"
	"ring 3 was not stopped; 4 no module, or no privilege to use it.\n",
	"  ringprobe port out 0x80 0x42       POST diagnostics: needs no parameter\n"
	"  ringprobe port in 0x80 --ring 3    without the module\n"
	"  ringprobe port in 0xe0 -w 32       after: insmod ringprobe.ko ports=0xe0-0xe3\n",
};

struct request {
	struct show_access access;
	bool ring3, ring0;
};

static int parse_options(int argc, char **argv, struct request *request)
{
	int letter;
	__u64 bits = 0;

	while ((letter = main_getopt(argc, argv)) != -1) {
		if (letter == '?')
			return EXIT_USAGE;
		if (letter == 'w') {
			parse_number(optarg, 8, 32, &bits);
			request->access.width_bytes = (__u32)bits / 8;
			continue;
		}
		request->ring3 = strcmp(optarg, "0") != 0;
		request->ring0 = strcmp(optarg, "3") != 0;
	}
	return EXIT_PROVEN;
}

static int parse_value(int n, char **words, struct show_access *access)
{
	__u64 value, most = access->width_bytes == 4 ? 0xffffffff : (1U << 8 * access->width_bytes) - 1;

	if (access->out && n < 3)
		return main_usage("port out needs a VALUE: ringprobe port out %s VALUE", words[1]);
	if (n > (access->out ? 3 : 2))
		return main_usage("one argument too many: \"%s\"", words[access->out ? 3 : 2]);
	if (!access->out)
		return EXIT_PROVEN;
	if (parse_number(words[2], 0, ~0ULL, &value) && value > most)
		return main_usage("VALUE: %s does not fit %u bits; the most is %#llx (--width)", words[2],
				  8 * access->width_bytes, (unsigned long long)most);
	if (!parse_argument("VALUE", words[2], 0, most, &value))
		return EXIT_USAGE;
	access->value = (__u32)value;
	return EXIT_PROVEN;
}

static int parse_words(int n, char **words, struct show_access *access)
{
	__u64 port;

	if (!main_first(words[0]))
		return EXIT_USAGE;
	access->out = !strcmp(words[0], "out");
	if (n < 2)
		return main_usage("port %s needs a PORT, 0 to 0xffff", words[0]);
	if (!parse_argument("PORT", words[1], 0, 0xffff, &port))
		return EXIT_USAGE;
	access->port = (__u32)port;
	if (port % access->width_bytes)
		return main_usage("PORT: %s is not a multiple of %u, as %u bits need it", words[1],
				  access->width_bytes, 8 * access->width_bytes);
	return parse_value(n, words, access);
}

int cmd_port(int argc, char **argv)
{
	struct request request = { .access.width_bytes = 1, .ring3 = true, .ring0 = true };
	int status = parse_options(argc, argv, &request);

	if (!status)
		status = parse_words(argc - optind, argv + optind, &request.access);
	if (status)
		return status;
	if (request.ring3)
		status = show_ring3(&request.access);
	if (status != EXIT_FAILED && request.ring0)
		status = show_worse(status, show_ring0(&request.access));
	return status;
}
