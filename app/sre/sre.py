"""The responses of `/sre`, made from one snapshot each."""

import asyncio
from datetime import UTC, datetime
from typing import Any

from app import __version__
from app.core.health.readiness import Readiness
from app.core.lifecycle import Lifecycle
from app.sre import alerts, views
from app.sre.cache import FigureCache
from app.sre.capacity import plan
from app.sre.growth import fit
from app.sre.instances import Instance
from app.sre.rates import covered_seconds
from app.sre.records import Recorder
from app.sre.slo import evaluate_all
from app.sre.snapshot import Snapshot

RATE_WINDOW = "5m"


class Sre:
    """Makes the responses of `/sre`; none of them fails while PostgreSQL is unavailable."""

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

    async def snapshot(self) -> Snapshot:
        """Return the current state."""
        (figures, degraded), checks = await asyncio.gather(self._cache.get(), self._readiness.checks())
        now = datetime.now(UTC)
        own = Instance(
            name=self._recorder.instance,
            role=self._recorder.role,
            age_seconds=0.0,
            report=self._recorder.report.current(),
        )
        instances = [own, *(other for other in figures.instances if other.name != own.name)]
        states = evaluate_all(figures.windows)
        window = figures.windows.get(RATE_WINDOW)
        rps = window.requests / covered_seconds(RATE_WINDOW, now) if window else 0.0
        capacity = plan(instances, rps, figures.peak_rps, fit(figures.hourly_rps))
        return Snapshot(
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
        snapshot = await self.snapshot()
        return {
            **views.head(snapshot),
            "environment": self._environment,
            "version": __version__,
            "health": self._health(snapshot),
            "alerts": views.alerts(snapshot),
            "slos": views.slos(snapshot),
            "metrics": views.metrics(snapshot),
            "capacity": views.capacity(snapshot),
            "jobs": views.jobs(snapshot),
            "instances": views.instances(snapshot),
        }

    async def health(self) -> dict[str, Any]:
        """Return the overall state and its reasons."""
        snapshot = await self.snapshot()
        return {
            **views.head(snapshot),
            "environment": self._environment,
            "version": __version__,
            **self._health(snapshot),
        }

    async def metrics(self) -> dict[str, Any]:
        """Return rates, errors and latency."""
        snapshot = await self.snapshot()
        return {**views.head(snapshot), **views.metrics(snapshot)}

    async def capacity(self) -> dict[str, Any]:
        """Return the capacity, the utilisation and the recommended number of replicas."""
        snapshot = await self.snapshot()
        return {**views.head(snapshot), **views.capacity(snapshot)}

    async def alerts(self) -> dict[str, Any]:
        """Return the alerts, the most severe first."""
        snapshot = await self.snapshot()
        return {**views.head(snapshot), "alerts": views.alerts(snapshot)}

    def _health(self, snapshot: Snapshot) -> dict[str, Any]:
        return views.health(snapshot, self._recorder.instance, self._lifecycle.uptime_seconds)
