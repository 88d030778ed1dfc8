"""Network ACLs: their associated subnets, and the traffic that they allow.

Rules are evaluated in the order of their numbers. The first matching rule decides; traffic that matches no rule is
denied. ACLs are stateless: return traffic is evaluated by the rules of the other direction, at the client's port.
Traffic within a subnet is not evaluated. https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from infra.reach.addresses import EVERYTHING, Blocks, block, within, without
from infra.reach.graph import Graph
from infra.reach.values import number, protocol
from infra.reach.verdict import Verdict, along
from infra.resources.properties import UNKNOWN, items, mapping
from infra.resources.resource import Resource

ACL = "aws:ec2/networkAcl:NetworkAcl"
DEFAULT = "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl"
RULE = "aws:ec2/networkAclRule:NetworkAclRule"
ASSOCIATION = "aws:ec2/networkAclAssociation:NetworkAclAssociation"
SUBNET = "aws:ec2/subnet:Subnet"
VPC = "aws:ec2/vpc:Vpc"


@dataclass(frozen=True, kw_only=True)
class AclRule:
    """One numbered rule of a network ACL."""

    order: int
    egress: bool
    allow: bool
    protocol: str
    first: int | None
    last: int | None
    block: Any
    """The CIDR block; None for an IPv6 rule, which matches no IPv4 traffic."""
    certain: bool


@dataclass(kw_only=True, eq=False)
class Acl:
    """A network ACL; the default ACL of a VPC allows everything unless it is a resource of the plan."""

    name: str
    resource: Resource | None
    rules: list[AclRule] = field(default_factory=list)

    def judge(self, peer: Blocks, kind: str, ports: tuple[int, int], *, egress: bool) -> Verdict:
        """Return whether the ACL allows traffic to or from the peer on all ports of a range."""
        rules = sorted((rule for rule in self.rules if rule.egress is egress), key=lambda rule: rule.order)
        if self.resource is None:
            return Verdict.YES
        verdicts = {_first_match(rules, peer, kind, port) for port in _samples(rules, ports)}
        if not peer and verdicts & {Verdict.SOME, Verdict.NO}:
            return Verdict.UNKNOWN
        return verdicts.pop() if len(verdicts) == 1 else along(verdicts - {Verdict.NO} | {Verdict.SOME})


class Acls:
    """All network ACLs of a plan."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._of_subnet: dict[str, Acl] = {}
        self._defaults: dict[str, Acl] = {}
        made = {each.urn: Acl(name=each.name, resource=each) for each in graph.all(ACL, DEFAULT)}
        for each in graph.all(ACL, DEFAULT):
            acl = made[each.urn]
            for egress, key in ((False, "ingress"), (True, "egress")):
                acl.rules += [
                    _rule(mapping(entry), egress, "ruleNo", "action") for entry in items(each.properties.get(key))
                ]
            for subnet in graph.of(each, "subnetIds", SUBNET).found:
                self._of_subnet[subnet.urn] = acl
            if each.type == DEFAULT:
                self._defaults |= {vpc.urn: acl for vpc in graph.of(each, "defaultNetworkAclId", VPC).found}
        for each in graph.all(RULE):
            owner = graph.of(each, "networkAclId", ACL, DEFAULT).only
            if owner:
                egress = each.properties.get("egress") is True
                made[owner.urn].rules.append(_rule(each.properties, egress, "ruleNumber", "ruleAction"))
        for each in graph.all(ASSOCIATION):
            owner = graph.of(each, "networkAclId", ACL, DEFAULT).only
            for subnet in graph.of(each, "subnetId", SUBNET).found:
                if owner:
                    self._of_subnet[subnet.urn] = made[owner.urn]

    def of(self, subnet: Resource) -> Acl:
        """Return the ACL of a subnet: its own, or the default ACL of its VPC, which allows all unless changed."""
        vpc = self._graph.of(subnet, "vpcId", VPC).only
        default = self._defaults.get(vpc.urn) if vpc else None
        return self._of_subnet.get(subnet.urn) or default or Acl(name="default", resource=None)


def _rule(entry: dict[str, Any], egress: bool, order: str, action: str) -> AclRule:
    place = entry.get("cidrBlock")
    known = number(entry.get(order))
    return AclRule(
        order=known if known is not None else 0,
        egress=egress,
        allow=str(entry.get(action)).lower() == "allow",
        protocol=protocol(entry.get("protocol")),
        first=number(entry.get("fromPort")),
        last=number(entry.get("toPort")),
        block=block(place),
        certain=known is not None and UNKNOWN not in (place, entry.get(action), entry.get("protocol")),
    )


def _samples(rules: Sequence[AclRule], ports: tuple[int, int]) -> set[int]:
    """Return one port of each subrange in which the same rules apply to all ports."""
    edges = {ports[0]}
    for rule in rules:
        edges |= {edge for edge in (rule.first, rule.last and rule.last + 1) if edge and ports[0] <= edge <= ports[1]}
    return edges


def _first_match(rules: Sequence[AclRule], peer: Blocks, kind: str, port: int) -> Verdict:
    """Return whether all, some or none of the peer's addresses are allowed on a port."""
    left = peer or (EVERYTHING,)
    allowed = denied = False
    for rule in rules:
        if not rule.certain:
            return Verdict.UNKNOWN
        if rule.protocol not in ("ALL", kind) or (rule.protocol != "ALL" and not _spans(rule, port)):
            continue
        if rule.block is None or not within(left, rule.block):
            continue
        allowed, denied = allowed or rule.allow, denied or not rule.allow
        left = without(left, rule.block)
        if not left:
            break
    if not allowed:
        return Verdict.NO
    return Verdict.SOME if denied or left else Verdict.YES


def _spans(rule: AclRule, port: int) -> bool:
    return rule.first is not None and rule.last is not None and rule.first <= port <= rule.last
