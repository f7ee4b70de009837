#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# ringprobe try: what a user types runs, is shown, and gets nowhere. Doors into the
# kernel lead to SIGSYS, with the number; what the child is confined to is looked up
# from outside, while it runs; random code neither gets a system call through nor
# leaves anything behind. TRY_RANDOM: how many random strings (500).
# shellcheck disable=SC2016 # "$" is the assembler's
# shellcheck disable=SC2317 # expect calls the functions that nothing else does

# shellcheck source=ringprobe_test.sh
. "${0%/*}/ringprobe_test.sh"

need_root
need_vm
[[ -x $probe ]] || skip_all "no probe: $probe"
for tool in jq as setpriv nm; do
	command -v "$tool" > /dev/null || skip_all "needs $tool"
done
chmod 755 "$work"
cp "$probe" "$work/ringprobe"
ringprobe=$work/ringprobe
mkdir -m 1777 "$work/tmp"
export TMPDIR=$work/tmp

as_nobody()
{
	setpriv --reuid 65534 --regid 65534 --clear-groups --no-new-privs "$@"
}

# gives NAME FILTER VALUE ARGUMENT...: one JSON object, in which jq finds VALUE
gives()
{
	local name=$1 filter=$2 value=$3 got

	shift 3
	run "$ringprobe" try --json "$@"
	got=$(jq -rs "if length == 1 then .[0] | $filter else \"not one object\" end" <<< "$out")
	out="found: $got"$'\n'$out
	[[ $status == 0 && $got == "$value" ]]
	verdict "$name" $?
}

# The call that was refused: number and table
call='"\(.outcome) \(.signal) \(.syscall) \(.syscall_table)"'
refused()
{
	gives "$1" "$call" "refused by seccomp SIGSYS $2" "${@:3}"
}

faults='"\(.outcome) \(.trap_name) \(.signal) cpl \(.cpl)"'
# Loops at 0x20010002, after a sigreturn that blocks every signal. The runner's own
# SYSCALL for it is found through the address that code returns to.
symbol()
{
	echo $((0x$(nm "$ringprobe" | awk -v name="$1" '$3 == name { print $1 }')))
}
sigreturn='jmp .+4; jmp .; mov $0x20004400, %esp; movq $0x20010002, 168(%rsp)'
sigreturn+='; movq $0x202, 176(%rsp); movl $0x33, 184(%rsp); movw $0x2b, 190(%rsp)'
sigreturn+='; movq $-1, 296(%rsp); mov 0x20000030, %rcx'
sigreturn+="; add \$$(($(symbol run_restorer) - $(symbol run_left_untimed))), %rcx; jmp *%rcx"
# To 32-bit code, which has a way of its own into the kernel.
compat='push $0x23; lea 5(%rip), %rax; push %rax; lretq'

mark
before=$(ls -A /tmp)

# What comes of instructions
gives "instructions run, separated by ;" '"\(.outcome) \(.end.rax) \(.rows | length)"' \
	"executed 42 3" 'mov $40, %eax; inc %eax; inc %eax'
gives "all other registers are as they were" \
	'[.start, .end | del(.rax, .rflags)] | .[0] == .[1]' true 'mov $40, %eax; inc %eax; inc %eax'
gives "each instruction has bytes and text" '[.rows[] | .bytes, .disassembly] | join(",")' \
	'b8 01 00 00 00,movl $1, %eax,f4,hlt' 'mov $1, %eax; hlt'
gives "... in Intel's syntax, if it was typed so" '[.rows[].disassembly, .end.rax] | join(",")' \
	'mov eax, 1,add rax, rdx,2459565876494606883' -s intel 'mov eax, 1; add rax, rdx'
