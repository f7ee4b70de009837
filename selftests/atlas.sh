#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# ringprobe atlas: no entry is missing, none differs from what the manuals say, and
# what a verdict claims is found again by another way. Meant for any CPU model: what
# it has is read from /proc/cpuinfo.
# shellcheck disable=SC2016 # $n and $all are jq's
# shellcheck disable=SC2317 # expect calls the functions that nothing else does

# shellcheck source=ringprobe_test.sh
. "${0%/*}/ringprobe_test.sh"

need_root
need_vm
need_module
need_probe
command -v jq > /dev/null || skip_all "needs jq"
unprivileged=("${nobody[@]}" --no-new-privs "$ringprobe")

# The issue's list, one by one: none may get lost.
names="in-al-imm8 in-ax-imm8 in-eax-imm8 in-al-dx in-ax-dx in-eax-dx out-imm8-al out-imm8-ax
	out-imm8-eax out-dx-al out-dx-ax out-dx-eax insb insw insl rep-insb rep-insw rep-insl outsb
	outsw outsl rep-outsb rep-outsw rep-outsl cli sti ioperm-in ioperm-out ioperm-other
	ioperm-cli iopl-in iopl-out iopl-cli iopl-sti iopl-pushf hlt invd wbinvd wbnoinvd invlpg
	invpcid rdmsr rdmsr-star rdmsr-lstar rdmsr-unknown wrmsr rdpmc swapgs sysretq sysexit iretq
	xsetbv monitor mwait stac clac vmcall vmmcall vmxon vmrun mov-from-cr0 mov-to-cr0
	mov-from-cr2 mov-to-cr2 mov-from-cr3 mov-to-cr3 mov-from-cr4 mov-to-cr4 mov-from-cr8
	mov-to-cr8 mov-from-dr0 mov-to-dr0 mov-from-dr7 mov-to-dr7 lmsw clts smsw xgetbv-0 xgetbv-7
	lgdt lidt lldt ltr sgdt sidt sldt str lar-user lar-kernel lar-gdt lsl-user lsl-kernel
	verr-user verr-kernel verw-user verw-kernel mov-ss far-jump far-call pushf popf-if popf-iopl
	rdtsc rdtsc-forbidden rdtscp rdtscp-forbidden cpuid cpuid-forbidden rdfsbase rdgsbase
	wrfsbase wrgsbase rdpkru wrpkru rdpid read-kernel read-kernel-hole write-kernel
	execute-kernel read-null write-null execute-null read-non-canonical write-non-canonical stack-non-canonical
	execute-non-canonical write-read-only minor-fault execute-no-execute read-protected unaligned vsyscall
	syscall int80 int-gate int-nmi int3 int1 ud2 divide into bound sysenter"

has_flag()
{
	grep -m 1 ^flags /proc/cpuinfo | grep -qw "$1"
}

# of ID FILTER: from the --json that is looked at
json=$work/json
of()
{
	jq -r --arg id "${1//-/_}" ".rows[] | select(.name == \$id) | $2" "$json"
}

# is NAME ID FILTER VALUE
is()
{
	out=$(of "$2" "$3")
	[[ $out == "$4" ]]
	verdict "$1" $?
}

remember_module
unload || skip_all "the module is in use"
load ports=0xe0-0xe3,0x5e9 || skip_all "insmod failed"
mark
expect "the whole atlas, as root" 0 "$ringprobe" atlas
grep DIFFERS <<< "$out" | sed 's/^/# /'
says "says so" "entries, .* 0 without an explanation .*ring 0:.* 0 without an explanation"
# The best of three: what else the host runs is not the atlas's time.
limit=$((10 * slower))
for ((took = limit, try = 0; took >= limit && try < 3; try++)); do
	SECONDS=0
	"$ringprobe" atlas > /dev/null
	took=$SECONDS
