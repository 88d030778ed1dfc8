"""The pool on a real server that restarts, rotates its password and uses TLS."""

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
    """Kill the server for the block, and always start it again for the following tests."""
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


async def test_a_closed_connection_is_not_handed_out(settings: Settings, postgres: PostgresServer) -> None:
    """A recently used connection is not checked by a query, but its closed socket is noticed."""
    async with opened(settings) as database:
        pid = await one(database, "SELECT pg_backend_pid()")
        postgres.execute(f"SELECT pg_terminate_backend({pid})")
        await asyncio.to_thread(until, lambda: not backend_lives(postgres, pid))

        assert await one(database, "SELECT pg_backend_pid()") != pid


def backend_lives(postgres: PostgresServer, pid: object) -> bool:
    with psycopg.connect(postgres.url()) as connection:
        return connection.execute("SELECT 1 FROM pg_stat_activity WHERE pid = %s", (pid,)).fetchone() is not None


async def test_recovers_after_the_server_was_killed(settings: Settings, postgres: PostgresServer) -> None:
    """Within 5 s of the restart of the server, although all connections of the pool are closed."""
    async with opened(settings) as database:
        await asyncio.gather(*(one(database, "SELECT pg_sleep(0.2)") for _ in range(5)))
        async with killed(postgres):
            with pytest.raises(psycopg.OperationalError):
                await until_it_raises(database, "SELECT 1", within=0.5)
        back = monotonic()

        assert await one(database, "SELECT 1") == 1
        assert monotonic() - back < 5


