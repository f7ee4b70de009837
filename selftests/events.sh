#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Events where the module comes and goes: that it goes is told, and no listener holds it;
# who joined the group's number before there was a group hears nothing. What events are
# is events.c's.

# shellcheck source=ringprobe_test.sh
. "${0%/*}/ringprobe_test.sh"

need_root
need_module
[[ -x $here/listen && -x $here/portop ]] || skip_all "needs listen and portop, built"
command -v setpriv > /dev/null || skip_all "needs setpriv (util-linux)"
chmod 755 "$work"
cp "$here/listen" "$work/listen"	# where everybody may run it

# Numbers of the commands
made=7
unload=9

# start NAME COMMAND...: a listener that has joined; its pid is in listener
start()
{
	local name=$1 i

	shift
	"$@" "$work/listen" "${what[@]}" > "$work/$name" &
	listener=$!
	for ((i = 0; i < 200; i++)); do
		grep -q '^joined' "$work/$name" && return
		sleep 0.1
	done
}

# heard NAME EVENT...: all that it heard, and no more; it is told at once, but prints later
heard()
{
	local name=$1 i

	shift
	for ((i = 0; i < 20; i++)); do
		out=$(sed 1d "$work/$name")
		[[ "$out" == "$(printf '%s\n' "$@")" ]] && (($#)) && break
		sleep 0.1
	done
	[[ "$out" == "$(printf '%s\n' "$@")" ]]
}

remember_module
unload || skip_all "the module is in use"

what=(all)
start strangers "${nobody[@]}"
stranger=$listener
load ports=0xe0-0xe3 || skip_all "the module does not load"
what=(events)
start ours env
ours=$listener
trap 'kill "$stranger" "$ours"; restore_module; rm -r "$work"' EXIT

out=$(< "$work/strangers")
[[ $out =~ ^joined\ [1-9] ]]
verdict "nobody joins numbers that are no group's yet" $?
out=$(< "$work/ours")
[[ $out == "joined 1" ]]
verdict "root joins the group" $?
expect "a port access" 0 "$here/portop" out 0x80 1 1
heard ours "event $made"
verdict "... is heard by who joined the group" $?
heard strangers
verdict "... and by nobody who joined its number before" $?
expect "rmmod is not held up by a listener" 0 rmmod ringprobe
heard ours "event $made" "event $unload"
verdict "... which is told" $?

load ports=0xe0-0xe3
check "the module is there again" is_loaded
expect "... and ports are accessed" 0 "$here/portop" out 0x80 1 1
heard ours "event $made" "event $unload"
verdict "... but a member of the old group is none of the new" $?
heard strangers
verdict "... nor is a stranger" $?
finish
