"""Error budgets and burn rates, compared with a simulation of single requests."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import isfinite

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sre.counts import WINDOWS, Counts
from app.sre.minutes import Minute
from app.sre.slo import OBJECTIVES, Objective, evaluate, evaluate_all


@dataclass(frozen=True)
class Event:
    """One request, or the end of one job."""

    status: int
    seconds: float
    read: bool
    stale: bool
    job: str | None


EVENTS = st.lists(
    st.builds(
        Event,
        status=st.sampled_from([200, 201, 404, 429, 499, 500, 503]),
        seconds=st.sampled_from([0.0, 0.003, 0.2, 0.2001, 0.5, 0.51, 30.0]),
        read=st.booleans(),
        stale=st.booleans(),
        job=st.sampled_from([None, "succeeded", "dead"]),
    ),
    max_size=60,
)
# Objective -> whether it counts an event, and whether a counted event is good.
NAIVE = {
    "availability": (lambda event: True, lambda event: event.status < 500),
    "latency": (lambda event: True, lambda event: event.seconds <= 0.2),
    "latency-p95": (lambda event: True, lambda event: event.seconds <= 0.5),
    "success": (lambda event: True, lambda event: event.status < 500 and event.status != 429),
    "freshness": (lambda event: event.read and event.status < 400, lambda event: not event.stale),
    "job-success": (lambda event: event.job is not None, lambda event: event.job == "succeeded"),
}


def counted(events: Sequence[Event]) -> Counts:
    minute = Minute(0)
    for event in events:
        minute.record(event.status, event.seconds, event.read, event.stale)
    jobs = [event.job for event in events]
    return minute.counts() + Counts(jobs_succeeded=jobs.count("succeeded"), jobs_dead=jobs.count("dead"))


@pytest.mark.parametrize("objective", OBJECTIVES, ids=lambda objective: objective.name)
@given(events=EVENTS)
def test_budget_and_burn_rate_equal_those_of_a_simulation(objective: Objective, events: list[Event]) -> None:
    """Each bad event uses its share of the events that the objective allows."""
    counts, good = NAIVE[objective.name]
    valid = [event for event in events if counts(event)]
    allowed = len(valid) * (1 - objective.objective)
    left = Fraction(1)
    for event in valid:
        if not good(event):
            left -= 1 / allowed

    state = evaluate(objective, dict.fromkeys(WINDOWS, counted(events)))

    assert state.budget_left == float(left)
    assert state.burn_rate["1h"] == float(1 - left)
    assert state.total == len(valid)
    assert state.good == sum(map(good, valid))


@given(replicas=st.lists(EVENTS, min_size=1, max_size=4))
def test_the_sum_of_replicas_equals_one_replica_with_all_requests(replicas: list[list[Event]]) -> None:
    """So budgets are weighted by requests."""
    together = Counts()
    for events in replicas:
        together += counted(events)
    alone = counted([event for events in replicas for event in events])

    assert evaluate_all({"30d": together}) == evaluate_all({"30d": alone})


@given(windows=st.dictionaries(st.sampled_from(list(WINDOWS)), EVENTS.map(counted)))
def test_every_figure_is_finite(windows: dict[str, Counts]) -> None:
    """For any windows and counts."""
    for state in evaluate_all(windows):
        assert all(map(isfinite, [state.sli, state.budget_left, *state.burn_rate.values()]))
        assert set(state.burn_rate) == set(WINDOWS)


def test_without_traffic_the_budget_is_full() -> None:
    """Without events the objective is met."""
    for state in evaluate_all({}):
        assert (state.sli, state.budget_left, state.burn_rate["5m"]) == (1.0, 1.0, 0.0)


def test_a_missed_objective_has_a_negative_budget() -> None:
    """1 % of errors is ten times the 0.1 % that the objective allows."""
    state = evaluate(OBJECTIVES[0], {"30d": Counts(requests=1000, server_errors=10)})

    assert (state.budget_left, state.burn_rate["30d"], state.sli) == (-9.0, 10.0, 0.99)
