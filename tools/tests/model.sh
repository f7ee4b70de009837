#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The module's policy as a program, beside a reference that was written from the contract:
# as it is, under the sanitizers, and whether all branches are taken. What the tests would
# notice is told by docs/mutants.md, which has to be of this source.
# shellcheck source=tools/tests/lib
. "${0%/*}/lib"

# build NAME FLAG...
build()
{
	make -s -C selftests/model O="$work/$1" CFLAGS="${*:2}"
}

sanitizers="-fsanitize=address,undefined -fno-sanitize-recover=all"
check "the model is built, without a warning" build plain -O1 -g -Werror
check "... and under the sanitizers" build sanitized -O1 -g "$sanitizers"
"$work/plain/model" > "$work/names"
n=0
while read -r name; do
	n=$((n + 1))
	check "$name" "$work/plain/model" "$n"
	check "$name, sanitized" "$work/sanitized/model" "$n"
done < "$work/names"
check "there are tests" test "$n" -gt 20
check "each branch is taken, or there is a reason" tools/coverage policy
check "each mutant is in the source, and in docs/mutants.md" tools/mutate --match

# A mutant that no test can notice, with and without its reason; one that is noticed, with.
mutant()
{
	printf '%s\n' "port.c: a range is a reason of its own" \
		'- || !fits(access, out))' "+ || !fits(access, out) $1)" "${@:2}" > "$work/mutant"
}
range="|| layers & RINGPROBE_LAYER_RANGE"
mutant "$range"
check "... is a failure where none notices it" \
	exits 1 "reason of its own: survives" tools/mutate "$work/mutant"
mutant "$range" "= there is one"
check "... but with a reason" exits 0 "| nothing can: there is one |" tools/mutate "$work/mutant"
mutant "|| 1" "= there is none"
check "... which has to hold" exits 1 "reason of its own: noticed by: " tools/mutate "$work/mutant"
mutant ")"
check "... or where it does not build" exits 1 "does not build" tools/mutate "$work/mutant"
sed -i 's/^- /- not /' "$work/mutant"
check "... or is not in the source" exits 1 "is not in the source" tools/mutate "$work/mutant"

printf '%s\n' "port.c: 1" "- if (err)" "= it never fails" > "$work/reasons"
check "a branch is a failure without a reason" \
	exits 1 "branches are not taken: if (!(range->widths" tools/coverage policy "$work/reasons"
check "... and a reason without a branch" \
	grep "there is a reason for what is taken, or gone: port.c: if (err)" "$work/said"
finish
