"""The way from one interface to another, hop by hop."""

from collections.abc import Iterator
from dataclasses import replace

from infra.reach.acls import crossings
from infra.reach.addresses import EVERYTHING, covered
from infra.reach.ends import ANY_CLIENT_PORTS, End, Place, Port, Subnet
from infra.reach.network import Network
from infra.reach.routes import GATEWAY, GATEWAY_SERVICES, Route
from infra.reach.verdict import Answer, Hop, Path, Verdict, along


def answer(network: Network, source: Place, target: Place) -> Answer | None:
    """Whether a place reaches another, on all of its ports; None where the question has no meaning."""
    if source.name == target.name:
        return None
    paths = [
        path(network, one, other, port)
        for part in target.parts or (target,)
        for one in source.ends
        for other in (part.ends if one.subnet else part.outside or part.ends)
        for port in part.ports
        if _asks(one, other) and not (target.service and one.subnet is None)
    ]
    ports = ", ".join(map(str, target.ports))
    return Answer(source=source.name, target=target.name, port=ports, paths=tuple(paths)) if paths else None


def _asks(source: End, target: End) -> bool:
    """Whether there is such a question: what is on a node is for its pods, and who is outside stays there."""
    if target.on_node:
        return source.on_cluster
    if source.balancer:
        return target.pod is not None  # a load balancer calls its targets and nobody else
    return bool(source.subnet or target.subnet or target.admits is not None)


def path(network: Network, source: End, target: End, port: Port) -> Path:
    """Follow a connection from one end to the other."""
    return Path(source=source.name, target=target.name, hops=tuple(_hops(network, source, target, port)))


def _hops(network: Network, source: End, target: End, port: Port) -> Iterator[Hop]:
    if target.doubtful:
        yield Hop(at=f"name of {target.place}", verdict=Verdict.UNKNOWN, why="where it leads is not known yet")
        return
    if source.pod and (hop := network.policies.passes(source.pod, target, port, egress=True)):
        yield hop
    if target.on_node:
        yield from _on_node(network, source, target, port)
        return
    if source.subnet and source.member:
        yield network.groups.passes(source.member, target, port, egress=True)
    if source.subnet and target.subnet:
        yield _inside(network, source.subnet, target.subnet)
    elif source.subnet:
        yield from _out(network, source, source.subnet, target, port)
    elif target.subnet:
        yield from _in(network, target, target.subnet)
    yield from crossings(source, target, port)
    if target.subnet and target.member:
        yield network.groups.passes(target.member, source, port, egress=False)
    if target.admits is not None or (target.subnet is None and not target.service and target.place != "internet"):
        yield _public_endpoint(source, target)
    if target.pod and (hop := network.policies.passes(target.pod, source, port, egress=False)):
        yield hop
    if target.balancer and target.balancer.keeps_client_address:
        yield from _behind(network, source, target)


def _on_node(network: Network, source: End, target: End, port: Port) -> Iterator[Hop]:
    """What answers on the node itself. Only DNS needs more: the VPC's resolver, which neither groups nor ACLs filter.

    https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html
    """
    yield Hop(at="node", verdict=Verdict.YES, why=f"{target.place} answers on it")
    if port.number == 53 and source.subnet:
        known = network.resolves(source.subnet.vpc)
        vpc = network.vpc(source.subnet.vpc)
        verdict = Verdict.UNKNOWN if known is None else Verdict.YES if known else Verdict.NO
        yield Hop(
            at=f"VPC {vpc.name if vpc else '?'}",
            verdict=verdict,
            why="its resolver answers" if known else "enableDnsSupport is off, so that no name is resolved",
            resource=vpc,
            remedy="set enableDnsSupport",
        )


def _inside(network: Network, source: Subnet, target: Subnet) -> Hop:
    """The local route, which every table has; unless a more specific one leads elsewhere."""
    at = f"route table {source.table.name} of {source.name}"
    resource = source.table.resource or source.resource
    if "" in (source.vpc, target.vpc):
        return Hop(at=at, verdict=Verdict.UNKNOWN, why=f"the VPC of {target.name} is not known", resource=resource)
    if source.vpc != target.vpc:
        return _elsewhere(source, target, at)
    whole = network.vpc_addresses(source.vpc)
    for route in source.table.leaving():
        to = route.destination
        narrow = to and any(to.subnet_of(one) and to != one for one in whole)
        if to and narrow and any(to.overlaps(one) for one in target.addresses):
            why = f"{to} has a route of its own, whose target is not modelled"
            return Hop(at=at, verdict=Verdict.UNKNOWN, why=why, resource=route.resource)
    return Hop(at=at, verdict=Verdict.YES, why="local route", resource=resource)


