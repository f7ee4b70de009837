#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The same work by each way, as "batch" has it: all ways are there or named, their
# crossings are what strace sees, a way that reads something else is found out, no
# port is touched that the module does not allow, and nothing is left behind.
# shellcheck disable=SC2317 # run, check and expect call the functions that nothing else does

# shellcheck source=ringprobe_test.sh
. "${0%/*}/ringprobe_test.sh"

need_root
need_vm
need_module
need_probe
for tool in jq strace; do
	command -v "$tool" > /dev/null || skip_all "needs $tool"
done

remember_module
unload || skip_all "the module is in use"
cd "$work" || exit 1

port_ways="dev-port ioctl batch uring uring-many uring-batch uring-polled driver driver-many bypass"
file_ways="read-1 stdio read-4k read-64k readv writev mmap sendfile aio uring uring-many uring-polled"

batch()
{
	"$ringprobe" batch "$@"
}

# is NAME FILTER [JQ-OPTION...]: jq finds it true of the last output, one object
is()
{
	local name=$1 filter=$2 out=$out good

	shift 2
	jq -es "$@" "length == 1 and (.[0] | $filter)" <<< "$out" > /dev/null 2> "$work/said"
	good=$?
	[[ $good == 0 ]] || out=$(cat "$work/said"; jq -c '.rows[]' <<< "$out")
	verdict "$name" $good
}

