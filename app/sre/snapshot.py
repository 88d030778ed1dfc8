"""The state of the service at one moment, from which every response of `/sre` is made."""

from dataclasses import dataclass
from datetime import datetime

from app.core.health.readiness import Check
from app.sre.alert import Alert
from app.sre.capacity import Capacity
from app.sre.figures import Figures
from app.sre.instances import Instance
from app.sre.slo import SloState


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """The state of the service at one moment."""

    now: datetime
    degraded: bool
    figures: Figures
    instances: list[Instance]
    """This process first, as it is now; the others as they last reported."""
    states: list[SloState]
    capacity: Capacity
    checks: dict[str, Check]
    alerts: list[Alert]
