"""Records when the lines of a log were written, in a file next to it, because processes write logs without times.

The file `<log>.times` has one line for each time that the log was found to have grown: the size of the log in bytes
and the time in seconds since the epoch. The time of a log line is therefore as exact as the interval between checks.
"""

from bisect import bisect_right
from datetime import UTC, datetime
from pathlib import Path

MAX_BYTES = 256 * 1024

Times = list[tuple[int, float]]
"""Pairs (size, time), in the order in which they were recorded."""


def beside(log: Path) -> Path:
    """Return the path of the file that holds the times of a log."""
    return log.with_name(f"{log.name}.times")


def read(log: Path) -> Times:
    """Return the recorded times; data written after the last record has the log's modification time."""
    noted: Times = []
    try:
        lines = beside(log).read_text().splitlines()
    except FileNotFoundError:
        lines = []
    for line in lines:
        size, _, time = line.partition(" ")
        if size.isdigit() and time:  # the last line may be incomplete
            noted.append((int(size), float(time)))
    found = log.stat()
    if not noted or noted[-1][0] < found.st_size:
        noted.append((found.st_size, found.st_mtime))
    return noted


def write(log: Path, times: Times) -> None:
    """Replace the recorded times of a log."""
    beside(log).write_text("".join(f"{size} {time:.3f}\n" for size, time in times))


def note(log: Path, size: int, time: float) -> None:
    """Record that a log has grown to a size; if the file gets larger than MAX_BYTES, drop every second record."""
    path = beside(log)
    with path.open("a") as file:
        file.write(f"{size} {time:.3f}\n")
    if path.stat().st_size > MAX_BYTES:
        write(log, read(log)[1::2])


def shift(log: Path, removed: int) -> None:
    """Adjust the recorded sizes after bytes were removed from the beginning of the log."""
    write(log, [(size - removed, time) for size, time in read(log) if size > removed])


def at(times: Times, offset: int) -> float:
    """Return the time of the line that begins at this byte offset."""
    index = bisect_right(times, offset, key=lambda item: item[0])
    return times[min(index, len(times) - 1)][1]


def rfc3339(time: float) -> str:
    """Return a time in RFC 3339 format with nanoseconds, as the kubelet writes it."""
    return f"{datetime.fromtimestamp(time, UTC):%Y-%m-%dT%H:%M:%S.%f}000Z"
