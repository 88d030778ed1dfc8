"""The rate limit of each client."""

from collections.abc import Sequence
from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.http.client_address import Network
from app.core.http.middleware import rate_limit
from app.core.http.middleware.rate_limit import RateLimit
from tests.support.asgi import answer_200, get, is_retryable


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 50.0

    def __call__(self) -> float:
        return self.now


async def statuses(app: RateLimit, count: int, forwarded: str | None = None, peer: str = "192.0.2.1") -> list[int]:
    headers = [("X-Forwarded-For", forwarded)] if forwarded else []
    return [(await get(app, headers=headers, client=(peer, 1))).status_code for _ in range(count)]


async def test_serves_a_burst_and_then_the_average_rate() -> None:
    """A request after the time of Retry-After is served."""
    clock = Clock()
    app = RateLimit(answer_200, per_second=0.5, burst=3, clock=clock)

    assert await statuses(app, 4) == [200, 200, 200, 429]
    refused = await get(app)
    assert is_retryable(refused, 429)
    assert "0.5 requests/s, with bursts of 3" in refused.json()["detail"]
    clock.now += float(refused.headers["Retry-After"])
    assert await statuses(app, 2) == [200, 429]


async def test_each_client_has_its_own_limit_and_probes_have_none() -> None:
    """The client is the address of the peer; its X-Forwarded-For is ignored. Pages of operators count."""
    app = RateLimit(answer_200, per_second=0.001, burst=1, clock=Clock())

    assert await statuses(app, 2, "198.51.100.1") == [200, 429]
    assert await statuses(app, 1, "198.51.100.2") == [429]
    assert await statuses(app, 1, peer="192.0.2.2") == [200]
    for path in ("/health", "/health/live", "/faults", "/readyz/disable"):
        assert (await get(app, path)).status_code == 200
    for path in ("/healthy", "/sre/dashboard-ui", "/metrics"):
        assert (await get(app, path)).status_code == 429


@pytest.mark.parametrize(
    ("trusted", "same"), [((), True), ((ip_network("192.0.2.0/24"),), False), ((ip_network("10.0.0.0/8"),), True)]
)
async def test_clients_behind_a_trusted_proxy_have_a_limit_each(trusted: Sequence[Network], same: bool) -> None:
    """The address that the proxy appended is the client. A proxy that is not trusted is itself the client."""
    app = RateLimit(answer_200, per_second=0.001, burst=1, trusted_proxies=trusted, clock=Clock())

    assert await statuses(app, 1, "forged, 198.51.100.1", peer="192.0.2.7") == [200]
    assert await statuses(app, 1, "198.51.100.2", peer="192.0.2.7") == [429 if same else 200]


async def test_the_number_of_remembered_clients_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The client that was not seen for longest is removed first."""
    monkeypatch.setattr(rate_limit, "MAX_CLIENTS", 2)
    app = RateLimit(answer_200, per_second=0.001, burst=1, clock=Clock())
    for peer in ("192.0.2.1", "192.0.2.2", "192.0.2.1", "192.0.2.3"):
        await statuses(app, 1, peer=peer)

    assert await statuses(app, 1, peer="192.0.2.1") == [429]
    assert await statuses(app, 1, peer="192.0.2.2") == [200]


@given(
    waits=st.lists(st.floats(0, 5), min_size=1, max_size=60), per_second=st.floats(0.1, 20), burst=st.integers(1, 10)
)
def test_serves_no_more_than_the_burst_plus_the_average_rate(waits: list[float], per_second: float, burst: int) -> None:
    """This holds for any times of requests."""
    clock = Clock()
    app = RateLimit(answer_200, per_second=per_second, burst=burst, clock=clock)
    start, served = clock.now, 0
    for wait in waits:
        clock.now += wait
        served += app._take("client") == 0

    assert served <= burst + (clock.now - start) * per_second + 1e-6
