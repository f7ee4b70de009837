#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The data of tools/check-matrix: a line that it would pass over is a mistake.
# shellcheck source=tools/tests/lib
. "${0%/*}/lib"

# The names that lines of the kinds $1 give or use in word $2
names()
{
	awk -v kinds="$1" -v at="$2" '$1 ~ "^(" kinds ")$" { print $at }' tools/matrix | sort
}

known_lines()
{
	! grep -vnE '^(#|$|kernel(\s+\S+){4}$|(cell|short)(\s+\S+){2}|skip(\s+\S+){3})' tools/matrix
}

# among NAMES NAMES: each of the first is one of the second
among()
{
	[[ -z $(comm -23 <(sort -u <<< "$1") <(echo; echo "$2") | tee /dev/stderr) ]]
}

unique()
{
	[[ -z $(uniq -d <<< "$1" | tee /dev/stderr) ]]
}

cells=$(names "cell|short" 2)
check "every line is of a kind that is known" known_lines
check "no two cells have one name" unique "$cells"
check "... nor two kernels" unique "$(names kernel 2)"
check "every cell has its kernel" among "$(names "cell|short" 3)" "$(names kernel 2)"
check "every kernel is in the short run" among "$(names kernel 2)" "$(names short 3)"
check "every skip has its cell" among "$(names skip 2)" "$cells"
check "cells that are none are named" exits 2 "is none of: 6.1 " make check-matrix CELLS=nonsense
finish
