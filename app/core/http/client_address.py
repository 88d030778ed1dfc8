"""The address of the client of a request that came through proxies."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address

from starlette.types import Scope

Network = IPv4Network | IPv6Network
CACHED = 10_000


def client_address(peer: str, forwarded: Iterable[str], trusted: Sequence[Network], hops: int = 0) -> str:
    """Return the rightmost address that is not that of a trusted proxy, nor of one of the hops in front of these.

    Each proxy appends the address that it saw. Entries to the left of an untrusted address were written by that client,
    so they may hold anything.

    Args:
        peer: the address of the connection.
        forwarded: the values of the X-Forwarded-For fields, in order.
        trusted: the networks of the proxies whose entries are trusted.
        hops: the number of proxies in front of these whose entries are trusted too, whatever their addresses.
    """
    client, left, reported = host_of(peer), hops, False
    entries = [entry.strip() for value in forwarded for entry in value.split(",")]
    for entry in reversed(entries):
        if not is_in(client, trusted):
            if not (reported and left):
                break
            left -= 1
        host = host_of(entry)
        if not _is_address(host):
            break
        client, reported = host, True
    return client


@lru_cache(maxsize=CACHED)
def host_of(address: str) -> str:
    """Return the address without a port, in its canonical form; a text that is not an address is returned unchanged.

    Proxies may add the port of the client, and may write an IPv4 address as IPv6.
    """
    host = address
    if host.startswith("["):
        host = host[1:].partition("]")[0]
    elif host.count(":") == 1:
        host = host.partition(":")[0]
    try:
        parsed = ip_address(host)
    except ValueError:
        return address
    mapped = parsed.ipv4_mapped if isinstance(parsed, IPv6Address) else None
    return str(mapped or parsed)


def peer_of(scope: Scope) -> str:
    """Return the address of the connection of an ASGI scope, "" if it has none, as on a Unix socket."""
    return str(scope["client"][0]) if scope.get("client") else ""


def is_in(address: str, networks: Sequence[Network]) -> bool:
    """Return whether the text is an address of one of the networks."""
    return bool(networks) and _is_address(address) and any(ip_address(address) in network for network in networks)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
