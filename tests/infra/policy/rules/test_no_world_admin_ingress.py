"""aws-ec2-no-world-admin-ingress."""

from typing import Any

import pytest

from infra.policy.rules.no_world_admin_ingress import RULE
from tests.infra.policy.compliant import INGRESS_RULE, OLD_RULE, SECURITY_GROUP
from tests.infra.policy.judge import Given, violations


@pytest.mark.parametrize("resource", [SECURITY_GROUP, INGRESS_RULE, OLD_RULE], ids=lambda each: each.type)
def test_accepts_admin_ports_for_networks_and_other_ports_for_all(resource: Given) -> None:
    """Port 443 may be open to the internet; 5432 and 22 may be open to a network."""
    assert violations(RULE, resource) == []


@pytest.mark.parametrize(
    ("resource", "path", "value"),
    [
        (SECURITY_GROUP, "ingress.1.cidrBlocks", ["10.0.0.0/8", "0.0.0.0/0"]),
        (SECURITY_GROUP, "ingress.1.ipv6CidrBlocks", ["::/0"]),
        (SECURITY_GROUP, "ingress.0.toPort", 6000.0),
        (SECURITY_GROUP, "ingress.0.protocol", "-1"),
        (INGRESS_RULE, "cidrIpv4", "0.0.0.0/0"),
        (INGRESS_RULE, "cidrIpv6", "::/0"),
        (INGRESS_RULE, "cidrIpv4", "128.0.0.0/1"),
        (OLD_RULE, "cidrBlocks", ["0.0.0.0/0"]),
    ],
)
def test_rejects_an_admin_port_open_to_all(resource: Given, path: str, value: Any) -> None:
    """It is found in inline rules of a group, and in both kinds of rule resources."""
    broken = resource.but(path, value)
    if path == "ingress.0.toPort":
        broken = broken.but("ingress.0.fromPort", 5000.0)

    assert len(violations(RULE, broken)) == 1


@pytest.mark.parametrize(
    ("port", "service"),
    [(22, "SSH"), (3000, "Grafana"), (3389, "RDP"), (5432, "PostgreSQL"), (6379, "Redis"), (9090, "Prometheus")],
)
def test_rejects_every_port_of_administration_and_data(port: int, service: str) -> None:
    """The message names the port and its service."""
    rule = INGRESS_RULE.but("cidrIpv4", "0.0.0.0/0").but("fromPort", float(port)).but("toPort", float(port))

    [message] = violations(RULE, rule)

    assert f"ingress from 0.0.0.0/0 reaches port {port} ({service})" in message


def test_accepts_egress_to_the_world() -> None:
    """Egress rules are ignored."""
    egress = OLD_RULE.but("type", "egress").but("cidrBlocks", ["0.0.0.0/0"])

    assert violations(RULE, egress) == []


@pytest.mark.parametrize(
    "port", [21, 23, 445, 1433, 2375, 2379, 3306, 3389, 5601, 6443, 9042, 9200, 10250, 11211, 27017]
)
def test_rejects_each_port_of_administration_and_data(port: int) -> None:
    """Kinds are remote access, container and cluster APIs, databases, caches and search."""
    broken = OLD_RULE.but("fromPort", float(port)).but("toPort", float(port)).but("cidrBlocks", ["0.0.0.0/0"])

    assert f"reaches port {port} (" in violations(RULE, broken)[0]


def test_shortens_a_list_of_many_ports() -> None:
    """All ports at once are one finding."""
    broken = OLD_RULE.but("fromPort", 0.0).but("toPort", 65535.0).but("cidrBlocks", ["0.0.0.0/0"])
    [message] = violations(RULE, broken)

    assert "445 (SMB) and " in message


@pytest.mark.parametrize(
    ("last", "shown"), [(445.0, "135 (RPC), 445 (SMB). "), (1433.0, "135 (RPC), 445 (SMB) and 1 more. ")]
)
def test_names_six_ports_at_most(last: float, shown: str) -> None:
    """A range may have all of them."""
    entry = {"protocol": "tcp", "fromPort": 20.0, "toPort": last, "cidrBlocks": ["0.0.0.0/0"]}

    [message] = violations(RULE, Given(type="aws:ec2/securityGroup:SecurityGroup", properties={"ingress": [entry]}))

    assert f"reaches port 20 (FTP), 21 (FTP), 22 (SSH), 23 (Telnet), {shown}" in message
