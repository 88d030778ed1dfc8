"""What Linux offers for the end of processes and Python does not wrap; see prctl(2).

Run as `python prctl.py PARENT COMMAND...`, it runs a command that gets SIGTERM when its parent has ended. On Linux it
becomes the command. Elsewhere, where previews run too, it starts the command and looks for the parent each second.
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
    """Return what to call between fork and exec: the kernel then kills this process when its parent has ended.

    Fork in a thread that lives as long as the parent, such as the main one: the kernel follows the thread.
    """

    def ask() -> None:
        _end_with(parent, signal.SIGKILL)

    return ask


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent ends, so that none gets out of sight."""
    _libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _end_with(parent: int, number: int) -> None:
    _libc.prctl(PR_SET_PDEATHSIG, number)
    if os.getppid() != parent:  # it ended before the kernel was asked
        os._exit(1)


def _main(parent: str, command: list[str]) -> None:
    os.setsid()  # an interrupt at the keyboard is for the parent, which passes on what is to be done
    try:
        if not hasattr(_libc, "prctl"):
            sys.exit(_watched(int(parent), command))
        _end_with(int(parent), signal.SIGTERM)
        os.execv(command[0], command)  # noqa: S606 - a list, no shell
    except OSError as error:
        sys.exit(f"error: {command[0]} does not start: {error.strerror}")


def _watched(parent: int, command: list[str]) -> int:
    """Run a command to its end, and ask it to stop once its parent has ended; give its exit code."""
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
