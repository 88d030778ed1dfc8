"""Exemptions, which make a rule advisory in one stack, or for one resource of it, until a date.

Each has an owner and a reason.

A level in `levels.py` is permanent; an exemption expires. The rule then applies again, and the next preview fails.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, kw_only=True)
class Exemption:
    """An exemption from one rule in one stack.

    Raises:
        ValueError: a text is empty, or the last day is not a date.
    """

    stack: str
    rule: str
    owner: str
    """The responsible person or team."""
    reason: str
    expires: date
    """The last day on which it is valid."""
    urn: str | None = None
    """The only resource that it is for; the rule stays mandatory for all others. Default: the whole stack."""

    def __post_init__(self) -> None:
        for name in ("stack", "rule", "owner", "reason"):
            value = getattr(self, name)
            if not isinstance(value, str) or not value.strip():
                raise ValueError(f"exemption of {self.rule} in {self.stack}: needs its {name}, a text")
        if self.urn is not None and not str(self.urn).startswith(f"urn:pulumi:{self.stack}::"):
            raise ValueError(
                f"exemption of {self.rule} in {self.stack}: urn must be that of a resource of this stack, such as "
                f"urn:pulumi:{self.stack}::drydock::aws:s3/bucket:Bucket::logs, not {self.urn!r}"
            )
        if type(self.expires) is not date:  # a datetime is a date too, but cannot be compared with one
            raise ValueError(
                f"exemption of {self.rule} in {self.stack}: expires must be a date, such as date(2027, 1, 31), "
                f"not {self.expires!r}"
            )


EXEMPTIONS: Sequence[Exemption] = ()
"""For example Exemption(stack="prod", rule="aws-eks-private-endpoint", owner="platform team", reason="the VPN is not
ready; a NAT gateway's address deploys", expires=date(2027, 1, 31)), or the same with urn="urn:pulumi:prod::..."."""


def exempted(stack: str, today: date, exemptions: Sequence[Exemption]) -> set[str]:
    """Return the names of the rules that are advisory in a whole stack today because of an exemption."""
    return {each.rule for each in _valid(stack, today, exemptions) if each.urn is None}


def exempted_resources(stack: str, today: date, exemptions: Sequence[Exemption]) -> dict[str, set[str]]:
    """Return rule -> URNs of the resources for which it is advisory in a stack today."""
    found: dict[str, set[str]] = {}
    for each in _valid(stack, today, exemptions):
        if each.urn is not None:
            found.setdefault(each.rule, set()).add(each.urn)
    return found


def _valid(stack: str, today: date, exemptions: Sequence[Exemption]) -> list[Exemption]:
    return [each for each in exemptions if each.stack == stack and today <= each.expires]
