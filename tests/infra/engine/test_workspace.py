"""Opening a stack: what is written, and that no process is started for it."""

import json
from pathlib import Path

from infra.engine.workspace import open_locally

NO_CLI = Path("/nowhere/bin/pulumi")


def test_a_new_stack_is_empty_and_needs_no_engine_to_be_made(tmp_path: Path) -> None:
    """The state is there before the CLI has run once."""
    opened = open_locally("prod", NO_CLI, tmp_path, {"aws": 1, "random": 2})

    state = json.loads((tmp_path / "pulumi-state/.pulumi/stacks/drydock/prod.json").read_text())
    assert state == {"version": 3, "checkpoint": {"stack": "organization/drydock/prod"}}
    assert opened.workspace.env_vars["PULUMI_DEBUG_PROVIDERS"] == "aws:1,random:2"


def test_a_stack_that_is_there_is_left_as_it_is(tmp_path: Path) -> None:
    """What was deployed stays known."""
    path = tmp_path / "pulumi-state/.pulumi/stacks/drydock/prod.json"
    path.parent.mkdir(parents=True)
    path.write_text('{"version": 3, "checkpoint": {"latest": {}}}')

    open_locally("prod", NO_CLI, tmp_path, {})

    assert path.read_text() == '{"version": 3, "checkpoint": {"latest": {}}}'
