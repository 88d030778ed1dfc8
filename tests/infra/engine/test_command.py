"""The lock of a command, and the removal of its processes and temporary files."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import psutil
import pytest

from infra.engine import command
from infra.errors import OperationError
from localcloud import ownership
from tests.support.processes import ended

CHILD = [sys.executable, "-c", "import sys, time; print('up', flush=True); time.sleep(60)"]
# A command that kills itself while its child process runs.
KILLED = """
import os, pathlib, subprocess, sys
from infra.engine import command
with command.command_lock(pathlib.Path(sys.argv[1])):
    child = subprocess.Popen(["sleep", "60"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    print(child.pid, flush=True)
    os.kill(os.getpid(), 9)
"""


@pytest.fixture
def states(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of state folders for this test."""
    folder = tmp_path / ".drydock"
    monkeypatch.setattr(command, "STATE", folder)
    return folder


@pytest.fixture(autouse=True)
def short_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten the wait before processes are killed."""
    monkeypatch.setattr(command, "END_TIMEOUT_SECONDS", 0.1)


def started(environment: Mapping[str, str] | None = None) -> psutil.Process:
    """Return a child process that has started to run."""
    process = subprocess.Popen(CHILD, stdout=subprocess.PIPE, env={**os.environ, **(environment or {})})
    assert process.stdout is not None
    process.stdout.readline()
    return psutil.Process(process.pid)


def test_only_one_command_locks_a_cloud(tmp_path: Path) -> None:
    """A second command fails with the pid of the first, and succeeds once the first has ended."""
    with (
        command.command_lock(tmp_path),
        pytest.raises(OperationError, match=f"pid {os.getpid()}"),
        command.command_lock(tmp_path),
    ):
        pass
    with command.command_lock(tmp_path):
        pass


def test_child_processes_end_with_their_command(tmp_path: Path) -> None:
    """They end also if an error ends the command; its environment variables are restored."""
    before = {name: os.environ.get(name) for name in (ownership.OWNER, "TMPDIR")}
    children: list[psutil.Process] = []

    def fail() -> None:
        with command.command_lock(tmp_path):
            children.append(started())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    (child,) = children
    assert ended(child)
    assert {name: os.environ.get(name) for name in before} == before


def test_temporary_files_are_in_the_state_folder_and_are_deleted(tmp_path: Path) -> None:
    """Those of a killed command are deleted by the next one."""
    with command.command_lock(tmp_path):
        made = Path(tempfile.mkdtemp())
        assert made.is_relative_to(tmp_path)
    assert not made.exists()
    (tmp_path / "tmp" / "left").mkdir(parents=True)
    with command.command_lock(tmp_path):
        assert list((tmp_path / "tmp").iterdir()) == []


def test_the_next_command_ends_the_processes_of_a_killed_one(states: Path) -> None:
    """Processes of the same folder are ended with its lock, those of the whole checkout at the start of any command."""
    state = states / "local"
    state.mkdir(parents=True)

    def left() -> psutil.Process:
        killed = subprocess.run([sys.executable, "-c", KILLED, state], stdout=subprocess.PIPE, timeout=30, check=False)
        child = psutil.Process(int(killed.stdout))
        assert not ended(child)
        return child

    first = left()
    with command.command_lock(state):
        assert ended(first)
    second = left()
    command.clear_left_overs()
    assert ended(second)


def test_a_starting_supervisor_is_not_ended_as_left_over(states: Path, tmp_path: Path) -> None:
    """It does not hold its lock yet, but the command that starts it holds its own."""
    state = states / "local"
    with command.command_lock(state):
        starting = started(ownership.mark(state / "supervisor.lock"))
        command.clear_left_overs()
        assert not ended(starting)
    assert ended(starting)


def test_a_temporary_folder_is_deleted_with_its_command(states: Path) -> None:
    """While the command holds it, it is kept, even if its name contains the pid of an ended process."""
    with command.throw_away("preview", "dev") as state:
        assert state.is_dir()
        other = states / "rehearse-dev-999999999"
        other.mkdir()
        renamed = state.rename(states / "preview-dev-999999999")
        command.clear_left_overs()
        assert renamed.is_dir()
        assert not other.exists()
        renamed.rename(state)
    assert [path.name for path in states.iterdir()] == [command.GATE]


def test_finishes_an_interrupted_removal(states: Path) -> None:
    """A folder that is being removed has a name that no other command uses."""
    (states / "removed-local-1" / "aws").mkdir(parents=True)
    command.clear_left_overs()
    assert not (states / "removed-local-1").exists()
