"""Rules of EC2 for routes, attributes, endpoints and flow logs of a network."""

from ipaddress import IPv4Network
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localcloud.protocol.values import UNKNOWN
from tests.localcloud.aws.judge.rules.verdict import verdict

VALUE = "InvalidParameterValue"
NETWORK = IPv4Network("10.0.0.0/16")
SUBNETS = (IPv4Network("10.0.0.0/24"), IPv4Network("10.0.1.0/24"))


def account(_service: str, operation: str, **_: Any) -> dict[str, Any]:
    """Return an account with one network and two subnets."""
    return {
        "DescribeRouteTables": {"RouteTables": [{"VpcId": "vpc-1"}]},
        "DescribeVpcs": {"Vpcs": [{"VpcId": "vpc-1", "CidrBlockAssociationSet": [{"CidrBlock": str(NETWORK)}]}]},
        "DescribeSubnets": {"Subnets": [{"CidrBlock": str(block)} for block in SUBNETS]},
        "DescribeInternetGateways": {"InternetGateways": [{"Attachments": [{"VpcId": "vpc-1"}]}]},
    }[operation]


def code(operation: str, block: Any, **target: str) -> str:
    request = {"RouteTableId": "rtb-1", "DestinationCidrBlock": str(block), **target}
    return verdict("ec2", operation, request, account)


blocks = st.tuples(st.ip_addresses(v=4, network="10.0.0.0/8") | st.ip_addresses(v=4), st.integers(0, 32)).map(
    lambda pair: IPv4Network(f"{pair[0]}/{pair[1]}", strict=False)
)


@settings(deadline=None, max_examples=150)
@given(blocks | st.sampled_from([NETWORK, *SUBNETS, IPv4Network("169.254.168.0/22"), IPv4Network("10.0.0.0/15")]))
def test_validates_the_target_of_a_route(block: IPv4Network) -> None:
    """Traffic within the network may be routed elsewhere only for a whole subnet, and only to a middlebox."""
    if block.subnet_of(IPv4Network("169.254.168.0/22")):
        gateway = middlebox = VALUE
    elif block == NETWORK:
        gateway = middlebox = "RouteAlreadyExists"
    elif block.subnet_of(NETWORK):
        gateway, middlebox = VALUE, "" if block in SUBNETS else VALUE
    else:
        gateway = middlebox = ""

    assert code("CreateRoute", block, GatewayId="igw-1") == gateway
    for target in ({"NatGatewayId": "nat-1"}, {"NetworkInterfaceId": "eni-1"}, {"GatewayId": "vpce-1"}):
        assert code("CreateRoute", block, **target) == middlebox


def test_the_local_route_can_be_replaced() -> None:
    assert code("ReplaceRoute", NETWORK, NetworkInterfaceId="eni-1") == ""


@pytest.mark.parametrize(
    ("operation", "request_", "answers", "expected"),
    [
        ("ModifyVpcAttribute", {"EnableDnsHostnames": {"Value": True}}, {"EnableDnsSupport": {"Value": False}}, VALUE),
        ("ModifyVpcAttribute", {"EnableDnsHostnames": {"Value": True}}, {"EnableDnsSupport": {"Value": True}}, ""),
        ("ModifyVpcAttribute", {"EnableDnsHostnames": {"Value": False}}, {"EnableDnsSupport": {"Value": False}}, ""),
        ("ModifyVpcAttribute", {"EnableDnsSupport": {"Value": False}}, {"EnableDnsSupport": {"Value": True}}, ""),
        ("ModifySubnetAttribute", {"AssignIpv6AddressOnCreation": {"Value": True}}, {}, VALUE),
        ("ModifySubnetAttribute", {"AssignIpv6AddressOnCreation": {"Value": False}}, {}, ""),
        ("ModifySubnetAttribute", {"MapPublicIpOnLaunch": {"Value": True}}, {}, ""),
        (
            "ModifySubnetAttribute",
            {"AssignIpv6AddressOnCreation": {"Value": True}},
            {"Subnets": [{"Ipv6CidrBlockAssociationSet": [{"Ipv6CidrBlock": "2001:db8::/64"}]}]},
            "",
        ),
    ],
    ids=str,
)
def test_validates_attributes(operation: str, request_: dict[str, Any], answers: dict[str, Any], expected: str) -> None:
    """These attributes depend on others."""

    def ask(_service: str, _operation: str, **_: Any) -> dict[str, Any]:
        return {"Vpcs": [{}], "Subnets": [{}], **answers}

    assert verdict("ec2", operation, {"VpcId": "vpc-1", "SubnetId": "subnet-1", **request_}, ask) == expected


@pytest.mark.parametrize(
    ("name", "kind", "expected"),
    [
        ("com.amazonaws.eu-central-1.s3", "Gateway", ""),
        ("com.amazonaws.eu-central-1.s3", None, ""),
        ("com.amazonaws.eu-central-1.dynamodb", "Gateway", ""),
        ("com.amazonaws.eu-central-1.sqs", "Gateway", "InvalidParameter"),
        ("com.amazonaws.eu-central-1.sqs", "Interface", ""),
        ("com.amazonaws.eu-central-1.sqs", UNKNOWN, ""),
        ("com.amazonaws.us-east-1.s3", "Gateway", "InvalidParameter"),
        ("com.amazonaws.us-east-1.sqs", "Interface", "InvalidServiceName"),
        ("com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0", "Interface", ""),
    ],
)
def test_validates_region_and_type_of_an_endpoint(name: str, kind: str | None, expected: str) -> None:
    """The service is in this region, and a gateway endpoint is for S3 or DynamoDB."""

    def ask(_service: str, operation: str, **_: Any) -> dict[str, Any]:
        zones = [{"RegionName": "eu-central-1"}]
        return {"AvailabilityZones": zones} if operation == "DescribeAvailabilityZones" else {}

    assert verdict("ec2", "CreateVpcEndpoint", {"ServiceName": name, "VpcEndpointType": kind}, ask) == expected


S3 = {"LogDestinationType": "s3", "LogDestination": "arn:aws:s3:::logs"}
LOGS = {"LogDestination": UNKNOWN, "DeliverLogsPermissionArn": UNKNOWN}


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (S3, ""),
        (LOGS, ""),
        ({"LogDestination": UNKNOWN}, "InvalidParameter"),
        ({"LogGroupName": "logs", "DeliverLogsPermissionArn": UNKNOWN}, ""),
        ({"LogDestinationType": "s3"}, "InvalidParameter"),
        ({"LogDestinationType": UNKNOWN}, ""),
        ({**S3, "MaxAggregationInterval": 60}, ""),
        ({**S3, "MaxAggregationInterval": 600}, ""),
        ({**S3, "MaxAggregationInterval": 300}, "InvalidParameter"),
        ({**S3, "LogFormat": "${version} ${srcaddr}"}, ""),
        ({**S3, "LogFormat": "${version} ${srcadr}"}, "InvalidParameter"),
        ({**S3, "LogFormat": "version srcaddr"}, "InvalidParameter"),
        ({**S3, "LogFormat": "${}"}, "InvalidParameter"),
        ({**S3, "LogFormat": UNKNOWN}, ""),
    ],
    ids=str,
)
def test_validates_a_flow_log(request_: dict[str, Any], expected: str) -> None:
    assert verdict("ec2", "CreateFlowLogs", request_) == expected
