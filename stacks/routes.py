"""Which of two routes wins: the more specific one."""

from collections.abc import Mapping
from hashlib import sha256

from stacks.settings.services import RouteSettings

MOST_SEGMENTS = 4
WIDTH = 5000
"""Priorities of one degree. ELB takes 1 to 50000:
https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateRule.html"""


def priorities(routes: Mapping[str, RouteSettings]) -> dict[str, int]:
    """Return the priority of each route at a listener, by the service's name. The lowest number wins.

    A route with a host name is before one without, and then one with more segments before one with fewer. Within
    these the name decides, and no other service does: one that comes or goes leaves the priorities of the others, but
    for the rare two that would have the same.
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
