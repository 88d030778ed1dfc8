"""Rules of EC2 about VPCs, subnets, internet gateways and Elastic IP addresses."""

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Network
from typing import Any

from localcloud.aws.judge.refusal import RefusedError, known
from localcloud.aws.judge.rules.rule import (
    Ask,
    Parameters,
    RequestRule,
    RequestRules,
    StateRules,
    filtered,
    lookup,
    region_of,
)

ERRORS = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html"
# AWS's messages, recorded from real requests.
MEASURED = "https://github.com/badmintoncryer/cdk-preflight/tree/main/rules/ec2/pf-ec2"
_LARGEST, _SMALLEST = 16, 28
# Ranges that EC2 refuses for a VPC. It accepts class E and carrier-grade NAT addresses.
_RESERVED = tuple(map(IPv4Network, ("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4")))


def network_of(text: Any) -> IPv4Network | None:
    """Return the IPv4 network of a CIDR block, ignoring host bits, or None if the text is not a CIDR block."""
    if "/" not in str(text) or not str(text).isascii():
        return None
    try:
        return IPv4Network(str(text), strict=False)
    except ValueError:
        return None


def no_block(text: Any, name: str) -> RefusedError:
    """Return the error for a parameter that is not a CIDR block."""
    return RefusedError(
        "InvalidParameterValue",
        f"Value ({text}) for parameter {name[0].lower()}{name[1:]} is invalid. This is not a valid CIDR block.",
        path=(name,),
        value=text,
        source=ERRORS,
    )


def _block(code: str) -> RequestRule:
    """Return the rule that requires `CidrBlock` to be from /16 to /28. `code` is EC2's error code for other sizes."""

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


def _reserved(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse a VPC that overlaps a reserved range."""
    text = parameters.get("CidrBlock")
    block = network_of(text) if known(text) else None
    if block and any(block.overlaps(range_) for range_ in _RESERVED):
        words, source = f"The CIDR '{text}' is invalid.", f"{MEASURED}-vpc-cidr-reserved-range"
        yield RefusedError("InvalidVpc.Range", words, path=("CidrBlock",), value=text, source=source)


def _tenancy(parameters: Parameters) -> Iterator[RefusedError]:
    """Require the tenancy `default` or `dedicated`. The model also has `host`, which only applies to instances."""
    tenancy = parameters.get("InstanceTenancy")
    if tenancy == "host":
        yield RefusedError(
            "InvalidParameterValue",
            f"Value ({tenancy}) for parameter instanceTenancy is invalid. Accepted values are default and dedicated.",
            path=("InstanceTenancy",),
            value=tenancy,
            source="botocore ec2 CreateVpcRequest.InstanceTenancy",
        )


def _zone(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """Refuse a zone of another region. Names of zones start with their region, also those of local zones."""
    zone = parameters.get("AvailabilityZone")
    if isinstance(zone, str) and not zone.startswith(region_of(ask)):
        yield RefusedError(
            "InvalidParameterValue",
            f"Value ({zone}) for parameter availabilityZone is invalid.",
            path=("AvailabilityZone",),
            value=zone,
            source="https://github.com/openedx-unsupported/configuration/issues/569",
        )


def _host_names(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """Refuse DNS host names in a VPC without DNS support."""
    wanted, vpc = (parameters.get("EnableDnsHostnames") or {}).get("Value"), parameters.get("VpcId")
    if wanted is not True or not lookup(ask, "ec2", "DescribeVpcs", VpcIds=[vpc]).get("Vpcs"):
        return
    if not ask("ec2", "DescribeVpcAttribute", VpcId=vpc, Attribute="enableDnsSupport")["EnableDnsSupport"]["Value"]:
        yield RefusedError(
            "InvalidParameterValue",
            f"Invalid value 'true' for enableDnsHostnames. DNS support is not enabled for {vpc}.",
            path=("EnableDnsHostnames",),
            value=True,
            source="botocore ec2 ModifyVpcAttributeRequest.EnableDnsHostnames",
        )


def _ipv6_flag(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """Refuse automatic IPv6 addresses in a subnet without an IPv6 CIDR block."""
    wanted, id_ = (parameters.get("AssignIpv6AddressOnCreation") or {}).get("Value"), parameters.get("SubnetId")
    subnets = lookup(ask, "ec2", "DescribeSubnets", SubnetIds=[id_]).get("Subnets", ()) if wanted is True else ()
    for subnet in subnets:
        if not subnet.get("Ipv6CidrBlockAssociationSet"):
            yield RefusedError(
                "InvalidParameterValue",
                "Invalid value 'true' for assign-ipv6-address-on-creation. Cannot set assign-ipv6-address-on-creation "
                f"to true unless the subnet ({id_}) has an IPv6 CIDR block associated with it.",
                path=("AssignIpv6AddressOnCreation",),
                value=True,
                source="https://github.com/terraform-aws-modules/terraform-aws-vpc/issues/735",
            )


def _subnet_in_use(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """Refuse the deletion of a subnet with network interfaces, such as those of endpoints and NAT gateways."""
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
    """Refuse the deletion of a VPC that contains more than its default group, main route table and default ACL."""
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
    """Yield the resources that prevent the deletion of a VPC."""
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
    """Refuse the release of an address that a NAT gateway or network interface uses."""
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
    """Refuse a second internet gateway for a VPC."""
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
    """Refuse to detach an internet gateway while a network interface in its VPC has an Elastic IP address."""
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
    ("ec2", "CreateVpc"): (_block("InvalidVpc.Range"), _reserved, _tenancy),
    ("ec2", "CreateSubnet"): (_block("InvalidSubnet.Range"),),
}
STATE_RULES: StateRules = {
    ("ec2", "CreateSubnet"): (_zone,),
    ("ec2", "ModifyVpcAttribute"): (_host_names,),
    ("ec2", "ModifySubnetAttribute"): (_ipv6_flag,),
    ("ec2", "DeleteSubnet"): (_subnet_in_use,),
    ("ec2", "DeleteVpc"): (_network_in_use,),
    ("ec2", "ReleaseAddress"): (_address_in_use,),
    ("ec2", "AttachInternetGateway"): (_one_gateway,),
    ("ec2", "DetachInternetGateway"): (_public_addresses,),
}
