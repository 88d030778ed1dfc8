"""Records of requests on a real PostgreSQL: none is lost or counted twice."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from time import thread_time, time
from typing import Any

import psycopg
import pytest

from app.core.postgres.connection import Connection
from app.core.postgres.database import Database
from app.core.resilience.breaker import Breakers
from app.settings import Settings
from app.sre import records
from app.sre.buckets import place
from app.sre.records import Recorder
from app.sre.report import ProcessReport

MINUTE = time() // 60 * 60
YEARS_AGO = 1_700_000_040.0


class Unreliable:
    """A database that can be unavailable or lose the answer to a commit."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.unavailable = False
        self.loses_answer = False

    @asynccontextmanager
    async def connection(self, timeout: float | None = None) -> AsyncIterator[Connection]:  # noqa: ASYNC109
        if self.unavailable:
            raise psycopg.OperationalError("unavailable")
        async with self._database.connection(timeout) as connection:
            yield connection
        if self.loses_answer:
            raise psycopg.OperationalError("the answer got lost")


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = MINUTE

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def unreliable(database: Database) -> Unreliable:
    return Unreliable(database)


@pytest.fixture
def make(unreliable: Unreliable, breakers: Breakers, clock: Clock) -> Callable[[], Recorder]:
    def recorder() -> Recorder:
        report = ProcessReport("serve", breakers, lambda: {}, requests=lambda: 0)
        return Recorder(unreliable, report, clock=clock)  # type: ignore[arg-type]

    return recorder


async def rows(database: Database, table: str = "request_minutes ORDER BY minute") -> list[dict[str, Any]]:
    async with database.connection() as connection:
        return await (await connection.execute(f"SELECT * FROM {table}".encode())).fetchall()


async def test_a_minute_has_all_recorded_values(database: Database, make: Callable[[], Recorder]) -> None:
    """Every column is checked."""
    recorder = make()
    recorder.record(200, 0.15, True, False)
    recorder.record(200, 0.3, True, True)
    recorder.record(503, 0.7, False, False)
    recorder.record(429, 0.001, False, False)
    recorder.record(499, 0.001, False, False)
    await recorder.flush()

    (row,) = await rows(database)
    assert row.pop("minute").timestamp() == MINUTE
    counts = row.pop("latency_counts")
    assert row.pop("seconds") == pytest.approx(1.152)
    assert row == {
        "requests": 5,
        "server_errors": 1,
        "refused": 1,
        "within_200ms": 3,
        "within_500ms": 4,
        "reads": 2,
        "stale_reads": 1,
    }
    assert counts[0] == 2
    assert [counts[place(seconds)] for seconds in (0.15, 0.3, 0.7)] == [1, 1, 1]
    assert recorder.recorded == 5


async def test_flushes_of_replicas_are_added(database: Database, make: Callable[[], Recorder], clock: Clock) -> None:
    """Concurrent flushes over two minutes."""
    replicas = [make() for _ in range(4)]
    for minute in range(2):
        clock.now = MINUTE + 60 * minute
        for _ in range(3):
            for replica in replicas:
                replica.record(200, 0.01, True, False)
            await asyncio.gather(*(replica.flush() for replica in replicas))

    found = await rows(database)
    assert [row["requests"] for row in found] == [12, 12]
    assert [sum(row["latency_counts"]) for row in found] == [12, 12]
    assert [row["seconds"] for row in found] == pytest.approx([0.12, 0.12])


async def test_a_lost_answer_does_not_count_requests_twice(
    database: Database, make: Callable[[], Recorder], unreliable: Unreliable
) -> None:
    """The committed batch is sent again without effect; later requests are saved after it."""
    recorder = make()
    recorder.record(200, 0.01, True, False)
    unreliable.loses_answer = True
    for _ in range(2):
        with pytest.raises(psycopg.OperationalError):
            await recorder.flush()
    recorder.record(200, 0.01, True, False)
    assert sum(minute.counts().requests for minute in recorder.unsaved()) == 2
    unreliable.loses_answer = False
    await recorder.flush()

    assert [row["requests"] for row in await rows(database)] == [2]
    assert recorder.unsaved() == []


async def test_no_record_is_lost_during_an_outage_of_the_database(
    database: Database, make: Callable[[], Recorder], unreliable: Unreliable
) -> None:
    """Requests recorded between failed flushes are saved afterwards."""
    recorder = make()
    unreliable.unavailable = True
    for _ in range(3):
        recorder.record(503, 0.01, False, False)
        with pytest.raises(psycopg.OperationalError):
            await recorder.flush()
    unreliable.unavailable = False
    await recorder.flush()

    assert [row["server_errors"] for row in await rows(database)] == [3]