gives "memory is read" '.end.rax' 0 'mov (%rdi), %rax'
gives "... and written" '"\(.outcome) \(.memory[1])"' "executed 5" 'movq $5, 8(%rsi)'
gives "the stack is one" '.end.rax' 1229782938247303441 'push %rcx; pop %rax'
gives "flags are shown" '.end.rflags / 64 % 2 | floor' 1 'xor %eax, %eax'
gives "hlt faults" "$faults" "faults #GP SIGSEGV cpl 3" 'hlt'
gives "in faults" "$faults" "faults #GP SIGSEGV cpl 3" 'in $0x80, %al'
gives "out faults" "$faults" "faults #GP SIGSEGV cpl 3" --bytes 'e6 80'
gives "ud2 faults" "$faults" "faults #UD SIGILL cpl 3" 'ud2'
gives "int3 faults" "$faults" "faults #BP SIGTRAP cpl 3" 'int3'
gives "a page fault has address and error" '"\(.trap_name) \(.si_addr) \(.error_words)"' \
	"#PF 4096 not mapped, write, by ring 3" 'movq $1, 0x1000'
gives "a selector is decoded" '"\(.trap_name) \(.error_words)"' \
	"#GP the GDT's selector 0x18" 'mov $0x18, %eax; mov %eax, %ss'
gives "RIP in words: at" '.rip_words' '0x20010001, at instruction 2: hlt' 'nop; hlt; nop'
gives "RIP in words: behind" '.rip_words' '0x20010002, behind instruction 2: int3' 'nop; int3; nop'
gives "RIP in words: inside" '.rip_words' '0x20010003, inside instruction 2: movl $0xf4, %eax' \
	'jmp .+3; mov $0xf4, %eax'
gives "RIP in words: outside" '.rip_words' '0, outside the code' 'xor %eax, %eax; jmp *%rax'
gives "bytes that are no instruction are tried all the same" "$faults" \
	"faults #UD SIGILL cpl 3" --bytes '06'
gives "a loop is stopped" '"\(.outcome) \(.signal)"' "hangs SIGALRM" 'jmp .'
gives "... and one that blocks the signal for that" '"\(.outcome) \(.signal)"' \
	"killed SIGKILL" "$sigreturn"
gives "what is forged is only shown" '"\(.outcome) \(.trap_name) \(.ran_as.uid)"' \
	"faults no exception 65534" \
	'movl $11, 0x20000140; movl $-1, 0x20000144; movq $-1, 0x20000150; movq $-1, 0x20012000'

# Ring 0 is entered, and refuses
refused "syscall" "39 64-bit" 'mov $39, %eax; syscall'
refused "... with another number" "231 64-bit" 'mov $231, %eax; syscall'
refused "... and one of the runner's own two" "15 64-bit" 'mov $15, %eax; syscall'
refused "... with no call's number" "4294967295 64-bit" 'mov $-1, %eax; syscall'
refused "... with the number of an x32 call" "39 x32" 'mov $0x40000027, %eax; syscall'
refused "int \$0x80" "20 32-bit" 'mov $20, %eax; int $0x80'
refused "32-bit code" "20 32-bit" "mov \$20, %ecx; $compat; mov %ecx, %eax; int \$0x80"
if grep -qw GenuineIntel /proc/cpuinfo; then
	refused "sysenter" "20 32-bit" 'mov $20, %eax; sysenter'
else
	gives "sysenter: AMD has none in long mode" "$faults" "faults #UD SIGILL cpl 3" 'sysenter'
fi
if grep -q '\[vsyscall\]' /proc/self/maps; then
	refused "the vsyscall page" "96 64-bit" 'mov $0xffffffffff600000, %rax; call *%rax'
else
	gives "no vsyscall page" .trap_name "#PF" 'mov $0xffffffffff600000, %rax; call *%rax'
fi
expect "as text" 0 "$ringprobe" try 'mov $39, %eax; syscall'
says "it names the ring, seccomp and the number" "entered ring 0, refused by seccomp" \
	"system call 39 of the 64-bit table" "behind instruction 2: syscall"
expect "... and all else" 0 "$ringprobe" try 'mov $39, %eax; hlt'
says "registers, as whom, fault, changes" "starts with RAX 0000000000000000 RCX 1111111111111111" \
	"ran as uid 65534, gid 65534, no capabilities, no new privileges, CPL 3" \
	"#GP\(0\) general protection -> SIGSEGV" "changed RAX 0000000000000027 RFLAGS 0x10202: IF RF"

