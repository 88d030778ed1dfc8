"""The plan out of the events that the engine tells a preview in."""

from collections.abc import Iterable, Mapping
from typing import Any

from pulumi.automation.events import EngineEvent, StepEventMetadata, StepEventStateMetadata

from infra.policy.secret_shapes import redacted
from infra.policy.stateful_types import STATEFUL_TYPES
from infra.review.plan import Change, Finding, Plan, PropertyChange, Risk
from infra.review.values import at_path, clean_inputs, shown
from infra.review.widening import widenings

STACK_TYPE = "pulumi:pulumi:Stack"
UNCHANGED = ("same", "refresh", "discard", "remove-pending-replace")
# The engine tells a replacement in up to three steps, of which one is enough.
OPERATIONS: Mapping[str, str | None] = {
    "create-replacement": "replace",
    "replace": "replace",
    "import-replacement": "replace",
    "delete-replaced": None,
    "discard-replaced": None,
    "read-replacement": None,
}


def plan_from_events(events: Iterable[EngineEvent]) -> Plan:
    """Return the plan of a preview; whole too where the preview failed, as far as the engine came."""
    steps: dict[str, StepEventMetadata] = {}
    parents: dict[str, str] = {}
    findings: list[Finding] = []
    errors: dict[str, None] = {}
    unchanged = 0
    judged = False
    for event in events:
        if event.resource_pre_event:
            step = event.resource_pre_event.metadata
            state = step.new or step.old
            parents[step.urn] = state.parent if state else ""
            if _default_provider(step):
                continue
            if _operation(step) in UNCHANGED:
                unchanged += 1
            elif _operation(step):
                steps.setdefault(step.urn, step)
        elif event.policy_event:
            told = event.policy_event
            findings.append(
                Finding(
                    rule=told.policy_name,
                    level="mandatory" if told.enforcement_level == "mandatory" else "advisory",
                    urn=told.resource_urn or "",
                    message=redacted(told.message.strip()),
                )
            )
        elif event.summary_event:
            judged = bool(event.summary_event.policy_packs)
        elif event.diagnostic_event and event.diagnostic_event.severity == "error":
            errors[_error(event.diagnostic_event.urn, event.diagnostic_event.message)] = None
    fresh = not unchanged and all(step.old is None for step in steps.values())
    changes = [_change(step, _component(step, parents), fresh) for step in steps.values()]
    return Plan(
        changes=tuple(sorted(changes, key=_order)),
        unchanged=unchanged,
        findings=tuple(sorted(findings, key=lambda finding: (not finding.blocks, finding.rule, finding.urn))),
        judged=judged,
        # What the engine says last, of itself, says nothing.
        errors=tuple(error for error in errors if error != "preview failed"),
    )


def _default_provider(step: StepEventMetadata) -> bool:
    """Return whether it is a provider that nobody asked for: the engine makes these itself, and does not count them."""
    return step.type.startswith("pulumi:providers:") and step.urn.rpartition("::")[2].startswith("default")


def _operation(step: StepEventMetadata) -> str | None:
    kind = str(getattr(step.op, "value", step.op))
    return OPERATIONS.get(kind, kind)


def _order(change: Change) -> tuple[int, str, str, str]:
    return list(Risk).index(change.risk), change.component, change.type, change.name


def _error(urn: str | None, message: str) -> str:
    text = redacted(message.strip())
    return f"{urn.rpartition('::')[2]}: {text}" if urn else text


def _change(step: StepEventMetadata, component: str, fresh: bool) -> Change:
    operation = _operation(step) or ""
    properties = _properties(step)
    risk, reasons = _judge(step, operation, properties, fresh)
    return Change(
        urn=step.urn,
        type=step.type,
        name=step.urn.rpartition("::")[2],
        component=component,
        operation=operation,
        risk=risk,
        reasons=reasons,
        properties=properties,
    )


def _judge(
    step: StepEventMetadata, operation: str, properties: tuple[PropertyChange, ...], fresh: bool
) -> tuple[Risk, tuple[str, ...]]:
    forced = ", ".join(each.path for each in properties if each.replaces)
    cause = (f"forced by {forced}",) if operation == "replace" and forced else ()
    new = None if operation == "delete" else _inputs(step.new)
    opens = widenings(step.type, _inputs(step.old), new, fresh=fresh)
    holds = STATEFUL_TYPES.get(step.type)
    gone = operation in ("delete", "replace")
    if holds and gone:
        return Risk.LOSS, (f"loses the {holds}", *cause, *opens)
    if holds and step.old and step.new and step.old.protect and not step.new.protect:
        return Risk.LOSS, (f"no longer protected: the next change may lose the {holds}", *opens)
    if gone:
        return Risk.REPLACE, (*cause, *opens)
    return (Risk.OPEN, opens) if opens else (Risk.ROUTINE, ())


def _properties(step: StepEventMetadata) -> tuple[PropertyChange, ...]:
    """Return what differs, as the provider tells it; nothing for what is all new or all gone."""
    if not (step.old and step.new):
        return ()
    old, new = _inputs(step.old) or {}, _inputs(step.new) or {}
    detailed = step.detailed_diff or {}
    keys = set(step.keys or ())
    return tuple(
        PropertyChange(
            path=path,
            old=shown(at_path(old, path)),
            new=shown(at_path(new, path)),
            replaces=path in keys or (path in detailed and _kind(detailed[path]).endswith("replace")),
        )
        for path in sorted(detailed or {*(step.diffs or ()), *keys})
    )


def _kind(difference: Any) -> str:
    return str(getattr(difference.diff_kind, "value", difference.diff_kind))


def _inputs(state: StepEventStateMetadata | None) -> dict[str, Any] | None:
    return None if state is None else clean_inputs(state.type, state.inputs or {})


def _component(step: StepEventMetadata, parents: Mapping[str, str]) -> str:
    """Return the outermost component it is in, or is."""
    state = step.new or step.old
    top = "" if state is None or state.custom or step.type == STACK_TYPE else step.urn
    parent = parents.get(step.urn, "")
    while parent and _type(parent) != STACK_TYPE:
        top, parent = parent, parents.get(parent, "")
    return f"{top.rpartition('::')[2]} ({_type(top).rpartition(':')[2]})" if top else "stack"


def _type(urn: str) -> str:
    return urn.split("::")[2].rpartition("$")[2]
