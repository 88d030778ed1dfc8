"""Which address ranges are as good as the whole internet."""

import ipaddress
from typing import Any

# Two halves of the internet are the internet: no single organisation holds more than a /8.
WORLD_PREFIX_V4 = 7
WORLD_PREFIX_V6 = 15


def is_world(cidr: Any) -> bool:
    """Whether a CIDR block covers so much that it restricts nobody; False where it is unknown or none."""
    if not isinstance(cidr, str):
        return False
    try:
        network = ipaddress.ip_network(cidr, strict=False)
    except ValueError:
        return False
    return network.prefixlen <= (WORLD_PREFIX_V4 if network.version == 4 else WORLD_PREFIX_V6)
