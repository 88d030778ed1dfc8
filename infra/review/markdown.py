"""The plan as the comment on a pull request: a verdict, the risks, the rules, then everything, folded."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from infra.costs.change import cost_line
from infra.review.markup import MAX_PROPERTIES, details, more, plural, prose, resource
from infra.review.plan import Change, Finding, Plan, Risk

MAX_CHARACTERS = 60_000  # GitHub takes 65,536 in a comment; the rest is for what goes around
RESERVE = 300  # for the note on what is left out
MAX_ROWS = 40
MAX_ERRORS = 5
MAX_MESSAGE_CHARACTERS = 800
ALL_CHANGES = "<!-- drydock:all-changes -->"
"""Stands before what may be left out where there is no room."""

LEFT_OUT = "The rest is omitted, because a comment has a size limit."

NOT_COMPARED = (
    "There was no base to compare with, so all resources are listed, not only the changes. "
    "`drydock diff` compares with a commit."
)

VERDICTS = {
    Risk.REFUSED: "⛔ AWS refuses the change of {}",
    Risk.LOSS: "⛔ data loss possible in {}",
    Risk.REPLACE: "⚠️ {} replaced or deleted",
    Risk.OPEN: "⚠️ {} opened up",
    Risk.INTERRUPT: "⚠️ {} interrupted in place",
    Risk.UNKNOWN: "❔ {} replaced if a value differs that is known after up",
}
"""Risk -> verdict of a plan in which it is the highest."""

TITLES = {
    Risk.REFUSED: "AWS refuses it",
    Risk.LOSS: "Loses state",
    Risk.REPLACE: "Replaces or deletes",
    Risk.OPEN: "Opens up",
    Risk.INTERRUPT: "Interrupts",
    Risk.UNKNOWN: "May replace",
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
    cost = prose(cost_line(plan.cost)) if plan.cost else ""
    blocks = [nothing_compared(plan), *map(prose, plan.notes), cost, _errors(plan), risks(plan.changes), _policy(plan)]
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
    if plan.violations:
        return f"⛔ blocked by {plural(len(plan.violations), 'policy violation')}"
    if plan.errors:
        return "⛔ the preview failed"
    if not plan.compared:
        return f"❔ {plural(len(plan.changes), 'resource')}, no base to compare with"
    for risk, text in VERDICTS.items():
        if found := plan.at(risk):
            return text.format(plural(len(found), "resource"))
    return f"✅ {plural(len(plan.changes), 'routine change')}" if plan.changes else "✅ no changes"


def nothing_compared(plan: Plan) -> str:
    """Return what to say of a plan that is compared with nothing; "" for all others."""
    return "" if plan.compared else NOT_COMPARED


def _counts(plan: Plan, base: str | None) -> str:
    numbers = ", ".join(
        [*(f"**{n}** {kind}" for kind, n in sorted(plan.counts.items())), f"{plan.unchanged} unchanged"]
    )
    return numbers + (f" · compared with: {prose(base)}" if base else "")


def _errors(plan: Plan) -> str:
    if not plan.errors:
        return ""
    shown = [error[:MAX_MESSAGE_CHARACTERS].replace("```", "'''") for error in plan.errors[:MAX_ERRORS]]
    return "\n".join(["```text", *shown, *more(len(plan.errors) - len(shown), "error"), "```"])


def risks(changes: Sequence[Change], stacks: Mapping[str, str] | None = None) -> str:
    """Return a table of the changes with a risk.

    Args:
        changes: all changes, the most dangerous first.
        stacks: fingerprint of a change -> the stacks that it concerns; None for the plan of one stack.
    """
    risky = [change for change in changes if change.risk is not Risk.ROUTINE]
    if not risky:
        return ""
    head = ["Risk", *(["Stacks"] if stacks else []), "Operation", "Resource", "Why"]
    rows = [_row(change, stacks) for change in risky[:MAX_ROWS]]
    rest = more(len(risky) - len(rows), "risk")
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}", *rows]
    return "\n".join([*lines, *(["", *rest] if rest else [])])


def _row(change: Change, stacks: Mapping[str, str] | None) -> str:
    which = [prose(stacks[change.fingerprint])] if stacks else []
    return f"| {' | '.join([TITLES[change.risk], *which, change.operation, resource(change), _why(change)])} |"


def _why(change: Change) -> str:
    reasons = [prose(reason) for reason in change.reasons[:MAX_PROPERTIES]]
    reasons += more(len(change.reasons) - len(reasons), "reason")
    return "<br>".join([*reasons, *details(change)])


def _policy(plan: Plan) -> str:
    if not plan.findings:
        return "Policy: ✅ nothing found." if plan.judged else "Policy: not judged."
    return _findings(plan.findings)


def violations(plan: Plan) -> str:
    """Return what stops the deployment, by rule."""
    return _findings(plan.violations)


def _findings(findings: Sequence[Finding]) -> str:
    levels = Counter(finding.level for finding in findings)
    shown = findings[:MAX_ROWS]
    lines = [line for _, group in groupby(shown, key=_by_rule) for line in _rule(list(group))]
    title = "Policy: " + ", ".join(f"**{number}** {level}" for level, number in sorted(levels.items(), reverse=True))
    return "\n".join([title, "", *lines, *more(len(findings) - len(shown), "finding")])


def _by_rule(finding: Finding) -> tuple[str, str]:
    return finding.level, finding.rule


def _rule(findings: Sequence[Finding]) -> Iterable[str]:
    """Yield what a rule found, with what it demands and the remedy told once."""
    first = findings[0]
    yield f"- {'⛔' if first.blocks else '⚠️'} `{first.rule}` ({first.level}): {prose(first.demand)}"
    yield from (f"  - {prose(finding.found[:MAX_MESSAGE_CHARACTERS])}" for finding in findings if finding.found)
    if first.remedy:
        yield f"  - **Remedy:** {prose(first.remedy)}"


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
        rest = plural(left_out, "more change")
        parts.append(f"{rest} omitted; `drydock preview {stack} --json` prints all changes.")
    return "\n\n".join(parts) + "\n"


def _by_component(change: Change) -> tuple[str, str, str]:
    return change.component, change.type, change.name


def _component(component: str, changes: Sequence[Change]) -> str:
    counts = Counter(change.operation for change in changes)
    summary = ", ".join(f"{number} {operation}" for operation, number in sorted(counts.items()))
    rows = [f"| {change.operation} | {resource(change)} | {'<br>'.join(details(change))} |" for change in changes]
    return "\n".join(
        [
            f"<details><summary>{prose(component)}: {summary}</summary>",
            "",
            "| Operation | Resource | Properties |",
            "|---|---|---|",
            *rows,
            "",
            "</details>",
        ]
    )
