#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A module of another ABI: the probe names both versions and both ABIs, and does
# nothing with it, least of all to a port.
# shellcheck disable=SC2317 # run and expect call the functions that nothing else does

# shellcheck source=ringprobe_test.sh
. "${0%/*}/ringprobe_test.sh"

need_root
need_vm
need_module
[[ -x $probe ]] || skip_all "no probe: $probe"
other=$here/other/ringprobe.ko
[[ -e $other ]] || skip_all "no $other: built where the module's source is"

remember_module
unload || skip_all "the module is in use"
version=$("$probe" --version)
version=${version#ringprobe }
cp "$probe" "$work/ringprobe"
cd "$work" || exit 1
module=$other
load ports=0xe0-0xe3,0xe8-0xeb,0x5e9
verdict "the other module loads" $?

# Each command | its exit status: that without a module
window_opens
while IFS='|' read -r arguments wanted; do
	read -ra arguments <<< "$arguments"
	expect "ringprobe ${arguments[*]}: exits with $wanted" "$wanted" ./ringprobe "${arguments[@]}"
	says "ringprobe ${arguments[*]}: names both" \
		"version 9.9.9, ABI 999; this probe is $version, ABI [0-9]+" \
		"next: load the module of this probe's version"
done << 'END'
                       |0
info                   |0
cpl                    |4
port in 0xe0           |4
port out 0xe0 0x42     |4
time                   |4
path -n 200            |4
why                    |4
why 0x80               |4
atlas --group privileged |4
atlas hlt              |4
tour --no-pause 3      |4
batch port 0xe0 -n 16  |4
monitor -p 1 -n 1      |4
monitor -- touch ran   |125
END
[[ ! -e ran ]]
verdict "... and does not begin what it was to watch" $?
expect "the ladder lacks the module's rungs" 4 ./ringprobe ladder --only getppid,nop,netlink -n 20
says "... of both doors, and names both" "getppid .*( denied: .*version 9.9.9, ABI 999.*){2}"
expect "what needs no module runs" 0 ./ringprobe time --via getppid -n 2000
expect "... ring 3 alone, too" 0 ./ringprobe port out 0xe0 0x42 --ring 3
window_closes

# The right one is at hand: it says how to change them.
cp "${MODULE:-$here/../ringprobe.ko}" ringprobe.ko
expect "with the right module at hand" 4 ./ringprobe cpl
says "... the next step changes them" "next: sudo rmmod ringprobe && sudo insmod ./ringprobe.ko"
sh -c "$(sed -n 's/.*next: //p' <<< "${out//sudo /}")" > /dev/null
expect "... and does it" 0 ./ringprobe cpl
module=${MODULE:-$here/../ringprobe.ko}
finish
