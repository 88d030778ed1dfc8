"""When traffic is welcome."""

from time import monotonic
from typing import cast

import psycopg
import pytest
from psycopg_pool import PoolTimeout

from app.database import Database
from app.lifecycle import Lifecycle
from app.readiness import Readiness


class FakeDatabase:
    """Answers as told."""

    def __init__(self, answer: str | Exception | None) -> None:
        self.answer = answer
        self.answered_at = float("-inf")

    async def migration(self, _timeout: float | None = None) -> str | None:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


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


async def test_not_ready_while_the_database_is_away() -> None:
    """The answer does not tell the reason, which may name hosts and users."""
    ready = readiness(FakeDatabase(psycopg.OperationalError("no route to db-1.internal")))

    assert (await failing(ready))[0] == "database: unreachable"


async def test_a_busy_pool_is_no_missing_database() -> None:
    """If load alone failed the probe, the pods would leave one after the other."""
    database = FakeDatabase("0002")
    ready = readiness(database)
    await ready.checks()
    database.answer = PoolTimeout()

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
