"""One alert."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Severity = Literal["page", "ticket", "warning"]
_ORDER: tuple[Severity, ...] = ("page", "ticket", "warning")


@dataclass(frozen=True, kw_only=True)
class Alert:
    """Something that somebody should look at."""

    name: str
    severity: Severity
    """page: now, wake somebody. ticket: on a working day. warning: know of it."""
    summary: str
    """What is, with the figures."""
    action: str
    """What to do first."""
    since: datetime | None = None
    """None: not known."""


def worst_first(alerts: Iterable[Alert]) -> list[Alert]:
    """Return them in the order to read them in."""
    return sorted(alerts, key=lambda alert: _ORDER.index(alert.severity))
