"""Closed, full and broken standard streams: no traceback, no aborted operation, and lost output is a failure."""

import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from infra import streams
from infra.engine.places import ROOT
from infra.engine.progress import Progress
from tests.support.launch import prepared

CLOSED, FULL, BROKEN = "closed", "full", "broken pipe"
SCHEMA = ("schema",)
WRONG = ("preview", "nope")
CASES = [
    # command, state of stdin, stdout, stderr -> exit code
    (SCHEMA, CLOSED, "", "", 0),
    (SCHEMA, "", CLOSED, "", 1),
    (SCHEMA, "", FULL, "", 1),
    (SCHEMA, "", BROKEN, "", 141),
    (SCHEMA, "", "", CLOSED, 0),
    (SCHEMA, "", "", FULL, 0),
    (SCHEMA, CLOSED, CLOSED, CLOSED, 1),
    (WRONG, "", CLOSED, "", 2),
    (WRONG, "", BROKEN, BROKEN, 2),
    (WRONG, CLOSED, CLOSED, CLOSED, 2),
]


SPOILED = {
    CLOSED: "os.close({0})",
    FULL: "os.dup2(os.open('/dev/full', os.O_WRONLY), {0})",
    BROKEN: "pipe = os.pipe(); os.close(pipe[0]); os.dup2(pipe[1], {0})",
}


def run(command: tuple[str, ...], *states: str) -> "subprocess.CompletedProcess[str]":
    """Run the real command with its descriptors 0 to 2 in these states; one without a state is usable."""
    # Close the descriptors last, otherwise the pipe would get their numbers.
    changes = sorted(
        ((state, SPOILED[state].format(number)) for number, state in enumerate(states) if state),
        key=lambda change: change[0] == CLOSED,
    )
    return subprocess.run(
        prepared("; ".join(["None", *(code for _, code in changes)]), [sys.executable, "-m", "infra.cli", *command]),
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(("command", "stdin", "stdout", "stderr", "code"), CASES)
def test_the_exit_code_reports_lost_output(
    command: tuple[str, ...], stdin: str, stdout: str, stderr: str, code: int
) -> None:
    """stderr has one message if the command failed, and no traceback."""
    done = run(command, stdin, stdout, stderr)

    assert done.returncode == code
    if not stderr:
        assert done.stderr.count("\n") == (1 if code in (1, 2) else 0), done.stderr
        assert done.stderr.startswith("error: ") == (code in (1, 2))
    if not stdout and command == SCHEMA:
        assert done.stdout.startswith("{")


def test_an_opened_file_never_gets_the_descriptor_of_a_closed_stream() -> None:
    """Otherwise output would be written into that file, such as the lock or the state of the stack."""
    program = (
        "import os; from infra import streams; streams.guard();"
        "print('lost'); raise SystemExit(os.open('/dev/null', os.O_RDONLY) < 3)"
    )
    command = prepared("os.closerange(0, 3)", [sys.executable, "-c", program])
    done = subprocess.run(command, cwd=ROOT, check=False)

    assert done.returncode == 0


def _broken_pipe() -> int:
    reader, writer = os.pipe()
    os.close(reader)
    return writer


@pytest.mark.parametrize("spoiled", [_broken_pipe, lambda: os.open("/dev/full", os.O_WRONLY)], ids=[BROKEN, FULL])
def test_an_operation_continues_if_its_progress_cannot_be_written(spoiled: Callable[[], int]) -> None:
    """A full or broken stream does not abort a deployment."""
    descriptor = spoiled()
    lost: list[OSError] = []
    text = io.TextIOWrapper(io.BufferedWriter(streams._Unbreakable(descriptor, lost)), line_buffering=True)
    progress = Progress(text)
    progress.say("up", "goes on")
    progress.say("up", "to its end")

    assert len(lost) == 2
    os.close(descriptor)


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_escapes_characters_that_the_encoding_lacks(encoding: str, tmp_path: Path) -> None:
    """A symbol in a review or a path in a message does not fail the command."""
    done = subprocess.run(
        [sys.executable, "-c", "from infra import streams; streams.guard(); print('± ⛔'); streams.exit_code(0)"],
        cwd=ROOT,
        env={**os.environ, "PYTHONIOENCODING": encoding},
        capture_output=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.decode(encoding).startswith("±" if encoding != "ascii" else "\\xb1")
