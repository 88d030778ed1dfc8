"""The two ends of a connection: network interfaces, and places outside the VPC."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from infra.reach.addresses import EVERYTHING, Blocks
from infra.reach.port import Port
from infra.reach.verdict import Verdict

if TYPE_CHECKING:
    from infra.reach.acls import Acl
    from infra.reach.balancers import Balancer
    from infra.reach.pods import Pod
    from infra.reach.routes import Table
    from infra.reach.security_groups import Member
    from infra.resources.resource import Resource

# https://docs.aws.amazon.com/vpc/latest/userguide/custom-network-acl.html (ephemeral ports): "many Linux kernels use
# ports 32768-61000", and load balancers, NAT gateways and the clients of the internet use 1024-65535.
LINUX_PORTS = (32768, 60999)
ANY_CLIENT_PORTS = (1024, 65535)


@dataclass(frozen=True, kw_only=True, eq=False)
class Subnet:
    """A subnet with its route table and its network ACL."""

    name: str
    urn: str
    vpc: str
    """URN of its VPC; empty if it is unknown."""
    addresses: Blocks
    """Its CIDR block; empty if it is unknown."""
    table: Table
    acl: Acl
    resource: Resource


@dataclass(frozen=True, kw_only=True, eq=False)
class End:
    """A network interface in a subnet; without a subnet, an address on the node or outside the VPC."""

    place: str
    """The place of the interface, such as `nodes`."""
    addresses: Blocks
    """The possible addresses; empty if they are unknown."""
    subnet: Subnet | None = None
    member: Member | None = None
    """Its security groups; None if security groups do not apply to it."""
    public: Verdict = Verdict.NO
    """Whether it has a public address."""
    pod: Pod | None = None
    service: str = ""
    """The AWS service that has these public addresses, such as `s3`."""
    on_node: bool = False
    """Whether a pod reaches it without leaving the node."""
    client_ports: tuple[int, int] = LINUX_PORTS
    """The range of source ports of its connections."""
    doubtful: bool = False
    """Whether it is unknown if traffic to the place goes to this end."""
    balancer: Balancer | None = None
    """The load balancer that has this interface."""
    endpoint: Resource | None = None
    """The VPC endpoint that has this interface."""
    admits: Blocks | None = None
    """The public client addresses that a public endpoint allows; None if it is not one or if they are unknown."""

    @property
    def on_cluster(self) -> bool:
        """Whether it is a node or a pod."""
        return self.pod is not None or self.place == "nodes"

    @property
    def whom(self) -> str:
        """Its addresses in the form used in a rule."""
        if len(self.addresses) > 1:
            return str(EVERYTHING)
        return str(self.addresses[0]) if self.addresses else self.place

    @property
    def name(self) -> str:
        """The name of the interface, such as `nodes in network-private-a`."""
        return f"{self.place} in {self.subnet.name}" if self.subnet else self.place


@dataclass(frozen=True, kw_only=True, eq=False)
class Place:
    """A source or target of the analysis: all interfaces that differ in their subnet only."""

    name: str
    ends: tuple[End, ...]
    ports: tuple[Port, ...] = ()
    """The ports on which it listens; empty for a place that is only a source."""
    outside: tuple[End, ...] = ()
    """The ends for clients outside the VPC, if they differ from `ends`."""
    parts: tuple[Place, ...] = ()
    """For a target that requires several services: the places of these services; the target itself has no ends."""
    resource: Resource | None = None
    """The resource of the plan, if the place is a single resource."""
    service: str = ""
    """The AWS service of the place, such as `sqs`, which is reachable from the internet regardless of the VPC."""
