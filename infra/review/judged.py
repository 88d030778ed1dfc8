"""The risk of a change, and the reasons for it."""

from pulumi.automation.events import StepEventMetadata, StepEventStateMetadata

from infra.policy.stateful_types import STATEFUL_TYPES
from infra.resources.resource import Properties
from infra.review.interruptions import interruptions
from infra.review.plan import PropertyChange, Risk
from infra.review.values import clean_inputs
from infra.review.widening import widenings

Judged = tuple[Risk, tuple[str, ...]]
BEFORE = "a resource that it depends on is deleted before it is created again"
NOT_DELETED = "stays in the account, but Pulumi forgets it"


def judge(
    step: StepEventMetadata, operation: str, properties: tuple[PropertyChange, ...], *, fresh: bool, advice: str = ""
) -> Judged:
    """Return the risk of a change and why it has it.

    Args:
        step: the step of the engine.
        operation: its operation, as `Change.operation`.
        properties: the properties that differ.
        fresh: whether nothing of the stack exists yet.
        advice: what to do instead; empty if there is nothing.
    """
    new = None if operation == "delete" else clean_of(step.new)
    opens = widenings(step.type, clean_of(step.old), new, fresh=fresh)
    more = (advice,) if advice else ()
    if operation == "replace":
        return _replaced(step, properties, opens)
    if operation == "delete":
        return _deleted(step, (*more, *opens))
    if loss := _unprotected(step):
        return Risk.LOSS, (loss, *opens)
    stops = interruptions(step.type, clean_of(step.old) or {}, new or {}, properties) if operation == "update" else ()
    if opens:
        return Risk.OPEN, (*opens, *stops)
    return (Risk.INTERRUPT, stops) if stops else (Risk.ROUTINE, ())


def _replaced(step: StepEventMetadata, properties: tuple[PropertyChange, ...], opens: tuple[str, ...]) -> Judged:
    holds = STATEFUL_TYPES.get(step.type)
    forced = [each for each in properties if each.replaces]
    names = ", ".join(dict.fromkeys(each.path for each in forced))
    if forced and all(each.unknown for each in forced):
        loses = f", and loses the {holds}," if holds else ""
        return Risk.UNKNOWN, (f"replaced{loses} only if {names} differs, which is known after up", *opens)
    cause = (f"forced by {names}" if forced else BEFORE,)
    if holds:
        return Risk.LOSS, (f"loses the {holds}", *cause, *opens)
    return Risk.REPLACE, (*cause, *opens)


def _deleted(step: StepEventMetadata, reasons: tuple[str, ...]) -> Judged:
    if step.old and step.old.retain_on_delete:
        return Risk.REPLACE, (NOT_DELETED, *reasons)
    holds = STATEFUL_TYPES.get(step.type)
    return (Risk.LOSS, (f"loses the {holds}", *reasons)) if holds else (Risk.REPLACE, reasons)


def _unprotected(step: StepEventMetadata) -> str:
    holds = STATEFUL_TYPES.get(step.type)
    if not (holds and step.old and step.new):
        return ""
    if step.old.protect and not step.new.protect:
        return f"no longer protected: the next change may lose the {holds}"
    if step.old.retain_on_delete and not step.new.retain_on_delete:
        return f"no longer kept in the account if it is deleted: the next change may lose the {holds}"
    return ""


def clean_of(state: StepEventStateMetadata | None) -> Properties | None:
    """Return the clean inputs of a state."""
    return None if state is None else clean_inputs(state.type, state.inputs or {})
