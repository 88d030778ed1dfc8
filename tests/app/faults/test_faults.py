"""Injected faults, their share of requests and their duration."""

import pytest

from app.faults.faults import Faults


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 7.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_there_is_no_fault_at_the_start(clock: Clock) -> None:
    """All fields of the description say so."""
    faults = Faults(clock)

    assert not faults.any
    assert (faults.ready, faults.delay_seconds(), faults.status()) == (True, 0.0, None)
    assert faults.describe() == {"ready": True, "ready_again_in_seconds": None, "delay": None, "status": None}


def test_each_fault_expires(clock: Clock) -> None:
    """Each has its own duration."""
    faults = Faults(clock, draw=lambda: 0.0)
    faults.set_ready(False, 10)
    faults.set_delay(300, 1.0, 20)
    faults.set_status(503, 0.5, 30)
    assert (faults.ready, faults.delay_seconds(), faults.status()) == (False, 0.3, 503)
    clock.now += 10
    assert (faults.ready, faults.delay_seconds(), faults.status()) == (True, 0.3, 503)
    clock.now += 10
    assert (faults.delay_seconds(), faults.status()) == (0.0, 503)
    assert faults.describe()["status"] == {"status": 503, "share": 0.5, "seconds_left": 10.0}
    clock.now += 10

    assert faults.status() is None
    assert not faults.any


@pytest.mark.parametrize(("drawn", "hit"), [(0.0, True), (0.29, True), (0.3, False), (0.99, False)])
def test_a_fault_affects_its_share_of_requests(clock: Clock, drawn: float, hit: bool) -> None:
    """Each request draws a random number."""
    faults = Faults(clock, draw=lambda: drawn)
    faults.set_delay(100, 0.3, 60)
    faults.set_status(500, 0.3, 60)

    assert (faults.delay_seconds(), faults.status()) == ((0.1, 500) if hit else (0.0, None))


def test_a_fault_with_a_share_of_0_affects_no_request(clock: Clock) -> None:
    """Also not the request that draws the lowest number."""
    faults = Faults(clock, draw=lambda: 0.0)
    faults.set_status(500, 0.0, 60)

    assert faults.status() is None


def test_all_faults_can_be_cleared(clock: Clock) -> None:
    """Readiness can also be restored separately."""
    faults = Faults(clock)
    faults.set_ready(False, 10)
    faults.set_delay(300, 1.0, 20)
    faults.set_ready(True, 10)
    assert faults.ready
    faults.clear()

    assert not faults.any
