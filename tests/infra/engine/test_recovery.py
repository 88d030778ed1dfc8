"""What a killed engine left behind is found and set right."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from infra.engine import recovery
from infra.errors import OperationError


def write_engine_lock(state: Path, content: str) -> Path:
    """An engine's lock file, where its file backend puts it."""
    folder = state / "pulumi-state" / ".pulumi" / "locks" / "organization" / "drydock" / "local"
    folder.mkdir(parents=True)
    path = folder / "0f.json"
    path.write_text(content)
    return path


def test_only_one_command_works_on_a_cloud(tmp_path: Path) -> None:
    """The second is told the first one's pid, and gets its turn afterwards."""
    with (
        recovery.command_lock(tmp_path),
        pytest.raises(OperationError, match=f"pid {os.getpid()}"),
        recovery.command_lock(tmp_path),
    ):
        pass
    with recovery.command_lock(tmp_path):
        pass


def test_the_lock_of_a_dead_engine_is_released(tmp_path: Path) -> None:
    """A pid that no longer lives holds nothing."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    lock = write_engine_lock(tmp_path, json.dumps({"pid": process.pid}))

    assert recovery.release_stale_locks(tmp_path) == 1
    assert not lock.exists()


def test_a_half_written_lock_is_released(tmp_path: Path) -> None:
    """The kill may have come while it was written."""
    lock = write_engine_lock(tmp_path, '{"pid":')

    assert recovery.release_stale_locks(tmp_path) == 1
    assert not lock.exists()


def test_a_pid_that_is_somebody_else_now_holds_nothing(tmp_path: Path) -> None:
    """Pids are reused: only an engine counts."""
    write_engine_lock(tmp_path, json.dumps({"pid": os.getpid()}))

    assert recovery.release_stale_locks(tmp_path) == 1


def test_a_corrupt_state_names_the_backup(tmp_path: Path) -> None:
    """The message holds the command that restores it."""
    folder = tmp_path / "pulumi-state" / ".pulumi" / "stacks" / "drydock"
    folder.mkdir(parents=True)
    (folder / "local.json").write_text('{"version": 3')
    (folder / "local.json.bak").write_text("{}")

    with pytest.raises(OperationError, match=r"local\.json is corrupt .* cp .*local\.json\.bak .*local\.json"):
        recovery.require_sound_state(tmp_path, "local")


def test_a_sound_state_passes(tmp_path: Path) -> None:
    """As does none at all."""
    recovery.require_sound_state(tmp_path, "local")
    folder = tmp_path / "pulumi-state" / ".pulumi" / "stacks" / "drydock"
    folder.mkdir(parents=True)
    (folder / "local.json").write_text('{"version": 3, "checkpoint": {}}')
    recovery.require_sound_state(tmp_path, "local")
