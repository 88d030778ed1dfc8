"""Ranges of addresses."""

import ipaddress
from collections.abc import Sequence

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def is_public(cidr: str) -> bool:
    """Return whether a range has addresses of the internet."""
    found = network(cidr)
    return found is not None and not found.is_private


def within(cidr: str, ranges: Sequence[str]) -> bool:
    """Return whether some ranges together include a range, or it is none, so that AWS refuses it."""
    inner = network(cidr)
    if inner is None:
        return True
    known = [found for each in ranges if (found := network(each)) and found.version == inner.version]
    return any(inner.subnet_of(each) for each in ipaddress.collapse_addresses(known))  # type: ignore[arg-type, type-var]


def network(cidr: str) -> Network | None:
    """Return a range, or None if the text is none."""
    try:
        return ipaddress.ip_network(cidr, strict=False)
    except ValueError:
        return None
