"""Figures from a real PostgreSQL, and without it."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.core.postgres.database import Database
from app.core.resilience.breaker import Breakers
from app.settings import Settings
from app.sre import cache
from app.sre.cache import FigureCache, with_unsaved
from app.sre.counts import WINDOWS, Counts
from app.sre.figures import Figures, fill_hours, fill_minutes, load
from app.sre.minutes import Minute
from app.sre.rates import rates
from app.sre.records import Recorder
from app.sre.report import ProcessReport
from tests.support.ports import free_port

NOW = datetime(2026, 3, 1, 12, 30, 15, tzinfo=UTC)


async def record(database: Database, breakers: Breakers, ago: timedelta, count: int, seconds: float = 0.01) -> None:
    """Save requests of a past minute as a process that ends afterwards."""
    then = (datetime.now(UTC) - ago).timestamp()
    recorder = Recorder(database, ProcessReport("serve", breakers, lambda: {}, requests=lambda: 0), clock=lambda: then)
    for _ in range(count):
        recorder.record(200, seconds, True, False)
    await recorder.close()


async def execute(database: Database, statement: bytes) -> None:
    async with database.connection() as connection:
        await connection.execute(statement)


async def test_windows_count_the_minutes_within_them(database: Database, breakers: Breakers) -> None:
    """Each minute counts in all windows that include it."""
    for ago, count in ((0, 1), (20, 2), (90, 4), (60 * 5, 8), (60 * 20, 16), (60 * 24 * 20, 32)):
        await record(database, breakers, timedelta(minutes=ago), count)
    async with database.connection() as connection:
        figures = await load(connection)

    assert {name: counts.requests for name, counts in figures.windows.items()} == {
        "5m": 1, "30m": 3, "1h": 3, "2h": 7, "6h": 15, "1d": 31, "3d": 31, "30d": 63,
    }  # fmt: skip
    assert {name: sum(counts) for name, counts in figures.latency.items()} == {"5m": 1, "1h": 3, "1d": 31}
    assert sum(point.requests for point in figures.series) in (2, 3)  # the current minute may have ended
    assert len(figures.hourly_rps) in (480, 481)
    assert figures.peak_rps == pytest.approx(16 / 60)


async def test_loads_jobs_outbox_and_instances(database: Database) -> None:
    """Instances without a report for a minute are not listed."""
    await execute(
        database,
        b"""
        INSERT INTO jobs (kind, payload, state, finished_at) VALUES
            ('x', '{}', 'succeeded', now() - interval '2 minutes'), ('x', '{}', 'dead', now() - interval '20 minutes'),
            ('x', '{}', 'dead', now() - interval '2 days')
    """,
    )
    await execute(
        database,
        b"""
        WITH job AS (INSERT INTO jobs (kind, payload, updated_at) VALUES ('x', '{}', now() - interval '9 minutes')
            RETURNING id)
        INSERT INTO outbox (job_id, created_at) SELECT id, now() - interval '6 minutes' FROM job
    """,
    )
    await execute(
        database,
        b"""
        INSERT INTO instances (instance, role, report, seen_at) VALUES ('a', 'worker', '{"cpu": 0.5}', now()),
            ('odd', 'serve', '[]', now()), ('gone', 'serve', '{}', now() - interval '61 seconds')
    """,
    )
    async with database.connection() as connection:
        figures = await load(connection)

    jobs = {name: (counts.jobs_succeeded, counts.jobs_dead) for name, counts in figures.windows.items()}
    assert (jobs["5m"], jobs["1h"], jobs["3d"]) == ((1, 0), (1, 1), (1, 2))
    backlog = figures.backlog
    assert (backlog.unfinished, backlog.outbox, backlog.dead_last_hour) == (1, 1, 1)
    assert 360 <= backlog.oldest_outbox_seconds < 500
    assert 540 <= backlog.oldest_unfinished_seconds < 700
    assert [(instance.name, instance.report) for instance in figures.instances] == [("odd", {}), ("a", {"cpu": 0.5})]


def test_minutes_and_hours_without_requests_are_zero() -> None:
    """The current minute and hour are left out."""
    hour = NOW.replace(minute=0, second=0)
    row = {"minute": NOW.replace(second=0) - timedelta(minutes=2), "requests": 6, "server_errors": 0, "refused": 0}
    points = fill_minutes([{**row, "latency_counts": [6]}], NOW)

    assert [point.requests for point in points[-3:]] == [0, 6, 0]
    assert (len(points), points[-1].minute) == (60, NOW.replace(minute=29, second=0))
    assert fill_hours({hour - timedelta(hours=3): 2.0, hour - timedelta(hours=1): 4.0}, NOW) == [2.0, 0.0, 4.0]
    assert fill_hours({}, NOW) == []


def test_rates_are_per_covered_time() -> None:
    """The window of 5 minutes covers four whole minutes and the current one so far."""
    counts = Counts(requests=255, server_errors=51, refused=5, seconds=2.55)
    found = rates({"5m": counts}, {"5m": [0, 255]}, NOW)

    assert found["5m"]["requests_per_second"] == 1
    assert (found["5m"]["error_rate"], found["5m"]["mean_ms"]) == (0.2, 10)
    assert 1 < found["5m"]["p50_ms"] < 2.5
    assert found["1h"]["p95_ms"] is None
    assert found["1h"]["error_rate"] == 0


class Time:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


async def test_concurrent_callers_share_one_query(
    database: Database, breakers: Breakers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The figures are read again after FRESH_SECONDS."""
    reads: list[Any] = []

    async def counted(connection: Any) -> Figures:
        reads.append(connection)
        return await load(connection)

    monkeypatch.setattr(cache, "load", counted)
    time = Time()
    figures = FigureCache(database, list, time)
    await asyncio.gather(*(figures.get() for _ in range(20)))
    assert len(reads) == 1

    time.now = cache.FRESH_SECONDS
    await figures.get()
    assert len(reads) == 2


