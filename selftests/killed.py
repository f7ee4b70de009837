# SPDX-License-Identifier: GPL-2.0
# killed.py COUNT SEED SECONDS SIGNALS raw|cooked COMMAND...: runs it that often on a
# terminal, as its session's foreground, types a blank each 50 ms, and after a random time
# below SECONDS sends one of SIGNALS (TSTP: and goes on 50 ms later, with q). Then it must
# end, the terminal be as it was, and nobody of the session be left. A command that is raw
# changes the terminal: every other time that is waited for, without a blank, and must still
# be so at the end. One that is cooked never does.
import os, pty, random, select, signal, sys, termios, time

sys.dont_write_bytecode = True
from terminal import start

count, seed, seconds, names, raw, command = int(sys.argv[1]), sys.argv[2], float(sys.argv[3]), \
    sys.argv[4].split(","), sys.argv[5] == "raw", sys.argv[6:]


def drain(terminal, until, pid, enough=None):
    """Reads what comes, and types or waits for enough(); the wait status, or None: it runs."""
    typed = 0
    while time.time() < until and not (enough and enough()):
        if select.select([terminal], [], [], 0.01)[0]:
            os.read(terminal, 65536)
        if not enough and time.time() - typed > 0.05:
            os.write(terminal, b" ")
            typed = time.time()
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return status
    return None


def left(session):
    """Who is in the session, but zombies that nobody has to wait for any more."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            words = open("/proc/%s/stat" % pid).read().rpartition(")")[2].split()
        except OSError:
            continue
        if words[3] == str(session) and words[0] != "Z":
            found.append(pid)
    return found


def one(number):
    chance = random.Random("%s:%d" % (seed, number))
    name, after = chance.choice(names), chance.random() * seconds
    terminal, slave = pty.openpty()
    before = termios.tcgetattr(slave)
    changed = lambda: termios.tcgetattr(slave) != before
    waits = raw and number % 2 == 0
    wrong = []
    pid = start(command, slave)
    status = drain(terminal, time.time() + 30, pid, changed) if waits else \
        drain(terminal, time.time() + after, pid)
    if waits and not changed():
        wrong.append("the terminal was not changed when it was to end")
    if not raw and changed():
        wrong.append("the terminal was changed")
    if status is None:
        os.kill(pid, getattr(signal, "SIG" + name))
        if name == "TSTP":
            time.sleep(0.05)
            os.kill(pid, signal.SIGCONT)
            os.write(terminal, b"q")
        status = drain(terminal, time.time() + 30, pid)
    if status is None:
        wrong.append("still runs")
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    elif os.WIFSIGNALED(status) and os.WTERMSIG(status) != getattr(signal, "SIG" + name):
        wrong.append("died of signal %d" % os.WTERMSIG(status))
    if changed():
        wrong.append("the terminal is not as it was")
    end = time.time() + 5
    while left(pid) and time.time() < end:
        time.sleep(0.05)
    if left(pid):
        wrong.append("left: " + " ".join(left(pid)))
    os.close(terminal)
    os.close(slave)
    for what in wrong:
        print("seed %s, number %d, SIG%s after %.3f s: %s" % (seed, number, name, after, what))
    return not wrong


results = [one(number) for number in range(count)]
sys.exit(0 if all(results) else 1)
