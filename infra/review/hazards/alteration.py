"""A resource before and after the deployment, as the detectors of hazards see it."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pulumi.automation.events import StepEventMetadata, StepEventStateMetadata

from infra.resources.properties import UNKNOWN, at
from infra.resources.resource import Properties
from infra.review.plan import PropertyChange
from infra.review.steps import UNCHANGED
from infra.review.values import clean_inputs


@dataclass(frozen=True, kw_only=True)
class Alteration:
    """A step of the engine."""

    step: StepEventMetadata
    operation: str
    """As `Change.operation`; `same` and the like for a resource that does not change."""
    properties: tuple[PropertyChange, ...] = ()
    """The properties that differ."""

    @property
    def urn(self) -> str:
        """URN of the resource."""
        return self.step.urn

    @property
    def type(self) -> str:
        """Pulumi type token."""
        return self.step.type

    @property
    def name(self) -> str:
        """Logical name of the resource."""
        return self.urn.rpartition("::")[2]

    @cached_property
    def old(self) -> Properties | None:
        """The clean inputs before; None for a creation."""
        return _inputs(self.step.old)

    @cached_property
    def new(self) -> Properties | None:
        """The clean inputs after; None for a deletion."""
        return None if self.operation == "delete" else _inputs(self.step.new)

    @property
    def changes(self) -> bool:
        """Whether the engine does something with it."""
        return self.operation not in UNCHANGED

    @property
    def goes(self) -> bool:
        """Whether the resource is deleted, or replaced for a reason that is known now."""
        forced = [each for each in self.properties if each.replaces]
        doubtful = bool(forced) and all(each.unknown for each in forced)
        return self.operation == "delete" or (self.operation == "replace" and not doubtful)

    @property
    def stays(self) -> bool:
        """Whether the deployment leaves the resource in the account, and only forgets it."""
        state = self.step.old
        return self.operation == "delete" and state is not None and bool(state.retain_on_delete)

    def pair(self, path: str) -> tuple[Any, Any] | None:
        """Return the values of a property before and after, if the resource has both and they are known and differ."""
        if self.old is None or self.new is None:
            return None
        before, after = at(self.old, path), at(self.new, path)
        return None if UNKNOWN in (before, after) or before == after else (before, after)


def _inputs(state: StepEventStateMetadata | None) -> Properties | None:
    return None if state is None else clean_inputs(state.type, state.inputs or {})
