"""Databases of RDS instances. Real: PostgreSQL."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from localcloud.aws.database import PostgresDatabase
from localcloud.protocol.servicer import ProviderError
from tests.support.postgres import PostgresServer, running

INSTANCE = {"identifier": "Platform", "username": "app", "password": "first", "dbName": "app"}


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    with running(tmp_path_factory.mktemp("postgres")) as server:
        yield server


@pytest.fixture
def database(postgres: PostgresServer) -> PostgresDatabase:
    return PostgresDatabase(host="127.0.0.1", port=postgres.port, user=postgres.user, password=postgres.password)


def connect(postgres: PostgresServer, **changes: Any) -> "psycopg.Connection[Any]":
    how = {"host": "127.0.0.1", "port": postgres.port, "user": "app", "password": "first", "dbname": "app"}
    return psycopg.connect(**{**how, **changes})


def test_an_instance_is_a_role_and_its_database(postgres: PostgresServer, database: PostgresDatabase) -> None:
    """The master user can sign in and create tables; a second call changes nothing."""
    database.ensure(INSTANCE)
    database.ensure(INSTANCE)

    with connect(postgres) as connection:
        connection.execute("CREATE TABLE t (id int)")
    assert database.databases() == ["app"]
    database.drop(INSTANCE)


def test_a_new_password_replaces_the_old_one(postgres: PostgresServer, database: PostgresDatabase) -> None:
    """The old password is refused, and the data is kept."""
    database.ensure(INSTANCE)
    database.ensure({**INSTANCE, "password": "quo'te"})

    with pytest.raises(psycopg.OperationalError, match="password"):
        connect(postgres)
    connect(postgres, password="quo'te").close()
    database.drop(INSTANCE)


def test_deleting_drops_a_database_in_use(postgres: PostgresServer, database: PostgresDatabase) -> None:
    """Open connections are closed, as by RDS; a second deletion is no error."""
    database.ensure(INSTANCE)
    connection = connect(postgres)

    database.drop(INSTANCE)
    database.drop(INSTANCE)

    with pytest.raises(psycopg.OperationalError):
        connection.execute("SELECT 1")
    assert database.databases() == []


def test_rejects_a_database_that_another_instance_owns(database: PostgresDatabase) -> None:
    """A server cannot have two databases with the same name."""
    database.ensure(INSTANCE)

    with pytest.raises(ProviderError, match=r"database app belongs to 'platform'.*another dbName"):
        database.ensure({**INSTANCE, "identifier": "other"})

    database.drop({**INSTANCE, "identifier": "other"})
    assert database.databases() == ["app"]
    database.drop(INSTANCE)


def test_an_unavailable_server_is_a_clear_error() -> None:
    """The message names the log to read."""
    down = PostgresDatabase(host="127.0.0.1", port=1, user="postgres", password="x")

    with pytest.raises(ProviderError, match=r"(?s)port 1 .*log of the part postgres"):
        down.databases()
