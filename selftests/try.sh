#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# ringprobe try, as root and as nobody: what comes of instructions is shown, doors into
# the kernel lead to SIGSYS with the number, the child is looked at from outside while
# it runs, and random code neither gets a system call through nor leaves anything.
# tools/tests/try.sh has the rest: arguments, the assembler, and random code in bulk.
# shellcheck disable=SC2016,SC2317 # "$" is the assembler's; within calls filtered

# shellcheck source=ringprobe_test.sh
. "${0%/*}/ringprobe_test.sh"

need_root
need_vm
need_probe
[[ -x $here/tryfuzz ]] || skip_all "no tryfuzz: built where the probe's source is"
for tool in jq as nm; do
	command -v "$tool" > /dev/null || skip_all "needs $tool"
done
cp "$here/tryfuzz" "$work"
mkdir -m 1777 "$work/tmp"
export TMPDIR=$work/tmp

# gives NAME FILTER VALUE ARGUMENT...: one JSON object, in which jq finds VALUE
gives()
{
	local name=$1 filter=$2 value=$3 got

	shift 3
	run "$ringprobe" try --json "$@"
	got=$(jq -rs "if length == 1 then .[0] | $filter else \"not one object\" end" <<< "$out")
	out="found: $got"$'\n'$(jq 'del(.env)' <<< "$out")
	[[ $status == 0 && $got == "$value" ]]
	verdict "$name" $?
}

faults='"\(.outcome) \(.trap_name) \(.signal) cpl \(.cpl)"'
# refused NAME "NUMBER TABLE" ARGUMENT...: seccomp has refused that call
refused()
{
	gives "$1" '"\(.outcome) \(.signal) \(.syscall) \(.syscall_table)"' \
		"refused by seccomp SIGSYS $2" "${@:3}"
}

symbol()
{
	echo $((0x$(nm "$ringprobe" | awk -v name="$1" '$3 == name { print $1 }')))
}

# A sigreturn that blocks every signal, to a loop at 0x20010002. The runner's own
# SYSCALL for it is found through the address that code returns to.
sigreturn='jmp .+4; jmp .; mov $0x20004400, %esp; movq $0x20010002, 168(%rsp)'
sigreturn+='; movq $0x202, 176(%rsp); movl $0x33, 184(%rsp); movw $0x2b, 190(%rsp)'
sigreturn+='; movq $-1, 296(%rsp); mov 0x20000030, %rcx'
sigreturn+="; add \$$(($(symbol run_restorer) - $(symbol run_left_untimed))), %rcx; jmp *%rcx"
# To 32-bit code, which has ways of its own into the kernel.
compat='push $0x23; lea 3(%rip), %rax; push %rax; lretq'

# An emulator whose far returns have the kernel crash
avoid=()
if "$ringprobe" info --json | jq -e '.env.hypervisor | startswith("TCG")' > /dev/null &&
	grep -qw smap /proc/cpuinfo; then
	avoid=(-a)
fi

mark
gives "instructions run, separated by ;" '"\(.outcome) \(.end.rax) \(.rows | length)"' \
	"executed 42 3" 'mov $40, %eax; inc %eax; inc %eax'
gives "memory and stack are there" '"\(.outcome) \(.end.rax) \(.memory[1])"' "executed 5 5" \
	'mov (%rdi), %rbx; movq $5, 8(%rsi); push 8(%rdi); pop %rax'
gives "hlt faults" "$faults" "faults #GP SIGSEGV cpl 3" 'hlt'
gives "in faults" "$faults" "faults #GP SIGSEGV cpl 3" 'in $0x80, %al'
gives "out faults" "$faults" "faults #GP SIGSEGV cpl 3" --bytes 'e6 80'
gives "ud2 faults" "$faults" "faults #UD SIGILL cpl 3" 'ud2'
gives "int3 faults" "$faults" "faults #BP SIGTRAP cpl 3" 'int3'
gives "a loop is stopped" '"\(.outcome) \(.signal)"' "hangs SIGALRM" 'jmp .'
gives "... and one that has blocked the signal for that" '"\(.outcome) \(.signal)"' \
	"killed SIGKILL" "$sigreturn"

