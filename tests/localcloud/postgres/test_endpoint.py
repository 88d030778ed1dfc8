"""The RDS endpoint against a real PostgreSQL server."""

import asyncio
import os
import signal
import ssl
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psycopg
import pytest

from localcloud.certificates import self_signed
from localcloud.ports import choose
from localcloud.postgres import endpoint, server

PASSWORD = "for-this-test-only"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One data folder for the module; creating it is what takes time."""
    path = tmp_path_factory.mktemp("rds")
    server.prepare(path / "postgres", PASSWORD)
    return path


@pytest.fixture
def postgres(folder: Path) -> Iterator[int]:
    """A running server; its port."""
    port = choose(folder)["postgres"]
    part = server.part(folder / "postgres", port, PASSWORD)
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(part.argv, stdout=log, stderr=log)
    while not part.ready():
        assert process.poll() is None, (folder / "log").read_text()
    yield port
    process.send_signal(signal.SIGINT)
    process.wait(20)


@pytest.fixture
async def rds(postgres: int, folder: Path) -> AsyncIterator[int]:
    """The endpoint in front of it; its port."""
    certificate, key = self_signed("localhost")
    (folder / "crt").write_text(certificate)
    (folder / "key").write_text(key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "crt", folder / "key")
    port = choose(folder)["rds"]
    async with await endpoint.serve(port, postgres, context):
        yield port


async def connect(port: int, mode: str) -> psycopg.AsyncConnection:
    """A client as the service is one."""
    return await psycopg.AsyncConnection.connect(
        host="127.0.0.1", port=port, user=server.SUPERUSER, password=PASSWORD, dbname="postgres", sslmode=mode
    )


async def test_serves_an_encrypted_client(rds: int) -> None:
    """sslmode=require gets through, and really is encrypted."""
    async with await connect(rds, "require") as connection:
        row = await (await connection.execute("select 6 * 7")).fetchone()

        assert row == (42,)
        assert connection.pgconn.ssl_in_use


async def test_refuses_a_client_in_clear(rds: int) -> None:
    """As rds.force_ssl does, before any password is sent."""
    with pytest.raises(psycopg.OperationalError, match="no encryption"):
        await connect(rds, "disable")


async def test_passes_large_rows(rds: int) -> None:
    """More than one buffer, both ways."""
    text = "x" * 1_000_000
    async with await connect(rds, "require") as connection:
        row = await (await connection.execute("select %s || 'y'", (text,))).fetchone()

    assert row == (text + "y",)


async def test_a_killed_server_ends_the_clients_connection(rds: int, postgres: int, folder: Path) -> None:
    """The client sees the failure at once, instead of waiting for an answer."""
    connection = await connect(rds, "require")
    postmaster = int((folder / "postgres" / "postmaster.pid").read_text().splitlines()[0])
    os.kill(postmaster, signal.SIGQUIT)
    with pytest.raises(psycopg.OperationalError):
        await _query_until_it_fails(connection)


async def _query_until_it_fails(connection: psycopg.AsyncConnection) -> None:
    async with asyncio.timeout(10):
        while True:
            await connection.execute("select 1")


def test_preparing_twice_keeps_the_data(folder: Path) -> None:
    """The second call finds the cluster and touches nothing."""
    before = (folder / "postgres" / "PG_VERSION").stat().st_mtime_ns
    server.prepare(folder / "postgres", "another password")

    assert (folder / "postgres" / "PG_VERSION").stat().st_mtime_ns == before