def _elsewhere(source: Subnet, target: Subnet, at: str) -> Hop:
    route = source.table.towards(target.addresses[0]) if target.addresses else None
    known = source.table.certain and (route is None or route.target is not None)
    return Hop(
        at=at,
        verdict=Verdict.NO if known else Verdict.UNKNOWN,
        why=f"no route to {target.name}, which is in another VPC",
        resource=source.table.resource or source.resource,
        remedy=f"put both in one VPC, or peer theirs and add a route to {' '.join(map(str, target.addresses))}",
    )


def _out(network: Network, source: End, subnet: Subnet, target: End, port: Port) -> Iterator[Hop]:
    """The route to addresses outside the VPC: by a gateway endpoint, an internet gateway or a NAT gateway."""
    table = subnet.table
    at = f"route table {table.name} of {subnet.name}"
    if target.service in table.endpoints:
        endpoint = table.endpoints[target.service]
        yield Hop(at=at, verdict=Verdict.YES, why=f"gateway endpoint {endpoint.name}", resource=endpoint)
        return
    route = table.to_internet
    if route is None:
        yield _no_route(subnet, at, target)
    elif route.target is None:
        why = f"0.0.0.0/0 leads where {route.resource.name} says, which is not modelled"
        yield Hop(at=at, verdict=Verdict.UNKNOWN, why=why, resource=route.resource)
    elif route.target.type == GATEWAY:
        attached = network.tables.attached(route.target, subnet.vpc)
        addressed = "" if source.public is Verdict.YES else f", and {source.place} has no public address"
        yield Hop(
            at=at,
            verdict=along([source.public, attached]),
            why=f"0.0.0.0/0 by internet gateway {route.target.name}" + (addressed or _detached(attached)),
            resource=route.resource,
            remedy="lead 0.0.0.0/0 to a NAT gateway" if addressed else "set the gateway's vpcId",
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
    """Through a NAT gateway, which has to be in a subnet with a way out.

    https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html. It has no security group.
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
        remedy=f"put {gateway.name} in a subnet whose table leads 0.0.0.0/0 to an attached internet gateway",
    )
    nat = End(place=gateway.name, addresses=subnets[0].addresses, subnet=subnets[0], client_ports=ANY_CLIENT_PORTS)
    yield from crossings(source, nat, port)
    yield from crossings(nat, target, port)


def _in(network: Network, target: End, subnet: Subnet) -> Iterator[Hop]:
    """From the internet: to a public address only, in a subnet whose table leads back there."""
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
        remedy="lead 0.0.0.0/0 to an internet gateway of the VPC, and associate the subnet with that table",
    )


def _open_to_internet(network: Network, subnet: Subnet) -> Verdict:
    """Whether the table of a subnet leads to an internet gateway that is attached to its VPC."""
    route = subnet.table.to_internet
    if route is None:
        return Verdict.NO if subnet.table.certain else Verdict.UNKNOWN
    if route.target is None:
        return Verdict.UNKNOWN
    return network.tables.attached(route.target, subnet.vpc) if route.target.type == GATEWAY else Verdict.NO


def _detached(attached: Verdict) -> str:
    return "" if attached is Verdict.YES else ", which is not attached to this VPC"


def _public_endpoint(source: End, target: End) -> Hop:
    """The addresses that EKS answers. Who comes by a NAT gateway has its address, which a plan does not know."""
    at = f"public endpoint of {target.place}"
    if target.admits is None:
        return Hop(at=at, verdict=Verdict.UNKNOWN, why="whom it answers is not known yet")
    if not target.admits:
        return Hop(at=at, verdict=Verdict.NO, why="there is none", remedy="set endpointPrivateAccess")
    verdict = covered((EVERYTHING,), target.admits)
    if verdict is not Verdict.YES and source.subnet:
        verdict = Verdict.UNKNOWN
    whom = "everybody" if EVERYTHING in target.admits else f"{', '.join(map(str, target.admits))} only"
    return Hop(at=at, verdict=verdict, why=f"answers {whom}")


def _behind(network: Network, source: End, target: End) -> Iterator[Hop]:
    """The policies of the pods behind a load balancer that passes the client's own address on."""
    assert target.balancer is not None  # noqa: S101 - for mypy
    client = replace(source, pod=None)
    for pod, inner in target.balancer.targets.found:
        if hop := network.policies.passes(pod, client, inner, egress=False):
            yield hop
