#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A kernel that asks for signatures: which modules it takes, what "why" says of each,
# and that a signature buys reports and timing, never a port, under lockdown. For a
# virtual machine that enforces: by module.sig_enforce=1, or by Secure Boot.
# Whoever boots it passes three builds of the module as files:
#	UNSIGNED
#	SIGNED		with a key that the firmware trusts, if there is any
#	FOREIGN		with a key that nobody trusts
# shellcheck disable=SC2317 # expect calls the functions that nothing else does

# shellcheck source=ringprobe_test.sh
. "${0%/*}/ringprobe_test.sh"

: "${UNSIGNED:?}" "${SIGNED:?}" "${FOREIGN:?}"
need_root
need_vm
[[ $(< /sys/module/module/parameters/sig_enforce) == Y ]] ||
	skip_all "this kernel takes unsigned modules"
[[ ! -d /sys/firmware/efi ]] || mount -t efivarfs efivarfs /sys/firmware/efi/efivars
locked=
grep -qs '\[integrity\]' /sys/kernel/security/lockdown && locked=y

# The probe finds the module in the directory that it is run in.
cp "$probe" "$work/probe"
cd "$work" || exit 1

try()
{
	cp "$1" ringprobe.ko
	insmod ./ringprobe.ko "${@:2}"
}

refused()
{
	expect "$1: refused" 1 try "$2"
	says "... for want of a trusted key" "Key was rejected|Required key not available"
	! is_loaded
	verdict "... and not there" $?
}

refused "unsigned" "$UNSIGNED"
expect "why says no" 4 ./probe why
says "... because it is not signed" "unsigned is accepted no" "not signed"
expect "the next step of every command is one" 4 ./probe cpl
says "... that is not to load it all the same" "next: .*sign"

refused "signed by a stranger" "$FOREIGN"
expect "why cannot tell beforehand" 4 ./probe why
says "... and names who signed" "unsigned is accepted cannot tell" "stranger"

strip --strip-debug -o stripped.ko "$SIGNED"
refused "stripped after signing" stripped.ko
[[ $(modinfo -F signer stripped.ko) == "" && $(modinfo -F signer "$SIGNED") != "" ]]
verdict "... which took the signature off" $?

if [[ ! $locked ]]; then
	refused "signed, but the firmware has no such key" "$SIGNED"
	finish
fi

expect "signed and trusted: loads" 0 try "$SIGNED"
expect "cpl works" 0 ./probe cpl
says "... in both rings" "3 user mode.*0 kernel mode"
expect "time works" 0 ./probe time -n 2000
says "... with both legs" "entry +[0-9]" "exit +[0-9]"
expect "time by ioctl works" 0 ./probe time -n 2000 --via ioctl
expect "atlas sgdt works" 0 ./probe atlas sgdt
says "... in ring 0, too, and keeps the address back" "ring 0 +works: the address is kept back"
for access in "in 0x80" "out 0x80 0x42"; do
	# shellcheck disable=SC2086 # words
	expect "port $access: refused" 1 ./probe port $access
	says "... by lockdown, and it says so" "SIGSEGV" "refused by kernel lockdown"
done
expect "why says no" 1 ./probe why 0x80
says "... at the lockdown gate alone" "no kernel lockdown no" "Secure Boot off"
[[ $(grep -c ' no  ' <<< "$out") == 1 ]]
verdict "... every other gate says yes" $?
expect "info reports Secure Boot" 0 ./probe info
says "... and lockdown" "Secure Boot +on" "integrity"

rmmod ringprobe
for parameter in ports=0xe0-0xe3 unsafe_ports=0x60; do
	expect "$parameter: the kernel refuses it" 1 try "$SIGNED" "$parameter"
	! is_loaded
	verdict "... and the module is not there" $?
done
expect "mode=0666: is no hardware's" 0 try "$SIGNED" mode=0666
rmmod ringprobe
finish
