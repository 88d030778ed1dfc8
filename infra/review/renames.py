"""Resources that are deleted and created again under another name, which an alias would keep."""

from collections.abc import Iterable, Mapping
from typing import Any

from pulumi.automation.events import StepEventMetadata

from infra.policy.stateful_types import STATEFUL_TYPES
from infra.resources.properties import UNKNOWN
from infra.review.values import clean_inputs

MIN_SHARE = 0.6
"""Share of equal properties from which two stateful resources of a type count as the same one.

Others must be equal: a subnet in another zone is not a renamed one, and an alias would only replace it.
"""


def renames(steps: Iterable[StepEventMetadata]) -> dict[str, str]:
    """Return URN of a deleted resource -> URN of the created resource that looks like it."""
    steps = list(steps)
    created = [step for step in steps if _kind(step) == "create" and step.new]
    found: dict[str, str] = {}
    for gone in (step for step in steps if _kind(step) == "delete" and step.old):
        near = [(_likeness(gone, step), step.urn) for step in created if step.type == gone.type]
        share, urn = max(near, default=(0.0, ""))
        if share >= (MIN_SHARE if gone.type in STATEFUL_TYPES else 1) and urn not in found.values():
            found[gone.urn] = urn
    return found


def rename_advice(new: str, resource_type: str) -> str:
    """Return what to tell the reviewer of a rename."""
    kept = " and its data" if resource_type in STATEFUL_TYPES else ""
    return f"looks renamed to {new.rpartition('::')[2]}: an alias of it would keep this resource{kept}"


def _kind(step: StepEventMetadata) -> str:
    return str(getattr(step.op, "value", step.op))


def _likeness(gone: StepEventMetadata, new: StepEventMetadata) -> float:
    before = _comparable(gone.old.inputs if gone.old else {}, gone.type)
    after = _comparable(new.new.inputs if new.new else {}, new.type)
    known = [key for key in {*before, *after} if before.get(key) is not UNKNOWN and after.get(key) is not UNKNOWN]
    if not known:
        same_name = gone.urn.rpartition("::")[2] == new.urn.rpartition("::")[2]
        return 1.0 if same_name or not {*before, *after} else 0.0
    equal = [key for key in known if before.get(key) == after.get(key)]
    return len(equal) / len(known)


def _comparable(inputs: Mapping[str, Any] | None, resource_type: str) -> dict[str, Any]:
    return {
        key: value for key, value in clean_inputs(resource_type, inputs or {}).items() if not key.startswith("tags")
    }
