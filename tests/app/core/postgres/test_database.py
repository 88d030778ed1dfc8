"""The pool against a real server that restarts, rotates its password and speaks TLS."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from time import monotonic

import psycopg
import pytest
from psycopg_pool import PoolTimeout, TooManyRequests
from pydantic import SecretStr

from app.core.postgres.database import Database
from app.core.postgres.lease import Lease
from app.core.resilience.breaker import BreakerOpenError
from app.migrations.head import head
from app.settings import Settings, SslMode
from tests.support.database import opened
from tests.support.postgres import PostgresServer, tls_front
from tests.support.service import until


@asynccontextmanager
async def killed(postgres: PostgresServer) -> AsyncIterator[None]:
    """A server that is unavailable for the block, and back after it whatever happens, for the tests that follow."""
    await asyncio.to_thread(postgres.kill)
    try:
        yield
    finally:
        await asyncio.to_thread(postgres.start)


async def one(database: Database, statement: str, within: float | None = None) -> object:
    async with database.connection(within) as connection:
        row = await (await connection.execute(statement)).fetchone()  # type: ignore[arg-type]
    assert row is not None
    return next(iter(row.values()))


async def test_a_dead_connection_is_never_handed_out(settings: Settings, postgres: PostgresServer) -> None:
    """A moment after its last use it is trusted, but not when its end is already there to be read."""
    async with opened(settings) as database:
        pid = await one(database, "SELECT pg_backend_pid()")
        postgres.execute(f"SELECT pg_terminate_backend({pid})")
        await asyncio.to_thread(until, lambda: not backend_lives(postgres, pid))

        assert await one(database, "SELECT pg_backend_pid()") != pid


def backend_lives(postgres: PostgresServer, pid: object) -> bool:
    with psycopg.connect(postgres.url()) as connection:
        return connection.execute("SELECT 1 FROM pg_stat_activity WHERE pid = %s", (pid,)).fetchone() is not None


async def test_it_recovers_when_the_server_was_killed(settings: Settings, postgres: PostgresServer) -> None:
    """In under 5 s after the server is back, with all its connections dead, and without a restart."""
    async with opened(settings) as database:
        await asyncio.gather(*(one(database, "SELECT pg_sleep(0.2)") for _ in range(5)))
        async with killed(postgres):
            with pytest.raises(psycopg.OperationalError):
                await until_it_raises(database, "SELECT 1", within=0.5)
        back = monotonic()

        assert await one(database, "SELECT 1") == 1
        assert monotonic() - back < 5


async def test_a_rotated_password_is_used_by_the_next_connection(
    postgres: PostgresServer, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No restart: the mounted file is read for every connection."""
    postgres.execute("DROP ROLE IF EXISTS rotating")
    postgres.execute("CREATE ROLE rotating LOGIN PASSWORD 'old'")
    (tmp_path / "DB_PASSWORD").write_text("old")
    settings = Settings(
        db_host="127.0.0.1",
        db_port=postgres.port,
        db_name="app",
        db_user="rotating",
        db_password="old",
        db_sslmode=SslMode.DISABLE,
        secrets_dir=tmp_path,
        max_connections=1,
    )
    async with opened(settings) as database:
        pid = await one(database, "SELECT pg_backend_pid()")
        postgres.execute("ALTER ROLE rotating PASSWORD 'new'")
        (tmp_path / "DB_PASSWORD").write_text("new")
        postgres.execute(f"SELECT pg_terminate_backend({pid})")
        await asyncio.to_thread(until, lambda: not backend_lives(postgres, pid))

        assert await one(database, "SELECT current_user") == "rotating"
        assert await one(database, "SELECT pg_backend_pid()") != pid


async def test_required_tls_is_used(postgres: PostgresServer, database_url: str, tmp_path: Path) -> None:
    """A self-signed certificate will do for `require`, as in libpq."""
    async with tls_front(postgres.port, tmp_path) as port:
        url = database_url.replace(str(postgres.port), str(port))
        settings = Settings(database_url=url, db_sslmode=SslMode.REQUIRE)
        async with opened(settings) as database, database.connection() as connection:
            assert connection.pgconn.ssl_in_use


