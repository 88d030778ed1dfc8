"""The share of one client."""

from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.middleware import rate_limit
from app.middleware.rate_limit import RateLimit
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
    assert "0.5 requests/s, and 3 at once" in refused.json()["detail"]
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
    ("proxies", "first", "second", "same"),
    [
        (1, "forged, 198.51.100.1", "other, 198.51.100.1", True),
        (1, "198.51.100.1", "198.51.100.2", False),
        (2, "forged, 198.51.100.1, 10.0.0.1", "198.51.100.1, 10.0.0.2", True),
        (2, "10.0.0.1", "10.0.0.2", True),  # came past the proxies: the peer's own address
        (1, " , ", ",", True),
    ],
)
async def test_behind_proxies_a_client_is_who_the_outermost_saw(
    proxies: int, first: str, second: str, same: bool
) -> None:
    """Entries further left were written by the client, who may write what it likes."""
    app = RateLimit(answer_200, per_second=0.001, burst=1, trusted_proxies=proxies, clock=Clock())

    assert await statuses(app, 1, first) == [200]
    assert await statuses(app, 1, second) == [429 if same else 200]


PORTS = st.integers(1, 65_535)
V4 = st.ip_addresses(v=4).map(str)
V6 = st.ip_addresses(v=6).filter(lambda address: address.ipv4_mapped is None)


async def key_of(peer: str, port: int, forwarded: str | None = None, proxies: int = 0) -> str:
    """Return what the client's share is held under."""
    app = RateLimit(answer_200, per_second=0.001, burst=1, trusted_proxies=proxies, clock=Clock())
    headers = [("X-Forwarded-For", forwarded)] if forwarded is not None else []
    await get(app, headers=headers, client=(peer, port))
    (key,) = app._buckets
    return key


@settings(deadline=None, max_examples=50)
@given(address=V4 | V6.map(str), others=V4 | V6.map(str), ports=st.tuples(PORTS, PORTS))
async def test_a_client_is_its_address_whatever_its_port(address: str, others: str, ports: tuple[int, int]) -> None:
    """Each new connection comes from another port; another address is another client."""
    first, second = [await key_of(address, port) for port in ports]

    assert first == second
    assert (await key_of(others, ports[0]) == first) is (others == address)


@settings(deadline=None, max_examples=50)
@given(address=st.ip_addresses(v=4), port=PORTS)
async def test_an_ipv4_client_is_one_client_however_it_is_written(address: IPv4Address, port: int) -> None:
    """As such, as IPv6, and with the port that a proxy saw."""
    mapped = f"::ffff:{address}"
    written = [
        f"{address}",
        f"{address}:{port}",
        mapped,
        f"[{mapped}]:{port}",
        f"::FFFF:{int(address) >> 16:x}:{int(address) & 0xFFFF:x}",
    ]

    assert {await key_of(peer, port) for peer in (str(address), mapped)} == {str(address)}
    assert {await key_of("10.0.0.1", 1, text, proxies=1) for text in written} == {str(address)}


@settings(deadline=None, max_examples=50)
@given(address=V6, port=PORTS)
async def test_an_ipv6_client_is_one_client_however_it_is_written(address: IPv6Address, port: int) -> None:
    """Short or in full, in either case, in brackets, and with a port."""
    short, full = str(address), address.exploded.upper()
    written = [short, full, f"[{short}]", f"[{full}]:{port}"]

    assert {await key_of("10.0.0.1", 1, text, proxies=1) for text in written} == {short}


@settings(deadline=None, max_examples=50)
@given(forged=st.lists(V4, max_size=3), client=V4, proxies=st.lists(V4, max_size=2), port=PORTS)
async def test_what_the_client_says_is_no_part_of_the_key(
    forged: list[str], client: str, proxies: list[str], port: int
) -> None:
    """The outermost trusted proxy appended the client's address, and each one behind it that of the one before."""
    forwarded = ", ".join([*forged, client, *proxies])

    assert await key_of("10.0.0.1", port, forwarded, proxies=1 + len(proxies)) == client
    assert await key_of("10.0.0.1", port, forwarded) == "10.0.0.1"


@pytest.mark.parametrize("text", ["unknown", "_hidden", "a:b", "[x", "999.1.1.1", "1:2"])
async def test_what_is_no_address_is_a_client_too(text: str) -> None:
    """RFC 7239, 6: a proxy may hide the address."""
    assert await key_of("10.0.0.1", 1, text, proxies=1) == text


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
