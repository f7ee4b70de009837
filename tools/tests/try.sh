#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# ringprobe try where no machine can be harmed: all of it is ring 3 without any rights.
# Arguments, the assembler and its substitutes, what is shown; random code in bulk
# (TRY_RANDOM strings, 10000), as root if we are, and as nobody; and the same with the
# parent under the sanitizers and under valgrind. As root no entry of the atlas is run:
# some would get ports. TRY_SEED= repeats a run.
# shellcheck disable=SC2016 # "$" is the assembler's
# shellcheck disable=SC2317 # check calls the functions that nothing else does
# shellcheck source=tools/tests/lib
. "${0%/*}/lib"

strings=${TRY_RANDOM:-10000}
chmod 755 "$work"
mkdir -m 1777 "$work/tmp"
export TMPDIR=$work/tmp
cp probe/ringprobe "$work"
try=$work/ringprobe
nobody=()
uid=$(id -u)			# of the child
if [[ $uid == 0 ]]; then
	nobody=(setpriv --reuid 65534 --regid 65534 --clear-groups)
	uid=65534
fi

# gives FILTER VALUE ARGUMENT...: one JSON object, in which jq finds VALUE
gives()
{
	local filter=$1 value=$2 got

	shift 2
	"$try" try --json "$@" > "$work/json" || return 1
	got=$(jq -rs "if length == 1 then .[0] | $filter else \"not one object\" end" "$work/json")
	echo "expected: $value"; echo "found:    $got"
	[[ $got == "$value" ]]
}

# prints PATTERN ARGUMENT...: as text, of at most 80 columns
prints()
{
	local pattern=$1

	shift
	"$try" try "$@" > "$work/text" || return 1
	cat "$work/text"
	! LC_ALL=C grep -qE '.{81}|[^[:print:]]' "$work/text" && grep -qE -- "$pattern" "$work/text"
}

check "other registers stay as they were" gives '[.start, .end | del(.rax, .rflags)] | .[0] == .[1]' \
	true 'mov $40, %eax; inc %eax'
check "each instruction has bytes and text" gives '[.rows[] | .bytes, .disassembly] | join(",")' \
	'b8 01 00 00 00,movl $1, %eax,f4,hlt' 'mov $1, %eax; hlt'
check "... in Intel's syntax, if it was typed so" gives '[.rows[].disassembly, .end.rax] | join(",")' \
	'mov eax, 1,add rax, rsi,536887297' -s intel 'mov eax, 1; add rax, rsi'
check "flags are shown" prints '^ +RFLAGS 0x246: PF ZF IF$' 'xor %eax, %eax'
check "memory is shown" prints '^ +0000000000000005 at 0x20004008$' 'movq $5, 8(%rsi)'
check "... and that nothing has changed" prints '^  changed +no register$' 'nop'
check "a page fault has address and error" prints \
	'error code: not mapped, write, by ring 3; address 0x1000$' 'movq $1, 0x1000'
check "a selector is decoded" prints "error code: the GDT's selector 0x18$" \
	'mov $0x18, %eax; mov %eax, %ss'
check "RIP in words: at" gives .rip_words '0x20010001, at instruction 2: hlt' 'nop; hlt; nop'
check "... behind" gives .rip_words '0x20010002, behind instruction 2: int3' 'nop; int3; nop'
check "... inside" gives .rip_words '0x20010003, inside instruction 2: movl $0xf4, %eax' \
	'jmp .+3; mov $0xf4, %eax'
check "... outside" gives .rip_words '0, outside the code' 'xor %eax, %eax; jmp *%rax'
check "a call is named by table and number" prints \
	'entered ring 0, refused by seccomp -> SIGSYS' 'mov $39, %eax; syscall'
check "... both" prints 'system call 39 of the x32 table \(number 0x40000027\)' \
	'mov $0x40000027, %eax; syscall'
check "what the assembler warns of" prints 'instruction 1: 0x1ff shortened to 0xff' 'mov $0x1ff, %al'
check "bytes that are no instruction" prints '06 +\?  not an instruction' --bytes '06'
check "the longest instruction fits" prints 'addq' --bytes '66 2e 48 81 84 25 78 56 34 12 78 56 34 12'
check "the most bytes" gives '.rows | length' 3072 --bytes "$(printf '90%.0s' {1..3072})"
# The registers, the first signal's fields, the stamps; what lies read-only faults.
check "what is forged is shown, and no more" gives '"\(.outcome) \(.trap_name) \(.signal) \(.ran_as.uid)"' \
	"faults no exception SIGSEGV $uid" \
	'movl $11, 0x20000148; movl $-1, 0x2000014c; movq $-1, 0x20000158; movq $-1, 0x20012000'
