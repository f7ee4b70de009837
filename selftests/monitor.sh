#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# ringprobe monitor: what it counts is what strace sees, a command under it behaves as
# alone, its exit status and its terminal are as they should be, and nothing is left.
# shellcheck disable=SC2317 # run, check and expect call the functions that nothing else does

# shellcheck source=ringprobe_test.sh
. "${0%/*}/ringprobe_test.sh"

need_root
need_vm
need_module
need_probe
for tool in jq strace python3; do
	command -v "$tool" > /dev/null || skip_all "needs $tool"
done
cd "$work" || exit 1

# What a crossing costs is given, but where that is what is tried: it takes a second.
monitor()
{
	"$ringprobe" monitor --cost 1000 "$@"
}

# is NAME FILTER: jq finds it true of all that was kept, as one array
is()
{
	jq -es "$2" json > /dev/null 2>&1
	verdict "$1" $?
}

# watch COMMAND...: its JSON in the file json, what it printed in the file said
watch()
{
	monitor --json -- "$@" > said 2> both
	status=$?
	grep '^{' both > json
	out=$(< both)
}

# A line for each call that strace saw: name, how often, errors, and the sum of what
# was returned. Not of strace's own execve(), nor of what strace says of signals.
seen()
{
	strace -f -qq -o calls "$@" > said 2> both
	sed -E 's/^[0-9]+ +//' calls | sed 1d | awk '
		/^(---|\+\+\+)/ { next }
		/^<\.\.\. / { name = $2 }
		!/^<\.\.\. / { name = $0; sub(/\(.*/, "", name); count[name]++ }
		{ result = $0 }
		!sub(/.*\) += /, "", result) { next }
		result ~ /^-1 E/ { errors[name]++ }
		result ~ /^[0-9]/ { sum[name] += result }
		END { for (name in count) print name, count[name], errors[name] + 0, sum[name] + 0 }' |
		sort
}

# The same of the last --json. Only these are calls that move bytes.
counted()
{
	jq -r '.rows[] | "\(.name) \(.count) \(.errors) \(.bytes)"' json | sort
}

only_of()
{
	awk -v names=" $* " 'index(names, " " $1 " ")'
}

without_bytes()
{
	cut -d ' ' -f 1-3
}

# same NAME FILTER...: of what was wanted and what was got
same()
{
	"${@:2}" < wanted > wanted.part
	"${@:2}" < got > got.part
	out=$(diff wanted.part got.part)
	[[ -s wanted.part && -z $out ]]
	verdict "$1" $?
}

fits()
{
	[[ $(wc -L <<< "$out") -le $2 ]]
	verdict "$1: within $2 columns" $?
}

# A process that crosses all the time; sets busy
start_busy()
{
	dd if=/dev/zero of=/dev/null bs=1 2> /dev/null &
	busy=$!
}

not_held()
{
	[[ $(< /sys/module/ringprobe/refcnt) == 0 ]]
}

held()
{
	! not_held
}

end_busy()
{
	kill "$busy"
	wait "$busy" 2> /dev/null
}

remember_module
unload || skip_all "the module is in use"
mark

# ---- without the module ----
expect "no module: -p" 4 monitor -p $$
says "... says what is missing, and how to get it" "needs the module" "not loaded" "next:"
expect "no module: a command does not run" 125 monitor -- touch ran
says "... and the same is said" "not loaded" "next:"
[[ ! -e ran ]]
verdict "... nor did it" $?
run monitor --json -p $$
printf '%s\n' "$out" > json
is "... as JSON: one object" 'length == 1 and .[0].exit == 4 and (.[0].error | contains("not loaded"))'

load ports=0xe0-0xe3 || skip_all "insmod failed"

# ---- what is counted is what was done ----
seen dd if=/dev/zero of=/dev/null bs=1 count=1000 status=none > wanted
watch dd if=/dev/zero of=/dev/null bs=1 count=1000 status=none
counted > got
[[ $(only_of write < wanted | cut -d ' ' -f 2) -ge 1000 && $status == 0 ]]
verdict "dd of 1000 bytes, one at a time" $?
same "... each of its calls as often as strace sees, as often with an error" without_bytes
same "... and read and write moved as many bytes" only_of read write pread64
is "... one object, with the whole" 'length == 1 and (.[0] | .report == "whole" and .exit == 0 and
	.crossings == ([.rows[].count] | add) and .interval.crossings == .crossings)'
