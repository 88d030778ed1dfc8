"""Security groups: their rules, their members, and the traffic that they allow.

Rules can only allow traffic, and the rules of all groups of an interface are combined. Groups are stateful: return
traffic is allowed regardless of the rules of the other direction
(https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html). A rule that refers to a group applies to
the private addresses of its members (https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from infra.reach.addresses import EVERYTHING, Blocks, blocks, covered
from infra.reach.graph import Graph, Refs
from infra.reach.port import Port
from infra.reach.values import number, protocol, text
from infra.reach.verdict import Hop, Verdict, along, any_of
from infra.resources.properties import UNKNOWN, items, mapping
from infra.resources.resource import Resource
from localcloud.aws.prefix_lists import ORIGIN_FACING_IDS

CLOUDFRONT = "cloudfront"
"""The service name for the addresses in the prefix list of CloudFront."""
GROUP = "aws:ec2/securityGroup:SecurityGroup"
DEFAULT = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
CLUSTER = "aws:eks/cluster:Cluster"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
CLASSIC = "aws:ec2/securityGroupRule:SecurityGroupRule"
ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
GROUPS = (GROUP, DEFAULT, CLUSTER)
# Properties of the different kinds of rules for CIDR blocks, groups and prefix lists.
BLOCK_KEYS = ("cidrBlocks", "cidrIpv4")
GROUP_KEYS = ("securityGroups", "sourceSecurityGroupId", "referencedSecurityGroupId")
PREFIX_KEYS = ("prefixListIds", "prefixListId")


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule of a security group."""

    egress: bool
    protocol: str = "ALL"
    """The protocol in the form of `values.protocol`."""
    first: int | None = None
    last: int | None = None
    blocks: Blocks = ()
    groups: frozenset[str] = frozenset()
    """URNs of the groups whose members it allows."""
    services: frozenset[str] = frozenset()
    """AWS services allowed by the prefix lists of their gateway endpoints, and CloudFront by its prefix list."""
    certain: bool = True
    """Whether all peers of the rule are known, so that it allows no others."""


@dataclass(kw_only=True, eq=False)
class Group:
    """A security group; the cluster security group of EKS has the URN of its cluster."""

    urn: str
    name: str
    resource: Resource | None
    rules: list[Rule] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Member:
    """The security groups of an interface."""

    groups: tuple[Group, ...]
    certain: bool = True

    @property
    def urns(self) -> frozenset[str]:
        """URNs of the groups."""
        return frozenset(group.urn for group in self.groups)

    def __str__(self) -> str:
        return ", ".join(group.name for group in self.groups) or "?"


class Peer(Protocol):
    """The other end of a connection."""

    @property
    def place(self) -> str:
        """The place of the peer, such as `nodes`."""

    @property
    def addresses(self) -> Blocks:
        """Its possible addresses; empty if they are unknown."""

    @property
    def member(self) -> Member | None:
        """Its security groups; None if security groups do not apply to it."""

    @property
    def service(self) -> str:
        """The AWS service that has these public addresses; empty if there is none."""

    @property
    def whom(self) -> str:
        """Its addresses in the form used in a rule."""


