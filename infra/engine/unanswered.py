"""Kubernetes operations without a response: their effect is unknown, so the next command checks it.

A change may have been made or not: the resource is marked, and the engine applies it again. An object may have been
created or not: it is deleted if it exists, because its name may differ next time.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pulumi.automation.events import EngineEvent

from localcloud.files import read_json, write_json

FILE = "unanswered.json"
PREFIX = "kubernetes:"
MARK = "the response to the last change was lost"


@dataclass(frozen=True, kw_only=True)
class Unanswered:
    """One operation."""

    op: str
    """Operation of the engine: `create`, `creating`, `update`, `delete-replaced`, ..."""
    urn: str
    inputs: dict[str, Any]

    @property
    def creates(self) -> bool:
        """Whether it creates an object."""
        return self.op.startswith("creat")


def failed_operations(events: Iterable[EngineEvent]) -> list[Unanswered]:
    """Return the Kubernetes operations that failed, by an engine's events."""
    failed = [event.res_op_failed_event.metadata for event in events if event.res_op_failed_event]
    return [
        Unanswered(op=str(getattr(step.op, "value", step.op)), urn=step.urn, inputs=dict(found.inputs or {}))
        for step in failed
        if step.type.startswith(PREFIX) and (found := step.new or step.old)
    ]


def store(state: Path, operations: list[Unanswered]) -> None:
    """Store operations for the next command."""
    if operations:
        write_json(state / FILE, [*(read_json(state / FILE) or []), *map(asdict, operations)])


def load(state: Path, pending: Iterable[dict[str, Any]]) -> list[Unanswered]:
    """Return the stored operations, and the pending operations of a killed engine from its state."""
    begun = [
        Unanswered(op=entry["type"], urn=entry["resource"]["urn"], inputs=entry["resource"].get("inputs") or {})
        for entry in pending
        if entry["resource"]["type"].startswith(PREFIX)
    ]
    return [*(Unanswered(**entry) for entry in read_json(state / FILE) or []), *begun]


def forget(state: Path) -> None:
    """Delete the stored operations."""
    (state / FILE).unlink(missing_ok=True)


def mark(resources: list[dict[str, Any]], unanswered: Iterable[Unanswered]) -> list[str]:
    """Make the engine apply resources again that may have changed; return their URNs."""
    urns = {operation.urn for operation in unanswered if not operation.creates}
    marked = [resource for resource in resources if resource["urn"] in urns]
    for resource in marked:
        resource["initErrors"] = [MARK]
    return [resource["urn"] for resource in marked]
