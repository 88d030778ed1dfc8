"""What a reviewer decides upon: the changes with their risk, and what the rules say of them."""

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum


class Risk(StrEnum):
    """Why a change has to be looked at; the gravest first."""

    LOSS = "loss"
    """Something stateful is deleted, replaced, or no longer protected from that."""
    REPLACE = "replace"
    """Something is replaced or deleted: an interruption, or a dependency that goes."""
    OPEN = "open"
    """Somebody may reach or do more than before."""
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


@dataclass(frozen=True, kw_only=True)
class Change:
    """A resource that is not as it was."""

    urn: str
    type: str
    name: str
    component: str
    """The outermost component it belongs to, such as `network (Network)`; `stack` where it has none."""
    operation: str
    """`create`, `update`, `replace`, `delete`, `import` or `read`."""
    risk: Risk
    reasons: tuple[str, ...]
    """Why it has this risk; empty where it is routine."""
    properties: tuple[PropertyChange, ...]


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
