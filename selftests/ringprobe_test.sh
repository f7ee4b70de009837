# SPDX-License-Identifier: GPL-2.0
# Sourced by the shell tests: results as TAP, the module's coming and going,
# the kernel's log since a marker. Without what it needs a test exits with 4.
# shellcheck shell=bash
# shellcheck disable=SC2034 # some of it is for those who source this

here=$(cd "${0%/*}" && pwd)
module=${MODULE:-$here/../ringprobe.ko}
probe=${PROBE:-$here/../probe/ringprobe}
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
echo "TAP version 13"
trap 'exit 1' TERM INT	# the runner's timeout: clean up all the same
export LC_ALL=C

results=0
failures=0
skips=0
out=		# what the last run printed, both streams
status=0	# and its exit status
nobody=(setpriv --reuid 65534 --regid 65534 --clear-groups)	# in front of a command
slower=${SLOWER:-1}	# limits of time are an emulated machine's; so many times as long here

skip_all()
{
	echo "1..0 # SKIP $*"
	exit 4
}

need_root()
{
	[[ $(id -u) == 0 ]] || skip_all "needs root"
	grep -Eq '^ *0 +0 +4294967295$' /proc/self/uid_map ||
		skip_all "needs the initial user namespace"
}

# Ports are written that a machine of flesh and blood might mind.
need_vm()
{
	grep -q '^flags.* hypervisor' /proc/cpuinfo || skip_all "runs in a virtual machine only"
}

need_module()
{
	[[ -r $module ]] || skip_all "no module: $module"
	[[ $(modinfo -F vermagic "$module") == "$(uname -r) "* ]] ||
		skip_all "$module is not built for $(uname -r)"
}

# The probe where everybody may run it, wherever the tree lies: sets ringprobe.
need_probe()
{
	[[ -x $probe ]] || skip_all "no probe: $probe"
	command -v setpriv > /dev/null || skip_all "needs setpriv (util-linux)"
	chmod 755 "$work"
	cp "$probe" "$work/ringprobe"
	ringprobe=$work/ringprobe
}

is_loaded()
{
	[[ -d /sys/module/ringprobe ]]
}

# verdict NAME STATUS: one result; what the last run printed explains a failure.
verdict()
{
	results=$((results + 1))
	if [[ $2 == 0 ]]; then
		echo "ok $results $1"
	else
		failures=$((failures + 1))
		echo "not ok $results $1"
		printf 'exit status %s, output:\n%s\n' "$status" "$out" | head -n 40 | sed 's/^/#   /'
	fi
}

skip()
{
	results=$((results + 1))
	skips=$((skips + 1))
	echo "ok $results $1 # SKIP $2"
}

# run COMMAND...: sets out and status
run()
{
	out=$("$@" 2>&1 < /dev/null)
	status=$?
}

# check NAME COMMAND...: passes when the command does; out stays as it was
check()
{
	local name=$1

	shift
	"$@" > /dev/null 2>&1
	verdict "$name" $?
}

# expect NAME STATUS COMMAND...: the command exits with exactly this
expect()
{
	local name=$1 wanted=$2

	shift 2
	run "$@"
	[[ $status == "$wanted" ]]
	verdict "$name" $?
}

# The last output matches this (extended, any case), line breaks as blanks.
matches()
{
	local words

	shopt -s nocasematch
	read -rd '' -a words <<< "$out"
	[[ "${words[*]}" =~ $1 ]]
}

# within SECONDS COMMAND...: as soon as the command passes; no, if by then it does not
within()
{
	local tries=$((10 * $1 * slower))

	shift
	until "$@"; do
		((tries-- > 0)) || return 1
		sleep 0.1
	done
}

# says NAME PATTERN...: the last output matches each
says()
{
	local name=$1 pattern all=0

	shift
	for pattern in "$@"; do
		(matches "$pattern") || all=1
	done
	verdict "$name" $all
}

finish()
{
	echo "1..$results"
	[[ $failures == 0 ]] || exit 1
	[[ $results != "$skips" ]] || exit 4
	exit 0
}

# The kernel's log since the last mark.
mark()
{
	marker="ringprobe selftest: ${0##*/} mark $((marks += 1))"
	echo "$marker" > /dev/kmsg
}

since_mark()
{
	dmesg | awk -v marker="$marker" \
		'{ lines[++n] = $0 } index($0, marker) { n = 0 }
		END { for (i = 1; i <= n; i++) print lines[i] }'
}

load()
{
	run insmod "$module" "$@"
	return "$status"
}

unload()
{
	is_loaded || return 0
	run rmmod ringprobe
	return "$status"
}

# How the module was loaded when the test began, and back to that at its end.
remember_module()
{
	local name value

	was_loaded=
	was_parameters=()
	if is_loaded; then
		was_loaded=y
		for name in mode ports unsafe_ports; do
			value=$(< "/sys/module/ringprobe/parameters/$name")
			[[ $name != mode ]] || value=$(printf '0%o' "$value")
			[[ $value == "(null)" ]] || was_parameters+=("$name=$value")
		done
	fi
	trap 'restore_module; rm -r "$work"' EXIT
}

restore_module()
{
	unload
	[[ -z $was_loaded ]] || insmod "$module" "${was_parameters[@]}"
}

# Windows, see ringprobe_test.h: they need ports=...,0x5e9.
window_opens()
{
	"$here/portop" out 0x5e9 1 0x01
}

window_closes()
{
	"$here/portop" out 0x5e9 1 0x02
}
