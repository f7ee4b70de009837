#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# ringprobe ladder: no rung gets lost without a reason, what must cost more does, two
# runs are compared where that means something, and nothing is left behind.
# shellcheck disable=SC2317 # run, check and expect call the functions that nothing else does

# shellcheck source=ringprobe_test.sh
. "${0%/*}/ringprobe_test.sh"

need_root
need_vm
need_module
need_probe
command -v jq > /dev/null || skip_all "needs jq"
cd "$work" || exit 1

# -n 9: nine blocks of one sample, where not the numbers count.
# Every rung, in order, and what --operations adds.
usual="empty function indirect vdso clock enosys getppid int80 lseek nop cpl read netlink
	page-fault int3 ud2 hlt signal pipe-threads pipe-threads-2 pipe-processes pipe-processes-2 futex
	thread fork exec port-in port-refused in-ring0 in-ring3 getppid-ioperm cpuid gap"
operations="lseek-plain info stamp fault-arm fault-read port-out insn"
of_module="lseek nop cpl netlink port-in port-refused in-ring0"

# json FILTER: what jq finds in the last --json that was kept; true if it is neither
# false nor null
json()
{
	jq -e "$1" "$work/json"
}

# keep NAME STATUS COMMAND...: as expect, of --json
keep()
{
	expect "$@" --json
	printf '%s\n' "$out" > "$work/json"
}

# All medians, since a slow guest takes half a second for each jq
declare -A median
medians()
{
	local name value

	while read -r name value; do
		median[$name]=$value
	done < <(jq -r '.rows[] | select(.median) | "\(.name) \(.median)"' "$work/json")
}

# Names, a line each, in order
names()
{
	jq -r '.rows[].name' "$work/json"
}

without()
{
	jq -r --arg status "$1" '.rows[] | select(.status == $status).name' "$work/json" | xargs
}

# The last output: who has the larger median has no shorter bar. A column of ns may be there.
bars_follow()
{
	awk '/ median / { at = / ns / ? 59 : 49 }
	substr($0, 29, 10) ~ /^ *[0-9]+$/ {
		bar = substr($0, at)
		print substr($0, 29, 10) + 0, 2 * gsub("#", "", bar) + gsub("=", "", bar)
	}' <<< "$out" | sort -n | awk '$2 < last { bad = 1 } { last = $2 } END { exit bad || NR < 20 }'
}

