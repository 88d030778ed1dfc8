"""Whether a client sent its request over HTTPS, by the connection and by X-Forwarded-Proto of a proxy."""

from collections.abc import Sequence
from ipaddress import ip_network

import pytest

from app.core.http.https import over_https

TRUSTED = (ip_network("10.20.0.0/20"), ip_network("fd00::/8"))
INSIDE = ("10.20.3.4", 1)


def came_over_https(
    *values: bytes, peer: tuple[str, int] | None = INSIDE, scheme: str = "http", trusted: Sequence[object] = TRUSTED
) -> bool:
    headers = [(b"host", b"a"), *((b"x-forwarded-proto", value) for value in values)]
    return over_https({"scheme": scheme, "client": peer, "headers": headers}, trusted)  # type: ignore[arg-type]


def test_the_header_of_a_trusted_proxy_is_used() -> None:
    """The case of the scheme and the notation of the proxy's address do not matter."""
    assert came_over_https(b"https")
    assert came_over_https(b"HTTPS")
    assert came_over_https(b"https", peer=("::ffff:10.20.3.4", 1))
    assert came_over_https(b"https", peer=("fd00::1", 1))
    assert not came_over_https(b"http")
    assert not came_over_https()


@pytest.mark.parametrize("peer", [("198.51.100.1", 1), ("10.20.16.1", 1), ("2001:db8::1", 1), ("", 0), None])
def test_the_header_of_any_other_peer_is_ignored(peer: tuple[str, int] | None) -> None:
    """Also without trusted proxies, and for a peer without an address, as on a Unix socket."""
    assert not came_over_https(b"https", peer=peer)
    assert not came_over_https(b"https", peer=peer, trusted=())


@pytest.mark.parametrize("values", [(b"https", b"https"), (b"https", b"http"), (b"https, https",), (b"https,http",)])
def test_a_header_with_several_values_is_ignored(values: Sequence[bytes]) -> None:
    """One of the values may be from the client."""
    assert not came_over_https(*values)


def test_a_connection_with_tls_is_https() -> None:
    """The header is ignored then."""
    assert came_over_https(scheme="https", peer=("198.51.100.1", 1), trusted=())
    assert came_over_https(b"http", scheme="https", peer=("198.51.100.1", 1))
