/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The chain of gates between this user and a port: one row each, with the
 * answer, how it was found, and the next step where it says no. Where the
 * module answers, its own predicate is asked (INFO); elsewhere the same facts
 * are looked up here. Nothing is guessed: what cannot be seen is UNKNOWN.
 */
#ifndef GATE_H
#define GATE_H

#include <linux/types.h>
#include <stdbool.h>

enum gate_answer { GATE_NO, GATE_YES, GATE_UNKNOWN };

struct gate {
	const char *name;		/* key in JSON */
	const char *question;		/* "yes" is always the answer that lets you pass */
	enum gate_answer answer;
	char how[192];			/* what was found, and where */
	char next[160];			/* one step; "" where there is none */
};

#define GATE_MAX 16
#define GATE_NO_PORT (~0U)

struct gate_chain {
	struct gate gate[GATE_MAX];
	unsigned int n;
	bool loaded;			/* the module is there, and of our ABI */
	const struct gate *first_no;	/* NULL: none */
	bool unknown;			/* some gate cannot be seen from here */
};

/* @port: GATE_NO_PORT leaves out the gates that are about a port. */
void gate_ask(struct gate_chain *chain, __u32 port, __u32 width_bytes);

const char *gate_word(enum gate_answer answer);		/* "yes", "no", "cannot tell" */

#endif
