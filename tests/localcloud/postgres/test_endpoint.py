"""The RDS endpoint in front of a real PostgreSQL server."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psycopg
import pytest

from localcloud.postgres import server
from localcloud.postgres.endpoint import latency_seconds
from tests.support.postgres import PostgresServer, tls_front


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder for all tests of the module, because its creation takes time."""
    return tmp_path_factory.mktemp("rds")


@pytest.fixture
def postgres(folder: Path) -> Iterator[PostgresServer]:
    """A running server."""
    server = PostgresServer(folder)
    server.create()
    server.start()
    yield server
    server.stop()


@pytest.fixture
async def rds(postgres: PostgresServer, folder: Path) -> AsyncIterator[int]:
    """Run the endpoint in front of the server; yield its port."""
    async with tls_front(postgres.port, folder) as port:
        yield port


async def connect(port: int, mode: str) -> psycopg.AsyncConnection:
    """Return a connection like those of the service."""
    return await psycopg.AsyncConnection.connect(
        host="127.0.0.1",
        port=port,
        user=PostgresServer.user,
        password=PostgresServer.password,
        dbname="postgres",
        sslmode=mode,
    )


async def test_serves_an_encrypted_client(rds: int) -> None:
    """A connection with sslmode=require is encrypted."""
    async with await connect(rds, "require") as connection:
        row = await (await connection.execute("select 6 * 7")).fetchone()

        assert row == (42,)
        assert connection.pgconn.ssl_in_use


async def test_its_certificate_is_valid_for_its_names(rds: int, folder: Path) -> None:
    """`verify-full` with the local authority accepts its address and localhost, and no other name."""
    authority = str(folder / "authority" / "ca.crt")
    login = {"port": rds, "user": PostgresServer.user, "password": PostgresServer.password, "dbname": "postgres"}

    for host in ("127.0.0.1", "localhost"):
        async with await psycopg.AsyncConnection.connect(
            host=host, hostaddr="127.0.0.1", sslmode="verify-full", sslrootcert=authority, **login
        ) as connection:
            assert connection.pgconn.ssl_in_use
    with pytest.raises(psycopg.OperationalError, match="does not match host name"):
        await psycopg.AsyncConnection.connect(
            host="other.example", hostaddr="127.0.0.1", sslmode="verify-full", sslrootcert=authority, **login
        )
    with pytest.raises(psycopg.OperationalError, match="certificate verify failed"):
        await psycopg.AsyncConnection.connect(
            host="127.0.0.1", sslmode="verify-full", sslrootcert="app/rds-ca.pem", **login
        )


async def test_refuses_a_client_without_encryption(rds: int) -> None:
    """As with rds.force_ssl, it refuses before a password is sent."""
    with pytest.raises(psycopg.OperationalError, match="no encryption"):
        await connect(rds, "disable")


async def test_transfers_large_rows(rds: int) -> None:
    """They are larger than a buffer, in both directions."""
    text = "x" * 1_000_000
    async with await connect(rds, "require") as connection:
        row = await (await connection.execute("select %s || 'y'", (text,))).fetchone()

    assert row == (text + "y",)


async def test_a_drill_adds_latency_while_its_file_exists(postgres: PostgresServer, tmp_path: Path) -> None:
    """An open connection gets it immediately, once per round trip, until the file is deleted."""
    file = tmp_path / "database-latency-ms"

    async with tls_front(postgres.port, postgres.folder, file) as port, await connect(port, "require") as connection:

        async def seconds() -> float:
            began = time.monotonic()
            await connection.execute("select 1")
            return time.monotonic() - began

        await seconds()
        file.write_text("700\n")
        slow = await seconds()
        file.unlink()
        quick = min([await seconds() for _ in range(5)])

    assert 0.7 <= slow < 1.4, "only the way to the database is slow"
    assert quick < 0.7


@pytest.mark.parametrize(
    ("content", "seconds"),
    [("250", 0.25), (" 250\n", 0.25), ("0", 0), ("-5", 0), ("", 0), ("soon", 0), (None, 0), ("999999999", 60)],
)
def test_a_drill_is_a_number_of_milliseconds(tmp_path: Path, content: str | None, seconds: float) -> None:
    """Other content, such as a partially written number, means no latency; the maximum is 60 s."""
    file = tmp_path / "latency"
    if content is not None:
        file.write_text(content)

    assert latency_seconds(file) == seconds


async def test_a_killed_server_ends_the_connection_of_the_client(rds: int, postgres: PostgresServer) -> None:
    """The client gets the error immediately instead of waiting for an answer."""
    connection = await connect(rds, "require")
    postgres.kill()
    with pytest.raises(psycopg.OperationalError):
        await _query_until_it_fails(connection)


async def _query_until_it_fails(connection: psycopg.AsyncConnection) -> None:
    async with asyncio.timeout(10):
        while True:
            await connection.execute("select 1")


def test_preparing_twice_keeps_the_data(folder: Path, postgres: PostgresServer) -> None:
    """The second call finds the database cluster and changes no data."""
    version = folder / "data" / "PG_VERSION"
    before = version.stat().st_mtime_ns
    server.prepare(folder / "data", "another password")

    assert version.stat().st_mtime_ns == before
