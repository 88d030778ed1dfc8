"""Who a request comes from, by laws over what proxies append."""

from ipaddress import IPv4Address, IPv6Address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.http.client_address import client_address

TRUSTED = (ip_network("10.20.0.0/20"), ip_network("10.20.16.0/20"), ip_network("fd00::/8"))
INSIDE = st.ip_addresses(network=TRUSTED[0]) | st.ip_addresses(network=TRUSTED[2])
OUTSIDE = st.ip_addresses(network="198.51.100.0/24") | st.ip_addresses(network="2001:db8::/32")
FORGED = st.lists(
    OUTSIDE.map(str) | INSIDE.map(str) | st.sampled_from(["", "junk", "unknown", "a:b", "[x"]), max_size=4
)
PORTS = st.integers(1, 65_535)


@given(forged=FORGED, client=OUTSIDE.map(str), hops=st.lists(INSIDE.map(str), min_size=1, max_size=3))
def test_it_is_the_address_that_the_outermost_trusted_proxy_saw(
    forged: list[str], client: str, hops: list[str]
) -> None:
    """Each proxy appends who it was asked by; what the client wrote before is no part of it, in one field or many."""
    *between, peer = hops
    entries = [*forged, client, *between]

    assert client_address(peer, [", ".join(entries)], TRUSTED) == client
    assert client_address(peer, entries, TRUSTED) == client


@given(forged=FORGED, peer=OUTSIDE.map(str))
def test_an_untrusted_proxy_is_the_client(forged: list[str], peer: str) -> None:
    """Whatever it says; with no trusted networks that is everybody."""
    assert client_address(peer, forged, TRUSTED) == peer
    assert client_address(peer, forged, TRUSTED, 3) == peer
    assert client_address("10.20.0.1", forged, ()) == "10.20.0.1"


@given(
    forged=FORGED,
    client=OUTSIDE.map(str),
    edges=st.lists(OUTSIDE.map(str), min_size=1, max_size=2),
    hops=st.lists(INSIDE.map(str), min_size=1, max_size=2),
)
def test_proxies_in_front_count_by_their_number(
    forged: list[str], client: str, edges: list[str], hops: list[str]
) -> None:
    """As CloudFront's, whose addresses change; with fewer than there are, the client is one of them."""
    *between, peer = hops
    entries = [*forged, client, *edges, *between]

    assert client_address(peer, entries, TRUSTED, len(edges)) == client
    assert client_address(peer, entries, TRUSTED, len(edges) - 1) == edges[0]


@given(address=st.ip_addresses(v=4), port=PORTS)
def test_an_ipv4_address_is_one_however_it_is_written(address: IPv4Address, port: int) -> None:
    """As such, as IPv6, and with the port that a proxy saw."""
    mapped = f"::ffff:{address}"
    written = [
        f"{address}",
        f"{address}:{port}",
        mapped,
        f"[{mapped}]:{port}",
        f"::FFFF:{int(address) >> 16:x}:{int(address) & 0xFFFF:x}",
    ]

    assert {client_address(text, [], ()) for text in (str(address), mapped)} == {str(address)}
    assert {client_address("10.20.0.1", [text], TRUSTED[:1]) for text in written} == {str(address)}


@given(address=st.ip_addresses(network="2001:db8::/32"), port=PORTS)
def test_an_ipv6_address_is_one_however_it_is_written(address: IPv6Address, port: int) -> None:
    """Short or in full, in either case, in brackets, and with a port."""
    short, full = str(address), address.exploded.upper()
    written = [short, full, f"[{short}]", f"[{full}]:{port}"]

    assert {client_address("10.20.0.1", [text], TRUSTED) for text in written} == {short}


@pytest.mark.parametrize("text", ["unknown", "_hidden", "a:b", "[x", "999.1.1.1", "1:2", ""])
def test_an_invalid_address_is_no_client(text: str) -> None:
    """RFC 7239, 6: a proxy may hide the address; then the proxy itself is the client."""
    assert client_address("10.20.0.1", [text], TRUSTED) == "10.20.0.1"
    assert client_address("10.20.0.1", [f"198.51.100.1, {text}, 10.20.0.2"], TRUSTED) == "10.20.0.2"


def test_an_odd_peer_is_itself() -> None:
    """Such as that of a server on a Unix socket, which has none."""
    assert client_address("", ["198.51.100.1"], TRUSTED) == ""