async def test_the_next_connection_uses_a_rotated_password(
    postgres: PostgresServer, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mounted file is read for every connection."""
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


async def test_sslmode_require_uses_tls(postgres: PostgresServer, database_url: str, tmp_path: Path) -> None:
    """`require` accepts a self-signed certificate, as libpq does."""
    async with tls_front(postgres.port, tmp_path) as port:
        url = database_url.replace(str(postgres.port), str(port))
        settings = Settings(database_url=url, db_sslmode=SslMode.REQUIRE)
        async with opened(settings) as database, database.connection() as connection:
            assert connection.pgconn.ssl_in_use


async def test_sslmode_require_refuses_a_server_without_tls(database_url: str) -> None:
    """So it is not sent a password."""
    async with opened(Settings(database_url=database_url, db_sslmode=SslMode.REQUIRE)) as database:
        with pytest.raises(psycopg.OperationalError):
            await one(database, "SELECT 1", within=0.5)


async def test_sslmode_verify_full_refuses_an_unknown_certificate(
    postgres: PostgresServer, database_url: str, tmp_path: Path
) -> None:
    """The server has a self-signed certificate."""
    async with tls_front(postgres.port, tmp_path) as port:
        url = database_url.replace(str(postgres.port), str(port)) + "?sslrootcert=system"
        async with opened(Settings(database_url=url, db_sslmode=SslMode.VERIFY_FULL)) as database:
            with pytest.raises(psycopg.OperationalError):
                await one(database, "SELECT 1", within=0.5)


async def test_a_statement_that_takes_too_long_frees_its_connection(settings: Settings) -> None:
    """The server cancels it. The limit is 5 s, shortened here to 50 ms."""
    async with opened(settings) as database, database.connection() as connection:
        limit = await (await connection.execute("SHOW statement_timeout")).fetchone()
        await connection.execute("SET statement_timeout = '50ms'")
        with pytest.raises(psycopg.errors.QueryCanceled):
            await connection.execute("SELECT pg_sleep(5)")

    assert limit == {"statement_timeout": "5s"}


def hasty(settings: Settings, **changes: object) -> Settings:
    """Return the settings with a breaker that opens on the first failure."""
    return settings.model_copy(update={"breaker_failure_threshold": 1, **changes})


async def test_an_open_breaker_refuses_immediately_and_a_probe_closes_it(
    settings: Settings, postgres: PostgresServer
) -> None:
    """The probe ignores the breaker, so a restarted server is used before the recovery time of the breaker is over."""
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


async def test_errors_of_statements_and_of_the_application_are_not_outages(settings: Settings) -> None:
    """The breaker counts no failure."""
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


async def test_an_overload_is_not_an_outage(settings: Settings) -> None:
    """Too many calls wait, or a call gets no connection while others get answers: the breaker stays closed."""
    async with opened(hasty(settings, max_connections=1)) as database:
        for _ in range(8):
            await one(database, "SELECT pg_sleep(0.25)")
        async with database.connection() as lent:
            # By the moving average each call takes 0.1 s: about the sixth would wait longer than MAX_WAIT_SECONDS.
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


async def test_recovers_after_many_waiting_calls_timed_out(
    settings: Settings, postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pool has given up reconnecting when the server is back; the next call makes it reconnect."""
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


async def test_a_probing_call_without_a_result_leaves_the_breaker_half_open(settings: Settings) -> None:
    """It was cancelled, got no connection because of load, or raised an error of its own; the next call probes."""
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


async def test_a_statement_cancelled_after_its_timeout_is_an_outage(settings: Settings) -> None:
    """The server should have ended it before, so packets to the server are lost, which causes no error."""
    async with opened(hasty(settings)) as database:
        database.statement_seconds = 0.05
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await one(database, "SELECT pg_sleep(20)")

        assert database.breaker.state == "open"


async def test_connections_to_a_demoted_primary_are_dropped(settings: Settings, postgres: PostgresServer) -> None:
    """The first failed write drops them; new ones are opened once the server is writable."""
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
    """Repeat the statement until it raises: the backends notice a change of their server one after the other."""
    async with asyncio.timeout(20):
        while True:
            await execute(database, statement, within)


async def test_recovers_from_a_wrong_password_once_the_file_is_updated(
    postgres: PostgresServer, database_url: str, tmp_path: Path
) -> None:
    """The server rotates its password before the file. Until then there is an outage; no restart is needed."""
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
    """It is retried once, on another connection, without an error for the caller."""
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


@pytest.fixture
def unnoticed_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a connection end between its checkout and its first statement, so that the checkout does not notice it."""
    monkeypatch.setattr("app.core.postgres.database._readable", lambda _descriptor: False)
    monkeypatch.setattr("app.core.postgres.database.TRUSTED_IDLE_SECONDS", 60.0)


@pytest.mark.usefixtures("unnoticed_end")
async def test_a_transaction_begins_on_another_connection_if_its_own_broke(
    settings: Settings, postgres: PostgresServer
) -> None:
    """Without an error for the caller, because no statement of the transaction was sent."""
    async with opened(settings.model_copy(update={"max_connections": 1})) as database:
        pid = await one(database, "SELECT pg_backend_pid()")
        postgres.execute(f"SELECT pg_terminate_backend({pid})")
        await asyncio.to_thread(until, lambda: not backend_lives(postgres, pid))

        async with database.transaction() as connection:
            row = await (await connection.execute(b"SELECT pg_backend_pid() AS pid")).fetchone()

        assert row is not None
        assert row["pid"] != pid
        assert database.pool_stats()["pool_available"] == database.pool_stats()["pool_size"]


async def test_a_transaction_that_breaks_after_it_began_is_not_retried(
    settings: Settings, postgres: PostgresServer
) -> None:
    """The caller may have sent statements; only the caller knows whether they may be repeated."""
    begun = []

    async def break_off(database: Database) -> None:
        async with database.transaction() as connection:
            begun.append(connection.info.backend_pid)
            postgres.execute(f"SELECT pg_terminate_backend({begun[-1]})")
            await connection.execute(b"SELECT 1")

    async with opened(settings) as database:
        with pytest.raises(psycopg.OperationalError):
            await break_off(database)

        assert len(begun) == 1
        assert await one(database, "SELECT 1") == 1


def sleeps(postgres: PostgresServer, pid: object) -> bool:
    with psycopg.connect(postgres.url()) as connection:
        statement = "SELECT 1 FROM pg_stat_activity WHERE pid = %s AND wait_event = 'PgSleep'"
        return connection.execute(statement, (pid,)).fetchone() is not None


async def test_a_read_that_times_out_is_not_retried(settings: Settings) -> None:
    """It would take twice the time."""
    async with opened(settings.model_copy(update={"request_timeout_seconds": 0.4})) as database:
        started = monotonic()
        with pytest.raises(psycopg.errors.QueryCanceled):
            await database.read(b"SELECT pg_sleep(20)")

        assert monotonic() - started < 15
        assert database.breaker.describe()["failures"] == 1


async def test_a_database_without_migrations_has_no_revision_and_is_no_outage(
    settings: Settings, empty_database_url: str
) -> None:
    """The probe resets the failures of the breaker, because the server answered."""
    async with opened(settings.model_copy(update={"database_url": SecretStr(empty_database_url)})) as database:
        database.breaker.failed()

        assert await database.migration(20) is None
        assert database.breaker.describe()["failures"] == 0
