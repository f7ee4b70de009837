#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The module's policy as a program, beside a reference that was written from the contract:
# as it is, under the sanitizers, and whether all branches are taken.
# shellcheck source=tools/tests/lib
. "${0%/*}/lib"

# build NAME FLAG...
build()
{
	make -s -C selftests/model O="$work/$1" CFLAGS="${*:2}"
}

sanitize="-fsanitize=address,undefined -fno-sanitize-recover=all"
check "the model is built, without a warning" build plain -O1 -g -Werror
check "... and under the sanitizers" build sanitized -O1 -g "$sanitize"
"$work/plain/model" > "$work/names"
n=0
while read -r name; do
	n=$((n + 1))
	check "$name" "$work/plain/model" "$n"
	check "$name, sanitized" "$work/sanitized/model" "$n"
done < "$work/names"
check "there are tests" test "$n" -gt 20
check "each branch is taken, or there is a reason" tools/coverage

printf '%s\n' "port.c: 1" "- if (err)" "= it never fails" > "$work/reasons"
check "a branch is a failure without a reason" \
	exits 1 "of 8 branches are not taken: if (!(range->widths & width)" tools/coverage "$work/reasons"
check "... and a reason without a branch" \
	grep "there is a reason for what is taken, or gone: port.c: if (err)" "$work/said"
finish
