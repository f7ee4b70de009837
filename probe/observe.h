/* SPDX-License-Identifier: GPL-2.0 */
/* An entry of the atlas, run in ring 3: what came of it, beside what was predicted. */
#ifndef OBSERVE_H
#define OBSERVE_H

#include "atlas.h"
#include "deviate.h"
#include "predict.h"

enum observe_match {
	OBSERVE_AS_PREDICTED,
	OBSERVE_OPEN,			/* the manuals leave it open here */
	OBSERVE_KNOWN,			/* differs as this emulator is known to */
	OBSERVE_DIFFERS,		/* nobody has explained it yet */
	OBSERVE_NOT_RUN,
	OBSERVE_NO_FORM,		/* there is no such code in this mode */
};

struct observe {
	struct predict predicted;
	struct run_report report;
	enum predict_verdict verdict;
	enum observe_match match;
	const struct deviate *known;	/* NULL: none is known here */
};

/* What SGDT and SIDT have stored: a base of 64 bits, of 32 in compatibility mode. */
bool observe_is_table(const struct atlas_entry *entry);
void observe_table(const struct run_report *report, __u16 *limit, __u64 *base);

/* To run it @rounds times from the registers that all start with. */
struct run_request observe_request(const struct atlas_entry *entry, enum run_mode mode,
				   __u32 rounds);

void observe(const struct atlas_entry *entry, enum run_mode mode, __u32 rounds,
	     struct observe *result);

#endif
