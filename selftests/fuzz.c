// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzzes the module: changes programs by chance, keeps those that run what no other has
 * run, and judges each call of each (fuzz_judge.c). At the end the fewest programs that
 * run all of it, each without the calls that it does not need for that, are written.
 * usage: fuzz [-c CALLS] [-s SEED] [-p PROCESSES] [-o FILE] [CORPUS]
 * Processes share what they find, so with more than one a seed does not say all.
 */
#include "fuzz.h"

#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CORPUS		8192	/* programs, at most */
#define PROCESSES	8
#define TAINTS		(1U << 5 | 1U << 7 | 1U << 9)	/* a bad page, an oops, a warning */

static struct {
	uint64_t calls, seed;
	unsigned int processes;
	const char *output, *input;
} options = { .calls = 200000, .processes = 1 };

/* Of all processes */
static struct shared {
	struct fuzz_seen seen;
	uint64_t calls[PROCESSES], programs[PROCESSES], in[PROCESSES], out[PROCESSES];
	uint32_t stop;			/* something was found */
	uint32_t claimed, ready[CORPUS];
	struct fuzz_program corpus[CORPUS];
} *shared;

static struct fuzz_run run;

static uint64_t seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec;
}

static uint64_t sum(const uint64_t *of)
{
	uint64_t total = 0;
	unsigned int i;

	for (i = 0; i < PROCESSES; i++)
		total += of[i];
	return total;
}

/* ---- the corpus ---- */

static uint32_t corpus_size(void)
{
	uint32_t n = __atomic_load_n(&shared->claimed, __ATOMIC_ACQUIRE);

	return n < CORPUS ? n : CORPUS;
}

static void keep(const struct fuzz_program *program)
{
	uint32_t i = __atomic_fetch_add(&shared->claimed, 1, __ATOMIC_ACQ_REL);

	if (i >= CORPUS)
		return;
	shared->corpus[i] = *program;
	__atomic_store_n(&shared->ready[i], 1, __ATOMIC_RELEASE);
}

/* One that is there; NULL where none is ready. */
static const struct fuzz_program *any_of_corpus(void)
{
	uint32_t n = corpus_size(), i;

	if (!n)
		return NULL;
	/* the newest lead on more often than the others */
	i = (uint32_t)(fuzz_draw() % n);
	if (fuzz_draw() % 3 == 0)
		i = n - 1 - (uint32_t)(fuzz_draw() % (n < 32 ? n : 32));
	return __atomic_load_n(&shared->ready[i], __ATOMIC_ACQUIRE) ? &shared->corpus[i] : NULL;
}

static void draw_program(struct fuzz_program *program)
{
	const struct fuzz_program *first = any_of_corpus(), *other = any_of_corpus();

	if (!first || !other || fuzz_draw() % 24 == 0) {
		fuzz_generate(program);
		return;
	}
	*program = *first;
	fuzz_mutate(program, other);
}

/* What is slow for as many calls is made seldom: in the same time, more calls. */
static bool too_dear(const struct fuzz_program *program)
{
	unsigned int cost = fuzz_cost(program), fair = 4 * program->calls;

	return fuzz_draw() % cost >= fair || fuzz_draw() % cost >= fair;
}

static void next(struct fuzz_program *program)
{
	do {
		draw_program(program);
	} while (too_dear(program));
}

/* ---- what is found ---- */

static void found(const struct fuzz_program *program, const char *what)
{
	__atomic_store_n(&shared->stop, 1, __ATOMIC_SEQ_CST);
	printf("# found: %s\n", what);
	fuzz_print(stdout, program);
	fflush(stdout);
}

static unsigned int taint(void)
{
	FILE *file = fopen("/proc/sys/kernel/tainted", "r");
	unsigned int bits = 0;

	if (file) {
		if (fscanf(file, "%u", &bits) != 1)
			bits = 0;
		fclose(file);
	}
	return bits & TAINTS;
}

/* The kernel has complained of one of the last programs. */
static void found_one_of(const struct fuzz_program *last, uint64_t n)
{
	uint64_t i;

	printf("# the kernel complains of one of these\n");
	for (i = 0; i < n; i++)
		found(&last[i], "maybe this one");
}

/* ---- processes ---- */

#define LAST	64	/* programs; how often the kernel is asked for complaints */

