"""Recovery from killed processes: stale locks, corrupt state, ended parts of the local cloud."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from infra.engine import recovery
from infra.errors import CorruptStateError, EndedPartError, OperationError
from localcloud import control


def write_engine_lock(state: Path, content: str) -> Path:
    """Write a lock file of the engine's file backend, and return its path."""
    folder = state / "pulumi-state" / ".pulumi" / "locks" / "organization" / "drydock" / "local"
    folder.mkdir(parents=True)
    path = folder / "0f.json"
    path.write_text(content)
    return path


def test_releases_the_lock_of_an_ended_engine(tmp_path: Path) -> None:
    """No process has the pid in the lock file."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    lock = write_engine_lock(tmp_path, json.dumps({"pid": process.pid}))

    assert recovery.release_stale_locks(tmp_path) == 1
    assert not lock.exists()


def test_releases_an_incomplete_lock_file(tmp_path: Path) -> None:
    """The engine may be killed while it writes the file."""
    lock = write_engine_lock(tmp_path, '{"pid":')

    assert recovery.release_stale_locks(tmp_path) == 1
    assert not lock.exists()


def test_releases_a_lock_whose_pid_belongs_to_another_program(tmp_path: Path) -> None:
    """Pids are reused; only a process of the engine holds a lock."""
    write_engine_lock(tmp_path, json.dumps({"pid": os.getpid()}))

    assert recovery.release_stale_locks(tmp_path) == 1


def test_a_corrupt_state_names_the_backup(tmp_path: Path) -> None:
    """The message has the command that restores it."""
    folder = tmp_path / "pulumi-state" / ".pulumi" / "stacks" / "drydock"
    folder.mkdir(parents=True)
    (folder / "local.json").write_text('{"version": 3')
    (folder / "local.json.bak").write_text("{}")

    with pytest.raises(OperationError, match=r"local\.json is corrupt .* cp .*local\.json\.bak .*local\.json"):
        recovery.require_sound_state(tmp_path, "local")


def test_a_sound_state_passes(tmp_path: Path) -> None:
    """A missing state file passes too."""
    recovery.require_sound_state(tmp_path, "local")
    folder = tmp_path / "pulumi-state" / ".pulumi" / "stacks" / "drydock"
    folder.mkdir(parents=True)
    (folder / "local.json").write_text('{"version": 3, "checkpoint": {}}')
    recovery.require_sound_state(tmp_path, "local")


def parts(**restarts: int) -> list[control.PartStatus]:
    """Return the parts of a local cloud with their numbers of restarts."""
    return [control.PartStatus(name=name, pid=1, ready=True, restarts=count) for name, count in restarts.items()]


@pytest.mark.parametrize(
    ("before", "after", "ended"),
    [
        (parts(aws=0, node=1), parts(aws=1, node=1), "aws"),
        (parts(aws=0, node=1), parts(aws=1, node=2), "aws, node"),
        (parts(aws=0), [], "aws"),
    ],
)
def test_a_failure_names_the_parts_that_ended(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    before: list[control.PartStatus],
    after: list[control.PartStatus],
    ended: str,
) -> None:
    """A part ended if its number of restarts grew, or if it is missing."""
    told = iter([before, after])
    monkeypatch.setattr(control, "status", lambda _state: next(told))

    with (
        pytest.raises(EndedPartError, match=rf"^up failed: EOF\n  {ended} of the local cloud ended meanwhile$"),
        recovery.naming_ended_parts(tmp_path),
    ):
        raise OperationError("up failed: EOF")


def test_does_not_change_a_failure_if_no_part_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same command would fail again, so the message stays as it is."""
    monkeypatch.setattr(control, "status", lambda _state: parts(aws=0))

    with pytest.raises(OperationError) as caught, recovery.naming_ended_parts(tmp_path):
        raise OperationError("subnet is full")
    assert not isinstance(caught.value, EndedPartError)
    assert str(caught.value) == "subnet is full"


def test_a_state_file_without_a_checkpoint_is_corrupt(tmp_path: Path) -> None:
    """`{}` is valid JSON, but not a state."""
    folder = tmp_path / "pulumi-state" / ".pulumi" / "stacks" / "drydock"
    folder.mkdir(parents=True)
    (folder / "local.json").write_text("{}")

    with pytest.raises(CorruptStateError, match="it holds no checkpoint"):
        recovery.require_sound_state(tmp_path, "local")
