"""One alert."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Severity = Literal["page", "ticket", "warning"]
_ORDER: tuple[Severity, ...] = ("page", "ticket", "warning")


@dataclass(frozen=True, kw_only=True)
class Alert:
    """A condition that needs the attention of an operator."""

    name: str
    severity: Severity
    """page: now, at any time. ticket: on a working day. warning: for information."""
    summary: str
    """Description of the fault, with figures."""
    action: str
    """What to do first."""
    since: datetime | None = None
    """None: unknown."""


def worst_first(alerts: Iterable[Alert]) -> list[Alert]:
    """Return the alerts, the most severe first."""
    return sorted(alerts, key=lambda alert: _ORDER.index(alert.severity))
