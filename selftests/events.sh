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
	local name=$1

	shift
	"$@" "$work/listen" "${what[@]}" > "$work/$name" &
	listener=$!
	within 20 grep -q '^joined' "$work/$name"
}

# heard NAME EVENT...: all that it heard, and no more
heard()
{
	out=$(sed 1d "$work/$1")
	[[ "$out" == "$(printf '%s\n' "${@:2}")" ]]
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
within 2 heard ours "event $made"
verdict "... is heard by who joined the group" $?
sleep 2		# it is told at once, but prints later
heard strangers
verdict "... and by nobody who joined its number before" $?
expect "rmmod is not held up by a listener" 0 rmmod ringprobe
within 2 heard ours "event $made" "event $unload"
verdict "... which is told" $?

load ports=0xe0-0xe3
check "the module is there again" is_loaded
expect "... and ports are accessed" 0 "$here/portop" out 0x80 1 1
sleep 2
heard ours "event $made" "event $unload"
verdict "... but a member of the old group is none of the new" $?
heard strangers
verdict "... nor is a stranger" $?
finish
