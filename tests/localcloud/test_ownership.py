"""Left-over processes of an owner that has ended are found and killed, and no others."""

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
from tests.support.processes import ended

SLEEP = "import time; time.sleep(60)"
# A daemon: it leaves its parent, session and process group, ignores SIGTERM, and prints its pid.
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
    """Return a function that starts a sleeping Python program, which is killed after the test."""
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
    """Return the process once its environment is that of its program."""
    deadline = time.monotonic() + 10
    while name not in process.environ():
        assert time.monotonic() < deadline
    return process


def test_processes_of_an_ended_owner_are_left_over(tmp_path: Path, start: Start) -> None:
    """They are found from the folder of the lock, and from every folder above it."""
    state = tmp_path / ".drydock" / "local"
    state.mkdir(parents=True)
    process = executed(start(ownership.mark(state / "command.lock")), ownership.OWNER)

    assert ownership.left_over(state) == [process]
    assert ownership.left_over(tmp_path / ".drydock") == [process]
    assert ownership.end_left_over(tmp_path / ".drydock") == [process.pid]
    assert ownership.left_over(state) == []
    assert ended(process)


@pytest.mark.parametrize("other", ["other/.drydock/local", ".drydock2/local", ".drydock/../elsewhere/.drydock/local"])
def test_processes_of_another_checkout_are_not_left_over(tmp_path: Path, start: Start, other: str) -> None:
    """This includes a folder with the same prefix in its name."""
    lock = Path(os.path.normpath(tmp_path / other)) / "command.lock"
    process = executed(start(ownership.mark(lock)), ownership.OWNER)

    assert ownership.end_left_over(tmp_path / ".drydock", ownership.ended_or_mine) == []
    assert process.is_running()


def test_processes_without_the_mark_are_not_left_over(tmp_path: Path, start: Start) -> None:
    """A user's own process has the same command line, working directory and home as a left-over one."""
    state = tmp_path / "local"
    state.mkdir()
    left = executed(start(ownership.mark(state / "command.lock"), cwd=state), ownership.OWNER)
    own = executed(start({"HOME": str(state), "TMPDIR": str(state), "ALIKE": "1"}, cwd=state), "ALIKE")
    assert own.cmdline() == left.cmdline()

    assert ownership.end_left_over(state, ownership.ended_or_mine) == [left.pid]
    assert not ended(own)


def test_processes_of_a_running_owner_are_not_left_over(tmp_path: Path, start: Start) -> None:
    """Only the owner itself can find them, at its beginning and its end."""
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
    """A daemon still has its environment."""
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


def test_does_not_kill_itself_or_its_parents(tmp_path: Path) -> None:
    """A command may be run by a process with the mark, such as one of a pod."""
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


def test_the_same_path_in_another_mount_namespace_is_another_folder(tmp_path: Path, start: Start) -> None:
    """A process in a container has another folder with the same name."""
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
