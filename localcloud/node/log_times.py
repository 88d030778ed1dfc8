"""When the lines of a log were written, noted beside it: a process writes to its file directly, without times.

The file `<log>.times` holds a line for each time that the log was seen to have grown: its size in bytes, and the time
in seconds since the epoch. So a line's time is exact to the interval at which the log is looked at.
"""

from bisect import bisect_right
from datetime import UTC, datetime
from pathlib import Path

MAX_BYTES = 256 * 1024

Times = list[tuple[int, float]]
"""(size, time), in the order in which they were noted."""


def beside(log: Path) -> Path:
    """Return the file of a log's times."""
    return log.with_name(f"{log.name}.times")


def read(log: Path) -> Times:
    """Return what was noted; the last change of the log is the time of all that came later."""
    noted: Times = []
    try:
        lines = beside(log).read_text().splitlines()
    except FileNotFoundError:
        lines = []
    for line in lines:
        size, _, time = line.partition(" ")
        if size.isdigit() and time:  # the last line may be half written
            noted.append((int(size), float(time)))
    found = log.stat()
    if not noted or noted[-1][0] < found.st_size:
        noted.append((found.st_size, found.st_mtime))
    return noted


def write(log: Path, times: Times) -> None:
    """Put these in the place of what was noted."""
    beside(log).write_text("".join(f"{size} {time:.3f}\n" for size, time in times))


def note(log: Path, size: int, time: float) -> None:
    """Note that a log has grown to a size; of very many times, every second one is kept."""
    path = beside(log)
    with path.open("a") as file:
        file.write(f"{size} {time:.3f}\n")
    if path.stat().st_size > MAX_BYTES:
        write(log, read(log)[1::2])


def shift(log: Path, removed: int) -> None:
    """Follow a cut that removed bytes at the beginning."""
    write(log, [(size - removed, time) for size, time in read(log) if size > removed])


def at(times: Times, offset: int) -> float:
    """Return the time of the line that begins at this offset."""
    index = bisect_right(times, offset, key=lambda item: item[0])
    return times[min(index, len(times) - 1)][1]


def rfc3339(time: float) -> str:
    """As the kubelet writes it, with nanoseconds."""
    return f"{datetime.fromtimestamp(time, UTC):%Y-%m-%dT%H:%M:%S.%f}000Z"
