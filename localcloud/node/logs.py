"""Log files of containers: processes write to them directly, and the node agent limits their size."""

import os
import time
from contextlib import suppress
from pathlib import Path

from localcloud.node import log_times

# A log larger than MAX_BYTES is truncated to its newest lines, about KEPT_BYTES in size.
MAX_BYTES = 16 * 1024 * 1024
KEPT_BYTES = 4 * 1024 * 1024
# The kubelet's limits for the part of the log that `terminationMessagePolicy: FallbackToLogsOnError` uses.
MESSAGE_LINES = 80
MESSAGE_BYTES = 2048


class LogFile:
    """The log of one container, and the log of its previous run."""

    def __init__(self, state: Path, namespace: str, pod: str, container: str) -> None:
        self.path = state / "logs" / "pods" / f"{namespace}_{pod}_{container}.log"
        self.previous = self.path.with_name(f"{self.path.name}.previous")
        self._noted = 0

    def open(self) -> int:
        """Start a new log and return its descriptor, which the caller closes after passing it to the process."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.path.exists():
            log_times.write(self.previous, log_times.read(self.path))
            log_times.beside(self.path).unlink(missing_ok=True)
            self.path.replace(self.previous)
        self._noted = 0
        return os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def note(self) -> None:
        """Record the current time if the log has grown since the last call."""
        with suppress(OSError):  # the file does not exist yet, or the disk is full
            size = self.path.stat().st_size
            if size > self._noted:
                self._noted = size
                log_times.note(self.path, size, time.time())

    def bound(self) -> None:
        """Truncate the log if it has grown too large; the process continues to append to it."""
        if not self.path.exists() or self.path.stat().st_size <= MAX_BYTES:
            return
        with self.path.open("r+b") as file:
            file.seek(-KEPT_BYTES, os.SEEK_END)
            kept = file.read().partition(b"\n")[2]
            log_times.shift(self.path, file.tell() - len(kept))
            self._noted = len(kept)
            file.truncate(0)
            file.seek(0)
            file.write(kept)

    def tail(self, lines: int, *, limit: int | None = None) -> str:
        """Return the last lines of the log, at most `limit` bytes."""
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return ""
        text = b"".join(content.splitlines(keepends=True)[-lines:])
        return text[-limit:].decode(errors="replace") if limit else text.decode(errors="replace")

    def remove(self) -> None:
        """Delete the current and the previous log and their recorded times."""
        for path in (self.path, self.previous):
            path.unlink(missing_ok=True)
            log_times.beside(path).unlink(missing_ok=True)
