"""The circuit breaker, as a state machine of hypothesis and by examples."""

import asyncio

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from structlog.testing import capture_logs

from app.core.resilience.breaker import Breaker, BreakerOpenError, Breakers
from app.settings import Settings

THRESHOLD = 3
RECOVERY = 10.0
LOST_AFTER = 30.0


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class BreakerMachine(RuleBasedStateMachine):
    """Checks the breaker with any order of calls, outcomes and waits."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.breaker = Breaker("thing", THRESHOLD, RECOVERY, self.clock)
        self.in_hand = 0  # allowed calls without an outcome yet
        self.probe_at: float | None = None
        self.opened_at = 0.0
        self.failures = 0
        self.told_to_wait = 0.0
        self.breaker.on_change.append(self.note)

    def note(self, _breaker: Breaker, _before: str, after: str) -> None:
        if after == "open":
            self.opened_at = self.clock.now

    # Multiples of 1/8 are exact floats, so sums of waits reach the recovery time exactly.
    @rule(seconds=st.sampled_from([0.0, 0.125, 4.0, RECOVERY, LOST_AFTER]))
    def wait(self, seconds: float) -> None:
        self.clock.now += seconds

    @rule()
    def call(self) -> None:
        before = self.breaker.state
        waited = self.clock.now - self.opened_at
        try:
            probing = self.breaker.allow()
        except BreakerOpenError as refusal:
            assert before == "half-open" or (before == "open" and waited < RECOVERY)
            self.told_to_wait = refusal.retry_after_seconds
            return
        self.in_hand += 1
        assert probing == (before != "closed")
        if before == "open":
            assert waited >= RECOVERY
        if before == "half-open":
            assert self.probe_at is None or self.clock.now - self.probe_at >= LOST_AFTER
        if probing:
            self.probe_at = self.clock.now

    @precondition(lambda self: self.in_hand)
    @rule()
    def succeed(self) -> None:
        self.in_hand -= 1
        self.breaker.succeeded()
        self.failures, self.probe_at = 0, None
        assert self.breaker.state == "closed"

    @precondition(lambda self: self.in_hand)
    @rule()
    def fail(self) -> None:
        before = self.breaker.state
        self.in_hand -= 1
        self.breaker.failed()
        self.failures, self.probe_at = self.failures + 1, None
        opens = before != "closed" or self.failures >= THRESHOLD
        assert self.breaker.state == ("open" if opens else "closed")

    @precondition(lambda self: self.probe_at is not None)
    @rule()
    def give_up(self) -> None:
        self.breaker.gave_up()
        self.probe_at = None

    @invariant()
    def asks_for_a_wait_within_the_recovery_time(self) -> None:
        assert 0 <= self.told_to_wait <= RECOVERY

    @invariant()
    def tells_its_failures(self) -> None:
        assert self.breaker.describe()["failures"] == self.failures
        assert self.breaker.closed == (self.breaker.state == "closed")


TestBreakerMachine = BreakerMachine.TestCase


def opened(clock: Clock) -> Breaker:
    breaker = Breaker("thing", THRESHOLD, RECOVERY, clock)
    for _ in range(THRESHOLD):
        breaker.failed()
    return breaker


async def test_a_guarded_block_counts_only_the_given_errors() -> None:
    """Other exceptions count as success; a cancelled call does not count."""
    clock = Clock()
    breaker = Breaker("thing", 2, RECOVERY, clock)

    async def call(error: BaseException | None) -> None:
        async with breaker.call(counts=(OSError,)):
            if error:
                raise error

    for error in (OSError(), ValueError(), OSError()):
        with pytest.raises(type(error)):
            await call(error)
    assert (breaker.state, breaker.describe()["failures"]) == ("closed", 1)
    with pytest.raises(asyncio.CancelledError):
        await call(asyncio.CancelledError())
    assert breaker.describe()["failures"] == 1
    with pytest.raises(ConnectionError):
        await call(ConnectionError())
    with pytest.raises(BreakerOpenError):
        await call(None)
    clock.now += RECOVERY
    with pytest.raises(asyncio.CancelledError):
        await call(asyncio.CancelledError())
    assert breaker.state == "half-open"
    await call(None)
    assert breaker.state == "closed"


def test_a_late_failure_does_not_extend_the_recovery_time() -> None:
    """Calls from before the breaker opened fail one after the other, and would keep it open."""
    clock = Clock()
    breaker = opened(clock)
    clock.now += RECOVERY - 1
    breaker.failed()
    clock.now += 1

    assert breaker.allow()


def test_describes_its_state() -> None:
    """The remaining time is above 0 only while it is open."""
    clock = Clock()
    breaker = Breaker("thing", THRESHOLD, RECOVERY, clock)
    assert breaker.describe() == {
        "name": "thing",
        "state": "closed",
        "failures": 0,
        "opened_count": 0,
        "last_changed": None,
        "retry_after_seconds": 0.0,
    }
    breaker = opened(clock)
    clock.now += 4

    told = breaker.describe()
    assert (told["state"], told["opened_count"], told["retry_after_seconds"]) == ("open", 1, 6.0)
    assert told["last_changed"].endswith("+00:00")


def test_the_registry_creates_breakers_by_the_settings_and_reports_changes() -> None:
    """Opening is logged as a warning, closing as info; listeners are called for both. Names are unique."""
    breakers = Breakers(Settings(database_url="postgresql://db/app", breaker_failure_threshold=1), Clock())
    first, second = breakers.new("first"), breakers.new("second")
    heard: list[tuple[str, str, str]] = []
    breakers.on_change.append(lambda breaker, before, after: heard.append((breaker.name, before, after)))
    with capture_logs() as lines:
        second.failed()
        second.succeeded()

    assert breakers.all() == [first, second]
    assert heard == [("second", "closed", "open"), ("second", "open", "closed")]
    assert [(line["log_level"], line["state"]) for line in lines] == [("warning", "open"), ("info", "closed")]
    with pytest.raises(ValueError, match="first exists already"):
        breakers.new("first")
