"""The user's cache of built tools: where it is, and one builder at a time in each of its folders."""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


def root() -> Path:
    """`$XDG_CACHE_HOME/drydock/tools`, by default in ~/.cache; a relative XDG_CACHE_HOME does not count."""
    home = Path(os.environ.get("XDG_CACHE_HOME", ""))
    return (home if home.is_absolute() else Path.home() / ".cache") / "drydock" / "tools"


@contextmanager
def locked(folder: Path, waiting: Callable[[str], None]) -> Iterator[None]:
    """Make a folder and hold it for this process; `waiting` hears what for, where another one holds it.

    The kernel lets go of the lock when the holder ends, however it ends.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            waiting(f"process {file.read().strip() or '(unknown)'} is at it already: waiting for it to end")
            fcntl.flock(file, fcntl.LOCK_EX)
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
