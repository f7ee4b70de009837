# SPDX-License-Identifier: GPL-2.0
# words.py PROBE lines|files COUNT SEED FILE: random command lines of the probe's own words,
# numbers at the edges and rubbish; or FILE, a saved ladder, with some bytes changed, and
# compared. Prints what ends otherwise than ringprobe(1) says, not in two minutes on a busy
# machine, or makes a sanitizer speak. The last line counts exit statuses.
import collections, json, os, random, subprocess, sys, tempfile, threading

probe, kind, count, seed, saved = sys.argv[1], sys.argv[2], int(sys.argv[3]), *sys.argv[4:6]
WORDS = """info cpl port atlas try time ladder path batch monitor why tour completion help in
out file port bash zsh hlt nop cpuid lgdt sgdt minor-fault io privileged descriptor doors
lseek ioctl getppid syscall int80 both att intel process thread cpu function vdso fork exec
port-in function,vdso getppid,getppid , .prom /dev/null /dev/full /""".split()
OPTIONS = """--json --wide --help --version -h -V -v --via -w --width -r --ring -n --samples
--cpu --fifo --nops-entry --nops-exit --only --operations --compare -g --group -m --mode -s
--syntax -b --bytes --number --rounds --indirect -p --pid -i --interval --reports --by
--faults --top --cost --openmetrics --no-pause --list -- - --js --wi -nw --=""".split()
NUMBERS = """0 1 -1 3 7 8 16 32 64 0x60 0x64 0x80 0x81 255 256 4096 4097 65535 65536 0xffff
0x10000 100000 100001 1000000 1000001 16777216 16777217 2147483647 2147483648 -2147483648
4294967295 4294967296 9223372036854775807 9223372036854775808 18446744073709551615
18446744073709551616 99999999999999999999999 0x 00 1e3 0.1 0.0999 3600 3600.001 1. NaN 1,1
1,,2 e680 90""".split() + [""]
COMMANDS = """info cpl port atlas try time ladder path batch monitor why tour completion
help""".split() + [""]
NOBODY = {"user": 65534, "group": 65534, "extra_groups": []} if os.getuid() == 0 else {}
FIRST = {"port": ["in", "out"], "batch": ["port", "file"], "completion": ["bash", "zsh"]}


def rubbish(chance):
    some = lambda: chance.choice([chance.randrange(1, 256), *b"%-=;\x1b\xc3"])
    return bytes(some() for _ in range(chance.choice([0, 1, 2, 3, 8, 100, 5000])))


def word(chance):
    kind = chance.random()
    if kind < 0.95:
        return (chance.choice(WORDS) if kind < 0.3 else
                chance.choice(OPTIONS) if kind < 0.65 else
                chance.choice(NUMBERS) if kind < 0.9 else
                chance.choice(OPTIONS) + "=" + chance.choice(NUMBERS)).encode()
    return rubbish(chance)


def line(chance):
    command = chance.choice(COMMANDS)
    words = [command.encode()] if command or chance.random() < 0.1 else []
    if command in FIRST and chance.random() < 0.8:
        words.append(chance.choice(FIRST[command]).encode())
    return words + [word(chance) for _ in range(chance.choice([0, 1, 1, 2, 2, 3, 4, 6]))]


def change(chance, text):
    """Of the bytes some, or of the tree one value: what is no JSON is soon refused."""
    if chance.random() < 0.3:
        for _ in range(chance.choice([1, 1, 3, 20])):
            at = chance.randrange(len(text))
            text = text[:at] + rubbish(chance)[:100] + text[at + chance.choice([0, 1, 1, 100]):]
        return text
    tree = json.loads(text)
    for _ in range(chance.choice([1, 1, 2, 5])):
        at = tree
        while True:
            key = chance.choice(list(at) if isinstance(at, dict) else range(len(at)))
            if not isinstance(at[key], (dict, list)) or not at[key] or chance.random() < 0.1:
                break
            at = at[key]
        at[key] = chance.choice([
            None, True, "", "x" * 5000, "\x1b[31m", "%s%n", "ticks", 0, -1, 1, 2 ** 31, 2 ** 63 - 1,
            -2 ** 63, 2 ** 64, 1e308, -0.5, [], {}, [1], {"name": "x"}, "measured", at[key]])
    return json.dumps(tree).encode()


def run(number, file):
    chance = random.Random("%s:%d" % (seed, number))
    if kind == "files":
        os.chmod(file, 0o644)
        with open(file, "wb") as to:
            to.write(change(chance, open(saved, "rb").read()))
        pair = [file, saved]
        chance.shuffle(pair)
        words = [b"ladder", b"--compare", *pair] + [b"--json"] * chance.randrange(2)
    else:
        words = line(chance)
    try:
        done = subprocess.run([probe, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=120, cwd="/", **NOBODY)
        return words, done.returncode, done.stdout
    except subprocess.TimeoutExpired as hang:
        return words, "hangs", hang.output or b""


lock, numbers, statuses, bad = threading.Lock(), iter(range(count)), collections.Counter(), []


def work():
    with tempfile.NamedTemporaryFile() as file:
        while True:
            with lock:
                number = next(numbers, None)
            if number is None:
                return
            words, status, said = run(number, file.name)
            with lock:
                statuses[status] += 1
                if status not in (0, 1, 2, 4, 125) or b"Sanitizer" in said or b"runtime error" in said:
                    bad.append(number)
                    print("seed", seed, "number", number, words, status)
                    if kind == "files":
                        print(open(file.name, "rb").read()[:4000])
                    print(said[-2000:].decode(errors="replace"), flush=True)


threads = [threading.Thread(target=work) for _ in range(os.cpu_count())]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(count, kind, "seed", seed, dict(statuses))
sys.exit(1 if bad or sum(statuses.values()) != count else 0)