# ways NAME: each line of the input is a way and what must be true of its row. One jq
# for all of them, since an emulated CPU is slow to start it.
ways()
{
	local line program='' lines=() answers i

	mapfile -t lines
	for line in "${lines[@]}"; do
		program+="([.rows[] | select(.name == \"${line%% *}\")] |
			length == 1 and (.[0] | ${line#* })),"
	done
	mapfile -t answers < <(jq -s "if length == 1 then .[0] | (${program%,}) else false end" <<< "$out")
	for i in "${!lines[@]}"; do
		[[ ${answers[$i]-} == true ]]
		verdict "$1: ${lines[$i]}" $?
	done
}

# all_ways NAME WAYS OUTCOME: these and no others, in this order, all with that outcome
all_ways()
{
	is "$1: every way is there: $3" \
		"[.rows[].name] == (\$ways | split(\" \")) and all(.rows[]; .outcome == \$outcome)" \
		--arg ways "$2" --arg outcome "$3"
}

fits()
{
	[[ $(wc -L <<< "$out") -le 80 ]]
	verdict "$1: within 80 columns" $?
}

none_left()
{
	! pgrep -x ringprobe > /dev/null
}

driver_begun()
{
	[[ $(pgrep -cx ringprobe) -ge 2 ]]
}

# Without the module no way is tried, for who should say whether the port may be?
expect "no module: batch port" 4 batch port
says "it says what is missing, and how to get it" "needs the module" "not loaded" "next:"
run batch port --json
all_ways "no module" "$port_ways" "not run"
expect "no module: batch file" 0 batch file -n 8192
fits "batch file"
run batch file -n 8192 --json
is "no module: counted by the tracepoint" 'all(.rows[]; .counted_by == "the tracepoint sys_enter")'
by_tracepoint=$(jq -c '[.rows[] | select(.name != "aio" and .name != "uring-polled") | .crossings]' <<< "$out")
run batch file -n 8192
says "it says how it counted, and a chart" "tracepoint sys_enter" "t\(n\) = a \+ b n" "logarithmic"

load ports=0xe0-0xe3,0xe8-0xeb,0x5e9
ioports=$(< /proc/ioports)

# The port: crossings, as the kernel counts them
expect "batch port" 0 batch port -n 64
fits "batch port"
says "it says where the figures come from" "the module's probe on sys_enter" \
	"others have a part, by the tracepoint sys_enter" "getppid" "a \+ b n" \
	"0x80 \(8 bits\)" "DPDK"
# Beside others an emulated machine's ticks may hide what a call takes by itself: noise adds.
# What a batch costs is counted exactly, too, in guest-icount. And the kernel's poller, where
# it has no CPU for long, has to be waked each time.
cheaper='[.rows[] | {(.name): .per_unit}] | add | .batch * 2 < .ioctl'
for try in 1 2 3; do
	run batch port -n 300 --json
	jq -e "([.rows[] | select(.name == \"batch\")][0] | .call > 0 and .break_even < 64) and
		($cheaper) and ([.rows[] | select(.name == \"uring-polled\")][0].crossings <= 8)" \
		<<< "$out" > /dev/null && break
	echo "# once more: in run $try what a batch or a poller saves was lost in noise"
done
all_ways "port 0x80" "$port_ways" ran
is "counted by the module, and by the tracepoint where there is a driver process" \
	'all(.rows[]; .counted_by == if .name | startswith("driver") then "the tracepoint sys_enter"
		else "the module'"'"'s probe on sys_enter" end)'
# Of the driver both sides' calls; it may or may not wait again when the count ends.
ways "port 0x80" << 'END'
dev-port .crossings == 300
ioctl .crossings == 300
batch .crossings == 2
uring .crossings == 300
uring-many .crossings == 2
uring-batch .crossings == 1
uring-polled .crossings <= 8
driver .crossings - 4 * 300 | . >= -1 and . <= 1
driver-many .crossings - 4 * 2 | . >= -1 and . <= 1
bypass .crossings == 0 and .share_percent == 0
batch .call > 0 and .operation > 0 and (.curve | length) == 9 and .break_even < 64
END
is "a batch's port access costs less than half of one by itself" "$cheaper"
is "only what takes many in a call has a line through its sizes" \
	'[.rows[] | select(.curve).name] ==
		["batch", "uring-many", "uring-batch", "uring-polled", "driver-many"]'

# Another port: its value, and no write to it
run "$here/portop" out 0xe0 4 0x5a6b7c8d
expect "batch port 0xe0, 32 bits" 0 batch port 0xe0 -w 32 -n 16
says "every way read what the device holds" "0x5a6b7c8d" "Reads only" \
	"/dev/port, pread *not for this: /dev/port has bytes only"
[[ $out != *mixed* ]]
verdict "no writes: no mixed list" $?
run "$here/portop" in 0xe0 4
says "and it still holds it" "^0x5a6b7c8d$"

# A timer's value is another each time: not compared, and said so
timer=$(sed -n 's/^ *\([0-9a-f]*\)-.*ACPI PM_TMR$/0x\1/p' /proc/ioports)
if [[ $timer ]]; then
	expect "batch port $timer, 32 bits: a timer" 0 batch port "$timer" -w 32 -n 16
	says "values are not compared, and that is said" "changes by itself" "each access was made"
else
	skip "batch port of a timer" "no ACPI PM timer here"
fi

# strace as the witness: all rounds of a way, seen from outside. A round that counts,
# one that warms up, and those that are timed; of the port's mixed list half are writes.
strace -qq -f -y --seccomp-bpf -o "$work/calls" -e trace=ioctl,pread64,pwrite64 "$ringprobe" \
	batch port -n 8 --json > "$work/json" 2>&1
status=$?
out=$(< "$work/json")
reads=$(grep -c 'pread64([0-9]*</dev/port' "$work/calls")
writes=$(grep -c 'pwrite64([0-9]*</dev/port' "$work/calls")
batches=$(grep -c 'ioctl([0-9]*</dev/ringprobe.*0xe9, 0xa,' "$work/calls")
ways "seen by strace" << END
dev-port .crossings == 8 and 8 * (2 + .rounds) + 4 * (1 + .rounds_mixed) == $reads
dev-port 4 * (1 + .rounds_mixed) == $writes
batch .crossings == 1 and 1 + .rounds_mixed == $batches
END
strace -qq -f --seccomp-bpf -o "$work/calls" -e trace=sendfile,mmap "$ringprobe" \
	batch file -n 512 --json > "$work/json" 2>&1
status=$?
out=$(< "$work/json")
sendfiles=$(grep -c 'sendfile(' "$work/calls")
mmaps=$(grep -c 'mmap(NULL, 512, PROT_READ, MAP_SHARED' "$work/calls")
ways "seen by strace" << END
sendfile .crossings == 2 and 2 + .rounds == $sendfiles
mmap .crossings == 2 and 2 + .rounds == $mmaps
END

# A way that does not do the work is found out: the call is left out, its result made up
inject()
{
	strace -qq -f --seccomp-bpf -o /dev/null -e "trace=${1%%:*}" -e "inject=$1" \
		"$ringprobe" batch "${@:2}"
}

expect "a read of /dev/port that did not happen is found out" 1 \
	inject pread64:retval=1:when=20 port -n 16
says "and said" "FAILED: it read another value"
expect "a preadv that did not happen is found out" 1 inject preadv:retval=512:when=1 file -n 512
says "and said" "FAILED: it moved other bytes"

# The file
run batch file -n 8192 --json
all_ways "file" "$file_ways" ran
ways "file" << 'END'
read-1 .crossings == 8193
stdio .crossings <= 4
read-4k .crossings == 3
readv .crossings == 1 and .faults == 0
mmap .crossings == 2 and .faults > 0
uring .crossings == 2
uring-many .crossings == 1
aio .crossings > 2 and .counted_by == "the tracepoint sys_enter"
END
is "the module counts as the tracepoint does" "([.rows[] | select(.counted_by |
	contains(\"module\"))] | length == 11) and
	[.rows[] | select(.name != \"aio\" and .name != \"uring-polled\") | .crossings] == $by_tracepoint"
is "no time where the CPU is emulated" '(.unit == "ticks" and .tsc_khz > 0) or
	all(.rows[]; has("mb_per_second") | not)'

# What the module does not allow no way touches: it is asked first
window_opens
expect "a port that is not listed" 1 batch port 0x1000
says "refused by the allow-list, for all" "bypass|ioperm.*allow-list" "why 0x1000"
expect "the keyboard controller's" 1 batch port 0x64
says "refused for good" "deny-list" "why 0x64"
window_closes

# Less than all: named, and exit status 4
# shellcheck disable=SC2016 # for the inner shell
expect "/dev/port is another device: that way is named" 4 unshare --mount bash -c \
	'mount --bind /dev/null /dev/port && exec "$1" batch port -n 16' - "$ringprobe"
says "with the reason, and the others run" "/dev/port, pread *not run: /dev/port is something else" \
	"PORT_BATCH, ioctl +[0-9]"
expect "no CAP_SYS_RAWIO" 4 setpriv --bounding-set -sys_rawio --inh-caps -sys_rawio \
	"$ringprobe" batch port
says "refused by the check on the opener" "opener"
unload
load mode=0666
expect "mode=0666: nobody" 4 "${nobody[@]}" "$ringprobe" batch port
says "is refused by the check on the opener" "opener" "next:"
expect "nobody: batch file" 0 "${nobody[@]}" "$ringprobe" batch file -n 4096 --json
ways "nobody" << 'END'
read-1 .crossings == 4096 and .counted_by == "/proc/self/io"
mmap .crossings == null and .share_percent == null
END

# Killed in the middle: the driver process ends, too
"$ringprobe" batch port -n 4096 > /dev/null &
victim=$!
within 60 driver_begun
verdict "there is a driver process while it runs" $?
kill -9 "$victim"
wait "$victim" 2> /dev/null
check "killed: no process is left" within 5 none_left
check "nothing holds the module" unload
load ports=0xe0-0xe3,0xe8-0xeb,0x5e9
[[ $(< /proc/ioports) == "$ioports" ]]
verdict "/proc/ioports is as it was" $?
finish
