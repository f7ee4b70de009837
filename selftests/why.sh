#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# After a kernel update, and in every other state that a module file can be in: "why"
# says what the module was built for and what runs, and all commands give the same
# one command that mends it. The folders of modules and sources are this test's own.
# shellcheck disable=SC2317 # run and expect call the functions that nothing else does

if [[ ! ${RINGPROBE_WHY-} && $(id -u) == 0 ]]; then
	export RINGPROBE_WHY=1
	exec unshare --mount "$0"
fi
# shellcheck source=ringprobe_test.sh
. "${0%/*}/ringprobe_test.sh"

need_root
need_vm
need_module
[[ -x $probe ]] || skip_all "no probe: $probe"
command -v xz > /dev/null || skip_all "needs xz (xz-utils)"
[[ $(< /sys/module/module/parameters/sig_enforce) == N ]] ||
	skip_all "this kernel wants signatures: see signing.sh"

remember_module
unload || skip_all "the module is in use"
running=$(uname -r)
other=5.4.3-other
version=$("$probe" --version)
version=${version#ringprobe }

# Neither the tree that this is nor what is installed here may be found.
mkdir "$work/bin"
cp "$probe" "$work/bin/ringprobe"
cp "$module" "$work/module"
mount -t tmpfs tmpfs "$(readlink -f /lib/modules)"
mount -t tmpfs tmpfs /usr/src
mkdir "$work/empty" "$work/here"
cd "$work/here" || exit 1

# The built module as one for release $1, of version $2: strings of the same length.
module_for()
{
	local old=${running} new

	new=$(printf "%-${#old}s" "$1")
	[[ ${#new} == "${#old}" ]] || return 1
	sed "s/vermagic=$old /vermagic=$new /; s/\(\x00version=\)$version\x00/\1${2:-$version}\x00/" "$work/module"
}

# put FILE [RELEASE [VERSION]]: a module file there
put()
{
	mkdir -p "${1%/*}"
	module_for "${2:-$running}" "${3-}" > "$1"
}

clear()
{
	rm -rf /lib/modules/* /usr/src/* ringprobe.ko
}

dkms_source()
{
	mkdir -p "/usr/src/ringprobe-$version"
	: > "/usr/src/ringprobe-$version/dkms.conf"
}

headers()
{
	mkdir -p "/lib/modules/$running/build/include/config"
	echo "$running" > "/lib/modules/$running/build/include/config/kernel.release"
}

# The last output has this text, line breaks as blanks.
has()
{
	local words

	read -rd '' -a words <<< "$out"
	[[ "${words[*]}" == *"$1"* ]]
}

# next_is STATE TEXT: every command gives this and no other
next_is()
{
	local command

	for command in why "" info cpl "port in 0x80" time "atlas --ring 0 hlt"; do
		# shellcheck disable=SC2086 # words
		run "$work/bin/ringprobe" $command
		has "next: $2"
		verdict "$1: ringprobe $command: the next step" $?
	done
	expect "$1: why exits with 4" 4 "$work/bin/ringprobe" why
	[[ $(grep -c 'next:' <<< "$out") == 1 && $(wc -L <<< "$out") -le 80 ]]
	verdict "$1: ... one next step, within 80 columns" $?
}

# why_says NAME TEXT...
why_says()
{
	local name=$1 text all=0

	run "$work/bin/ringprobe" why
	for text in "${@:2}"; do
		has "$text" || all=1
	done
	verdict "$name" $all
}

clear
next_is "nothing" "make demo"
why_says "nothing: no file" "module built no" "built for this kernel cannot tell"

clear
put ./ringprobe.ko
next_is "built here" "sudo insmod ./ringprobe.ko"
why_says "built here: fits" "module built yes ./ringprobe.ko" "built for this kernel yes"

clear
put ./ringprobe.ko "$other"
next_is "built here for another kernel" "make module, with the headers of $running"
why_says "... and says for which" "built for this kernel no built for $other, running $running"

clear
put "/lib/modules/$running/updates/dkms/ringprobe.ko"
next_is "installed" "sudo modprobe ringprobe"

clear
put "/lib/modules/$running/updates/dkms/ringprobe.ko"
put ./ringprobe.ko "$other"
next_is "installed, and an old one lies here" "sudo modprobe ringprobe"

clear
put "/lib/modules/$running/updates/ringprobe.ko"
xz "/lib/modules/$running/updates/ringprobe.ko"
next_is "installed, compressed by xz" "sudo modprobe ringprobe"

clear
put "/lib/modules/$other/updates/dkms/ringprobe.ko" "$other"
put "/lib/modules/5.4.2-older/updates/dkms/ringprobe.ko" "5.4.2-older"
dkms_source
headers
next_is "kernel update, DKMS and headers" "sudo dkms autoinstall && sudo modprobe ringprobe"
why_says "... says the newest that it was built for" \
	"module built yes updates/dkms/ringprobe.ko of $other" \
	"built for $other, running $running"

rm -r "/lib/modules/$running"
if [[ -x /usr/bin/apt ]]; then
	next_is "kernel update, no headers" "sudo apt install linux-headers-$running"
	mount --bind "$work/empty" /usr/bin/apt 2> /dev/null || mount --bind /dev/null /usr/bin/apt
fi
next_is "kernel update, no headers, no apt" "install the headers of kernel $running"
[[ ! -e /usr/bin/apt ]] || umount /usr/bin/apt

clear
dkms_source
headers
next_is "DKMS has built none yet" "sudo dkms autoinstall"

clear
put "/lib/modules/$other/updates/ringprobe.ko" "$other"
headers
next_is "kernel update, without DKMS" "make && sudo make install, in"

clear
put "/lib/modules/$running/updates/ringprobe.ko" "$running" 0.0.0
next_is "another version" "sudo modprobe ringprobe"
why_says "... and says which" "version 0.0.0, and this probe is $version"

clear
echo "no module" > ringprobe.ko
next_is "a damaged file" "make module"
why_says "... and says so" "built for this kernel cannot tell modinfo cannot read it"

clear
put ./ringprobe.ko
for file in /usr/sbin/modinfo /sbin/modinfo /usr/bin/modinfo; do
	[[ ! -x $file ]] || mount --bind /dev/null "$file"
done
next_is "no modinfo" "install modinfo"
why_says "... and says so" "built for this kernel cannot tell no modinfo"
for file in /usr/sbin/modinfo /sbin/modinfo /usr/bin/modinfo; do
	umount "$file" 2> /dev/null
done

# Secure Boot, as UEFI's variable has it: four bytes of attributes, and the state
variables=/sys/firmware/efi/efivars
mount -t tmpfs tmpfs /sys/firmware
mkdir -p $variables
why_says "EFI without the variable" "Secure Boot unknown"
for state in "1 on" "0 off"; do
	printf '\x06\0\0\0%b' "\\x${state% *}" > \
		$variables/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c
	why_says "Secure Boot, the variable is ${state% *}" "Secure Boot ${state#* }"
done
umount /sys/firmware

# A container is told by what its manager leaves, where there is another PID namespace.
in_container()
{
	run unshare --pid --fork --mount-proc "$@" "$work/bin/ringprobe" why
}
mark=
if [[ -e /.dockerenv ]]; then
	mark=docker		# whoever lent this machine its files has left it
fi
mount -t tmpfs tmpfs /run
mkdir /run/systemd
in_container env container=lxc
check "container=: is named" has "${mark:-lxc} container, with CAP_SYS_MODULE"
echo nspawn > /run/systemd/container
in_container env -u container
check "/run/systemd/container: is named" has "${mark:-nspawn} container"
touch /run/.containerenv
in_container env -u container
check "/run/.containerenv: podman" has "${mark:-podman} container"
run "$work/bin/ringprobe" why
check "... which says nothing where there is none" has "may load modules yes you have CAP_SYS_MODULE"
umount /run

# One version, wherever it is shown.
[[ $(modinfo -F version "$module") == "$version" ]]
verdict "the module's file is of the probe's version" $?
load mode=0600
[[ $(< /sys/module/ringprobe/version) == "$version" ]]
verdict "... the loaded module, too" $?
run "$work/bin/ringprobe" info
says "... and INFO says it" "loaded: version $version, ABI"
finish
