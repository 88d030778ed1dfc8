"""Lock files that are released when their holder ends for any reason, and that identify their holder.

They are POSIX record locks (fcntl(2)): the kernel reports the holder, so its process id is never outdated. The holder
loses such a lock when it closes any descriptor of the file, so this process never opens a file that it has locked a
second time.
"""

import fcntl
import os
import struct
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

# `struct flock` of fcntl.h and the order of its members, on Linux and on macOS, where previews can run.
_LAYOUTS = {
    "linux": ("hhqqi4x", ("type", "whence", "start", "length", "pid")),
    "darwin": ("qqihh", ("start", "length", "pid", "type", "whence")),
}
_FORMAT, _MEMBERS = _LAYOUTS.get(sys.platform, _LAYOUTS["linux"])

_held: set[tuple[int, int]] = set()
"""Device and inode of each file locked by this process; paths are not used, because a folder may have been renamed."""


class Lock:
    """A held lock; closing it releases it."""

    def __init__(self, path: Path, file: TextIO) -> None:
        self.path = path
        self._file = file
        self._key = _key(path)
        _held.add(self._key)

    def close(self) -> None:
        """Release the lock; further calls have no effect."""
        if not self._file.closed:
            _held.discard(self._key)
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def take(path: Path) -> Lock | None:
    """Take a lock, or return None if this or another process holds it."""
    if _is_held(path):
        return None
    file = path.open("a")
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return Lock(path, file)


@contextmanager
def wait_for(path: Path) -> Iterator[None]:
    """Wait until the lock is free, and hold it for the duration of the block."""
    file = path.open("a")
    fcntl.lockf(file, fcntl.LOCK_EX)
    with Lock(path, file):
        yield


def holder(path: Path) -> int | None:
    """Return the process id of a lock's holder, or None if the lock is free.

    A value of 0 or less means that the holder is in another pid namespace.
    """
    if _is_held(path):
        return os.getpid()
    try:
        with path.open() as file:
            asked = {"type": fcntl.F_WRLCK, "whence": os.SEEK_SET}
            packed = struct.pack(_FORMAT, *(asked.get(member, 0) for member in _MEMBERS))
            found = struct.unpack(_FORMAT, fcntl.fcntl(file, fcntl.F_GETLK, packed))
    except (FileNotFoundError, NotADirectoryError):
        return None
    answer = dict(zip(_MEMBERS, found, strict=True))
    return None if answer["type"] == fcntl.F_UNLCK else int(answer["pid"])


def _is_held(path: Path) -> bool:
    try:
        return _key(path) in _held
    except (FileNotFoundError, NotADirectoryError):
        return False


def _key(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_dev, found.st_ino