is "... all ended but the last call, which does not" \
	'.[0].rows | all(.returned == if .name == "exit_group" then 0 else .count end)'
is "... the histogram has each that ended; least, mean, p99 and most are in order" '.[0].rows |
	map(select(.returned > 0)) | length > 5 and all((.histogram_ticks | add) == .returned and
	.min <= .wall / .returned and .wall / .returned <= .max and .p50_at_most <= .p99_at_most and
	.min <= .p50_at_most and .p99_at_most <= .max and .cpu <= .wall)'
is "... the tax is calls times cost, of the CPU time" '.[0] | .cost == 1000 and .tasks == 0 and
	.exited == 1 and (100 * .crossings * .cost / .cpu - .interval.tax_percent | fabs) < 0.001'

# shellcheck disable=SC2016 # for the inner shell
script='for i in 1 2 3; do (dd if=/dev/zero of=/dev/null bs=1 count=100) & done; wait; cat /nosuch'
seen sh -c "$script" | only_of read write openat execve > wanted
watch sh -c "$script"
counted | only_of read write openat execve > got
same "children, too: as often as strace -f sees" without_bytes
is "... with the exit status of the shell" '.[0] | .exit == 1 and .exited == 5 and .untracked == 0'

watch sleep 2
is "a call that sleeps has time, and hardly any of the CPU" \
	'.[0].rows[] | select(.name == "clock_nanosleep") | .wall > 20 * .cpu and .cpu > 0'

if [[ $(head -c 4 "$here/abi_32" | tail -c 3) == ELF ]]; then
	strace -f -qq -o calls "$here/abi_32" > said 2>&1
	wanted=$(grep -c '^[0-9]* *write(' calls)
	watch "$here/abi_32"
	is "a 32-bit program is of the other table" '.[0].rows |
		any(.abi == 32 and .name == "write (32)" and .nr == 4 and .count == '"$wanted"') and
		([.[] | select(.abi == 32).count] | add) > 10'
else
	skip "a 32-bit program is of the other table" "abi_32 is not built"
fi

# ---- the command is as without ----
echo hello | monitor -- cat > said 2> both
out=$(< both)
[[ $(< said) == hello ]]
verdict "the command has its own stdin and stdout" $?
says "... the report is on stderr" "cat, all of" "crossing tax" "as --cost says"
# shellcheck disable=SC2016
state='grep -E "^(Sig(Blk|Ign|Cgt)|Cap|NoNewPrivs|Seccomp:)" /proc/self/status; ls -l /proc/self/fd | wc -l'
run sh -c "$state"
printf '%s\n' "$out" > wanted
run sh -c "exec '$ringprobe' monitor --cost 1 -- sh -c '$state' 2> /dev/null"
printf '%s\n' "$out" > got
same "... signals, capabilities and descriptors as alone" cat
while read -r wanted script; do
	expect "exit status: $script" "$wanted" monitor -- sh -c "$script"
done << 'END'
0 true
3 exit 3
125 exit 125
137 kill -9 $$
143 kill $$
END
says "... with the report all the same" "crossing tax"
expect "a command that is not there" 127 monitor -- nosuch
says "... is named" "^ringprobe: nosuch: No such file or directory$"
expect "one that cannot be executed" 126 monitor -- /etc/passwd
says "... is named" "/etc/passwd: Permission denied"
"$ringprobe" monitor --cost 1 -- sleep 60 > /dev/null 2>&1 &
victim=$!
within 10 pgrep -P "$victim" -x sleep > /dev/null
child=$(pgrep -P "$victim" -x sleep)
kill "$victim"
wait "$victim"
status=$?
[[ $status == 143 && -n $child ]] && ! kill -0 "$child" 2> /dev/null
verdict "SIGTERM is the command's, too, and its status ours" $?
expect "reports meanwhile, where -i asks for them" 0 monitor -i 0.2 -- sleep 3
says "... on top of the last" "the last [0-9.]+ s.*the last [0-9.]+ s.*all of [1-9]"

# ---- by whom, and by which door ----
# sums NAME: what the rows have is the whole
sums()
{
	is "$1" '.[0] | .crossings > 0 and ([.rows[].count] | add) == .crossings and
		([.rows[].cpu] | add) <= .cpu and all(.rows[]; .count == .interval.count)'
}

