"""Exemptions, which make a rule advisory in one stack until a date, with an owner and a reason.

A level in `levels.py` is permanent; an exemption expires. The rule then applies again, and the next preview fails.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, kw_only=True)
class Exemption:
    """An exemption from one rule in one stack.

    Raises:
        ValueError: the owner or the reason is empty.
    """

    stack: str
    rule: str
    owner: str
    """The responsible person or team."""
    reason: str
    expires: date
    """The last day on which it is valid."""

    def __post_init__(self) -> None:
        for name in ("owner", "reason"):
            if not getattr(self, name).strip():
                raise ValueError(f"exemption of {self.rule} in {self.stack}: needs its {name}")


EXEMPTIONS: Sequence[Exemption] = ()
"""For example Exemption(stack="prod", rule="aws-eks-private-endpoint", owner="platform team", reason="the VPN is not
ready; a NAT gateway's address deploys", expires=date(2027, 1, 31))."""


def exempted(stack: str, today: date, exemptions: Sequence[Exemption]) -> set[str]:
    """Return the names of the rules that are advisory in a stack today because of an exemption."""
    return {each.rule for each in exemptions if each.stack == stack and today <= each.expires}