done
[[ $took -lt $limit ]]
verdict "in less than $limit s ($took s)" $?
# On one CPU: each has a GDT of its own.
expect "the same as JSON" 0 taskset 1 "$ringprobe" atlas --json
printf '%s\n' "$out" > "$work/json"
run jq -r '.rows[].name' "$work/json"
[[ $(tr _ - <<< "$out" | sort) == $(xargs -n 1 <<< "$names" | sort) ]]
verdict "every entry is there, and no other" $?
run jq -e '.differs == 0 and .ring0_differs == 0 and .not_run == 0 and .ring0 >= 20' "$work/json"
verdict "nothing differs, all was run, 20 entries or more in ring 0" "$status"
run jq -e '[.rows[].ring3 | select(.verdict == "faults") |
	.cpl == 3 and (.signal | startswith("SIG"))] | length > 60 and all' "$work/json"
verdict "each fault has its signal, and CPL 3" "$status"
run jq -e '[.rows[] | select(.ring3.verdict == "faults" and
	(.name | endswith("_forbidden") | not)) | .ring3 | .to_handler.n > 0 and
	.round.median_ticks > .to_handler.median_ticks] | length > 60 and all' "$work/json"
verdict "... and two times, but where the clock itself is forbidden" "$status"

# What the verdicts claim, by another way
if has_flag umip; then
	for table in sgdt sidt; do
		is "$table: spoofed" $table .ring3.verdict spoofed
		is "... ring 0 has another base" $table \
			'.ring0.value2 > 0 and .ring3.base > 0 and .ring0.value2 != .ring3.base' true
	done
	is "smsw: spoofed" smsw .ring3.verdict spoofed
else
	for table in sgdt sidt; do
		is "$table: works without UMIP" $table .ring3.verdict works
		is "... and tells the truth" $table \
			'.ring3.limit == .ring0.value and .ring3.base == .ring0.value2' true
	done
	is "smsw: works without UMIP" smsw .ring3.verdict works
	is "... and tells CR0" smsw '.ring3.rax == .ring0.value' true
fi
run dmesg
says "the kernel logged that it skipped cli" "attempts to use CLI/STI"
for name in iopl-cli iopl-sti popf-if; do
	is "$name: ignored" $name .ring3.verdict ignored
	is "... IF is still set" $name '.ring3.rflags / 512 | floor % 2' 1
done
is "popf-iopl: IOPL is still 0" popf-iopl '.ring3.rflags / 4096 | floor % 4' 0
is "iopl-in: emulated" iopl-in .ring3.verdict emulated
is "... IOPL is still 0" iopl-pushf '.ring3.rflags / 4096 | floor % 4' 0
is "ioperm-in works for that port" ioperm-in .ring3.verdict works
is "... and for that port only" ioperm-other .ring3.trap_name "#GP"
is "lar-gdt: ring 3 sees no DPL but 3" lar-gdt \
	'.ring3.scratch | .[0] == 0 and .[1] % 4294967296 == 0 and .[1] > 4294967296' true
for pair in invpcid:invpcid rdpid:rdpid rdtscp:rdtscp read-protected:ospke stac:smap; do
	has_flag "${pair#*:}" && continue
	is "${pair%:*}: not on this CPU" "${pair%:*}" .ring3.verdict "not on this CPU"
	[[ $pair == read-protected:* ]] || is "... it is undefined" "${pair%:*}" .ring3.trap_name "#UD"
done
if grep -q vsyscall=xonly /proc/cmdline || grep -q '\[vsyscall\]' /proc/self/maps; then
	is "vsyscall: emulated" vsyscall .ring3.verdict emulated
else
	is "vsyscall: no such page" vsyscall .ring3.trap_name "#PF"
fi
if has_flag pti || grep -q '^Mitigation: PTI' /sys/devices/system/cpu/vulnerabilities/meltdown; then
	is "with page-table isolation a kernel address reads as ever" read-kernel .ring3.error_code 5
fi
# A mapped kernel address and one that is not: no difference may show.
is "a kernel address that is mapped, and one that is not: the same error" read-kernel \
	.ring3.error_code "$(of read-kernel-hole .ring3.error_code)"

# A port that ring 3 is refused is not touched
mapfile -t refused < <(jq -r '.rows[] | select(.group == "io" and .ring3.trap_name == "#GP" and
	(.name | startswith("io") | not)).name' "$work/json")
