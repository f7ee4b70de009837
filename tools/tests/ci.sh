#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Continuous integration adds up what its parts say, with a make that only says it.
# shellcheck disable=SC2317 # check calls the functions
# shellcheck source=tools/tests/lib
. "${0%/*}/lib"

mkdir "$work/bin"
cat > "$work/bin/make" <<'END'
#!/bin/bash
echo "make $*" >> "$MADE"
part=$2
[[ $part == "$FAILS" ]] && { echo -e "$SAYS"; exit 1; }
[[ $part == lint ]] || echo "10 passed, 0 failed, 2 skipped"
END
chmod +x "$work/bin/make"
export MADE=$work/made

# ends STATUS LAST [PART SAYS]: PART fails, and its last line is SAYS
ends()
{
	local got=0

	FAILS=${3-none} SAYS=${4-} PATH=$work/bin:$PATH .ci/run > "$work/log" 2>&1 || got=$?
	cat "$work/log"
	[[ $got == "$1" && $(tail -n 1 "$work/log") == "$2" ]]
}

# What failed is told once more, below the table.
told()
{
	cat "$work/log"
	sed '1,/^debug  *[0-9]* s /d' "$work/log" | grep -xF "$1"
}

silent()
{
	cat "$work/log"
	[[ -z $(sed '1,/^debug  *[0-9]* s /d; $d' "$work/log") ]]
}

every_part_is_run()
{
	cat "$work/made"
	[[ $(awk '{ print $3 }' "$work/made" | xargs) == "lint check check-matrix check-debug" ]]
}

check "the totals are those of all parts" ends 0 "31 passed, 0 failed, 6 skipped"
check "each part is timed" grep -qE '^debug +[0-9]+ s  10 passed, 0 failed, 2 skipped$' "$work/log"
check "nothing is told twice of parts that passed" silent
check "a part that fails" ends 1 "29 passed, 2 failed, 5 skipped" check \
	"not ok: port.sh.no nonce\n8 passed, 2 failed, 1 skipped"
check "what failed in it is told at the end" told "check: not ok: port.sh.no nonce"
: > "$work/made"
check "a static check that complains" ends 1 "30 passed, 1 failed, 6 skipped" lint "x.c:1: wrong"
check "... and its complaint is told at the end" told "lint: x.c:1: wrong"
check "the other parts are run nevertheless" every_part_is_run
check "a part that dies" ends 1 "21 passed, 1 failed, 4 skipped" check-debug "Killed"
check "a part that fails and counts none" \
	ends 1 "31 passed, 1 failed, 4 skipped" check-matrix "10 passed, 0 failed, 0 skipped"
finish
