#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The manual pages say all that program, header and module have, and render
# without a complaint. What they have to say is taken from where it is defined;
# that the examples are true is selftests/man.sh's to find out.
# shellcheck source=tools/tests/lib
. "${0%/*}/lib"

header=include/uapi/ringprobe.h
netlink=include/uapi/ringprobe_netlink.h
pages=(docs/ringprobe.1 docs/ringprobe.4 docs/ringprobe-netlink.7)

# man as a reader has it, whatever the caller's settings
man_page()
{
	env -u MANOPT -u MANROFFOPT MANPAGER=cat MANWIDTH=80 man -E UTF-8 "$@"
}

is_silent()
{
	local status

	man_page --warnings -l -Tutf8 -Z "$1" 2>&1 > /dev/null | tee "$work/complaints"
	status=${PIPESTATUS[0]}
	[[ $status == 0 && ! -s $work/complaints ]]
}

fits_80_columns()
{
	man_page -l "$1" > "$work/rendered" && [[ -s $work/rendered ]] || return 1
	! LC_ALL=C.UTF-8 grep -E '.{81}' "$work/rendered"
}

# The version lives in include/ringprobe_version.h alone.
names_no_version()
{
	[[ -s $1 ]] && ! grep -nE '[0-9]+\.[0-9]+\.[0-9]+|Linux [0-9]+\.[0-9]' "$1"
}

# Without fonts and the spellings of "-"; examples do not count as description.
text_of()
{
	sed '/^\.EX/,/^\.EE/d; s/\\-/-/g; s/\\f[BIR]//g; s/\\%//g; s/\\(dq/"/g' "$1"
}

# The section (.SH, .SS) $1 of the text on the input
section()
{
	awk -v title="$1" '/^\.S[HS] / { inside = substr($0, 5) == title } inside'
}

# all_in FILE WORD...: each is there, as a word of its own; "-" belongs to words.
all_in()
{
	local file=$1 word all=0

	shift
	[[ $# -gt 0 ]] || { echo "nothing to look for"; return 1; }
	for word; do
		grep -qE -- "(^|[^[:alnum:]_-])${word}([^[:alnum:]_-]|\$)" "$file" ||
			{ echo "missing: $word"; all=1; }
	done
	return "$all"
}

# json ARGUMENT... prints: the names of the rows, and the letters of options.
json()
{
	probe/ringprobe "$@" --json | python3 -c '
import json, sys
for row in json.load(sys.stdin)["rows"]:
    letter = row.get("letter")
    print(row["name"], *(["-" + letter] if letter else []))'
}

# What --help lists, in the section of the command or among the options of all
has_options()
{
	local words

	mapfile -t words < <(json "$1" --help | sed 's/^/--/' | tr ' ' '\n')
	text_of docs/ringprobe.1 > "$work/text"
	section "$1" < "$work/text" > "$work/section"
	[[ -s $work/section ]] || { echo "no section: $1"; return 1; }
	section OPTIONS < "$work/text" >> "$work/section"
	all_in "$work/section" "${words[@]}"
}

has_commands()
{
	local command all=0

	mapfile -t commands < <(json)
	[[ ${#commands[@]} -gt 0 ]] || return 1
	for command in "${commands[@]}"; do
		has_options "$command" || all=1
	done
	return "$all"
}

# Each constant, the numbers of the operations among them
has_constants()
{
	local words

	mapfile -t words < <(sed -nE 's/^#define (RINGPROBE_[A-Z0-9_]+)[[:space:]].*/\1/p' "$header")
	grep -qx RINGPROBE_IOC_NOP <<< "$(printf '%s\n' "${words[@]}")" || return 1
	text_of docs/ringprobe.4 > "$work/text"
	all_in "$work/text" "${words[@]}"
}

# ... of the netlink family: commands, attributes, flags, but not the first of an enum
has_netlink_constants()
{
	local words

	mapfile -t words < <(sed -nE 's/^#define (RINGPROBE_[A-Z0-9_]+)[[:space:]].*/\1/p
		s/^\t(RINGPROBE_(CMD|A)_[A-Z_]+).*/\1/p' "$netlink" | grep -v _UNSPEC)
	grep -qx RINGPROBE_A_HISTOGRAM <<< "$(printf '%s\n' "${words[@]}")" || return 1
	text_of docs/ringprobe-netlink.7 > "$work/text"
	all_in "$work/text" "${words[@]}"
}

# A file's structures, a line each, without comments and indentation
structs()
{
	sed -n '/^struct ringprobe_[a-z]* {/,/^}.*;/{s,/\*.*\*/,,;s/[[:space:]]\{1,\}/ /g;s/^ //;s/ $//;p}' "$1"
}

has_structs()
{
	structs "$header" > "$work/structs"
	[[ -s $work/structs ]] && diff "$work/structs" <(structs docs/ringprobe.4)
}

# What a section of a page lists: tags_of PAGE SECTION
tags_of()
{
	text_of "$1" | section "$2" | grep -A 1 '^\.TP$' | sed -n 's/^\.BI\{0,1\} //p'
}

# The contract's errors, in its order: has_errors PAGE HEADER
has_errors()
{
	sed -nE '/^ \* Errors/,/^ \* (Structures|What)/s/^ \*\t(E[A-Z0-9]+)[[:space:]].*/\1/p' \
		"$2" > "$work/errors"
	[[ -s $work/errors ]] && diff "$work/errors" <(tags_of "$1" ERRORS)
}

has_parameters()
{
	local words

	mapfile -t words < <(cat module/*.c |
		sed -nE 's/^(__)?module_param[a-z_]*\((MODULE_PARAM_PREFIX, )?([a-z_]+),.*/\3=/p')
	tags_of docs/ringprobe.4 "MODULE PARAMETERS" > "$work/tags"
	all_in "$work/tags" "${words[@]}"
}

for page in "${pages[@]}"; do
	check "${page##*/}: man has no complaint" is_silent "$page"
	check "${page##*/}: fits 80 columns" fits_80_columns "$page"
	check "${page##*/}: names no version" names_no_version "$page"
done
check "ringprobe.1: has every command, with all its options" has_commands
check "ringprobe.4: has every constant of the header" has_constants
check "ringprobe.4: has its structures, member by member" has_structs
check "ringprobe.4: has its errors, in its order" has_errors docs/ringprobe.4 "$header"
check "ringprobe.4: has every parameter of the module" has_parameters
check "ringprobe-netlink.7: has every constant of its header" has_netlink_constants
check "ringprobe-netlink.7: has its errors, in its order" has_errors docs/ringprobe-netlink.7 "$netlink"
finish