# shellcheck disable=SC2016 # for the inner shell
script='for i in 1 2 3; do dd if=/dev/zero of=/dev/null bs=1 count=$((i * 100)) status=none & done; wait'
monitor --json --by process -- sh -c "$script" 2> json
sums "--by process: the processes make up the whole"
is "... each with its number, its name and what it did" '.[0].rows | (map(.pid) | unique | length) == 4 and
	(map(select(.name == "dd").count) | sort | .[1] - .[0] == 200 and .[2] - .[1] == 200) and
	(map(select(.name == "sh")) | length) == 1 and all(.ended and .cpu > 0 and has("tid") == false)'
cat > threads.py << 'END'
import os, threading
def work(n):
    for i in range(n):
        os.getppid()
threads = [threading.Thread(target=work, args=(1000 * n,)) for n in (1, 2, 3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
END
monitor --json --by thread -- python3 threads.py 2> json
sums "--by thread: the threads make up the whole"
is "... of one process, and one for each number" '.[0].rows | length == 4 and (map(.pid) | unique | length) == 1 and
	(map(.tid) | unique | length) == 4 and (map(select(.count >= 3000 and .count < 3900)) | length) >= 1 and
	any(.tid == .pid)'
monitor --json --by process -- python3 threads.py 2> json
is "... which is one row by process" '.[0].rows | length == 1 and .[0].count > 6000'
monitor --json --by cpu -- sh -c "taskset 1 dd if=/dev/zero of=/dev/null bs=1 count=1000 status=none
	taskset 2 dd if=/dev/zero of=/dev/null bs=1 count=1000 status=none" 2> json
sums "--by cpu: the CPUs make up the whole"
is "... each with what ran there" '.[0].rows | length == 2 and all(.count > 2000) and
	map(.cpu_number) == [0, 1] and map(.name) == ["cpu 0", "cpu 1"]'
start_busy
second=$busy
start_busy
for by in process thread cpu; do
	monitor -p "$busy,$second" --by "$by" -i 0.2 -n 3 --json > json
	is "--by $by, interval by interval: what was added to each" 'length == 4 and
		(.[:3] | map(.rows | length) | all(. >= 1)) and (.[3].rows | all(.interval.count == .count)) and
		((.[:3] | map([.rows[].interval.count] | add) | add) <= ([.[3].rows[].count] | add)) and
		(.[2].rows | all(.interval.count < .count))'
done
kill "$second"
wait "$second" 2> /dev/null
end_busy
for by in process thread cpu; do
	expect "--by $by as text" 0 monitor --by "$by" --top 1 -- sh -c "$script"
	says "... a row, the rest in one, and what the columns are" "$by +calls +calls/s +share +CPUs +tax" \
		"share: of all these crossings"
	fits "... and" 80
done
expect "--by what there is not" 2 monitor --by task -- true
says "... names what there is" "\"task\"" "syscall, process, thread, cpu"

cat > pages.py << 'END'
import contextlib, mmap, os, signal, sys
signal.signal(signal.SIGUSR1, lambda *_: None)
for i in range(7):
    os.kill(os.getpid(), signal.SIGUSR1)
pages = int(sys.argv[1])
memory = mmap.mmap(-1, pages * 4096 + 1)
with contextlib.suppress(OSError):     # a kernel without huge pages
    memory.madvise(mmap.MADV_NOHUGEPAGE)
for page in range(pages):
    memory[page * 4096] = 1
END
"$ringprobe" monitor --cost 100000 --json --faults -- python3 pages.py 20000 2> json
is "--faults: page faults by kind, signals by name" '.[0] | .signals.SIGUSR1 == 7 and
	.page_faults.write_missing >= 20000 and .page_faults.write_missing < 30000 and
	.page_faults.fetch_missing > 0 and .interval.page_faults == .page_faults and
	(.page_faults | .all == ([.[]] | add) - .all)'
is "... and how to have fewer" '.[0].advice.faults | .saves_percent >= 1 and
	(.evidence | test("page faults")) and (.see == "ringprobe ladder --only page-fault")'
expect "... not where they cost next to nothing" 0 "$ringprobe" monitor --cost 1 --faults -- python3 pages.py 100
says "... as text, by the door" "crossings, by the door" "system calls, 64-bit +[1-9]" "page faults of user mode +[1-9]" \
	"write to a page that is not there +[1-9]" "SIGUSR1 +7"
[[ $out != *"MAP_POPULATE"* ]]
verdict "... no advice" $?
fits "... and" 80
monitor --json -- python3 pages.py 20000 2> json
is "without --faults there are none" '.[0] | has("page_faults") == false and has("signals") == false and
	(.advice | has("faults")) == false'

cat > odd.py << 'END'
import ctypes, os, signal
signal.signal(signal.SIGRTMIN + 6, lambda *_: None)
os.kill(os.getpid(), signal.SIGRTMIN + 6)
call = ctypes.CDLL(None).syscall
for i in range(50):
    call(511)
    call(100000)
END
expect "calls and signals that have no name" 0 monitor --faults --top 100 --openmetrics odd.prom -- python3 odd.py
says "... are told by number" "number 511 " "no such number " "signal 40 +1"
out=$(< odd.prom)
says "... in the file, too" 'syscall="511",abi="64"} 50' 'syscall="other",abi="64"} 50' 'signal="40"} 1'

# ---- advice, for programs that deserve it and for some that do not ----
# deserves KEY SEE < PROGRAM: it is told so, by that command; the program is Python's
deserves()
{
	"$ringprobe" monitor --cost 100000 --json -- python3 - 2> json
	is "advised: $1" '.[0].advice["'"$1"'"] | .saves_percent >= 1 and .see == "'"$2"'" and
		(.evidence | test("[0-9]{5}")) and (.remedy | length) > 10'
}

spared()
{
	"$ringprobe" monitor --cost 100000 --json -- python3 - 2> json
	is "not advised: $1" '.[0].exit == 0 and (.[0].advice | has("'"$1"'") == false)'
}

deserves reads "ringprobe batch file" << 'END'
import os
fd = os.open("/dev/zero", os.O_RDONLY)
for i in range(20000):
    os.read(fd, 16)
END
spared reads << 'END'
import os
fd = os.open("/dev/zero", os.O_RDONLY)
for i in range(100):
    os.read(fd, 4096)
END
deserves writes "ringprobe batch file" << 'END'
import os
fd = os.open("/dev/null", os.O_WRONLY)
for i in range(20000):
    os.write(fd, b"x" * 16)
END
spared writes << 'END'
import os
fd = os.open("/dev/null", os.O_WRONLY)
os.writev(fd, [b"x" * 16] * 1000)
END
deserves copy "ringprobe batch file" << 'END'
import os
a, b = os.open("/dev/zero", os.O_RDONLY), os.open("/dev/null", os.O_WRONLY)
for i in range(20000):
    os.write(b, os.read(a, 1024))
END
spared copy << 'END'
import os
open("from", "wb").write(bytes(1 << 20))
a, b = os.open("from", os.O_RDONLY), os.open("to", os.O_WRONLY | os.O_CREAT)
for i in range(1000):
    os.sendfile(b, a, 0, 1024)
END
deserves clock "ringprobe ladder --only vdso,clock" << 'END'
import ctypes
call = ctypes.CDLL(None).syscall
room = ctypes.create_string_buffer(16)
for i in range(20000):
    call(228, 1, room)
END
deserves identity "ringprobe ladder --only getppid" << 'END'
import os
for i in range(20000):
    os.getppid()
END
spared identity << 'END'
import os
who = os.getppid()
for i in range(20000):
    who
END

# ---- what it costs itself ----
# How much it is varies here, so that both may come out alike; guest-icount has it exactly.
for try in 1 2 3; do
	"$ringprobe" monitor --json -- dd if=/dev/zero of=/dev/null bs=1 count=20000 status=none 2> json
	jq -e -s '.[0].watch_adds | .watched != .other' json > /dev/null && break
	echo "# once more: in run $try a watched call cost what others did"
done
is "its own overhead is measured" '.[0] | .cost_measured and .watch_adds.watched != .watch_adds.other and
	(100 * .crossings * .watch_adds.watched / .cpu - .interval.watch_percent | fabs) < 0.001 and
	.monitor_cpu_seconds > 0 and .monitor_cpu_seconds < .elapsed + 1'
expect "... and said" 0 "$ringprobe" monitor -- true
says "... of a watched call, of others', and of the monitor" \
	"overhead +[+-][0-9]+ (ticks|insn) on each of these calls, [0-9.-]+ % of that CPU time; [+-][0-9]+ on those of every other program; this monitor: [0-9.]+ % of a CPU"

# ---- for Prometheus ----
prom='dd.prom'
monitor --json --faults --openmetrics "$prom" -- dd if=/dev/zero of=/dev/null bs=1 count=1000 status=none 2> json
[[ -s $prom && $(stat -c %a "$prom") == 644 && $(ls "$prom"*) == "$prom" ]]
verdict "--openmetrics: a file that all may read, and nothing beside it" $?
# shellcheck disable=SC2016 # jq's
jq -r '.rows[] | "ringprobe_syscalls_total{watch=\"dd\",syscall=\"\(.name)\",abi=\"\(.abi)\"} \(.count)"' json > wanted
grep '^ringprobe_syscalls_total' "$prom" > got
same "... its counts are those of --json" sort
[[ $(grep -c '^ringprobe_syscall_bytes_total{watch="dd",syscall="write",abi="64"} 1000$' "$prom") == 1 &&
   $(grep -c '^ringprobe_page_faults_total.* [1-9]' "$prom") -ge 3 ]]
verdict "... with bytes and page faults" $?
if [[ -x ${PROMTOOL-} ]]; then
	run sh -c 'exec "$1" check metrics < "$2"' - "$PROMTOOL" "$prom"
	[[ $status == 0 && -z $out ]]
	verdict "... promtool has nothing to say of it" $?
	sed 's/^ringprobe_tasks{/&{/' "$prom" > broken.prom
	run sh -c 'exec "$1" check metrics < "$2"' - "$PROMTOOL" broken.prom
	[[ $status != 0 ]]
	verdict "... but of a broken one" $?
else
	skip "... promtool has nothing to say of it" "PROMTOOL is not set"
	skip "... but of a broken one" "PROMTOOL is not set"
fi
cp /bin/true 'o"d\d'
monitor --openmetrics odd.prom -- './o"d\d' 2> /dev/null
out=$(< odd.prom)
[[ $out == *'watch="./o\"d\\d"'* ]]
verdict "... a name is escaped" $?
cp /bin/true $'two\nlines'
monitor --openmetrics lines.prom -- $'./two\nlines' 2> /dev/null
out=$(< lines.prom)
[[ $out == *'watch="./two\nlines"'* ]]
verdict "... and so is a new line in it" $?
start_busy
monitor -p "$busy" -i 0.1 --openmetrics live.prom > /dev/null &
writer=$!
whole=0 torn=0
# For as long as ten readings take: an emulated machine may be slow.
while [[ $((whole + torn)) -lt 10 ]] && kill -0 "$writer" 2> /dev/null; do
	out=$(cat live.prom 2> /dev/null) || continue
	if [[ $(tail -n 1 <<< "$out") == ringprobe_monitor_cpu_seconds_total* ]]; then
		whole=$((whole + 1))
	else
		torn=$((torn + 1))
	fi
done
end_busy
wait "$writer"
[[ $whole == 10 && $torn == 0 ]]
verdict "... who reads it meanwhile sees it whole" $?
expect "--openmetrics without a name" 2 monitor --openmetrics '' -- touch ran
says "... is said" "--openmetrics: the name of the file is empty"
expect "--openmetrics on a device" 125 monitor --openmetrics /dev/null -- touch ran
says "... is said" "--openmetrics /dev/null: it is no regular file"
[[ ! -e ran && -c /dev/null ]]
verdict "... no command runs, and the device stays" $?
mkdir dir full
expect "--openmetrics on a directory" 1 monitor -p $$ --openmetrics dir
says "... is named" "--openmetrics dir: Is a directory"
expect "--openmetrics where there is no directory" 125 monitor --openmetrics nosuch/x -- touch ran
says "... is named" "--openmetrics nosuch/x: No such file"
[[ ! -e ran ]]
verdict "... and the command does not run" $?
mount -t tmpfs -o size=4k,nr_inodes=4 none full
echo before > full/x
expect "--openmetrics on a full disk" 1 monitor -p $$ -i 0.1 -n 1 --openmetrics full/x
says "... is said, with the report" "--openmetrics full/x: No space left on device" "crossing tax"
[[ $(< full/x) == before && $(ls full) == x ]]
verdict "... and the file is as it was" $?
umount full

# ---- processes ----
sleep 900 &
sleeper=$!
until [[ $(< "/proc/$sleeper/syscall") == 230\ * ]]; do	# clock_nanosleep(2)
	sleep 0.1
done
monitor -p "$sleeper" -i 0.3 -n 2 --json > json
is "a process that sleeps: no crossings, no CPU time, no tax" 'length == 3 and all(.tasks == 1 and
	.crossings == 0 and .rows == [] and .interval.tax_percent == 0 and .cpu == 0)'
expect "... as text" 0 monitor -p "$sleeper" -i 0.1 -n 1
says "... no tax of no time" "0\.0/s: 0 system calls" "none: no CPU time"
fits "... and" 80

start_busy
monitor -p "$busy" -i 0.2 -n 5 --json > json
[[ $(wc -l < json) == 6 ]]
verdict "--json: an object on each line" $?
is "... each with its environment, and numbered" 'map(.number) == [0, 1, 2, 3, 4, 5] and
	all(.env.kernel and .command == "monitor" and .schema) and
	(map(.report) | unique) == ["interval", "whole"] and .[5].report == "whole"'
is "... only the last has the exit status" 'map(has("exit")) == [false, false, false, false, false, true]'
# shellcheck disable=SC2016 # jq's
is "... no counter ever decreases" '[., .[1:]] | transpose | map(select(.[1])) | length == 5 and all(
	.[0].crossings <= .[1].crossings and .[0].cpu <= .[1].cpu and .[0].watched < .[1].watched and
	(.[0].rows as $a | .[1].rows as $b | $a | all(. as $row | $b[] | select(.name == $row.name) |
	.count >= $row.count and .wall >= $row.wall and .cpu >= $row.cpu and .max >= $row.max and
	.min <= $row.min and .bytes >= $row.bytes)))'
