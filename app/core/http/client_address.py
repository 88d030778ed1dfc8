"""Which address a request comes from, when it came by proxies."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address

Network = IPv4Network | IPv6Network
REMEMBERED = 10_000


def client_address(peer: str, forwarded: Iterable[str], trusted: Sequence[Network]) -> str:
    """Return the rightmost address that is none of the trusted proxies'.

    Each proxy appends the address that it saw, so what is left of an address that is not trusted was written by whoever
    has that address, who may write what it likes.

    Args:
        peer: the address that connects.
        forwarded: the values of the X-Forwarded-For fields, in their order.
        trusted: the networks of the proxies; their entries and nobody else's are believed.
    """
    client = host_of(peer)
    entries = [entry.strip() for value in forwarded for entry in value.split(",")]
    for entry in reversed(entries):
        if not _is_in(client, trusted):
            break
        host = host_of(entry)
        if not _is_address(host):
            break
        client = host
    return client


@lru_cache(maxsize=REMEMBERED)
def host_of(address: str) -> str:
    """Return the address without a port, in the one spelling that it has; what is no address stays as it is.

    Proxies may add the port that the client has for this one connection, and an IPv4 address may be given as IPv6.
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


def _is_in(address: str, networks: Sequence[Network]) -> bool:
    return bool(networks) and _is_address(address) and any(ip_address(address) in network for network in networks)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
