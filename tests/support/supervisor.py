"""A process that only locks a state folder, like a supervisor."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROGRAM = """
import pathlib, sys
from localcloud.supervisor import lock
held = lock(pathlib.Path(sys.argv[1]))
print("held" if held else "refused", flush=True)
sys.stdin.read()
"""


@contextmanager
def living_supervisor(state: Path) -> Iterator[subprocess.Popen[str]]:
    """Hold the lock of `state` until the end of the block, or until the stdin of the process is closed."""
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(state)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "held\n"
            yield process
        finally:
            process.kill()
