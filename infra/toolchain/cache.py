"""The user's cache of built tools: its location, and a lock so that only one process builds in a folder."""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import sleep
from typing import TextIO


def root() -> Path:
    """Return `$XDG_CACHE_HOME/drydock/tools`; a missing or relative XDG_CACHE_HOME defaults to ~/.cache."""
    home = Path(os.environ.get("XDG_CACHE_HOME", ""))
    return (home if home.is_absolute() else Path.home() / ".cache") / "drydock" / "tools"


@contextmanager
def locked(folder: Path, waiting: Callable[[str], None]) -> Iterator[None]:
    """Create a folder and hold its lock; if another process holds it, call `waiting` with a message and wait.

    The kernel releases the lock when the holder ends for any reason.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waiting(f"process {_holder(file)} is already building in this folder: waiting for it to end")
            fcntl.flock(file, fcntl.LOCK_EX)
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def _holder(file: TextIO) -> str:
    # The holder writes its process id after taking the lock, so the file may be empty for a moment.
    for _ in range(100):
        file.seek(0)
        if holder := file.read().strip():
            return holder
        sleep(0.01)
    return "(unknown)"
