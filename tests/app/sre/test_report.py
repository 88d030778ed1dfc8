"""The report of a process about itself."""

from pathlib import Path

import pytest

from app.core.resilience.breaker import Breakers
from app.settings.reliability import ReliabilitySettings
from app.sre.report import ProcessReport, cpu_limit, memory_limit_mb


class Load:
    """Clocks and a counter that a test moves."""

    def __init__(self) -> None:
        self.seconds = self.cpu = 0.0
        self.requests = 0

    def pass_time(self, seconds: float, cpu: float, requests: int) -> None:
        self.seconds += seconds
        self.cpu += cpu
        self.requests += requests


@pytest.fixture
def load() -> Load:
    return Load()


@pytest.fixture
def report(load: Load, tmp_path: Path) -> ProcessReport:
    breakers = Breakers(ReliabilitySettings())
    breakers.new("database")
    return ProcessReport(
        "serve",
        breakers,
        lambda: {"pool_size": 4, "pool_available": 1, "pool_max": 10},
        requests=lambda: load.requests,
        in_flight=lambda: 7,
        max_in_flight=100,
        clock=lambda: load.seconds,
        cpu_clock=lambda: load.cpu,
        cgroup=tmp_path,
    )


def test_cpu_and_rate_are_measured_since_the_last_report(report: ProcessReport, load: Load) -> None:
    """Reading the current report in between does not start a new measurement."""
    load.pass_time(5, 1, 50)
    first = report()
    load.pass_time(10, 4, 10)
    looked = report.current()
    second = report()

    assert (first["cpu"], first["rps"]) == (0.2, 10)
    assert (looked["cpu"], looked["rps"]) == (0.2, 10)
    assert (second["cpu"], second["rps"]) == (0.4, 1)
    assert (second["pool_used"], second["pool_max"], second["in_flight"]) == (3, 10, 7)
    assert second["breakers"][0]["name"] == "database"
    assert second["rss_mb"] > 1


def test_capacity_is_measured_under_load_only(report: ProcessReport, load: Load) -> None:
    """10 ms of CPU per request are 100 requests/s. An idle process also uses CPU, so it is not measured."""
    load.pass_time(100, 50, 10)
    assert report()["capacity_rps"] is None
    load.pass_time(5, 0.5, 50)
    assert report()["capacity_rps"] is None
    load.pass_time(5, 1, 100)
    assert report()["capacity_rps"] == pytest.approx(100)


def test_reads_the_cgroup_limits_of_the_container(tmp_path: Path) -> None:
    """The CPU limit is at most 1, because the process has one busy thread."""
    assert (cpu_limit(tmp_path), memory_limit_mb(tmp_path)) == (1.0, None)

    (tmp_path / "cpu.max").write_text("50000 100000\n")
    (tmp_path / "memory.max").write_text("268435456\n")
    assert (cpu_limit(tmp_path), memory_limit_mb(tmp_path)) == (0.5, 256.0)

    (tmp_path / "cpu.max").write_text("max 100000\n")
    (tmp_path / "memory.max").write_text("max\n")
    assert (cpu_limit(tmp_path), memory_limit_mb(tmp_path)) == (1.0, None)

    (tmp_path / "cpu.max").write_text("400000 100000\n")
    assert cpu_limit(tmp_path) == 1.0
