"""Settings and versions of the PostgreSQL server. Real: the server."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from localcloud.errors import CloudError
from localcloud.postgres import server
from localcloud.postgres.versions import major_for
from localcloud.supervisor import STATUS_FILE, Supervisor
from tests.support.ports import free_port
from tests.support.postgres import PostgresServer


def test_a_failing_statement_is_not_logged_with_its_password(tmp_path: Path) -> None:
    """This includes a database cluster from an earlier version of Drydock."""
    postgres = PostgresServer(tmp_path)
    postgres.create()
    (tmp_path / "data" / "postgresql.auto.conf").write_text("listen_addresses = '127.0.0.1'\n")
    server.prepare(tmp_path / "data", PostgresServer.password)
    postgres.start()
    try:
        for statement in ("CREATE ROLE rdsadmin PASSWORD 'hunter2'", "ALTER ROLE app PASSWORD 'hunter2'"):
            with pytest.raises(psycopg.Error, match="exist"):
                postgres.execute(statement)
    finally:
        postgres.stop()

    log = (tmp_path / "log").read_text()
    assert 'role "rdsadmin" already exists' in log
    assert "hunter2" not in log


@pytest.mark.parametrize("major", [16, 18])
def test_a_new_cluster_has_the_requested_major_version(tmp_path: Path, major: int) -> None:
    """It keeps this version, whatever a later start requests."""
    postgres = PostgresServer(tmp_path)
    server.prepare(tmp_path / "data", postgres.password, major)
    server.prepare(tmp_path / "data", postgres.password, 34 - major)
    postgres.start()
    try:
        with psycopg.connect(postgres.url("postgres")) as connection:
            assert connection.info.server_version // 10_000 == major
    finally:
        postgres.stop()


@pytest.mark.parametrize(
    ("asked", "major"), [("14.9", 16), ("15.1", 16), ("16.12", 16), ("17.6", 18), ("18.1", 18), ("19.0", 18)]
)
def test_uses_the_next_major_version_without_a_wheel(asked: str, major: int) -> None:
    assert major_for(asked) == major


def test_refuses_data_of_a_version_without_a_wheel(tmp_path: Path) -> None:
    """The message has the remedy."""
    (tmp_path / "PG_VERSION").write_text("17\n")

    with pytest.raises(CloudError, match=r"has PostgreSQL 17, but only 16, 18 are available; run `drydock down local`"):
        server.part(tmp_path, 1, "secret")


def test_starts_in_a_folder_that_only_root_may_enter(tmp_path: Path) -> None:
    """A checkout may be below root's home: both opening files and access checks work there."""
    tmp_path.chmod(0o700)
    (tmp_path / "file").write_text("here")
    program = f"import os; print(open('{tmp_path}/file').read(), os.access('{tmp_path}/file', os.R_OK))"
    # The interpreter of the tests may itself be in such a folder.
    done = subprocess.run(
        server.unprivileged([sys.executable, "-c", program]), capture_output=True, text=True, check=False
    )

    assert done.stdout == "here True\n", done.stderr


async def test_a_stopped_server_is_restarted_immediately(tmp_path: Path) -> None:
    """After SIGTERM it would refuse new clients and wait for the connected ones, and pods never disconnect."""
    (tmp_path / "logs").mkdir()
    port = free_port()
    server.prepare(tmp_path / "data", "secret")
    ready = asyncio.Event()
    running = asyncio.create_task(
        Supervisor(tmp_path, [server.part(tmp_path / "data", port, "secret")], ready.set).run()
    )
    await asyncio.wait_for(ready.wait(), 60)
    with psycopg.connect(f"postgresql://rdsadmin:secret@127.0.0.1:{port}/postgres"):
        status = json.loads((tmp_path / STATUS_FILE).read_text())["parts"]["postgres"]
        os.kill(status["pid"], signal.SIGTERM)
        async with asyncio.timeout(30):
            while (status["restarts"], status["ready"]) != (1, True):
                await asyncio.sleep(0.05)
                status = json.loads((tmp_path / STATUS_FILE).read_text())["parts"]["postgres"]
    os.kill(os.getpid(), signal.SIGTERM)
    assert await running == 0
