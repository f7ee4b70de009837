#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# ringprobe monitor and perf stat watch the same process at once and count the same,
# to the call: the sum, and call by call. The process is stopped while both begin.
# shellcheck disable=SC2317 # verdicts call the functions that nothing else does

# shellcheck source=ringprobe_test.sh
. "${0%/*}/ringprobe_test.sh"

need_root
need_vm
need_module
need_probe
for tool in jq perf python3; do
	command -v "$tool" > /dev/null || skip_all "needs $tool"
done
cd "$work" || exit 1
remember_module
unload || skip_all "the module is in use"
load ports=0xe0-0xe3 || skip_all "insmod failed"

# Of the 64-bit table; the kernel has no such tracepoints for the other.
calls="read write openat close mmap mprotect execve wait4 clone clone3 futex getppid exit_group"
sum=raw_syscalls:sys_enter
# shellcheck disable=SC2086 # words
events=$sum$(printf ',syscalls:sys_enter_%s' $calls)

mkfifo control ack
# Opened for both ways: nobody waits for the other to open it.
exec 3<> control 4<> ack
run perf stat -x, -e "$events" true
[[ $status == 0 ]] || skip_all "perf cannot count: ${out##*$'\n'}"

stopped()
{
	local state

	read -r _ _ state _ < "/proc/$1/stat"
	[[ $state == T ]]
}

# both COMMAND...: perf's figures in the file perf, ours in json, what it printed in said
both()
{
	local subject monitor perf

	# shellcheck disable=SC2016 # the inner shell's
	bash -c 'kill -STOP $$; exec "$@"' - "$@" > said 2>&1 &
	subject=$!
	within 30 stopped "$subject" || return 1
	"$ringprobe" monitor --cost 1 --json -i 1 -p "$subject" > json 2> complaint &
	monitor=$!
	perf stat -x, -o perf -D -1 --control fifo:control,ack -e "$events" -p "$subject" 2> explained &
	perf=$!
	within 30 test -s json
	echo enable >&3
	read -r -t $((30 * slower)) <&4
	kill -CONT "$subject"
	wait "$subject"
	status=$?
	wait "$monitor" "$perf"
}

# name count, for each that was counted
by_perf()
{
	awk -F, -v sum="$sum" '/^[0-9]/ && $1 { sub(/.*sys_enter_/, "", $3)
		print $3 == sum ? "all" : $3, $1 }' perf | sort
}

by_us()
{
	jq -rs --arg calls "$calls" '.[-1] | "all \(.crossings)", (.rows[] | select(.abi == 64) |
		select(.name | IN($calls | split(" ")[])) | "\(.name) \(.count)")' json | sort
}

is_whole()
{
	jq -es '.[-1] | .report == "whole" and .tasks == 0 and .exited > 0 and .untracked == 0' json
} > /dev/null 2>&1

# counted_alike NAME CALL LEAST COMMAND...: the same figures, and so many of one call at least
counted_alike()
{
	local name=$1 call=$2 least=$3 count

	both "${@:4}"
	by_perf > wanted
	by_us > got
	count=$(sed -n "s/^$call //p" wanted)
	out=$(cat complaint explained said; diff wanted got)
	is_whole && cmp -s wanted got && [[ ${count:-0} -ge $least ]]
	verdict "$name: ${count:-0} times $call" $?
}

counted_alike "dd of 100000 bytes" write 100000 \
	dd if=/dev/zero of=/dev/null bs=1 count=100000
# shellcheck disable=SC2016 # the inner shell's
counted_alike "a shell that forks" clone 40 sh -c 'for i in 1 2 3 4 5 6 7 8 9 10; do
	(/bin/true) & (:) & wait; /bin/true | cat; done; dd if=/dev/zero of=/dev/null bs=1 count=1000'
if [[ $(head -c 4 "$here/abi_32" | tail -c 3) == ELF ]]; then
	counted_alike "a 32-bit program" all 100 "$here/abi_32"
else
	skip "a 32-bit program" "abi_32 is not built"
fi
cat > threads.py << 'END'
import os, threading
def work():
    for i in range(5000):
        os.getppid()
for round in range(10):
    threads = [threading.Thread(target=work) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
END
counted_alike "80 threads of python3" getppid 400000 python3 threads.py

finish