check "code may leave by the runner's own exit, and that is told" gives .outcome lost \
	"mov 0x20000030, %rcx; add \$$(($(nm "$try" | awk '
		$3 == "run_exit" { print "0x" $1 }') - $(nm "$try" | awk '
		$3 == "run_left_untimed" { print "0x" $1 }'))), %rcx; jmp *%rcx"

# What is wrong: the words behind "try" | what is said
while IFS='|' read -r words text; do
	eval "words=($words)"
	check "wrong: ${text:0:60}" exits 2 "$text" "$try" try "${words[@]}"
done << 'END'
|try needs INSTRUCTIONS or --bytes HEX
nop nop|one argument too many: "nop"
nop --bytes 90|INSTRUCTIONS and --bytes: one of the two
--bytes 90 --syntax att|--syntax is for INSTRUCTIONS
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
'{vex} .byte 1'|no such instruction: `.byte 1'
'x: nop'|labels are refused: "x:"
'nop; 1 : nop'|labels are refused: "1:"
'x = 5'|the character "=" is refused: it gives a symbol a value
'nop # x'|the character "#" is refused: it can begin a comment
'nop / x'|the character "/" is refused: it can begin a comment
"mov \$'x, %al"|the character "'" is refused: it begins a string
'mov $x@GOT, %eax'|the character "@" is refused: it asks for a linker
'nop \x'|the character "\" is refused: it belongs to macros
'nop & nop'|the character "&" is refused
$'nop\nnop'|a new line is refused
$'nop\tnop'|the byte 0x09 is refused
$'nop \xff'|the byte 0xff is refused
'nop; foo'|instruction 2: no such instruction: `foo'
'mov eax, 5'|if that is Intel's syntax: --syntax intel
-s intel 'mov eax, nowhere'|there is nothing here that has the name "nowhere"
'call foo'|there is nothing here that has the name "foo"
'jmp 0x1000'|an address is given that only a linker can fill in
"$(printf 'nop;%.0s' {1..600})nop"|more than 2048 characters
END

# as LINE...: the assembler is this script
as()
{
	mkdir -p "$work/bin"
	printf '%s\n' '#!/bin/bash' "PATH=$PATH" "$@" > "$work/bin/as"
	chmod 755 "$work/bin" "$work/bin/as"
}

by_as()
{
	exits "$1" "$2" env PATH="$work/bin" "$try" try nop
}

without_as()
{
	exits 4 "install the package binutils" env PATH=/nowhere "$try" try nop &&
		exits 0 "#GP(0)" env PATH=/nowhere "$try" try --bytes 'e6 80'
}
check "without an assembler it names the package, and --bytes works" without_as
as 'echo one; echo two; exit 1'
check "an as that fails otherwise" by_as 4 "as says: one"
as 'exit 0'
check "... that does nothing" by_as 4 "as made no object file"
as 'head -c 5000 /dev/urandom > /proc/self/fd/3'
check "... that makes rubbish" by_as 4 "as made no object file"
as 'kill -9 $$'
check "... that dies" by_as 4 "as was stopped by SIGKILL"
as 'printf "Error: \033[31m%0999d" 5; exit 1'
check "... that says too much" by_as 2 "?[31m000"
as 'echo Error: uid $(id -u) $(grep -E "^(CapPrm|NoNewPrivs)" /proc/$$/status); exit 1'
check "as runs as nobody, without capabilities" by_as 2 \
	"uid $uid CapPrm: 0000000000000000 NoNewPrivs: 1"
as '[[ ! -e /proc/$$/fd/9 ]] || echo Error: file 9' 'echo Error: no file; exit 1'
exec 9> "$work/nine"
check "... and has no file of ours" by_as 2 "ringprobe: no file (see"
exec 9>&-

# fuzzer FILE FLAG...: the runner and its observer
fuzzer()
{
	build "$@" selftests/tryfuzz.c probe/{run,run_filter,confine,pin,priv,stats}.c \
		-Wl,--wrap=run_filter,--wrap=confine_wait
}

