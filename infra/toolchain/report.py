"""Reports the progress of builds on stderr: a live status line on a terminal, else a line at intervals."""

import shutil
import sys
import time
from typing import TextIO

LINE_EVERY = 15.0
"""Seconds between two lines if the stream is not a terminal, so that a log shows progress but stays short."""
LIVE_EVERY = 0.2
"""Seconds between two updates of the live status line."""


class Report:
    """Prints the messages and the elapsed time of one task; `enabled=False` prints nothing."""

    def __init__(self, *, enabled: bool = True, stream: TextIO | None = None, line_every: float = LINE_EVERY) -> None:
        self._enabled = enabled
        self._stream = stream or sys.stderr
        self._live = self._stream.isatty()
        self._every = LIVE_EVERY if self._live else line_every
        self._began = self._shown = time.monotonic()

    def begin(self, message: str) -> None:
        """Print a message, and start to measure the elapsed time."""
        self._began = self._shown = time.monotonic()
        self.say(message)

    def say(self, message: str) -> None:
        """Print a message on a permanent line."""
        if self._enabled:
            print(f"{self._clear()}drydock: {message}", file=self._stream, flush=True)

    def show(self, status: str) -> None:
        """Show the status of the task; the rate of updates is limited, so it can be called frequently."""
        now = time.monotonic()
        if not self._enabled or now - self._shown < self._every:
            return
        self._shown = now
        line = f"drydock: {status}, {self.elapsed()}"
        if self._live:
            width = shutil.get_terminal_size().columns - 1
            print(f"{self._clear()}{line[:width]}", end="", file=self._stream, flush=True)
        else:
            print(line, file=self._stream, flush=True)

    def elapsed(self) -> str:
        """Return the time since the task began: "45 s" or "2 m 05 s"."""
        minutes, seconds = divmod(round(time.monotonic() - self._began), 60)
        return f"{minutes} m {seconds:02} s" if minutes else f"{seconds} s"

    def _clear(self) -> str:
        return "\r\x1b[2K" if self._live else ""
