"""Service level objectives: the share of good events, the error budget that is left, and its burn rate."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from app.sre.counts import WINDOWS, Counts

PERIOD = "30d"


@dataclass(frozen=True, kw_only=True)
class Objective:
    """A target for the share of good events over 30 days."""

    name: str
    title: str
    promise: str
    objective: Fraction
    total: Callable[[Counts], int]
    bad: Callable[[Counts], int]
    events: str = "requests"


@dataclass(frozen=True, kw_only=True)
class SloState:
    """The state of an objective. Every number is finite, also without traffic."""

    objective: Objective
    good: int
    total: int
    sli: float
    """Share of good events; 1 without events."""
    budget_left: float
    """1: untouched. 0: used up. Below 0: the objective is missed. Weighted by events, not by time."""
    bad: Mapping[str, int]
    """Bad events by window."""
    burn_rate: Mapping[str, float]
    """By window: 1 uses the budget up in exactly 30 days; 0 without events."""


OBJECTIVES = (
    Objective(
        name="availability",
        title="Availability",
        promise="99.9 % of requests succeed without a server error",
        objective=Fraction("0.999"),
        total=lambda counts: counts.requests,
        bad=lambda counts: counts.server_errors,
    ),
    Objective(
        name="latency",
        title="Latency",
        promise="95 % of requests complete within 200 ms",
        objective=Fraction("0.95"),
        total=lambda counts: counts.requests,
        bad=lambda counts: counts.requests - counts.within_200ms,
    ),
    Objective(
        name="latency-p95",
        title="Latency, p95",
        promise="95 % of requests complete within 500 ms",
        objective=Fraction("0.95"),
        total=lambda counts: counts.requests,
        bad=lambda counts: counts.requests - counts.within_500ms,
    ),
    Objective(
        name="success",
        title="Success",
        promise="99 % of requests are neither failed nor refused",
        objective=Fraction("0.99"),
        total=lambda counts: counts.requests,
        bad=lambda counts: counts.server_errors + counts.refused,
    ),
    Objective(
        name="freshness",
        title="Freshness",
        promise="99.5 % of reads return fresh data",
        objective=Fraction("0.995"),
        total=lambda counts: counts.reads,
        bad=lambda counts: counts.stale_reads,
        events="reads",
    ),
    Objective(
        name="job-success",
        title="Job success",
        promise="99 % of jobs succeed",
        objective=Fraction("0.99"),
        total=lambda counts: counts.jobs_succeeded + counts.jobs_dead,
        bad=lambda counts: counts.jobs_dead,
        events="jobs",
    ),
)


def evaluate(objective: Objective, windows: Mapping[str, Counts]) -> SloState:
    """Return the state of the objective; a missing window counts as one without events."""
    period = windows.get(PERIOD, Counts())
    total, bad = objective.total(period), objective.bad(period)
    return SloState(
        objective=objective,
        good=total - bad,
        total=total,
        sli=(total - bad) / total if total else 1.0,
        budget_left=float(1 - _burn(objective, period)),
        bad={name: objective.bad(windows.get(name, Counts())) for name in WINDOWS},
        burn_rate={name: float(_burn(objective, windows.get(name, Counts()))) for name in WINDOWS},
    )


def evaluate_all(windows: Mapping[str, Counts]) -> list[SloState]:
    """Return the state of every objective."""
    return [evaluate(objective, windows) for objective in OBJECTIVES]


def _burn(objective: Objective, counts: Counts) -> Fraction:
    # Exact: in floating point 1 - 0.999 is not 0.001, and an untouched budget not quite 1.
    total = objective.total(counts)
    if not total:
        return Fraction(0)
    return Fraction(objective.bad(counts), total) / (1 - objective.objective)
