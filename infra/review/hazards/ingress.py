"""Public addresses that a security group admits, and did not: by inline rules and by separate rule resources."""

from collections.abc import Iterator, Sequence
from math import inf
from typing import Any

from infra.policy.rules import no_world_admin_ingress
from infra.resources.properties import is_known, is_number
from infra.resources.resource import Properties, Resource
from infra.review.hazards.alteration import Alteration
from infra.review.hazards.ranges import is_public, within

TYPES = (*no_world_admin_ingress.GROUPS, *no_world_admin_ingress.RULE_TYPES)
ENTRY_KEYS = (
    *("ingress", "protocol", "ipProtocol", "fromPort", "toPort"),
    *("cidrBlocks", "ipv6CidrBlocks", "cidrIpv4", "cidrIpv6"),
)
ALL = ("-1", "-1.0", "all")


def admitted(alterations: Sequence[Alteration]) -> Iterator[tuple[str, str]]:
    """Yield the URN of a rule or a group, and what it admits beyond all rules that its group had before."""
    concerned = [each for each in alterations if each.type in TYPES]
    before: dict[str, list[Properties]] = {}
    for each in concerned:
        if each.old is not None:
            before.setdefault(_group(each, each.old), []).extend(_entries(each.type, each.old))
    for each in concerned:
        if each.new is not None and is_known([(each.old or {}).get(key) for key in ENTRY_KEYS]):
            known = before.get(_group(each, each.new), [])
            yield from ((each.urn, text) for text in _gained(known, _entries(each.type, each.new)))


def _group(alteration: Alteration, inputs: Properties) -> str:
    """Return the id of the security group; of one that is not known, that of before, or the URN."""
    found: list[Any]
    if alteration.type in no_world_admin_ingress.GROUPS:
        found = [state.id for state in (alteration.step.old, alteration.step.new) if state]
    else:
        found = [inputs.get("securityGroupId"), (alteration.old or {}).get("securityGroupId")]
    return next((each for each in found if each and isinstance(each, str)), alteration.urn)


def _gained(known: Sequence[Properties], entries: Sequence[Properties]) -> Iterator[str]:
    for entry in entries:
        wider = [source for each in known if _covers(each, entry) for source in no_world_admin_ingress.sources(each)]
        for cidr in filter(is_public, no_world_admin_ingress.sources(entry)):
            if not within(cidr, wider):
                yield f"its rule admits {cidr} on {_shown(entry)}"


def _entries(resource_type: str, inputs: Properties) -> list[Properties]:
    return no_world_admin_ingress.ingress(Resource(type=resource_type, name="", urn="", properties=inputs))


def _covers(outer: Properties, inner: Properties) -> bool:
    """Return whether the ports of one rule include those of another."""
    (protocol, *ports), (other, *inside) = _ports(outer), _ports(inner)
    if str(protocol) in ALL:
        return True
    if not is_known([*ports, *inside]) or str(protocol).lower() != str(other).lower():
        return _ports(outer) == _ports(inner)
    return _bound(ports[0], -inf) <= _bound(inside[0], -inf) and _bound(inside[1], inf) <= _bound(ports[1], inf)


def _bound(value: Any, default: float) -> float:
    return float(value) if is_number(value) else default


def _ports(entry: Properties) -> tuple[Any, Any, Any]:
    return entry.get("protocol", entry.get("ipProtocol")), entry.get("fromPort"), entry.get("toPort")


def _shown(entry: Properties) -> str:
    protocol, first, last = _ports(entry)
    if str(protocol) in ALL or first is None:
        return "all ports"
    numbers = [f"{each:g}" if isinstance(each, int | float) else str(each) for each in dict.fromkeys((first, last))]
    return f"{protocol} {'-'.join(numbers)}"