# random AS... : that many strings in the runner, as whom
random()
{
	local n=$1

	shift
	timeout 600 "$@" "${seed[@]}" -n "$n" > "$work/said" 2>&1
	set -- $?
	sed 's/^/# /' "$work/said" >&3
	cat "$work/said"
	return "$1"
}
exec 3>&1
seed=()
[[ -z ${TRY_SEED-} ]] || seed=(-s "$TRY_SEED")
check "the observer is built" fuzzer "$work/tryfuzz"
check "... and under the sanitizers" fuzzer "$work/tryfuzz-asan" "${sanitize[@]}"
if [[ ${nobody[*]} ]]; then
	check "$strings random strings as root: no call, no process, no file" \
		random "$strings" "$work/tryfuzz"
fi
check "$strings random strings as nobody: no call, no process, no file" \
	random "$strings" "${nobody[@]}" "$work/tryfuzz"
check "where the runner does not filter, calls are seen" random 400 "${nobody[@]}" "$work/tryfuzz" -u
check "random strings, the parent under the sanitizers" \
	random $((strings / 10)) "${nobody[@]}" "$work/tryfuzz-asan"

# commands N COMMAND...: random bytes by the command itself, as text and as JSON
commands()
{
	local n=$1 i json bytes

	shift
	for ((i = 0; i < n; i++)); do
		json=()
		((i % 2)) || json=(--json)
		bytes=$(od -An -v -tx1 -w64 -N $((1 + RANDOM % 32)) /dev/urandom)
		echo "$bytes"
		"$@" try "${json[@]}" --bytes "$bytes" > "$work/text" 2>&1 || { cat "$work/text"; return 1; }
		if ((i % 2)); then
			grep -q '  outcome  ' "$work/text" &&
				! LC_ALL=C grep -E '.{81}|[^[:print:]]' "$work/text" || return 1
		else
			jq -es 'length == 1 and .[0].outcome' "$work/text" > /dev/null || return 1
		fi
	done
}
check "100 random strings by the command" commands 100 "$try"
[[ -z ${nobody[*]} ]] || check "100 more, as nobody" commands 100 "${nobody[@]}" "$try"

all_of_it()
{
	local arguments

	for arguments in "'mov \$39, %eax; syscall'" "-s intel 'mov rax, [rsi]; hlt'" "'jmp foo'" "'foo'" \
		"--bytes 'e6 80 06 b8'" "--bytes zz" "'movl \$11, 0x20000148; movq \$-1, 0x20000158'"; do
		eval "arguments=($arguments)"
		for json in '' --json; do
			"$@" try "${arguments[@]}" $json > "$work/text" 2>&1
			[[ $? == [0-24] ]] || { cat "$work/text"; return 1; }
			! grep -E 'Sanitizer|runtime error|ERROR SUMMARY: [1-9]|definitely lost: [1-9]' "$work/text" ||
				return 1
		done
	done
}
check "the probe is built under the sanitizers" sanitized "$work/ringprobe-asan"
check "... and they find nothing in try" all_of_it "${nobody[@]}" "$work/ringprobe-asan"
check "... with random bytes" commands 40 "${nobody[@]}" "$work/ringprobe-asan"
check "... nor in the atlas" exits 4 "not run" "${nobody[@]}" "$work/ringprobe-asan" atlas --ring 3 --group io
# There no child runs code: valgrind's own calls would be filtered, and it has an iopl().
check "valgrind finds nothing in try" all_of_it "${nobody[@]}" valgrind -q --error-exitcode=99 \
	--child-silent-after-fork=yes --leak-check=full "$try"

empty()
{
	find "$TMPDIR" -mindepth 1 | tee "$work/left"
	[[ ! -s $work/left ]]
}
# Those that began here: others may run theirs.
ended()
{
	! pgrep -l -f "^$work/" && ! pgrep -l --runstates Z -P $$
}
check "no temporary file is left" empty
check "no process is left" ended
# What the atlas predicts, on the CPU that is here, virtual or not; ports want rights.
check "as nobody the atlas has no difference without an explanation" \
	exits 4 " 0 without an explanation" "${nobody[@]}" "$try" atlas --ring 3
check "... nor in 32-bit code" \
	exits 4 " 0 without an explanation" "${nobody[@]}" "$try" atlas --ring 3 --mode 32
finish
