"""What gets into the log, and what does not."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from app.settings import LogLevel
from app.telemetry.logs import configure_logging, redact


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("user ada@example.com is there", "user [email] is there"),
        ("Key (lower(email))=(ada.l+x@mail.example.org) already exists", "Key (lower(email))=([email]) already exists"),
        ("/api/users/ada%40example.com", "[email]"),
        ("postgresql://ada:s3cret@db:5432/app", "postgresql://ada:[secret]@db:5432/app"),
        ("postgresql://ada:s3@cret@db.example.com/app", "postgresql://ada:[secret]@db.example.com/app"),
        ("at 5 o'clock @ home", "at 5 o'clock @ home"),
    ],
)
def test_addresses_and_passwords_are_replaced(text: str, redacted: str) -> None:
    """The rest of the text stays readable."""
    assert redact(text) == redacted


@pytest.fixture(autouse=True)
def _reset() -> Iterator[None]:
    yield
    structlog.reset_defaults()
    logging.basicConfig(handlers=[logging.NullHandler()], force=True)


def test_both_loggers_write_one_json_object_a_line(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """The libraries' records look like ours, and carry the request's id too."""
    configure_logging(LogLevel.INFO)
    structlog.contextvars.bind_contextvars(request_id="r1")

    structlog.get_logger().info("ours", status=200)
    structlog.get_logger().debug("not shown")
    logging.getLogger("library").warning("theirs: %s", "ada@example.com")
    structlog.contextvars.clear_contextvars()

    ours, theirs = map(json.loads, capfdbinary.readouterr().out.splitlines())
    assert (ours["event"], ours["status"], ours["level"], ours["request_id"]) == ("ours", 200, "info", "r1")
    assert (theirs["event"], theirs["logger"], theirs["request_id"]) == ("theirs: [email]", "library", "r1")
    assert ours["timestamp"].endswith("Z")


def test_a_traceback_is_redacted_too(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """An exception's text is where libraries put the data."""
    configure_logging(LogLevel.INFO)
    try:
        raise ValueError("ada@example.com is taken")
    except ValueError:
        structlog.get_logger().exception("failed")

    line = json.loads(capfdbinary.readouterr().out)
    assert "ValueError: [email] is taken" in line["exception"]
    assert "ada@" not in json.dumps(line)
