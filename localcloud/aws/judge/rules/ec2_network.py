"""Rules of VPCs, subnets, internet gateways and addresses."""

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Network
from typing import Any

from localcloud.aws.judge.refusal import RefusedError, known
from localcloud.aws.judge.rules.rule import Ask, Parameters, RequestRule, RequestRules, StateRules, filtered, lookup

ERRORS = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html"
_LARGEST, _SMALLEST = 16, 28


def network_of(text: Any) -> IPv4Network | None:
    """The IPv4 network that a CIDR block is, whatever its host bits; None if it is none."""
    if "/" not in str(text) or not str(text).isascii():
        return None
    try:
        return IPv4Network(str(text), strict=False)
    except ValueError:
        return None


def no_block(text: Any, name: str) -> RefusedError:
    """A parameter is no CIDR block."""
    return RefusedError(
        "InvalidParameterValue",
        f"Value ({text}) for parameter {name[0].lower()}{name[1:]} is invalid. This is not a valid CIDR block.",
        path=(name,),
        value=text,
        source=ERRORS,
    )


def _block(code: str) -> RequestRule:
    """The rule that `CidrBlock` is a block of /16 to /28; with EC2's code for one that is not."""

    def rule(parameters: Parameters) -> Iterator[RefusedError]:
        text = parameters.get("CidrBlock")
        if text is None or not known(text):
            return
        block = network_of(text)
        if block is None:
            yield no_block(text, "CidrBlock")
        elif not _LARGEST <= block.prefixlen <= _SMALLEST:
            words = f"The CIDR '{text}' is invalid."
            yield RefusedError(code, words, path=("CidrBlock",), value=text, source=ERRORS)

    return rule


def _subnet_in_use(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """A subnet that is deleted has no network interface: of an endpoint, a NAT gateway, an instance."""
    id_ = parameters.get("SubnetId")
    interfaces = filtered(ask, "DescribeNetworkInterfaces", "NetworkInterfaces", "subnet-id", id_)
    if interfaces:
        yield RefusedError(
            "DependencyViolation",
            f"The subnet '{id_}' has dependencies and cannot be deleted.",
            path=("SubnetId",),
            value=id_,
            source="https://docs.aws.amazon.com/vpc/latest/userguide/subnet-deleting.html",
        )


def _network_in_use(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """A VPC that is deleted has nothing in it but what EC2 made with it: a group, a route table and an ACL."""
    id_ = parameters.get("VpcId")
    if id_ and any(True for _ in _inside(str(id_), ask)):
        yield RefusedError(
            "DependencyViolation",
            f"The vpc '{id_}' has dependencies and cannot be deleted.",
            path=("VpcId",),
            value=id_,
            source="https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteVpc.html",
        )


def _inside(vpc: str, ask: Ask) -> Iterator[Mapping[str, Any]]:
    """What keeps a VPC from being deleted."""
    yield from filtered(ask, "DescribeInternetGateways", "InternetGateways", "attachment.vpc-id", vpc)
    yield from filtered(ask, "DescribeSubnets", "Subnets", "vpc-id", vpc)
    endpoints = filtered(ask, "DescribeVpcEndpoints", "VpcEndpoints", "vpc-id", vpc)
    yield from (each for each in endpoints if str(each.get("State", "")).lower() not in ("deleting", "deleted"))
    groups = filtered(ask, "DescribeSecurityGroups", "SecurityGroups", "vpc-id", vpc)
    yield from (each for each in groups if each.get("GroupName") != "default")
    tables = filtered(ask, "DescribeRouteTables", "RouteTables", "vpc-id", vpc)
    yield from (each for each in tables if not any(link.get("Main") for link in each.get("Associations", ())))
    lists = filtered(ask, "DescribeNetworkAcls", "NetworkAcls", "vpc-id", vpc)
    yield from (each for each in lists if not each.get("IsDefault"))


def _address_in_use(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """An address that is released is associated with nothing: no NAT gateway, no interface."""
    id_ = parameters.get("AllocationId")
    addresses = lookup(ask, "ec2", "DescribeAddresses", AllocationIds=[id_]).get("Addresses", ()) if id_ else ()
    for address in addresses:
        if address.get("AssociationId") or address.get("NetworkInterfaceId"):
            yield RefusedError(
                "InvalidIPAddress.InUse",
                f"Address {address.get('PublicIp')} is in use.",
                path=("AllocationId",),
                value=id_,
                source="https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ReleaseAddress.html",
            )


def _one_gateway(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """A VPC has one internet gateway."""
    vpc = parameters.get("VpcId")
    if filtered(ask, "DescribeInternetGateways", "InternetGateways", "attachment.vpc-id", vpc):
        yield RefusedError(
            "InvalidParameterValue",
            f"Network {vpc} already has an internet gateway attached",
            path=("VpcId",),
            value=vpc,
            source="https://github.com/cloudfoundry-incubator/kubo-deployment/issues/167",
        )


def _public_addresses(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """An internet gateway stays attached while something in its VPC has a public address."""
    vpc = parameters.get("VpcId")
    inside = filtered(ask, "DescribeNetworkInterfaces", "NetworkInterfaces", "vpc-id", vpc)
    ids = {interface["NetworkInterfaceId"] for interface in inside}
    addresses = ask("ec2", "DescribeAddresses").get("Addresses", ())
    if any(address.get("NetworkInterfaceId") in ids for address in addresses):
        yield RefusedError(
            "DependencyViolation",
            f"Network {vpc} has some mapped public address(es). Please unmap those public address(es) before detaching "
            "the gateway.",
            path=("VpcId",),
            value=vpc,
            source="https://docs.aws.amazon.com/vpc/latest/userguide/delete-igw.html",
        )


REQUEST_RULES: RequestRules = {
    ("ec2", "CreateVpc"): (_block("InvalidVpc.Range"),),
    ("ec2", "CreateSubnet"): (_block("InvalidSubnet.Range"),),
}
STATE_RULES: StateRules = {
    ("ec2", "DeleteSubnet"): (_subnet_in_use,),
    ("ec2", "DeleteVpc"): (_network_in_use,),
    ("ec2", "ReleaseAddress"): (_address_in_use,),
    ("ec2", "AttachInternetGateway"): (_one_gateway,),
    ("ec2", "DetachInternetGateway"): (_public_addresses,),
}
