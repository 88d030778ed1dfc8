"""Make stdin, stdout and stderr safe: a stream that is closed, full or no longer read does not interrupt a command.

Failed writes to stderr, which shows progress, are ignored. A failed write to stdout is recorded, and the command
then exits with an error.
"""

import errno
import io
import os
import sys
from typing import Any, TextIO

BROKEN_PIPE = 141
"""What a shell reports for a process that SIGPIPE ended."""
FAILED = 1

_failures: list[OSError] = []


class _Unbreakable(io.FileIO):
    """A file whose failed writes are kept in `failures` instead of being raised."""

    def __init__(self, descriptor: int, failures: list[OSError]) -> None:
        super().__init__(descriptor, "w", closefd=False)
        self._failures = failures

    def write(self, data: Any, /) -> int:
        """Write, or drop what cannot be written."""
        try:
            return super().write(data)
        except OSError as error:
            self._failures.append(error)
            return len(data)


def guard() -> None:
    """Replace closed streams by the null device, make stdout and stderr safe to write, and keep streams of tests."""
    _failures.clear()
    # A descriptor that is closed would be given to the next file or socket, which would then get what is printed.
    for descriptor in range(3):
        if not _is_open(descriptor):
            os.open(os.devnull, os.O_RDWR)
    if sys.stdin is None:
        sys.stdin = io.TextIOWrapper(io.FileIO(os.devnull))
    if sys.stdout is sys.__stdout__:
        # Nothing can be written to a descriptor for reading, so what is lost with a closed stdout is noticed.
        sys.stdout = _text(sys.stdout, 1, os.O_RDONLY, _failures)
    if sys.stderr is sys.__stderr__:
        sys.stderr = _text(sys.stderr, 2, os.O_WRONLY, [])


def exit_code(code: int) -> int:
    """Return the exit code of a command that ended with `code`: lost output is an error, which is reported on stderr.

    A reader that closes the pipe is not an error: exit code 141, as for a program that SIGPIPE ends, and no message.
    """
    sys.stdout.flush()
    if not _failures or code:
        return code
    if _failures[0].errno == errno.EPIPE:
        return BROKEN_PIPE
    reason = "it is closed" if _failures[0].errno == errno.EBADF else _failures[0].strerror
    print(f"error: stdout: {reason}; the command is done, but its output is lost: run it again", file=sys.stderr)
    return FAILED


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


def _text(stream: TextIO | None, descriptor: int, closed: int, failures: list[OSError]) -> io.TextIOWrapper:
    """Return a text stream for a descriptor, in the encoding of `stream`; characters that it lacks are escaped.

    Without a `stream`, the descriptor was closed at the start and may have been reused, so the null device is opened
    instead, with the flags `closed`.
    """
    raw = _Unbreakable(descriptor if stream else os.open(os.devnull, closed), failures)
    return io.TextIOWrapper(
        io.BufferedWriter(raw),
        encoding=stream.encoding if stream else "utf-8",
        errors="backslashreplace",
        line_buffering=descriptor == 2 or raw.isatty(),
    )
