"""The processes of `drydock diff`: what it says of one that dies, and that none outlives the command.

The engine, the program and the stand-ins are those of the command.
"""

import signal
from contextlib import suppress

import psutil
import pytest

from tests.infra.difference.branch import Branch, with_tools
from tests.support.node import eventually

PROGRAM = "infra/program.py"


@pytest.fixture(scope="module")
def branch(tmp_path_factory: pytest.TempPathFactory) -> Branch:
    """Return a repository whose cache has the tools of this machine."""
    return Branch(tmp_path_factory.mktemp("repository"), with_tools(tmp_path_factory.mktemp("cache")))


@pytest.mark.parametrize(
    ("old", "new", "reasons"),
    [
        (
            "def program()",
            "import os\n\n\ndef program() -> None:\n    os._exit(3)\n\n\ndef other()",
            ["dev: its preview ended with exit code 3 without an answer"],
        ),
        (
            "def program()",
            "import os\n\nos._exit(4)\n\n\ndef program()",
            ["dev: its preview ended with exit code 4 without an answer"],
        ),
        (
            "def program()",
            "import nothing\n\n\ndef program()",
            [
                "the preview of dev, staging failed:",
                "  dev, staging: infra/program.py, line ",
                "  ModuleNotFoundError: ",
            ],
        ),
    ],
    ids=["the program ends its process", "its import ends the process", "its import fails"],
)
def test_a_program_that_fails_is_one_error(branch: Branch, old: str, new: str, reasons: list[str]) -> None:
    """It names the stacks and the reason once, without the frames of the SDK."""
    branch.edit(PROGRAM, old, new)
    try:
        done = branch.run("diff", "dev", "staging", "--quiet")
    finally:
        branch.reset()

    assert done.returncode == 1
    message = done.stderr[done.stderr.index("error: ") :].splitlines()
    assert [
        line.startswith(reason) for line, reason in zip(message, [f"error: {reasons[0]}", *reasons[1:]], strict=True)
    ]
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_process_outlives_the_command(branch: Branch, number: signal.Signals) -> None:
    """Workers and engines end with it, also if it is killed, although the program does not."""
    branch.edit(
        PROGRAM, "def program()", "import time\n\n\ndef program() -> None:\n    time.sleep(600)\n\n\ndef other()"
    )
    try:
        with branch.start("diff", "dev", "staging", "--quiet") as started:
            processes = eventually(lambda: with_engines(started.pid, 2))
            started.send_signal(number)
            _output, error = started.communicate(timeout=60)
    finally:
        branch.reset()

    assert "Traceback" not in error
    assert psutil.wait_procs(processes, timeout=60)[1] == []


def with_engines(pid: int, number: int) -> list[psutil.Process]:
    """Return the descendants of a process once this number of them are engines, else nothing."""
    found = psutil.Process(pid).children(recursive=True)
    engines = 0
    for each in found:
        with suppress(psutil.Error):
            engines += any(part.endswith("/bin/pulumi") for part in each.cmdline()[:1])
    return found if engines == number else []
