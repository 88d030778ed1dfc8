"""Rules of EC2 for parameters: limits, cases that the corpus does not cover, and unknown values."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localcloud.protocol.values import UNKNOWN
from tests.localcloud.aws.judge.rules.verdict import verdict

VALUE = "InvalidParameterValue"
PARAMETER = "InvalidParameter"
COMBINATION = "InvalidParameterCombination"
EVERYWHERE = {"DestinationCidrBlock": "0.0.0.0/0"}
SOURCE = {"IpRanges": [{"CidrIp": "10.0.0.0/8"}]}


@settings(max_examples=50)
@given(st.ip_addresses(v=4), st.integers(0, 32))
def test_a_network_has_a_prefix_of_16_to_28_bits(address: Any, bits: int) -> None:
    """The address does not matter; EC2 drops host bits."""
    request = {"CidrBlock": f"{address}/{bits}"}
    usable = address.packed[0] not in (0, 127, *range(224, 240)) and address.packed[:2] != b"\xa9\xfe"

    assert verdict("ec2", "CreateVpc", request) == ("" if 16 <= bits <= 28 and usable else "InvalidVpc.Range")
    assert verdict("ec2", "CreateSubnet", request) == ("" if 16 <= bits <= 28 else "InvalidSubnet.Range")


@pytest.mark.parametrize(
    "text", ["", "10.0.0.0", "10.0.0/16", "10.0.0.0/33", "10.0.0.256/16", "::/64", "10.0.0.0/١٦", "a"]
)
def test_refuses_values_that_are_not_cidr_blocks(text: str) -> None:
    """This holds for networks, routes and rules of security groups."""
    permission = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": text}]}

    assert verdict("ec2", "CreateVpc", {"CidrBlock": text}) == VALUE
    route = {"DestinationCidrBlock": text, "GatewayId": "igw-1"}
    assert verdict("ec2", "CreateRoute", route) == (VALUE if text else COMBINATION)
    assert verdict("ec2", "AuthorizeSecurityGroupIngress", {"IpPermissions": [permission]}) == VALUE


def test_accepts_an_unknown_block() -> None:
    permission = {"IpProtocol": UNKNOWN, "FromPort": UNKNOWN, "IpRanges": [{"CidrIp": UNKNOWN}]}

    assert verdict("ec2", "CreateSubnet", {"CidrBlock": UNKNOWN}) == ""
    assert verdict("ec2", "CreateRoute", {"DestinationCidrBlock": UNKNOWN, "GatewayId": UNKNOWN}) == ""
    assert verdict("ec2", "AuthorizeSecurityGroupEgress", {"IpPermissions": [permission]}) == ""


ports = st.integers(-2, 70_000)


@settings(max_examples=100)
@given(st.sampled_from(["tcp", "udp", "6", "17", "TCP"]), ports, ports)
def test_validates_port_ranges(protocol: str, first: int, last: int) -> None:
    """New and changed rules have ports from 0 to 65535, the first not above the last."""
    rule = {"IpProtocol": protocol, "FromPort": first, "ToPort": last}
    code = "" if 0 <= first <= last <= 65_535 else VALUE

    assert verdict("ec2", "AuthorizeSecurityGroupIngress", {"IpPermissions": [SOURCE | rule]}) == code
    assert verdict("ec2", "ModifySecurityGroupRules", {"SecurityGroupRules": [{"SecurityGroupRule": rule}]}) == code


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ({"IpProtocol": "-1"}, ""),
        ({"IpProtocol": "icmp", "FromPort": -1, "ToPort": -1}, ""),
        ({"IpProtocol": "icmp", "FromPort": 8, "ToPort": 0}, ""),
        ({"IpProtocol": "icmp", "FromPort": 256, "ToPort": 0}, VALUE),
        ({"IpProtocol": "icmpv6"}, ""),
        ({"IpProtocol": "0"}, ""),
        ({"IpProtocol": "47"}, ""),
        ({"IpProtocol": "255"}, ""),
        ({"IpProtocol": "256"}, VALUE),
        ({"IpProtocol": "all"}, VALUE),
        ({"IpProtocol": ""}, VALUE),
        ({"IpProtocol": "tcp"}, VALUE),
        ({"IpProtocol": "tcp", "FromPort": 80}, VALUE),
        ({"IpProtocol": "-1", "Ipv6Ranges": [{"CidrIpv6": "::/0"}]}, ""),
        ({"IpProtocol": "-1", "Ipv6Ranges": [{"CidrIpv6": "::"}]}, VALUE),
        ({"IpProtocol": "-1", "Ipv6Ranges": [{"CidrIpv6": "0.0.0.0/0"}]}, VALUE),
    ],
    ids=str,
)
def test_validates_protocols(rule: dict[str, Any], code: str) -> None:
    """They are names or numbers; every rule of a request is checked."""
    good = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}

    assert verdict("ec2", "AuthorizeSecurityGroupEgress", {"IpPermissions": [SOURCE | good, SOURCE | rule]}) == code


@pytest.mark.parametrize(
    ("tags", "code"),
    [
        ([], ""),
        ([{"Key": "k" * 128, "Value": "v" * 256}], ""),
        ([{"Key": "k" * 129, "Value": ""}], VALUE),
        ([{"Key": "k", "Value": "v" * 257}], VALUE),
        ([{"Key": "good"}, {"Key": "aws:owner"}], VALUE),
        ([{"Key": "AWS:owner"}], ""),
        ([{"Key": UNKNOWN * 9, "Value": UNKNOWN * 9}], ""),
        ([{"Key": str(number)} for number in range(50)], ""),
        ([{"Key": str(number)} for number in range(51)], "TagLimitExceeded"),
    ],
    ids=lambda part: str(part)[:40],
)
def test_validates_tags(tags: list[dict[str, str]], code: str) -> None:
    """Tags are checked at creation and later."""
    assert verdict("ec2", "CreateVpc", {"CidrBlock": "10.0.0.0/16", "TagSpecifications": [{"Tags": tags}]}) == code
    assert verdict("ec2", "CreateTags", {"Resources": ["vpc-1"], "Tags": tags}) == code


@pytest.mark.parametrize(
    ("name", "code"),
    [
        *(
            (f"com.amazonaws.eu-central-1.{name}", "")
            for name in ("s3", "dynamodb", "sqs", "ecr.api", "ecr.dkr", "ec2")
        ),
        *(
            (f"com.amazonaws.eu-central-1.{name}", "")
            for name in ("logs", "sts", "kms", "eks", "eks-auth", "ssmmessages")
        ),
        *(
            (f"com.amazonaws.us-east-1.{name}", "")
            for name in ("secretsmanager", "monitoring", "sqs-fips", "execute-api", "kinesis-streams")
        ),
        ("com.amazonaws.vpce.eu-central-1.vpce-svc-0123456789abcdef0", ""),
        ("aws.sagemaker.eu-central-1.notebook", ""),
        (UNKNOWN, ""),
        ("com.amazonaws.eu-central-1.queue", "InvalidServiceName"),
        ("com.amazonaws.eu-central-1.elasticbeanstalk_health", "InvalidServiceName"),
    ],
)
def test_validates_the_service_of_an_endpoint(name: str, code: str) -> None:
    """Services of AWS are known by name; others are not checked."""
    assert verdict("ec2", "CreateVpcEndpoint", {"ServiceName": name, "VpcEndpointType": "Interface"}) == code


@pytest.mark.parametrize(
    ("operation", "request_", "code"),
    [
        ("CreateVpcEndpoint", {"VpcEndpointType": "Gateway", "RouteTableIds": ["rtb-1", UNKNOWN]}, ""),
        ("CreateVpcEndpoint", {"VpcEndpointType": "Interface", "SubnetIds": ["subnet-1"]}, ""),
        ("CreateVpcEndpoint", {"VpcEndpointType": "Interface", "RouteTableIds": ["rtb-1"]}, PARAMETER),
        ("CreateVpcEndpoint", {"SubnetIds": ["subnet-1"]}, PARAMETER),
        ("CreateVpcEndpoint", {"VpcEndpointType": UNKNOWN, "SubnetIds": ["subnet-1"]}, ""),
        ("CreateVpcEndpoint", {"RouteTableIds": ["subnet-1"]}, "InvalidRouteTableId.Malformed"),
        ("ModifyVpcEndpoint", {"AddSubnetIds": ["subnet_1"]}, "InvalidSubnetId.Malformed"),
        ("CreateVpcEndpoint", {"VpcEndpointType": "Gateway", "SecurityGroupIds": ["sg-1"]}, PARAMETER),
        ("CreateVpcEndpoint", {"VpcEndpointType": "Interface", "SecurityGroupIds": ["sg-1"]}, ""),
        ("CreateVpcEndpoint", {"PrivateDnsEnabled": True}, PARAMETER),
        ("CreateVpcEndpoint", {"PrivateDnsEnabled": False}, ""),
        ("CreateVpcEndpoint", {"VpcEndpointType": UNKNOWN, "PrivateDnsEnabled": True}, ""),
        ("CreateVpc", {"InstanceTenancy": "host"}, VALUE),
        ("CreateVpc", {"InstanceTenancy": UNKNOWN}, ""),
        ("CreateNatGateway", {"ConnectivityType": "private"}, ""),
        ("CreateNatGateway", {"AllocationId": UNKNOWN}, ""),
        ("CreateNatGateway", {}, "MissingParameter"),
        ("CreateNatGateway", {"ConnectivityType": "private", "AllocationId": UNKNOWN}, PARAMETER),
        ("CreateRoute", {**EVERYWHERE, "GatewayId": "igw-1"}, ""),
        ("CreateRoute", {**EVERYWHERE, "GatewayId": "vpce-1"}, ""),
        ("ReplaceRoute", {**EVERYWHERE, "GatewayId": "nat-1"}, "InvalidGatewayID.NotFound"),
        ("CreateRoute", {**EVERYWHERE, "GatewayId": UNKNOWN, "NatGatewayId": UNKNOWN}, COMBINATION),
        ("ReplaceRoute", EVERYWHERE, COMBINATION),
        ("CreateRoute", {"GatewayId": "igw-1"}, COMBINATION),
        ("CreateRoute", {**EVERYWHERE, "DestinationPrefixListId": "pl-1", "GatewayId": "igw-1"}, COMBINATION),
    ],
    ids=str,
)
def test_validates_parameters_that_depend_on_each_other(operation: str, request_: dict[str, Any], code: str) -> None:
    """Ids have to be of the right kind."""
    assert verdict("ec2", operation, request_) == code


class Asked:
    """An account in which at most one resource uses the security group sg-1."""

    def __init__(self, **answers: Any) -> None:
        self.answers = answers

    def __call__(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        groups = {"SecurityGroups": [{"GroupId": "sg-1", "VpcId": "vpc-1", **self.answers.get("own", {})}]}
        return {"DescribeSecurityGroups": groups, "ListClusters": {"clusters": []}, **self.answers}.get(operation, {})


PAIR = [{"UserIdGroupPairs": [{"GroupId": "sg-1"}]}]


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ({}, ""),
        ({"own": {"IpPermissions": PAIR}}, ""),  # the group's own rules are deleted with it
        ({"DescribeNetworkInterfaces": {"NetworkInterfaces": [{}]}}, "DependencyViolation"),
        ({"DescribeVpcEndpoints": {"VpcEndpoints": [{"State": "deleted", "Groups": [{"GroupId": "sg-1"}]}]}}, ""),
        (
            {"DescribeDBInstances": {"DBInstances": [{"VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-1"}]}]}},
            "DependencyViolation",
        ),
        (
            {
                "ListClusters": {"clusters": ["a"]},
                "DescribeCluster": {"cluster": {"resourcesVpcConfig": {"securityGroupIds": ["sg-1"]}}},
            },
            "DependencyViolation",
        ),
    ],
)
def test_a_group_in_use_is_not_deleted(answers: dict[str, Any], code: str) -> None:
    """It may be used by a network interface, a database or a cluster."""
    assert verdict("ec2", "DeleteSecurityGroup", {"GroupId": "sg-1"}, Asked(**answers)) == code
