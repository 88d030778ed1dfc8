"""What is remembered for the time without a database."""

from app.core.resilience.stale import StaleResponses


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_remembered_answer_is_marked_as_stale() -> None:
    """With its age in whole seconds, and the headers that it had."""
    clock = Clock()
    stale = StaleResponses(clock=clock)
    stale.remember("a", b"{}", {"ETag": '"1"'})
    clock.now += 7.9

    answer = stale.get("a")

    assert answer is not None
    assert (answer.status_code, answer.body) == (200, b"{}")
    assert answer.headers["X-Degraded"] == "database"
    assert answer.headers["Age"] == "7"
    assert answer.headers["Warning"] == '110 - "Response is Stale"'
    assert answer.headers["ETag"] == '"1"'


def test_nothing_is_made_up() -> None:
    """Neither what was never known, nor what was forgotten."""
    stale = StaleResponses()
    stale.remember("a", b"{}")
    stale.forget("a")
    stale.forget("a")

    assert stale.get("a") is None
    assert stale.get("b") is None


def test_what_is_too_old_is_not_given() -> None:
    """At some age no answer is better than that one."""
    clock = Clock()
    stale = StaleResponses(max_age_seconds=60, clock=clock)
    stale.remember("a", b"{}")
    clock.now += 61

    assert stale.get("a") is None


def test_the_entries_are_bounded_and_the_least_used_goes_first() -> None:
    """Giving an answer is a use."""
    stale = StaleResponses(max_entries=2)
    stale.remember("a", b"1")
    stale.remember("b", b"2")
    stale.get("a")
    stale.remember("c", b"3")

    assert [stale.get(key) is not None for key in "abc"] == [True, False, True]


def test_the_bytes_are_bounded() -> None:
    """Also when one entry is remembered over and over, and one large body does not push out all others."""
    stale = StaleResponses(max_bytes=10_000)
    for _ in range(100):
        stale.remember("same", b"x" * 700)
    stale.remember("large", b"x" * 1_001)
    kept = [stale.get(key) is not None for key in ("same", "large")]
    for number in range(100):
        stale.remember(number, b"x" * 700)

    assert kept == [True, False]
    assert [number for number in range(100) if stale.get(number)] == list(range(95, 100))
