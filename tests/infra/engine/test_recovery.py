"""What a killed engine left behind is found and set right."""

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from pulumi import automation

from infra.engine import recovery
from infra.errors import CorruptStateError, OperationError


def write_engine_lock(state: Path, content: str) -> Path:
    """An engine's lock file, where its file backend puts it."""
    folder = state / "pulumi-state" / ".pulumi" / "locks" / "organization" / "drydock" / "local"
    folder.mkdir(parents=True)
    path = folder / "0f.json"
    path.write_text(content)
    return path


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


class FakeStack:
    """A stack whose state is given; it remembers what was imported."""

    name = "local"

    def __init__(self, resources: list[dict[str, str]], begun: list[str]) -> None:
        pending = [{"type": "creating", "resource": {"urn": urn}} for urn in begun]
        self._deployment = {"resources": resources, "pending_operations": pending}
        self.imported: list[automation.Deployment] = []

    def export_stack(self) -> automation.Deployment:
        """The state."""
        return automation.Deployment(version=3, deployment=self._deployment)

    def import_stack(self, deployment: automation.Deployment) -> None:
        """Remember it."""
        self.imported.append(deployment)


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, object]]:
    """An account with a VPC and a bucket; what it was asked to keep is noted at the end."""
    ledger = [{"urn": "urn:vpc", "type": "Vpc", "id": "vpc-1"}, {"urn": "urn:bucket", "type": "Bucket", "id": "b-1"}]
    asked: list[dict[str, object]] = []

    def ask(url: str, question: dict[str, object] | None = None) -> object:
        if url.endswith("/drydock/ledger"):
            return ledger
        assert url.endswith("/drydock/reap")
        assert question is not None
        asked.append(question)
        return [entry for entry in ledger if entry not in question["keep"]]  # type: ignore[operator]

    monkeypatch.setattr(recovery, "ask", ask)
    return asked


VPC, BUCKET = {"urn": "urn:vpc", "id": "vpc-1"}, {"urn": "urn:bucket", "id": "b-1"}


def reconcile(stack: FakeStack) -> list[str]:
    """Reconcile with an account whose address does not matter."""
    return recovery.reconcile(stack, SimpleNamespace(aws_endpoint="http://here"))  # type: ignore[arg-type]


def test_a_sound_stack_is_left_alone(account: list[dict[str, object]]) -> None:
    """Nothing is asked of the account, nothing imported."""
    stack = FakeStack([VPC, BUCKET], begun=[])

    assert reconcile(stack) == []
    assert (account, stack.imported) == ([], [])


def test_what_an_engine_had_begun_and_not_recorded_is_deleted(account: list[dict[str, object]]) -> None:
    """Only that; and the unfinished operation is forgotten."""
    stack = FakeStack([VPC], begun=["urn:bucket"])

    assert reconcile(stack) == ["deleted Bucket b-1, which a killed engine made and never recorded"]
    assert account == [{"keep": [{"urn": "urn:vpc", "type": "Vpc", "id": "vpc-1"}]}]
    assert stack.imported[0].deployment == {"resources": [VPC], "pending_operations": []}


def test_an_unfinished_update_deletes_nothing(account: list[dict[str, object]]) -> None:
    """The resource is recorded; the next `up` changes it again."""
    stack = FakeStack([VPC, BUCKET], begun=["urn:bucket"])

    assert reconcile(stack) == []
    assert len(stack.imported) == 1


def test_a_state_without_memory_deletes_nothing(account: list[dict[str, object]]) -> None:
    """It is refused, with what the account still holds."""
    with pytest.raises(CorruptStateError, match="account holds 2 resources"):
        reconcile(FakeStack([], begun=[]))
    assert account == []


def test_a_state_file_without_a_checkpoint_is_corrupt(tmp_path: Path) -> None:
    """`{}` is JSON, and no state."""
    folder = tmp_path / "pulumi-state" / ".pulumi" / "stacks" / "drydock"
    folder.mkdir(parents=True)
    (folder / "local.json").write_text("{}")

    with pytest.raises(CorruptStateError, match="it holds no checkpoint"):
        recovery.require_sound_state(tmp_path, "local")
