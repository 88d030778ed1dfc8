"""The displayed progress of a build, and its interval."""

import io

import pytest

from infra.toolchain import report as module
from infra.toolchain.report import Report


class Terminal(io.StringIO):
    """A stream that claims to be a terminal."""

    def isatty(self) -> bool:
        """Return True."""
        return True


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, which the test advances."""
    now = [100.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    return now


def test_a_log_gets_a_line_every_fifteen_seconds(clock: list[float]) -> None:
    """The interval does not depend on how often the status is reported."""
    stream = io.StringIO()
    report = Report(stream=stream)
    for _ in range(320):
        clock[0] += 0.1
        report.show("package 3 of 9 (33 %)")

    assert stream.getvalue().splitlines() == [
        "drydock: package 3 of 9 (33 %), 15 s",
        "drydock: package 3 of 9 (33 %), 30 s",
    ]


def test_a_terminal_gets_one_line_that_is_overwritten(clock: list[float]) -> None:
    """The line is cleared before the next status, and before a permanent line."""
    stream = Terminal()
    report = Report(stream=stream)
    clock[0] += 1
    report.show("package 3 of 9")
    report.say("built")

    assert stream.getvalue() == "\r\x1b[2Kdrydock: package 3 of 9, 1 s\r\x1b[2Kdrydock: built\n"


def test_shows_elapsed_time_in_minutes_and_seconds(clock: list[float]) -> None:
    """It counts from the beginning of a task."""
    report = Report(stream=io.StringIO())
    report.begin("building")
    clock[0] += 125

    assert report.elapsed() == "2 m 05 s"


def test_a_disabled_report_prints_nothing(clock: list[float]) -> None:
    """`progress=False` disables it, for use by programs."""
    stream = io.StringIO()
    report = Report(enabled=False, stream=stream)
    report.begin("building")
    clock[0] += 60
    report.show("package 3 of 9")

    assert stream.getvalue() == ""
