"""A recorded state of a stack, previewed by the real engine with the current program.

The state is in a temporary file backend. The stand-ins have no account, so no resource is read or changed:
the engine compares the recorded inputs with those of the program, and the stand-ins classify each difference.
`record_state.py` records the states.
"""

import gzip
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pulumi.automation.events import EngineEvent

from infra.difference.given_state import in_previewed_zone
from infra.engine import checkpoint, command, deploy_role, operations, session
from infra.engine.operations import Outcome
from infra.engine.progress import Progress
from infra.engine.workspace import prepare, providers_of
from infra.toolchain import ensure
from localcloud.cloud import ACCOUNT_ID

FOLDER = Path(__file__).parents[1] / "infra" / "recorded"
REPLACES = ("replace", "create-replacement", "delete-replaced")
DELETES = ("delete", "discard")


def resources(commit: str, stack: str) -> list[dict[str, Any]]:
    """Read the resources of the recorded state of a commit, in the engine's export format."""
    found: list[dict[str, Any]] = json.loads(gzip.decompress((FOLDER / f"{commit}-{stack}.json.gz").read_bytes()))
    return found


def preview(stack: str, recorded: Iterable[dict[str, Any]]) -> Outcome:
    """Preview a stack with a recorded state and with the settings of a rehearsal, as for the recording.

    Raises:
        OperationError: the preview failed.
    """
    settings = session.read_settings(stack)
    role = deploy_role.arn_of(stack, settings, session.assumed_roles(stack, settings))
    with command.throw_away("preview", stack) as state, providers_of(None) as ports:
        resources = list(recorded)
        if settings.edge.domain:
            resources = in_previewed_zone(resources, settings.edge.hosted_zone, ACCOUNT_ID)
        path = checkpoint.path(state, stack)
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(checkpoint.document(stack, resources)))
        opened = prepare(stack, ensure({"pulumi"}).pulumi, state, ports, deploy_role.overrides(role)).open()
        return operations.preview(opened, Progress(quiet=True), judged=False).require_success()


def names(events: Iterable[EngineEvent], operations: Iterable[str]) -> set[str]:
    """Return the resources with one of these steps in a preview, as `type name`."""
    steps = [event.resource_pre_event.metadata for event in events if event.resource_pre_event]
    return {
        f"{step.type} {step.urn.rpartition('::')[2]}"
        for step in steps
        if str(getattr(step.op, "value", step.op)) in operations
    }
