"""The processes of `drydock diff`: what it says of one that dies, and that none outlives the command.

The engine, the program and the stand-ins are those of the command.
"""

import json
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from infra.difference import workers
from tests.infra.difference.branch import Branch, with_tools
from tests.support.node import eventually

PROGRAM = "infra/program.py"


@pytest.fixture(scope="module")
def branch(tmp_path_factory: pytest.TempPathFactory) -> Branch:
    """Return a repository whose cache has the tools of this machine."""
    return Branch(tmp_path_factory.mktemp("repository"), with_tools(tmp_path_factory.mktemp("cache")))


def edited(branch: Branch, before: str, inside: str) -> None:
    """Add lines to the module of the program, and to its function."""
    lines = "".join(f"    {line}\n" for line in inside.splitlines())
    branch.edit(
        PROGRAM,
        "def program() -> None:\n",
        f"{before}\n\n\ndef program() -> None:\n{lines}    real()\n\n\ndef real() -> None:\n",
    )


@pytest.fixture(autouse=True)
def unchanged(branch: Branch) -> Iterator[None]:
    """Undo the edits of a test."""
    yield
    branch.reset()


@pytest.mark.parametrize(
    ("before", "inside", "reasons"),
    [
        ("import os", "os._exit(3)", ["dev, staging: its preview ended with exit code 3 without an answer"]),
        ("import os\n\nos._exit(4)", "", ["dev, staging: its preview ended with exit code 4 without an answer"]),
        ("import nothing", "", ["dev, staging: infra/program.py, line ", "ModuleNotFoundError: "]),
        ("import sys\n\nsys.exit(5)", "", ["dev, staging: infra/program.py, line ", "SystemExit: 5"]),
    ],
    ids=["the program ends its process", "its import ends the process", "its import fails", "its import exits"],
)
def test_a_program_that_fails_is_one_error(branch: Branch, before: str, inside: str, reasons: list[str]) -> None:
    """It names the stacks and the reason once, without the frames of the SDK."""
    edited(branch, before, inside)

    done = branch.run("diff", "dev", "staging", "--quiet")

    assert done.returncode == 1
    first, *message = done.stderr[done.stderr.index("error: ") :].splitlines()
    assert first == "error: the preview of dev, staging failed:"
    assert [line.strip().startswith(reason) for line, reason in zip(message, reasons, strict=True)]
    assert "Traceback" not in done.stderr


def test_a_worker_that_dies_leaves_the_reports_of_the_other_stacks(branch: Branch) -> None:
    """The guard says that the hazards of its stack are not known."""
    edited(branch, "import os\n\nimport pulumi", "if pulumi.get_stack() == 'dev':\n    os.kill(os.getpid(), 9)")

    done = branch.run("guard", "dev", "staging", "--quiet")

    assert done.returncode == 1
    assert done.stdout.startswith("⛔ the preview of dev failed\nnote: staging: compared with ")
    assert done.stderr.endswith("  dev: its preview ended with exit code -9 without an answer\n")


POOL = """from concurrent.futures import ThreadPoolExecutor

POOL = ThreadPoolExecutor(1)
POOL.submit(abs, -1).result()"""
THREAD = "import threading\nimport time\n\nthreading.Thread(target=time.sleep, args=(10_000,)).start()"
PROCESSES = "with multiprocessing.get_context('fork').Pool(1) as pool:\n    pool.map(abs, [1])"


@pytest.mark.parametrize(
    ("before", "inside"),
    [(POOL, "POOL.submit(abs, -1).result()"), (THREAD, ""), ("import multiprocessing", PROCESSES)],
    ids=["a pool of its module", "a thread that does not end", "processes"],
)
def test_a_program_may_have_threads_and_processes(branch: Branch, before: str, inside: str) -> None:
    """They change nothing in the report."""
    edited(branch, before, inside)

    assert [plan["changes"] for plan in branch.diff("dev", "staging")["stacks"].values()] == [[], []]


def test_a_process_that_the_program_leaves_does_not_delay_the_report(branch: Branch, tmp_path: Path) -> None:
    """It has inherited the descriptors of its worker."""
    left = tmp_path / "left"
    inside = f"if not os.fork():\n    open({str(left)!r}, 'a').write(f'{{os.getpid()}} ')\n    time.sleep(10_000)"
    edited(branch, "import os\nimport time", inside)

    with branch.start("diff", "dev", "--json", "--quiet") as started:
        assert started.stdout
        report = json.loads(started.stdout.read())
        assert started.wait(timeout=60) == 0
        for pid in left.read_text().split():
            psutil.Process(int(pid)).kill()

    assert report["stacks"]["dev"]["changes"] == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_process_outlives_the_command(branch: Branch, number: signal.Signals) -> None:
    """Workers and engines end with it, also if it is killed, although the program does not."""
    edited(branch, "import time", "time.sleep(600)")
    with branch.start("diff", "dev", "staging", "--quiet") as started:
        processes = eventually(lambda: with_engines(started.pid, 2))
        started.send_signal(number)
        _output, error = started.communicate(timeout=60)

    assert "Traceback" not in error
    assert psutil.wait_procs(processes, timeout=60)[1] == []


class Deaf:
    """A process that does not notice the first signal."""

    def __init__(self) -> None:
        self.exitcode: int | None = None
        self.signals = 1

    def join(self, timeout: float) -> None:
        """Wait for its end."""
        assert timeout > 0
        self.exitcode = -signal.SIGTERM if self.signals > 1 else None

    def terminate(self) -> None:
        """Receive a signal."""
        self.signals += 1


def test_a_worker_is_asked_again_to_end() -> None:
    """Mocked: the worker."""
    worker = Deaf()

    workers._end(worker)  # type: ignore[arg-type]

    assert worker.exitcode == -signal.SIGTERM


def with_engines(pid: int, number: int) -> list[psutil.Process]:
    """Return the descendants of a process once this number of them are engines, else nothing."""
    found = psutil.Process(pid).children(recursive=True)
    engines = 0
    for each in found:
        with suppress(psutil.Error):
            engines += any(part.endswith("/bin/pulumi") for part in each.cmdline()[:1])
    return found if engines == number else []
