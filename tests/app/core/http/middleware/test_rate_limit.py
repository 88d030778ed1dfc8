"""The share of one client."""

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


async def test_a_burst_is_served_then_the_average() -> None:
    """The refusal says when the next one is welcome, and then it is."""
    clock = Clock()
    app = RateLimit(answer_200, per_second=0.5, burst=3, clock=clock)

    assert await statuses(app, 4) == [200, 200, 200, 429]
    refused = await get(app)
    assert is_retryable(refused, 429)
    assert "0.5 requests/s, with bursts of 3" in refused.json()["detail"]
    clock.now += float(refused.headers["Retry-After"])
    assert await statuses(app, 2) == [200, 429]


async def test_clients_do_not_take_from_each_other_and_probes_take_nothing() -> None:
    """A client is the address that connects; what it says of itself counts for nothing. Pages of operators count."""
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
async def test_clients_behind_a_trusted_proxy_have_a_share_each(trusted: Sequence[Network], same: bool) -> None:
    """By the address that it appended; one that is not trusted is itself the client, whatever it says."""
    app = RateLimit(answer_200, per_second=0.001, burst=1, trusted_proxies=trusted, clock=Clock())

    assert await statuses(app, 1, "forged, 198.51.100.1", peer="192.0.2.7") == [200]
    assert await statuses(app, 1, "198.51.100.2", peer="192.0.2.7") == [429 if same else 200]


async def test_clients_beyond_the_number_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory is bounded; the one not seen for longest goes first."""
    monkeypatch.setattr(rate_limit, "MAX_CLIENTS", 2)
    app = RateLimit(answer_200, per_second=0.001, burst=1, clock=Clock())
    for peer in ("192.0.2.1", "192.0.2.2", "192.0.2.1", "192.0.2.3"):
        await statuses(app, 1, peer=peer)

    assert await statuses(app, 1, peer="192.0.2.1") == [429]
    assert await statuses(app, 1, peer="192.0.2.2") == [200]


@given(
    waits=st.lists(st.floats(0, 5), min_size=1, max_size=60), per_second=st.floats(0.1, 20), burst=st.integers(1, 10)
)
def test_never_more_than_the_burst_and_the_average(waits: list[float], per_second: float, burst: int) -> None:
    """Whenever the requests come."""
    clock = Clock()
    app = RateLimit(answer_200, per_second=per_second, burst=burst, clock=clock)
    start, served = clock.now, 0
    for wait in waits:
        clock.now += wait
        served += app._take("client") == 0

    assert served <= burst + (clock.now - start) * per_second + 1e-6
