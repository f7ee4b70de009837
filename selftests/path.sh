#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# ringprobe path: all legs of each round or none, what it says of this kernel against
# what the kernel itself says, and nothing that is left behind: not when it is
# killed, either. The C program of the same name tries the module's side.
# shellcheck disable=SC2016 # $all and so on are jq's
# shellcheck disable=SC2317 # expect calls the functions that nothing else does

# shellcheck source=ringprobe_test.sh
. "${0%/*}/ringprobe_test.sh"

need_root
need_vm
need_module
need_probe
command -v jq > /dev/null || skip_all "needs jq"

# is NAME FILTER: true of the last JSON
is()
{
	jq -e "(.rows | map({key: .name, value: .}) | from_entries) as \$row | $2" \
		<<< "$out" > /dev/null
	verdict "$1" $?
}

remember_module
unload || skip_all "the module is in use"

# Without the module
expect "no module: exits with 4" 4 "$ringprobe" path -n 200
says "... says what is missing, and has the total" "nothing armed: the whole +[0-9]" \
	"total only.*not loaded" "next:"
expect "no module: one object" 4 "$ringprobe" path -n 200 --json
is "... with no leg but the whole" '$row.plain_whole.n == 200 and $row.entry == null'
expect "nobody, no module: the same" 4 "${nobody[@]}" --no-new-privs "$ringprobe" path -n 200

# What is live: the kernel is changed, and the answer with it
tracing=/sys/kernel/tracing
mountpoint -q $tracing || mount -t tracefs tracefs $tracing
# Else each change has the scheduler patched, on which QEMU before 8.1 may hang.
[[ ! -w $tracing/options/record-cmd ]] || echo 0 > $tracing/options/record-cmd
if [[ -w $tracing/events/raw_syscalls/sys_enter/enable ]]; then
	for word in 0 1; do
		echo $word > $tracing/events/raw_syscalls/sys_enter/enable
		run "$ringprobe" path -n 200 --json
		is "tracing, switched to $word: is told" \
			"\$row.tracing.answer == (if $word == 1 then \"live\" else \"not here\" end)"
	done
	echo 0 > $tracing/events/raw_syscalls/sys_enter/enable
else
	skip "tracing is told" "needs tracefs"
fi
run "$ringprobe" path -n 200 --json
is "PTI: as /proc/cpuinfo has it" "\$row.pti.answer ==
	(if $(grep -qw pti /proc/cpuinfo && echo true || echo false) then \"live\" else \"not here\" end)"
is "no answer without how it is known" \
	'[.rows[] | select(.answer) | .how | length > 0] | length == 11 and all'
is "the map is that of this kernel's line, or says that it is not" \
	".map_exact == ([\"6.1\", \"6.12\"] | index(\"$(uname -r | cut -d. -f1-2)\") != null or
		\"$(uname -r)\" >= \"7.\")"
found=0
for name in entry_SYSCALL_64 do_syscall_64 x64_sys_call; do
	[[ $out == *"$name"* ]] && grep -qw "$name" /proc/kallsyms && found=$((found + 1))
done
[[ $found == 3 ]]
verdict "functions of the map are functions of this kernel" $?

# The mitigations of other CPUs: what each kernel says of one (arch/x86/kernel/cpu/bugs.c)
# stands in this one's place, and the steps that it means are live, no others.
vulnerabilities=/sys/devices/system/cpu/vulnerabilities
if [[ -d $vulnerabilities ]]; then
	mkdir "$work/none"
	for file in retbleed spectre_v2 spec_rstack_overflow mds tsx_async_abort mmio_stale_data \
		    reg_file_data_sampling tsa vmscape; do
		echo "Not affected" > "$work/none/$file"
	done
	while read -r live file text; do
		rm -rf "$work/other"
		cp -r "$work/none" "$work/other"
		echo "$text" > "$work/other/$file"
		run unshare --mount bash -c 'mount --bind "$1" "$2" && exec "$3" path -n 20 --json' - \
			"$work/other" $vulnerabilities "$ringprobe"
		is "$file, \"$text\": $live" '[.rows[] | select(.answer == "live" and (.name |
			IN("ibrs", "untrain_ret", "bhb", "verw", "ibpb")))] |
			map(.name) == ("'"$live"'" | if . == "none" then [] else [.] end)
			and all(.[]; .how | contains("'"$text"'"))'
	done <<- 'END'
	ibrs retbleed Mitigation: IBRS
	ibrs spectre_v2 Mitigation: IBRS; IBPB: conditional; STIBP: conditional; RSB filling
	none spectre_v2 Mitigation: Enhanced / Automatic IBRS; IBPB: conditional; BHI: BHI_DIS_S
	none spectre_v2 Mitigation: Retpolines; IBPB: conditional; IBRS_FW; STIBP: disabled
	bhb spectre_v2 Mitigation: Enhanced IBRS; IBPB: conditional; BHI: SW loop, KVM: SW loop
	none spectre_v2 Mitigation: Enhanced IBRS; IBPB: conditional; BHI: Vulnerable, KVM: SW loop
	untrain_ret retbleed Mitigation: untrained return thunk; SMT enabled with STIBP protection
	untrain_ret retbleed Mitigation: IBPB
	none retbleed Mitigation: Enhanced IBRS
	untrain_ret spec_rstack_overflow Mitigation: Safe RET
	untrain_ret spec_rstack_overflow Vulnerable: Safe RET, no microcode
	untrain_ret spec_rstack_overflow Mitigation: IBPB
	none spec_rstack_overflow Mitigation: IBPB on VMEXIT only
	verw mds Mitigation: Clear CPU buffers; SMT vulnerable
	verw mds Vulnerable: Clear CPU buffers attempted, no microcode; SMT Host state unknown
	none mds Vulnerable; SMT vulnerable
	verw tsx_async_abort Mitigation: Clear CPU buffers; SMT vulnerable
	verw tsx_async_abort Vulnerable: Clear CPU buffers attempted, no microcode; SMT vulnerable
	none tsx_async_abort Mitigation: TSX disabled
	verw mmio_stale_data Mitigation: Clear CPU buffers; SMT vulnerable
	verw mmio_stale_data Vulnerable: Clear CPU buffers attempted, no microcode; SMT vulnerable
	none mmio_stale_data Unknown: No mitigations
	verw reg_file_data_sampling Mitigation: Clear Register File
	none reg_file_data_sampling Vulnerable: No microcode
	verw tsa Mitigation: Clear CPU buffers
	verw tsa Vulnerable: Clear CPU buffers attempted, no microcode
	none tsa Vulnerable: No microcode
	ibpb vmscape Mitigation: IBPB before exit to userspace
	none vmscape Mitigation: IBPB on VMEXIT
	END
