"""Runs a tool, processes its output line by line, and always stops the tool in the end."""

import queue
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

TICK = 0.5
"""Interval in seconds at which `tick` is called while the tool prints nothing."""
STOP_WITHIN = 10.0
"""Seconds that a tool has to stop after SIGTERM before it is killed."""
END = None


def follow(
    command: Sequence[str],
    *,
    folder: Path,
    env: Mapping[str, str],
    on_line: Callable[[str], None],
    tick: Callable[[], None],
) -> int:
    """Run a command, call `on_line` for each line of stdout and stderr, and return the exit code.

    If this function is interrupted or `on_line` raises an exception, the command is stopped.
    """
    with subprocess.Popen(
        command,
        cwd=folder,
        env=dict(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        try:
            assert process.stdout is not None  # noqa: S101 - asked for a pipe
            lines = _read_aside(process.stdout)
            while (line := _next(lines)) is not END:
                if line:
                    on_line(line)
                tick()
            return process.wait()
        except BaseException:
            _stop(process)
            raise


def _read_aside(stream: IO[str]) -> "queue.Queue[str | None]":
    lines: queue.Queue[str | None] = queue.Queue()

    def read() -> None:
        for line in stream:
            lines.put(line.rstrip("\n"))
        lines.put(END)

    threading.Thread(target=read, daemon=True).start()
    return lines


def _next(lines: "queue.Queue[str | None]") -> str | None:
    """Return the next line, "" if there is none within a tick, or END after the last one."""
    try:
        return lines.get(timeout=TICK)
    except queue.Empty:
        return ""


def _stop(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(STOP_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
