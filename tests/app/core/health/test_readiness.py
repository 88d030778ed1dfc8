"""When traffic is welcome."""

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
async def test_ready_at_head_and_beyond(revision: str) -> None:
    """The next release's migration runs before this release's pods stop."""
    assert await failing(readiness(FakeDatabase(revision))) == []


@pytest.mark.parametrize(("revision", "said"), [("0001", "0001"), (None, "none")])
async def test_not_ready_behind_head(revision: str | None, said: str) -> None:
    """The statements of this release would fail on an older schema."""
    assert await failing(readiness(FakeDatabase(revision))) == [f"migrations: at {said}, needs 0002"]


async def test_concurrent_callers_share_one_run() -> None:
    """And who asks afterwards gets a look of its own."""
    database = FakeDatabase("0002")
    ready = readiness(database)

    looks = await asyncio.gather(*(ready.checks() for _ in range(20)))

    assert (len(looks), database.asked) == (20, 1)
    await ready.checks()
    assert database.asked == 2


async def test_not_ready_while_the_database_is_unavailable() -> None:
    """The answer does not tell the reason, which may name hosts and users."""
    ready = readiness(FakeDatabase(psycopg.OperationalError("no route to db-1.internal")))

    assert (await failing(ready))[0] == "database: unreachable"


@pytest.mark.parametrize("refusal", [PoolTimeout(), TooManyRequests()])
async def test_a_busy_pool_is_no_missing_database(refusal: Exception) -> None:
    """If load alone failed the probe, the pods would leave one after the other."""
    database = FakeDatabase("0002")
    ready = readiness(database)
    await ready.checks()
    database.answer = refusal

    assert await failing(ready) == ["database: unreachable"]
    database.answered_at = monotonic()
    assert await failing(ready) == []


async def test_not_ready_while_draining_but_still_started() -> None:
    """Startup is a latch: after the first success a probe never restarts the pod."""
    lifecycle = Lifecycle()
    ready = readiness(FakeDatabase("0002"), lifecycle)
    assert not ready.started
    await ready.checks()
    lifecycle.start_draining()

    assert await failing(ready) == ["lifecycle: draining"]
    assert ready.started


async def test_changes_are_logged_once() -> None:
    """Not at every probe; degraded is another word than not ready."""
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


async def test_serving_needs_the_database_only_until_the_start() -> None:
    """All replicas share it: if it took one out, it would take all out at once."""
    database = FakeDatabase(psycopg.OperationalError())
    ready = readiness(database)
    assert not all_required_ok(await ready.serving())
    database.answer = "0002"
    assert all_required_ok(await ready.serving())
    database.answer = psycopg.OperationalError()

    assert all_required_ok(await ready.serving())


async def test_not_serving_while_draining_or_in_a_drill() -> None:
    """These concern one replica only."""
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
