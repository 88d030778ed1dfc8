"""Rules of EC2 about security groups and security group rules."""

from collections.abc import Iterator, Mapping
from ipaddress import IPv6Network
from typing import Any

from localcloud.aws.judge.refusal import Path, RefusedError, known
from localcloud.aws.judge.rules.ec2_network import ERRORS, network_of
from localcloud.aws.judge.rules.rule import Ask, Parameters, RequestRules, StateRules, filtered, lookup, one

# https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpPermission.html
_PROTOCOLS = frozenset({"tcp", "udp", "icmp", "icmpv6", "-1"})
_WITH_PORTS = frozenset({"tcp", "udp", "6", "17"})
_WITH_TYPES = frozenset({"icmp", "1"})
_MAX_PROTOCOL = 255
_MAX_PORT = 65_535
_MAX_TYPE = 255
_RANGES = (("IpRanges", "CidrIp"), ("Ipv6Ranges", "CidrIpv6"))
_SOURCES = ("IpRanges", "Ipv6Ranges", "PrefixListIds", "UserIdGroupPairs")
# EC2's checks of a port range, as implemented in OpenStack's EC2 API.
_PORTS = "https://github.com/openstack/ec2-api/blob/master/ec2api/api/security_group.py"


def _name(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse the name `default`, which every VPC's default group has."""
    if parameters.get("GroupName") == "default":
        words = "Cannot use reserved security group name: default"
        yield RefusedError("InvalidParameterValue", words, path=("GroupName",), value="default", source=_PORTS)


def _permissions(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse a permission with an invalid protocol, port range or CIDR block, or without a source."""
    for index, permission in enumerate(parameters.get("IpPermissions") or ()):
        at: Path = ("IpPermissions", index)
        yield from _faults(permission, at)
        if not any(permission.get(name) for name in _SOURCES):
            yield RefusedError(
                "MissingParameter",
                "Missing source specification: include source security group or CIDR information",
                path=(*at, "IpRanges"),
                source="https://github.com/crossplane-contrib/provider-aws/issues/1880",
            )
        for ranges, name in _RANGES:
            for number, each in enumerate(permission.get(ranges) or ()):
                yield from _cidr(each, name, (*at, ranges, number))


def _changed_rules(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse a change of a rule to an invalid protocol, port range or CIDR block."""
    for index, each in enumerate(parameters.get("SecurityGroupRules") or ()):
        at: Path = ("SecurityGroupRules", index, "SecurityGroupRule")
        rule = each.get("SecurityGroupRule") or {}
        yield from _faults(rule, at)
        for name in ("CidrIpv4", "CidrIpv6"):
            yield from _cidr(rule, name, at)


def _faults(permission: Mapping[str, Any], at: Path) -> Iterator[RefusedError]:
    protocol = str(permission.get("IpProtocol", "-1")).lower()
    if not known(protocol):
        return
    if protocol not in _PROTOCOLS and not (_is_number(protocol) and int(protocol) <= _MAX_PROTOCOL):
        yield RefusedError(
            "InvalidParameterValue",
            f"Invalid value '{protocol}' for IP protocol. Unknown protocol.",
            path=(*at, "IpProtocol"),
            value=permission["IpProtocol"],
            source="https://github.com/hashicorp/terraform-provider-aws/issues/1793",
        )
    if protocol in _WITH_PORTS:
        yield from _ports(permission, at)
    if protocol in _WITH_TYPES:
        for name, words in (("FromPort", "ICMP type"), ("ToPort", "ICMP code")):
            number = permission.get(name)
            if isinstance(number, int) and not -1 <= number <= _MAX_TYPE:
                source = "https://github.com/terraform-aws-modules/terraform-aws-security-group/issues/7"
                yield _port_error(f"{words} ({number}) out of range", (*at, name), number, source)


def _ports(permission: Mapping[str, Any], at: Path) -> Iterator[RefusedError]:
    first, last = (permission.get(name, -1) for name in ("FromPort", "ToPort"))
    for name, port in (("FromPort", first), ("ToPort", last)):
        if port == -1:
            words = "Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange."
            source = "https://github.com/chef-boneyard/chef-provisioning-aws/issues/183"
            yield _port_error(words, (*at, name), port, source)
        elif isinstance(port, int) and not 0 <= port <= _MAX_PORT:
            yield _port_error(f"TCP/UDP port ({port}) out of range", (*at, name), port, _PORTS)
    if isinstance(first, int) and isinstance(last, int) and first > last:
        yield _port_error(f"Invalid TCP/UDP port range ({first}:{last})", (*at, "FromPort"), first, _PORTS)


def _port_error(words: str, at: Path, port: Any, source: str) -> RefusedError:
    return RefusedError("InvalidParameterValue", words, path=at, value=port, source=source)


def _cidr(each: Mapping[str, Any], name: str, at: Path) -> Iterator[RefusedError]:
    text = each.get(name)
    if text is None or not known(text) or (_is_v6(text) if name == "CidrIpv6" else network_of(text)):
        return
    words = f"CIDR block {text} is malformed"
    yield RefusedError("InvalidParameterValue", words, path=(*at, name), value=text, source=ERRORS)


def _is_v6(text: Any) -> bool:
    try:
        return "/" in str(text) and bool(IPv6Network(str(text), strict=False))
    except ValueError:
        return False


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= len(str(_MAX_PROTOCOL))


def _network(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """Refuse a VPC that does not exist."""
    vpc = parameters.get("VpcId")
    if vpc and not one(ask, "DescribeVpcs", "Vpcs", VpcIds=[vpc]):
        words = f"The vpc ID '{vpc}' does not exist"
        yield RefusedError("InvalidVpcID.NotFound", words, path=("VpcId",), value=vpc, source=ERRORS)


def _in_use(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """Refuse the deletion of a group that another group's rule references or a network interface uses."""
    id_ = str(parameters.get("GroupId"))
    group = one(ask, "DescribeSecurityGroups", "SecurityGroups", GroupIds=[id_])
    if group and (_is_named(ask, id_, group.get("VpcId")) or _has_interface(ask, id_)):
        yield RefusedError(
            "DependencyViolation",
            f"resource {id_} has a dependent object",
            path=("GroupId",),
            value=id_,
            source="https://docs.aws.amazon.com/vpc/latest/userguide/deleting-security-groups.html",
        )


def _is_named(ask: Ask, id_: str, vpc: Any) -> bool:
    others = filtered(ask, "DescribeSecurityGroups", "SecurityGroups", "vpc-id", vpc)
    return any(
        pair.get("GroupId") == id_
        for group in others
        if group["GroupId"] != id_
        for rules in ("IpPermissions", "IpPermissionsEgress")
        for permission in group.get(rules, ())
        for pair in permission.get("UserIdGroupPairs", ())
    )


def _has_interface(ask: Ask, id_: str) -> bool:
    """Return whether a network interface uses the group.

    moto does not list the interfaces of VPC endpoints, databases and clusters, so check those resources as well.
    """
    if filtered(ask, "DescribeNetworkInterfaces", "NetworkInterfaces", "group-id", id_):
        return True
    endpoints = ask("ec2", "DescribeVpcEndpoints").get("VpcEndpoints", ())
    alive = [each for each in endpoints if str(each.get("State", "")).lower() not in ("deleting", "deleted")]
    if any(group.get("GroupId") == id_ for each in alive for group in each.get("Groups", ())):
        return True
    instances = ask("rds", "DescribeDBInstances").get("DBInstances", ())
    if any(group["VpcSecurityGroupId"] == id_ for each in instances for group in each.get("VpcSecurityGroups", ())):
        return True
    clusters = (lookup(ask, "eks", "DescribeCluster", name=name) for name in ask("eks", "ListClusters")["clusters"])
    return any(id_ in each["cluster"]["resourcesVpcConfig"].get("securityGroupIds", ()) for each in clusters if each)


_RULES = (_permissions,)
REQUEST_RULES: RequestRules = {
    ("ec2", "CreateSecurityGroup"): (_name,),
    ("ec2", "AuthorizeSecurityGroupIngress"): _RULES,
    ("ec2", "AuthorizeSecurityGroupEgress"): _RULES,
    ("ec2", "ModifySecurityGroupRules"): (_changed_rules,),
}
STATE_RULES: StateRules = {
    ("ec2", "CreateSecurityGroup"): (_network,),
    ("ec2", "DeleteSecurityGroup"): (_in_use,),
}
