// SPDX-License-Identifier: GPL-2.0
/* The same work with fewer crossings: the arguments, and what is said around the table. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "batch_file.h"
#include "batch_port.h"
#include "dev.h"
#include "env.h"
#include "main.h"
#include "measure.h"
#include "out.h"
#include "parse.h"
#include "priv.h"
#include "reach.h"
#include "show_batch.h"

#define PORT_N	256
#define FILE_N	65536

static const struct main_option options[] = {
	{ 'n', "number", "N", NULL, "accesses in a round (256), or bytes (65536)" },
	{ 'w', "width", "BITS", "8|16|32", "bits of each access to the port (8)" },
	{ .name = NULL },
};

const struct main_help batch_help = {
	options,
	"Does the same work by each way that there is, and counts what it costs to cross:\n"
	"  port  reads of one port (0x80), and on 0x80 writes and reads by turns: by\n"
	"        /dev/port, by the module, one call each or many in a call, by io_uring,\n"
	"        by a driver in a process of its own, and with no kernel between\n"
	"  file  the bytes of a file in memory: from read() of a byte to io_uring\n"
	"System calls are counted by the kernel, in a round that is not timed. Each round\n"
	"is checked: all ways must read the same. Each figure is the median of rounds.\n"
	"t(n) = a + b n is the line (Theil and Sen) through n = 1, 2, 4 ... 256: a is\n"
	"what a call costs, b what one more in it does. A port is accessed only if the\n"
	"module allows it, whatever the way; only 0x80 is written to.\n"
	"\n"
	"Exit status: 1 if a way read something else, or the port is refused; 4 if a way\n"
	"could not run here: no module, no rights.\n",
	"  ringprobe batch port                    port 0x80, 256 times\n"
	"  ringprobe batch port 0xe0 -w 32 -n 64   after: insmod ringprobe.ko ports=0xe0-0xe3\n"
	"  ringprobe batch file                    without the module, without root\n",
};

struct request {
	__u64 n, port;
	__u32 width_bytes;
	bool file, has_width;
};

static int parse_options(int argc, char **argv, struct request *request, const char **number)
{
	__u64 bits = 0;
	int letter;

	while ((letter = main_getopt(argc, argv)) != -1) {
		if (letter == '?')
			return EXIT_USAGE;
		if (letter == 'n') {
			*number = optarg;
			continue;
		}
		parse_number(optarg, 8, 32, &bits);
		request->width_bytes = (__u32)bits / 8;
		request->has_width = true;
	}
	return EXIT_PROVEN;
}

static int parse_port(const char *word, struct request *request)
{
	if (word && !parse_argument("PORT", word, 0, 0xffff, &request->port))
		return EXIT_USAGE;
	if (request->port % request->width_bytes)
		return main_usage("PORT: %s is not a multiple of %u, as %u bits need it",
				  word ? word : "0x80", request->width_bytes, 8 * request->width_bytes);
	return EXIT_PROVEN;
}

static int parse(int argc, char **argv, struct request *request)
{
	const char *number = NULL, *word;
	int words;

	if (parse_options(argc, argv, request, &number))
		return EXIT_USAGE;
	argv += optind;
	words = argc - optind;
	if (!main_first(words ? argv[0] : NULL))
		return EXIT_USAGE;
	request->file = !strcmp(argv[0], "file");
	word = words > 1 ? argv[1] : NULL;
	if (words > (request->file ? 1 : 2))
		return main_usage("one argument too many: \"%s\"", argv[request->file ? 1 : 2]);
	if (request->file && request->has_width)
		return main_usage("--width is for \"batch port\"; a file has bytes");
	request->n = request->file ? FILE_N : PORT_N;
	if (number && !parse_argument("-n", number, 1, request->file ? BATCH_FILE_MAX : BATCH_PORT_MAX,
				      &request->n))
		return EXIT_USAGE;
	return request->file ? EXIT_PROVEN : parse_port(word, request);
}

/* In which unit, and where: what belongs beside any figure. */
static void head(const char *what)
{
	const struct measure_clock *clock = measure_clock();

	out_role(OUT_STRONG);
	out_text("%s, in ", what);
	out_role(OUT_STRONG);
	if (clock->unit == MEASURE_INSN)
		out_line("insn: instructions, no time");
	else if (clock->unit == MEASURE_EMULATED)
		out_line("an emulator's ticks: compare rows only");
	else
		out_line("ticks of the TSC, %.3f MHz", (double)clock->tsc_khz / 1e3);
	env_out_stamp();
}