async def test_required_tls_is_never_left_out(database_url: str) -> None:
    """A server without TLS gets no password from us."""
    async with opened(Settings(database_url=database_url, db_sslmode=SslMode.REQUIRE)) as database:
        with pytest.raises(psycopg.OperationalError):
            await one(database, "SELECT 1", within=0.5)


async def test_an_unknown_certificate_is_refused_when_it_shall_be_verified(
    postgres: PostgresServer, database_url: str, tmp_path: Path
) -> None:
    """`verify-full` knows no exception."""
    async with tls_front(postgres.port, tmp_path) as port:
        url = database_url.replace(str(postgres.port), str(port)) + "?sslrootcert=system"
        async with opened(Settings(database_url=url, db_sslmode=SslMode.VERIFY_FULL)) as database:
            with pytest.raises(psycopg.OperationalError):
                await one(database, "SELECT 1", within=0.5)


async def test_a_statement_that_takes_too_long_frees_its_connection(settings: Settings) -> None:
    """The server ends it; the time is shortened here for the test's sake."""
    async with opened(settings) as database, database.connection() as connection:
        limit = await (await connection.execute("SHOW statement_timeout")).fetchone()
        await connection.execute("SET statement_timeout = '50ms'")
        with pytest.raises(psycopg.errors.QueryCanceled):
            await connection.execute("SELECT pg_sleep(5)")

    assert limit == {"statement_timeout": "5s"}


def hasty(settings: Settings, **changes: object) -> Settings:
    """With a breaker that opens by the first failure."""
    return settings.model_copy(update={"breaker_failure_threshold": 1, **changes})


async def test_an_open_breaker_refuses_immediately_and_a_probe_closes_it(
    settings: Settings, postgres: PostgresServer
) -> None:
    """The probe looks past it, so that a server that is back is used before the breaker's own time is over."""
    async with opened(hasty(settings, breaker_recovery_seconds=600)) as database:
        assert await one(database, "SELECT 1") == 1
        async with killed(postgres):
            with pytest.raises(psycopg.OperationalError):
                await until_it_raises(database, "SELECT 1", within=0.5)
            assert database.breaker.state == "open"
            with pytest.raises(BreakerOpenError):
                await one(database, "SELECT 1")
            with pytest.raises(psycopg.OperationalError):
                await database.migration(0.3)

        assert await database.migration(20) == head()
        assert database.breaker.state == "closed"
        assert await one(database, "SELECT 1") == 1


async def test_an_answer_is_no_outage_whatever_it_says(settings: Settings) -> None:
    """Faults in the request, and what the application raises itself, leave the breaker closed."""
    async with opened(hasty(settings)) as database, database.transaction() as holder:
        await holder.execute("LOCK TABLE items")
        for statement in ("SELECT 1/0", "SELECT * FROM nowhere", "LOCK TABLE items NOWAIT"):
            with pytest.raises(psycopg.Error):
                await in_transaction(database, statement)
        with pytest.raises(LookupError):
            async with database.connection():
                raise LookupError

        assert database.breaker.describe()["failures"] == 0


async def in_transaction(database: Database, statement: str) -> None:
    async with database.transaction() as connection:
        await connection.execute(statement)  # type: ignore[arg-type]


async def test_an_overload_is_no_outage(settings: Settings) -> None:
    """Too many wait, or one waits without success while others get answers: the breaker stays closed."""
    async with opened(hasty(settings, max_connections=1)) as database:
        for _ in range(8):
            await one(database, "SELECT pg_sleep(0.25)")
        async with database.connection() as lent:
            # As far as those before tell, each takes 0.1 s: the sixth or so would wait for more than MAX_WAIT_SECONDS.
            calls = [asyncio.create_task(one(database, "SELECT 1")) for _ in range(20)]
            await asyncio.to_thread(until, lambda: any(call.done() for call in calls))
            refused = [call for call in calls if call.done()]
            assert all(isinstance(call.exception(), TooManyRequests) for call in refused)
            await lent.execute("SELECT 1")
        served = await asyncio.gather(*(call for call in calls if call not in refused))
        assert 1 <= len(served) <= 10
        async with database.connection():
            in_vain = asyncio.create_task(one(database, "SELECT 1", within=0.3))
            await asyncio.to_thread(until, lambda: database.pool_stats().get("requests_waiting") == 1)
            database.answered_at = monotonic()
            with pytest.raises(PoolTimeout):
                await in_vain
            assert database.breaker.describe()["opened_count"] == 0


