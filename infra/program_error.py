"""Errors of the Pulumi program as the engine reports them, shortened to what its author needs."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

UNHANDLED = "an unhandled error occurred: "
"""Precedes an error that the engine repeats for an inline program."""
ROOT = Path(__file__).parent.parent
MAX_FRAMES = 12
MAX_CHARACTERS = 1500
"""Of the exception."""
_TRACEBACK = "Traceback (most recent call last):\n"
_CHAINED = re.compile(
    r"\n\n(?:During handling of the above exception, another exception occurred"
    r"|The above exception was the direct cause of the following exception):\n\n"
)
# File, line and function; the code, if it is known; marks below the code; how often the frame is repeated.
_FRAME = re.compile(
    r'  File "(.+)", line (\d+).*\n(?:    (?! *[~^]+\n)(.*)\n)?(?: *[~^]+[ ~^]*\n)?'
    r"(?:  \[Previous line repeated \d+ more times?\]\n)?"
)
_OTHERS = ("site-packages", "/infra/engine/", "/infra/difference/", "<", f"{sys.base_prefix}/lib")
"""In the paths of the SDKs, the standard library and the callers of the program."""


def shortened(message: str, root: Path = ROOT) -> str:
    """Return a message with a traceback reduced to the frames of the program and the exception.

    A frame is one line: `components/network.py, line 12: the code`. Of exceptions in a chain, the last one is shown.

    Args:
        message: the message.
        root: folder of the program, to which the paths are relative.
    """
    text = message.strip().removeprefix(UNHANDLED)
    start = text.find(_TRACEBACK)
    if start < 0:
        return text
    trace = _CHAINED.split(text[start:])[-1].removeprefix(_TRACEBACK)
    frames = list(_frames(trace))
    if not frames:
        return text
    exception = trace[frames[-1].end() :].strip()
    own = [
        f"{_relative(path, root)}, line {line}: {code}" for path, line, code in map(_groups, frames) if _is_own(path)
    ]
    return "\n  ".join([*_few(own), _cut(exception)])


def _frames(trace: str) -> Iterator[re.Match[str]]:
    """Yield the frames at the start of a trace. Others may follow in the message of the exception."""
    found = _FRAME.match(trace)
    while found:
        yield found
        found = _FRAME.match(trace, found.end())


def _groups(frame: re.Match[str]) -> tuple[str, str, str]:
    return frame[1], frame[2], (frame[3] or "").strip()


def _is_own(path: str) -> bool:
    return not any(other in path for other in _OTHERS)


def _relative(path: str, root: Path) -> str:
    return Path(path).relative_to(root).as_posix() if Path(path).is_relative_to(root) else path


def _few(frames: list[str]) -> list[str]:
    """Return the first and the last frames, where a mistake usually is."""
    if len(frames) <= MAX_FRAMES:
        return frames
    half = MAX_FRAMES // 2
    return [*frames[:half], f"... {len(frames) - MAX_FRAMES} more frames", *frames[-half:]]


def _cut(text: str) -> str:
    return text if len(text) <= MAX_CHARACTERS else f"{text[:MAX_CHARACTERS]} ..."
