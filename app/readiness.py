"""Whether this process should get traffic."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic

import psycopg
import structlog
from psycopg_pool import PoolTimeout, TooManyRequests

from app.database import Database
from app.faults.faults import Faults
from app.lifecycle import Lifecycle
from app.sre.instances import GONE_SECONDS

# With what it takes to let go of a silent server below the kubelet's default of 1 s: so the reason still reaches it.
PROBE_TIMEOUT_SECONDS = 0.6
BUSY_SECONDS = 2.0
_QUEUE = b"""
    SELECT bool_or(report #> '{queue,reachable}' = 'true') AS reachable FROM instances
    WHERE role = 'worker' AND seen_at > now() - make_interval(secs => %(seconds)s)
"""

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class Check:
    """The state of one thing that the service needs."""

    ok: bool
    detail: str
    """Says no host, user or error text: anyone may read it. Those are in the log."""
    required: bool = True
    """False: without it the service is degraded, and yet ready."""


def in_order(checks: Mapping[str, Check]) -> bool:
    """Return whether all that is required is there."""
    return all(check.ok for check in checks.values() if check.required)


class Readiness:
    """Ready: not draining, the database answers, its migrations are at head, and no drill says otherwise.

    The queue is looked at through the workers, which report whether they reach it. It is not required: without it
    jobs wait in the database.

    "At head" takes a schema beyond our head too: during a rollout the migration runs before the old pods
    stop, and after a rollback the schema stays ahead. Migrations are therefore additive.
    """

    def __init__(
        self,
        database: Database,
        lifecycle: Lifecycle,
        head: str,
        *,
        has_queue: bool = False,
        faults: Faults | None = None,
    ) -> None:
        self._database = database
        self._lifecycle = lifecycle
        self._head = head
        self._has_queue = has_queue
        self._injected = faults or Faults()
        self._migration: str | None = None
        self._faults: dict[str, str] = {}
        self._look: asyncio.Task[dict[str, Check]] | None = None
        self.started = False
        """True once everything was in order for the first time."""

    async def checks(self) -> dict[str, Check]:
        """Look now, or wait for a look under way: however many ask, one connection is taken.

        The order of the result is the order to read it in.
        """
        if self._look is None or self._look.done():
            self._look = asyncio.create_task(self._checks())
        return await asyncio.shield(self._look)

    async def _checks(self) -> dict[str, Check]:
        database = await self._look_at_database()
        checks = {
            "lifecycle": self._phase(),
            "database": database,
            "migrations": self._migrations(),
            "queue": await self._look_at_queue(database),
            "faults": self._drill(),
        }
        self.started = self.started or in_order(checks)
        self._log_changes(checks)
        return checks

    async def serving(self) -> dict[str, Check]:
        """Look whether requests are welcome: started, not draining, and no drill says otherwise.

        A database that is away fails this only before the first success, see the route.
        """
        if not self.started:
            await self.checks()
        started = Check(ok=self.started, detail="started" if self.started else "starting")
        return {"lifecycle": self._phase(), "startup": started, "faults": self._drill()}

    def _phase(self) -> Check:
        draining = self._lifecycle.draining
        return Check(ok=not draining, detail="draining" if draining else "serving")

    def _drill(self) -> Check:
        ready = self._injected.ready
        return Check(ok=ready, detail="none" if ready else "readiness is switched off")

    async def _look_at_database(self) -> Check:
        try:
            self._migration = await self._database.migration(PROBE_TIMEOUT_SECONDS)
        except (PoolTimeout, TooManyRequests):
            # Under load every connection may be lent. Failing then would take the busiest pods out, one by one.
            if monotonic() - self._database.answered_at < BUSY_SECONDS:
                return Check(ok=True, detail="busy")
            return Check(ok=False, detail="unreachable")
        except psycopg.Error as error:
            log.warning("database check failed", error=f"{type(error).__name__}: {error}".strip())
            return Check(ok=False, detail="unreachable")
        return Check(ok=True, detail="reachable")

    async def _look_at_queue(self, database: Check) -> Check:
        if not self._has_queue:
            return Check(ok=True, detail="not configured", required=False)
        reachable = None
        if database.ok:
            try:
                rows = await self._database.glance(_QUEUE, {"seconds": GONE_SECONDS}, PROBE_TIMEOUT_SECONDS)
                reachable = rows[0]["reachable"]
            except psycopg.Error as error:
                log.warning("queue check failed", error=f"{type(error).__name__}: {error}".strip())
        detail = {None: "unknown: no worker reports", True: "reachable", False: "unreachable"}[reachable]
        return Check(ok=reachable is True, detail=detail, required=False)

    def _migrations(self) -> Check:
        # Revisions are numbers of one width (a test holds that), so their order is the text's order.
        at_head = self._migration is not None and self._migration >= self._head
        return Check(ok=at_head, detail=f"at {self._migration or 'none'}, needs {self._head}")

    def _log_changes(self, checks: dict[str, Check]) -> None:
        faults = {name: check.detail for name, check in checks.items() if not check.ok}
        if faults and faults != self._faults:
            log.warning("degraded" if in_order(checks) else "not ready", **faults)
        elif self._faults and not faults:
            log.info("ready")
        self._faults = faults
