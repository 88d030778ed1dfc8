"""Security groups: their rules, who is in them, and what they let pass.

Rules only allow, and all rules of all groups of an interface count together. Groups are stateful: what they let pass
one way may be answered whatever the other direction says
(https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html). A rule that names a group means the
private addresses of its members (https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html).
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
"""The service whose addresses CloudFront's prefix list has."""
GROUP = "aws:ec2/securityGroup:SecurityGroup"
DEFAULT = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
CLUSTER = "aws:eks/cluster:Cluster"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
CLASSIC = "aws:ec2/securityGroupRule:SecurityGroupRule"
ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
GROUPS = (GROUP, DEFAULT, CLUSTER)
# Of the three kinds of rules: where each has its blocks, groups and prefix lists.
BLOCK_KEYS = ("cidrBlocks", "cidrIpv4")
GROUP_KEYS = ("securityGroups", "sourceSecurityGroupId", "referencedSecurityGroupId")
PREFIX_KEYS = ("prefixListIds", "prefixListId")


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What one rule allows."""

    egress: bool
    protocol: str = "ALL"
    """As `values.protocol` has it."""
    first: int | None = None
    last: int | None = None
    blocks: Blocks = ()
    groups: frozenset[str] = frozenset()
    """URNs of the groups whose members it lets pass."""
    services: frozenset[str] = frozenset()
    """AWS services, by the prefix lists of their gateway endpoints, and CloudFront by its own."""
    certain: bool = True
    """Whether it lets nobody else pass."""


@dataclass(kw_only=True, eq=False)
class Group:
    """A security group. EKS's cluster security group is that of its cluster."""

    urn: str
    name: str
    resource: Resource | None
    rules: list[Rule] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Member:
    """The groups that an interface is in."""

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
        """The place that it belongs to, such as `nodes`."""

    @property
    def addresses(self) -> Blocks:
        """Those that it may have; none where they are unknown."""

    @property
    def member(self) -> Member | None:
        """The security groups that it is in; None where none apply to it."""

    @property
    def service(self) -> str:
        """The AWS service whose public addresses these are; empty where they are of none."""

    @property
    def whom(self) -> str:
        """Its addresses, as a rule would name them."""


class SecurityGroups:
    """All groups of a plan with their rules."""

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
        """Return the groups that a property names; the default group of the VPC where it names none."""
        member = self.named(resource, key)
        if member.certain and not member.groups:
            return Member(groups=(self._default(vpc),))
        return member

    def named(self, resource: Resource, key: str, value: Any = None) -> Member:
        """Return the groups that a property, or a value in it, names; none where it names none."""
        refs = self._graph.of(resource, key, *GROUPS, value=value)
        return Member(groups=tuple(self._groups[each.urn] for each in refs.found), certain=refs.certain)

    def of_cluster(self, cluster: Resource) -> Member:
        """Return the group that EKS makes, which nodes and pods are in."""
        return Member(groups=(self._groups[cluster.urn],))

    def passes(self, member: Member, peer: Peer, port: Port, *, egress: bool) -> Hop:
        """Return whether the groups of an interface let it reach a peer, or be reached by it."""
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
        """Return the first port of each rule, in any group, that lets a peer in by its addresses."""
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
        """Return the VPC's default group. Pulumi's resource of it removes the rules that AWS gave it."""
        for each in self._graph.all(DEFAULT):
            if not vpc or vpc in {found.urn for found in self._graph.of(each, "vpcId", "aws:ec2/vpc:Vpc").found}:
                return self._groups[each.urn]
        return _open_to_itself(f"{vpc}/default", "default", None)

    def _inline(self, resource: Resource, key: str) -> Iterator[dict[str, Any]]:
        value = resource.properties.get(key)
        # An output that nobody gave as an input is unknown too, and then is made of nothing.
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
    """Return a group with the rules that AWS gives it, where Pulumi leaves it any."""
    if resource.type != CLUSTER:
        # Without `egress` a group has none: the provider removes the rule to everywhere that EC2 makes.
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
