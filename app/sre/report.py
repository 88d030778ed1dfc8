"""The report of a process for the other replicas: its load, limits and circuit breakers."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from time import monotonic, process_time
from typing import Any

from app.core.resilience.breaker import Breakers

MIN_RPS = 5.0  # below, the cost of a request is less than the base load of the process
MIN_CPU_SECONDS = 1.0
DECAY = 0.995  # per report; half of what was measured is forgotten after 12 minutes of load

_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_CGROUP = Path("/sys/fs/cgroup")


class ProcessReport:
    """Makes reports; `requests` returns the requests served since the start, and `more` adds to the report."""

    def __init__(
        self,
        role: str,
        breakers: Breakers,
        pool_stats: Callable[[], Mapping[str, int]],
        requests: Callable[[], int],
        *,
        in_flight: Callable[[], int] = lambda: 0,
        max_in_flight: int | None = None,
        more: Callable[[], dict[str, Any]] = dict,
        clock: Callable[[], float] = monotonic,
        cpu_clock: Callable[[], float] = process_time,
        cgroup: Path = _CGROUP,
    ) -> None:
        self._role = role
        self._breakers = breakers
        self._pool_stats = pool_stats
        self._requests = requests
        self._in_flight = in_flight
        self._max_in_flight = max_in_flight
        self._more = more
        self._clock, self._cpu_clock = clock, cpu_clock
        self._at, self._cpu, self._recorded = clock(), cpu_clock(), 0
        self._cpu_share = self._rps = 0.0
        self._busy_cpu = self._busy_requests = 0.0
        self._memory_limit_mb = memory_limit_mb(cgroup)
        self._cpu_limit = cpu_limit(cgroup)

    def __call__(self) -> dict[str, Any]:
        """Return the report of the time since the one before, ready for JSON."""
        now, cpu, recorded = self._clock(), self._cpu_clock(), self._requests()
        elapsed = max(now - self._at, 0.001)
        self._cpu_share, self._rps = (cpu - self._cpu) / elapsed, (recorded - self._recorded) / elapsed
        if self._rps >= MIN_RPS:
            self._busy_cpu = self._busy_cpu * DECAY + cpu - self._cpu
            self._busy_requests = self._busy_requests * DECAY + recorded - self._recorded
        self._at, self._cpu, self._recorded = now, cpu, recorded
        return self.current()

    def current(self) -> dict[str, Any]:
        """Return the current state; CPU and rate are those of the last report."""
        stats = self._pool_stats()
        return {
            "role": self._role,
            "breakers": [breaker.describe() for breaker in self._breakers.all()],
            "cpu": round(self._cpu_share, 4),
            "cpu_limit": self._cpu_limit,
            "rss_mb": rss_mb(),
            "memory_limit_mb": self._memory_limit_mb,
            "pool_used": stats.get("pool_size", 0) - stats.get("pool_available", 0),
            "pool_max": stats.get("pool_max", 0),
            "in_flight": self._in_flight(),
            "max_in_flight": self._max_in_flight,
            "rps": round(self._rps, 3),
            "capacity_rps": self._capacity_rps(),
            **self._more(),
        }

    def _capacity_rps(self) -> float | None:
        # What a request has cost, against all the CPU time that one process can get.
        if self._busy_cpu < MIN_CPU_SECONDS:
            return None
        return round(self._cpu_limit * self._busy_requests / self._busy_cpu, 1)


def rss_mb() -> float:
    """Return the memory of this process, in MiB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return round(pages * _PAGE_BYTES / 1_048_576, 1)


def memory_limit_mb(cgroup: Path = _CGROUP) -> float | None:
    """Return the limit of this container, in MiB; None if it has none."""
    try:
        return round(int((cgroup / "memory.max").read_text()) / 1_048_576, 1)
    except (OSError, ValueError):
        return None


def cpu_limit(cgroup: Path = _CGROUP) -> float:
    """Return the CPU seconds per second that this process can get: 1, for it has one thread, or the quota below it."""
    try:
        quota, period = (cgroup / "cpu.max").read_text().split()
        return min(1.0, int(quota) / int(period))
    except (OSError, ValueError):
        return 1.0
