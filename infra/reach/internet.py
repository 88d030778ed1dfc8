"""Paths between the VPC and the internet: routes, gateways and public addresses."""

from collections.abc import Iterator

from infra.reach.acl_crossings import crossings
from infra.reach.addresses import EVERYTHING, covered
from infra.reach.endpoint_policies import passing
from infra.reach.ends import ANY_CLIENT_PORTS, End, Subnet
from infra.reach.network import Network
from infra.reach.port import Port
from infra.reach.routes import GATEWAY, GATEWAY_SERVICES, Route
from infra.reach.verdict import Hop, Verdict, along


def outward(network: Network, source: End, subnet: Subnet, target: End, port: Port) -> Iterator[Hop]:
    """Yield the hops to addresses outside the VPC: by a gateway endpoint, an internet gateway or a NAT gateway."""
    table = subnet.table
    at = f"route table {table.name} of {subnet.name}"
    if target.service in table.endpoints:
        endpoint = table.endpoints[target.service]
        yield Hop(at=at, verdict=Verdict.YES, why=f"gateway endpoint {endpoint.name}", resource=endpoint)
        yield from passing(endpoint)
        return
    route = table.to_internet
    if route is None:
        yield _no_route(subnet, at, target)
    elif route.target is None:
        why = f"the target of {route.resource.name} for 0.0.0.0/0 is not modelled"
        yield Hop(at=at, verdict=Verdict.UNKNOWN, why=why, resource=route.resource)
    elif route.target.type == GATEWAY:
        attached = network.tables.attached(route.target, subnet.vpc)
        addressed = "" if source.public is Verdict.YES else f", and {source.place} has no public address"
        yield Hop(
            at=at,
            verdict=along([source.public, attached]),
            why=f"0.0.0.0/0 by internet gateway {route.target.name}" + (addressed or _detached(attached)),
            resource=route.resource,
            remedy="route 0.0.0.0/0 to a NAT gateway" if addressed else "set the gateway's vpcId",
        )
    else:
        yield Hop(
            at=at, verdict=Verdict.YES, why=f"0.0.0.0/0 by NAT gateway {route.target.name}", resource=route.resource
        )
        yield from _by_nat(network, source, route, target, port)


def _no_route(subnet: Subnet, at: str, target: End) -> Hop:
    known = subnet.table.certain and not (target.service and subnet.table.more_endpoints)
    what = f"the public addresses of {target.service}" if target.service else "0.0.0.0/0"
    if not subnet.table.associated:
        remedy = f"associate {subnet.name} with a route table of its own"
    elif target.service in GATEWAY_SERVICES:
        remedy = f"add the table to a gateway endpoint for {target.service}, or a route to a NAT gateway"
    elif target.service:
        remedy = f"add an interface endpoint for {target.service}, or a NAT gateway and a route to it"
    else:
        remedy = "add a route from 0.0.0.0/0 to a NAT gateway"
    return Hop(
        at=at,
        verdict=Verdict.NO if known else Verdict.UNKNOWN,
        why=f"no route to {what}" if known else f"whether it has a route to {what} is not known yet",
        resource=subnet.table.resource or subnet.resource,
        remedy=remedy,
    )


def _by_nat(network: Network, source: End, route: Route, target: End, port: Port) -> Iterator[Hop]:
    """Yield the hops through a NAT gateway, which must be in a subnet with a route to an internet gateway.

    A NAT gateway has no security group. https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html
    """
    gateway = route.target
    if gateway is None or gateway.properties.get("connectivityType", "public") == "private":
        why = "it is private, and reaches no public address"
        yield Hop(at=f"NAT gateway {gateway.name if gateway else '?'}", verdict=Verdict.NO, why=why, resource=gateway)
        return
    subnets = network.subnets_of(gateway, "subnetId")
    if len(subnets) != 1:
        yield Hop(at=f"NAT gateway {gateway.name}", verdict=Verdict.UNKNOWN, why="its subnet is not known")
        return
    verdict = _open_to_internet(network, subnets[0])
    ok = verdict is Verdict.YES
    yield Hop(
        at=f"route table {subnets[0].table.name} of {subnets[0].name}",
        verdict=verdict,
        why="0.0.0.0/0 by an internet gateway" if ok else f"no way to the internet for NAT gateway {gateway.name}",
        resource=subnets[0].table.resource or gateway,
        remedy=f"put {gateway.name} in a subnet whose table routes 0.0.0.0/0 to an attached internet gateway",
    )
    nat = End(place=gateway.name, addresses=subnets[0].addresses, subnet=subnets[0], client_ports=ANY_CLIENT_PORTS)
    yield from crossings(source, nat, port)
    yield from crossings(nat, target, port)


def inward(network: Network, target: End, subnet: Subnet) -> Iterator[Hop]:
    """Yield the hops from the internet, which require a public address and a route back to the internet."""
    yield Hop(
        at=f"address of {target.place}",
        verdict=target.public,
        why={Verdict.YES: "public", Verdict.NO: "private"}.get(target.public, "not known yet"),
        resource=target.balancer.resource if target.balancer else None,
    )
    verdict = _open_to_internet(network, subnet)
    yield Hop(
        at=f"route table {subnet.table.name} of {subnet.name}",
        verdict=verdict,
        why="0.0.0.0/0 by an internet gateway" if verdict is Verdict.YES else "no route to an internet gateway",
        resource=subnet.table.resource or subnet.resource,
        remedy="route 0.0.0.0/0 to an internet gateway of the VPC, and associate the subnet with that table",
    )


def _open_to_internet(network: Network, subnet: Subnet) -> Verdict:
    """Return whether the route table of a subnet has a route to an internet gateway that is attached to its VPC."""
    route = subnet.table.to_internet
    if route is None:
        return Verdict.NO if subnet.table.certain else Verdict.UNKNOWN
    if route.target is None:
        return Verdict.UNKNOWN
    return network.tables.attached(route.target, subnet.vpc) if route.target.type == GATEWAY else Verdict.NO


def _detached(attached: Verdict) -> str:
    return {
        Verdict.YES: "",
        Verdict.NO: ", which is not attached to this VPC",
        Verdict.UNKNOWN: ", and it is unknown whether it is attached to this VPC",
    }[attached]


def public_endpoint(source: End, target: End) -> Hop:
    """Return the hop at the public endpoint of the EKS API, which may be limited to some client addresses.

    The source address of traffic through a NAT gateway is unknown in a plan.
    """
    at = f"public endpoint of {target.place}"
    if target.admits is None:
        return Hop(at=at, verdict=Verdict.UNKNOWN, why="the addresses that it admits are not known yet")
    if not target.admits:
        return Hop(at=at, verdict=Verdict.NO, why="there is none", remedy="set endpointPrivateAccess")
    verdict = covered((EVERYTHING,), target.admits)
    if verdict is not Verdict.YES and source.subnet:
        verdict = Verdict.UNKNOWN
    whom = "everybody" if EVERYTHING in target.admits else f"{', '.join(map(str, target.admits))} only"
    return Hop(at=at, verdict=verdict, why=f"answers {whom}")