is "... intervals are what was added" '.[0].crossings < .[4].crossings and
	(.[1].crossings - .[0].crossings == .[1].interval.crossings) and
	(.[5].interval.crossings == .[5].crossings) and
	((.[:5] | map(.interval.crossings) | add) == .[4].crossings)'
is "... and say so by the second" '.[:5] | all(.interval.seconds > 0 and
	(.interval.per_second * .interval.seconds - .interval.crossings | fabs) < 1)'
expect "two processes, a row each" 0 monitor -p "$busy,$sleeper" -i 0.3 -n 1 --top 1
says "... and the rest in one" "processes $busy, $sleeper," "tasks 2," "1 more call "
fits "... and" 80
more=()
for ((i = 0; i < 4; i++)); do
	sleep 900 &
	more+=($!)
done
expect "six processes" 0 monitor -p "$busy,$sleeper,$(IFS=,; echo "${more[*]}")" -i 0.1 -n 1
says "... three are named" "processes $busy, $sleeper, ${more[0]} and 3 more" "tasks 6,"
fits "... and" 80
kill "${more[@]}"
wait "${more[@]}" 2> /dev/null
expect "--wide" 0 env COLUMNS=140 "$ringprobe" monitor -p "$busy" -i 0.3 -n 1 --wide
says "... has percentiles, said to be bounds" "p50 <= +p99 <= +max" "upper bounds" "since the watch began"
fits "... and" 140
says "a crossing's cost is measured, with its spread" \
	"[0-9]+ (ticks|insn): the median getppid of this machine.*95 %: [0-9]+ to [0-9]+; blocks [0-9]+ % apart"
