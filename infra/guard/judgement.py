"""Which hazards of the plans are allowed, and which entries of the file are wrong."""

import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from infra.guard.approval import Approval, needed
from infra.review.hazard import Hazard

PROPOSED_DAYS = 30
_WILDCARD = re.compile(r"[*?]")
Found = Sequence[tuple[str, Hazard]]
"""Stacks with their hazards."""


@dataclass(frozen=True, kw_only=True)
class Decision:
    """A hazard of a stack, and the entry that allows it."""

    stack: str
    hazard: Hazard
    approval: Approval | None
    """None if no entry allows it."""


@dataclass(frozen=True, kw_only=True)
class Problem:
    """An entry that must be removed or changed."""

    approval: Approval
    text: str
    """What is wrong, and what to do."""
    instead: str = ""
    """The entries to write instead, as TOML; "" if there is nothing to allow."""


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """The result for some stacks."""

    decisions: tuple[Decision, ...]
    problems: tuple[Problem, ...]
    """Entries that are wrong for this change."""
    missing: str
    """The entries that would allow the rest, as TOML; "" if all is allowed."""

    @property
    def refused(self) -> tuple[Decision, ...]:
        """The hazards that nothing allows."""
        return tuple(each for each in self.decisions if each.approval is None)

    @property
    def passed(self) -> bool:
        """Whether all hazards are allowed, and no entry is wrong."""
        return not self.refused and not self.problems


def judge(
    hazards: Mapping[str, Sequence[Hazard]],
    approvals: Sequence[Approval],
    today: date,
    *,
    earlier: Sequence[Approval] = (),
    strict: Container[str] | None = None,
) -> Judgement:
    """Return which hazards are allowed.

    Args:
        hazards: the stacks of this run, with the hazards of their plans.
        approvals: the entries of the file.
        today: the date of the check.
        earlier: the entries of the file in the commit that is compared with. The same entry now allows nothing: it was
            for a change that is merged. It is not a problem until it expires.
        strict: the stacks in which an entry that nothing needs is a problem; default: all. For a stack that
            is compared with its deployed state, the change of such an entry may be deployed already.
    """
    found = [(stack, hazard) for stack, each in hazards.items() for hazard in each]
    expires = today + timedelta(days=PROPOSED_DAYS)
    valid = [each for each in approvals if today <= each.expires and each not in earlier]
    decisions = tuple(
        Decision(
            stack=stack,
            hazard=hazard,
            approval=next((each for each in valid if each.allows(stack, hazard)), None),
        )
        for stack, hazard in found
    )
    used = {(each.stack, each.approval.number) for each in decisions if each.approval}
    problems = []
    for each in approvals:
        run = [stack for stack in each.stacks if stack in hazards and (strict is None or stack in strict)]
        if run and (each not in earlier or each.expires < today):
            idle = [stack for stack in run if (stack, each.number) not in used]
            if text := _wrong(each, run, idle, found, today):
                alike = [(stack, hazard) for stack, hazard in found if _is_about(each, stack, hazard)]
                problems.append(Problem(approval=each, text=text, instead=needed(alike, expires)))
    return Judgement(
        decisions=decisions,
        problems=tuple(problems),
        missing=needed([(each.stack, each.hazard) for each in decisions if each.approval is None], expires),
    )


def _is_pattern(approval: Approval) -> bool:
    return bool(_WILDCARD.search(approval.urn))


def _is_about(approval: Approval, stack: str, hazard: Hazard) -> bool:
    """Return whether an entry matches a hazard; wildcards in its URN are expanded."""
    parts = _WILDCARD.split(approval.urn_in(stack))
    pattern = ".*".join(map(re.escape, parts))
    return stack in approval.stacks and hazard.kind is approval.kind and bool(re.fullmatch(pattern, hazard.urn))


def _wrong(approval: Approval, run: Sequence[str], idle: Sequence[str], found: Found, today: date) -> str:
    """Return what is wrong with an entry, and what to do; "" if it is as wide as needed.

    Args:
        approval: the entry.
        run: its stacks that are checked.
        idle: those of them that do not need it.
        found: all hazards.
        today: the date of the check.
    """
    if approval.expires < today:
        return f"expired on {approval.expires}; remove it"
    if _is_pattern(approval):
        return "wider than needed: a URN names one resource, without * and ?; name each resource"
    if not idle:
        return ""
    if len(idle) < len(run):
        return f"wider than needed: {', '.join(idle)} does not need it; remove it from stacks"
    if any(_is_about(approval, stack, hazard) for stack, hazard in found):
        return "unused: another entry allows the same; remove one of them"
    kinds = sorted({str(hazard.kind) for stack, hazard in found if hazard.urn == approval.urn_in(stack)})
    has = f", which has the kind {', '.join(kinds)}" if kinds else ""
    return f"unused: nothing in this change needs it for this resource{has}; remove it"
