#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# ringprobe where its output is closed or full, its environment hostile, memory, processes
# or descriptors run out, calls are interrupted, and it is ended at its worst moment. No
# command may crash, hang, leave a process or a terminal changed, or tell less than the
# truth with the status of success. As nobody, where no module is loaded: no port can be
# touched. RESILIENCE_LINES random command lines (250) and a fourth as many files;
# RESILIENCE_SEED= repeats a run, RESILIENCE_KILLS= is how often a command is ended (12).
# shellcheck disable=SC2317 # check calls the functions that nothing else does
# shellcheck source=tools/tests/lib
. "${0%/*}/lib"

lines=${RESILIENCE_LINES:-250} kills=${RESILIENCE_KILLS:-12} seed=${RESILIENCE_SEED:-$RANDOM}
RANDOM=$seed
[[ ! -e /dev/ringprobe ]] || { echo "1..0 # SKIP there is a module"; exit 4; }
chmod 755 "$work"
cp probe/ringprobe "$work"
ringprobe=$work/ringprobe
nobody=()
[[ $(id -u) != 0 ]] || nobody=(setpriv --reuid 65534 --regid 65534 --clear-groups)
cd "$work" || exit 1

# A command a line, each with its status where nothing is in its way; and those that take
# their time
commands="
|0
--help|0
--version|0
--json|0
help tour|0
cpl|4
cpl --via int80|4
port in 0x80|4
port out 0x80 1 --json|4
try hlt|0
try --bytes e680 --json|0
batch port|4
path|4
why|4
why 0x60 --json|4
tour --no-pause 2|0
tour --list|0
completion bash|0
completion zsh --json|0
monitor -p 1 --json|4
"
measures="
info|0
info --json|0
time --via getppid -n 200|0
ladder --only pipe-threads,pipe-processes,futex,fork,thread -n 20|0
atlas --ring 3 --group doors|0
path --indirect|0
batch file -n 4096|0
"

# run COMMAND...: as nobody, with little time; sets status, and leaves out and err
run()
{
	timeout -k 1 60 "${nobody[@]}" "$@" > out 2> err
	status=$?
}

# Ended as ringprobe(1) says; or what is wrong.
ends_well()
{
	[[ $status == [0124] || $status == 125 ]] && return
	echo "$*: exit status $status"
	tail -n 5 out err
	return 1
}

# for_each COMMANDS FUNCTION: with each command's words behind its status
for_each()
{
	local words wanted failed=0

	while IFS='|' read -r words wanted; do
		[[ $wanted ]] || continue
		# shellcheck disable=SC2086 # words
		"$2" "$wanted" $words || { echo "failed: ringprobe $words"; failed=1; }
	done <<< "$1"
	return "$failed"
}

# ---- standard files ----

# cannot_write ERROR STATUS WORD...: it says so, and fails
cannot_write()
{
	local pattern="^ringprobe: cannot write the output: ($1|write error)$"

	status=0
	timeout -k 1 60 "${nobody[@]}" "$ringprobe" "${@:3}" 2> err || status=$?
	cat err
	[[ $status == 1 ]] && grep -qE "$pattern" err
}

full()
{
	cannot_write "No space left on device" "$@" > /dev/full
}

closed()
{
	cannot_write "Bad file descriptor" "$@" >&-
}

# A pipe that nobody reads any more; SIGPIPE as it is
broken()
{
	exec 7> >(:)
	wait $!
	cannot_write "Broken pipe" "$@" >&7
	set -- $?
	exec 7>&-
	return "$1"
}

ignoring()
{
	(trap '' PIPE; broken "$@")
}

# What they print elsewhere does not hang on them.
without_stdin()
{
	run "$ringprobe" "${@:2}" <&-
	[[ $status == "$1" && -s out ]]
}

without_stderr()
{
	status=0
	timeout -k 1 60 "${nobody[@]}" "$ringprobe" "${@:2}" > out 2>&- || status=$?
	[[ $status == "$1" && -s out ]]
}

