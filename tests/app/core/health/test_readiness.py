"""When the service is ready, and when it serves."""

import asyncio
from time import monotonic
from typing import cast

import psycopg
import pytest
from psycopg_pool import PoolTimeout, TooManyRequests
from structlog.testing import capture_logs

from app.core.health.readiness import Check, Readiness, all_required_ok
from app.core.lifecycle import Lifecycle
from app.core.postgres.database import Database
from tests.support.fake_database import FakeDatabase


def readiness(database: FakeDatabase, lifecycle: Lifecycle | None = None) -> Readiness:
    return Readiness(cast(Database, database), lifecycle or Lifecycle(), "0002")


async def failing(ready: Readiness) -> list[str]:
    return [f"{name}: {check.detail}" for name, check in (await ready.checks()).items() if not check.ok]


@pytest.mark.parametrize("revision", ["0002", "0003"])
async def test_is_ready_at_the_newest_or_a_newer_revision(revision: str) -> None:
    """The migration of the next release runs before the pods of this release stop."""
    assert await failing(readiness(FakeDatabase(revision))) == []


@pytest.mark.parametrize(("revision", "said"), [("0001", "0001"), (None, "none")])
async def test_is_not_ready_at_an_older_revision(revision: str | None, said: str) -> None:
    """The statements of this release would fail on an older schema."""
    assert await failing(readiness(FakeDatabase(revision))) == [f"migrations: at {said}, needs 0002"]


async def test_concurrent_callers_share_one_check() -> None:
    """A later caller starts a new check."""
    database = FakeDatabase("0002")
    ready = readiness(database)

    looks = await asyncio.gather(*(ready.checks() for _ in range(20)))

    assert (len(looks), database.asked) == (20, 1)
    await ready.checks()
    assert database.asked == 2


async def test_is_not_ready_while_the_database_is_unavailable() -> None:
    """The answer omits the reason, which may contain hosts and users."""
    ready = readiness(FakeDatabase(psycopg.OperationalError("no route to db-1.internal")))

    assert (await failing(ready))[0] == "database: unreachable"


@pytest.mark.parametrize("refusal", [PoolTimeout(), TooManyRequests()])
async def test_a_busy_pool_does_not_fail_readiness(refusal: Exception) -> None:
    """The database answered recently. If load alone failed the probe, all pods would become unready in turn."""
    database = FakeDatabase("0002")
    ready = readiness(database)
    await ready.checks()
    database.answer = refusal

    assert await failing(ready) == ["database: unreachable"]
    database.answered_at = monotonic()
    assert await failing(ready) == []


async def test_is_not_ready_while_draining_but_still_started() -> None:
    """Startup stays successful after the first success, so that its probe cannot restart the pod."""
    lifecycle = Lifecycle()
    ready = readiness(FakeDatabase("0002"), lifecycle)
    assert not ready.started
    await ready.checks()
    lifecycle.start_draining()

    assert await failing(ready) == ["lifecycle: draining"]
    assert ready.started


async def test_changes_are_logged_once() -> None:
    """They are not logged at every probe; degraded and not ready are different states."""
    database = FakeDatabase("0002")
    ready = readiness(database)

    async def queue(_database: Check) -> Check:
        return Check(ok=database.reachable is True, detail="of the queue", required=False)

    ready.add({}, {"queue": queue})
    with capture_logs() as lines:
        for reachable, answer in ((True, "0002"), (False, "0002"), (False, "0002"), (True, None), (True, "0002")):
            database.reachable, database.answer = reachable, answer
            await ready.checks()

    assert [(line["log_level"], line["event"]) for line in lines] == [
        ("warning", "degraded"),
        ("warning", "not ready"),
        ("info", "ready"),
    ]


async def test_serving_requires_the_database_only_until_the_first_success() -> None:
    """All replicas share the database, so its outage would otherwise remove all of them from the load balancer."""
    database = FakeDatabase(psycopg.OperationalError())
    ready = readiness(database)
    assert not all_required_ok(await ready.serving())
    database.answer = "0002"
    assert all_required_ok(await ready.serving())
    database.answer = psycopg.OperationalError()

    assert all_required_ok(await ready.serving())


async def test_is_not_serving_while_draining_or_in_a_drill() -> None:
    """Both affect one replica only."""
    lifecycle, drills = Lifecycle(), [False]
    ready = readiness(FakeDatabase("0002"), lifecycle)
    ready.add({"faults": lambda: Check(ok=not drills[-1], detail="readiness is switched off")}, {})
    assert all_required_ok(await ready.serving())
    drills.append(True)
    assert await failing(ready) == ["faults: readiness is switched off"]
    assert not all_required_ok(await ready.serving())
    drills.append(False)
    lifecycle.start_draining()

    assert not all_required_ok(await ready.serving())
