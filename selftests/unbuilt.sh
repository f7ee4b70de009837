#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A kernel update that nobody built the module for: ringprobe says so, and what mends
# it. Whoever boots it passes the root's directory as ROOT, and gets the command in the
# file MENDS.
# shellcheck disable=SC2317 # expect calls the functions that nothing else does

# shellcheck source=ringprobe_test.sh
. "${0%/*}/ringprobe_test.sh"

: "${ROOT:?}" "${MENDS:?}"
need_root
need_vm
mount --bind /dev "$ROOT/dev"
mount -t proc proc "$ROOT/proc"
mount -t sysfs sysfs "$ROOT/sys"

there()
{
	chroot "$ROOT" "$@"
}

expect "$(uname -r): modprobe finds no module" 1 there modprobe ringprobe
expect "why says so" 4 there ringprobe why
says "... for which kernel there is one, and which runs" "built for [0-9]" "running [0-9]"
expect "... and in JSON" 4 there ringprobe why --json
jq -er .next <<< "$out" > "$MENDS"
verdict "... with what mends it" $?
finish
