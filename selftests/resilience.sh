#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# ringprobe where there is a module: what cannot be told is done once all the same, what is
# interrupted at most once, what lies in the device's place is not opened, a copy with
# borrowed rights lends no more than those, and the monitor leaves a terminal as it was,
# whoever ends it.
# shellcheck disable=SC2317 # run, check and expect call the functions that nothing else does

# shellcheck source=ringprobe_test.sh
. "${0%/*}/ringprobe_test.sh"

need_root
need_vm
need_module
need_probe
for tool in python3 setcap strace; do
	command -v "$tool" > /dev/null || skip_all "needs $tool"
done
cd "$work" || exit 1
node=/dev/ringprobe

remember_module
unload || skip_all "the module is in use"

# ---- something else in the device's place ----

# Each is no module, and no command waits for it.
is_no_module()
{
	local words

	for words in "" cpl "port in 0xe0" info; do
		# shellcheck disable=SC2086 # words
		run timeout $((60 * slower)) "$ringprobe" $words
		echo "$words: $status"
		[[ $status == [04] ]] && matches "not loaded: .*(is not ringprobe's node|there is no)" || return 1
	done
	run timeout $((60 * slower)) "$ringprobe" why 0x80
	matches "node opens for you +no +open: E(NODEV|NOENT)"
}

in_its_place()
{
	expect "a $1 in its place" 0 is_no_module
	rm -rf "$node"
}
mkfifo "$node" && in_its_place FIFO
mkdir "$node" && in_its_place directory
touch "$node" && in_its_place "regular file"
ln -s ringprobe "$node" && in_its_place "symbolic link to itself"
ln -s zero "$node" && in_its_place "symbolic link to a device"
for device in "1 3" "1 5" "1 4" "5 0"; do
	# shellcheck disable=SC2086 # words
	mknod "$node" c $device && in_its_place "device $device"
done

load ports=0xe0-0xe3,0xe8-0xeb,0x5e9 || skip_all "insmod failed"
mv "$node" "$node.kept"
mkfifo "$node" && in_its_place "FIFO, with the module,"
mknod "$node" c 1 5 && in_its_place "device 1 5, with the module,"
mv "$node.kept" "$node"

# ---- once, though nobody hears of it ----

# A run, see tools/windows: the host sees each of these values written once, in turn.
latch()
{
	"$ringprobe" port out 0xe0 "$1" -w 32 --ring 0 "${@:2}"
}
"$here/portop" out 0x5e9 1 0x03
latch 1 > /dev/full 2> said
verdict "port out, to a full disk: fails" $((!$?))
latch 2 >&- 2>> said
verdict "... stdout closed" $((!$?))
latch 3 --json > /dev/full 2>> said
verdict "... as JSON" $((!$?))
latch 4 2>&- > /dev/null < /dev/null
verdict "... stderr closed: does not" $?
exec 7> >(:)
wait $!
latch 5 >&7 2>> said
verdict "... nobody reads it" $((!$?))
exec 7>&-
"$here/portop" out 0x5e9 1 0x04
[[ $(grep -c "cannot write the output" said) == 4 ]]
verdict "... and each says so" $?
run "$here/portop" in 0xe0 4
says "each has been done" "^0x5$"

while IFS='|' read -r words wanted; do
	# shellcheck disable=SC2086 # words
	"$ringprobe" $words > /dev/full 2> said
	[[ $? == "$wanted" ]] && grep -q "cannot write the output" said
	verdict "ringprobe $words > /dev/full" $?
done << 'END'
cpl|1
info --json|1
time -n 200|1
path -n 50 --json|1
why 0xe0|1
atlas hlt|1
batch port 0xe0 -n 16|1
monitor -p 1 --cost 1 -i 0.1|1
monitor -p 1 --cost 1 -i 0.1 --json|1
END
"$ringprobe" monitor --cost 1 -- true 2> /dev/full
[[ $? == 125 ]]
verdict "monitor -- true 2> /dev/full" $?

# ---- calls that are interrupted ----

# interrupted CALL WHEN FILE STATUS PATTERN WORD...: that one, of those on FILE or on any (-),
# is not made and answered so; it must be met, and what follows be as is said.
interrupted()
{
	local on=()

	[[ $3 == - ]] || on=(-P "$3")
	: > trace
	run timeout -k 1 $((100 * slower)) strace -f --seccomp-bpf -qq -o trace "${on[@]}" -e trace="$1" \
		-e inject="$1:error=EINTR:when=$2" "$ringprobe" "${@:6}"
	grep -q INJECTED trace && [[ $status == "$4" ]] && matches "$5"
	verdict "EINTR: $1 $2, ${*:6}" $?
}

# The host sees each value once, as above: where the call was not made, not in vain; where it
# was, and nobody hears of that, not once more.
"$here/portop" out 0x5e9 1 0x03
interrupted ioctl 2 "$node" 1 "failed, .* refused: EINTR" port out 0xe0 99 -w 32 --ring 0
latch 1 > /dev/null
expect "EINTR, of a write that was done" 1 env LD_PRELOAD="$here/unheard.so" \
	"$ringprobe" port out 0xe0 2 -w 32 --ring 0