[[ $out =~ compare\ rows\ only || $out =~ MHz || $out =~ insn ]]
verdict "... and the unit is named" $?

# shellcheck disable=SC2016 # for the inner shell
expect "who is read no more, ends" 1 timeout $((20 * slower)) bash -c \
	'"$1" monitor --cost 1 -i 0.1 -p "$2" | head -n 1 > /dev/null; exit "${PIPESTATUS[0]}"' - \
	"$ringprobe" "$busy"
says "... and says so" "cannot write the output"

# Two at once see the same process
monitor -p "$busy" -i 0.5 -n 2 --json > other &
monitor -p "$busy" -i 0.5 -n 2 --json > json
wait $!
cat other >> json
is "two monitors at once" 'length == 6 and all(.crossings > 0)'

(within 20 held; sleep 0.5; kill "$busy") &
killer=$!
SECONDS=0
expect "it ends with the last process" 0 monitor -p "$busy" -i 3600
[[ $SECONDS -lt $((20 * slower)) ]]
verdict "... and does not wait for the interval ($SECONDS s)" $?
says "... that it was is said" "tasks 0, and 1 ended" "write"
wait "$killer" "$busy" 2> /dev/null

# ---- what the kernel refuses ----
expect "no such process" 1 monitor -p "$sleeper,4194303"
says "... is named" "there is no process 4194303"
expect "a thread of the kernel" 1 monitor -p 2
says "... in the kernel's own words" "PID: a thread of the kernel"
expect "nobody" 4 "${nobody[@]}" "$ringprobe" monitor --cost 1 -p "$sleeper"
says "... the capability is named" "CAP_NET_ADMIN" "next:"
expect "nobody's command does not run" 125 "${nobody[@]}" "$ringprobe" monitor --cost 1 -- sh -c 'echo it ran'
[[ $out != *"it ran"* ]]
verdict "... nor did it" $?
expect "root without the capability" 4 setpriv --bounding-set -net_admin --inh-caps -net_admin \
	"$ringprobe" monitor --cost 1 -p "$sleeper"
