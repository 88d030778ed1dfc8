"""What is left over belongs to an owner that has ended; nothing else is touched."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import psutil
import pytest

from localcloud import locks, ownership

SLEEP = "import time; time.sleep(60)"
# Leaves its parent, its session and its process group, ignores SIGTERM, and says who it is.
DAEMON = """
import os, signal, time
if os.fork():
    os._exit(0)
os.setsid()
if os.fork():
    os._exit(0)
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print(os.getpid(), flush=True)
time.sleep(60)
"""

Start = Callable[..., psutil.Process]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start a Python program that sleeps; each one is gone after the test."""
    started: list[subprocess.Popen[bytes]] = []

    def run(
        environment: Mapping[str, str], *, code: str = SLEEP, cwd: Path | None = None, prefix: tuple[str, ...] = ()
    ) -> psutil.Process:
        process = subprocess.Popen([*prefix, sys.executable, "-c", code], env={**os.environ, **environment}, cwd=cwd)
        started.append(process)
        return psutil.Process(process.pid)

    yield run
    for process in started:
        process.kill()
        process.wait()


def executed(process: psutil.Process, name: str) -> psutil.Process:
    """Return the process once its environment is that of its own program."""
    deadline = time.monotonic() + 10
    while name not in process.environ():
        assert time.monotonic() < deadline
    return process


def test_what_a_dead_owner_started_is_left_over(tmp_path: Path, start: Start) -> None:
    """In the folder of the lock, and seen from every folder above it."""
    state = tmp_path / ".drydock" / "local"
    state.mkdir(parents=True)
    process = executed(start(ownership.mark(state / "command.lock")), ownership.OWNER)

    assert ownership.left_over(state) == [process]
    assert ownership.left_over(tmp_path / ".drydock") == [process]
    assert ownership.end_left_over(tmp_path / ".drydock") == [process.pid]
    assert ownership.left_over(state) == []
    assert not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


@pytest.mark.parametrize("other", ["other/.drydock/local", ".drydock2/local", ".drydock/../elsewhere/.drydock/local"])
def test_another_checkouts_process_is_not(tmp_path: Path, start: Start, other: str) -> None:
    """Nor is one of a folder whose name begins alike."""
    lock = Path(os.path.normpath(tmp_path / other)) / "command.lock"
    process = executed(start(ownership.mark(lock)), ownership.OWNER)

    assert ownership.end_left_over(tmp_path / ".drydock", ownership.ended_or_mine) == []
    assert process.is_running()


def test_what_merely_looks_alike_is_not(tmp_path: Path, start: Start) -> None:
    """The same command line as what is left over, in the same folder, with the folder as its home: a user's own."""
    state = tmp_path / "local"
    state.mkdir()
    left = executed(start(ownership.mark(state / "command.lock"), cwd=state), ownership.OWNER)
    own = executed(start({"HOME": str(state), "TMPDIR": str(state), "ALIKE": "1"}, cwd=state), "ALIKE")
    assert own.cmdline() == left.cmdline()

    assert ownership.end_left_over(state, ownership.ended_or_mine) == [left.pid]
    assert own.is_running()
    assert own.status() != psutil.STATUS_ZOMBIE


def test_a_living_owner_keeps_its_processes(tmp_path: Path, start: Start) -> None:
    """Until it counts them itself, at its beginning and at its end."""
    lock = tmp_path / "command.lock"
    process = executed(start(ownership.mark(lock)), ownership.OWNER)
    with locks.take(lock):
        assert ownership.left_over(tmp_path) == []
        assert ownership.left_over(tmp_path, ownership.ended_or_mine) == [process]
        seen = subprocess.check_output(
            [
                sys.executable,
                "-c",
                "import pathlib, sys; from localcloud import ownership;"
                "print(ownership.left_over(pathlib.Path(sys.argv[1]), ownership.ended_or_mine))",
                tmp_path,
            ]
        )
        assert seen == b"[]\n"


def test_daemons_are_found_and_killed(tmp_path: Path, start: Start) -> None:
    """A process that has left everything still has its environment."""
    lock = tmp_path / "supervisor.lock"
    with subprocess.Popen(
        [sys.executable, "-c", DAEMON], env={**os.environ, **ownership.mark(lock)}, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        pid = int(process.stdout.readline())
        process.wait()
        os.kill(pid, signal.SIGTERM)
        assert ownership.end_left_over(tmp_path) == [pid]
    assert ownership.left_over(tmp_path) == []


def test_the_search_ends_neither_itself_nor_its_parents(tmp_path: Path) -> None:
    """A command may be run by a process that bears the mark, such as one of a pod."""
    code = (
        "import pathlib, sys\n"
        "from localcloud import ownership\n"
        "print(ownership.end_left_over(pathlib.Path(sys.argv[1])))"
    )
    done = subprocess.run(
        ["sh", "-c", '"$@"; true', "sh", sys.executable, "-c", code, tmp_path],
        env={**os.environ, **ownership.mark(tmp_path / "node.lock")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "[]\n"


def test_the_same_path_in_another_container_is_another_place(tmp_path: Path, start: Start) -> None:
    """Its folder is not this one, though it has the same name."""
    state = tmp_path / "local"
    state.mkdir()
    isolate = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--mount", "--map-root-user"]
    mounted = ("sh", "-c", f'mount -t tmpfs none {state} && exec "$@"', "sh")
    process = start({**ownership.mark(state / "command.lock")}, prefix=(*isolate, *mounted))
    deadline = time.monotonic() + 10
    while process.cmdline()[:1] != [sys.executable]:
        assert time.monotonic() < deadline

    assert ownership.end_left_over(state) == []
    assert process.is_running()