async def test_the_number_of_unsaved_minutes_is_bounded(
    database: Database, make: Callable[[], Recorder], clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The oldest minutes are merged into one, so the sums stay correct."""
    monkeypatch.setattr(records, "MAX_MINUTES", 3)
    recorder = make()
    for minute in range(10):
        clock.now = MINUTE + 60 * minute
        recorder.record(500, 0.01, True, False)
        recorder.record(200, 0.3, True, True)

    assert len(recorder.unsaved()) == 3
    await recorder.flush()
    found = await rows(database)
    assert [row["requests"] for row in found] == [16, 2, 2]
    assert [row["stale_reads"] for row in found] == [8, 1, 1]
    assert [row["server_errors"] for row in found] == [8, 1, 1]


async def test_a_flush_updates_the_report_of_the_instance(database: Database, make: Callable[[], Recorder]) -> None:
    """Also without requests, so a replica without reports has ended. An instance has one row."""
    recorder = make()
    await recorder.flush()
    await recorder.flush()

    (row,) = await rows(database, "instances")
    assert (row["instance"], row["role"], row["sequence"]) == (recorder.instance, "serve", 2)
    assert row["report"]["rss_mb"] > 1
    assert row["report"]["breakers"][0]["name"] == "database"
    assert await rows(database) == []


async def test_close_saves_records_and_removes_the_instance(
    database: Database, make: Callable[[], Recorder], unreliable: Unreliable
) -> None:
    """It raises no error if the database is unavailable."""
    gone, cut_off = make(), make()
    gone.record(200, 0.01, True, False)
    await gone.close()
    unreliable.unavailable = True
    cut_off.record(200, 0.01, True, False)
    await cut_off.close()

    assert await rows(database, "instances") == []
    assert [row["requests"] for row in await rows(database)] == [1]


async def test_old_rows_are_deleted_once_a_minute(
    database: Database, make: Callable[[], Recorder], clock: Clock
) -> None:
    """Minutes older than 31 days and instances older than a day. A second flush in the minute deletes nothing."""
    old = b"INSERT INTO instances (instance, role, seen_at) VALUES ('old', 'serve', now() - interval '2 days')"
    async with database.connection() as connection:
        await connection.execute(old)
    clock.now = YEARS_AGO
    recorder = make()
    recorder.record(200, 0.01, True, False)
    await recorder.flush()
    assert await rows(database) == []
    assert [row["instance"] for row in await rows(database, "instances")] == [recorder.instance]

    recorder.record(200, 0.01, True, False)
    await recorder.flush()
    assert len(await rows(database)) == 1


async def test_the_loop_continues_after_an_outage_and_an_unexpected_error(
    database: Database,
    make: Callable[[], Recorder],
    unreliable: Unreliable,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Each of them is logged once."""
    monkeypatch.setattr(records, "FLUSH_SECONDS", 0.01)
    recorder = make()
    recorder.record(200, 0.01, True, False)
    unreliable.unavailable = True
    out = Output(capsys)
    monkeypatch.setattr(recorder, "report", raising_once(recorder.report))
    task = asyncio.create_task(recorder.run())
    await until(lambda: "not saved" in out.read())
    unreliable.unavailable = False
    await until(lambda: "saved again" in out.read())
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

    assert [row["requests"] for row in await rows(database)] == [1]
    assert out.read().count("records not saved") == 2


class Output:
    """Collects the output of the process."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys
        self._text = ""

    def read(self) -> str:
        self._text += self._capsys.readouterr().out
        return self._text


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110 (of things that no event tells)
            await asyncio.sleep(0.01)


def raising_once(report: ProcessReport) -> Callable[[], dict[str, Any]]:
    calls = iter([True])

    def call() -> dict[str, Any]:
        if next(calls, False):
            raise RuntimeError("unexpected")
        return report()

    return call


async def test_recording_a_request_takes_under_20_us_of_cpu_time(
    settings: Settings, make: Callable[[], Recorder]
) -> None:
    """The target is 2 us. CPU time is measured, which hardly depends on other processes."""
    recorder = make()
    start = thread_time()
    for _ in range(20_000):
        recorder.record(200, 0.01, True, False)

    assert (thread_time() - start) / 20_000 < 20e-6
