"""Drift: changes outside of Pulumi that a refresh found."""

from collections.abc import Iterable
from dataclasses import dataclass

from pulumi.automation.events import EngineEvent, OpType

from infra.engine.operations import Outcome
from infra.errors import OperationError


@dataclass(frozen=True, kw_only=True)
class Drift:
    """A resource that differs from its deployed state."""

    operation: str
    """`delete` if it is gone, `update` if it differs."""
    type: str
    name: str
    properties: tuple[str, ...]
    """Inputs that differ; empty if the resource is gone."""

    def __str__(self) -> str:
        changed = f" ({', '.join(self.properties)})" if self.properties else ""
        return f"{self.operation} {self.type} {self.name}{changed}"


def require_no_drift(outcome: Outcome) -> str:
    """Check that a refresh found no drift, and return a message.

    Raises:
        OperationError: it failed, or found drift; the message lists all.
    """
    if found := drift_from_events(outcome.require_success().events):
        raise OperationError(f"{len(found)} resource(s) drifted: {'; '.join(map(str, found))}")
    return "no drift"


def drift_from_events(events: Iterable[EngineEvent]) -> list[Drift]:
    """Return the drift in the events of a refresh, without status that controllers change, such as replica counts."""
    found = []
    for event in events:
        if not event.res_outputs_event:
            continue
        step = event.res_outputs_event.metadata
        old = (step.old.inputs if step.old else None) or {}
        new = (step.new.inputs if step.new else None) or {}
        name = step.urn.rpartition("::")[2]
        if OpType(step.op) == OpType.DELETE:
            found.append(Drift(operation="delete", type=step.type, name=name, properties=()))
        elif OpType(step.op) == OpType.UPDATE and old != new:
            changed = tuple(sorted(key for key in {*old, *new} if old.get(key) != new.get(key)))
            found.append(Drift(operation="update", type=step.type, name=name, properties=changed))
    return found
