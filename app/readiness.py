"""Whether this process should get traffic."""

from dataclasses import dataclass
from time import monotonic

import psycopg
import structlog
from psycopg_pool import PoolTimeout

from app.database import Database
from app.lifecycle import Lifecycle

PROBE_TIMEOUT_SECONDS = 0.8  # below the kubelet's default of 1 s, so that the reason still reaches it
BUSY_SECONDS = 2.0

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class Check:
    """The state of one thing that the service needs."""

    ok: bool
    detail: str
    """Says no host, user or error text: anyone may read it. Those are in the log."""


class Readiness:
    """Ready: not draining, the database answers, its migrations are at head.

    "At head" takes a schema beyond our head too: during a rollout the migration runs before the old pods
    stop, and after a rollback the schema stays ahead. Migrations are therefore additive.
    """

    def __init__(self, database: Database, lifecycle: Lifecycle, head: str) -> None:
        self._database = database
        self._lifecycle = lifecycle
        self._head = head
        self._migration: str | None = None
        self._faults: dict[str, str] = {}
        self.started = False
        """True once everything was in order for the first time."""

    async def checks(self) -> dict[str, Check]:
        """Look now; the order of the result is the order to read it in."""
        checks = {
            "lifecycle": Check(ok=not self._lifecycle.draining, detail=self._phase()),
            "database": await self._look_at_database(),
            "migrations": self._migrations(),
        }
        self.started = self.started or all(check.ok for check in checks.values())
        self._log_changes(checks)
        return checks

    def _phase(self) -> str:
        return "draining" if self._lifecycle.draining else "serving"

    async def _look_at_database(self) -> Check:
        try:
            self._migration = await self._database.migration(PROBE_TIMEOUT_SECONDS)
        except PoolTimeout:
            # Under load every connection may be lent. Failing then would take the busiest pods out, one by one.
            if monotonic() - self._database.answered_at < BUSY_SECONDS:
                return Check(ok=True, detail="busy")
            return Check(ok=False, detail="unreachable")
        except psycopg.Error as error:
            log.warning("database check failed", error=f"{type(error).__name__}: {error}".strip())
            return Check(ok=False, detail="unreachable")
        return Check(ok=True, detail="reachable")

    def _migrations(self) -> Check:
        # Revisions are numbers of one width (a test holds that), so their order is the text's order.
        at_head = self._migration is not None and self._migration >= self._head
        return Check(ok=at_head, detail=f"at {self._migration or 'none'}, needs {self._head}")

    def _log_changes(self, checks: dict[str, Check]) -> None:
        faults = {name: check.detail for name, check in checks.items() if not check.ok}
        if faults and faults != self._faults:
            log.warning("not ready", **faults)
        elif self._faults and not faults:
            log.info("ready")
        self._faults = faults
