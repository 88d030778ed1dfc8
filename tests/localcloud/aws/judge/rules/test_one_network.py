"""Rules for resources that have to be in the same VPC, and for the deletion of a VPC and an address."""

from typing import Any

import pytest

from localcloud.protocol.values import UNKNOWN
from tests.localcloud.aws.judge.rules.verdict import verdict

# Resource -> the VPC that it is in.
PLACES = {
    "sg-1": "vpc-1",
    "sg-2": "vpc-2",
    "subnet-1": "vpc-1",
    "subnet-2": "vpc-2",
    "rtb-1": "vpc-1",
    "rtb-2": "vpc-2",
}
ASKED_BY = {
    "DescribeSecurityGroups": ("SecurityGroups", "GroupIds"),
    "DescribeSubnets": ("Subnets", "SubnetIds"),
    "DescribeRouteTables": ("RouteTables", "RouteTableIds"),
}


class NotFoundError(Exception):
    """The error of botocore for a missing resource."""

    def __init__(self) -> None:
        self.response = {"Error": {"Code": "Something.NotFound"}}


def ask(service: str, operation: str, **parameters: Any) -> dict[str, Any]:
    """Answer for an account with VPCs: vpc-1 has a database and a subnet group, and vpc-9 is the default VPC."""
    key, named = ASKED_BY.get(operation, ("", ""))
    if named in parameters:
        (id_,) = parameters[named]
        if id_ not in PLACES:
            raise NotFoundError
        return {key: [{"VpcId": PLACES[id_], "AvailabilityZone": id_}]}
    if operation == "DescribeManagedPrefixLists":
        return {"PrefixLists": [{"PrefixListId": "pl-1"}]}
    group = {"DBSubnetGroupName": "subnets", "VpcId": "vpc-1"}
    return {
        "DescribeAvailabilityZones": {"AvailabilityZones": [{"RegionName": "eu-central-1"}]},
        "DescribeDBInstances": {"DBInstances": []},
        "DescribeDBSubnetGroups": {"DBSubnetGroups": [group]},
        "DescribeVpcEndpoints": {"VpcEndpoints": [{"VpcId": "vpc-1", "ServiceName": "s"}]},
        "DescribeVpcs": {"Vpcs": [{"VpcId": "vpc-9"}]},
    }.get(operation, {})


def a_rule(**sources: Any) -> dict[str, Any]:
    return {"GroupId": "sg-1", "IpPermissions": [{"IpProtocol": "-1", **sources}]}


@pytest.mark.parametrize("operation", ["AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress"])
@pytest.mark.parametrize(
    ("sources", "code"),
    [
        ({"UserIdGroupPairs": [{"GroupId": "sg-1"}]}, ""),
        ({"UserIdGroupPairs": [{"GroupId": "sg-1"}, {"GroupId": "sg-2"}]}, "InvalidGroup.NotFound"),
        ({"UserIdGroupPairs": [{"GroupId": "sg-3"}]}, "InvalidGroup.NotFound"),
        ({"PrefixListIds": [{"PrefixListId": "pl-1"}]}, ""),
        ({"PrefixListIds": [{"PrefixListId": "pl-1"}, {"PrefixListId": "pl-2"}]}, "InvalidPrefixListID.NotFound"),
        ({"IpRanges": [{"CidrIp": "10.0.0.0/8"}]}, ""),
        ({"IpRanges": [{"CidrIp": UNKNOWN}]}, ""),
        ({"IpRanges": [], "PrefixListIds": []}, "MissingParameter"),
        ({}, "MissingParameter"),
    ],
    ids=str,
)
def test_validates_the_sources_of_a_new_rule(operation: str, sources: dict[str, Any], code: str) -> None:
    """There is at least one, and each is in the VPC of the group."""
    assert verdict("ec2", operation, a_rule(**sources), ask) == code


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ({"ReferencedGroupId": "sg-1"}, ""),
        ({"ReferencedGroupId": "sg-2"}, "InvalidGroup.NotFound"),
        ({"PrefixListId": "pl-2"}, "InvalidPrefixListID.NotFound"),
        ({"CidrIpv4": "10.0.0.0/8"}, ""),
    ],
    ids=str,
)
def test_validates_the_source_of_a_changed_rule(rule: dict[str, Any], code: str) -> None:
    changed = [{"SecurityGroupRule": {"IpProtocol": "-1", **rule}}]

    assert verdict("ec2", "ModifySecurityGroupRules", {"GroupId": "sg-1", "SecurityGroupRules": changed}, ask) == code


