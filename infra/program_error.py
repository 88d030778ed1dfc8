"""Errors of the Pulumi program as the engine reports them, shortened to what its author needs."""

import re
import sys
from pathlib import Path

UNHANDLED = "an unhandled error occurred: "
"""Precedes an error that the engine repeats for an inline program."""
ROOT = Path(__file__).parent.parent
_TRACEBACK = "Traceback (most recent call last):\n"
# File, line and function; the code, if it is known; marks below the code.
_FRAME = re.compile(r'  File "(.+)", line (\d+).*\n(?:    (?! *[~^]+\n)(.*)\n)?(?: *[~^]+[ ~^]*\n)?')
_OTHERS = ("site-packages", "/infra/engine/", "<", f"{sys.base_prefix}/lib")
"""In the paths of the SDKs, the standard library and the caller of the program."""


def shortened(message: str) -> str:
    """Return a message with the last traceback reduced to the frames of the program and the exception.

    A frame is one line: `components/network.py, line 12: the code`.
    """
    text = message.strip().removeprefix(UNHANDLED)
    trace = text.rpartition(_TRACEBACK)[2] if _TRACEBACK in text else ""
    frames = list(_FRAME.finditer(trace))
    if not frames:
        return text
    exception = trace[frames[-1].end() :].strip()
    own = [f"{_relative(path)}, line {line}: {code}" for path, line, code in map(_groups, frames) if _is_own(path)]
    return "\n  ".join([*own, exception])


def _groups(frame: re.Match[str]) -> tuple[str, str, str]:
    return frame[1], frame[2], (frame[3] or "").strip()


def _is_own(path: str) -> bool:
    return not any(other in path for other in _OTHERS)


def _relative(path: str) -> str:
    return Path(path).relative_to(ROOT).as_posix() if Path(path).is_relative_to(ROOT) else path
