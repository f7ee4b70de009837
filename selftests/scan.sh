#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# kmsg-scan sees what it must: in lines as kernels of several versions print
# them, and in the running kernel's own log after a deliberate WARN. And a program that
# takes too long takes its test with it, for which the runner waited else.
# shellcheck disable=SC2317 # run and expect call the functions that nothing else does

# shellcheck source=ringprobe_test.sh
. "${0%/*}/ringprobe_test.sh"

warn=${WARN_MODULE:-$here/warn/ringprobe_warn.ko}
[[ -e $warn ]] || warn=$here/ringprobe_warn.ko	# as installed

scan()
{
	printf '%s\n' "$@" | "$here/kmsg-scan" -v marker="the marker"
}

# Lines of several kernel versions, each alone a reason to fail.
mapfile -t complaints << 'LINES'
WARNING: CPU: 0 PID: 112 at /build/warn.c:13 ringprobe_warn_init+0xe/0x1000 [ringprobe_warn]
WARNING: /build/warn.c:13 at ringprobe_warn_init+0xe/0x1000 [ringprobe_warn], CPU#0: insmod/112
WARNING: possible circular locking dependency detected
WARNING: possible recursive locking detected
WARNING: inconsistent lock state
WARNING: suspicious RCU usage
WARNING: bad unlock balance detected!
------------[ cut here ]------------
INFO: possible recursive locking detected
BUG: kernel NULL pointer dereference, address: 0000000000000008
BUG: unable to handle page fault for address: ffffc90000a3f000
BUG: KASAN: slab-out-of-bounds in ringprobe_info+0x12/0x100 [ringprobe]
BUG: sleeping function called from invalid context at include/linux/uaccess.h:1
BUG: scheduling while atomic: ops/112/0x00000002
kernel BUG at lib/list_debug.c:29!
watchdog: BUG: soft lockup - CPU#0 stuck for 22s! [ops:112]
UBSAN: array-index-out-of-bounds in module/ops.c:1:2
Oops: 0000 [#1] PREEMPT SMP NOPTI
general protection fault, probably for non-canonical address 0xdead000000000100: 0000 [#1] SMP
general protection fault: 0000 [#1] SMP
rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:
rcu: INFO: rcu_sched self-detected stall on CPU
INFO: task ops:112 blocked for more than 120 seconds.
refcount_t: underflow; use-after-free.
list_add corruption. prev->next should be next
Call Trace:
Kernel panic - not syncing: Fatal exception
LINES

# What programs do to themselves, what is refused, what is announced.
mapfile -t fine << 'LINES'
ringprobe: 0.1.0, /dev/ringprobe mode 0600, 5 port ranges allowed
ringprobe: loading out-of-tree module taints kernel.
ringprobe: module verification failed: signature and/or required key missing - tainting kernel
traps: ringprobe[412] general protection fault ip:55d0 sp:7ffe error:0 in ringprobe[55d0+9000]
traps: ringprobe[412] attempts to use CLI/STI, pretending it's a NOP, ip:55d0
ringprobe[412]: segfault at ffffffff81000000 ip 000055d0 sp 00007ffe error 7 in ringprobe
Lockdown: ops: raw io port access is restricted; see man kernel_lockdown.7
Setting dangerous option unsafe_ports - tainting kernel
clocksource: timekeeping watchdog on CPU0: Marking clocksource 'tsc' as unstable
LINES

lines()
{
	printf '%s\n' "$@"
}

expect "complaints after the marker" 1 scan "the marker" "${complaints[@]}" "${fine[@]}"
[[ $out == "$(lines "${complaints[@]}")" ]]
verdict "each of them is printed, and nothing else" $?
expect "complaints before the marker" 0 scan "${complaints[@]}" "the marker" "${fine[@]}"
expect "one complaint is enough" 1 scan "the marker" "${fine[@]}" "${complaints[-1]}"
expect "no complaint" 0 scan "the marker" "${fine[@]}"
expect "a log that lost the marker is no clean log" 2 scan "[    1.0] fine"
expect "only what follows the last marker counts" 0 \
	scan "the marker" "BUG: x" "the marker" "fine"
expect "what was meant does not count" 0 scan "the marker" "ringprobe selftest: meant" \
	"${complaints[@]}" "ringprobe selftest: end of meant" "${fine[@]}"
expect "what follows it does" 1 scan "the marker" "ringprobe selftest: meant" \
	"ringprobe selftest: end of meant" "${complaints[0]}"
expect "a marker ends it" 1 scan "ringprobe selftest: meant" "the marker" "${complaints[0]}"
expect "no marker named" 2 "$here/kmsg-scan"

# WARN in the running kernel: not where warnings mean panic, unless it may change.
panic=/proc/sys/kernel/panic_on_warn
if [[ $EUID != 0 ]]; then
	skip "a deliberate WARN is found" "needs root"
elif [[ ! -r $warn || $(modinfo -F vermagic "$warn") != "$(uname -r) "* ]]; then
	skip "a deliberate WARN is found" "there is no ringprobe_warn.ko for $(uname -r)"
else
	panics=$(< $panic)
	[[ $panics == 0 ]] || echo 0 > $panic
	echo "ringprobe selftest: meant" > /dev/kmsg
	mark
	run insmod "$warn"
	says "the module that warns refuses to stay" "canceled"
	run since_mark
	says "the kernel warned" "WARNING: .*ringprobe_warn_init" "a deliberate warning"
	# shellcheck disable=SC2016 # for the inner shell
	expect "a deliberate WARN is found" 1 \
		bash -c 'dmesg | "$1" -v marker="$2"' - "$here/kmsg-scan" "$marker"
	[[ $panics == 0 ]] || echo "$panics" > $panic
	echo "ringprobe selftest: end of meant" > /dev/kmsg
fi

# Two minutes of forks: all have its output, which is at its end when they are gone.
if [[ $EUID != 0 || ! -e /dev/ringprobe ]]; then
	skip "a program that takes too long ends with its test" "needs root and the module"
else
	begun=$SECONDS
	FORK_SECONDS=60 timeout 4 "$here/forks" | cat > /dev/null
	[[ ${PIPESTATUS[0]} == 124 ]] && ((SECONDS - begun < 60))
	verdict "a program that takes too long ends with its test" $?
fi
finish