@pytest.mark.parametrize("prefix", ["", "Add"])
@pytest.mark.parametrize(
    ("kind", "name", "own", "foreign"),
    [
        ("Interface", "SubnetIds", "subnet-1", "subnet-2"),
        ("Interface", "SecurityGroupIds", "sg-1", "sg-2"),
        ("Gateway", "RouteTableIds", "rtb-1", "rtb-2"),
    ],
)
def test_subnets_groups_and_tables_of_an_endpoint_are_in_its_vpc(
    prefix: str, kind: str, name: str, own: str, foreign: str
) -> None:
    """This is checked at creation and at a change."""
    operation = "ModifyVpcEndpoint" if prefix else "CreateVpcEndpoint"
    endpoint = {"VpcEndpointId": "vpce-1"} if prefix else {"VpcId": "vpc-1", "VpcEndpointType": kind}

    assert verdict("ec2", operation, {**endpoint, f"{prefix}{name}": [own]}, ask) == ""
    assert verdict("ec2", operation, {**endpoint, f"{prefix}{name}": [own, foreign]}, ask) == "InvalidParameter"


@pytest.mark.parametrize(
    ("placed", "groups", "code"),
    [
        ({"DBSubnetGroupName": "subnets"}, ["sg-1"], ""),
        ({"DBSubnetGroupName": "subnets"}, ["sg-1", "sg-2"], "InvalidParameterCombination"),
        ({"DBSubnetGroupName": "subnets"}, ["sg-3"], "InvalidParameterValue"),
        ({"DBSubnetGroupName": "subnets"}, [], ""),
        ({}, ["sg-1"], "InvalidParameterCombination"),  # the database would be in the default VPC
        ({}, [], ""),
    ],
    ids=str,
)
def test_security_groups_of_a_database_are_in_its_vpc(placed: dict[str, str], groups: list[str], code: str) -> None:
    asked = {"DBInstanceIdentifier": "db", "VpcSecurityGroupIds": groups, **placed}

    assert verdict("rds", "CreateDBInstance", asked, ask) == code


@pytest.mark.parametrize(
    ("subnets", "made", "changed"),
    [
        (["subnet-1", "subnet-2"], "InvalidSubnet", "InvalidSubnet"),
        (["subnet-1", "subnet-9"], "InvalidSubnet", "InvalidSubnet"),
    ],
    ids=str,
)
def test_validates_the_subnets_of_a_subnet_group(subnets: list[str], made: str, changed: str) -> None:
    asked = {"DBSubnetGroupName": "subnets", "SubnetIds": subnets}

    assert verdict("rds", "CreateDBSubnetGroup", asked, ask) == made
    assert verdict("rds", "ModifyDBSubnetGroup", asked, ask) == changed


INSIDE = {
    "DescribeInternetGateways": {"InternetGateways": [{}]},
    "DescribeSubnets": {"Subnets": [{}]},
    "DescribeVpcEndpoints": {"VpcEndpoints": [{"State": "available"}]},
    "DescribeSecurityGroups": {"SecurityGroups": [{"GroupName": "default"}, {"GroupName": "other"}]},
    "DescribeRouteTables": {"RouteTables": [{"Associations": [{"Main": True}]}, {"Associations": []}]},
    "DescribeNetworkAcls": {"NetworkAcls": [{"IsDefault": True}, {"IsDefault": False}]},
}
OWN = {
    "DescribeVpcEndpoints": {"VpcEndpoints": [{"State": "deleted"}]},
    "DescribeSecurityGroups": {"SecurityGroups": [{"GroupName": "default"}]},
    "DescribeRouteTables": {"RouteTables": [{"Associations": [{"Main": True}]}]},
    "DescribeNetworkAcls": {"NetworkAcls": [{"IsDefault": True}]},
}


@pytest.mark.parametrize("operation", INSIDE)
def test_a_vpc_in_use_is_not_deleted(operation: str) -> None:
    """Any single resource prevents it, except those that EC2 created with the VPC."""

    def asked(_: str, name: str, **parameters: Any) -> dict[str, Any]:
        return (INSIDE if name == operation else OWN).get(name, {})

    assert verdict("ec2", "DeleteVpc", {"VpcId": "vpc-1"}, asked) == "DependencyViolation"
    assert verdict("ec2", "DeleteVpc", {"VpcId": "vpc-1"}, lambda _, name, **__: OWN.get(name, {})) == ""


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ({"AllocationId": "eipalloc-1"}, ""),
        ({"AssociationId": "eipassoc-1"}, "InvalidIPAddress.InUse"),
        ({"NetworkInterfaceId": "eni-1"}, "InvalidIPAddress.InUse"),
    ],
    ids=str,
)
def test_an_address_in_use_is_not_released(address: dict[str, str], code: str) -> None:
    def asked(_: str, name: str, **parameters: Any) -> dict[str, Any]:
        return {"Addresses": [address]}

    assert verdict("ec2", "ReleaseAddress", {"AllocationId": "eipalloc-1"}, asked) == code
