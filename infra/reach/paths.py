"""Traces the path from one network interface to another, hop by hop."""

from collections.abc import Iterator
from dataclasses import replace

from infra.reach.acl_crossings import crossings
from infra.reach.endpoint_policies import passing
from infra.reach.ends import End, Place, Subnet
from infra.reach.internet import inward, outward, public_endpoint
from infra.reach.network import Network
from infra.reach.port import Port
from infra.reach.routes import Route
from infra.reach.verdict import Answer, Hop, Path, Verdict


def answer(network: Network, source: Place, target: Place) -> Answer | None:
    """Return whether a place can reach all ports of another; None if the combination has no meaning."""
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
    """Return whether the combination has a meaning.

    Services on a node are for its own pods, and connections between two ends outside the VPC are not analyzed.
    """
    if target.on_node:
        return source.on_cluster
    if source.balancer:
        return target.pod is not None  # a load balancer connects to its targets only
    return bool(source.subnet or target.subnet or target.admits is not None)


def path(network: Network, source: End, target: End, port: Port) -> Path:
    """Return the path of a connection from one end to the other."""
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
        yield from outward(network, source, source.subnet, target, port)
    elif target.subnet:
        yield from inward(network, target, target.subnet)
    yield from crossings(source, target, port)
    if target.subnet and target.member:
        yield network.groups.passes(target.member, source, port, egress=False)
    yield from passing(target.endpoint)
    if target.admits is not None or (target.subnet is None and not target.service and target.place != "internet"):
        yield public_endpoint(source, target)
    if target.pod and (hop := network.policies.passes(target.pod, source, port, egress=False)):
        yield hop
    if target.balancer and target.balancer.keeps_client_address:
        yield from _behind(network, source, target)


def _on_node(network: Network, source: End, target: End, port: Port) -> Iterator[Hop]:
    """Yield the hops to a service on the node itself.

    Only DNS requires more: the resolver of the VPC, which is not filtered by security groups or ACLs.

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
    """Return the hop of the local route, which every table has, unless a more specific route takes precedence."""
    at = f"route table {source.table.name} of {source.name}"
    resource = source.table.resource or source.resource
    if "" in (source.vpc, target.vpc):
        return Hop(at=at, verdict=Verdict.UNKNOWN, why=f"the VPC of {target.name} is not known", resource=resource)
    if source.vpc != target.vpc:
        return _elsewhere(source, target, at)
    if route := _own_route(network, source, target):
        why = f"{route.destination} has a route of its own, whose target is not modelled"
        return Hop(at=at, verdict=Verdict.UNKNOWN, why=why, resource=route.resource)
    if route := _own_route(network, target, source):
        back = f"route table {target.table.name} of {target.name}"
        why = f"answers to {route.destination} have a route of their own, whose target is not modelled"
        return Hop(at=back, verdict=Verdict.UNKNOWN, why=why, resource=route.resource)
    return Hop(at=at, verdict=Verdict.YES, why="local route", resource=resource)


def _own_route(network: Network, source: Subnet, target: Subnet) -> Route | None:
    """Return a route of the source's table to addresses of the target that takes precedence over the local route."""
    whole = network.vpc_addresses(source.vpc)
    for route in source.table.leaving():
        to = route.destination
        narrow = to and any(to.subnet_of(one) and to != one for one in whole)
        if to and narrow and any(to.overlaps(one) for one in target.addresses):
            return route
    return None


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


def _behind(network: Network, source: End, target: End) -> Iterator[Hop]:
    """Yield the hops of NetworkPolicies of pods behind a load balancer that preserves the client's address."""
    assert target.balancer is not None  # noqa: S101 - for mypy
    client = replace(source, pod=None)
    for pod, inner in target.balancer.targets.found:
        if hop := network.policies.passes(pod, client, inner, egress=False):
            yield hop
