"""The address of the client, by properties of X-Forwarded-For."""

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
def test_the_client_is_the_peer_of_the_outermost_trusted_proxy(forged: list[str], client: str, hops: list[str]) -> None:
    """Each proxy appends the address of its peer. Entries of the client are ignored, in one header field or several."""
    *between, peer = hops
    entries = [*forged, client, *between]

    assert client_address(peer, [", ".join(entries)], TRUSTED) == client
    assert client_address(peer, entries, TRUSTED) == client


@given(forged=FORGED, peer=OUTSIDE.map(str))
def test_an_untrusted_proxy_is_the_client(forged: list[str], peer: str) -> None:
    """Its header is ignored. Without trusted networks the peer is always the client."""
    assert client_address(peer, forged, TRUSTED) == peer
    assert client_address(peer, forged, TRUSTED, 3) == peer
    assert client_address("10.20.0.1", forged, ()) == "10.20.0.1"


@given(
    forged=FORGED,
    client=OUTSIDE.map(str),
    edges=st.lists(OUTSIDE.map(str), min_size=1, max_size=2),
    hops=st.lists(INSIDE.map(str), min_size=1, max_size=2),
)
def test_a_number_of_outer_proxies_is_skipped(
    forged: list[str], client: str, edges: list[str], hops: list[str]
) -> None:
    """For CloudFront, whose addresses change. If the number is too small, one of the proxies is the client."""
    *between, peer = hops
    entries = [*forged, client, *edges, *between]

    assert client_address(peer, entries, TRUSTED, len(edges)) == client
    assert client_address(peer, entries, TRUSTED, len(edges) - 1) == edges[0]


@given(address=st.ip_addresses(v=4), port=PORTS)
def test_notations_of_an_ipv4_address_are_normalised(address: IPv4Address, port: int) -> None:
    """As IPv4 or mapped to IPv6, with or without a port."""
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
def test_notations_of_an_ipv6_address_are_normalised(address: IPv6Address, port: int) -> None:
    """Short or in full, in upper or lower case, in brackets, and with a port."""
    short, full = str(address), address.exploded.upper()
    written = [short, full, f"[{short}]", f"[{full}]:{port}"]

    assert {client_address("10.20.0.1", [text], TRUSTED) for text in written} == {short}


@pytest.mark.parametrize("text", ["unknown", "_hidden", "a:b", "[x", "999.1.1.1", "1:2", ""])
def test_an_invalid_address_makes_the_proxy_the_client(text: str) -> None:
    """A proxy may hide the address of its peer (RFC 7239, 6)."""
    assert client_address("10.20.0.1", [text], TRUSTED) == "10.20.0.1"
    assert client_address("10.20.0.1", [f"198.51.100.1, {text}, 10.20.0.2"], TRUSTED) == "10.20.0.2"


def test_a_peer_without_an_address_stays_empty() -> None:
    """As on a Unix socket."""
    assert client_address("", ["198.51.100.1"], TRUSTED) == ""
