#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The Makefile's promises.
# shellcheck source=tools/tests/lib
. "${0%/*}/lib"

# Not a part of the make that may have started this test.
unset MAKEFLAGS MFLAGS MAKELEVEL

helps()
{
	local target

	make -s help > "$work/help" || return 1
	for target in all module probe demo check lint vm install uninstall clean help; do
		grep -q "^$target  *[^ ]" "$work/help" || { echo "no $target"; return 1; }
	done
}

installs()
{
	local root=$work/root file

	make -s install DESTDIR="$root" PREFIX=/opt/r || return 1
	find "$root" -type f | sort
	"$root/opt/r/bin/ringprobe" --version || return 1
	file=$(find "$root/lib/modules" -name 'ringprobe.ko*')
	[[ $file == "$root/lib/modules/$(tools/kernel release)/updates/"* ]] || return 1
	for file in docs/*.1; do
		[[ ! -e $file || -e $root/opt/r/share/man/man1/${file##*/} ]] || return 1
	done
}

uninstalls()
{
	make -s uninstall DESTDIR="$work/root" PREFIX=/opt/r || return 1
	[[ -z $(find "$work/root" -type f -name '*ringprobe*') ]]
}

check "help names every target" helps
check "another processor: one sentence, exit 2" \
	exits 2 "rings of x86-64 and this machine is aarch64" make HOSTARCH=aarch64
check "... before anything is compiled" test "$(wc -l < "$work/said")" = 1
check "... but help works there" make -s HOSTARCH=aarch64 help
check "no headers: says which command gets them" \
	exits 2 "tools/provision build" make module MODULES="$work"
check "a tree that is none is named" exits 2 "KDIR=$work" make module KDIR="$work"
check "install puts probe, module and man page below DESTDIR" installs
check "uninstall takes them away" uninstalls
finish
