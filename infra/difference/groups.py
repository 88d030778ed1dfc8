"""The same change in several stacks, listed once."""

from collections.abc import Mapping
from dataclasses import dataclass

from infra.review.events import order
from infra.review.plan import Change, Plan, Risk


@dataclass(frozen=True, kw_only=True)
class Group:
    """The changes that the same stacks have in common."""

    stacks: tuple[str, ...]
    changes: tuple[Change, ...]
    """The changes in the first of the stacks, the most dangerous one first."""

    @property
    def highest_risk(self) -> Risk:
        """The risk of the most dangerous change."""
        return self.changes[0].risk


def grouped(plans: Mapping[str, Plan]) -> tuple[Group, ...]:
    """Return the changes of all stacks by the stacks that have them; the most dangerous group first."""
    stacks = stacks_by_change(plans)
    first: dict[str, Change] = {}
    for plan in plans.values():
        for change in plan.changes:
            first.setdefault(change.fingerprint, change)
    groups: dict[tuple[str, ...], list[Change]] = {}
    for fingerprint, names in stacks.items():
        groups.setdefault(names, []).append(first[fingerprint])
    found = [Group(stacks=names, changes=tuple(sorted(changes, key=order))) for names, changes in groups.items()]
    return tuple(sorted(found, key=lambda each: (list(Risk).index(each.highest_risk), -len(each.stacks), each.stacks)))


def stacks_by_change(plans: Mapping[str, Plan]) -> dict[str, tuple[str, ...]]:
    """Return the fingerprint of each change -> the stacks that have it."""
    found: dict[str, list[str]] = {}
    for stack, plan in plans.items():
        for change in plan.changes:
            names = found.setdefault(change.fingerprint, [])
            if stack not in names:
                names.append(stack)
    return {fingerprint: tuple(names) for fingerprint, names in found.items()}


def title(group: Group) -> str:
    """Return the headline of a group, such as `dev, prod: the same 3 changes`."""
    number = f"{len(group.changes)} change{'s' * (len(group.changes) != 1)}"
    if len(group.stacks) == 1:
        return f"{group.stacks[0]} only: {number}"
    return f"{', '.join(group.stacks)}: the same {number}"
