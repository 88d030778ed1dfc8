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
    """A subnet with what filters and routes its traffic."""

    name: str
    urn: str
    vpc: str
    """URN of its VPC; empty where it is unknown."""
    addresses: Blocks
    """One block; none where it is unknown."""
    table: Table
    acl: Acl
    resource: Resource


@dataclass(frozen=True, kw_only=True, eq=False)
class End:
    """A network interface in a subnet; or, without one, a place on the node or outside the VPC."""

    place: str
    """The place that it belongs to, such as `nodes`."""
    addresses: Blocks
    """Those that it may have; none where they are unknown."""
    subnet: Subnet | None = None
    member: Member | None = None
    """The security groups that it is in; None where none apply to it."""
    public: Verdict = Verdict.NO
    """Whether it has a public address."""
    pod: Pod | None = None
    service: str = ""
    """The AWS service, such as `s3`, whose public addresses these are."""
    on_node: bool = False
    """Whether a pod reaches it without leaving its node."""
    client_ports: tuple[int, int] = LINUX_PORTS
    """Ports that its connections come from."""
    doubtful: bool = False
    """Whether it is not known that traffic goes here at all."""
    balancer: Balancer | None = None
    """The load balancer whose interface it is."""
    endpoint: Resource | None = None
    """The VPC endpoint whose interface it is."""
    admits: Blocks | None = None
    """Public addresses that it answers; None where it does not look at them."""

    @property
    def on_cluster(self) -> bool:
        """Whether it is a node, or a pod on one."""
        return self.pod is not None or self.place == "nodes"

    @property
    def whom(self) -> str:
        """Its addresses, as a rule would name them."""
        if len(self.addresses) > 1:
            return str(EVERYTHING)
        return str(self.addresses[0]) if self.addresses else self.place

    @property
    def name(self) -> str:
        """The interface, such as `nodes in network-private-a`."""
        return f"{self.place} in {self.subnet.name}" if self.subnet else self.place


@dataclass(frozen=True, kw_only=True, eq=False)
class Place:
    """What a question is asked about: all interfaces that are alike but for their subnet."""

    name: str
    ends: tuple[End, ...]
    ports: tuple[Port, ...] = ()
    """Where it listens; none for a place that only asks."""
    outside: tuple[End, ...] = ()
    """What whoever is outside the VPC finds in the place of `ends`, where that differs."""
    parts: tuple[Place, ...] = ()
    """For a target that is several services, all of which are needed: these, and no ends of its own."""
    resource: Resource | None = None
    """What it is in the plan, where it is one resource."""
    service: str = ""
    """The AWS service that it is, such as `sqs`: one that the internet reaches too, whatever the VPC looks like."""
