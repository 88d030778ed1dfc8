"""Load balancers: where they listen, who may call them, and which pods they pass calls on to.

Here are those that EKS makes for Services of the type LoadBalancer; `elb` has those that the program makes itself.
Another kind is one more function that gives `Balancer`s.
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
    """A load balancer and what is behind it."""

    resource: Resource
    scheme: str
    """`internet-facing` or `internal`; empty where it is unknown."""
    subnets: tuple[Resource, ...]
    member: Member
    listeners: tuple[Port, ...]
    targets: Targets
    """The kinds of pods it passes calls on to, and the ports where these listen."""
    keeps_client_address: bool
    """Whether a pod sees the client's address, and not one of the load balancer."""
    opens: tuple[Port, ...]
    """The ports that its controller opens for it in the group of the targets."""
    subnets_found_by: str
    """How it gets its subnets, for whoever has to give it some."""
    subnets_certain: bool = True
    """Whether `subnets` are all of them."""

    @property
    def public(self) -> Verdict:
        """Whether it has public addresses."""
        if not self.scheme:
            return Verdict.UNKNOWN
        return Verdict.YES if self.scheme == "internet-facing" else Verdict.NO


def open_targets(balancers: Sequence[Balancer], groups: SecurityGroups, clusters: Sequence[Resource]) -> None:
    """Add to the groups of the targets what the controller adds for each load balancer.

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
    """Yield the load balancers that EKS makes for Services of the type LoadBalancer."""
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
            subnets_found_by=f"tag a subnet {tag}" if tag else "say its scheme",
        )


def _front(resource: Resource, spec: Mapping[str, Any], notes: Mapping[str, Any], listeners: Sequence[Port]) -> Group:
    """Return the group that EKS makes for a load balancer: it lets everybody in unless ranges are given."""
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
