#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# make bench's judgement, on files made up, and README's table: it is what the
# committed baseline says.
# shellcheck disable=SC2317 # check calls the functions that nothing else does
# shellcheck source=tools/tests/lib
. "${0%/*}/lib"

# counts GETPPID FORK: a file's text
counts()
{
	cat <<-END
	{"kernel": "k", "version": "v", "cpu": "c", "qemu": "q", "unit": "insn", "rungs": [
	{"name": "getppid", "path": "getppid", "repeats": "exactly", "insn": $1},
	{"name": "fork", "path": "fork, wait", "repeats": "within 2 %", "insn": $2}]}
	END
}

# compared STATUS TEXT OLD NEW
compared()
{
	exits "$1" "$2" tools/bench --compare "$work/$3" "$work/$4"
}

# passes OLD NEW: and has nothing to say
passes()
{
	tools/bench --compare "$work/$1" "$work/$2" > "$work/said" 2>&1 && [[ ! -s $work/said ]]
}

readme_is_true()
{
	tools/bench --readme > "$work/readme" && grep -q '^| .* | [0-9]' "$work/readme" &&
		diff README.md "$work/readme"
}

baselines_are_whole()
{
	local file

	for file in selftests/bench/insn-*.json; do
		jq -e --arg file "$file" '.unit == "insn" and (.rungs | length > 20) and
			$file == "selftests/bench/insn-\(.kernel).json" and
			([.version, .cpu, .qemu] | all(length > 0)) and
			([.rungs[] | .insn >= 0 and (.repeats | . == "exactly" or . == "within 2 %")] | all)' \
			"$file" || return 1
	done
}

counts 325 900000 > "$work/base"
counts 326 900000 > "$work/one-more"
counts 324 900000 > "$work/one-less"
counts 325 917999 > "$work/fork-near"
counts 325 918001 > "$work/fork-more"
counts 325 881000 > "$work/fork-less"
jq '.rungs |= .[:1]' "$work/base" > "$work/lost"
jq '.rungs[1].name = "other"' "$work/base" > "$work/other"
check "the same passes, and nothing is said" passes base base
check "one instruction more fails, and is named" compared 1 "more getppid: 326, 325 before" base one-more
check "one less passes, and is named" compared 0 "less getppid: 324, 325 before" base one-less
check "1.99 % more of what schedules passes" passes base fork-near
check "... 2.01 % more fails" compared 1 "more fork: 918001, 900000 before" base fork-more
check "... 2.1 % less is named" compared 0 "less fork: 881000, 900000 before" base fork-less
check "a rung that is lost fails" compared 1 "lost fork: 900000 before" base lost
check "a rung that is new fails" compared 1 "new fork: 900000" lost base
check "another is both" compared 1 "new other: 900000" base other
check "no file of counts is no pass" compared 1 "" base nothing
check "README's table is what the committed baseline says" readme_is_true
check "each committed baseline is whole, and named after its kernel" baselines_are_whole
check "a word it does not know: usage, exit 2" exits 2 "usage: tools/bench" tools/bench --bogus
finish
