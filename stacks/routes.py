"""Priorities of routes: the more specific one wins."""

from collections.abc import Mapping
from hashlib import sha256

from stacks.settings.services import RouteSettings

MOST_SEGMENTS = 4
WIDTH = 5000
"""Number of priorities of one degree. ELB accepts 1 to 50000:
https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateRule.html"""


def priorities(routes: Mapping[str, RouteSettings]) -> dict[str, int]:
    """Return the priority of each route at a listener, by the service's name. The lowest number wins.

    Routes with a host name come first, then those with more path segments. Otherwise the order depends on a hash of the
    name, so that adding or removing a service does not change the priorities of the others, except
    in the rare case of a collision.
    """
    taken: set[int] = set()
    found: dict[str, int] = {}
    for name in sorted(routes):
        route = routes[name]
        segments = route.path_prefix.count("/") if route.path_prefix else 0
        degree = (0 if route.host else MOST_SEGMENTS + 1) + MOST_SEGMENTS - segments
        slot = int(sha256(name.encode()).hexdigest(), 16) % WIDTH
        while (priority := degree * WIDTH + slot + 1) in taken:
            slot = (slot + 1) % WIDTH
        taken.add(priority)
        found[name] = priority
    return found
