# SPDX-License-Identifier: GPL-2.0
# terminal.py WAIT KEYS COMMAND...: runs it on a terminal; for each of KEYS (^ is ^C, T is
# SIGTERM) waits until WAIT is there once more, prints what came, and last its exit status
# and whether the terminal has lines and echoes. ROWS= is how many lines it has (24).
import fcntl, os, pty, select, signal, struct, sys, termios, time


def start(command, slave):
    """Runs it on that terminal, as its session's foreground; its process number."""
    pid = os.fork()
    if pid == 0:
        os.setsid()
        fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
        for fd in 0, 1, 2:
            os.dup2(slave, fd)
        os.closerange(3, 10)
        os.environ["TERM"] = "xterm"
        os.execvp(command[0], command)
    return pid


def main():
    wait, keys = sys.argv[1].encode().decode("unicode_escape").encode(), sys.argv[2]
    terminal, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("4H", int(os.environ.get("ROWS", 24)), 80, 0, 0))
    pid = start(sys.argv[3:], slave)
    said, seen, end, status = b"", 0, time.time() + 60, None

    def more():
        nonlocal said
        while select.select([terminal], [], [], 0.2)[0]:
            said += os.read(terminal, 65536)
        return time.time() < end

    for key in keys:
        while said.count(wait) <= seen and more():
            pass
        seen = said.count(wait)
        if key == "T":
            os.kill(pid, signal.SIGTERM)
        else:
            os.write(terminal, b"\x03" if key == "^" else key.encode())
    while status is None and more():
        done, value = os.waitpid(pid, os.WNOHANG)
        status = os.waitstatus_to_exitcode(value) if done else None
    if status is None:
        os.kill(pid, signal.SIGKILL)
    more()
    flags = termios.tcgetattr(slave)[3]
    sys.stdout.write(said.decode())
    print("\nexit", status, "lines", bool(flags & termios.ICANON), "echo", bool(flags & termios.ECHO))


if __name__ == "__main__":
    main()