# What is wrong: arguments, one a word behind the first | what it says
export PATH_WAS=$PATH
wrong()
{
	local words text

	while IFS='|' read -r words text; do
		eval "words=($words)"
		expect "wrong: try ${words[*]@Q}" 2 "$ringprobe" try "${words[@]}"
		[[ $out == *"$text"* ]]
		verdict "... says: $text" $?
	done
}
wrong << 'END'
|try needs INSTRUCTION or --bytes HEX
nop nop|one argument too many: "nop"
nop --bytes 90|INSTRUCTION and --bytes: one of the two
--bytes 90 --syntax att|--syntax is for INSTRUCTION
nop --syntax masm|--syntax: "masm" is none of att, intel
--bytes|option --bytes needs a value
--bytes ''|--bytes: no byte is given
--bytes '9'|--bytes: "9" is not a byte
--bytes '9 0'|--bytes: "9 " is not a byte
--bytes 0x90|--bytes: "0x" is not a byte
--bytes '90,90'|--bytes: ",9" is not a byte
--bytes "$(printf '90%.0s' {1..3073})"|--bytes: more than 3072 bytes
''|instruction 1 is empty
'nop;'|instruction 2 is empty
'nop; ;nop'|instruction 2 is empty
'.byte 1'|directives are refused: ".byte"
'nop; .include "x"'|the character """ is refused: it begins a string
'nop;.rept 5'|directives are refused: ".rept"
'lock .byte 1'|no such instruction: `.byte 1'
'x: nop'|labels are refused: "x:"
'nop; 1 : nop'|labels are refused: "1:"
'x = 5'|the character "=" is refused
'nop # x'|the character "#" is refused: it can begin a comment
'nop / x'|the character "/" is refused: it can begin a comment
"mov \$'x, %al"|the character "'" is refused
'mov $x@GOT, %eax'|the character "@" is refused
'nop \x'|the character "\" is refused
$'nop\nnop'|a new line is refused
$'nop\tnop'|the byte 0x09 is refused
$'nop \xff'|the byte 0xff is refused
'nop; foo'|instruction 2: no such instruction: `foo'
'mov eax, 5'|if that is Intel's syntax: --syntax intel
'call foo'|nothing here that has the name "foo"
'jmp 0x1000'|an address is given that only a linker can fill in
"$(printf 'nop;%.0s' {1..600})nop"|more than 2048 characters
END

# Without an assembler, and with others than the right one
PATH=/nowhere expect "no as" 4 "$ringprobe" try nop
says "it names the package, and what goes without" "package binutils" "--bytes 'e6 80'"
PATH=/nowhere expect "... which does" 0 "$ringprobe" try --bytes 'e6 80'
says "it faults" "#GP\(0\)"
# with FIRST-LINES...: an as of that kind
with()
{
	mkdir -p "$work/bin"
	printf '%s\n' "#!/bin/bash" "PATH=$PATH_WAS" "$@" > "$work/bin/as"
	chmod 755 "$work/bin" "$work/bin/as"
}
with 'echo one; echo two; exit 1'
PATH=$work/bin:$PATH expect "an as that fails: exits with 4" 4 "$ringprobe" try nop
says "what it said" "as says: one"
with 'exit 0'
PATH=$work/bin:$PATH expect "an as that does nothing: exits with 4" 4 "$ringprobe" try nop
says "... and says so" "as made no object file"
with 'head -c 5000 /dev/urandom > /proc/self/fd/3'
PATH=$work/bin:$PATH expect "an as that makes rubbish: exits with 4" 4 "$ringprobe" try nop
with 'kill -9 $$'
PATH=$work/bin:$PATH expect "an as that dies: exits with 4" 4 "$ringprobe" try nop
says "... and says so" "as was stopped by SIGKILL"
with 'echo "Error: user $(id -u)" $(grep -E "^(CapPrm|CapBnd|NoNewPrivs)" /proc/$$/status)' \
	'exit 1'
PATH=$work/bin:$PATH run "$ringprobe" try nop
says "as root runs it as nobody" \
	"user 65534 CapPrm: 0000000000000000 CapBnd: 0000000000000000 NoNewPrivs: 1"
with 'files=$(cd /proc/$$/fd && echo *); echo "Error: files $files"; exit 1'
exec 9< /dev/null
PATH=$work/bin:$PATH run "$ringprobe" try nop
exec 9<&-
says "... with its input, output and complaints" "files 0 1 2 3 255"

# What the child is, from outside, while it runs: confined NAME COMMAND...
# Who has no capability cannot take one out of the bounding set either.
confined()
{
	local name=$1 pid child='' i bounding='0+'

	shift
	[[ $name == root ]] || bounding='[0-9a-f]+'
	exec 9< /dev/null
	"$@" try 'jmp .' > "$work/looped" 2>&1 &
	pid=$!
	exec 9<&-
	for ((i = 0; i < 200; i++)); do
		read -r child < "/proc/$pid/task/$pid/children"
		[[ -z $child ]] || ! grep -qs '^Seccomp:.*2' "/proc/$child/status" || break
		sleep 0.05
	done
	out=$(grep -E '^(Uid|Gid|Groups|Cap|NoNewPrivs|Seccomp):' "/proc/$child/status"
		grep -E '^Max (cpu|core|address)' "/proc/$child/limits"
		echo "files: $(find "/proc/$child/fd" -mindepth 1 | wc -l)")
	status=0
	says "$name: the child is nobody, in no group, without capabilities" \
		"Uid: 65534 65534 65534 65534 Gid: 65534 65534 65534 65534 Groups: CapInh: 0+ CapPrm: 0+ CapEff: 0+ CapBnd: $bounding CapAmb: 0+ NoNewPrivs: 1 Seccomp: 2"
	says "$name: it has no more memory, no core file, no file, and little time" \
		"Max cpu time 6 6 seconds" "Max core file size 0 0" "Max address space 0 0" "files: 0$"
	wait "$pid"
	out=$(< "$work/looped")
	says "$name: it ends, and as whom it ran is so" "ran as uid 65534, gid 65534, no capabilities" "hangs"
}
confined root "$ringprobe"
confined nobody as_nobody "$ringprobe"
run "$here/inherit" "$ringprobe" try --json --bytes 'e6 e0 fa'
if [[ $status == 4 ]]; then
	skip "port rights that were inherited are gone" "inherit: $out"
else
	[[ $(jq -r "$faults" <<< "$out") == "faults #GP SIGSEGV cpl 3" ]]
	verdict "port rights that were inherited are gone" $?
fi

# Random code
count=${TRY_RANDOM:-500}
expect "random code in the runner, as root" 0 "$here/tryfuzz" -n "$count"
echo "# $out"
cp "$here/tryfuzz" "$work/tryfuzz"
expect "random code in the runner, as nobody" 0 as_nobody "$work/tryfuzz" -n "$count"
echo "# $out"
expect "calls are seen where there is no filter" 0 "$here/tryfuzz" -n 200 -u
echo "# $out"

is_shown()
{
	[[ $status == 0 && $out == *outcome* && $out != *[![:print:][:space:]]* ]] &&
		! grep -qE '.{81}' <<< "$out"
}

# many NAME COMMAND...: random bytes by the command itself
many()
{
	local name=$1 i bytes good=0

	shift
	for ((i = 0; i < count / 10; i++)); do
		bytes=$(od -An -v -tx1 -w64 -N $((1 + RANDOM % 32)) /dev/urandom)
		run "$@" try --bytes "$bytes"
		is_shown || { out="$bytes"$'\n'$out; break; }
		good=$((good + 1))
	done
	[[ $good == "$i" ]]
	verdict "$good random strings by the command, $name" $?
}
many "as root" "$ringprobe"
many "as nobody" as_nobody "$ringprobe"

# Nothing is left
run ls -A "$TMPDIR"
[[ -z $out ]]
verdict "no temporary file is left" $?
out=$(diff <(echo "$before") <(ls -A /tmp))
verdict "... nor anything else in /tmp" $?
out=$(pgrep -l 'ringprobe|tryfuzz|^as$'; pgrep -l --runstates Z .)
[[ -z $out ]]
verdict "no process is left" $?
run "$here/kmsg-scan" -v marker="$marker" <(dmesg)
[[ $status == 0 ]]
verdict "the kernel did not complain" $?
finish
