"""The differences of all stacks as text for a terminal, as Markdown for a comment, and as JSON."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from infra.costs.change import cost_line
from infra.difference.groups import Group, grouped, stacks_by_change, title
from infra.review.as_json import to_json as plan_to_json
from infra.review.events import order
from infra.review.markdown import ALL_CHANGES, MAX_CHARACTERS, RESERVE, TITLES, cut, risks, verdict, violations
from infra.review.markup import details, judged, more, plural, prose, resource
from infra.review.plan import Change, Plan, PropertyChange, Risk

MARKER = "<!-- drydock:diff -->"
MAX_CHANGES = 200
MAX_PROPERTIES = 12
MAX_ERROR_CHARACTERS = 2000
LEFT_OUT = "omitted; `drydock diff --json` prints all changes."


def to_json(plans: Mapping[str, Plan]) -> dict[str, Any]:
    """Return all plans, and which changes several stacks have in common."""
    return {
        "stacks": {stack: plan_to_json(plan) for stack, plan in plans.items()},
        "groups": [
            {"stacks": list(group.stacks), "fingerprints": [change.fingerprint for change in group.changes]}
            for group in grouped(plans)
        ],
    }


def to_text(plans: Mapping[str, Plan]) -> str:
    """Return the report for a terminal."""
    return "\n".join([*_heads(plans), *(line for group in grouped(plans) for line in ["", *_group(group)])]) + "\n"


def _heads(plans: Mapping[str, Plan]) -> Iterator[str]:
    yield from (f"{stack}: {verdict(plan)}, {plan.unchanged} unchanged" for stack, plan in plans.items())
    yield from bases(plans)
    yield from _shared(plans, _found_by_policies)
    yield from _shared(plans, lambda plan: [cost_line(plan.cost)] if plan.cost else [])
    yield from (f"note: {text}" for text in _shared(plans, lambda plan: plan.notes))
    for text, stacks in by_text(plans, lambda plan: plan.errors).items():
        yield f"error: {', '.join(stacks)}: {text[:MAX_ERROR_CHARACTERS]}"


def failed(plans: Mapping[str, Plan]) -> list[str]:
    """Return the stacks whose preview failed."""
    return [stack for stack, plan in plans.items() if plan.errors]


def bases(plans: Mapping[str, Plan]) -> list[str]:
    """Return what the stacks are compared with, those with the same base in one text."""
    return _shared(plans, lambda plan: [f"compared with {plan.base}"] if plan.base else [])


def _found_by_policies(plan: Plan) -> list[str]:
    broken = len(plan.violations)
    return [f"policies: {judged(broken, len(plan.findings) - broken)}"] if plan.judged else []


def _shared(plans: Mapping[str, Plan], read: Callable[[Plan], Sequence[str]]) -> list[str]:
    """Return each distinct text of the plans once, with the names of its stacks in front."""
    return [f"{', '.join(stacks)}: {text}" for text, stacks in by_text(plans, read).items()]


def by_text(plans: Mapping[str, Plan], read: Callable[[Plan], Sequence[str]]) -> dict[str, list[str]]:
    """Return each distinct text of the plans -> the stacks whose plans have it."""
    found: dict[str, list[str]] = {}
    for stack, plan in plans.items():
        for text in read(plan):
            found.setdefault(text, []).append(stack)
    return found


def _group(group: Group) -> Iterator[str]:
    yield title(group)
    for change in group.changes[:MAX_CHANGES]:
        risk = "" if change.risk is Risk.ROUTINE else f"  [{TITLES[change.risk].lower()}]"
        yield f"  {change.operation:<8} {change.name}  {change.type}{risk}"
        yield from (f"           {reason}" for reason in change.reasons)
        if change.moved_from:
            yield f"           moved from {change.moved_from.partition('::')[2].partition('::')[2]}"
        lines = [*map(_line, change.properties), *(f"option {_line(each)}" for each in change.options)]
        yield from (f"           {line}" for line in lines[:MAX_PROPERTIES])
        yield from (f"           {line}" for line in more(len(lines) - MAX_PROPERTIES, "property", "properties"))
    yield from (f"  {line}" for line in more(len(group.changes) - MAX_CHANGES, "change"))


def _line(each: PropertyChange) -> str:
    forced = "  (replaces)" if each.replaces else ""
    return f"{each.path}: {_value(each.old)} -> {_value(each.new)}{forced}"


def _value(value: str | None) -> str:
    return "not set" if value is None else f'"{value}"'


def to_markdown(plans: Mapping[str, Plan]) -> str:
    """Return the report for a reviewer, always short enough for one comment: the risks first, then all, folded."""
    return with_changes([MARKER, f"### {_title(plans)}", heads(plans), policies(plans)], plans)


def heads(plans: Mapping[str, Plan]) -> str:
    """Return a list with the verdict of each stack, and notes; a note about several stacks is listed once."""
    return "\n".join(f"- {prose(head)}" for head in _heads(plans))


def policies(plans: Mapping[str, Plan]) -> str:
    """Return the violations of each stack, equal ones once; "" if there are none."""
    found = by_text(plans, lambda plan: [violations(plan)] if plan.violations else [])
    return "\n\n".join(f"{prose(', '.join(stacks))}: {text}" for text, stacks in found.items())


def with_changes(blocks: Sequence[str], plans: Mapping[str, Plan]) -> str:
    """Return blocks of Markdown, then the risks, then all changes, folded; always short enough for one comment."""
    groups = grouped(plans)
    which = {fingerprint: ", ".join(stacks) for fingerprint, stacks in stacks_by_change(plans).items()}
    changes = sorted((change for group in groups for change in group.changes), key=order)
    blocks = [*blocks, risks(changes, which)]
    text = cut("\n\n".join(block for block in blocks if block), MAX_CHARACTERS - RESERVE)
    return _with_groups(text, groups)


def _title(plans: Mapping[str, Plan]) -> str:
    """Return the verdict of the stack that needs most attention."""
    found = {stack: verdict(plan) for stack, plan in plans.items()}
    if len(set(found.values())) == 1:
        return f"{', '.join(found)}: {next(iter(found.values()))}"
    worst = min(plans, key=lambda stack: _gravity(plans[stack]))
    return f"{worst}: {found[worst]}; {plural(len(plans) - 1, 'more stack')} below"


def _gravity(plan: Plan) -> int:
    if plan.errors or plan.violations:
        return -1
    return list(Risk).index(plan.changes[0].risk) if plan.changes else len(Risk)


def _with_groups(text: str, groups: tuple[Group, ...]) -> str:
    """Append a folded table for each group, with as many changes as there is room for."""
    parts, left_out, length = [text], 0, len(text)
    if groups:
        parts.append(ALL_CHANGES)
        length += len(ALL_CHANGES) + 2
    for group in groups:
        head = (
            f"<details><summary>{prose(title(group))}</summary>\n\n| Operation | Resource | Properties |\n|---|---|---|"
        )
        end = "\n\n</details>"
        room = MAX_CHARACTERS - RESERVE - length - len(head) - len(end)
        rows, used = [], 0
        for row in map(_row, group.changes):
            if used + len(row) + 1 > room:
                break
            rows.append(row)
            used += len(row) + 1
        left_out += len(group.changes) - len(rows)
        if rows:
            parts.append("\n".join([head, *rows]) + end)
            length += len(parts[-1]) + 2
    if left_out:
        parts.append(f"{plural(left_out, 'more change')} {LEFT_OUT}")
    return "\n\n".join(parts) + "\n"


def _row(change: Change) -> str:
    return f"| {change.operation} | {resource(change)} | {'<br>'.join(details(change))} |"