async def test_figures_are_available_during_an_outage_of_the_database(
    database: Database, breakers: Breakers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Marked as degraded, with the unsaved counts of this process; afterwards they are fresh again."""
    await record(database, breakers, timedelta(), 3)
    time, unsaved = Time(), Minute(int(datetime.now(UTC).timestamp()) // 60)
    unsaved.record(503, 0.01, True, False)
    figures = FigureCache(database, lambda: [unsaved], time)
    first, degraded = await figures.get()
    assert (first.windows["1h"].requests, degraded) == (3, False)

    for _ in range(5):
        database.breaker.failed()
    for time.now in (10.0, 20.0):
        known, degraded = await figures.get()
        assert (known.windows["1h"].requests, known.windows["1h"].server_errors, degraded) == (4, 1, True)
        assert known.as_of == first.as_of

    database.breaker.succeeded()
    time.now = 30.0
    assert (await figures.get())[1] is False


async def test_figures_are_empty_if_the_database_was_never_available(settings: Settings) -> None:
    """They are marked as degraded."""
    unavailable = Database(Settings(database_url=f"postgresql://nobody@127.0.0.1:{free_port()}/none"))
    await unavailable.open()
    figures, degraded = await FigureCache(unavailable, list).get()
    await unavailable.close()

    assert (figures.as_of, degraded) == (None, True)


def test_unsaved_minutes_count_in_their_windows() -> None:
    """A minute of two hours ago does not count in a window of an hour."""
    minute = Minute(0)
    minute.record(200, 0.01, True, False)
    figures = with_unsaved(Figures(), [minute], 2 * 3600 + 60)

    assert [name for name in WINDOWS if name in figures.windows] == ["6h", "1d", "3d", "30d"]
    assert sum(figures.latency["1d"]) == 1
    assert "1h" not in figures.latency
