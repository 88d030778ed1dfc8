"""Conversion of settings to libpq's connection string."""

import pytest
from psycopg.conninfo import conninfo_to_dict

from app.core.postgres.conninfo import conninfo
from app.settings import Settings, SslMode

PARTS = {"db_host": "db", "db_name": "app", "db_user": "ada", "db_password": "it's secret\\"}
URL = "postgresql://ada:pw@db:6543/app"


def test_special_characters_in_the_parts_are_escaped() -> None:
    """Such as quotes and backslashes in a password."""
    params = conninfo_to_dict(conninfo(Settings(**PARTS)))

    assert (params["host"], params["port"], params["dbname"]) == ("db", "5432", "app")
    assert (params["user"], params["password"]) == ("ada", PARTS["db_password"])


@pytest.mark.parametrize(
    ("given", "sslmode"),
    [
        (PARTS, "verify-full"),
        ({**PARTS, "db_sslmode": SslMode.REQUIRE}, "require"),
        ({"database_url": URL}, None),
        ({"database_url": URL, "db_sslmode": SslMode.REQUIRE}, "require"),
        ({"database_url": URL + "?sslmode=disable", "db_sslmode": SslMode.REQUIRE}, "disable"),
    ],
)
def test_the_tls_mode_is_that_of_the_url_then_the_setting_then_the_default(
    given: dict[str, object], sslmode: str | None
) -> None:
    """The default is verify-full for the separate settings, and none for a URL."""
    params = conninfo_to_dict(conninfo(Settings(**given)))

    assert params.get("sslmode") == sslmode


def test_all_waits_have_a_timeout() -> None:
    """Connecting, statements and a peer that does not respond. Options of the URL are appended."""
    params = conninfo_to_dict(conninfo(Settings(database_url=URL + "?options=-c%20work_mem%3D8MB&connect_timeout=9")))

    assert params["connect_timeout"] == "9"
    assert (
        params["options"]
        == "-c statement_timeout=5000ms -c idle_in_transaction_session_timeout=10000ms -c TimeZone=UTC -c work_mem=8MB"
    )
    assert int(params["tcp_user_timeout"] or 0) == 10_000
    assert params["target_session_attrs"] == "read-write"


def test_the_timeouts_depend_on_the_request_timeout() -> None:
    """A statement ends before its request. The timeout is at least 1 ms, because 0 means no timeout."""
    options = conninfo_to_dict(conninfo(Settings(**PARTS, request_timeout_seconds=3)))["options"]
    shortest = conninfo_to_dict(conninfo(Settings(**PARTS, request_timeout_seconds=0.0001)))["options"]

    assert options == "-c statement_timeout=1500ms -c idle_in_transaction_session_timeout=3000ms -c TimeZone=UTC"
    assert shortest == "-c statement_timeout=1ms -c idle_in_transaction_session_timeout=1ms -c TimeZone=UTC"


def test_given_options_replace_the_timeouts() -> None:
    """A migration may take longer than a request."""
    assert (
        conninfo_to_dict(conninfo(Settings(**PARTS), options="-c lock_timeout=1s"))["options"] == "-c lock_timeout=1s"
    )
