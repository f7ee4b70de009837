/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Completion scripts for shells, made from the command table: a shell offers
 * what the parser accepts and what the help prints, by construction.
 */
#ifndef COMPLETE_H
#define COMPLETE_H

#include <stdio.h>

void complete_bash(FILE *to);
void complete_zsh(FILE *to);

#endif
