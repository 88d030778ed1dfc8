"""The processes of the service, as they last reported."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Instance:
    """One process. Its report is not validated, because another release may have written it."""

    name: str
    role: str
    age_seconds: float
    """Since its report."""
    report: dict[str, Any] = field(default_factory=dict)

    def number(self, key: str) -> float | None:
        """Return a number of the report; None if it has none."""
        value = self.report.get(key)
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None

    @property
    def breakers(self) -> list[dict[str, Any]]:
        """Its circuit breakers, as Breaker.describe gives them."""
        found = self.report.get("breakers")
        return [breaker for breaker in found if isinstance(breaker, dict)] if isinstance(found, list) else []

    @property
    def queue(self) -> dict[str, Any]:
        """The queue as this worker sees it; empty for other processes."""
        found = self.report.get("queue")
        return found if isinstance(found, dict) else {}


def serving(instances: Sequence[Instance]) -> list[Instance]:
    """Return those that serve requests."""
    return [instance for instance in instances if instance.role == "serve"]


def workers(instances: Sequence[Instance]) -> list[Instance]:
    """Return those that run jobs."""
    return [instance for instance in instances if instance.role == "worker"]
