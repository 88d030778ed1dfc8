"""Whether this process should get traffic."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from time import monotonic

import psycopg
import structlog
from psycopg_pool import PoolTimeout, TooManyRequests

from app.core.lifecycle import Lifecycle
from app.core.postgres.database import Database

# With the time to cancel a statement this is below the kubelet's default timeout of 1 s, so the reason reaches it.
PROBE_TIMEOUT_SECONDS = 0.6
BUSY_SECONDS = 2.0

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class Check:
    """The state of one thing that the service needs."""

    ok: bool
    detail: str
    """Contains no host, user or error text, because anyone may read it. Those are in the log."""
    required: bool = True
    """False: the service is degraded, but ready, when the check fails."""


LocalCheck = Callable[[], Check]
"""A check of this process alone. It is cheap, and `serving` includes it."""
RemoteCheck = Callable[[Check], Awaitable[Check]]
"""A check of a dependency; gets the state of the database, which it may need."""


def all_required_ok(checks: Mapping[str, Check]) -> bool:
    """Return whether every required check passes."""
    return all(check.ok for check in checks.values() if check.required)


class Readiness:
    """Ready: not draining, the database answers, its migrations are at head, and the checks of the features pass.

    "At head" includes a schema ahead of this release: during a rollout the migration runs before the old pods stop,
    and after a rollback the schema stays ahead. Migrations are therefore additive.
    """

    def __init__(self, database: Database, lifecycle: Lifecycle, head: str) -> None:
        self._database = database
        self._lifecycle = lifecycle
        self._head = head
        self._local: dict[str, LocalCheck] = {}
        self._remote: dict[str, RemoteCheck] = {}
        self._migration: str | None = None
        self._failing: dict[str, str] = {}
        self._run: asyncio.Task[dict[str, Check]] | None = None
        self.started = False
        """True once every required check has passed."""

    def add(self, local: Mapping[str, LocalCheck], remote: Mapping[str, RemoteCheck]) -> None:
        """Add the checks of a feature, by name."""
        self._local |= local
        self._remote |= remote

    async def checks(self) -> dict[str, Check]:
        """Run the checks. Concurrent callers share one run, which takes one connection.

        The result is in the order in which people should read it.
        """
        if self._run is None or self._run.done():
            self._run = asyncio.create_task(self._checks())
        return await asyncio.shield(self._run)

    async def _checks(self) -> dict[str, Check]:
        database = await self._check_database()
        checks = {
            "lifecycle": self._check_lifecycle(),
            "database": database,
            "migrations": self._check_migrations(),
            **{name: await check(database) for name, check in self._remote.items()},
            **{name: check() for name, check in self._local.items()},
        }
        self.started = self.started or all_required_ok(checks)
        self._log_changes(checks)
        return checks

    async def serving(self) -> dict[str, Check]:
        """Check whether this process takes requests: started, not draining, and its local checks pass.

        An unavailable database fails this only before the first success; see the route.
        """
        if not self.started:
            await self.checks()
        started = Check(ok=self.started, detail="started" if self.started else "starting")
        return {
            "lifecycle": self._check_lifecycle(),
            "startup": started,
            **{name: check() for name, check in self._local.items()},
        }

    def _check_lifecycle(self) -> Check:
        draining = self._lifecycle.draining
        return Check(ok=not draining, detail="draining" if draining else "serving")

    async def _check_database(self) -> Check:
        try:
            self._migration = await self._database.migration(PROBE_TIMEOUT_SECONDS)
        except (PoolTimeout, TooManyRequests):
            # Under load every connection may be in use. Failing then would remove the busiest pods, one by one.
            if monotonic() - self._database.answered_at < BUSY_SECONDS:
                return Check(ok=True, detail="busy")
            return Check(ok=False, detail="unreachable")
        except psycopg.Error as error:
            log.warning("database check failed", error=f"{type(error).__name__}: {error}".strip())
            return Check(ok=False, detail="unreachable")
        return Check(ok=True, detail="reachable")

    def _check_migrations(self) -> Check:
        # Revisions are numbers of one width (a test checks that), so their order is that of the text.
        at_head = self._migration is not None and self._migration >= self._head
        return Check(ok=at_head, detail=f"at {self._migration or 'none'}, needs {self._head}")

    def _log_changes(self, checks: dict[str, Check]) -> None:
        failing = {name: check.detail for name, check in checks.items() if not check.ok}
        if failing and failing != self._failing:
            log.warning("degraded" if all_required_ok(checks) else "not ready", **failing)
        elif self._failing and not failing:
            log.info("ready")
        self._failing = failing