class SecurityGroups:
    """All security groups of a plan with their rules."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._groups = {each.urn: _group(each) for each in graph.all(*GROUPS)}
        self._stray: list[Rule] = []
        for each in graph.all(GROUP, DEFAULT):
            for egress, key in ((False, "ingress"), (True, "egress")):
                for entry in self._inline(each, key):
                    self._groups[each.urn].rules.append(self._rule(each, entry, egress=egress, at=key))
        for each in graph.all(INGRESS, EGRESS, CLASSIC):
            egress = each.type == EGRESS or each.properties.get("type") == "egress"
            rule = self._rule(each, each.properties, egress=egress)
            owners = graph.of(each, "securityGroupId", *GROUPS)
            for owner in owners.found:
                self._groups[owner.urn].rules.append(rule)
            if not owners.certain:
                self._stray.append(rule)

    def of(self, resource: Resource, key: str, vpc: str) -> Member:
        """Return the groups that a property refers to, or the default group of the VPC if there are none."""
        member = self.named(resource, key)
        if member.certain and not member.groups:
            return Member(groups=(self._default(vpc),))
        return member

    def named(self, resource: Resource, key: str, value: Any = None) -> Member:
        """Return the groups that a property, or a value in it, refers to."""
        refs = self._graph.of(resource, key, *GROUPS, value=value)
        return Member(groups=tuple(self._groups[each.urn] for each in refs.found), certain=refs.certain)

    def of_cluster(self, cluster: Resource) -> Member:
        """Return the cluster security group, which EKS creates for nodes and pods."""
        return Member(groups=(self._groups[cluster.urn],))

    def passes(self, member: Member, peer: Peer, port: Port, *, egress: bool) -> Hop:
        """Return the hop of an interface's groups for traffic to a peer (`egress`) or from it."""
        verdict = self._verdict(member, peer, port, egress=egress)
        who = f"{port} {'to' if egress else 'from'} {peer.place}"
        kind = "egress" if egress else "ingress"
        main = member.groups[0] if member.groups else None
        why = {
            Verdict.YES: f"allows {who}",
            Verdict.SOME: f"allows {who} in part",
            Verdict.UNKNOWN: f"may allow {who}; its rules are not known yet",
            Verdict.NO: f"no {kind} rule allows {who}",
        }[verdict]
        whom = peer.member if peer.member and peer.member.groups else peer.whom
        return Hop(
            at=f"security group {member}",
            verdict=verdict,
            why=why,
            resource=main.resource if main else None,
            remedy=f"add an {kind} rule to it for {port} {'to' if egress else 'from'} {whom}",
        )

    def ports_open_to(self, peer: Peer) -> list[Port]:
        """Return the first port of each ingress rule, in any group, that allows a peer by its addresses."""
        rules = [rule for group in self._groups.values() for rule in group.rules if not rule.egress]
        opened = [rule for rule in rules if covered(peer.addresses, rule.blocks) is not Verdict.NO]
        return [Port("UDP" if rule.protocol == "UDP" else "TCP", rule.first or 443) for rule in opened]

    def _verdict(self, member: Member, peer: Peer, port: Port, *, egress: bool) -> Verdict:
        found = [Verdict.NO if member.certain else Verdict.UNKNOWN]
        allowed: list[Any] = []
        rules = [(rule, True) for group in member.groups for rule in group.rules]
        for rule, sure in [*rules, *((rule, False) for rule in self._stray)]:
            fits = along([_fits(rule, port), Verdict.YES if sure else Verdict.UNKNOWN])
            if rule.egress is not egress or fits is Verdict.NO:
                continue
            if fits is Verdict.YES:
                allowed += rule.blocks
            found.append(along([fits, any_of([covered(peer.addresses, rule.blocks), _by_reference(rule, peer)])]))
        return any_of([*found, covered(peer.addresses, allowed)])

    def _default(self, vpc: str) -> Group:
        """Return the default group of the VPC; if it is a Pulumi resource, its initial AWS rules are removed."""
        for each in self._graph.all(DEFAULT):
            if not vpc or vpc in {found.urn for found in self._graph.of(each, "vpcId", "aws:ec2/vpc:Vpc").found}:
                return self._groups[each.urn]
        return _open_to_itself(f"{vpc}/default", "default", None)

    def _inline(self, resource: Resource, key: str) -> Iterator[dict[str, Any]]:
        value = resource.properties.get(key)
        # An output that was not set as an input is unknown too, but then has no dependencies.
        if value is UNKNOWN and resource.dependencies.get(key):
            yield {"protocol": UNKNOWN, "cidrBlocks": UNKNOWN}
        yield from (mapping(each) for each in items(value))

    def _rule(self, resource: Resource, entry: dict[str, Any], *, egress: bool, at: str = "") -> Rule:
        groups: list[Refs] = [
            self._graph.of(resource, at or key, *GROUPS, value=entry[key]) for key in GROUP_KEYS if entry.get(key)
        ]
        named = [one for key in PREFIX_KEYS for one in items(entry.get(key))]
        fronts = [one for one in named if one in ORIGIN_FACING_IDS.values()]
        lists = [
            self._graph.of(resource, at or key, ENDPOINT, value=entry[key])
            for key in PREFIX_KEYS
            if entry.get(key) and not (fronts and len(fronts) == len(named))
        ]
        urns = {each.urn for refs in groups for each in refs.found}
        if entry.get("self") is True:
            urns |= {resource.urn} if resource.type in (GROUP, DEFAULT) else self._owner(resource)
        asked = [entry.get(key) for key in BLOCK_KEYS]
        return Rule(
            egress=egress,
            protocol=protocol(entry.get("protocol", entry.get("ipProtocol"))),
            first=number(entry.get("fromPort")),
            last=number(entry.get("toPort")),
            blocks=tuple(found for each in asked for found in blocks(each)),
            groups=frozenset(urns),
            services=frozenset(
                [*(service_of(each) for refs in lists for each in refs.found), *([CLOUDFRONT] if fronts else [])]
            ),
            certain=all(refs.certain for refs in [*groups, *lists])
            and not any(one is UNKNOWN for each in asked for one in [each, *items(each)]),
        )

    def _owner(self, rule: Resource) -> set[str]:
        return {each.urn for each in self._graph.of(rule, "securityGroupId", *GROUPS).found}


def service_of(endpoint: Resource) -> str:
    """Return the service of a VPC endpoint, such as `ecr.api` of `com.amazonaws.eu-central-1.ecr.api`."""
    parts = text(endpoint.properties.get("serviceName")).split(".", 3)
    return parts[3] if len(parts) == 4 else ""


def _group(resource: Resource) -> Group:
    """Return a group with its initial rules from AWS, unless Pulumi removes them."""
    if resource.type != CLUSTER:
        # A group without `egress` has no egress rules: the provider removes the rule that EC2 creates.
        # https://www.pulumi.com/registry/packages/aws/api-docs/ec2/securitygroup/
        return Group(urn=resource.urn, name=resource.name, resource=resource)
    # https://docs.aws.amazon.com/eks/latest/userguide/sec-group-reqs.html
    return _open_to_itself(resource.urn, resource.name, resource)


def _open_to_itself(urn: str, name: str, resource: Resource | None) -> Group:
    own = Rule(egress=False, groups=frozenset([urn]))
    return Group(urn=urn, name=name, resource=resource, rules=[own, Rule(egress=True, blocks=(EVERYTHING,))])


def _fits(rule: Rule, port: Port) -> Verdict:
    if rule.protocol == "ALL":
        return Verdict.YES
    if rule.protocol not in ("", port.protocol):
        return Verdict.NO
    if rule.first is None or rule.last is None:
        return Verdict.UNKNOWN
    if not rule.first <= port.number <= rule.last:
        return Verdict.NO
    return Verdict.YES if rule.protocol else Verdict.UNKNOWN


def _by_reference(rule: Rule, peer: Peer) -> Verdict:
    if peer.member and rule.groups & peer.member.urns:
        return Verdict.YES
    if peer.service and peer.service in rule.services:
        return Verdict.YES
    doubt = not rule.certain or (rule.groups and peer.member and not peer.member.certain)
    return Verdict.UNKNOWN if doubt else Verdict.NO
