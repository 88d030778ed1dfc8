"""Determines the network ACLs that a connection crosses, and whether they allow it."""

from collections.abc import Iterator
from typing import NamedTuple

from infra.reach.ends import End, Subnet
from infra.reach.port import Port
from infra.reach.verdict import Hop, Verdict


def crossings(source: End, target: End, port: Port) -> Iterator[Hop]:
    """Yield a hop for each ACL that a connection and its return traffic cross between two ends."""
    if source.subnet and target.subnet and source.subnet.urn == target.subnet.urn:
        return
    there, back = _Ports(port.protocol, port.number, port.number), _Ports(port.protocol, *source.client_ports)
    if source.subnet:
        yield from _passing(source.subnet, target, outgoing=there, incoming=back)
    if target.subnet:
        yield from _passing(target.subnet, source, outgoing=back, incoming=there)


class _Ports(NamedTuple):
    protocol: str
    first: int
    last: int

    def __str__(self) -> str:
        return f"{self.protocol} {self.first}" + (f"-{self.last}" if self.last != self.first else "")


def _passing(subnet: Subnet, peer: End, *, outgoing: _Ports, incoming: _Ports) -> Iterator[Hop]:
    acl = subnet.acl
    if acl.resource is None:
        return
    for egress, ports in ((True, outgoing), (False, incoming)):
        verdict = acl.judge(peer.addresses, ports.protocol, (ports.first, ports.last), egress=egress)
        who = f"{ports} {'to' if egress else 'from'} {peer.place}"
        yield Hop(
            at=f"network ACL {acl.name} of {subnet.name}",
            verdict=verdict,
            why={
                Verdict.YES: f"allows {who}",
                Verdict.SOME: f"denies a part of {who}",
                Verdict.UNKNOWN: f"may deny {who}; its rules are not known yet",
                Verdict.NO: f"denies {who}",
            }[verdict],
            resource=acl.resource,
            remedy=f"allow {ports} {'to' if egress else 'from'} {peer.whom} by a rule before the one that denies it",
        )
