"""`drydock down`: refusals, and the report after the destroy of a stack on AWS. Mocked: engine and account."""

import json
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer import Typer
from typer.testing import CliRunner, Result

from infra.commands import down as module
from infra.commands.down import down
from infra.engine import checkpoint, session
from infra.engine.operations import Outcome
from infra.errors import OperationError
from infra.preflight.finding import UnreadableError
from infra.preflight.reader import Reader

BUCKET = {"type": "aws:s3/bucket:Bucket", "id": "logs-1", "outputs": {}}


class Stack:
    """A stack whose state is empty after the destroy."""

    def __init__(self) -> None:
        self.resources: list[Any] = [BUCKET]

    def export_stack(self) -> Any:
        return SimpleNamespace(deployment={"resources": list(self.resources)})


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that runs `down prod` while every request to the account has this answer or exception."""
    stack = Stack()

    @contextmanager
    def deployed(*_: Any) -> Iterator[Any]:
        yield SimpleNamespace(stack=stack)

    def destroy(*_: Any) -> Outcome:
        stack.resources.clear()
        return Outcome("destroy")

    def run(answer: dict[str, Any] | Exception) -> Result:
        def ask(*_: Any, **__: Any) -> dict[str, Any]:
            if isinstance(answer, Exception):
                raise answer
            return answer

        monkeypatch.setattr(Reader, "__call__", ask)
        app = Typer()
        app.command()(down)
        return CliRunner().invoke(app, ["prod", "--yes"])

    monkeypatch.setattr(session, "deployed", deployed)
    monkeypatch.setattr(module.operations, "destroy", destroy)
    return run


def test_names_resources_of_the_state_that_still_exist(run: Any) -> None:
    result = run({"ResponseMetadata": {}})

    assert result.exit_code == 0
    assert "remains    S3 bucket logs-1: not deleted" in result.output


def test_reports_that_nothing_is_left(run: Any) -> None:
    result = run({})

    assert result.exit_code == 0
    assert "repository of it is left" in result.output


def test_a_failed_report_does_not_fail_the_destroy(run: Any) -> None:
    result = run(UnreadableError("s3:HeadBucket", "denied"))

    assert result.exit_code == 0
    assert "s3:HeadBucket: denied" in result.output


PROTECTED = {"urn": "urn:pulumi:s::drydock::aws:kms/key:Key::key", "type": "aws:kms/key:Key", "protect": True}


class Kept:
    """A stack on AWS with a protected resource, which fails the test if it is destroyed."""

    name = "prod"

    def export_stack(self) -> Any:
        return SimpleNamespace(deployment={"resources": [BUCKET, PROTECTED]})

    def destroy(self, **_: Any) -> None:
        pytest.fail("the engine was run")


@pytest.mark.parametrize(("typed", "deleted"), [("prod", True), ("dev", False), ("", False)])
def test_asks_for_the_name_of_the_stack_after_it_has_been_opened(
    monkeypatch: pytest.MonkeyPatch, typed: str, deleted: bool
) -> None:
    """A missing backend or missing credentials are reported first, because then there is nothing to confirm."""
    happened: list[str] = []

    @contextmanager
    def deployed(*_: Any) -> Iterator[Any]:
        happened.append("opened")
        yield SimpleNamespace(stack=Stack())

    def prompt(_text: str) -> str:
        happened.append("asked")
        return typed

    def destroy(*_: Any) -> Outcome:
        happened.append("deleted")
        return Outcome("destroy")

    monkeypatch.setattr(session, "deployed", deployed)
    monkeypatch.setattr(module.operations, "destroy", destroy)
    monkeypatch.setattr(module, "sys", SimpleNamespace(stdin=SimpleNamespace(isatty=lambda: True)))
    monkeypatch.setattr(module.typer, "prompt", prompt)
    monkeypatch.setattr(Reader, "__call__", lambda *_, **__: {})
    app = Typer()
    app.command()(down)

    done = CliRunner().invoke(app, ["prod"])

    assert happened == ["opened", "asked", *(["deleted"] if deleted else [])]
    assert (done.exit_code == 0) is deleted
    assert deleted or str(done.exception) == f"{typed!r} is not 'prod'; nothing was deleted"


def test_deletes_nothing_of_a_protected_stack_on_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    opened = SimpleNamespace(stack=Kept())
    monkeypatch.setattr(session, "deployed", lambda *_: nullcontext(opened))

    with pytest.raises(OperationError, match="nothing was deleted; 1 resource is protected:\n  aws:kms/key:Key key"):
        down("prod", yes=True)


@pytest.fixture
def removed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Path]:
    """Return the deleted state folders. The local cloud has a state file, and does not run."""
    path = checkpoint.path(tmp_path / "local", "local")
    path.parent.mkdir(parents=True)
    found: list[Path] = []
    monkeypatch.setattr(session, "state_folder", lambda _stack: tmp_path / "local")
    monkeypatch.setattr(module.command, "command_lock", lambda *_: nullcontext())
    monkeypatch.setattr(module.command, "clear_left_overs", lambda: None)
    monkeypatch.setattr(module.control, "running", lambda _state: None)
    monkeypatch.setattr(module.control, "remove", found.append)
    return found


def record(resources: list[Any]) -> str:
    """Return the text of a state file."""
    return json.dumps({"checkpoint": {"latest": {"resources": resources}}})


def test_keeps_a_protected_local_stack_that_does_not_run(removed: list[Path], tmp_path: Path) -> None:
    """The local cloud would be deleted as a whole, without the engine."""
    checkpoint.path(tmp_path / "local", "local").write_text(record([PROTECTED]))

    with pytest.raises(OperationError, match="nothing was deleted; 1 resource is protected"):
        down("local")

    assert removed == []


@pytest.mark.parametrize("text", [record([{**PROTECTED, "protect": False}]), '{"checkpoint": {}}', "{", None])
def test_deletes_a_local_stack_that_does_not_run(removed: list[Path], tmp_path: Path, text: str | None) -> None:
    """Also if its state is empty, corrupt or missing."""
    if text is not None:
        checkpoint.path(tmp_path / "local", "local").write_text(text)

    down("local")

    assert removed == [tmp_path / "local"]
