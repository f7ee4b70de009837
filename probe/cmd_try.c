// SPDX-License-Identifier: GPL-2.0
/* What a user types, as text or as bytes: strictly, since it is going to run. */
#include <getopt.h>
#include <string.h>

#include "assemble.h"
#include "main.h"
#include "out.h"
#include "show_try.h"

static const struct main_option options[] = {
	{ 's', "syntax", "SYNTAX", "att|intel", "of INSTRUCTIONS and of what is shown (att)" },
	{ 'b', "bytes", "HEX", NULL, "these bytes instead: no assembler is needed" },
	{ .name = NULL },
};

const struct main_help try_help = {
	options,
	"Assembles INSTRUCTIONS, one argument with \";\" between them, and runs them once:\n"
	"in ring 3, never in ring 0, in a child process without any rights. Shows what\n"
	"they started with, what came of them, and what they changed. No system call\n"
	"gets through: one that is tried enters ring 0, and seccomp refuses it there. As\n"
	"root the child becomes nobody. What does not end is stopped after some seconds.\n"
	"\n"
	"GNU as (package binutils) is used, without a shell. Directives, labels,\n"
	"comments and strings are refused; \".\" is where an instruction begins: jmp .\n"
	"The runner's own memory begins at 0x20000000: what you write there, you fake.\n"
	"\n"
	"Exit status: 0 the CPU or the kernel gave an answer, whichever; 2 it is wrong,\n"
	"or does not assemble; 4 it could not be run: no assembler, or not safely.\n",
	"  ringprobe try 'mov $42, %eax; hlt'\n"
	"  ringprobe try -s intel 'mov eax, 39; syscall'\n"
	"  ringprobe try --bytes 'e6 80'\n",
};

struct request {
	bool intel, has_syntax;
	const char *bytes;
};

static bool parse_options(int argc, char **argv, struct request *request)
{
	int letter;

	while ((letter = main_getopt(argc, argv)) != -1) {
		if (letter == '?')
			return false;
		if (letter == 'b') {
			request->bytes = optarg;
			continue;
		}
		request->has_syntax = true;
		request->intel = !strcmp(optarg, "intel");
	}
	return true;
}

static int digit(char c)
{
	static const char digits[] = "0123456789abcdefABCDEF";
	const char *at = c ? strchr(digits, c) : NULL;

	if (!at)
		return -1;
	return at - digits < 16 ? (int)(at - digits) : (int)(at - digits) - 6;
}

static int parse_bytes(const char *text, struct assemble *out)
{
	out->size = 0;
	for (; *text; text++) {
		int high = digit(text[0]), low = high < 0 ? -1 : digit(text[1]);

		if (*text == ' ')
			continue;
		if (low < 0)
			return main_usage("--bytes: \"%.2s\" is not a byte: two hexadecimal digits "
					  "each, as in 'e6 80'", text);
		if (out->size == sizeof(out->code))
			return main_usage("--bytes: more than %d bytes", RUN_CODE_MAX);
		out->code[out->size++] = (__u8)(high << 4 | low);
		text++;
	}
	if (!out->size)
		return main_usage("--bytes: no byte is given: 'e6 80'");
	return EXIT_PROVEN;
}

/* Without a register's "%" it is hardly AT&T's. */
static const char *hint(const char *line, const struct request *request)
{
	return !request->intel && strchr(line, ',') && !strchr(line, '%') ?
	       "; if that is Intel's syntax: --syntax intel" : "";
}

static int parse_line(const char *line, const struct request *request, struct assemble *out)
{
	switch (assemble(line, request->intel, out)) {
	case ASSEMBLE_DONE:
		return EXIT_PROVEN;
	case ASSEMBLE_REFUSED:
		return main_usage("%s%s", out->said, hint(line, request));
	case ASSEMBLE_NO_TOOL:
		out_error("there is no assembler, as: install the package binutils, "
			  "or give the bytes: ringprobe try --bytes 'e6 80'");
		return EXIT_PARTIAL;
	default:
		out_error("%s: give the bytes: ringprobe try --bytes 'e6 80'", out->said);
		return EXIT_PARTIAL;
	}
}

static int parse(int n, char **words, const struct request *request, struct assemble *out)
{
	if (n > 1)
		return main_usage("one argument too many: \"%s\"; all instructions are one, in quotes",
				  words[1]);
	if (n && request->bytes)
		return main_usage("INSTRUCTIONS and --bytes: one of the two");
	if (request->bytes && request->has_syntax)
		return main_usage("--syntax is for INSTRUCTIONS, not for --bytes");
	if (request->bytes)
		return parse_bytes(request->bytes, out);
	if (!n)
		return main_usage("try needs INSTRUCTIONS or --bytes HEX");
	return parse_line(words[0], request, out);
}

int cmd_try(int argc, char **argv)
{
	static struct assemble assembled;
	struct request request = { 0 };
	struct show_try try = { .code = assembled.code, .warning = assembled.said };
	int status;

	if (!parse_options(argc, argv, &request))
		return EXIT_USAGE;
	status = parse(argc - optind, argv + optind, &request, &assembled);
	if (status)
		return status;
	try.size = assembled.size;
	try.intel = request.intel;
	return show_try(&try);
}
