"""The state of the queue, read every few seconds, so that probes and reports need no call."""

from typing import Any

from app.core.health.readiness import Check
from app.jobs.metrics import JobMetrics
from app.jobs.outages import JOBS_UNAVAILABLE
from app.jobs.outbox import Relay
from app.jobs.queue import Counts, Queue

INTERVAL_SECONDS = 5.0
RETRY_SECONDS = 1.0


class QueueMonitor:
    """The last known state of the queue."""

    def __init__(self, queue: Queue, relay: Relay, metrics: JobMetrics) -> None:
        self._queue = queue
        self._relay = relay
        self._metrics = metrics
        self._counts: Counts | None = None
        self.reachable = False
        """Whether the queue answered the last call."""

    async def update(self) -> float:
        """Read the queue, then the outbox; return the seconds until the next time."""
        try:
            self._counts = await self._queue.counts()
        except JOBS_UNAVAILABLE:  # not raised, because the outbox must be read in any case
            self.reachable = False
        else:
            self.reachable = True
            self._set_metrics(self._counts)
        self._metrics.outbox_oldest.set(await self._relay.oldest_seconds())
        return INTERVAL_SECONDS if self.reachable else RETRY_SECONDS

    def check(self) -> Check:
        """Return the state of the queue for readiness."""
        return Check(ok=self.reachable, detail="reachable" if self.reachable else "unreachable")

    def report(self) -> dict[str, Any]:
        """Return the last figures for all replicas; None where a figure is unknown."""
        counts = self._counts
        return {
            "visible": counts.visible if counts else None,
            "in_flight": counts.in_flight if counts else None,
            "dead": counts.dead if counts else None,
            "reachable": self.reachable,
        }

    def _set_metrics(self, counts: Counts) -> None:
        messages = self._metrics.messages
        messages.labels("jobs", "visible").set(counts.visible)
        messages.labels("jobs", "in_flight").set(counts.in_flight)
        if counts.dead is not None:
            messages.labels("dead_letters", "visible").set(counts.dead)