expect "nobody with the capability" 0 setpriv --reuid 65534 --regid 65534 --clear-groups \
	--inh-caps +net_admin --ambient-caps +net_admin "$ringprobe" monitor --cost 1 -- true
expect "another network namespace" 4 unshare --net "$ringprobe" monitor --cost 1 -p "$sleeper"
says "... is named" "not in this network namespace" "next: .*nsenter"

# ---- a terminal ----
# screens.py: of each screen but the last, which ends in the last report: how many lines
# it has, and whether its first and its last are there
cat > screens.py << 'END'
import sys
for screen in sys.stdin.read().split("\33[H\33[2J")[1:-1]:
    lines = screen.replace("\33[1m", "").replace("\33[0m", "").splitlines()
    print(len(lines), "head" if lines[0].startswith("  process ") else "other",
          "foot" if lines[-1].startswith("  q ends, r counts anew") else "other")
END
screen='\033[H\033[2J'
start_busy
run python3 "$here/terminal.py" "$screen" "q" "$ringprobe" monitor --cost 1 -i 0.3 -p "$busy"
says "a terminal: q ends, and leaves it as it was" "all of .*exit 0 lines True echo True$"
[[ $out == *$'\e[H\e[2J'*"all of"* ]]
verdict "... it was cleared for each report" $?
for rows in 24 12 50; do
	run env ROWS=$rows python3 "$here/terminal.py" "$screen" "xxq" "$ringprobe" monitor --cost 1000000 --faults -i 0.3 -p "$busy"
	out=$(python3 screens.py <<< "$out")
	[[ $(grep -c . <<< "$out") -ge 2 && $(sort -u <<< "$out" | sed 's/^[0-9]* //') == "head foot" &&
	   $(sort -n <<< "$out" | tail -n 1 | cut -d ' ' -f 1) -le $rows ]]
	verdict "... of $rows lines: head and foot are on each screen" $?
