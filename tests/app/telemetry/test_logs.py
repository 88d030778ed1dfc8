"""The format of the log, and redaction."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from app.settings import LogLevel
from app.telemetry import trace
from app.telemetry.access_log import access_log
from app.telemetry.logs import configure_logging


@pytest.fixture(autouse=True)
def _reset() -> Iterator[None]:
    yield
    structlog.reset_defaults()
    logging.basicConfig(handlers=[logging.NullHandler()], force=True)
    access_log.reset()


def test_both_loggers_write_one_json_object_a_line(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """Records of libraries have the same format, with the id of the request."""
    configure_logging(LogLevel.INFO)
    structlog.contextvars.bind_contextvars(request_id="r1")

    structlog.get_logger().info("ours", status=200)
    structlog.get_logger().debug("not shown")
    logging.getLogger("library").warning("theirs: %s", "ada@example.com")
    structlog.contextvars.clear_contextvars()

    ours, theirs = map(json.loads, capfdbinary.readouterr().out.splitlines())
    assert (ours["event"], ours["status"], ours["level"], ours["request_id"]) == ("ours", 200, "INFO", "r1")
    assert (theirs["event"], theirs["logger"], theirs["request_id"]) == ("theirs: [email]", "library", "r1")
    assert ours["timestamp"].endswith("Z")


def test_common_queries_of_loki_find_their_lines(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """`|= "ERROR"` and `| json | correlation_id="abc-123"`, for both loggers. A line without a request has no id."""
    configure_logging(LogLevel.INFO)
    structlog.get_logger().warning("an error of no request")
    structlog.contextvars.bind_contextvars(request_id="abc-123")
    structlog.get_logger().error("ours")
    logging.getLogger("library").error("theirs")
    structlog.contextvars.clear_contextvars()

    lines = capfdbinary.readouterr().out.splitlines()
    assert [b"ERROR" in line for line in lines] == [False, True, True]
    assert [json.loads(line).get("correlation_id") for line in lines] == [None, "abc-123", "abc-123"]


def test_a_traceback_is_redacted(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """Texts of exceptions may contain data of users."""
    configure_logging(LogLevel.INFO)
    try:
        raise ValueError("ada@example.com is taken")
    except ValueError:
        structlog.get_logger().exception("failed")

    line = json.loads(capfdbinary.readouterr().out)
    assert "ValueError: [email] is taken" in line["exception"]
    assert "ada@" not in json.dumps(line)


def test_both_loggers_log_the_trace_id(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """It finds the lines of a request in all services. Without a trace there is no id."""
    configure_logging(LogLevel.INFO)
    structlog.get_logger().info("none")
    token = trace.enter(trace.Trace("ab" * 16, "cd" * 8, sampled=False))
    structlog.get_logger().info("ours")
    logging.getLogger("library").warning("theirs")
    trace.leave(token)

    lines = [json.loads(line) for line in capfdbinary.readouterr().out.splitlines()]
    assert [line.get("trace_id") for line in lines] == [None, "ab" * 16, "ab" * 16]


def test_secrets_are_replaced_in_nested_values_and_in_objects(
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    """Such as a settings object or a dict of headers."""
    configure_logging(LogLevel.INFO)

    class Opaque:
        def __str__(self) -> str:
            return "password=s3cret"

    structlog.get_logger().info("x", headers={"authorization": "Bearer s3cret"}, what=Opaque(), list=["a@example.com"])

    line = json.loads(capfdbinary.readouterr().out)
    assert (line["headers"], line["what"], line["list"]) == (
        {"authorization": "[secret]"},
        "password=[secret]",
        ["[email]"],
    )
