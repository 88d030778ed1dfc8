"""Faults for requests."""

from time import monotonic

import pytest

from app.faults.faults import Faults
from app.faults.inject import InjectFaults
from tests.support.asgi import Lifespan, answer_200, get, is_retryable


@pytest.fixture
def faults() -> Faults:
    return Faults(draw=lambda: 0.0)


async def test_without_faults_requests_are_served(faults: Faults) -> None:
    """Nothing is added to the answer."""
    response = await get(InjectFaults(answer_200, faults))

    assert (response.status_code, "X-Fault" in response.headers) == (200, False)


async def test_an_injected_status_is_a_problem_that_names_the_fault(faults: Faults) -> None:
    """A temporary one says when to come back, as the real one would."""
    app = InjectFaults(answer_200, faults)
    faults.set_status(503, 1.0, 60)
    temporary = await get(app)
    faults.set_status(500, 1.0, 60)
    other = await get(app)

    assert is_retryable(temporary)
    assert (other.status_code, other.headers["X-Fault"]) == (500, "injected")
    assert "Retry-After" not in other.headers
    assert "injected" in other.json()["detail"]


async def test_a_delayed_request_is_served_later(faults: Faults) -> None:
    """The wait comes before the work."""
    faults.set_delay(80, 1.0, 60)
    start = monotonic()
    response = await get(InjectFaults(answer_200, faults))

    assert response.status_code == 200
    assert monotonic() - start >= 0.08


@pytest.mark.parametrize("path", ["/health/live", "/metrics", "/sre/dashboard", "/faults", "/readyz/enable"])
async def test_probes_and_controls_are_exempt(faults: Faults, path: str) -> None:
    """Otherwise the drill could not be observed or ended."""
    faults.set_status(500, 1.0, 60)

    assert (await get(InjectFaults(answer_200, faults), path)).status_code == 200


async def test_other_scopes_pass(faults: Faults) -> None:
    """Start and end of the application are no requests."""
    faults.set_status(500, 1.0, 60)
    inner = Lifespan()

    async def nothing(_message: object = None) -> dict[str, str]:
        return {}

    await InjectFaults(inner, faults)({"type": "lifespan"}, nothing, nothing)  # type: ignore[arg-type]
    assert inner.seen == ["lifespan"]
