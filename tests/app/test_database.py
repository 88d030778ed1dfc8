"""The pool against a real server that restarts, rotates its password and speaks TLS."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from time import monotonic

import psycopg
import pytest

from app.database import Database
from app.settings import Settings, SslMode
from tests.support.postgres import PostgresServer, tls_front
from tests.support.service import until


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Database]:
    database = Database(settings)
    await database.open()
    try:
        yield database
    finally:
        await database.close()


async def one(database: Database, statement: str, within: float | None = None) -> object:
    async with database.connection(within) as connection:
        row = await (await connection.execute(statement)).fetchone()  # type: ignore[arg-type]
    assert row is not None
    return next(iter(row.values()))


async def test_a_dead_connection_is_never_handed_out(settings: Settings, postgres: PostgresServer) -> None:
    """A moment after its last use it is trusted, but not when its end is already there to be read."""
    async with opened(settings) as database:
        pid = await one(database, "SELECT pg_backend_pid()")
        postgres.execute(f"SELECT pg_terminate_backend({pid}, 10000)")
        await asyncio.to_thread(until, lambda: not backend_lives(postgres, pid))

        assert await one(database, "SELECT pg_backend_pid()") != pid


def backend_lives(postgres: PostgresServer, pid: object) -> bool:
    with psycopg.connect(postgres.url()) as connection:
        return connection.execute("SELECT 1 FROM pg_stat_activity WHERE pid = %s", (pid,)).fetchone() is not None


async def test_it_recovers_when_the_server_was_killed(settings: Settings, postgres: PostgresServer) -> None:
    """In under 5 s after the server is back, with all its connections dead, and without a restart."""
    async with opened(settings) as database:
        await asyncio.gather(*(one(database, "SELECT pg_sleep(0.2)") for _ in range(5)))
        await asyncio.to_thread(postgres.kill)
        with pytest.raises(psycopg.OperationalError):
            await one(database, "SELECT 1", within=0.5)
        await asyncio.to_thread(postgres.start)
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
    )
    async with opened(settings) as database:
        pid = await one(database, "SELECT pg_backend_pid()")
        postgres.execute("ALTER ROLE rotating PASSWORD 'new'")
        (tmp_path / "DB_PASSWORD").write_text("new")
        postgres.execute(f"SELECT pg_terminate_backend({pid}, 10000)")

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
