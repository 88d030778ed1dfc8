"""Load balancers: their listeners, the clients that they accept, and the pods to which they forward requests.

This module has the load balancers that EKS creates for Services of type LoadBalancer; `elb` has those that the program
creates itself. To add another kind, write another function that yields `Balancer` objects.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from infra.reach.addresses import EVERYTHING, Blocks, blocks
from infra.reach.graph import Graph
from infra.reach.pods import Namespaces, Pod
from infra.reach.port import Port
from infra.reach.routes import SUBNET
from infra.reach.security_groups import Group, Member, Rule, SecurityGroups
from infra.reach.targets import Targets, targets_of
from infra.reach.values import number, text
from infra.reach.verdict import Verdict
from infra.resources.properties import UNKNOWN, items, mapping
from infra.resources.resource import Resource

SERVICE = "kubernetes:core/v1:Service"
PREFIX = "service.beta.kubernetes.io/aws-load-balancer-"
# https://docs.aws.amazon.com/eks/latest/userguide/tag-subnets-auto.html
SUBNET_TAGS = {"internet-facing": "kubernetes.io/role/elb", "internal": "kubernetes.io/role/internal-elb"}


@dataclass(frozen=True, kw_only=True, eq=False)
class Balancer:
    """A load balancer and its targets."""

    resource: Resource
    scheme: str
    """`internet-facing` or `internal`; empty if it is unknown."""
    subnets: tuple[Resource, ...]
    member: Member
    listeners: tuple[Port, ...]
    targets: Targets
    """The kinds of pods to which it forwards requests, and the ports on which they listen."""
    keeps_client_address: bool
    """Whether a pod sees the address of the client rather than that of the load balancer."""
    opens: tuple[Port, ...]
    """The ports that the controller opens for it in the security group of the targets."""
    subnets_found_by: str
    """How to assign subnets to it; used as a remedy if it has none."""
    subnets_certain: bool = True
    """Whether `subnets` is known to be complete."""

    @property
    def public(self) -> Verdict:
        """Whether the load balancer has public addresses."""
        if not self.scheme:
            return Verdict.UNKNOWN
        return Verdict.YES if self.scheme == "internet-facing" else Verdict.NO


def open_targets(balancers: Sequence[Balancer], groups: SecurityGroups, clusters: Sequence[Resource]) -> None:
    """Add the rules that the controller creates for each load balancer to the security groups of its targets.

    https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/deploy/security_groups/
    """
    for balancer in balancers:
        for cluster in clusters:
            groups.of_cluster(cluster).groups[0].rules.extend(
                Rule(
                    egress=False,
                    protocol=port.protocol,
                    first=port.number,
                    last=port.number,
                    groups=balancer.member.urns,
                )
                for port in dict.fromkeys(balancer.opens)
            )


def service_balancers(graph: Graph, namespaces: Namespaces, pods: Sequence[Pod]) -> Iterator[Balancer]:
    """Yield the load balancers that EKS creates for Services of type LoadBalancer."""
    for each in graph.all(SERVICE):
        spec = mapping(each.properties.get("spec"))
        if spec.get("type") != "LoadBalancer":
            continue
        notes = mapping(mapping(each.properties.get("metadata")).get("annotations"))
        # https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/service/annotations/
        scheme = notes.get(f"{PREFIX}scheme", "internal")
        tag = SUBNET_TAGS.get(text(scheme), "")
        listeners = tuple(_listener(entry) for entry in map(mapping, items(spec.get("ports"))))
        attributes = text(notes.get(f"{PREFIX}target-group-attributes")).split(",")
        targets = targets_of(each, namespaces, pods)
        yield Balancer(
            resource=each,
            scheme=text(scheme),
            subnets=tuple(
                subnet for subnet in graph.all(SUBNET) if tag and tag in mapping(subnet.properties.get("tags"))
            ),
            member=Member(groups=(_front(each, spec, notes, listeners),)),
            listeners=listeners,
            targets=targets,
            keeps_client_address="preserve_client_ip.enabled=true" in attributes,
            opens=tuple(port for _, port in targets.found),
            subnets_found_by=f"tag a subnet {tag}" if tag else "set its scheme",
        )


def _front(resource: Resource, spec: Mapping[str, Any], notes: Mapping[str, Any], listeners: Sequence[Port]) -> Group:
    """Return the security group that EKS creates for a load balancer; it allows all sources unless ranges are set."""
    asked = spec.get("loadBalancerSourceRanges", notes.get(f"{PREFIX}source-ranges"))
    ranges: Any = asked.split(",") if isinstance(asked, str) else asked
    allowed: Blocks = blocks(ranges) if ranges else (EVERYTHING,)
    own_groups = notes.get(f"{PREFIX}security-groups") is not None
    rules = [
        Rule(
            egress=False,
            protocol=port.protocol,
            first=port.number,
            last=port.number,
            blocks=() if own_groups or asked is UNKNOWN else allowed,
            certain=not own_groups and asked is not UNKNOWN,
        )
        for port in listeners
    ]
    return Group(
        urn=f"{resource.urn}/load-balancer",
        name=f"of the load balancer {resource.name}",
        resource=resource,
        rules=[*rules, Rule(egress=True, blocks=(EVERYTHING,))],
    )


def _listener(entry: Mapping[str, Any]) -> Port:
    return Port(text(entry.get("protocol")) or "TCP", number(entry.get("port")) or 0)
