"""The log line of a request."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from app.settings import LogLevel
from app.telemetry.access_log import AccessLog

FIELDS: dict[str, Any] = {
    "method": "GET",
    "path": "/api/v1/items/7",
    "route": "/api/v1/items/{id}",
    "status": 200,
    "seconds": 0.0123456,
    "request_id": "r1",
    "trace_id": None,
}


def lines_of(captured: pytest.CaptureFixture[bytes]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in captured.readouterr().out.splitlines()]


def test_the_line_has_the_fields_of_other_log_lines(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """It is written without the logging library, but looks the same."""
    log = AccessLog()
    log.configure(LogLevel.INFO)
    log.write(probe=False, **{**FIELDS, "trace_id": "ab" * 16})
    log.write(probe=False, **FIELDS)

    traced, plain = lines_of(capfdbinary)
    at = datetime.fromisoformat(traced.pop("timestamp"))
    assert abs((datetime.now(UTC) - at).total_seconds()) < 60
    assert traced == {
        "event": "request",
        "level": "INFO",
        "method": "GET",
        "path": "/api/v1/items/7",
        "route": "/api/v1/items/{id}",
        "status": 200,
        "milliseconds": 12.35,
        "request_id": "r1",
        "correlation_id": "r1",
        "trace_id": "ab" * 16,
    }
    assert "trace_id" not in plain


@pytest.mark.parametrize(
    ("level", "seen"),
    [
        (LogLevel.DEBUG, ["INFO", "DEBUG"]),
        (LogLevel.INFO, ["INFO"]),
        (LogLevel.WARNING, []),
        (LogLevel.ERROR, []),
        (None, []),
    ],
)
def test_the_level_determines_the_written_lines(
    level: LogLevel | None, seen: list[str], capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    """Probes are written at debug only; nothing is written before the configuration."""
    log = AccessLog()
    if level is not None:
        log.configure(level)
    log.write(probe=False, **FIELDS)
    log.write(probe=True, **FIELDS)

    assert [line["level"] for line in lines_of(capfdbinary)] == seen


@pytest.mark.parametrize(
    ("path", "logged"),
    [
        ("/api/v1/users/ada@example.com", "[email]"),
        ("/x/password=s3cret", "/x/password=[secret]"),
        ("/\ud800", "/?"),
        ('/"\n{', '/"\n{'),
    ],
)
def test_paths_are_redacted_and_cannot_forge_or_break_a_line(
    path: str, logged: str, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    """They are chosen by callers."""
    log = AccessLog()
    log.configure(LogLevel.INFO)
    log.write(probe=False, **{**FIELDS, "path": path})

    assert [line["path"] for line in lines_of(capfdbinary)] == [logged]


def test_a_closed_stdout_does_not_fail_a_request(monkeypatch: pytest.MonkeyPatch) -> None:
    """The log line is lost instead."""
    tried: list[bytes] = []

    def gone(_file: int, line: bytes) -> int:
        tried.append(line)
        raise BrokenPipeError

    monkeypatch.setattr("app.telemetry.access_log.os.write", gone)
    log = AccessLog()
    log.configure(LogLevel.INFO)
    log.write(probe=False, **FIELDS)
    log.reset()
    log.write(probe=False, **FIELDS)

    assert len(tried) == 1
