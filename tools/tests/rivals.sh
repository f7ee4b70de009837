#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# make rivals' judgement, on files made up, and README's table: it is what the
# committed times say.
# shellcheck disable=SC2317,SC2016 # check calls the functions; the backquotes are Markdown's
# shellcheck source=tools/tests/lib
. "${0%/*}/lib"

# times OURS THEIRS: a file's text; each takes so many seconds in the second of three rounds
times()
{
	cat <<-END
	{"kernel": "k", "version": "v", "cpu": "c", "cpus": "2", "clock": "tsc", "qemu": "q",
	"tools": "t", "unit": "s", "rivals": [
	{"name": "ringprobe monitor", "bytes": 1000, "tells": "much", "command": "m",
	"alone": [2, 2, 2], "watched": [2.5, $1, 2.1]},
	{"name": "other", "bytes": 50, "tells": "little", "command": "o",
	"alone": [1, 1, 1], "watched": [9, 1.15, $2]}]}
	END
}

# judged STATUS TEXT FILE
judged()
{
	exits "$1" "$2" tools/rivals --judge "$work/$3"
}

has_row()
{
	tools/rivals --table "$work/less" > "$work/table" && cat "$work/table" &&
		grep -qxF "$1" "$work/table"
}

readme_is_true()
{
	tools/rivals --readme > "$work/readme" &&
		grep -q '^| `ringprobe monitor` | [1-9]' "$work/readme" && diff README.md "$work/readme"
}

times_are_whole()
{
	local file

	for file in selftests/rivals/*.json; do
		jq -e --arg file "$file" '$file == "selftests/rivals/dd-\(.kernel).json" and
			([.version, .cpu, .cpus, .clock, .qemu, .tools] | all(length > 0)) and
			.rivals[0].name == "ringprobe monitor" and (.rivals | length > 4) and
			(.rivals[0].alone | length) >= 5 and
			([.rivals[0].alone, (.rivals[] | .alone, .watched)] | map(length) | unique | length == 1) and
			([.rivals[] | .alone[], .watched[]] | all(. > 0))' "$file" || return 1
	done
}

times 2.2 1.3 > "$work/less"
times 2.6 1.25 > "$work/same"
times 2.8 1.2 > "$work/more"
jq '.rivals = []' "$work/less" > "$work/nothing"
check "less than the others passes" judged 0 \
	"monitor: dd takes 1.10 times as long; of its rivals least by other: 1.30" less
check "the same fails" judged 1 "1.25 times as long; of its rivals least by other: 1.25" same
check "more fails" judged 1 "1.25 times as long; of its rivals least by other: 1.20" more
check "no times are no pass" judged 1 "" nothing
check "no file of times is no pass" judged 1 "" missing
check "the table has medians, and least and most" has_row \
	'| `other` | 1.30 | 1.15 to 9.00 | 50 | little |'
check "... ours first" has_row '| `ringprobe monitor` | 1.10 | 1.05 to 1.25 | 1000 | much |'
check "README's table is what the committed times say" readme_is_true
check "the committed times are whole, and named after their kernel" times_are_whole
check "a word it does not know: usage, exit 2" exits 2 "usage: tools/rivals" tools/rivals --bogus
finish
