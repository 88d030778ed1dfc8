"""The state of a target, computed from the results of health checks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.load_balancing.health import Health, Result
from localcloud.load_balancing.model import HealthCheck


def check(healthy: int = 3, unhealthy: int = 2, codes: str = "200") -> HealthCheck:
    return HealthCheck(
        path="/", port="traffic-port", interval=5, timeout=2, healthy=healthy, unhealthy=unhealthy, codes=codes
    )


PASSED = Result(passed=True)
FAILED = Result(passed=False, reason="Target.Timeout", description="Request timed out")


def states(results: list[bool], spec: HealthCheck) -> list[str]:
    health = Health()
    found = [health.state.state]
    for passed in results:
        health.note(PASSED if passed else FAILED, spec)
        found.append(health.state.state)
    return found


def test_a_new_target_is_healthy_after_one_check() -> None:
    """Later it needs as many successes in a row as the threshold."""
    assert states([True, False, False, True, True, True], check()) == [
        *("initial", "healthy", "healthy", "unhealthy", "unhealthy", "unhealthy", "healthy")
    ]


def test_a_new_target_that_fails_becomes_unhealthy() -> None:
    """It becomes unhealthy at the threshold, not at the first failure."""
    assert states([False, False, True, True], check()) == [
        "initial",
        "initial",
        "unhealthy",
        "unhealthy",
        "unhealthy",
    ]


@given(
    results=st.lists(st.booleans(), max_size=40),
    healthy=st.integers(2, 10),
    unhealthy=st.integers(2, 10),
)
def test_a_state_changes_only_at_its_threshold(results: list[bool], healthy: int, unhealthy: int) -> None:
    """Before each change, as many results in a row as the threshold of the new state are equal."""
    found = states(results, check(healthy, unhealthy))

    for index in range(1, len(found)):
        before, after = found[index - 1], found[index]
        if (before, after) == ("initial", "healthy"):
            assert results[index - 1]
        elif after != before:
            length = healthy if after == "healthy" else unhealthy
            assert results[index - length : index] == [after == "healthy"] * length


@pytest.mark.parametrize(
    ("codes", "passing", "failing"),
    [("200", [200], [199, 201, 500]), ("200,204", [200, 204], [202]), ("200-299", [200, 250, 299], [300])],
)
def test_a_matcher_has_codes_and_ranges(codes: str, passing: list[int], failing: list[int]) -> None:
    """The syntax is that of HttpCode."""
    assert all(check(codes=codes).passes(status) for status in passing)
    assert not any(check(codes=codes).passes(status) for status in failing)
