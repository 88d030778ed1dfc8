"""The report of `drydock down` after the destroy of a stack on AWS. Mocked: engine and account."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from typer import Typer
from typer.testing import CliRunner, Result

from infra.commands import down as module
from infra.commands.down import down
from infra.engine import session
from infra.engine.operations import Outcome
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