async def test_it_recovers_although_more_gave_up_than_may_wait(
    settings: Settings, postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pool has long ceased to try when the server is back; the next request makes it try again."""
    monkeypatch.setattr("app.core.postgres.database.RECONNECT_SECONDS", 0.2)
    patient = settings.model_copy(update={"max_connections": 1, "breaker_failure_threshold": 1000})
    async with opened(patient) as database:
        await one(database, "SELECT 1")
        async with killed(postgres):
            for _ in range(3):
                calls = [one(database, "SELECT 1", within=0.5) for _ in range(10)]
                outcomes = await asyncio.gather(*calls, return_exceptions=True)
                assert all(isinstance(outcome, psycopg.OperationalError) for outcome in outcomes)
            await asyncio.to_thread(until, lambda: database.pool_stats()["pool_size"] == 0)

        assert await one(database, "SELECT 1") == 1


async def test_a_probing_call_that_says_nothing_leaves_the_breaker_half_open(settings: Settings) -> None:
    """Overloaded, cancelled or failed for a reason of its own: the next call probes."""
    async with opened(hasty(settings, breaker_recovery_seconds=0.01, max_connections=1)) as database:
        await one(database, "SELECT 1")
        database.breaker.failed()
        await asyncio.to_thread(until, lambda: database.breaker.describe()["retry_after_seconds"] == 0)
        with pytest.raises(LookupError):
            async with database.connection():
                raise LookupError
        assert database.breaker.state == "half-open"
        with pytest.raises(asyncio.CancelledError):
            async with database.connection():
                raise asyncio.CancelledError
        assert database.breaker.state == "half-open"
        async with Lease(database, None, guarded=False):
            asker = asyncio.create_task(one(database, "SELECT 1", within=0.3))
            await asyncio.to_thread(until, lambda: database.pool_stats().get("requests_waiting") == 1)
            database.answered_at = monotonic()
            with pytest.raises(PoolTimeout):
                await asker
        assert database.breaker.state == "half-open"
        assert await one(database, "SELECT 1") == 1

        assert database.breaker.state == "closed"


async def test_a_statement_cancelled_after_its_time_is_an_outage(settings: Settings) -> None:
    """The server should have ended it: the way to it swallows everything, which no error would ever tell."""
    async with opened(hasty(settings)) as database:
        database.statement_seconds = 0.05
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await one(database, "SELECT pg_sleep(20)")

        assert database.breaker.state == "open"


async def test_a_demoted_primary_is_left(settings: Settings, postgres: PostgresServer) -> None:
    """Its connections are dropped by the first write, and made again once there is a primary."""
    async with opened(settings) as database:
        await asyncio.gather(*(one(database, "SELECT pg_sleep(0.2)") for _ in range(3)))
        postgres.execute("ALTER SYSTEM SET default_transaction_read_only = on")
        try:
            before = await one(database, "SELECT pg_backend_pid()")
            postgres.execute("SELECT pg_reload_conf()")
            await asyncio.to_thread(until, lambda: is_read_only(postgres))
            with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
                await until_it_raises(database, "UPDATE items SET name = name")
            await asyncio.wait_for(database._drain or asyncio.sleep(0), 20)
            with pytest.raises(psycopg.OperationalError):
                await one(database, "SELECT 1", within=0.5)
        finally:
            writable = "SET default_transaction_read_only = off; ALTER SYSTEM RESET default_transaction_read_only"
            for statement in writable.split("; "):
                execute_writable(postgres, statement)
            postgres.execute("SELECT pg_reload_conf()")
        await asyncio.to_thread(until, lambda: not is_read_only(postgres))

        assert await one(database, "SELECT pg_backend_pid()", within=20) != before
        await execute(database, "UPDATE items SET name = name")


def is_read_only(postgres: PostgresServer) -> bool:
    with psycopg.connect(postgres.url()) as connection:
        return connection.execute("SHOW default_transaction_read_only").fetchone() == ("on",)


def execute_writable(postgres: PostgresServer, statement: str) -> None:
    with psycopg.connect(postgres.url(), autocommit=True, options="-c default_transaction_read_only=off") as connection:
        connection.execute(statement)  # type: ignore[call-overload]


async def execute(database: Database, statement: str, within: float | None = None) -> None:
    async with database.connection(within) as connection:
        await connection.execute(statement)  # type: ignore[arg-type]


async def until_it_raises(database: Database, statement: str, within: float | None = None) -> None:
    """The backends hear of a new configuration, and of their server's death, one after the other."""
    async with asyncio.timeout(20):
        while True:
            await execute(database, statement, within)


async def test_a_wrong_password_heals_when_the_file_is_right(
    postgres: PostgresServer, database_url: str, tmp_path: Path
) -> None:
    """A rotation reaches the server before the file: until then there is an outage, and no restart is needed."""
    postgres.execute("DROP ROLE IF EXISTS late")
    postgres.execute("CREATE ROLE late LOGIN PASSWORD 'old'")
    (tmp_path / "DB_PASSWORD").write_text("old")
    settings = Settings(
        db_host="127.0.0.1",
        db_port=postgres.port,
        db_name="app",
        db_user="late",
        db_sslmode=SslMode.DISABLE,
        secrets_dir=tmp_path,
        breaker_failure_threshold=1,
        breaker_recovery_seconds=0.1,
        max_connections=1,
    )
    async with opened(settings) as database:
        pid = await one(database, "SELECT pg_backend_pid()")
        postgres.execute("ALTER ROLE late PASSWORD 'new'")
        postgres.execute(f"SELECT pg_terminate_backend({pid})")
        await asyncio.to_thread(until, lambda: not backend_lives(postgres, pid))
        with pytest.raises(psycopg.OperationalError):
            await one(database, "SELECT 1", within=0.5)
        assert database.breaker.state == "open"
        (tmp_path / "DB_PASSWORD").write_text("new")

        assert await answer_after_all(database) == "late"


async def answer_after_all(database: Database) -> object:
    async with asyncio.timeout(30):
        while True:
            try:
                return await one(database, "SELECT current_user")
            except (psycopg.OperationalError, BreakerOpenError):
                await asyncio.sleep(0.05)


async def test_a_read_is_retried_if_its_connection_breaks(settings: Settings, postgres: PostgresServer) -> None:
    """Once, on another connection; the caller sees nothing of it."""
    async with opened(settings.model_copy(update={"max_connections": 1})) as database:
        pid = await one(database, "SELECT pg_backend_pid()")
        reading = asyncio.create_task(
            database.read(
                b"SELECT pg_backend_pid() AS pid, pg_sleep(CASE WHEN pg_backend_pid() = %(pid)s THEN 30 ELSE 0 END)",
                {"pid": pid},
            )
        )
        await asyncio.to_thread(until, lambda: sleeps(postgres, pid))
        postgres.execute(f"SELECT pg_terminate_backend({pid})")

        rows = await reading
        assert rows[0]["pid"] != pid


def sleeps(postgres: PostgresServer, pid: object) -> bool:
    with psycopg.connect(postgres.url()) as connection:
        statement = "SELECT 1 FROM pg_stat_activity WHERE pid = %s AND wait_event = 'PgSleep'"
        return connection.execute(statement, (pid,)).fetchone() is not None


async def test_a_read_that_times_out_is_not_retried(settings: Settings) -> None:
    """Neither is one that found no connection: both would take twice the time."""
    async with opened(settings.model_copy(update={"request_timeout_seconds": 0.4})) as database:
        started = monotonic()
        with pytest.raises(psycopg.errors.QueryCanceled):
            await database.read(b"SELECT pg_sleep(20)")

        assert monotonic() - started < 15
        assert database.breaker.describe()["failures"] == 1


async def test_a_database_without_migrations_is_at_none_and_yet_answers(
    settings: Settings, empty_database_url: str
) -> None:
    """The probe closes the breaker all the same: the server is there."""
    async with opened(settings.model_copy(update={"database_url": SecretStr(empty_database_url)})) as database:
        database.breaker.failed()

        assert await database.migration(20) is None
        assert database.breaker.describe()["failures"] == 0