static bool try(const struct fuzz_program *program)
{
	const uint32_t *edges;

	if (!fuzz_run(&run, program, fuzz_cover_around)) {
		found(program, run.complaint);
		return false;
	}
	if (fuzz_cover_add(&shared->seen))
		keep(program);
	fuzz_cover_take(&edges);
	return true;
}

static void tell(unsigned int process, uint64_t programs)
{
	shared->in[process] = run.in;
	shared->out[process] = run.out;
	shared->programs[process] = programs;
	__atomic_store_n(&shared->calls[process], run.calls, __ATOMIC_RELEASE);
}

static int begin(void)
{
	const char *missing = fuzz_run_init(&run);

	if (!missing)
		missing = fuzz_cover_init();
	if (missing)
		printf("1..0 # SKIP %s\n", missing);
	run.alone = options.processes == 1;
	return missing ? 4 : 0;
}

static int process(unsigned int which)
{
	static struct fuzz_program last[LAST];
	uint64_t n;
	int err = begin();

	if (err)
		return err;
	fuzz_seed(options.seed + which);
	for (n = 0; sum(shared->calls) < options.calls && !shared->stop; n++) {
		struct fuzz_program *program = &last[n % LAST];

		/* first of all what is known */
		if (n * options.processes + which < corpus_size() && options.input)
			*program = shared->corpus[n * options.processes + which];
		else
			next(program);
		if (!try(program))
			return 1;
		if (n % LAST == LAST - 1 && taint()) {
			found_one_of(last, LAST);
			return 1;
		}
		tell(which, n + 1);
	}
	return 0;
}

static void report(uint64_t begun)
{
	uint64_t calls = sum(shared->calls), past = seconds() - begun;

	printf("%8" PRIu64 " %10" PRIu64 " %10" PRIu64 " %8" PRIu64 " %8u %8u %8u\n", past, calls,
	       sum(shared->programs), calls / (past ? past : 1), shared->seen.edges,
	       shared->seen.points, corpus_size());
	fflush(stdout);
}

/* How all of them ended: 0, or what one did. */
static int watch_processes(void)
{
	uint64_t begun = seconds(), told = begun;
	unsigned int left = options.processes;
	int status, result = 0;

	printf("%8s %10s %10s %8s %8s %8s %8s\n", "seconds", "calls", "programs", "calls/s",
	       "edges", "points", "corpus");
	while (left) {
		if (waitpid(-1, &status, WNOHANG) > 0) {
			left--;
			result = result ? result : WIFEXITED(status) ? WEXITSTATUS(status) : 1;
			if (status)
				shared->stop = 1;
			continue;
		}
		usleep(100000);
		if (seconds() >= told + 10) {
			told = seconds();
			report(begun);
		}
	}
	report(begun);
	return result;
}

static int fuzz(void)
{
	unsigned int i;
	pid_t child;

	for (i = 0; i < options.processes; i++) {
		fflush(stdout);
		child = fork();
		if (!child) {
			int result = process(i);

			fflush(stdout);
			_exit(result);
		}
		if (child < 0)
			return 1;
	}
	return watch_processes();
}

/* ---- the fewest programs ---- */

static uint8_t wanted[FUZZ_EDGES];
static uint8_t needed[FUZZ_EDGES];	/* by the program that is looked at */

/* How many @program runs, and which */
static uint32_t edges_of(const struct fuzz_program *program, const uint32_t **edges)
{
	fuzz_run(&run, program, fuzz_cover_around);
	return fuzz_cover_take(edges);
}

static bool runs_what_is_needed(const struct fuzz_program *program, uint32_t need)
{
	const uint32_t *edges;
	uint32_t n = edges_of(program, &edges), i, hits = 0;

	for (i = 0; i < n; i++)
		hits += needed[edges[i]];
	return hits == need;
}

/* Without the calls that nothing needs */
static void shorten(struct fuzz_program *program, uint32_t need)
{
	struct fuzz_program less;
	uint32_t i;

	for (i = program->calls; i-- && program->calls > 1;) {
		less = *program;
		less.calls--;
		memmove(&less.call[i], &less.call[i + 1], (less.calls - i) * sizeof(less.call[0]));
		if (runs_what_is_needed(&less, need))
			*program = less;
	}
}

/* Of a program of the corpus */
struct entry {
	uint32_t n, *edges;
};

