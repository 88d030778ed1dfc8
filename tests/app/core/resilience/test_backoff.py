"""The pauses between attempts."""

from hypothesis import given
from hypothesis import strategies as st

from app.core.resilience.backoff import longest_pause, pause


def test_the_limit_doubles_up_to_15_minutes() -> None:
    """Also for a number of attempts that would overflow a float."""
    assert [longest_pause(2, attempt) for attempt in (1, 2, 3, 9, 10, 10_000)] == [2, 4, 8, 512, 900, 900]


@given(base=st.floats(0, 900), attempt=st.integers(1, 10_000))
def test_a_pause_is_between_0_and_the_limit(base: float, attempt: int) -> None:
    """The limit of 900 s is valid for SQS."""
    assert 0 <= pause(base, attempt) <= longest_pause(base, attempt) <= 900


def test_pauses_are_random() -> None:
    """So attempts that failed at the same time are retried at different times."""
    assert len({pause(10, 3) for _ in range(20)}) > 10
