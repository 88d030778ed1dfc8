"""The user's cache of built tools: where it is, and one builder at a time in each of its folders."""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import sleep
from typing import TextIO


def root() -> Path:
    """`$XDG_CACHE_HOME/drydock/tools`, by default in ~/.cache; a relative XDG_CACHE_HOME does not count."""
    home = Path(os.environ.get("XDG_CACHE_HOME", ""))
    return (home if home.is_absolute() else Path.home() / ".cache") / "drydock" / "tools"


@contextmanager
def locked(folder: Path, waiting: Callable[[str], None]) -> Iterator[None]:
    """Create a folder and hold it for this process; `waiting` hears what for, where another one holds it.

    The kernel lets go of the lock when the holder ends, however it ends.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waiting(f"process {_holder(file)} is at it already: waiting for it to end")
            fcntl.flock(file, fcntl.LOCK_EX)
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def _holder(file: TextIO) -> str:
    # It writes its id right after it has the lock, so for a moment there is none to read.
    for _ in range(100):
        file.seek(0)
        if holder := file.read().strip():
            return holder
        sleep(0.01)
    return "(unknown)"
