"""A dangerous effect of a plan, which a reviewed file must allow."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class HazardKind(StrEnum):
    """What is dangerous; the most dangerous first."""

    STATEFUL_LOSS = "stateful-loss"
    """Something stateful is deleted or replaced."""
    PROTECTION_LOSS = "protection-loss"
    """Something is less protected from deletion, data loss or interruption than before."""
    DESTRUCTIVE_MIGRATION = "destructive-migration"
    """A new migration of the database drops, renames or narrows something."""
    NETWORK_EXPOSURE = "network-exposure"
    """A resource can be reached from a source that could not reach it before."""
    IAM_WIDENING = "iam-widening"
    """Somebody is allowed more than before."""
    PROVIDER_REPLACE = "provider-replace"
    """A provider is deleted or replaced, and with it the resources that it manages."""
    NODE_ROLL = "node-roll"
    """The nodes of the cluster are replaced."""
    DOWNGRADE = "downgrade"
    """A version is lower than before."""
    COST_JUMP = "cost-jump"
    """The stack is much more expensive, or exceeds its budget."""


@dataclass(frozen=True, kw_only=True)
class Hazard:
    """A dangerous effect of one resource."""

    kind: HazardKind
    urn: str
    """URN of the resource, or the path of a file of the repository, such as that of a migration."""
    what: str
    """One sentence without a full stop; it contains no value that may be secret."""


def ordered(hazards: Iterable[Hazard]) -> tuple[Hazard, ...]:
    """Return hazards in their order in a report: the most dangerous first, then by URN."""
    return tuple(sorted(hazards, key=lambda each: (list(HazardKind).index(each.kind), each.urn)))
