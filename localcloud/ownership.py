"""Determines the owner of a process: the holder of the lock that is named in its environment.

Every process that a command or a local cloud starts gets the path of its owner's lock in DRYDOCK_OWNER, which its child
processes inherit. If no process holds that lock, the owner has ended and the process is left over. The name or the
working directory of a process is not used, because unrelated processes of the user may have the same.
"""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil

from localcloud import locks
from localcloud.errors import CloudError

OWNER = "DRYDOCK_OWNER"
POLL_SECONDS = 0.05
KILL_SECONDS = 10


def mark(lock: Path) -> dict[str, str]:
    """Return the environment variable for processes started by the holder of this lock."""
    return {OWNER: str(lock)}


def ended(lock: Path) -> bool:
    """Return whether no process holds a lock."""
    return locks.holder(lock) is None


def ended_or_mine(lock: Path) -> bool:
    """Return whether no other process holds a lock.

    Before this process starts any other, all processes marked with its lock were started by an earlier holder.
    """
    return locks.holder(lock) in {None, os.getpid()}


def left_over(folder: Path, is_over: Callable[[Path], bool] = ended) -> list[psutil.Process]:
    """Return the processes whose owner's lock is in or below this folder and whose owner has ended.

    This process and its ancestors are not among them.

    Args:
        folder: a state folder, or the folder that contains all state folders of a checkout.
        is_over: returns whether the owner with a given lock has ended.
    """
    found = [process for process, lock in _owned(folder) if is_over(lock)]
    own = {psutil.Process(), *psutil.Process().parents()} if found else set()
    return [process for process in found if process not in own]


def end_left_over(folder: Path, is_over: Callable[[Path], bool] = ended, *, timeout: float = 0.0) -> list[int]:
    """End the processes that are left over in a folder, and return the process ids of those that were killed.

    Args:
        folder: as for `left_over`.
        is_over: as for `left_over`.
        timeout: seconds to wait for the processes to exit by themselves before they are killed.

    Raises:
        CloudError: a process does not end; the message names it.
    """
    deadline = time.monotonic() + timeout
    found = left_over(folder, is_over)
    while found and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
        found = left_over(folder, is_over)
    killed: set[int] = set()
    deadline = time.monotonic() + KILL_SECONDS
    while found:  # repeat, because a process may have started others before it was killed
        if time.monotonic() > deadline:
            raise CloudError(f"{_names(found)}, started for {folder}, does not end; kill it, then run this again")
        for process in found:
            with suppress(psutil.NoSuchProcess):
                process.kill()
                killed.add(process.pid)
        time.sleep(POLL_SECONDS)
        found = left_over(folder, is_over)
    return sorted(killed)


def _owned(folder: Path) -> Iterator[tuple[psutil.Process, Path]]:
    for pid in filter(_may_be_owned, psutil.pids()):
        with suppress(psutil.Error, OSError):  # the process has ended or belongs to another user
            process = psutil.Process(pid)
            lock = Path(process.environ().get(OWNER, "/"))
            if lock.is_relative_to(folder) and _same_place(process.pid, folder):
                yield process, lock


def _may_be_owned(pid: int) -> bool:
    """Return whether the environment of a process may name an owner; one read is much quicker than psutil."""
    try:
        with open(f"/proc/{pid}/environ", "rb") as file:  # noqa: PTH123 - this runs for each process of the machine
            return f"{OWNER}=".encode() in file.read()
    except OSError:  # the process has ended or belongs to another user, or this is no Linux
        return sys.platform != "linux"


def _same_place(pid: int, folder: Path) -> bool:
    """Return whether a process sees the same folder at this path; it may be in a container with its own file system."""
    try:
        return Path(f"/proc/{pid}/root{folder}").samefile(folder)
    except OSError:  # the folder or the process no longer exists
        return True


def _names(processes: list[psutil.Process]) -> str:
    names = []
    for process in processes:
        with suppress(psutil.Error):
            names.append(f"{process.name()} (pid {process.pid})")
    return ", ".join(names) or "a process"
