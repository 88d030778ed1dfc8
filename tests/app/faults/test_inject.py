"""Injection of faults into requests."""

from time import monotonic

import pytest

from app.faults.faults import Faults
from app.faults.inject import InjectFaults
from tests.support.asgi import Lifespan, answer_200, get, is_retryable


@pytest.fixture
def faults() -> Faults:
    return Faults(draw=lambda: 0.0)


async def test_without_faults_requests_are_served(faults: Faults) -> None:
    """The answer has no X-Fault header."""
    response = await get(InjectFaults(answer_200, faults))

    assert (response.status_code, "X-Fault" in response.headers) == (200, False)


async def test_an_injected_status_is_a_problem_that_names_the_fault(faults: Faults) -> None:
    """A temporary status has Retry-After, as a real one."""
    app = InjectFaults(answer_200, faults)
    faults.set_status(503, 1.0, 60)
    temporary = await get(app)
    faults.set_status(500, 1.0, 60)
    other = await get(app)

    assert is_retryable(temporary)
    assert (other.status_code, other.headers["X-Fault"]) == (500, "injected")
    assert "Retry-After" not in other.headers
    assert "injected" in other.json()["detail"]


async def test_a_delayed_request_is_served_after_the_delay(faults: Faults) -> None:
    """The delay is 80 ms here."""
    faults.set_delay(80, 1.0, 60)
    start = monotonic()
    response = await get(InjectFaults(answer_200, faults))

    assert response.status_code == 200
    assert monotonic() - start >= 0.08


@pytest.mark.parametrize("path", ["/health/live", "/metrics", "/sre/dashboard", "/faults", "/readyz/enable"])
async def test_probes_and_controls_are_exempt(faults: Faults, path: str) -> None:
    """So a drill can be observed and ended."""
    faults.set_status(500, 1.0, 60)

    assert (await get(InjectFaults(answer_200, faults), path)).status_code == 200


async def test_faults_do_not_apply_to_the_lifespan(faults: Faults) -> None:
    """Start and end of the application are not requests."""
    faults.set_status(500, 1.0, 60)
    inner = Lifespan()

    async def nothing(_message: object = None) -> dict[str, str]:
        return {}

    await InjectFaults(inner, faults)({"type": "lifespan"}, nothing, nothing)  # type: ignore[arg-type]
    assert inner.seen == ["lifespan"]
