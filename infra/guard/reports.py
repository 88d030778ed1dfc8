"""The result of the guard for a terminal, as Markdown for a comment, and as JSON."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from infra.guard.judgement import Decision, Judgement, Problem
from infra.guard.read import FILE
from infra.review.hazard import Hazard
from infra.review.markdown import cut
from infra.review.markup import code, plural, prose

MAX_CHARACTERS = 10_000
MAX_ROWS = 60
TOO_LONG = "`drydock guard` prints the entries that would allow it."
FILL_IN = f"To allow it, add this to {FILE}, with a reason and an owner:"


def verdict(judgement: Judgement, failed: Sequence[str] = ()) -> str:
    """Return one line that says whether the change passes.

    Args:
        judgement: the result.
        failed: the stacks whose preview failed, so that not all of their hazards are known.
    """
    parts = [f"the preview of {', '.join(failed)} failed"] if failed else []
    if refused := _hazards(judgement.refused):
        parts.append(f"{plural(len(refused), 'hazard')} not allowed")
    if judgement.problems:
        parts.append(f"{plural(len(judgement.problems), 'entry', 'entries')} of {FILE} to change")
    if parts:
        return f"⛔ {', '.join(parts)}"
    allowed = _hazards(judgement.decisions)
    return f"✅ {plural(len(allowed), 'hazard')}, all allowed" if allowed else "✅ no hazards"


def to_text(judgement: Judgement, notes: Sequence[str] = (), failed: Sequence[str] = ()) -> str:
    """Return the report for a terminal; `failed` are the stacks whose preview failed."""
    lines = [verdict(judgement, failed), *(f"note: {note}" for note in notes)]
    for (hazard, owner), stacks in _grouped(judgement.decisions).items():
        mark = f"allowed by {owner}" if owner else "not allowed"
        lines += ["", f"{', '.join(stacks)}: {hazard.kind}  [{mark}]", f"  {hazard.urn}", f"  {hazard.what}"]
    for problem in judgement.problems:
        lines += ["", message(problem)]
    if judgement.missing:
        lines += ["", FILL_IN, "", judgement.missing.rstrip()]
    return "\n".join(lines) + "\n"


def message(problem: Problem) -> str:
    """Return what is wrong with an entry, and what to write instead."""
    instead = f"; needed instead:\n\n{problem.instead}".rstrip() if problem.instead else ""
    return f"{FILE}: {problem.approval.label}: {problem.text}{instead}"


def to_markdown(judgement: Judgement) -> str:
    """Return the hazards and the entries that are needed, for a reviewer; "" if there is nothing to say."""
    blocks = []
    if rows := list(_rows(judgement)):
        rest = f"\n\nand {len(rows) - MAX_ROWS} more" if len(rows) > MAX_ROWS else ""
        head = "| Stacks | Hazard | Resource | What | Allowed |\n|---|---|---|---|---|\n"
        blocks.append(head + "\n".join(rows[:MAX_ROWS]) + rest)
    blocks += [f"- {prose(f'{each.approval.label}: {each.text}')}" for each in judgement.problems]
    text = cut("\n\n".join(blocks), MAX_CHARACTERS)
    entries = [judgement.missing, *(each.instead for each in judgement.problems)]
    toml = "\n".join(filter(None, entries)).replace("```", "")
    if not toml:
        return text
    folded = f"<details><summary>{FILL_IN}</summary>\n\n```toml\n{toml}```\n\n</details>"
    return f"{text}\n\n{folded if len(folded) < MAX_CHARACTERS else TOO_LONG}"


def _rows(judgement: Judgement) -> Iterator[str]:
    for (hazard, owner), stacks in _grouped(judgement.decisions).items():
        mark = f"✅ {prose(owner)}" if owner else "⛔ no"
        name = code(hazard.urn.rpartition("::")[2])
        yield f"| {prose(', '.join(stacks))} | {hazard.kind} | {name} | {prose(hazard.what)} | {mark} |"


def to_json(judgement: Judgement, errors: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Return the report for a program.

    Args:
        judgement: the result.
        errors: stack -> why there is no whole plan.
    """
    return {
        "passed": judgement.passed and not any(errors.values()),
        "hazards": [
            {
                "stack": each.stack,
                **asdict(each.hazard),
                "allowed": each.approval is not None,
                "owner": each.approval.owner if each.approval else None,
            }
            for each in judgement.decisions
        ],
        "problems": [
            {"entry": each.approval.number, "text": each.text, "instead": each.instead} for each in judgement.problems
        ],
        "missing": judgement.missing,
        "errors": {stack: list(texts) for stack, texts in errors.items()},
    }


def _grouped(decisions: Sequence[Decision]) -> dict[tuple[Hazard, str], list[str]]:
    """Return the same hazards of several stacks once, with the stacks; URNs without the name of the stack."""
    found: dict[tuple[Hazard, str], list[str]] = {}
    for each in sorted(decisions, key=lambda each: each.approval is not None):
        urn = each.hazard.urn.removeprefix(f"urn:pulumi:{each.stack}::").partition("::")
        short = Hazard(kind=each.hazard.kind, urn=urn[2] or urn[0], what=each.hazard.what)
        found.setdefault((short, each.approval.owner if each.approval else ""), []).append(each.stack)
    return found


def _hazards(decisions: Sequence[Decision]) -> list[tuple[Hazard, str]]:
    return list(_grouped(decisions))