[[ ${#refused[@]} -ge 26 ]]
verdict "${#refused[@]} entries of the group io are refused" $?
window_opens
expect "... once more" 0 "$ringprobe" atlas --ring 3 "${refused[@]}"
window_closes

# A page on one of each kind, as ring 3 and ring 0 have it; and the reasons as a column
mapfile -t kinds < <(jq -r '[.rows[] | {name, kind: [.ring3.verdict, .ring3.match, .ring0.verdict]}]
	| unique_by(.kind)[].name' "$work/json" | tr _ -)
[[ ${#kinds[@]} -ge 8 ]]
verdict "there are ${#kinds[@]} kinds of entries" $?
for name in "${kinds[@]}" lar-gdt; do
	expect "atlas $name: a page" 0 "$ringprobe" atlas "$name"
	says "... with both rings and the manuals" "ring 3 " "ring 0 " "predicted " "so it is "
	[[ $out != *"NOT as"* ]]
	verdict "... and nothing against what these say" $?
done
says "atlas lar-gdt: no ring but 0 and 3 has a descriptor" "DPL 0: [0-9]+, 1: 0, 2: 0, 3: [1-9]"
expect "--wide: why, beside each" 0 env COLUMNS=200 "$ringprobe" atlas --wide --group descriptor
says "... of ring 0, too" "CPL is not 0" "lgdt"

# The same as 32-bit code. What CS was at each fault proves the mode; of what ran, two
# instructions that no 64-bit code has, and SGDT, which stores 6 bytes there and not 10.
expect "--mode 32, ring 3" 0 "$ringprobe" atlas --ring 3 --mode 32 --json
json=$work/json32
printf '%s\n' "$out" > "$json"
run jq -e '.mode == "compatibility mode" and .differs == 0 and .not_run == 0' "$json"
verdict "... nothing differs, all was run" "$status"
run jq -e '.no_such_code as $n | .entries - $n >= 100 and ([.rows[].ring3 |
	select(.match == "no such code") | .why_not | length > 0] | length == $n and all)' "$json"
verdict "... 100 entries or more, and each other says why not" "$status"
run jq -e '[.rows[].ring3 | select(.verdict == "faults") | .cs == 35 and .cpl == 3 and
	(.signal | startswith("SIG"))] | length > 60 and all' "$json"
verdict "... each fault came at CS 0x23 (35), CPL 3" "$status"
run jq -e '.mode == "64-bit mode" and ([.rows[] | select(.name != "sysenter") | .ring3 |
	select(.verdict == "faults") | .cs == 51] | length > 60 and all)' "$work/json"
verdict "... and without it at CS 0x33 (51)" "$status"
while read -r name trap; do
	is "$name: $trap" "$name" '.ring3 | "\(.trap_name) \(.signal)"' "$trap SIGSEGV"
done <<< $'into #OF\nbound #BR'
if has_flag umip; then
	is "sgdt: spoofed there, too" sgdt .ring3.verdict spoofed
else
	is "sgdt: works there, too" sgdt .ring3.verdict works
fi
is "... 6 bytes of it" sgdt '.ring3.scratch[0] > 0 and .ring3.scratch[0] < 281474976710656' true
is "lar-gdt: ring 3 sees no DPL but 3" lar-gdt \
	'.ring3.scratch | .[0] == 0 and .[1] % 4294967296 == 0 and .[1] > 4294967296' true
is "iopl-cli: ignored" iopl-cli .ring3.verdict ignored
is "iopl-in: emulated" iopl-in .ring3.verdict emulated
expect "a page of it" 0 "$ringprobe" atlas --mode 32 into
says "has the mode" "ce +into" "#OF\(0\) overflow -> SIGSEGV" "CS 0x0023: CPL 3, compatibility mode" \
	"RIP behind the instruction" "exc_overflow"
expect "a page of what does not exist there" 0 "$ringprobe" atlas --mode 32 swapgs
says "says why" "64-bit mode only"
json=$work/json

# Rings, groups and pages
expect "--ring 0 alone" 0 "$ringprobe" atlas --ring 0 --group doors --json
check "... runs nothing in ring 3" jq -e '[.rows[] | has("ring3") | not] | all' <<< "$out"
expect "a page" 0 "$ringprobe" atlas hlt
says "has all parts" "f4 +hlt" "Intel SDM vol. 2 and AMD APM vol. 3, HLT" "#GP\(0\) general protection" \
	"CPL 3" "as predicted" "exc_general_protection" "to the kernel's stamp" \
	"on to the handler's first instruction" "rt_sigreturn" "ring 0 +works"
expect "an address by a page" 0 "$ringprobe" atlas read-null
says "has the error decoded" "not mapped, read, by ring 3" "SEGV_MAPERR"
# Where an emulator slips is told if it does, and only then: INVD, in QEMU 10
expect "a page of what some emulator does not refuse" 0 "$ringprobe" atlas --ring 3 invd
if (matches "so it is as predicted"); then ! (matches "QEMU"); else (matches "as known QEMU"); fi
verdict "... says so as it is" $?

# The timeline: cut by the kernel's stamp in every round, or not, and then it says so
for page in hlt:#GP ud2:#UD int3:#BP read-null:#PF divide:#DE; do
	name=${page%:*}
	expect "the timeline of $name" 0 "$ringprobe" atlas "$name" --json
	printf '%s\n' "$out" > "$work/json"
	is "... is of ${page#*:}" "$name" .ring3.trap_name "${page#*:}"
	is "... has all legs, of all rounds" "$name" '.timeline | .rounds as $n | $n == 200 and
		([.entry, .delivery, .handler, .sigreturn, .whole, .plain] |
		map(.n == $n and .min <= .median) | all) and
		([has("left_out"), has("not_split"), has("resolved")] | any | not)' true
	is "... each shorter than the whole, and the two halves about it" "$name" '.timeline |
		.whole.min as $all | ([.entry, .delivery, .handler, .sigreturn] | map(.min) |
		min > 0 and max < $all and add <= $all)' true
done
expect "the timeline of a page fault that is resolved" 0 "$ringprobe" atlas minor-fault --json
printf '%s\n' "$out" > "$work/json"
is "... has two legs, of all rounds" minor-fault '.timeline | ([.entry, .resolved, .whole] |
	map(.n == 200 and .min > 0) | all) and (has("delivery") or has("left_out") | not)' true
is "... a page that is there has none of that" minor-fault \
	'.timeline | .present.median * 10 < .whole.min' true
expect "ring 3 alone" 0 "$ringprobe" atlas ud2 --ring 3
says "... has the kernel's part in one, and says so" "to the handler: two legs +[0-9]+ +[0-9]+" \
	"ring 0 was not asked"
chmod 666 /dev/ringprobe
expect "the node open to all, and no right" 4 "${unprivileged[@]}" atlas ud2
says "... the same, and why" "to the handler: two legs" "in one.*Operation not permitted" "next:"
chmod 600 /dev/ringprobe
expect "two pages in one object" 0 "$ringprobe" atlas ud2 sgdt --json
check "... two rows" jq -e '.rows | length == 2' <<< "$out"

# Who has no rights, and no module
expect "unprivileged: what needs rights is not run" 4 "${unprivileged[@]}" atlas --ring 3 --json
printf '%s\n' "$out" > "$work/json"
run jq -e '.differs == 0 and .not_run == 9' "$work/json"
verdict "... nine entries, and nothing differs" "$status"
is "... and it says what is missing" iopl-in '.ring3.why_not | contains("CAP_SYS_RAWIO")' true
expect "unprivileged, a group that needs none" 0 "${unprivileged[@]}" atlas --ring 3 --group privileged
expect "unprivileged, ring 0" 4 "${unprivileged[@]}" atlas --group privileged
unload
expect "without the module" 4 "$ringprobe" atlas --group privileged --json
expect "without the module, ring 0 alone" 4 "$ringprobe" atlas --ring 0 hlt
says "says what to do" "next:"
expect "without the module, a fault" 4 "$ringprobe" atlas ud2 --json
printf '%s\n' "$out" > "$work/json"
is "... two legs in one, and what is missing" ud2 '.timeline |
	.delivery.n == 200 and has("not_split") and (has("entry") or has("stamp_adds") | not)' true
expect "without the module, a page fault that is resolved" 4 "$ringprobe" atlas minor-fault --json
printf '%s\n' "$out" > "$work/json"
is "... is whole" minor-fault '.timeline | .whole.n == 200 and (has("entry") | not)' true
expect "without the module, ring 3" 0 "$ringprobe" atlas --ring 3
run "$here/kmsg-scan" -v marker="$marker" <(dmesg)
[[ $status == 0 ]]
verdict "the kernel did not complain" $?
finish
