#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The ring-3 and the ring-0 half of a port access are the same instruction: the
# bytes of every IN and OUT in the module and in the probe.
# shellcheck disable=SC2317 # run and expect call the functions that nothing else does

# shellcheck source=ringprobe_test.sh
. "${0%/*}/ringprobe_test.sh"

command -v objdump > /dev/null || skip_all "needs objdump (binutils)"
[[ -r $module ]] || skip_all "no module: $module"
[[ -r $probe ]] || skip_all "no probe: $probe"

# The DX forms (Intel SDM vol. 2, IN and OUT); 66 makes 32 bits 16.
expected="66 ed|in (%dx),%ax
66 ef|out %ax,(%dx)
ec|in (%dx),%al
ed|in (%dx),%eax
ee|out %al,(%dx)
ef|out %eax,(%dx)"

# Each different one of a file, as BYTES|INSTRUCTION
port_instructions()
{
	objdump -d -w "$1" | awk -F '\t' '
		$3 ~ /^(in|out)[bwl]? / {
			gsub(/ +$/, "", $2)
			gsub(/ +/, " ", $3)
			sub(/ $/, "", $3)
			print $2 "|" $3
		}' | sort -u
}

for file in "$module" "$probe"; do
	run port_instructions "$file"
	[[ $out == "$expected" ]]
	verdict "each width and direction once, in ${file##*/}" $?
done
finish
