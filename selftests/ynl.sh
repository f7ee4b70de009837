#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A client that knows nothing but docs/netlink/ringprobe.yaml: that of the kernel's tree,
# tools/net/ynl, which is one for any family that there is such a file of. YNL_TREE= names
# a kernel tree that has it, if the tree that this directory lies in has not.
# shellcheck disable=SC2317 # check calls the functions that nothing else does

# shellcheck source=ringprobe_test.sh
. "${0%/*}/ringprobe_test.sh"

tree=${YNL_TREE:-$here/../../../..}
spec=$here/../docs/netlink/ringprobe.yaml
schema=$tree/Documentation/netlink/genetlink.yaml
ynl=$tree/tools/net/ynl
[[ ! -d $ynl/pyynl ]] || ynl=$ynl/pyynl

need_root
need_module
[[ -r $spec ]] || skip_all "no $spec"
[[ -r $ynl/cli.py && -r $schema ]] || skip_all "no tools/net/ynl: YNL_TREE= names a kernel tree"
python3 -c 'import yaml, jsonschema' 2> /dev/null || skip_all "needs yaml and jsonschema of python3"

cat > "$work/client.py" << 'END'
import errno, os, subprocess, sys

sys.path.insert(0, sys.argv[1])
from lib import YnlFamily, NlError

CALLS = 1000
GETPPID = 110
family = YnlFamily(sys.argv[2], sys.argv[3])
# Of its own: this client cannot have an event come before the answer that it waits for.
listener = YnlFamily(sys.argv[2], sys.argv[3])
listener.ntf_subscribe("events")
seen = set()

def check(name, good):
    print("good" if good else "bad", name)

def do(operation, attributes):
    reply = family.do(operation, attributes)
    seen.update(reply or {})
    return reply

def dump(operation, attributes):
    replies = family.dump(operation, attributes)
    for reply in replies:
        seen.update(reply)
    return replies

def refused(operation, attributes, error, text):
    try:
        do(operation, attributes)
    except NlError as e:
        return e.error == error and text in e.nl_msg.extack["msg"]
    return False

# Does its calls between the first and the second byte that it is sent.
def child(orders, answers):
    os.close(order)	# so that it ends if the client does
    os.read(orders, 1)
    for _ in range(CALLS):
        os.getppid()
    os.write(answers, b"x")
    os.read(orders, 1)
    os._exit(0)

orders, order = os.pipe()
answers, answer = os.pipe()
pid = os.fork() or child(orders, answer)

info = do("get-info", {})
check("get-info", info["tasks-max"] == 1024 and info["buckets"] == 40 and info["tsc-khz"])
check("get-info: the version", info["version"] == open("/sys/module/ringprobe/version").read().strip())
watch = do("watch-add", {"pid": [pid, os.getpid()], "flags": ["inherit", "faults", "tasks", "cpus"]})["watch"]
check("watch-add", watch > 0)
os.write(order, b"x")
os.read(answers, 1)

replies = dump("stats", {"watch": watch})
first, rest = replies[0], replies[1:]
calls = {(r["abi"], r["nr"]): r for r in rest if "nr" in r}
own = calls[64, GETPPID]
check("stats: the whole", first["tasks"] == 2 and 0 < first["cpu-ticks"] <= 2 * first["now"])
check("stats: %d of getppid" % CALLS, own["count"] == own["returned"] == CALLS and own["errors"] == 0)
check("stats: times", 0 < own["wall-min"] <= own["wall-max"] <= own["wall"] >= own["cpu"])
check("stats: the histogram", len(own["histogram"]) == info["buckets"] and
      sum(own["histogram"]) == CALLS)
check("stats: bytes", calls[64, 1]["bytes"] >= 2)
check("stats: faults", any(r.get("fault") is not None and r["count"] for r in rest))
tasks = {r["tid"]: r for r in rest if "tid" in r}
check("stats: tasks", set(tasks) == {pid, os.getpid()} and tasks[pid]["comm"].startswith("python"))

