"""Exemptions: a rule that only advises in one stack, with an owner and a reason, until a date.

A level in `levels.py` is for good; an exemption ends by itself. The rule then holds again, and the next preview fails.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, kw_only=True)
class Exemption:
    """One rule relaxed in one stack. Raises ValueError without an owner or a reason."""

    stack: str
    rule: str
    owner: str
    """Who answers for it: a person or a team that a reviewer can ask."""
    reason: str
    expires: date
    """The last day on which it holds."""

    def __post_init__(self) -> None:
        for name in ("owner", "reason"):
            if not getattr(self, name).strip():
                raise ValueError(f"exemption of {self.rule} in {self.stack}: needs its {name}")


EXEMPTIONS: Sequence[Exemption] = ()
"""For example Exemption(stack="prod", rule="aws-eks-private-endpoint", owner="platform team", reason="the VPN is not
ready; a NAT gateway's address deploys", expires=date(2027, 1, 31))."""


def exempted(stack: str, today: date, exemptions: Sequence[Exemption]) -> set[str]:
    """Return the rules that only advise in a stack today."""
    return {each.rule for each in exemptions if each.stack == stack and today <= each.expires}