else
	skip "the mitigations of other CPUs" "needs $vulnerabilities"
fi

# told STEP ANSWER FILE TEXT: what the map says where FILE has that text
told()
{
	printf '%s\n' "$4" > "$work/text"
	run unshare --mount bash -c 'mount --bind "$1" "$2" && exec "$3" path -n 20 --json' - \
		"$work/text" "$3" "$ringprobe"
	is "$3, \"$4\": $1 $2" "\$row.$1.answer == \"$2\""
}
told kstack live /proc/cmdline "ro randomize_kstack_offset=on"
told kstack live /proc/cmdline "randomize_kstack_offset=1 ro"
told kstack "not here" /proc/cmdline "randomize_kstack_offset=off"
told audit "not here" /proc/cmdline "ro audit=0"
told audit "cannot tell" /proc/cmdline "ro audit=1"
told pti "cannot tell" /proc/cpuinfo "processor : 0"
told pti live /proc/cpuinfo "flags : fpu pti hypervisor"

# With it
load mode=0666
for via in ioctl lseek; do
	handler=$([[ $via == ioctl ]] && echo '.handler' || echo '.exit')
	expect "$via: exits with 0" 0 "$ringprobe" path --via $via --json
	is "... every leg is there, of the same rounds, most of them" "[\$row.entry, \$row.probe,
		\$row.dispatch, \$row$handler, \$row.exit, \$row.notifier, \$row.leave, \$row.whole |
		.n] | unique | length == 1 and .[0] > 1000 and .[0] <= 1120"
	is "... what is left out is counted" '.kept + .left_out == 1120'
	# on a busy machine one of a thousand may be less than the smallest empty pair was
	is "... no leg is negative" '[.rows[] | select(.median and .n) | .median >= 0] | all'
	is "... being armed costs something" '$row.whole.median > $row.plain_whole.median'
	is "... and the way back is told" '$row.way_back | .sysret + .iret == .of or .text'
	is "... the steps of the door, and no other's" "[.rows[].where // empty] |
		any(contains(\"$via\")) and (any(contains(\"getppid\")) | not)"
done
expect "nobody: the legs of an unarmed call" 4 "${nobody[@]}" --no-new-privs "$ringprobe" path -n 200
says "... and what keeps it from more" "nothing could be armed: Operation not permitted" \
	"next: ringprobe why" "nothing armed: to the handler"
expect "--indirect, on an emulated CPU: nothing to be seen" 4 "$ringprobe" path --indirect
says "... and why" "no caches"

# It holds the module while it runs, and leaves nothing there when it is killed.
"$ringprobe" path -n 100000 > /dev/null 2>&1 &
child=$!
sleep 2
expect "the module stays while it runs" 1 rmmod ringprobe
kill -KILL $child
wait $child 2> /dev/null
expect "killed: the next one is as the first" 0 "$ringprobe" path -n 200
unload
verdict "and the module goes" $?
finish