static int batch_file(const struct request *request)
{
	const struct show_batch words = { "byte", NULL, "blocks of 4 KiB", BATCH_FILE_BLOCK, true };
	struct batch_file file = { .n = request->n };
	struct batch_run run;
	struct batch_work work;
	int status = EXIT_FAILED, err;
	char what[64];

	err = batch_file_open(&file, &work);
	if (err) {
		out_error("a file in memory: %s", strerror(-err));
	} else {
		snprintf(what, sizeof(what), "%zu bytes of a file in memory", file.n);
		head(what);
		priv_rawio(true);	/* for the module to count */
		batch_run(&work, &run);
		priv_rawio(false);
		out_str("work", NULL, "file");
		status = show_batch(&run, &words);
		if (status != EXIT_FAILED)
			out_say("verified", 2, "Every round of every way moved the same bytes.");
	}
	batch_file_close(&file);
	return status;
}

/* Why no way may touch the port, in *@layer who says so; NULL: all may. */
static const char *refused(const struct batch_port *port, __u32 *layer)
{
	static char text[64];
	struct ringprobe_info info;

	*layer = 0;
	if (port->fd < 0)
		return "needs the module";
	if (dev_info_port(port->fd, port->port, port->width_bytes, &info))
		return "the module does not answer INFO";
	if (!(info.features & RINGPROBE_FEATURE_BATCH))
		return "the module has no PORT_BATCH";
	*layer = reach_first(info.deny_in);
	if (!*layer && port->port == BATCH_PORT_POST)
		*layer = reach_first(info.deny_out);
	if (!*layer)
		return NULL;
	snprintf(text, sizeof(text), "refused by %s", reach_layer(*layer));
	return text;
}

static void port_notes(const struct batch_port *port)
{
	out_bool("port_changes", port->changes);
	if (port->changes)
		out_say("verified", 2, "The port changes by itself, so values were not compared; each "
			"access was made, as the module counted.");
	else
		out_say("verified", 2, "Every round of every way read what PORT_IN reads (%#x at last), and "
			"the module counted its own accesses and no others.",
			port->wanted[BATCH_PORT_READS][0].value);
	if (port->port != BATCH_PORT_POST)
		out_say(NULL, 2, "Reads only: no port but 0x80 is written to.");
	out_say(NULL, 2, "Kernel bypass as DPDK and SPDK have it maps a device's memory instead; "
		"ioperm is its smallest relative.");
}

static int show_port(struct batch_port *port, const struct batch_work *work)
{
	struct show_batch words = { "in", work->lists > 1 ? "mixed" : NULL, "accesses", 1, false };
	struct batch_run run;
	char what[80];
	int status;

	snprintf(what, sizeof(what), "%zu accesses to port %#x (%u bits)", port->n, port->port,
		 8U * port->width_bytes);
	head(what);
	batch_run(work, &run);
	out_str("work", NULL, "port");
	out_uint("port", NULL, port->port);
	out_uint("width_bits", NULL, 8U * port->width_bytes);
	status = show_batch(&run, &words);
	if (!port->refused && status != EXIT_FAILED)
		port_notes(port);
	return status;
}

static void say_refused(const struct batch_port *port, __u32 layer)
{
	char next[64];

	snprintf(next, sizeof(next), REACH_NEXT " 0x%02x%s", port->port,
		 port->width_bytes == 4 ? " -w 32" : port->width_bytes == 2 ? " -w 16" : "");
	if (port->fd < 0)
		out_say("reason", 2, "A way that the module does not know of is not tried either; it is "
			"%s.", reach_status(port->fd));
	else if (layer)
		out_say("reason", 2, "%s: so no way is tried.", reach_layer_why(layer));
	out_next(2, port->fd < 0 ? reach_next(port->fd) : next);
}

static int batch_port(const struct request *request)
{
	struct batch_port port = {
		.port = (__u16)request->port, .width_bytes = (__u8)request->width_bytes,
		.n = request->n, .fd = reach_open(true),
	};
	struct batch_work work;
	__u32 layer;
	int status, err;

	priv_rawio(true);
	port.refused = refused(&port, &layer);
	err = batch_port_open(&port, &work);
	status = err ? EXIT_FAILED : show_port(&port, &work);
	priv_rawio(false);
	if (err)
		out_error("port %#x: %s", port.port, strerror(-err));
	if (port.refused)
		say_refused(&port, layer);
	if (layer & (RINGPROBE_LAYER_RANGE | RINGPROBE_LAYER_ALLOW_LIST | RINGPROBE_LAYER_DENY_LIST))
		status = EXIT_FAILED;
	batch_port_close(&port);
	if (port.fd >= 0)
		close(port.fd);
	return status;
}

int cmd_batch(int argc, char **argv)
{
	struct request request = { .port = BATCH_PORT_POST, .width_bytes = 1 };

	if (parse(argc, argv, &request))
		return EXIT_USAGE;
	return request.file ? batch_file(&request) : batch_port(&request);
}
