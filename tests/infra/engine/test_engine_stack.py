"""How often an operation starts the CLI. Mocked: the CLI."""

from pathlib import Path
from typing import Any

import pytest
from pulumi import automation
from semver import VersionInfo

from infra.engine.engine_stack import EngineStack


class RecordingCommand(automation.PulumiCommand):
    """Stands for the CLI: records its runs and succeeds."""

    def __init__(self) -> None:
        self.command = "pulumi"
        self.version = VersionInfo(3, 259, 0)
        self.runs: list[list[str]] = []

    def run(self, args: list[str], *_: Any, **__: Any) -> automation.CommandResult:
        """Record the arguments."""
        self.runs.append(args)
        return automation.CommandResult(stdout="{}", stderr="", code=0)


@pytest.fixture
def command() -> RecordingCommand:
    """The CLI of the stack."""
    return RecordingCommand()


@pytest.fixture
def stack(command: RecordingCommand, tmp_path: Path) -> EngineStack:
    """A stack with this CLI, whose program is not run."""
    (tmp_path / "Pulumi.yaml").write_text("name: drydock\nruntime: python\n")
    workspace = automation.LocalWorkspace(work_dir=str(tmp_path), program=lambda: None, pulumi_command=command)
    stack = EngineStack("local", workspace)
    command.runs.clear()
    return stack


@pytest.mark.parametrize("operation", ["up", "refresh", "destroy"])
def test_an_operation_starts_the_cli_once(stack: EngineStack, command: RecordingCommand, operation: str) -> None:
    """It reads neither outputs nor history; outputs can be read afterwards."""
    getattr(stack, operation)()

    assert [run[0] for run in command.runs] == [operation]
    assert stack.outputs() == {}
    assert [run[:2] for run in command.runs[1:]] == [["stack", "output"], ["stack", "output"]]


def test_outputs_can_be_read_after_a_failure(stack: EngineStack, command: RecordingCommand) -> None:
    """The patch that skips reading outputs is removed also after a failure."""
    failing = command.run

    def fail(args: list[str], *_: Any, **__: Any) -> automation.CommandResult:
        command.runs.append(args)
        raise RuntimeError("no engine")

    command.run = fail  # type: ignore[method-assign]
    with pytest.raises(RuntimeError, match="no engine"):
        stack.up()
    command.run = failing  # type: ignore[method-assign]
    stack.outputs()

    assert [run[:2] for run in command.runs[1:]] == [["stack", "output"], ["stack", "output"]]
