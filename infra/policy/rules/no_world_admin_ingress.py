"""Rule: no security group opens an administration or database port to the whole internet.

Anchors: AWS-0107, CKV_AWS_24, CKV_AWS_25, CIS-AWS 6.1.2, CIS-AWS 6.3, CIS-AWS 6.4, EC2.19.
"""

from collections.abc import Iterator
from typing import Any

from pulumi_policy import Severity

from infra.policy.cidrs import is_world
from infra.policy.documents import texts
from infra.policy.rule import resource_rule
from infra.resources.properties import is_number, items, mapping
from infra.resources.resource import Properties, Resource

ADMIN_PORTS = {
    20: "FTP",
    21: "FTP",
    22: "SSH",
    23: "Telnet",
    135: "RPC",
    445: "SMB",
    1433: "SQL Server",
    1521: "Oracle",
    2375: "Docker",
    2376: "Docker",
    2379: "etcd",
    2380: "etcd",
    3000: "Grafana",
    3306: "MySQL",
    3389: "RDP",
    4333: "mSQL",
    5432: "PostgreSQL",
    5439: "Redshift",
    5500: "VNC",
    5601: "OpenSearch Dashboards",
    5672: "RabbitMQ",
    5900: "VNC",
    5984: "CouchDB",
    5985: "WinRM",
    5986: "WinRM",
    6379: "Redis",
    6443: "Kubernetes API",
    7000: "Cassandra",
    8086: "InfluxDB",
    8500: "Consul",
    9042: "Cassandra",
    9090: "Prometheus",
    9092: "Kafka",
    9200: "Elasticsearch",
    9300: "Elasticsearch",
    10250: "kubelet",
    11211: "Memcached",
    15672: "RabbitMQ",
    27017: "MongoDB",
    27018: "MongoDB",
    50070: "Hadoop",
}
"""Port -> what listens there. Security Hub EC2.19 and Trusted Advisor list most of them:
https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html#ec2-19"""
GROUPS = ("aws:ec2/securityGroup:SecurityGroup", "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup")
RULE_TYPES = (
    "aws:ec2/securityGroupRule:SecurityGroupRule",
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
)
SHOWN_PORTS = 6


def check(resource: Resource) -> Iterator[str]:
    """Yield open ports, in the inline rules of a group or in a separate rule resource."""
    for entry in ingress(resource):
        world = [cidr for cidr in sources(entry) if is_world(cidr)]
        ports = [f"{port} ({name})" for port, name in ADMIN_PORTS.items() if _covers(entry, port)]
        if world and ports:
            more = f" and {len(ports) - SHOWN_PORTS} more" if len(ports) > SHOWN_PORTS else ""
            yield f"ingress from {', '.join(world)} reaches port {', '.join(ports[:SHOWN_PORTS])}{more}"


def ingress(resource: Resource) -> list[Properties]:
    """Return the inline ingress rules of a group, or the rule of a rule resource."""
    if resource.type in GROUPS:
        return [mapping(each) for each in items(resource.properties.get("ingress"))]
    return [] if resource.properties.get("type", "ingress") == "egress" else [resource.properties]


def sources(entry: Properties) -> list[str]:
    """Return the known source address ranges of an ingress rule."""
    keys = ("cidrBlocks", "ipv6CidrBlocks", "cidrIpv4", "cidrIpv6")
    return [cidr for key in keys for cidr in texts(entry.get(key))]


def _covers(entry: Properties, port: int) -> bool:
    protocol = entry.get("protocol", entry.get("ipProtocol"))
    if str(protocol) in ("-1", "-1.0", "all"):
        return True
    if str(protocol).lower() not in ("tcp", "udp", "6", "17", "6.0", "17.0"):
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
