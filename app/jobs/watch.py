"""How the queue stands, looked at every few seconds, so that probes and reports cost no call."""

from typing import Any

from app.jobs.loops import AWAY
from app.jobs.outbox import Relay
from app.jobs.queue import Counts, Queue
from app.readiness import Check
from app.telemetry.job_metrics import JobMetrics

INTERVAL_SECONDS = 5.0
RETRY_SECONDS = 1.0


class QueueWatch:
    """The last that is known of the queue."""

    def __init__(self, queue: Queue, relay: Relay, metrics: JobMetrics) -> None:
        self._queue = queue
        self._relay = relay
        self._metrics = metrics
        self._counts: Counts | None = None
        self.reachable = False
        """Whether the queue answered when it was last asked."""

    async def look(self) -> float:
        """Ask the queue, then the outbox; return the seconds until the next time."""
        try:
            self._counts = await self._queue.counts()
        except AWAY:  # not raised: the outbox is looked at all the more then
            self.reachable = False
        else:
            self.reachable = True
            self._tell(self._counts)
        self._metrics.outbox_oldest.set(await self._relay.oldest_seconds())
        return INTERVAL_SECONDS if self.reachable else RETRY_SECONDS

    def check(self) -> Check:
        """Return the state of the queue as readiness shows it."""
        return Check(ok=self.reachable, detail="reachable" if self.reachable else "unreachable")

    def report(self) -> dict[str, Any]:
        """Return the last figures, for all replicas to see; None where nothing is known."""
        counts = self._counts
        return {
            "visible": counts.visible if counts else None,
            "in_flight": counts.in_flight if counts else None,
            "dead": counts.dead if counts else None,
            "reachable": self.reachable,
        }

    def _tell(self, counts: Counts) -> None:
        messages = self._metrics.messages
        messages.labels("jobs", "visible").set(counts.visible)
        messages.labels("jobs", "in_flight").set(counts.in_flight)
        if counts.dead is not None:
            messages.labels("dead_letters", "visible").set(counts.dead)
