"""Each subnet has the routes that its tier needs, and no others. A subnet's tier is what is put into it."""

from collections.abc import Iterator, Mapping, Sequence

from infra.policy.rule import Resource
from infra.reach.addresses import EVERYTHING
from infra.reach.breach import Breach
from infra.reach.ends import Subnet
from infra.reach.network import Network
from infra.reach.places import AURORA, INSTANCE, database_subnets
from infra.reach.routes import GATEWAY, NAT, Route

PUBLIC, NODES, DATABASE = "public", "nodes", "database"


def subnets_fit_their_tier(resources: Sequence[Resource]) -> Iterator[Breach]:
    """Find subnets in two tiers, and those whose route table is not that of their tier."""
    network = Network(resources)
    tiers = tiers_of(network)
    gateways = network.graph.all(NAT)
    for subnet in network.subnets.values():
        found = [tier for tier, users in tiers.items() if subnet.urn in users]
        if len(found) > 1:
            users = [tiers[tier][subnet.urn] for tier in found]
            names = [f"{user.name} ({tier})" for tier, user in zip(found, users, strict=True)]
            yield Breach(users[-1], f"{subnet.name} is for {' and for '.join(names)}", "give each tier its own subnets")
        elif found and subnet.table.certain:
            yield from _JUDGES[found[0]](subnet, gateways)


def tiers_of(network: Network) -> Mapping[str, Mapping[str, Resource]]:
    """Tier to the URNs of its subnets, each with a resource that is in it.

    Public are the subnets of NAT gateways and of internet-facing load balancers.
    """
    public = {
        each.urn: gateway for gateway in network.graph.all(NAT) for each in network.subnets_of(gateway, "subnetId")
    }
    for each in network.balancers:
        if each.scheme == "internet-facing":
            public |= {subnet.urn: each.resource for subnet in each.subnets}
    nodes = {each.urn: cluster for cluster in network.clusters for each in network.cluster_subnets(cluster)}
    databases = network.graph.all(INSTANCE, AURORA)
    stores = {each.urn: database for database in databases for each in database_subnets(network, database)}
    return {PUBLIC: public, NODES: nodes, DATABASE: stores}


def _public(subnet: Subnet, _: Sequence[Resource]) -> Iterator[Breach]:
    route = subnet.table.towards(EVERYTHING)
    if route is None or (route.target and route.target.type != GATEWAY):
        yield _breach(subnet, route, "is public", "to an internet gateway")


def _nodes(subnet: Subnet, gateways: Sequence[Resource]) -> Iterator[Breach]:
    route = subnet.table.towards(EVERYTHING)
    if route and route.target and route.target.type == GATEWAY:
        finding = (
            f"{subnet.name} is for nodes, and its table {subnet.table.name} leads 0.0.0.0/0 to an internet gateway"
        )
        yield Breach(
            route.resource, finding, "lead it to a NAT gateway, or associate the subnet with a table that does"
        )
    elif route is None and gateways:
        yield _breach(subnet, route, "is for nodes", "to a NAT gateway")


def _database(subnet: Subnet, _: Sequence[Resource]) -> Iterator[Breach]:
    for route in subnet.table.leaving():
        finding = (
            f"{subnet.name} is for databases, and its table {subnet.table.name} has a way out: "
            f"{route.destination or 'a route'} by {route.resource.name}"
        )
        yield Breach(route.resource, finding, "take the route away, or associate the subnet with a table that has none")


def _breach(subnet: Subnet, route: Route | None, what: str, whither: str) -> Breach:
    if not subnet.table.associated:
        finding = f"{subnet.name} {what} and has no route table of its own, so that it has {subnet.table.name}"
        return Breach(subnet.resource, finding, f"associate it with a route table that leads 0.0.0.0/0 {whither}")
    finding = f"{subnet.name} {what}, and its table {subnet.table.name} has no route from 0.0.0.0/0 {whither}"
    resource = route.resource if route else subnet.table.resource or subnet.resource
    return Breach(resource, finding, f"lead 0.0.0.0/0 {whither} there, or associate the subnet with a table that does")


_JUDGES = {PUBLIC: _public, NODES: _nodes, DATABASE: _database}
