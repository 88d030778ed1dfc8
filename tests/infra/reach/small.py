"""A small network: two subnets with a machine in each, and security groups and ACLs between them."""

from typing import Any

from infra.reach.ends import End
from infra.reach.network import Network
from infra.reach.paths import path
from infra.reach.port import Port
from infra.reach.verdict import Path
from infra.resources.resource import Resource
from tests.infra.reach.wiring import URN, made

VPC, SUBNET = "aws:ec2/vpc:Vpc", "aws:ec2/subnet:Subnet"
GROUP = "aws:ec2/securityGroup:SecurityGroup"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
ACL = "aws:ec2/networkAcl:NetworkAcl"
PORT = Port("TCP", 5432)
WEST, EAST = "10.0.1.0/24", "10.0.2.0/24"


def urn(type_: str, name: str) -> str:
    """Return the URN of a resource of the small network."""
    return f"{URN}::{type_}::{name}"


def subnets() -> list[Resource]:
    """Return a VPC with the subnets `west` and `east`."""
    vpc = made(VPC, "vpc", {"cidrBlock": "10.0.0.0/16"})
    return [
        vpc,
        made(SUBNET, "west", {"cidrBlock": WEST}, vpcId=vpc.urn),
        made(SUBNET, "east", {"cidrBlock": EAST}, vpcId=vpc.urn),
    ]


def groups(ingress: list[dict[str, Any]], egress: list[dict[str, Any]] | None = None) -> list[Resource]:
    """Return the groups `client` (of the machine in west) and `server` (of that in east) with their rules."""
    everything = [{"ipProtocol": "-1", "cidrIpv4": "0.0.0.0/0"}]
    rules = [
        made(INGRESS, f"in-{i}", _plain(rule), securityGroupId=urn(GROUP, "server"), **_references(rule))
        for i, rule in enumerate(ingress)
    ]
    rules += [
        made(EGRESS, f"out-{i}", _plain(rule), securityGroupId=urn(GROUP, "client"), **_references(rule))
        for i, rule in enumerate(everything if egress is None else egress)
    ]
    return [made(GROUP, "client", vpcId=urn(VPC, "vpc")), made(GROUP, "server", vpcId=urn(VPC, "vpc")), *rules]


def ask(*resources: Resource, port: Port = PORT) -> Path:
    """Return the path of a connection from the machine in west to that in east."""
    holder = made("test:Machine", "west", {"vpcId": "x"}, group=urn(GROUP, "client"))
    other = made("test:Machine", "east", {"vpcId": "x"}, group=urn(GROUP, "server"))
    network = Network([*subnets(), *resources, holder, other])
    west, east = (
        End(
            place=name,
            addresses=network.subnets[urn(SUBNET, name)].addresses,
            subnet=network.subnets[urn(SUBNET, name)],
            member=network.groups.named(machine, "group") if any(each.type == GROUP for each in resources) else None,
        )
        for name, machine in (("west", holder), ("east", other))
    )
    return path(network, west, east, port)


def _plain(rule: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in rule.items() if key != "group"}


def _references(rule: dict[str, Any]) -> dict[str, str]:
    return {"referencedSecurityGroupId": urn(GROUP, rule["group"])} if "group" in rule else {}
