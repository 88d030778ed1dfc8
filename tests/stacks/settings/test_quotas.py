"""Lists that AWS limits: rules of security groups, and addresses of the public endpoint."""

from typing import Any

import pytest

from stacks.settings import parse_settings
from tests.stacks.settings.errors import error_lines
from tests.support.worlds import recorded

INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
TLS = {"domain": "api.example.com"}


def peers(count: int) -> list[str]:
    return [f"10.{100 + i // 250}.{i % 250}.0/24" for i in range(count)]


@pytest.mark.parametrize(
    ("edge", "most"),
    [({}, 59), (TLS, 29), ({**TLS, "http": "forward"}, 29)],
)
def test_each_peer_is_a_rule_for_each_port_of_the_load_balancer(edge: dict[str, Any], most: int) -> None:
    """The quota is 60 for a group. The VPC itself has a rule for each port too."""
    assert error_lines(edge=edge, network={"peerCidrs": peers(most)}) == []
    [line] = error_lines(edge=edge, network={"peerCidrs": peers(most + 1)})
    assert line.startswith(f"network.peerCidrs: must have {most} entries or fewer with scheme internal, ")
    assert f"got {most + 1}; combine blocks" in line


def test_an_internet_facing_load_balancer_has_no_rule_for_a_peer() -> None:
    edge = {**TLS, "scheme": "internet-facing"}

    assert error_lines(edge=edge, network={"peerCidrs": peers(60)}) == []
    assert error_lines(edge={**edge, "cloudfront": {}}, network={"peerCidrs": peers(60)}) == []


@pytest.mark.parametrize(("edge", "most"), [({}, 59), (TLS, 29)])
def test_the_program_creates_as_many_rules_as_are_counted(edge: dict[str, Any], most: int) -> None:
    given = {"region": "eu-central-1", "edge": edge, "network": {"peerCidrs": peers(most)}}
    world = recorded(parse_settings(given, "test"), "test")
    group = world.only("aws:ec2/securityGroup:SecurityGroup", "edge-load-balancer")

    rules = [each for each in world.all(INGRESS) if world.owner(each.inputs["securityGroupId"]) is group]
    assert len(rules) == 60


def test_sources_of_private_access_are_rules_of_one_group() -> None:
    groups = [f"sg-{i:017x}" for i in range(10)]
    blocks = [f"10.0.{i}.0/24" for i in range(51)]
    given = {"privateAccessSecurityGroups": groups, "privateAccessCidrs": blocks[:50]}

    assert error_lines(cluster=given) == []
    [line] = error_lines(cluster={**given, "privateAccessCidrs": blocks})
    assert line.startswith("cluster.privateAccessCidrs: must have 60 entries or fewer together with private")
    assert "got 61" in line


def test_the_public_endpoint_has_at_most_40_blocks() -> None:
    blocks = [f"52.1.1.{i}/32" for i in range(41)]

    assert error_lines(cluster={"publicAccessCidrs": blocks[:40]}) == []
    [line] = error_lines(cluster={"publicAccessCidrs": blocks})
    assert line.startswith("cluster.publicAccessCidrs: must have 40 entries or fewer, got [")
