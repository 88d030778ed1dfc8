"""The plan for a reviewer: the changes with their risks, and the findings of the policies."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from infra.costs.change import CostChange
from infra.review.hazard import Hazard, ordered


class Risk(StrEnum):
    """Why a change has to be looked at; the most dangerous first."""

    REFUSED = "refused"
    """AWS does not accept it, so the deployment would stop there."""
    LOSS = "loss"
    """Something stateful is deleted, replaced, or no longer protected from that."""
    REPLACE = "replace"
    """Something is replaced or deleted: an interruption, or a dependency that goes."""
    OPEN = "open"
    """Somebody may reach or do more than before."""
    INTERRUPT = "interrupt"
    """Something restarts or fails over, although it is changed in place."""
    UNKNOWN = "unknown"
    """Something is replaced only if a value differs that is not known before the deployment."""
    ROUTINE = "routine"
    """None of these."""


@dataclass(frozen=True, kw_only=True)
class PropertyChange:
    """One property that differs; its values are redacted and short enough to show."""

    path: str
    """Such as `vpcConfig.publicAccessCidrs[0]`."""
    old: str | None
    """None where it was not set."""
    new: str | None
    """None where it is no longer set; `known after up` where a preview cannot tell."""
    replaces: bool
    """Whether it is this property that forces a replacement."""
    unknown: bool = False
    """Whether the new value is not known before the deployment."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """A resource that changes."""

    urn: str
    type: str
    name: str
    component: str
    """The outermost component it belongs to, such as `network (Network)`; `stack` where it has none."""
    operation: str
    """`create`, `update`, `replace`, `delete`, `import`, `read`; `move` if only its URN or parent differs, and
    `options` if only its options do."""
    risk: Risk
    reasons: tuple[str, ...]
    """Why it has this risk; empty where it is routine."""
    properties: tuple[PropertyChange, ...]
    options: tuple[PropertyChange, ...] = ()
    """Options that differ, such as `protect`; paths are the names of the options."""
    moved_from: str = ""
    """Its URN before, if that is another one."""
    fingerprint: str = ""
    """A hash that is equal for the same change in several stacks: it ignores the names of stacks."""


@dataclass(frozen=True, kw_only=True)
class Node:
    """A resource of the stack, whether it changes or not."""

    urn: str
    type: str
    name: str
    component: str
    """As in `Change`."""
    dependencies: tuple[str, ...]
    """URNs of the resources that it depends on."""
    properties: Mapping[str, str]
    """Its inputs after the change, redacted and short enough to show."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What a rule of the policy pack found."""

    rule: str
    level: str
    """`mandatory`, which stops the deployment, or `advisory`."""
    urn: str
    message: str
    """As the engine tells it: `demand`, a line break, `resource (type): finding. Remedy: remedy`."""

    @property
    def demand(self) -> str:
        """What the rule demands."""
        return self.message.partition("\n")[0]

    @property
    def found(self) -> str:
        """The resource and what is wrong with it; empty in a message of another form."""
        return self.message.partition("\n")[2].partition(". Remedy: ")[0]

    @property
    def remedy(self) -> str:
        """What to do; empty in a message of another form."""
        return self.message.partition(". Remedy: ")[2]

    @property
    def blocks(self) -> bool:
        """Whether it stops the deployment."""
        return self.level == "mandatory"


def by_gravity(finding: Finding) -> tuple[bool, str, str]:
    """Return the sort key of a finding: those that stop the deployment first."""
    return not finding.blocks, finding.rule, finding.urn


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What `up` would do."""

    changes: tuple[Change, ...]
    """Risk-sorted, then by component and name."""
    unchanged: int
    findings: tuple[Finding, ...]
    """Those that stop the deployment first."""
    judged: bool
    """Whether a policy pack has seen the whole plan."""
    errors: tuple[str, ...]
    """Why there is no whole plan, one text each."""
    compared: bool = True
    """Whether there was a state to compare with; else the changes are all that there is."""
    base: str = ""
    """What it is compared with, such as `commit 1a2b3c4 (main)`."""
    notes: tuple[str, ...] = ()
    """What limits the comparison, one text each."""
    hazards: tuple[Hazard, ...] = ()
    """What a reviewed file must allow, the most dangerous first; none of a first deployment."""
    cost: CostChange | None = None
    """What it costs before and after; None if the preview failed or there was nothing to compare with."""
    nodes: tuple[Node, ...] = ()
    """All resources, including those that do not change; empty if nobody asked for the graph."""

    @property
    def counts(self) -> Counter[str]:
        """Operation -> number of resources."""
        return Counter(change.operation for change in self.changes)

    def at(self, risk: Risk) -> tuple[Change, ...]:
        """Return the changes of one risk."""
        return tuple(change for change in self.changes if change.risk is risk)

    @property
    def violations(self) -> tuple[Finding, ...]:
        """The findings that stop the deployment."""
        return tuple(finding for finding in self.findings if finding.blocks)

    def with_notes(self, *notes: str) -> "Plan":
        """Return the plan with more notes."""
        return replace(self, notes=(*self.notes, *notes))

    def with_hazards(self, *hazards: Hazard) -> "Plan":
        """Return the plan with more hazards."""
        return replace(self, hazards=ordered((*self.hazards, *hazards)))


def failed_plan(error: str) -> Plan:
    """Return the plan of a stack whose preview gave no result."""
    return Plan(changes=(), unchanged=0, findings=(), judged=False, errors=(error,))
