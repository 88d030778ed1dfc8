"""What is shown while a build goes on, and how often."""

import io

import pytest

from infra.toolchain import report as module
from infra.toolchain.report import Report


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """It is one."""
        return True


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, which only a test moves."""
    now = [100.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    return now


def test_a_log_gets_a_line_every_fifteen_seconds(clock: list[float]) -> None:
    """However often the status is reported."""
    stream = io.StringIO()
    report = Report(stream=stream)
    for _ in range(320):
        clock[0] += 0.1
        report.show("package 3 of 9 (33 %)")

    assert stream.getvalue().splitlines() == [
        "drydock: package 3 of 9 (33 %), 15 s",
        "drydock: package 3 of 9 (33 %), 30 s",
    ]


def test_a_terminal_gets_one_line_drawn_over(clock: list[float]) -> None:
    """A live line is cleared before the next one, and before a line that stays."""
    stream = Terminal()
    report = Report(stream=stream)
    clock[0] += 1
    report.show("package 3 of 9")
    report.say("built")

    assert stream.getvalue() == "\r\x1b[2Kdrydock: package 3 of 9, 1 s\r\x1b[2Kdrydock: built\n"


def test_minutes_are_shown_as_such(clock: list[float]) -> None:
    """Elapsed time counts from the beginning of a task."""
    report = Report(stream=io.StringIO())
    report.begin("building")
    clock[0] += 125

    assert report.elapsed() == "2 m 05 s"


def test_a_silent_report_says_nothing(clock: list[float]) -> None:
    """progress=False is for machines."""
    stream = io.StringIO()
    report = Report(enabled=False, stream=stream)
    report.begin("building")
    clock[0] += 60
    report.show("package 3 of 9")

    assert stream.getvalue() == ""
