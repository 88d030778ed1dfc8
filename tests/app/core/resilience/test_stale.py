"""The last answers, which are kept for an outage of the database."""

from app.core.resilience.stale import StaleResponses


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_kept_answer_is_marked_as_stale() -> None:
    """It has its age in whole seconds and its original headers."""
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


def test_an_unknown_or_forgotten_key_has_no_answer() -> None:
    """A key may be forgotten twice."""
    stale = StaleResponses()
    stale.remember("a", b"{}")
    stale.forget("a")
    stale.forget("a")

    assert stale.get("a") is None
    assert stale.get("b") is None


def test_an_answer_over_the_maximum_age_is_not_returned() -> None:
    """The caller then gets an error."""
    clock = Clock()
    stale = StaleResponses(max_age_seconds=60, clock=clock)
    stale.remember("a", b"{}")
    clock.now += 61

    assert stale.get("a") is None


def test_the_number_of_entries_is_bounded() -> None:
    """The least recently used entry is removed first; returning an answer is a use."""
    stale = StaleResponses(max_entries=2)
    stale.remember("a", b"1")
    stale.remember("b", b"2")
    stale.get("a")
    stale.remember("c", b"3")

    assert [stale.get(key) is not None for key in "abc"] == [True, False, True]


def test_the_total_size_is_bounded() -> None:
    """Also if one entry is replaced repeatedly. A large body is not kept, so it cannot replace all others."""
    stale = StaleResponses(max_bytes=10_000)
    for _ in range(100):
        stale.remember("same", b"x" * 700)
    stale.remember("large", b"x" * 1_001)
    kept = [stale.get(key) is not None for key in ("same", "large")]
    for number in range(100):
        stale.remember(number, b"x" * 700)

    assert kept == [True, False]
    assert [number for number in range(100) if stale.get(number)] == list(range(95, 100))
