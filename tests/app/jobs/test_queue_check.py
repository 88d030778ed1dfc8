"""The readiness check of the queue, by the reports of the workers."""

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
async def test_the_check_is_the_report_of_the_workers_and_not_required(
    reachable: bool | Exception | None, ok: bool, detail: str
) -> None:
    """Without the queue, jobs wait in the database, so the service stays ready."""
    assert await checked(reachable) == (Check(ok=ok, detail=detail, required=False), True)


async def test_without_the_database_the_queue_is_unknown() -> None:
    """The reports are in the database."""
    assert await checked(True, psycopg.OperationalError()) == (
        Check(ok=False, detail="unknown: no worker reports", required=False),
        False,
    )


async def test_without_a_configured_queue_the_check_passes() -> None:
    """The service accepts no jobs then."""
    check, _ = await checked(None, has_queue=False)
    assert check == Check(ok=True, detail="not configured", required=False)