# monitor's own words go to stderr, since stdout is the command's.
without_a_word()
{
	run bash -c '"$@" 2> /dev/full' - "$ringprobe" "${@:2}"
	[[ $status == "$1" && ! -s out ]]
}
check "a full disk" for_each "$commands$measures" full
check "stdout closed" for_each "$commands" closed
check "a pipe without a reader" for_each "$commands$measures" broken
check "... with SIGPIPE ignored" for_each "$commands" ignoring
check "stdin closed" for_each "$commands" without_stdin
check "stderr closed" for_each "$commands" without_stderr
check "a wrong argument, and no room to say so" without_a_word 2 bogus
check "a watched command, and no room to tell of it" without_a_word 125 monitor -- true

# ---- surroundings ----

# The words of an output, whatever its figures and lines are drawn with, and wherever they
# are broken
shape()
{
	LC_ALL=C sed -E 's/\x1b\[[0-9;]*[A-Za-z]//g; s/0x[0-9a-f]+//g; s/[^A-Za-z]+/ /g' "$1" |
		tr -s ' \n' ' '
}

few_commands=(cpl "tour --no-pause 2" "try --bytes e680 --json" "why 0x60 --wide")
for words in "${few_commands[@]}"; do
	# shellcheck disable=SC2086 # words
	run "$ringprobe" $words
	shape out > "usual $words"
	echo "$status" > "status $words"
done

# in_place COMMAND...: the same is said there as elsewhere
in_place()
{
	local words failed=0

	for words in "${few_commands[@]}"; do
		# shellcheck disable=SC2086 # words
		run "$@" "$ringprobe" $words
		[[ $status == "$(< "status $words")" ]] && diff "usual $words" <(shape out) || failed=1
	done
	return "$failed"
}

long=$(printf 'x%.0s' {1..10000})
for setting in TERM= TERM=dumb "TERM=$long" TERM=../../etc/passwd COLUMNS=0 COLUMNS=-1 COLUMNS=1 \
	COLUMNS=999999999 COLUMNS=abc LANG=xx_YY.UTF-8 LC_ALL=../../../tmp LC_ALL=C \
	TMPDIR=/nonexistent PATH= PATH=/nonexistent HOME= "NO_COLOR=$long" "container=$long" \
	MALLOC_PERTURB_=170; do
	check "${setting:0:30}" in_place env "$setting"
done
check "no environment" in_place env -i

# on_terminal yes|no COMMAND...: the same is said there, coloured or not, but for JSON
on_terminal()
{
	local colored=$1 words wanted failed=0

	shift
	for words in "${few_commands[@]}"; do
		wanted=$colored
		[[ $words != *--json* ]] || wanted=no
		# shellcheck disable=SC2086 # words
		timeout 60 python3 "$top/selftests/terminal.py" "" "" "${nobody[@]}" "$@" \
			"$ringprobe" $words > out
		tail -n 1 out > end
		head -n -2 out > said
		grep -q "^exit $(< "status $words") lines True echo True" end &&
			diff "usual $words" <(shape said) || failed=1
		grep -q $'\e' said && found=yes || found=no
		[[ $found == "$wanted" ]] || { echo "$words: colour: $found"; failed=1; }
	done
	return "$failed"
}
for setting in "-u TERM" TERM= TERM=dumb TERM=xterm "TERM=$long" TERM=../../etc/passwd \
	COLUMNS=999999999 "NO_COLOR=$long"; do
	colored=yes
	[[ $setting != @("-u TERM"|TERM=|TERM=dumb|NO_COLOR=*) ]] || colored=no
	# shellcheck disable=SC2086 # -u is a word
	check "on a terminal, ${setting:0:30}" on_terminal "$colored" env $setting
done

# fills COLUMNS MOST: with --wide the longest line is about as long
fills()
{
	run env COLUMNS="$1" "$ringprobe" why 0x60 --wide
	awk -v most="$2" '{ if (length($0) > n) n = length($0) }
		END { print n; exit !(n <= most && n > most - 40) }' out
}
check "--wide: as many columns" fills 100 99
check "... or many more" fills 180 179
for columns in "" 0 -1 80 1000 999999999 abc; do
	check "... ${columns:-none}: 131" fills "$columns" 131
