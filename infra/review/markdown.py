"""The plan as the comment on a pull request: a verdict, the risks, the rules, then everything, folded."""

from collections import Counter
from collections.abc import Iterable, Sequence
from html import escape
from itertools import groupby

from infra.review.plan import Change, Finding, Plan, PropertyChange, Risk

MAX_CHARACTERS = 60_000  # GitHub takes 65,536 in a comment; the rest is for what goes around
RESERVE = 300  # for the note on what is left out
MAX_ROWS = 40
MAX_PROPERTIES = 4
MAX_ERRORS = 5
MAX_MESSAGE_CHARACTERS = 800
ALL_CHANGES = "<!-- drydock:all-changes -->"
"""Stands before what may be left out where there is no room."""

LEFT_OUT = "The rest is left out, for want of room."

TITLES = {
    Risk.LOSS: "Loses state",
    Risk.REPLACE: "Replaces or deletes",
    Risk.OPEN: "Opens up",
}


def marker(stack: str) -> str:
    """Return the comment by which a later preview of the same stack finds its own."""
    return f"<!-- drydock:preview:{stack} -->"


def to_markdown(plan: Plan, stack: str, base: str | None = None) -> str:
    """Return the plan for a reviewer, always short enough for one comment.

    Args:
        plan: What `up` would do.
        stack: Name of the environment.
        base: What the plan is compared with, such as `empty state, no credentials`; left out where there is no doubt.
    """
    head = "\n".join([marker(stack), f"### `{stack}`: {verdict(plan)}", "", _counts(plan, base)])
    blocks = [_errors(plan), _risks(plan), _policy(plan)]
    text = "\n\n".join([head, *(block for block in blocks if block)])
    return _with_all_changes(cut(text, MAX_CHARACTERS - RESERVE), plan, stack)


def cut(text: str, room: int) -> str:
    """Return the whole lines that fit into so many characters; a table or a list ends well at any of them."""
    if len(text) <= room:
        return text
    kept = text[: room - len(LEFT_OUT) - 6].rpartition("\n")[0]
    fence = "\n```" if kept.count("```") % 2 else ""
    return f"{kept}{fence}\n\n{LEFT_OUT}"


def verdict(plan: Plan) -> str:
    """Return one line that says what a reviewer has to do with it."""
    loss, replaced, opened = (plan.at(risk) for risk in (Risk.LOSS, Risk.REPLACE, Risk.OPEN))
    if plan.violations:
        return f"⛔ blocked by {_plural(len(plan.violations), 'policy violation')}"
    if plan.errors:
        return "⛔ the preview failed"
    if loss:
        return f"⛔ state is at stake in {_plural(len(loss), 'resource')}"
    if replaced:
        return f"⚠️ {_plural(len(replaced), 'resource')} replaced or deleted"
    if opened:
        return f"⚠️ {_plural(len(opened), 'resource')} opened up"
    return f"✅ {_plural(len(plan.changes), 'routine change')}" if plan.changes else "✅ no changes"


def _counts(plan: Plan, base: str | None) -> str:
    numbers = ", ".join(
        [*(f"**{n}** {kind}" for kind, n in sorted(plan.counts.items())), f"{plan.unchanged} unchanged"]
    )
    return numbers + (f" · compared with: {_prose(base)}" if base else "")


def _errors(plan: Plan) -> str:
    if not plan.errors:
        return ""
    shown = [error[:MAX_MESSAGE_CHARACTERS].replace("```", "'''") for error in plan.errors[:MAX_ERRORS]]
    return "\n".join(["```text", *shown, *_more(len(plan.errors) - len(shown), "error"), "```"])


def _risks(plan: Plan) -> str:
    risky = [change for change in plan.changes if change.risk is not Risk.ROUTINE]
    if not risky:
        return ""
    rows = [
        f"| {TITLES[change.risk]} | {change.operation} | {_resource(change)} | {_why(change)} |"
        for change in risky[:MAX_ROWS]
    ]
    more = _more(len(risky) - len(rows), "risk")
    return "\n".join(
        ["| Risk | Operation | Resource | Why |", "|---|---|---|---|", *rows, *(["", *more] if more else [])]
    )


