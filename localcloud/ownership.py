"""Whose a process is: it belongs to whoever holds the lock that its environment names.

Every process that a command or a local cloud starts is given the path of its owner's lock in DRYDOCK_OWNER, and passes
it on to what it starts. Where nobody holds that lock, the owner has ended, and the process is left over. What a process
is called, or where it works, says nothing: a user's own process may look the same.
"""

import os
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
    """Return the environment variable of what the holder of this lock starts."""
    return {OWNER: str(lock)}


def ended(lock: Path) -> bool:
    """Return whether nobody holds a lock."""
    return locks.holder(lock) is None


def ended_or_mine(lock: Path) -> bool:
    """Return whether no other process holds a lock.

    Before this process starts anything, processes that name its lock are those of an earlier holder.
    """
    return locks.holder(lock) in {None, os.getpid()}


def left_over(folder: Path, is_over: Callable[[Path], bool] = ended) -> list[psutil.Process]:
    """Processes whose owner's lock lies in this folder, or below it, and whose owner has ended.

    Args:
        folder: a state folder, or that of all state folders of a checkout.
        is_over: tells by a lock whether its owner has ended.
    """
    return [process for process, lock in _owned(folder) if is_over(lock)]


def end_left_over(folder: Path, is_over: Callable[[Path], bool] = ended, *, timeout: float = 0.0) -> list[int]:
    """End what is left over in a folder; the process ids of what had to be killed.

    Args:
        folder: as for `left_over`.
        is_over: as for `left_over`.
        timeout: seconds in which all of them may exit by themselves before they are killed.

    Raises:
        CloudError: a process does not end; the message says which.
    """
    deadline = time.monotonic() + timeout
    found = left_over(folder, is_over)
    while found and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
        found = left_over(folder, is_over)
    killed: set[int] = set()
    deadline = time.monotonic() + KILL_SECONDS
    while found:  # again, since what is killed may have started something meanwhile
        if time.monotonic() > deadline:
            raise CloudError(f"{_names(found)} belonged to {folder} and does not end; end it, and run this again")
        for process in found:
            with suppress(psutil.NoSuchProcess):
                process.kill()
                killed.add(process.pid)
        time.sleep(POLL_SECONDS)
        found = left_over(folder, is_over)
    return sorted(killed)


def _owned(folder: Path) -> Iterator[tuple[psutil.Process, Path]]:
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):  # it has ended, or is another user's
            lock = Path(process.environ().get(OWNER, "/"))
            if lock.is_relative_to(folder) and _same_place(process.pid, folder) and not _is_own(process):
                yield process, lock


def _is_own(process: psutil.Process) -> bool:
    """Return whether it is this process, or one that this one was started from."""
    return process == psutil.Process() or process in psutil.Process().parents()


def _same_place(pid: int, folder: Path) -> bool:
    """Return whether the folder is the same one for a process, which may be in a container with folders of its own."""
    try:
        return Path(f"/proc/{pid}/root{folder}").samefile(folder)
    except OSError:  # it is gone, there or here
        return True


def _names(processes: list[psutil.Process]) -> str:
    names = []
    for process in processes:
        with suppress(psutil.Error):
            names.append(f"{process.name()} (pid {process.pid})")
    return ", ".join(names) or "a process"
