"""Everything that people ask about the service, put together once."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from app import __version__
from app.lifecycle import Lifecycle
from app.readiness import Check, Readiness
from app.sre import alerts, views
from app.sre.alert import Alert
from app.sre.cache import FigureCache
from app.sre.capacity import Capacity, plan
from app.sre.figures import Figures
from app.sre.growth import fit
from app.sre.instances import Instance
from app.sre.rates import covered_seconds
from app.sre.records import Recorder
from app.sre.slo import SloState, evaluate_all

RATE_WINDOW = "5m"


@dataclass(frozen=True, kw_only=True)
class Picture:
    """The service at one moment."""

    now: datetime
    degraded: bool
    figures: Figures
    instances: list[Instance]
    """This process first, as it is now; the others as they last reported."""
    states: list[SloState]
    capacity: Capacity
    checks: dict[str, Check]
    alerts: list[Alert]


class Sre:
    """Answers for `/sre`; none of them fails while PostgreSQL is away."""

    def __init__(
        self,
        *,
        cache: FigureCache,
        recorder: Recorder,
        readiness: Readiness,
        lifecycle: Lifecycle,
        environment: str,
    ) -> None:
        self._cache = cache
        self._recorder = recorder
        self._readiness = readiness
        self._lifecycle = lifecycle
        self._environment = environment

    async def picture(self) -> Picture:
        """Look now."""
        (figures, degraded), checks = await asyncio.gather(self._cache.get(), self._readiness.checks())
        now = datetime.now(UTC)
        own = Instance(
            name=self._recorder.instance, role=self._recorder.role, age_seconds=0.0, report=self._recorder.report.look()
        )
        instances = [own, *(other for other in figures.instances if other.name != own.name)]
        states = evaluate_all(figures.windows)
        window = figures.windows.get(RATE_WINDOW)
        rps = window.requests / covered_seconds(RATE_WINDOW, now) if window else 0.0
        capacity = plan(instances, rps, figures.peak_rps, fit(figures.hourly_rps))
        return Picture(
            now=now,
            degraded=degraded,
            figures=figures,
            instances=instances,
            states=states,
            capacity=capacity,
            checks=checks,
            alerts=alerts.find(states, instances, figures.backlog, capacity, checks),
        )

    async def dashboard(self) -> dict[str, Any]:
        """Return everything, ready for JSON."""
        picture = await self.picture()
        return {
            **views.head(picture),
            "environment": self._environment,
            "version": __version__,
            "health": self._health(picture),
            "alerts": views.alerts(picture),
            "slos": views.slos(picture),
            "metrics": views.metrics(picture),
            "capacity": views.capacity(picture),
            "jobs": views.jobs(picture),
            "instances": views.instances(picture),
        }

    async def health(self) -> dict[str, Any]:
        """Return how the service is, in one word and its reasons."""
        picture = await self.picture()
        return {
            **views.head(picture),
            "environment": self._environment,
            "version": __version__,
            **self._health(picture),
        }

    async def metrics(self) -> dict[str, Any]:
        """Return rates, errors and latency."""
        picture = await self.picture()
        return {**views.head(picture), **views.metrics(picture)}

    async def capacity(self) -> dict[str, Any]:
        """Return what there is, what is used, and what to do."""
        picture = await self.picture()
        return {**views.head(picture), **views.capacity(picture)}

    async def alerts(self) -> dict[str, Any]:
        """Return what is wrong, the worst first."""
        picture = await self.picture()
        return {**views.head(picture), "alerts": views.alerts(picture)}

    def _health(self, picture: Picture) -> dict[str, Any]:
        return views.health(picture, self._recorder.instance, self._lifecycle.uptime_seconds)
