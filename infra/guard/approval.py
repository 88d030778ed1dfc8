"""One entry of `approvals.toml`: who allows a hazard, of which resource, why and until when."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from infra.review.hazard import Hazard, HazardKind

STACK = "{stack}"
"""Placeholder in the URN of an entry for the name of each of its stacks."""


@dataclass(frozen=True, kw_only=True)
class Approval:
    """An entry. Two with the same content are equal, wherever they are in the file."""

    stacks: tuple[str, ...]
    urn: str
    """URN of the resource, or path of a migration."""
    kind: HazardKind
    reason: str
    owner: str
    """The responsible person or team."""
    expires: date
    """The last day on which it is valid."""
    number: int = field(default=0, compare=False)
    """Its position in the file, from 1."""

    @property
    def label(self) -> str:
        """The entry in messages: its number, kind and URN."""
        return f"entry {self.number} ({self.kind} of {self.urn})"

    def urn_in(self, stack: str) -> str:
        """Return the URN in one of the stacks."""
        return self.urn.replace(STACK, stack)

    def allows(self, stack: str, hazard: Hazard) -> bool:
        """Return whether the entry allows a hazard of a stack."""
        return stack in self.stacks and self.kind is hazard.kind and self.urn_in(stack) == hazard.urn


def needed(found: Iterable[tuple[str, Hazard]], expires: date) -> str:
    """Return the entries that allow hazards of stacks, without reason and owner; "" for none.

    Args:
        found: stacks with their hazards.
        expires: the last day of the entries.
    """
    stacks: dict[tuple[str, HazardKind], list[str]] = {}
    for stack, hazard in found:
        stacks.setdefault(
            (hazard.urn.replace(f"urn:pulumi:{stack}::", f"urn:pulumi:{STACK}::"), hazard.kind), []
        ).append(stack)
    return "\n".join(_entry(urn, kind, names, expires) for (urn, kind), names in stacks.items())


def _entry(urn: str, kind: HazardKind, stacks: list[str], expires: date) -> str:
    shown = urn.replace(STACK, stacks[0]) if len(stacks) == 1 else urn
    return (
        "[[approval]]\n"
        f"stacks = {json.dumps(stacks)}\n"
        f"urn = {json.dumps(shown)}\n"
        f'kind = "{kind}"\n'
        'reason = ""\n'
        'owner = ""\n'
        f"expires = {expires}\n"
    )
