"""Rule: no security group opens an administration or database port to the whole internet.

Anchors: AWS-0107, CKV_AWS_24, CKV_AWS_25, CIS-AWS 6.3, CIS-AWS 6.4.
"""

from collections.abc import Iterator
from typing import Any

from pulumi_policy import Severity

from infra.policy.cidrs import is_world
from infra.policy.rule import resource_rule
from infra.resources.properties import UNKNOWN, is_number, items, mapping
from infra.resources.resource import Properties, Resource

ADMIN_PORTS = {22: "SSH", 3389: "RDP", 5432: "PostgreSQL", 6379: "Redis", 9090: "Prometheus", 3000: "Grafana"}
GROUPS = ("aws:ec2/securityGroup:SecurityGroup", "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup")
RULE_TYPES = (
    "aws:ec2/securityGroupRule:SecurityGroupRule",
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
)


def check(resource: Resource) -> Iterator[str]:
    """Yield open ports, in the inline rules of a group or in a separate rule resource."""
    for entry in ingress(resource):
        world = [cidr for cidr in sources(entry) if is_world(cidr)]
        ports = [f"{port} ({name})" for port, name in ADMIN_PORTS.items() if _covers(entry, port)]
        if world and ports:
            yield f"ingress from {', '.join(world)} reaches port {', '.join(ports)}"


def ingress(resource: Resource) -> list[Properties]:
    """Return the inline ingress rules of a group, or the rule of a rule resource."""
    if resource.type in GROUPS:
        return [mapping(each) for each in items(resource.properties.get("ingress"))]
    return [] if resource.properties.get("type", "ingress") == "egress" else [resource.properties]


def sources(entry: Properties) -> list[str]:
    """Return the known source address ranges of an ingress rule."""
    keys = ("cidrBlocks", "ipv6CidrBlocks", "cidrIpv4", "cidrIpv6")
    return [cidr for key in keys for cidr in items(entry.get(key)) if isinstance(cidr, str)]


def _covers(entry: Properties, port: int) -> bool:
    protocol = entry.get("protocol", entry.get("ipProtocol"))
    if str(protocol) in ("-1", "-1.0", "all"):
        return True
    if str(protocol).lower() not in ("tcp", "udp", "6", "17", "6.0", "17.0") and protocol is not UNKNOWN:
        return False
    first, last = _bound(entry.get("fromPort")), _bound(entry.get("toPort"))
    return first is not None and last is not None and first <= port <= last


def _bound(value: Any) -> float | None:
    return float(value) if is_number(value) else None


RULE = resource_rule(
    name="aws-ec2-no-world-admin-ingress",
    severity=Severity.CRITICAL,
    description="Administration and database ports must not be open to the whole internet.",
    remedy="take a security group as the source, or the few networks that need the port",
    types=[*GROUPS, *RULE_TYPES],
    check=check,
)
