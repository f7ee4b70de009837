#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The probe as its users meet it, in four ways: as root and as nobody, with and
# without the module. Exit statuses, what fits a terminal, JSON, refusals that
# say who refused, and wrong arguments that name the right ones.
# shellcheck disable=SC2317 # run, check and expect call the functions that nothing else does

# shellcheck source=ringprobe_test.sh
. "${0%/*}/ringprobe_test.sh"

need_root
need_vm
need_module
need_probe

remember_module
unload || skip_all "the module is in use"
cd "$work" || exit 1

as_root()
{
	"$ringprobe" "$@"
}

as_nobody()
{
	"${nobody[@]}" "$ringprobe" "$@"
}

# The last output: at most this many lines, of at most 80 columns
fits()
{
	local line lines=0

	while IFS= read -r line; do
		[[ ${#line} -le 80 ]] || return 1
		lines=$((lines + 1))
	done <<< "$out"
	[[ $lines -le $1 ]]
}

# The last output: plain ASCII, no control characters, so no colours either
is_plain()
{
	[[ $out != *[![:print:][:space:]]* ]]	# in the C locale
}

# The last output: one JSON object with what every one has
is_json()
{
	if command -v jq > /dev/null; then
		jq -es 'length == 1 and (["schema", "command", "env", "rows"] - (.[0] | keys) == [])' \
			<<< "$out"
	else
		python3 -c 'import json, sys
sys.exit(not {"schema", "command", "env", "rows"} <= set(json.load(sys.stdin)))' <<< "$out"
	fi
}

# Each way runs the same commands: arguments | exit status as root with the
# module, as nobody with it, as root without, as nobody without | lines
views="
                       |0 0 0 0|24
info                   |0 0 0 0|24
cpl                    |0 4 4 4|24
cpl --via int80        |0 4 4 4|24
port in 0x80           |0 4 4 4|24
port in 0x80 --ring 3  |0 0 0 0|24
time                   |0 4 4 4|24
time --via getppid     |0 0 0 0|24
time --via ioctl -n 2000 |0 4 4 4|24
time --via getppid --fifo -n 2000 |0 4 0 4|24
why 0x80               |0 1 4 4|24
atlas --group doors    |0 0 0 0|24
atlas --group privileged |0 4 4 4|999
atlas hlt              |0 4 4 4|24
try hlt                |0 0 0 0|24
try --bytes e680       |0 0 0 0|24
path --via lseek -n 200 |0 4 4 4|999
batch port -n 16       |0 4 4 4|45
batch file -n 4096     |0 0 0 0|45
monitor -p 1 -i 0.1 -n 1 |0 4 4 4|30
tour --no-pause        |0 4 4 4|999
"

four_ways()
{
	local way=$1 user=$2 arguments statuses lines wanted

	while IFS='|' read -r arguments statuses lines; do
		[[ -n $lines ]] || continue
		read -ra arguments <<< "$arguments"
		read -ra statuses <<< "$statuses"
		wanted=${statuses[$3]}
		expect "$way: ringprobe ${arguments[*]}: exits with $wanted" "$wanted" \
			"$user" "${arguments[@]}"
		fits "$lines" && is_plain
		verdict "$way: ringprobe ${arguments[*]}: fits, and is plain text" $?
	done <<< "$views"
}

one_object_each()
{
	local way=$1 user=$2 arguments

	for arguments in info cpl "port in 0x80" "time -n 2000" "path -n 200" "why 0x80" "tour --no-pause"; do
		# shellcheck disable=SC2086 # words
		run "$user" $arguments --json
		check "$way: ringprobe $arguments --json: one object" is_json
	done
}

# Without the module
four_ways "root, no module" as_root 2
run as_root
says "it says what is missing and how to get it" "not loaded" "insmod" "start here: ringprobe tour"
run as_root port in 0x80
says "the ring-3 half runs all the same" "ring 3" "SIGSEGV" "#GP\(0\)" "insmod"
four_ways "nobody, no module" as_nobody 3
one_object_each "nobody, no module" as_nobody
run as_nobody cpl
says "nobody sees ring 3 and SYSCALL's two registers" "0x0033" "RCX" "R11"

# Wrong arguments: exit status 2, and the right ones named; nothing is done
while IFS='|' read -r arguments pattern; do
	[[ -n $pattern ]] || continue
	read -ra arguments <<< "$arguments"
	expect "usage: ringprobe ${arguments[*]}" 2 as_root "${arguments[@]}"
	says "names what is right: $pattern" "$pattern"
done << 'END'
bogus                    |info.*cpl.*port.*time.*batch.*why.*tour
--bogus                  |--help
info --bogus             |info --help
info extra               |info --help
cpl extra                |cpl --help
cpl --bogus              |cpl --help
cpl -x                   |unknown option -x.*cpl --help
port                     |in.*out
completion               |bash.*zsh
completion fish          |bash.*zsh
completion bash zsh      |zsh
port sideways 0x80       |in.*out
port in                  |0xffff
port in 0x10000          |0xffff
port in -1               |--help
port in 12abc            |0xffff
port in 0x80 1           |port --help
port in 0x81 -w 16       |multiple of 2
port in 0x82 -w 32       |multiple of 4
port in 0x80 -w 9        |8, 16, 32
port in 0x80 -w 1        |8, 16, 32
port in 0x80 -w          |value
port in 0x80 --ring 1    |3, 0, both
port out 0x80            |VALUE
port out 0x80 0x100      |0xff
port out 0x80 abc        |VALUE.*0 to 0xff
port out 0x80 abc -w 16  |VALUE.*0 to 0xffff
port out 0x80 0x10000 -w 16|0xffff
port out 0x80 -1         |--help
port out 0x80 0x42 7     |port --help
batch                    |port.*file
batch disk               |port.*file
batch port 0x10000       |0xffff
batch port 0x81 -w 16    |multiple of 2
batch port -w 7          |8, 16, 32
batch port -n 0          |1 to 4096
batch port -n 4097       |1 to 4096
batch port -n -1         |--help
batch port 0x80 0x81     |too many.*0x81
batch file 0x80          |too many.*0x80
batch file -w 8          |batch port
batch file -n 0          |1 to 16777216
batch file -n 16777217   |1 to 16777216
batch file -n 4k         |1 to 16777216
monitor                  |-p PID.*-- CMD
monitor ls               |"ls" is no option.*--
monitor ls -- ls         |"ls" is no option.*--
monitor --               |no command
monitor -p               |value
monitor -p 0             |1 to 4194304
monitor -p 4194305       |1 to 4194304
monitor -p 1,            |1 to 4194304
monitor -p 1,x           |"x".*1 to 4194304
monitor -p 1,2,1         |1 is there twice
monitor -p 1 -p 1        |1 is there twice
monitor -p -1            |-p: "-1" is not a number
monitor -p 1 -- ls       |one of the two
monitor -p 1 -i 0        |0.1 to 3600
monitor -p 1 -i 0.0999   |0.1 to 3600
monitor -p 1 -i 3600.001 |0.1 to 3600
monitor -p 1 -i 1.       |0.1 to 3600
monitor -p 1 -i .5       |0.1 to 3600
monitor -p 1 -i 1e3      |0.1 to 3600
monitor -p 1 -i 01       |0.1 to 3600
monitor -p 1 -n 0        |1 to 1000000000
monitor -n 5 -- ls       |-n is for -p
monitor -p 1 --top 0     |1 to 1000
monitor -p 1 --top 1001  |1 to 1000
monitor -p 1 --cost 0    |1 to 1000000000
monitor -p 1 --cost -5   |1 to 1000000000
monitor --bogus          |monitor --help
why 0x10000              |0xffff
why 1 2                  |why --help
why -w 8                 |needs a PORT
why 0x81 -w 16           |multiple of 2
why 0x82 -w 32           |multiple of 4
why --bogus              |why --help
time --via bogus         |lseek.*ioctl.*getppid
time -n 0                |--help
time -n abc              |--help
time --cpu 99999         |--help
time getppid             |options only.*"getppid"
time --nops-entry 2      |0, 1, 7, 64
time --nops-entry 1 --nops-exit 1|one of them
path --via getppid       |ioctl.*lseek
path -n 0                |100000
path lseek               |path --help
path --indirect -n 5     |no other option
path --via lseek --indirect|no other option
tour 9                   |1.*8
tour --list 3            |no N
tour 1 2                 |too many.*"2"
tour --bogus             |tour --help
atlas nosuch             |nosuch.*lists the names
atlas --group rings      |io, privileged.*doors
atlas --ring 2           |3, 0, both
atlas --mode 16          |64, 32
atlas hlt nosuch         |nosuch
atlas --group io hlt     |one of the two
tour 0                   |1.*8
END
# shellcheck disable=SC2046 # words
expect "usage: 65 names for the atlas" 2 as_root atlas $(printf 'hlt %.0s' {1..65})
says "names the most" "more than 64 names"
expect "usage: monitor of 1025 processes" 2 as_root monitor -p "$(seq -s , 1025)"
says "names the most" "more than 1024 processes"
# shellcheck disable=SC2016 # for the inner shell
expect "a full disk is a failure" 1 bash -c '"$1" info > /dev/full' - "$ringprobe"

# Help
expect "ringprobe --version" 0 as_root --version
says "names the version" "^ringprobe [0-9]+\.[0-9]+\.[0-9]+$"
expect "help of help" 0 as_root help help
says "is the list of commands" "tour \[N\]"
expect "ringprobe port --help" 0 as_root port --help
says "and outb's order of arguments" "PORT VALUE" "outb\(\) takes \(value, port\)" \
	"outb\(0x60, 0x00\).*" "DMA"

# With the module
load ports=0xe0-0xe3,0xe8-0xeb,0x5e9
four_ways "root, module" as_root 0
one_object_each "root, module" as_root
run as_root cpl
says "both sides of the boundary" "0x0033 .*0x0010" "3 user mode.*0 kernel mode" \
	"still at CPL 3"
expect "all 32 bits of a device" 0 as_root port out 0xe0 0x11223344 -w 32
run "$here/portop" in 0xe0 4
says "got there, written by the probe" '^0x11223344$'
expect "and are read back" 0 as_root port in 0xe2 -w 16
says "the upper half" "0x1122"

run as_root cpl --via int80
says "by the old door, too" "int .0x80" "0x0033 .*0x0010" "3 user mode.*0 kernel mode"
run as_nobody time --via getppid --fifo -n 2000
says "who may not be real-time is told what would help" "CAP_SYS_NICE" "RLIMIT_RTPRIO" "next:"
if command -v strace > /dev/null; then
	expect "where int 0x80 is closed" 4 strace -f -qq -o /dev/null -e trace=getpid \
		-e inject=getpid:error=ENOSYS "$ringprobe" cpl --via int80
	says "... that is said, with the other door" "closed here: no such system call" "ringprobe cpl"
else
	skip "where int 0x80 is closed" "needs strace"
fi

# Refused in both rings: nothing reaches the device
window_opens
expect "the textbook's port out 0x60 0x00 is refused" 1 as_root port out 0x60 0x00
says "in ring 3 by the CPU, in ring 0 as the keyboard controller's" "SIGSEGV" \
	"keyboard controller" "why 0x60"
expect "port out 0x64 0xfe is refused" 1 as_root port out 0x64 0xfe
says "for good" "resets the machine" "why 0x64"
expect "a port that is not listed is refused" 1 as_root port out 0x1000 0
says "by the allow-list" "allow-list"
expect "nobody is refused" 4 as_nobody port out 0xe0 0x42
expect "ring 3 alone is refused" 0 as_root port out 0xe0 0x42 --ring 3
window_closes
expect "why 0x60 has an answer" 1 as_root why 0x60
says "the parameter" "unsafe_ports=0x60" "keyboard"
expect "why 0x64 has none" 1 as_root why 0x64
says "no option allows it" "resets the machine" "no option"
expect "why 0x1000 has an answer" 1 as_root why 0x1000
says "the other parameter" "not listed by ports=" "ports=0x1000"
expect "why 0xe0, which is listed" 0 as_root why 0xe0
says "who claimed it" "listed by ports=, and claimed"

# Whoever runs it has port rights: they are given up, or this would go through
window_opens
expect "inherited rights do not get ring 3 through" 0 \
	"$here/inherit" "$ringprobe" port out 0xe0 0x42 --ring 3
says "and it says that there were any" "SIGSEGV" "inherit|rights"
inherited=$status
window_closes
run "$here/portop" in 0xe0 4
says "the device kept its value" '^0x11223344$'
if [[ $inherited == 0 && $out == 0x11223344 ]]; then
	window_opens
	expect "nor to port 0x64, which would reset the machine" 1 \
		"$here/inherit" "$ringprobe" port out 0x64 0xfe
	says "refused in both rings" "SIGSEGV" "resets the machine"
	window_closes
else
	false
	verdict "nor to port 0x64, which would reset the machine: not tried" $?
fi

four_ways "nobody, module" as_nobody 1

# Colour is for terminals, unless NO_COLOR says no
if command -v script > /dev/null; then
	run env -u NO_COLOR TERM=xterm script -qec "$ringprobe cpl" /dev/null
	[[ $out == *$'\e['* ]]
	verdict "a terminal gets colours" $?
	[[ $out != *$'\e['*(1;)@(33|9[0-7])* ]]
	verdict "but no yellow and no bright ones" $?
	run env NO_COLOR=1 TERM=xterm script -qec "$ringprobe cpl" /dev/null
	[[ $out != *$'\e['* ]]
	verdict "NO_COLOR is obeyed" $?
else
	skip "a terminal gets colours" "needs script (bsdutils)"
fi
if command -v python3 > /dev/null; then
	run env NO_COLOR=1 python3 "$here/terminal.py" "b back" "nbq" "$ringprobe" tour
	[[ $out == *"1/8"*"2/8"*"1/8"* && $out == *"exit 0 lines True echo True" ]]
	verdict "the tour goes on by n, back by b, and ends by q" $?
else
	skip "the tour goes on by n, back by b, and ends by q" "needs python3"
fi

# unsafe_ports=0x60 makes the textbook example run
unload
load unsafe_ports=0x60
expect "with unsafe_ports=0x60, port out 0x60 0x00 runs" 0 as_root port out 0x60 0x00
says "refused in ring 3, done in ring 0" "SIGSEGV" "done"
expect "why 0x60 has nothing to say against it" 0 as_root why 0x60
says "but what was asked for" "listed by unsafe_ports=, not claimed"
expect "port 0x64 stays denied" 1 as_root port out 0x64 0xfe --ring 0

# The node's mode lets others look, and touch nothing
unload
load mode=0666
expect "mode=0666: nobody may look" 0 as_nobody cpl
says "at both sides" "kernel mode"
expect "but not touch" 4 as_nobody port in 0x80
says "for want of the capability" "CAP_SYS_RAWIO"
finish
