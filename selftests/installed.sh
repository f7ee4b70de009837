#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# An installed ringprobe, in the Debian root that it was installed in, under one of
# that root's kernels: modprobe finds the module, the command on PATH works with it,
# and the examples for modprobe.d and udev do what they say.
# Whoever boots it passes the root's directory as ROOT.
# shellcheck disable=SC2317 # expect calls the functions that nothing else does

# shellcheck source=ringprobe_test.sh
. "${0%/*}/ringprobe_test.sh"

: "${ROOT:?}"
need_root
need_vm
examples=/usr/share/doc/ringprobe/examples
mount --bind /dev "$ROOT/dev"
mount -t proc proc "$ROOT/proc"
mount -t sysfs sysfs "$ROOT/sys"
for dir in run tmp etc/modprobe.d etc/udev/rules.d; do
	mount -t tmpfs tmpfs "$ROOT/$dir"
done

there()
{
	chroot "$ROOT" "$@"
}

mark
expect "$(uname -r): modprobe finds and loads it" 0 there modprobe ringprobe
expect "the version" 0 there ringprobe --version
version=${out#ringprobe }
[[ $version == "$(< /sys/module/ringprobe/version)" ]]
verdict "... is the module's" $?
expect "why: every gate lets root pass" 0 there ringprobe why 0x80
expect "cpl" 0 there ringprobe cpl
says "... in both rings" "3 user mode.*0 kernel mode"
expect "port out 0x80 0x42" 0 there ringprobe port out 0x80 0x42
says "... refused in ring 3, done in ring 0" "SIGSEGV" "done in"
expect "port in 0x80" 0 there ringprobe port in 0x80
expect "port out 0x64 0xfe is refused" 1 there ringprobe port out 0x64 0xfe
expect "time" 0 there ringprobe time -n 2000
says "... with both legs" "entry +[0-9]" "exit +[0-9]"
expect "atlas" 0 there ringprobe atlas
says "... nothing differs from the manuals" "0 without an explanation.*ring 0:.*0 without an explanation"
expect "atlas hlt: a page" 0 there ringprobe atlas hlt
says "... faults in ring 3, works in ring 0" "general protection" "ring 0 +works"
expect "the tour" 0 there ringprobe tour --no-pause
[[ $(stat -c %a /dev/ringprobe) == 600 ]]
verdict "the node is 0600" $?
expect "modprobe -r" 0 there modprobe -r ringprobe

expect "the modprobe.d example" 0 there cp "$examples/ringprobe.conf" /etc/modprobe.d
expect "... is what modprobe loads by" 0 there modprobe ringprobe
[[ $(stat -c %a /dev/ringprobe) == 666 ]]
verdict "... mode=0666" $?
expect "nobody sees both sides" 0 there "${nobody[@]}" \
	ringprobe cpl
expect "... and touches no port" 4 there "${nobody[@]}" \
	ringprobe port in 0x80
there rm /etc/modprobe.d/ringprobe.conf
expect "modprobe -r" 0 there modprobe -r ringprobe

expect "the udev example" 0 there cp "$examples/60-ringprobe.rules" /etc/udev/rules.d
there /lib/systemd/systemd-udevd --daemon
expect "... with the module" 0 there modprobe ringprobe
expect "... is obeyed" 0 there env SYSTEMD_IGNORE_CHROOT=1 udevadm settle
[[ $(there stat -c '%a %G' /dev/ringprobe) == "660 ringprobe" ]]
verdict "... mode 0660, group ringprobe" $?
expect "a member sees both sides" 0 there setpriv --reuid 65534 --regid 65534 \
	--groups "$(there getent group ringprobe | cut -d: -f3)" ringprobe cpl
expect "others do not" 4 there "${nobody[@]}" ringprobe cpl
there env SYSTEMD_IGNORE_CHROOT=1 udevadm control --exit
expect "modprobe -r" 0 there modprobe -r ringprobe

run "$here/kmsg-scan" -v marker="$marker" <(dmesg)
[[ $status == 0 ]]
verdict "the kernel did not complain" $?
finish