def _why(change: Change) -> str:
    reasons = [_prose(reason) for reason in change.reasons[:MAX_PROPERTIES]]
    reasons += _more(len(change.reasons) - len(reasons), "reason")
    return "<br>".join([*reasons, *_properties(change.properties)])


def _policy(plan: Plan) -> str:
    if not plan.findings:
        return "Policy: ✅ nothing found." if plan.judged else "Policy: not judged."
    levels = Counter(finding.level for finding in plan.findings)
    shown = plan.findings[:MAX_ROWS]
    lines = [line for _, group in groupby(shown, key=_by_rule) for line in _rule(list(group))]
    title = "Policy: " + ", ".join(f"**{number}** {level}" for level, number in sorted(levels.items(), reverse=True))
    return "\n".join([title, "", *lines, *_more(len(plan.findings) - len(shown), "finding")])


def _by_rule(finding: Finding) -> tuple[str, str]:
    return finding.level, finding.rule


def _rule(findings: Sequence[Finding]) -> Iterable[str]:
    """Yield what a rule found, with what it demands and the remedy told once."""
    first = findings[0]
    yield f"- {'⛔' if first.blocks else '⚠️'} `{first.rule}` ({first.level}): {_prose(first.demand)}"
    yield from (f"  - {_prose(finding.found[:MAX_MESSAGE_CHARACTERS])}" for finding in findings if finding.found)
    if first.remedy:
        yield f"  - **Remedy:** {_prose(first.remedy)}"


def _with_all_changes(text: str, plan: Plan, stack: str) -> str:
    """Append a folded table a component, as many as there is room for."""
    if not plan.changes:
        return text + "\n"
    parts, left_out = [text, ALL_CHANGES], 0
    length = len(text)
    for component, group in groupby(sorted(plan.changes, key=_by_component), key=lambda change: change.component):
        changes = list(group)
        block = _component(component, changes)
        if length + len(block) > MAX_CHARACTERS - RESERVE:
            left_out += len(changes)
            continue
        parts.append(block)
        length += len(block) + 2
    if left_out:
        rest = _plural(left_out, "more change")
        parts.append(f"{rest} left out, for want of room: `drydock preview {stack} --json` tells all.")
    return "\n\n".join(parts) + "\n"


def _by_component(change: Change) -> tuple[str, str, str]:
    return change.component, change.type, change.name


def _component(component: str, changes: Sequence[Change]) -> str:
    counts = Counter(change.operation for change in changes)
    summary = ", ".join(f"{number} {operation}" for operation, number in sorted(counts.items()))
    rows = [
        f"| {change.operation} | {_resource(change)} | {'<br>'.join(_properties(change.properties))} |"
        for change in changes
    ]
    return "\n".join(
        [
            f"<details><summary>{_prose(component)}: {summary}</summary>",
            "",
            "| Operation | Resource | Properties |",
            "|---|---|---|",
            *rows,
            "",
            "</details>",
        ]
    )


def _resource(change: Change) -> str:
    return f"{_code(change.name)} {_code(change.type)}"


def _properties(properties: Sequence[PropertyChange]) -> Iterable[str]:
    ordered = sorted(properties, key=lambda each: not each.replaces)
    for each in ordered[:MAX_PROPERTIES]:
        yield f"{_code(each.path)}: {_value(each.old)} → {_value(each.new)}"
    yield from _more(len(ordered) - MAX_PROPERTIES, "property", "properties")


def _value(value: str | None) -> str:
    return "not set" if value is None else _code(value)


def _code(text: str) -> str:
    return f"`{' '.join(text.split()).replace('`', chr(39)).replace('|', chr(92) + '|')}`"


def _prose(text: str) -> str:
    """Text that cannot break out of its cell, become markup, or call somebody."""
    line = "<br>".join(part.strip() for part in escape(text, quote=False).splitlines())
    return line.replace("|", "\\|").replace("@", "&#64;").replace("[", "&#91;")


def _plural(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"


def _more(number: int, one: str, many: str = "") -> list[str]:
    return [f"and {_plural(number, f'more {one}', f'more {many}' if many else '')}"] if number > 0 else []
