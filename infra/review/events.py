"""Build a Plan from the events of a preview."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from pulumi.automation.events import EngineEvent, PolicyEvent, StepEventMetadata

from infra.policy.secret_shapes import redacted
from infra.policy.stateful_types import STATEFUL_TYPES
from infra.program_error import shortened
from infra.review.costs import cost_of
from infra.review.differences import Leaf, leaves
from infra.review.hazards.alteration import Alteration
from infra.review.hazards.found import hazards
from infra.review.hazards.resources import Dependencies
from infra.review.judged import clean_of, judge
from infra.review.nodes import nodes
from infra.review.options import Options, option_changes
from infra.review.plan import Change, Finding, Plan, PropertyChange, Risk, by_gravity
from infra.review.renames import rename_advice, renames
from infra.review.steps import UNCHANGED
from infra.review.steps import operation as operation_of
from infra.review.values import at_path, shown_pair
from localcloud.providers.warned import REFUSED

STACK_TYPE = "pulumi:pulumi:Stack"
FINGERPRINT_DIGITS = 16


@dataclass
class _Read:
    """What the events of a preview say."""

    steps: dict[str, StepEventMetadata] = field(default_factory=dict)
    kept: dict[str, StepEventMetadata] = field(default_factory=dict)
    """Resources that no operation is done on."""
    parents: dict[str, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    errors: dict[str, None] = field(default_factory=dict)
    judged: bool = False
    refusals: dict[str, str] = field(default_factory=dict)
    """URN -> why AWS refuses the change of a resource."""

    def add(self, event: EngineEvent) -> None:
        """Add one event."""
        if event.resource_pre_event:
            self._add_step(event.resource_pre_event.metadata)
        elif event.policy_event:
            self.findings.append(_finding(event.policy_event))
        elif event.summary_event:
            self.judged = bool(event.summary_event.policy_packs)
        elif told := event.diagnostic_event:
            if told.severity == "error":
                self.errors[_error(told.urn, told.message)] = None
            elif told.urn and told.message.startswith(REFUSED):
                self.refusals[told.urn] = redacted(told.message.strip())

    def _add_step(self, step: StepEventMetadata) -> None:
        state = step.new or step.old
        self.parents[step.urn] = state.parent if state else ""
        if _default_provider(step):
            return
        if operation_of(step) in UNCHANGED:
            self.kept.setdefault(step.urn, step)
        elif operation_of(step):
            self.steps.setdefault(step.urn, step)


def plan_from_events(
    events: Iterable[EngineEvent],
    *,
    before: Options | None = None,
    after: Options | None = None,
    compared: bool = True,
    base: str = "",
    notes: tuple[str, ...] = (),
    graph: bool = False,
    dependencies: Dependencies | None = None,
) -> Plan:
    """Return the plan of a preview. If the preview failed, the plan has the steps up to the failure.

    Args:
        events: events of the preview.
        before: options that the program registered before; None if only the state has them.
        after: options that the program registers now.
        compared: whether there was a state to compare with.
        base: what the preview is compared with.
        notes: what limits the comparison.
        graph: whether to add all resources with their properties, as nodes of a graph.
        dependencies: URN -> property -> URNs of the resources whose outputs it is made of.
    """
    read = _Read()
    for event in events:
        read.add(event)
    fresh = not read.kept and all(step.old is None for step in read.steps.values())
    renamed = renames(read.steps.values())
    steps = [*read.steps.values(), *read.kept.values()]
    alterations = list(map(_alteration, steps))
    found = [
        _change(each, _component(each.step, read.parents), fresh, (before, after), renamed) for each in alterations
    ]
    changes = [_with_refusal(change, read.refusals.get(change.urn)) for change in found if change is not None]
    # The engine's final message contains no reason.
    errors = tuple(error for error in read.errors if error != "preview failed")
    return Plan(
        changes=tuple(sorted(changes, key=order)),
        unchanged=len(steps) - len(changes),
        findings=tuple(sorted(read.findings, key=by_gravity)),
        judged=read.judged,
        errors=errors,
        compared=compared,
        base=base,
        notes=notes,
        hazards=() if fresh or not compared else hazards(alterations, dependencies or {}),
        cost=cost_of(alterations) if compared and not errors else None,
        nodes=nodes(steps, lambda step: _component(step, read.parents), after) if graph else (),
    )


def _alteration(step: StepEventMetadata) -> Alteration:
    return Alteration(step=step, operation=operation_of(step) or "", properties=_properties(step))


def _with_refusal(change: Change, refusal: str | None) -> Change:
    return replace(change, risk=Risk.REFUSED, reasons=(refusal, *change.reasons)) if refusal else change


def _finding(told: PolicyEvent) -> Finding:
    return Finding(
        rule=told.policy_name,
        level="mandatory" if told.enforcement_level == "mandatory" else "advisory",
        urn=told.resource_urn or "",
        message=redacted(told.message.strip()),
    )


def _default_provider(step: StepEventMetadata) -> bool:
    """Return whether it is a provider that nobody asked for: the engine makes these itself, and does not count them."""
    return step.type.startswith("pulumi:providers:") and step.urn.rpartition("::")[2].startswith("default")


def order(change: Change) -> tuple[int, bool, bool, str, str, str]:
    """Return the sort key of a change: the most dangerous first, and what holds state before the rest."""
    only_options = change.operation in ("move", "options")
    return (
        list(Risk).index(change.risk),
        only_options,
        change.type not in STATEFUL_TYPES,
        change.component,
        change.type,
        change.name,
    )


def _error(urn: str | None, message: str) -> str:
    text = redacted(shortened(message))
    return f"{urn.rpartition('::')[2]}: {text}" if urn else text


def _change(
    alteration: Alteration,
    component: str,
    fresh: bool,
    options: tuple[Options | None, Options | None],
    renamed: Mapping[str, str],
) -> Change | None:
    """Return what a step changes; None if it changes nothing."""
    step, operation = alteration.step, alteration.operation
    changed_options = option_changes(step, *options)
    moved_from = step.old.urn if step.old and step.new and step.old.urn != step.urn else ""
    if operation in UNCHANGED:
        operation = "move" if moved_from or any(each.path == "parent" for each in changed_options) else "options"
        if operation == "options" and not changed_options:
            return None
    advice = rename_advice(renamed[step.urn], step.type) if step.urn in renamed else ""
    risk, reasons = judge(step, operation, alteration.properties, fresh=fresh, advice=advice)
    return Change(
        urn=step.urn,
        type=step.type,
        name=alteration.name,
        component=component,
        operation=operation,
        risk=risk,
        reasons=reasons,
        properties=alteration.properties,
        options=changed_options,
        moved_from=moved_from,
        fingerprint=_fingerprint(step, operation, changed_options),
    )


def _fingerprint(step: StepEventMetadata, operation: str, options: tuple[PropertyChange, ...]) -> str:
    """Return a hash of all that a change consists of, with each name of the stack replaced."""
    stack = step.urn.split("::")[0].rpartition(":")[2]
    paths = sorted(step.detailed_diff or step.diffs or ())
    states = [clean_of(state) or {} for state in (step.old, step.new)]
    values = [{path: at_path(state, path) for path in paths} for state in states]
    whole = [operation, step.urn, step.old.urn if step.old else "", values, [asdict(each) for each in options]]
    text = re.sub(rf"(?<![a-z0-9]){re.escape(stack)}(?![a-z0-9])", "{stack}", json.dumps(whole, default=str))
    return hashlib.sha256(text.encode()).hexdigest()[:FINGERPRINT_DIGITS]


def _properties(step: StepEventMetadata) -> tuple[PropertyChange, ...]:
    """Return the properties that differ, as reported by the provider; empty for a created or deleted resource."""
    if not (step.old and step.new) or operation_of(step) in UNCHANGED:
        return ()
    old, new = clean_of(step.old) or {}, clean_of(step.new) or {}
    detailed = step.detailed_diff or {}
    keys = set(step.keys or ())
    found: dict[tuple[object, ...], PropertyChange] = {}
    for path in sorted(detailed or {*(step.diffs or ()), *keys}):
        replaces = path in keys or (path in detailed and _kind(detailed[path]).endswith("replace"))
        before, after = at_path(old, path), at_path(new, path)
        # Values that are shown alike differ all the same, such as secrets.
        for leaf in leaves(before, after, path) or [Leaf(path, before, after)]:
            texts = shown_pair(leaf.old, leaf.new)
            each = PropertyChange(path=leaf.path, old=texts[0], new=texts[1], replaces=replaces, unknown=leaf.unknown)
            found.setdefault((each.path, each.old, each.new), each)
    return tuple(found.values())


def _kind(difference: Any) -> str:
    return str(getattr(difference.diff_kind, "value", difference.diff_kind))


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