done
check "umask 777" in_place sh -c 'umask 777; exec "$@"' -
check "a directory that is gone" in_place sh -c 'mkdir -m 777 /tmp/gone.$$ && cd /tmp/gone.$$ &&
	rmdir /tmp/gone.$$; exec "$@"' -
check "no child of ours is waited for by us" in_place sh -c 'trap "" CHLD; exec "$@"' -

not_ascii()
{
	LC_ALL=$1 "$ringprobe" $'\xff\xc3\xbc\e[31m' > out 2> err
	[[ $? == 2 ]] && ! grep -q $'\e' err || return 1
	LC_ALL=$1 "$ringprobe" port in $'\xff\xc3\xbc\e[31m' --json > out 2> err
	[[ $? == 2 ]] && python3 -c 'import json, sys; json.load(open(sys.argv[1], encoding="utf-8"))' out
}
check "arguments that are no text, in the C locale" not_ascii C
check "... in a UTF-8 one" not_ascii C.UTF-8

# ---- what runs out ----

some="
cpl|4
try nop --json|0
monitor -- true|125
ladder --only pipe-threads,exec,fork -n 5|0
batch file -n 4096|0
"

# So few descriptors, processes or bytes: each command ends well.
few()
{
	run prlimit "$limit" "$ringprobe" "${@:2}"
	ends_well "$limit"
}
for limit in --nofile={4..8} --nproc=1 --fsize=0 --stack=65536; do
	check "prlimit $limit" for_each "$some" few
done

little_memory()
{
	local kb words failed=0

	for ((kb = 9000; kb < 25000; kb += kb / 16)); do
		run prlimit --as=$((kb * 1024)) "$ringprobe" --version
		[[ $status == 0 ]] || continue	# the loader's affair
		for words in "cpl --json" "try --bytes 90" "ladder --only getppid -n 5"; do
			# shellcheck disable=SC2086 # words
			run prlimit --as=$((kb * 1024)) "$ringprobe" $words
			ends_well "$kb KiB, $words" || failed=1
		done
	done
	return "$failed"
}
check "little address space" little_memory

# scarce WHAT LAST STEP WORD...: where every STEPth of them fails, each in a run of its own,
# it ends well; with another status than usual it says why, with the usual one as much as
# usual, but for what is read of the machine and may be unknown.
scarce()
{
	local what=$1 last=$2 step=$3 usual n

	shift 3
	run "$ringprobe" "$@"
	usual=$status
	mv out usual
	for ((n = 1 + RANDOM % step; n <= last; n += step)); do
		run env LD_PRELOAD="$work/scarce.so" SCARCE="$what:$n" "$ringprobe" "$@"
		ends_well "$what $n" || return 1
		if [[ $status == "$usual" ]]; then
			[[ $(wc -l < usual) -le $(($(wc -l < out) + 20)) ]]
		else
			[[ -s out || -s err ]]
		fi || { echo "$what $n: too little is said"; return 1; }
	done
}

not_run()
{
	run env LD_PRELOAD="$work/scarce.so" SCARCE="$1" "$ringprobe" "${@:3}"
	cat out
	[[ $status == 4 ]] && grep -q "not run: $2" out
}
check "what makes things scarce is built" \
	cc -shared -fPIC -O1 -Wall -Wextra -o scarce.so "$top/tools/tests/scarce.c"
check "memory: JSON" scarce malloc 290 4 cpl --json
check "memory: what is disassembled" scarce malloc 90 2 try --bytes e680
check "memory: a script" scarce malloc 30 1 completion bash
check "memory: rungs" scarce malloc 45 3 ladder --only fork,thread -n 5
check "memory: a file" scarce malloc 40 3 batch file -n 4096
check "pages" scarce mmap 20 1 try --bytes 90
check "... of the runner: that is said" not_run mmap:9 "no memory at" try --bytes 90
check "processes" scarce fork 8 1 tour --no-pause 2
check "... so that a round's own time is not known: no time is told" \
	not_run fork:4 "no child process" atlas hlt --ring 3

# ---- calls that are interrupted ----

