"""Law: each subnet has exactly the routes that its tier needs. The tier of a subnet results from its resources.

Subnets of NAT gateways and internet-facing load balancers, and subnets tagged for the latter, are public.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from infra.reach.balancers import SUBNET_TAGS
from infra.reach.breach import Breach
from infra.reach.ends import Subnet
from infra.reach.network import Network
from infra.reach.places import AURORA, INSTANCE, database_subnets
from infra.reach.routes import GATEWAY, NAT, Route
from infra.reach.security_groups import ENDPOINT
from infra.reach.view import View
from infra.resources.properties import mapping
from infra.resources.resource import Resource

PUBLIC, NODES, DATABASE, INTERNAL, BALANCER = "public", "nodes", "database", "internal", "internal load balancer"
TIERS = (PUBLIC, NODES, INTERNAL, BALANCER, DATABASE)
TOGETHER = ({NODES, INTERNAL},)
"""Tiers that may share a subnet: nodes and the endpoints that they use.

An internal load balancer has no public address. It may share a subnet with every tier except databases; in a public
subnet there are no pods next to it.
"""


class Tenant(NamedTuple):
    """A resource in a subnet, and the tier that it requires."""

    tier: str
    resource: Resource


def subnets_fit_their_tier(view: View) -> Iterator[Breach]:
    """Yield subnets with several tiers or with the wrong routes for their tier, and NAT gateways in the same subnet."""
    network = view.network
    gateways = network.graph.all(NAT)
    for subnet in network.subnets.values():
        tenants = list(_tenants(network, subnet))
        tiers = {each.tier for each in tenants}
        shared = tiers if DATABASE in tiers else tiers - {BALANCER}
        if len(shared) > 1 and shared not in TOGETHER:
            yield _shared(subnet, tenants)
        elif subnet.table.certain:
            for tier, judge in _JUDGES.items():
                if tier in tiers:
                    yield from judge(subnet, gateways)
    yield from _crowded(network, gateways)


def _tenants(network: Network, subnet: Subnet) -> Iterator[Tenant]:
    """Yield the resources in a subnet, in the order of the tiers: public, nodes, internal, database."""
    for each in network.graph.all(NAT):
        if subnet in network.subnets_of(each, "subnetId"):
            yield Tenant(PUBLIC, each)
    for balancer in network.balancers:
        if balancer.scheme and subnet.resource in balancer.subnets:
            yield Tenant(PUBLIC if balancer.scheme == "internet-facing" else BALANCER, balancer.resource)
    if SUBNET_TAGS["internet-facing"] in mapping(subnet.resource.properties.get("tags")):
        yield Tenant(PUBLIC, subnet.resource)
    for each in network.clusters:
        if subnet in network.cluster_subnets(each):
            yield Tenant(NODES, each)
    for each in network.graph.all(ENDPOINT):
        if subnet in network.subnets_of(each, "subnetIds"):
            yield Tenant(INTERNAL, each)
    for each in network.graph.all(INSTANCE, AURORA):
        if subnet in database_subnets(network, each):
            yield Tenant(DATABASE, each)


def _shared(subnet: Subnet, tenants: Sequence[Tenant]) -> Breach:
    """Return the violation of a subnet with several tiers, which names one resource of each tier.

    Endpoints may share a subnet with nodes, and internal load balancers with all tiers except databases.
    """
    firsts = {each.tier: each for each in reversed(tenants)}
    if DATABASE not in firsts:
        firsts.pop(BALANCER, None)
    if NODES in firsts:
        firsts.pop(INTERNAL, None)
    named = sorted(firsts.values(), key=lambda each: TIERS.index(each.tier))
    finding = f"{subnet.name} is for " + " and for ".join(f"{each.resource.name} ({each.tier})" for each in named)
    return Breach(named[-1].resource, finding, "give each tier its own subnets")


def _public(subnet: Subnet, _: Sequence[Resource]) -> Iterator[Breach]:
    route = subnet.table.to_internet
    if route is None or (route.target and route.target.type != GATEWAY):
        yield _breach(subnet, route, "is public", "to an internet gateway")


def _nodes(subnet: Subnet, gateways: Sequence[Resource]) -> Iterator[Breach]:
    route = subnet.table.to_internet
    if route and route.target and route.target.type == GATEWAY:
        finding = f"{subnet.name} is for nodes, and its table {subnet.table.name} leads to an internet gateway"
        yield Breach(route.resource, finding, "lead it to a NAT gateway, or give the subnet a table that does")
    elif route is None and gateways:
        yield _breach(subnet, route, "is for nodes", "to a NAT gateway")


def _database(subnet: Subnet, _: Sequence[Resource]) -> Iterator[Breach]:
    if not subnet.table.associated:
        finding = (
            f"{subnet.name} is for databases and has no route table of its own, so that it has {subnet.table.name}"
        )
        yield Breach(subnet.resource, finding, "associate it with a route table that has no route but the local one")
    for route in subnet.table.leaving():
        finding = (
            f"{subnet.name} is for databases, and its table {subnet.table.name} has a way out: "
            f"{route.destination or 'a route'} by {route.resource.name}"
        )
        yield Breach(route.resource, finding, "remove the route, or give the subnet a table that has none")


def _crowded(network: Network, gateways: Sequence[Resource]) -> Iterator[Breach]:
    """Yield NAT gateways in the same subnet, because the purpose of several gateways is to survive a zone failure."""
    seen: dict[str, Resource] = {}
    for each in gateways:
        for subnet in network.subnets_of(each, "subnetId"):
            if subnet.urn in seen:
                finding = f"it is in {subnet.name}, where {seen[subnet.urn].name} is"
                yield Breach(each, finding, "put each NAT gateway in the public subnet of its zone, or make one only")
            seen.setdefault(subnet.urn, each)


def _breach(subnet: Subnet, route: Route | None, what: str, whither: str) -> Breach:
    if not subnet.table.associated:
        finding = f"{subnet.name} {what} and has no route table of its own, so that it has {subnet.table.name}"
        return Breach(subnet.resource, finding, f"associate it with a route table that routes 0.0.0.0/0 {whither}")
    finding = f"{subnet.name} {what}, and its table {subnet.table.name} has no route from 0.0.0.0/0 {whither}"
    resource = route.resource if route else subnet.table.resource or subnet.resource
    return Breach(resource, finding, f"route 0.0.0.0/0 {whither}, or associate the subnet with a table that does")


_JUDGES = {PUBLIC: _public, NODES: _nodes, DATABASE: _database}