says "... and that is said" "failed, .* refused: EINTR"
latch 3 > /dev/null
interrupted write 1 - 1 "cannot write the output: Interrupted" port out 0xe0 4 -w 32 --ring 0
interrupted openat 1 "$node" 4 "opening it failed: Interrupted" port out 0xe0 99 -w 32 --ring 0
interrupted ioctl 1 "$node" 4 "opening it failed: Interrupted" port out 0xe0 99 -w 32 --ring 0
interrupted wait4 1 - 0 "refused by the CPU.*done in" port out 0xe0 5 -w 32
"$here/portop" out 0x5e9 1 0x04
run "$here/portop" in 0xe0 4
says "each has been done" "^0x5$"
sleep 1000 &
sleeper=$!
while IFS='|' read -r call when file wanted pattern words; do
	# shellcheck disable=SC2086 # words
	interrupted "$call" "$when" "$file" "$wanted" "$pattern" $words
done << END
ioctl|1|$node|4|opening it failed: Interrupted|cpl
ioctl|2|$node|1|refused CPL: Interrupted|cpl
ioctl|3|$node|1|refused CPL: Interrupted|cpl
ioctl|2|$node|1|failed, .* refused: EINTR|port in 0xe0 --ring 0
wait4|3|-|0|refused by the CPU.*done: read|port in 0xe0
pipe2|1|-|4|not run: no pipe.*done: read|port in 0xe0
ioctl|3|$node|1|port 0xe0: Interrupted|batch port 0xe0 -n 16
io_uring_enter|1|-|1|one each +FAILED: Interrupted.*driver process|batch port 0xe0 -n 1
ioctl|1|$node|4|lseek needs the module: there|time -n 200
ioctl|2|$node|0|One crossing by lseek.*total|time -n 200
clock_nanosleep|1|-|0|read twice|tour --no-pause 3
sendmsg|1|-|125|netlink family: Interrupted|monitor --cost 1 -- true
sendmsg|2|-|125|netlink family: Interrupted|monitor --cost 1 -- true
sendmsg|5|-|125|reading the counters: Interrupted|monitor --cost 1 -- true
recvmsg|4|-|0|and 1 ended|monitor --cost 1 -- true
wait4|1|-|0|and 1 ended|monitor --cost 1 -- true
poll|1|-|0|process $sleeper, the last|monitor --cost 1 -i 0.1 -n 2 -p $sleeper
END
kill "$sleeper"
wait "$sleeper" 2> /dev/null

# ---- borrowed rights ----

stranger=(setpriv --reuid 12345 --regid 12345 --clear-groups)
mkdir -m 755 bin
# shellcheck disable=SC2016 # the script's
printf '%s\n' '#!/bin/bash' 'PATH=/usr/bin:/bin' \
	'echo "Error: uid $(id -u) gid $(id -g) $(grep CapEff /proc/$$/status)"; exit 1' > bin/as
chmod 755 bin/as
borrowed()
{
	"${stranger[@]}" env "PATH=$work/bin:/usr/bin:/bin" "$@"
}
cp ringprobe owned
chmod 6755 owned
expect "set-user-ID: what PATH finds runs as the caller" 2 borrowed ./owned try nop
says "... and without rights" "uid 12345 gid 12345 CapEff:.0000000000000000"
expect "... a watch is refused" 125 borrowed ./owned monitor -- touch "$work/ran"
expect "... a port is" 4 borrowed ./owned port out 0xe0 6 --ring 0
expect "... a file of root's is not read" 2 borrowed ./owned ladder --compare /dev/kmem /etc/shadow
rm owned
cp ringprobe lent
setcap cap_net_admin,cap_sys_rawio+ep lent
chmod 666 "$node"
expect "file capabilities: they are lent" 0 borrowed ./lent port out 0xe0 7 -w 32 --ring 0
run "$here/portop" in 0xe0 4
says "... to the access" "^0x7$"
expect "... not to what PATH finds" 2 borrowed ./lent try nop
says "... which runs as the caller" "uid 12345 gid 12345 CapEff:.0000000000000000"
expect "... nor to the command that is watched" 0 borrowed ./lent monitor --cost 1 -- \
	grep '^Cap[^B]' /proc/self/status
says "... which has none" "(.*:.0000000000000000){4}"
rm lent
chmod 600 "$node"

# ---- ended at any moment ----

ended()
{
	python3 "$here/killed.py" 8 "$seed" "$1" INT,TERM,HUP,TSTP raw "$ringprobe" "${@:2}"
}
seed=${RESILIENCE_SEED:-$RANDOM}
sleep 1000 &
sleeper=$!
expect "the monitor, ended (seed $seed)" 0 ended 1.5 monitor --cost 1 -i 0.1 -p "$sleeper"
expect "... while it measures" 0 ended 1.5 monitor -i 0.1 -p "$sleeper"
expect "the tour, ended" 0 ended 3 tour
kill "$sleeper"
wait "$sleeper" 2> /dev/null
[[ -z $(pgrep -x ringprobe) ]]
verdict "no process is left" $?
check "the module can go" unload
finish