done
run python3 "$here/terminal.py" "$screen" "^" "$ringprobe" monitor --cost 1 -i 0.3 -p "$busy"
says "... ^C, too, with the last report" "all of .*exit 0 lines True echo True$"
run python3 "$here/terminal.py" "$screen" "T" "$ringprobe" monitor --cost 1 -i 0.3 -p "$busy"
says "... and SIGTERM" "all of .*exit 0 lines True echo True$"
run python3 "$here/terminal.py" "$screen" "xxxxxrq" "$ringprobe" monitor --cost 1 -i 1 -p "$busy"
says "r counts anew: the whole is what came after, other keys do nothing" \
	"all of [0-4]\.[0-9] s.*exit 0"
run python3 "$here/terminal.py" "ready" "^" "$ringprobe" monitor --cost 1 -- \
	sh -c 'trap "echo got it; exit 7" INT; echo ready; while :; do sleep 0.1; done'
says "^C is the command's, and the report comes all the same" "got it.*all of .*exit 7 lines True"
end_busy

# ---- nothing is left ----
start_busy
"$ringprobe" monitor --cost 1 -p "$busy" > /dev/null &
victim=$!
within 20 held
verdict "a watch holds the module" $?
kill -KILL "$victim"
wait "$victim" 2> /dev/null
within 10 not_held
verdict "... and ends with who is killed" $?
end_busy
kill "$sleeper"
wait "$sleeper" 2> /dev/null
[[ -z $(pgrep -x ringprobe) && -z $(pgrep -x dd) ]]
verdict "no process is left" $?
check "the module can go" unload
run "$here/kmsg-scan" -v marker="$marker" <(dmesg)
[[ $status == 0 ]]
verdict "the kernel did not complain" $?
finish
