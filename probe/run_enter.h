/* SPDX-License-Identifier: GPL-2.0 */
/* The runner child's last steps: from here on nothing but run_enter.c's own code. */
#ifndef RUN_ENTER_H
#define RUN_ENTER_H

#include "run.h"

/*
 * Enters the code as often as asked for, keeps the stamps, and exits. With
 * RUN_SETUP_FRESH the page RUN_FRESH is given back to the kernel before each round.
 */
_Noreturn void run_rounds(const struct run_request *request, bool timed);
_Noreturn void run_exit(int status);

/* Labels, not called from C: the way in, the code's end, a signal, and after it. */
void run_enter(void);
void run_left(void);
void run_handler(void);
void run_faulted(void);
void run_restorer(void);
void run_enter_untimed(void);
void run_left_untimed(void);
void run_handler_untimed(void);
void run_faulted_untimed(void);
void run_restorer_untimed(void);
void run_into_32(void);			/* to RUN_CODE, as code of a 32-bit segment */

/* All system calls that run_rounds() makes lie between these. */
extern const char run_text[], run_text_end[];

#endif