# interrupted CALL FIRST LAST STEP WORD...: every STEPth CALL of each thread and process, in
# a run of its own, until there is none any more; one there must be.
interrupted()
{
	local call=$1 first=$2 last=$3 step=$4 n runs=0

	shift 4
	# run's nobody makes no file here
	install -m 666 /dev/null trace
	for ((n = first + RANDOM % step; n <= last; n += step)); do
		: > trace
		run strace -f -qq -o trace -e trace="$call" -e inject="$call:error=EINTR:when=$n" \
			"$ringprobe" "$@"
		ends_well "$call $n" || return 1
		grep -q INJECTED trace || break
		runs=$((runs + 1))
		[[ $status != 0 || -s out ]] || { echo "$call $n: nothing is said"; return 1; }
	done
	echo "$call: interrupted in $runs runs"
	((runs))
}
# The loader opens and reads eight files. What the module is asked: selftests/resilience.sh.
if command -v strace > /dev/null; then
	while read -r call first last step words; do
		# shellcheck disable=SC2086 # words
		check "EINTR: $call, $words" interrupted "$call" "$first" "$last" "$step" $words
	done <<< "write 1 12 1 port out 0x80 1
write 1 12 1 cpl --json
wait4 1 12 1 port out 0x80 1
wait4 1 12 1 try nop --json
wait4 1 12 3 ladder --only pipe-processes,fork -n 5
ioctl 1 12 1 port out 0x80 1
pipe2 1 12 1 port out 0x80 1 --json
pipe2 1 12 2 ladder --only pipe-threads,pipe-processes -n 20
read 8 40 4 port out 0x80 1
openat 9 60 4 cpl --json
io_uring_enter 1 6 2 batch file -n 4096
preadv 1 6 2 batch file -n 4096
sendmsg 1 4 1 monitor -- true
recvmsg 1 4 1 monitor -- true
write 1 4 1 ladder --only pipe-threads,pipe-processes -n 20"
else
	echo "ok $((count += 1)) EINTR # SKIP needs strace"
fi

# ---- ended at any moment, on a terminal ----

# ended SECONDS SIGNALS raw|cooked WORD...
ended()
{
	timeout 300 python3 "$top/selftests/killed.py" "$kills" "$seed" "$1" "$2" "$3" "${nobody[@]}" \
		"$ringprobe" "${@:4}"
}
check "the tour, ended (seed $seed)" ended 1.0 INT,TERM,HUP,QUIT,TSTP raw tour
check "try, ended" ended 0.1 INT,TERM,HUP,TSTP cooked try --bytes ebfe
check "the atlas, ended" ended 0.3 INT,TERM,HUP,TSTP cooked atlas --ring 3 --group doors
check "the ladder, ended" ended 0.5 INT,TERM,HUP,TSTP cooked \
	ladder --only pipe-processes,pipe-threads,fork,futex,getppid

# ---- watched by others; random words, and files ----

# random KIND COUNT
random()
{
	timeout 3000 python3 "$top/tools/tests/words.py" "$work/ringprobe-asan" "$1" "$2" "$seed" saved
}

# What a sanitizer finds ends it otherwise, and what leaks, too.
sane()
{
	run "$work/ringprobe-asan" "${@:2}"
	[[ $status == "$1" ]] && ! grep -E 'Sanitizer|runtime error' out err
}

# Under it no child runs code, see try.sh: what is left of that command has another status.
# It does not know the instruction by which path marks its way.
valgrind_likes()
{
	run valgrind -q --error-exitcode=99 --child-silent-after-fork=yes --leak-check=full \
		--errors-for-leak-kinds=definite "$ringprobe" "${@:2}"
	ends_well valgrind && ! grep -E '^==[0-9]+== ' err
}
in_top()
{
	(cd "$top" && "$@")
}
"$ringprobe" ladder --only getppid,empty,fork --json -n 50 > saved
check "the probe is built under the sanitizers" in_top sanitized "$work/ringprobe-asan"
check "... and they find nothing in any command" for_each "$commands" sane
check "... nor valgrind, but in path" for_each "${commands/path|4/}" valgrind_likes
check "$lines random command lines, seed $seed" random lines "$lines"
check "$((lines / 4)) random files to compare, seed $seed" random files $((lines / 4))
left()
{
	! pgrep -l -f "^$work/"
}
check "no process is left" left
finish