fits()
{
	local line

	while IFS= read -r line; do
		[[ ${#line} -le $1 ]] || { echo "$line"; return 1; }
	done <<< "$out"
}

left_behind()
{
	pgrep -x ringprobe
	ls /dev/shm
	cat /proc/sysvipc/{shm,sem,msg}
}

as_before()
{
	out=$(diff "$work/before" <(left_behind))
}

remember_module
unload || skip_all "the module is in use"
left_behind > "$work/before"
mark

# Without the module
keep "nobody, no module: what needs it is denied" 4 "${nobody[@]}" "$ringprobe" ladder -n 9
[[ $(names | xargs) == "$(xargs <<< "$usual")" ]]
verdict "... every rung has a row, in order" $?
check "... measured with numbers, or missing with a reason" json \
	'[.rows[] | if .status == "measured" then .n > 0 and .min <= .median and .median <= .p99
	else (.why | length > 0) and (has("median") | not) end] | all'
[[ $(without "denied" | xargs) == "$of_module in-ring3 getppid-ioperm" ]]
verdict "... denied: the module's rungs and ioperm's" $?
check "... and why" json '[.rows[] | select(.status == "denied").why |
	test("not loaded|CAP_SYS_RAWIO")] | all'
keep "root, no module" 4 "$ringprobe" ladder -n 9 --only "${of_module// /,},in-ring3,int3"
[[ $(without "denied") == "$of_module" ]]
verdict "... denied: the module's rungs alone" $?
expect "nobody, no module, rungs that need none" 0 "${nobody[@]}" "$ringprobe" ladder --only getppid,fork,pipe-threads
says "says what comes next only where something is missing" "often quoted: 1-10 us a system call; here:"
expect "... and one that does" 4 "${nobody[@]}" "$ringprobe" ladder --only getppid,nop
says "named, with the next step" "NOP ioctl +denied: not loaded" "next: ringprobe why"

# Wrong arguments: exit status 2, and the right ones named
while IFS='|' read -r arguments pattern; do
	[[ -n $pattern ]] || continue
	read -ra arguments <<< "$arguments"
	expect "usage: ringprobe ladder ${arguments[*]}" 2 "$ringprobe" ladder "${arguments[@]}"
	says "names what is right: $pattern" "$pattern"
done << 'END'
-n 0                   |1 to 1000000
-n 1000001             |1 to 1000000
-n abc                 |1 to 1000000
-n                     |value
--cpu 99999            |may use: 0
--cpu x                |may use: 0
--only                 |value
--only nosuch          |"nosuch" is no rung; there are: empty, .*getppid.*gap
--only getppid,        |"" is no rung
--only getppid,,nop    |"" is no rung
--only GETPPID         |is no rung
--only getppid --operations|one of the two
extra                  |options only
--compare              |two files
--compare a            |two files
--compare a b c        |two files
--compare -n 5 a b     |measures nothing
--bogus                |ladder --help
--compare /nonexistent /dev/null|/nonexistent: cannot be read: No such file
END

# With the module: all that this machine has, as text and as JSON
load ports=0xe0-0xe3,0xe8-0xeb,0x5e9 || skip_all "insmod failed"
SECONDS=0
expect "root, module, as text" 0 "$ringprobe" ladder
took=$SECONDS
fits 80
verdict "... fits 80 columns" $?
says "... has the parts of a port read, and what is often quoted" \
	"PORT_IN: crossing [0-9]+ \| checks -?[0-9]+ \| access -?[0-9]+ \| rest -?[0-9]+" \
	"no system call for .* interrupts of this CPU" "often quoted: 1-10 us a system call; here:"
bars_follow
verdict "... bars follow medians" $?
limit=$((60 * slower))
[[ $took -lt $limit ]]
verdict "... in less than $limit s ($took s)" $?
text=$out
# Ten samples a block: one alone would be the cold one
keep "root, module: every rung that this machine has" 0 "$ringprobe" ladder -n 300
cp json usual
[[ $(names | xargs) == "$(xargs <<< "$usual")" && -z $(without "denied") &&
   -z $(without failed) && -z $(without disturbed) ]]
verdict "... none is denied, failed or disturbed" $?
[[ $(without "not here") =~ ^(int80 )?(pipe-threads-2 pipe-processes-2 )?(cpuid)?$ ]]
verdict "... what is not here may be absent: $(without "not here")" $?
medians
for pair in function:enosys vdso:clock enosys:getppid getppid:cpl nop:cpl nop:port-in nop:netlink getppid:signal \
	    enosys:int3 getppid:page-fault getppid:pipe-threads signal:fork thread:fork \
	    pipe-threads:fork in-ring3:port-in in-ring0:port-in; do
	out="${median[${pair%:*}]-none} and ${median[${pair#*:}]-none}"
	[[ -n ${median[${pair%:*}]-} && ${median[${pair%:*}]} -lt ${median[${pair#*:}]-0} ]]
	verdict "${pair%:*} costs less than ${pair#*:}" $?
done
# shellcheck disable=SC2016 # jq's
check "a port read is the sum of its parts" json \
	'([.rows[] | {key: .name, value: .median}] | from_entries) as $m | .port_in as $p |
	$p.crossing == $m.nop and $p.crossing + $p.checks == $m["port-refused"] and
	$p.access == $m["in-ring0"] and
	$p.crossing + $p.checks + $p.access + $p.rest == $m["port-in"]'
check "ring 0 came uncalled: the kernel counted interrupts" json '.uncalled.interrupts > 0'
check "mitigations are named where the kernel has one on, on crossings only" json \
	'[.rows[] | select(.mitigations) | .name] | index("function") == null and index("vdso") == null'

expect "no crossing, no mitigation: --only function,vdso" 0 "$ringprobe" ladder -n 9 --only function,vdso
[[ $out != *"lengthened"* ]]
verdict "... no word on what lengthens others" $?

# All that the module does
keep "--operations" 0 "$ringprobe" ladder -n 9 --operations
[[ $(names | sort | xargs) == "$(xargs -n 1 <<< "$usual $operations" | sort | xargs)" ]]
verdict "... has every operation besides" $?
keep "--only" 0 "$ringprobe" ladder -n 1 --only nop,vdso,gap
[[ $(names | xargs) == "vdso nop gap" ]]
verdict "... those and no others, in the ladder's order" $?
check "one sample is one" json '[.rows[].n == 1] | all'
keep "a CPU that is named" 0 "$ringprobe" ladder -n 9 --only getppid --cpu 0
check "... is the one" json '.cpu == 0'
expect "one CPU alone: what needs two is not here, and no failure" 0 \
	taskset 1 "$ringprobe" ladder -n 9 --only pipe-threads-2,pipe-processes-2,getppid
says "... and says so" "two CPUs not here: there is one CPU only"

expect "another network namespace has no netlink family" 4 \
	unshare --net "$ringprobe" ladder -n 9 --only netlink,nop
says "... and that rung alone is missing, and says so" "denied: the module's netlink family is not here" \
	"NOP ioctl( [*])? [0-9]"

# Of an emulated CPU, and wide
if [[ $(jq -r .clock usual) == emulated ]]; then
	out=$text
	says "... no ns of an emulator's" "here: no ns" "compare rows only"
	[[ $(jq '[.rows[] | has("median_ns")] | any' usual) == false ]]
	verdict "... nor in JSON" $?
fi
run env COLUMNS=140 "$ringprobe" ladder -n 9 --wide
fits 140
verdict "--wide fits its width" $?
says "... and says what a rung includes" " min +p99 +MAD +N " "nothing between; taken off" "CALL and RET"

# Rights
expect "nobody may not open the device" 4 "${nobody[@]}" "$ringprobe" ladder -n 9 --only nop
says "... and is told" "you may not open it"
unload
load mode=0666
keep "mode=0666: nobody may cross, and touch no port" 4 "${nobody[@]}" "$ringprobe" ladder -n 9
[[ $(without "denied") == "port-in port-refused in-ring0 in-ring3 getppid-ioperm" ]]
verdict "... the port's rungs are denied" $?
check "... for want of the capability" json '[.rows[] | select(.status == "denied").why |
	contains("CAP_SYS_RAWIO")] | all'

# Two saved runs. Of an emulated CPU's there is no comparison; so these are made up.
jq '.clock = "hardware" | .tsc_khz = 2000000 | .unit = "ticks"' usual > hardware
jq '.env.kernel = "other" | .env.mitigations.meltdown = "new" |
	(.rows[] | select(.name == "getppid").median) *= 2' hardware > slower
jq '.clock = "instructions" | .tsc_khz = 0 | .unit = "insn"' usual > insn
jq '.clock = "emulated" | .tsc_khz = 0' usual > emulated
keep "--compare: a run with itself" 0 "$ringprobe" ladder --compare hardware hardware
check "... each ratio is 1, nothing differs" json \
	'([.rows[] | select(has("ratio")) | .ratio == 1 and .verdict == "no difference"] |
	length > 20 and all) and .differences == {}'
check "... in ns" json '.unit == "ns"'
keep "... with one that differs" 0 "$ringprobe" ladder --compare hardware slower
check "... in getppid alone" json \
	'.rows[] | select(.name == "getppid") | .ratio == 2 and (has("verdict") | not)'
check "... whose kernel and mitigation are named" json \
	'(.differences | keys) == ["kernel", "meltdown"] and .differences.kernel.b == "other"'
expect "... as text" 0 "$ringprobe" ladder --compare hardware slower
fits 80
verdict "... fits 80 columns" $?
says "... and says the same" "differs: kernel: .* \| other" "getppid .* 2\.000" "no difference"
expect "instructions with instructions" 0 "$ringprobe" ladder --compare insn insn
says "... in insn" "A, insn"
expect "time with instructions: refused" 1 "$ringprobe" ladder --compare hardware insn
says "... and why" "no comparison: hardware counts time, insn counts instructions"
expect "emulated runs: refused" 1 "$ringprobe" ladder --compare emulated emulated
says "... and why" "no comparison.*emulated" "icount"
for broken in '' '{' '[]' '{"schema": "ringprobe/1"}' '{"a": 1,}' '{} {}' '{"a": NaN}' \
	      "$(jq 'del(.env)' hardware)" "$(jq 'del(.clock)' hardware)" "$(jq '.clock = "sun"' hardware)" \
	      "$(jq '.tsc_khz = 0' hardware)" "$(jq '.tsc_khz = "2"' hardware)" "$(jq '.rows = []' hardware)" \
	      "$(jq '.rows[0].median = "5"' hardware)" "$(jq 'del(.rows[3].median)' hardware)" \
	      "$(jq '.rows[0].name = 7' hardware)" "$(jq '.command = "time"' hardware)" \
	      "$(jq '.schema = "ringprobe/2"' hardware)"; do
	printf '%s\n' "$broken" > broken
	expect "what is no saved ladder is refused: $(head -c 40 <<< "${broken//[[:space:]]/}")" 2 \
		"$ringprobe" ladder --compare hardware broken
	says "... and named" "broken: (is not|is no|cannot)"
done
head -c 5000000 /dev/zero > broken
expect "... however large" 2 "$ringprobe" ladder --compare broken hardware
expect "... or a directory" 2 "$ringprobe" ladder --compare hardware "$work"
says "... and named" "is a directory"
printf '{"schema": ' > broken
expect "... or has no end" 2 "$ringprobe" ladder --compare broken hardware
says "... and named" "broken: is not JSON: it ends too early, at byte 10"
chmod 000 broken
expect "... or may not be read" 2 "${nobody[@]}" "$ringprobe" ladder --compare broken hardware
says "... and named" "broken: cannot be read: Permission denied"
rm broken

# Nothing is left behind: no descriptor over 30 blocks, no child of one that was killed
expect "few descriptors are enough" 4 \
	bash -c "ulimit -n 16; exec ${nobody[*]} $ringprobe ladder -n 9"
for delay in 0.3 0.8 1.5 2.5; do
	"$ringprobe" ladder --only pipe-processes,pipe-processes-2,pipe-threads,futex,exec > /dev/null 2>&1 &
	sleep "$delay"
	kill -KILL $! 2> /dev/null
	wait $! 2> /dev/null
done
within 10 as_before
verdict "no child is left of runs that ended, or were killed, and no shared memory" $?
[[ $(< /sys/module/ringprobe/refcnt) == 0 ]]
verdict "... and nobody holds the module" $?
run "$here/kmsg-scan" -v marker="$marker" <(dmesg)
[[ $status == 0 ]]
verdict "the kernel did not complain" $?
finish