refused "syscall" "39 64-bit" 'mov $39, %eax; syscall'
refused "... with the number of one of the runner's own two" "231 64-bit" 'mov $231, %eax; syscall'
refused "... and of the other" "15 64-bit" 'mov $15, %eax; syscall'
refused "... with no call's number" "4294967295 64-bit" 'mov $-1, %eax; syscall'
refused "... with the number of an x32 call" "39 x32" 'mov $0x40000027, %eax; syscall'
refused "int \$0x80" "20 32-bit" 'mov $20, %eax; int $0x80'
if [[ ${avoid[*]} ]]; then
	expect "a far return is not run on an emulator that it crashes" 4 "$ringprobe" try "$compat"
	says "... and it says why" "instruction 4 on this emulator: .* Linux oopses"
else
	refused "32-bit code's int \$0x80" "20 32-bit" "mov \$20, %ecx; $compat; mov %ecx, %eax; int \$0x80"
fi
if grep -qw GenuineIntel /proc/cpuinfo; then
	refused "sysenter" "20 32-bit" 'mov $20, %eax; sysenter'
else
	gives "sysenter: AMD has none in long mode" "$faults" "faults #UD SIGILL cpl 3" 'sysenter'
fi
if grep -q '\[vsyscall\]' /proc/self/maps; then
	refused "the vsyscall page" "96 64-bit" 'mov $0xffffffffff600000, %rax; call *%rax'
else
	gives "there is no vsyscall page" "$faults" "faults #PF SIGSEGV cpl 3" \
		'mov $0xffffffffff600000, %rax; call *%rax'
fi

# filtered PID: its child, in child, has its filter; what was seen of it is in seen. The
# child lives for a second: all of this is read without another process.
filtered()
{
	{
		read -r child _ < "/proc/$1/task/$1/children"
		mapfile -t seen < "/proc/$child/status"
	} 2> /dev/null
	[[ "${seen[*]}" == *Seccomp:$'\t'2* ]]
}

# confined NAME BOUNDING-SET COMMAND...: the child while it runs. Who has no capability
# cannot take one out of the bounding set either.
confined()
{
	local name=$1 bounding=$2 pid child seen=() files

	shift 2
	exec 9< /dev/null
	"$@" try 'jmp .' > "$work/looped" 2>&1 &
	pid=$!
	exec 9<&-
	within 10 filtered "$pid"
	mapfile -O ${#seen[@]} -t seen < "/proc/$child/limits"
	shopt -s nullglob
	files=("/proc/$child/fd/"*)
	shopt -u nullglob
	out=$(printf '%s\n' "${seen[@]}" "files: ${#files[@]}" | grep -E \
		'^(Uid|Gid|Groups|Cap[a-zA-Z]*|NoNewPrivs|Seccomp|Max (cpu|core|address)[a-z ]*|files)[: ]')
	says "$name: the child is nobody, in no group, without capabilities, and filtered" \
		"Uid: 65534 65534 65534 65534 Gid: 65534 65534 65534 65534 Groups: Cap" \
		"CapInh: 0+ CapPrm: 0+ CapEff: 0+ CapBnd: $bounding CapAmb: 0+ NoNewPrivs: 1 Seccomp: 2"
	says "$name: it gets no memory, no core file, no file, and little time" \
		"Max cpu time 6 6 seconds" "Max core file size 0 0" "Max address space 0 0" "files: 0$"
	wait "$pid"
	out=$(< "$work/looped")
	says "$name: as whom it ran is so" "ran as uid 65534, gid 65534, no capabilities" "hangs"
}
confined root '0+' "$ringprobe"
confined nobody '[0-9a-f]+' "${nobody[@]}" "$ringprobe"
run "$here/inherit" "$ringprobe" try --json --bytes 'e6 e0'
[[ $status == 0 && $(jq -r "$faults" <<< "$out") == "faults #GP SIGSEGV cpl 3" ]]
verdict "port rights that were inherited are gone" $?

expect "random code, as root" 0 "$here/tryfuzz" "${avoid[@]}" -n 120
echo "# $out"
expect "random code, as nobody" 0 "${nobody[@]}" "$work/tryfuzz" "${avoid[@]}" -n 120
echo "# $out"
expect "calls are seen where the runner does not filter" 0 "$here/tryfuzz" "${avoid[@]}" -n 80 -u
echo "# $out"

run find "$TMPDIR" -mindepth 1
[[ -z $out ]]
verdict "no temporary file is left" $?
out=$(pgrep -lx ringprobe; pgrep -lx tryfuzz; pgrep -lx as; pgrep -l --runstates Z .)
[[ -z $out ]]
verdict "no process is left" $?
run "$here/kmsg-scan" -v marker="$marker" <(dmesg)
[[ $status == 0 ]]
verdict "the kernel did not complain" $?
finish
