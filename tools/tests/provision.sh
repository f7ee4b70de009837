#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Which packages are chosen on which system.
# shellcheck source=tools/tests/lib
. "${0%/*}/lib"

# chosen SYSTEM GROUP WORD...: the list has each word, or lacks it as !WORD.
chosen()
{
	local list word

	printf '%s\n' "${systems[$1]}" > "$work/os-release"
	list=" $(OS_RELEASE=$work/os-release tools/provision --list "$2") " || return 1
	echo "$1, $2:$list"
	shift 2
	for word; do
		case $word in
		!*) [[ $list != *" ${word#!} "* ]] || return 1 ;;
		*) [[ $list == *" $word "* ]] || return 1 ;;
		esac
	done
}

declare -A systems=(
	[debian12]='ID=debian
VERSION_ID="12"'
	[debian13]='ID=debian
VERSION_ID="13"'
	[testing]='ID=debian'
	[ubuntu]='ID=ubuntu
ID_LIKE=debian
VERSION_ID="24.04"'
	[mint]='ID=linuxmint
ID_LIKE="ubuntu debian"
VERSION_ID="22"'
	[fedora]='ID=fedora
VERSION_ID=41'
	[other]='ID=plan9
VERSION_ID=4'
)

check "Debian 12 gets virtme-ng from elsewhere" chosen debian12 vm @vng @kernel '!virtme-ng'
check "Debian 13 has virtme-ng itself" chosen debian13 vm virtme-ng @kernel '!@vng'
check "Debian testing has no version" chosen testing vm virtme-ng
check "Ubuntu" chosen ubuntu build libcapstone-dev libjson-c-dev liburing-dev libnl-genl-3-dev @headers
check "... has perf by another name" chosen ubuntu check linux-tools-generic '!linux-perf'
check "a relative of Ubuntu" chosen mint check gcc-multilib @source
check "... and gets the kernel's reader of netlink families" chosen mint check python3-yaml python3-jsonschema @ynl
check "Fedora names things otherwise" chosen fedora probe capstone-devel json-c-devel libnl3-devel '!libjson-c-dev'
check "... and perf" chosen fedora check perf '!linux-perf'
printf '%s\n' "${systems[other]}" > "$work/os-release"
check "an unknown system is told so" exits 1 "no package list for this system" \
	env OS_RELEASE="$work/os-release" tools/provision --list vm
check "an unknown group is told so" exits 1 "no package list" tools/provision --list nothing
check "no group is a usage error" exits 2 "usage:" tools/provision
finish
