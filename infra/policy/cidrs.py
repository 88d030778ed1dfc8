"""Classifies CIDR blocks: equivalent to the whole internet, or wider than the range of one site."""

import ipaddress
from typing import Any

# Wider blocks are treated as the whole internet, because no single organisation has more than a /8.
WORLD_PREFIX_V4 = 7
WORLD_PREFIX_V6 = 15


# The range of one site or NAT gateway; the ranges of a provider belong to all of its customers.
SITE_PREFIX_V4 = 24
SITE_PREFIX_V6 = 56


def is_world(cidr: Any) -> bool:
    """Return whether a CIDR block is too wide to be a restriction; False if it is unknown or invalid."""
    return _is_wider(cidr, WORLD_PREFIX_V4 + 1, WORLD_PREFIX_V6 + 1)


def is_wider_than_a_site(cidr: Any) -> bool:
    """Return whether a CIDR block is wider than the range of one site; False if it is unknown or invalid."""
    return _is_wider(cidr, SITE_PREFIX_V4, SITE_PREFIX_V6)


def _is_wider(cidr: Any, shortest_v4: int, shortest_v6: int) -> bool:
    if not isinstance(cidr, str):
        return False
    try:
        network = ipaddress.ip_network(cidr, strict=False)
    except ValueError:
        return False
    return network.prefixlen < (shortest_v4 if network.version == 4 else shortest_v6)
