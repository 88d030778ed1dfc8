"""Address ranges that are equivalent to the whole internet."""

import ipaddress
from typing import Any

# Two halves of the internet are the internet: no single organisation holds more than a /8.
WORLD_PREFIX_V4 = 7
WORLD_PREFIX_V6 = 15


# The range of one site or NAT gateway; the ranges of a provider belong to all of its customers.
SITE_PREFIX_V4 = 24
SITE_PREFIX_V6 = 56


def is_world(cidr: Any) -> bool:
    """Return whether a CIDR block covers so much that it restricts nobody; False where it is unknown or none."""
    return _is_wider(cidr, WORLD_PREFIX_V4 + 1, WORLD_PREFIX_V6 + 1)


def is_wider_than_a_site(cidr: Any) -> bool:
    """Whether a CIDR block has more addresses than one organisation's site; False where it is unknown or none."""
    return _is_wider(cidr, SITE_PREFIX_V4, SITE_PREFIX_V6)


def _is_wider(cidr: Any, shortest_v4: int, shortest_v6: int) -> bool:
    if not isinstance(cidr, str):
        return False
    try:
        network = ipaddress.ip_network(cidr, strict=False)
    except ValueError:
        return False
    return network.prefixlen < (shortest_v4 if network.version == 4 else shortest_v6)
