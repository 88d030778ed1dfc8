"""Lock files that are free as soon as their holder has ended, however it ended, and that name their holder.

They are POSIX record locks (fcntl(2)): the kernel says who holds one, so the process id is never an old one. Such a
lock is lost with the first descriptor of its file that the holder closes; so a file that this process holds is never
opened a second time here.
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

# `struct flock` of fcntl.h, and the order of its members: Linux's, and that of macOS, where previews run too.
_LAYOUTS = {
    "linux": ("hhqqi4x", ("type", "whence", "start", "length", "pid")),
    "darwin": ("qqihh", ("start", "length", "pid", "type", "whence")),
}
_FORMAT, _MEMBERS = _LAYOUTS.get(sys.platform, _LAYOUTS["linux"])

_held: set[tuple[int, int]] = set()
"""Device and inode of each file that this process holds: its folder may have been renamed since."""


class Lock:
    """A held lock; free once closed."""

    def __init__(self, path: Path, file: TextIO) -> None:
        self.path = path
        self._file = file
        self._key = _key(path)
        _held.add(self._key)

    def close(self) -> None:
        """Let it go; nothing happens the second time."""
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
    """Take a lock, or return None where somebody holds it, this process included."""
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
    """Hold a lock for the block, once whoever holds it has let it go."""
    file = path.open("a")
    fcntl.lockf(file, fcntl.LOCK_EX)
    with Lock(path, file):
        yield


def holder(path: Path) -> int | None:
    """The process id of a lock's holder, or None where it is free; 0 or less: a process of another pid namespace."""
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