/* What each one runs when it runs alone; what is seen in two of two runs counts. */
static uint32_t measure(struct entry *entries)
{
	static uint8_t twice[FUZZ_EDGES];
	uint32_t i, j, n, total = 0;
	const uint32_t *edges;

	for (i = 0; i < corpus_size(); i++) {
		n = edges_of(&shared->corpus[i], &edges);
		memset(twice, 0, sizeof(twice));
		for (j = 0; j < n; j++)
			twice[edges[j]] = 1;
		n = edges_of(&shared->corpus[i], &edges);
		entries[i] = (struct entry){ 0, calloc(n + 1, sizeof(*edges)) };
		for (j = 0; j < n && entries[i].edges; j++) {
			if (!twice[edges[j]])
				continue;
			entries[i].edges[entries[i].n++] = edges[j];
			total += !wanted[edges[j]];
			wanted[edges[j]] = 1;
		}
	}
	return total;
}

static uint32_t still_wanted(const struct entry *entry)
{
	uint32_t i, n = 0;

	for (i = 0; i < entry->n; i++)
		n += wanted[entry->edges[i]];
	return n;
}

/* Greedily: the one that runs most of what is still wanted, and so on. */
static uint32_t write_fewest(FILE *to, struct entry *entries)
{
	uint32_t written = 0, i, best, most;
	struct fuzz_program program;

	for (;; written++) {
		for (i = best = most = 0; i < corpus_size(); i++) {
			uint32_t n = still_wanted(&entries[i]);

			if (n > most) {
				most = n;
				best = i;
			}
		}
		if (!most)
			return written;
		memset(needed, 0, sizeof(needed));
		for (i = 0; i < entries[best].n; i++)
			needed[entries[best].edges[i]] = wanted[entries[best].edges[i]];
		program = shared->corpus[best];
		shorten(&program, most);
		fuzz_print(to, &program);
		for (i = 0; i < entries[best].n; i++)
			wanted[entries[best].edges[i]] = 0;
	}
}

static int minimise(void)
{
	struct entry *entries = calloc(CORPUS, sizeof(*entries));
	FILE *to = fopen(options.output, "w");
	uint32_t edges, programs;

	if (!entries || !to)
		return 1;
	run.fresh = true;
	edges = measure(entries);
	fprintf(to, "# SPDX-License-Identifier: GPL-2.0\n"
		"# Programs for fuzz and replay, see fuzz.h. Made by make fuzz UPDATE=1.\n\n");
	programs = write_fewest(to, entries);
	printf("# %u programs run %u edges, those that come by chance left out\n", programs, edges);
	return fclose(to) ? 1 : 0;
}

/* -1: there is none, or it is wrong */
static int read_corpus(void)
{
	FILE *from = fopen(options.input, "r");
	struct fuzz_program program;
	int got = -1;

	if (!from)
		return -1;
	while ((got = fuzz_scan(from, &program)) > 0)
		keep(&program);
	fclose(from);
	return got;
}

/* Each access that was made is on the module's page, and no other. */
static bool all_is_counted(void)
{
	uint64_t in, out;

	fuzz_run_counters(&in, &out);
	if (in == sum(shared->in) && out == sum(shared->out))
		return true;
	printf("# found: the module counted %" PRIu64 " and %" PRIu64 " accesses, made were %"
	       PRIu64 " and %" PRIu64 "\n", in, out, sum(shared->in), sum(shared->out));
	return false;
}

int main(int argc, char **argv)
{
	int option, result;

	while ((option = getopt(argc, argv, "c:s:p:o:")) != -1) {
		switch (option) {
		case 'c':
			options.calls = strtoull(optarg, NULL, 0);
			break;
		case 's':
			options.seed = strtoull(optarg, NULL, 0);
			break;
		case 'p':
			options.processes = (unsigned int)strtoul(optarg, NULL, 0);
			break;
		case 'o':
			options.output = optarg;
			break;
		default:
			return 2;
		}
	}
	if (!options.processes || options.processes > PROCESSES)
		return 2;
	options.input = argv[optind];
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		      -1, 0);
	if (shared == MAP_FAILED || (options.input && read_corpus() < 0)) {
		printf("# no memory, or no corpus in %s\n", options.input);
		return 1;
	}
	printf("# seed %" PRIu64 "\n", options.seed);
	result = fuzz();
	if (!result)
		result = begin();
	if (!result && !all_is_counted())
		result = 1;
	if (!result && options.output)
		result = minimise();
	return result;
}
