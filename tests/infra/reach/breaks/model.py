"""What a break of the wiring is: the change, and how the law that finds it has to name it."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.infra.reach.wiring import Wiring

NEEDS, BALANCER, INTERNET, DATABASE, TIERS, CONFINED = (
    "needs",
    "balancer",
    "internet",
    "database",
    "tiers",
    "confined",
)


@dataclass(frozen=True, kw_only=True)
class Break:
    """One mistake in the wiring."""

    name: str
    change: Callable[[Wiring], object]
    law: str
    """The law that has to find it."""
    at: str
    """Name of the resource that has to be named."""
    says: str
    """What the finding has to say."""
    remedy: str
    """What the remedy has to say."""
    stack: str = "prod"
