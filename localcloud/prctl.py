"""What Linux offers for the end of processes and Python does not wrap; see prctl(2).

Run as `python prctl.py PARENT COMMAND...`, it becomes a command that gets SIGTERM when its parent has ended.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Callable

PR_SET_PDEATHSIG = 1  # linux/prctl.h
PR_SET_CHILD_SUBREAPER = 36

_libc = ctypes.CDLL(None)


def die_with(parent: int) -> Callable[[], None]:
    """What to call between fork and exec: the kernel then kills this process when its parent has ended.

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
    _end_with(int(parent), signal.SIGTERM)
    try:
        os.execv(command[0], command)  # noqa: S606 - a list, no shell
    except OSError as error:
        sys.exit(f"error: {command[0]} does not start: {error.strerror}")


if __name__ == "__main__":
    _main(sys.argv[1], sys.argv[2:])
