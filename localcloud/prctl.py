"""Linux features for the termination of processes that Python does not provide; see prctl(2).

`python prctl.py PARENT COMMAND...` runs a command that gets SIGTERM when the process PARENT has ended. On Linux, this
process is replaced by the command. On other systems, where previews can run, it starts the command as a child and
checks every second whether the parent still exists.
"""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable

PR_SET_PDEATHSIG = 1  # linux/prctl.h
PR_SET_CHILD_SUBREAPER = 36
POLL_SECONDS = 1.0

_libc = ctypes.CDLL(None)


def die_with(parent: int) -> Callable[[], None]:
    """Return a function to call between fork and exec; it makes the kernel kill the process when its parent has ended.

    Fork in a thread that runs as long as the parent process, such as the main thread, because the kernel sends the
    signal when that thread ends.
    """

    def ask() -> None:
        _end_with(parent, signal.SIGKILL)

    return ask


def adopt_orphans() -> None:
    """Make this process a child subreaper, which becomes the parent of every descendant whose own parent ends."""
    _libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _end_with(parent: int, number: int) -> None:
    _libc.prctl(PR_SET_PDEATHSIG, number)
    if os.getppid() != parent:  # the parent ended before the prctl call
        os._exit(1)


def _main(parent: str, command: list[str]) -> None:
    os.setsid()  # a keyboard interrupt must reach the parent only, which decides how to stop the command
    try:
        if not hasattr(_libc, "prctl"):
            sys.exit(_watched(int(parent), command))
        _end_with(int(parent), signal.SIGTERM)
        os.execv(command[0], command)  # noqa: S606 - a list, no shell
    except OSError as error:
        sys.exit(f"error: {command[0]} does not start: {error.strerror}")


def _watched(parent: int, command: list[str]) -> int:
    """Run a command and return its exit code; send it SIGTERM once the parent has ended."""
    child = subprocess.Popen(command)
    signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    asked = False
    while True:
        if os.getppid() != parent and not asked:
            child.terminate()
            asked = True
        try:
            return child.wait(POLL_SECONDS)
        except subprocess.TimeoutExpired:
            continue


if __name__ == "__main__":
    _main(sys.argv[1], sys.argv[2:])
