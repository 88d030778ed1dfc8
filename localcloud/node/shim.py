"""Tracks and kills all processes of a container: `python shim.py PROGRAM ARGUMENT...`, in the container's environment.

The shim is a child subreaper (PR_SET_CHILD_SUBREAPER): it becomes the parent of orphaned descendants, so it also tracks
a daemon that forked twice and created its own session. A cgroup would do the same, but cannot be created inside most
containers. When the first process or the node agent ends, the shim kills all other processes.

The shim reads commands from stdin: each byte is the number of a signal for the first process. SIGKILL, or the end of
stdin when the agent exits, kills all processes. The shim writes reports to the descriptor in DRYDOCK_SHIM_REPORT, one
per line: `pid N` or `error ERRNO` after the start, and `exit N` once all processes have ended, where N is the exit code
that a container runtime would report.
"""

import os
import select
import signal
import sys
import time
from contextlib import suppress

REPORT = "DRYDOCK_SHIM_REPORT"
WRAPPED = "DRYDOCK_SHIM_WRAPPED"
"""Set if the first process is a wrapper: signals go to its child, and it exits with the child's exit code."""
POLL_SECONDS = 0.01
# Processes of another user, such as those started with sudo, cannot be killed, so the wait for them is limited.
LONGEST_SECONDS = 10.0


def main(argv: list[str], report: int) -> None:
    """Run the container's first process until it ends, then kill the remaining processes."""
    sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))  # noqa: PTH100, PTH120
    from localcloud.prctl import adopt_orphans  # noqa: PLC0415 - isolated: the path had to be set first

    os.set_inheritable(report, False)
    adopt_orphans()
    wrapped = bool(os.environ.pop(WRAPPED, ""))
    wake, waker = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(waker)
    for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: None)
    first = _start(argv, report)
    code = _run(first, wake, wrapped=wrapped)
    _kill_all()
    _say(report, f"exit {code}")


def _start(argv: list[str], report: int) -> int:
    """Start the first process and return its process id; if it cannot be executed, report the error and exit."""
    from localcloud.prctl import die_with  # noqa: PLC0415

    parent = os.getpid()
    control = os.open(os.devnull, os.O_RDONLY)
    failure, failed = os.pipe2(os.O_CLOEXEC)
    pid = os.fork()
    if pid == 0:
        try:
            os.setsid()
            os.dup2(control, 0)
            signal.set_wakeup_fd(-1)
            for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGPIPE):
                signal.signal(number, signal.SIG_DFL)
            del os.environ[REPORT]
            die_with(parent)()
            os.execvp(argv[0], argv)  # noqa: S606 - a list, no shell
        except OSError as error:
            os.write(failed, str(error.errno).encode())
        os._exit(127)
    os.close(failed)
    os.close(control)
    if errno := os.read(failure, 16):
        _say(report, f"error {errno.decode()}")
        sys.exit(0)
    os.close(failure)
    _say(report, f"pid {pid}")
    return pid


def _run(first: int, wake: int, *, wrapped: bool) -> int:
    """Forward signals and reap children until the first process has ended; return its exit code."""
    while True:
        ready, _, _ = select.select([0, wake], [], [])
        if wake in ready and set(os.read(wake, 512)) - {signal.SIGCHLD}:
            os.kill(first, signal.SIGKILL)  # the shim itself received a signal to terminate
        code = _reap(first)
        if code is not None:
            return code
        if 0 in ready:
            for number in os.read(0, 16) or (signal.SIGKILL,):
                _signal(first, number, wrapped=wrapped)


def _signal(first: int, number: int, *, wrapped: bool) -> None:
    """Send a signal to the first process, which has not been reaped yet, so its process id is still valid."""
    if not wrapped or number == signal.SIGKILL:
        os.kill(first, number)
        return
    for pid in children(first):
        with suppress(ProcessLookupError):
            os.kill(pid, number)


def _reap(first: int) -> int | None:
    """Reap all ended children; return the exit code of the first process if it is among them, else None."""
    code = None
    try:
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            if ended[0] == first:
                status = os.waitstatus_to_exitcode(ended[1])
                code = 128 - status if status < 0 else status
    except ChildProcessError:
        pass
    return code


def _kill_all() -> None:
    """Kill all children, and then their orphans, which become children of the shim, until none is left."""
    deadline = time.monotonic() + LONGEST_SECONDS
    while time.monotonic() < deadline:
        for pid in children():
            try:
                os.kill(pid, signal.SIGKILL)
            except PermissionError:
                continue
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return
        time.sleep(POLL_SECONDS)


def children(parent: int = 0) -> list[int]:
    """Return the process ids of the children of a process, including zombies; by default those of this process."""
    own = parent or os.getpid()
    found = []
    for name in os.listdir("/proc"):  # noqa: PTH208 - pathlib is slow to load
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", "rb") as file:  # noqa: PTH123
                    if int(file.read().rpartition(b")")[2].split()[1]) == own:
                        found.append(int(name))
            except (OSError, IndexError):
                continue
    return found


def _say(report: int, line: str) -> None:
    with suppress(OSError):  # the node agent has closed its end
        os.write(report, f"{line}\n".encode())


if __name__ == "__main__":
    main(sys.argv[1:], int(os.environ[REPORT]))