os.kill(pid, 0)
os.kill(pid, 18)
check("stats: signals", [r["count"] for r in dump("stats", {"watch": watch}) if r.get("signal") == 18] == [1])
do("reset", {"watch": watch})
check("reset", (64, GETPPID) not in [(r.get("abi"), r.get("nr")) for r in dump("stats", {"watch": watch})])
os.write(order, b"x")
os.waitpid(pid, 0)
replies = dump("stats", {"watch": watch})
check("stats: one that has ended", [r["tid"] for r in replies if "ended" in r] == [pid])
cpus = {r["cpu-nr"]: r["count"] for r in replies if "cpu-nr" in r}
check("stats: CPUs", cpus and sum(cpus.values()) >= sum(r["count"] for r in replies if "nr" in r))
check("watch-add of nobody", refused("watch-add", {"pid": [0x7fffffff]}, errno.ESRCH, "PID"))
# What was heard, each as its name and what it has
def events():
    listener.check_ntf()
    heard = [(m["name"], m["msg"]) for m in listener.async_msg_queue]
    listener.async_msg_queue.clear()
    print("# heard:", heard)
    for name, message in heard:
        seen.update(message)
    return heard

# By a process of its own, whose number it is told by
def access(*arguments):
    process = subprocess.Popen([sys.argv[4], *arguments], stdout=subprocess.DEVNULL)
    process.wait()
    pid = process.pid
    return {"pid": [pid], "tid": pid, "uid": 0}

check("events: none yet", events() == [])
who = access("in", "0x80", "1")
check("events: a port was read", events() == [("port-made", who |
      {"operation": 4, "count": 1, "port": 0x80, "access": 1})])
who = access("out", "0x60", "1", "0")
check("events: a port was refused", events() == [("port-refused", who |
      {"operation": 5, "errno": errno.EACCES, "port": 0x60, "access": 0x81})])
check("watch-del", do("watch-del", {"watch": watch}) is None)
(name, ended), = events()
check("events: the watch has ended", name == "watch-ended" and ended["watch"] == watch and
      ended["port-id"] > 0 and ended["tasks"] == 1 and ended["exited"] == 3)
check("watch-del once more", refused("watch-del", {"watch": watch}, errno.ENOENT, "WATCH"))

all = set()
for operation in family.ops.values():
    for mode in "do", "dump":
        all.update(operation.get(mode, {}).get("reply", {}).get("attributes", []))
for event in family.msgs.values():
    all.update(event.get("event", {}).get("attributes", []))
print("# not seen:", all - seen, "not in the file:", seen - all)
check("all that the file says is in a reply or event was in one", all == seen)
print("end")
END

remember_module
unload || skip_all "the module is in use"
load ports=0xe0-0xe3 || skip_all "the module does not load"
expect "the kernel's cli.py: get-info" 0 python3 "$ynl/cli.py" --spec "$spec" --schema "$schema" \
	--do get-info
says "... has the version" "'version': '$(< /sys/module/ringprobe/version)'"
expect "... lists what may be asked" 0 python3 "$ynl/cli.py" --spec "$spec" --schema "$schema" \
	--list-ops
says "... as the file has it" "get-info \[ do \] watch-add \[ do \] watch-del \[ do \] stats \[ dump \] reset \[ do \]"

expect "a client of the kernel's YnlFamily" 0 python3 "$work/client.py" "$ynl" "$spec" "$schema" \
	"$here/portop"
said=$out
while read -r good name; do
	[[ $good == good ]]
	verdict "$name" $?
done < <(grep -E '^(good|bad) ' <<< "$said")
out=$said
[[ $said == *$'\n'end ]]
verdict "... got to its end" $?

# The list that any genl(8) shows: the family, its version, its five operations, its group
if command -v genl > /dev/null; then
	run genl ctrl get name ringprobe
	says "genl ctrl: the family" "Name: ringprobe" "Version: 0x1 " "#5: ID-0x5" "name: events"
else
	skip "genl ctrl: the family" "needs genl (iproute2)"
fi
finish
