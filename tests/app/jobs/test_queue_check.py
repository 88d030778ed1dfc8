"""The queue as the workers report it."""

from typing import cast

import psycopg
import pytest

from app.core.health.readiness import Check, Readiness, all_required_ok
from app.core.lifecycle import Lifecycle
from app.core.postgres.database import Database
from app.jobs.queue_check import queue_check
from tests.support.fake_database import FakeDatabase


async def checked(
    reachable: bool | Exception | None, answer: str | Exception = "0002", has_queue: bool = True
) -> tuple[Check, bool]:
    database = FakeDatabase(answer)
    database.reachable = reachable
    readiness = Readiness(cast(Database, database), Lifecycle(), "0002")
    readiness.add({}, {"queue": queue_check(cast(Database, database), has_queue=has_queue)})
    checks = await readiness.checks()
    return checks["queue"], all_required_ok(checks)


@pytest.mark.parametrize(
    ("reachable", "ok", "detail"),
    [
        (True, True, "reachable"),
        (False, False, "unreachable"),
        (None, False, "unknown: no worker reports"),
        (psycopg.OperationalError(), False, "unknown: no worker reports"),
    ],
)
async def test_the_queue_is_what_the_workers_report_and_is_not_required(
    reachable: bool | Exception | None, ok: bool, detail: str
) -> None:
    """Without it jobs wait in the database: degraded, and ready."""
    assert await checked(reachable) == (Check(ok=ok, detail=detail, required=False), True)


async def test_without_the_database_the_queue_is_unknown() -> None:
    """The workers report there."""
    assert await checked(True, psycopg.OperationalError()) == (
        Check(ok=False, detail="unknown: no worker reports", required=False),
        False,
    )


async def test_a_queue_that_is_not_configured_is_not_missing() -> None:
    """The service then takes no jobs."""
    check, _ = await checked(None, has_queue=False)
    assert check == Check(ok=True, detail="not configured", required=False)
