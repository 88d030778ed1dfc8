"""The address plan of a VPC: fixed slots, so adding or removing a zone moves no other subnet."""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

ZONE_LETTERS = "abcdefgh"  # one slot each; AWS has no region with more
ZONE_SLOT_BITS = 3  # 2 ** 3 slots = len(ZONE_LETTERS)


@dataclass(frozen=True, kw_only=True)
class ZoneCidrs:
    """The subnets of one availability zone."""

    zone: str
    """The zone's letter, `a` to `h`."""

    private: IPv4Network
    """Nodes and pods: the first half of the zone's slot."""

    public: IPv4Network
    """Load balancers and NAT gateways: an eighth of the slot."""

    database: IPv4Network
    """Databases, without a route out: an eighth of the slot. A quarter stays free for later use."""


def plan_cidrs(vpc: IPv4Network, zones: Sequence[str]) -> list[ZoneCidrs]:
    """Return the subnets of each zone in `vpc` (/16 to /20), in alphabetical order of the zones.

    The slot depends only on the zone's letter, not on the other zones.
    """
    return [_plan_zone(vpc, zone) for zone in sorted(set(zones))]


def _plan_zone(vpc: IPv4Network, zone: str) -> ZoneCidrs:
    slot = list(vpc.subnets(ZONE_SLOT_BITS))[ZONE_LETTERS.index(zone)]
    private, rest = slot.subnets(1)
    public, database, *_free = rest.subnets(2)
    return ZoneCidrs(zone=zone, private=private, public=public, database=database)
