"""Rules of EC2 about the sources of security group rules: one per rule resource, and their number per group."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from localcloud.aws.judge.refusal import Path, RefusedError, known
from localcloud.aws.judge.rules.rule import Ask, Parameters, RequestRules, StateRule, StateRules, filtered, one
from localcloud.aws.prefix_lists import ORIGIN_FACING, ORIGIN_FACING_WEIGHT

# The default quota, for IPv4 and IPv6 each: https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html.
# AWS's message: https://github.com/aws-samples/aws-cloudfront-samples/issues/53
_MOST_RULES = 60
_LIMIT = "https://github.com/jantman/awslimitchecker/issues/431"
_ONE = "https://github.com/hashicorp/terraform-provider-aws/pull/30887"
_SOURCES = ("CidrIpv4", "CidrIpv6", "PrefixListId", "ReferencedGroupId")
# List of sources in a permission -> address families that it has rules of.
_FAMILIES: Mapping[str, tuple[str, ...]] = {
    "IpRanges": ("IPv4",),
    "Ipv6Ranges": ("IPv6",),
    "UserIdGroupPairs": ("IPv4", "IPv6"),
}


def _one_source(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse several sources of a rule resource, as Pulumi's provider does. A permission can have several.

    `RuleResource` is not a parameter of the operation. The caller adds it for a rule resource.
    """
    if parameters.get("RuleResource"):
        for index, permission in enumerate(parameters.get("IpPermissions") or ()):
            names = [name for name in (*_FAMILIES, "PrefixListIds") if permission.get(name)]
            yield from _several(names, ("IpPermissions", index), permission)
    for index, each in enumerate(parameters.get("SecurityGroupRules") or ()):
        rule = each.get("SecurityGroupRule") or {}
        names = [name for name in _SOURCES if rule.get(name)]
        yield from _several(names, ("SecurityGroupRules", index, "SecurityGroupRule"), rule)


def _several(names: list[str], at: Path, rule: Mapping[str, Any]) -> Iterator[RefusedError]:
    if len(names) > 1:
        listed = "cidr_ipv4,cidr_ipv6,prefix_list_id,referenced_security_group_id"
        words = f"{len(names)} attributes specified when one (and only one) of [{listed}] is required"
        source = rule[names[-1]]
        value = next(iter(source[0].values())) if isinstance(source, list) else source
        path = (*at, names[-1])
        yield RefusedError("InvalidParameterCombination", words, path=path, value=value, source=_ONE)


def _new(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse more than 60 rules for a family in one request."""
    yield from _too_many(parameters.get("IpPermissions") or (), {})


def _together(existing: str) -> StateRule:
    """Return the rule that refuses more than 60 rules of a group in one direction."""

    def rule(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
        found = one(ask, "DescribeSecurityGroups", "SecurityGroups", GroupIds=[parameters["GroupId"]])
        new = list(parameters.get("IpPermissions") or ())
        permissions = [*found.get(existing, ()), *new]
        ids = {each["PrefixListId"] for permission in permissions for each in permission.get("PrefixListIds") or ()}
        yield from _too_many(permissions, {id_: _weight(ask, id_) for id_ in ids})

    return rule


def _too_many(permissions: Iterable[Mapping[str, Any]], lists: Mapping[str, tuple[str, int]]) -> Iterator[RefusedError]:
    counted = {"IPv4": 0, "IPv6": 0}
    for permission in permissions:
        for name, families in _FAMILIES.items():
            for family in families:
                counted[family] += len(permission.get(name) or ())
        for each in permission.get("PrefixListIds") or ():
            family, weight = lists.get(each["PrefixListId"] if known(each["PrefixListId"]) else "", ("IPv4", 1))
            counted[family] += weight
    most = max(counted.values())
    if most > _MOST_RULES:
        yield RefusedError(
            "RulesPerSecurityGroupLimitExceeded",
            "The maximum number of rules per security group has been reached.",
            path=("IpPermissions",),
            value=most,
            source=_LIMIT,
            accepted=f"{_MOST_RULES} rules of a group and a direction; a prefix list counts as its maximum size",
        )


def _weight(ask: Ask, id_: str) -> tuple[str, int]:
    """Return the address family of a prefix list, and the number of rules that it counts as."""
    for found in filtered(ask, "DescribeManagedPrefixLists", "PrefixLists", "prefix-list-id", id_):
        family = str(found.get("AddressFamily") or "IPv4")
        if found.get("PrefixListName") == ORIGIN_FACING:
            return family, ORIGIN_FACING_WEIGHT
        return family, int(found.get("MaxEntries") or 1)
    return "IPv4", 1


_REQUEST = (_one_source, _new)
REQUEST_RULES: RequestRules = {
    ("ec2", "AuthorizeSecurityGroupIngress"): _REQUEST,
    ("ec2", "AuthorizeSecurityGroupEgress"): _REQUEST,
    ("ec2", "ModifySecurityGroupRules"): (_one_source,),
}
STATE_RULES: StateRules = {
    ("ec2", "AuthorizeSecurityGroupIngress"): (_together("IpPermissions"),),
    ("ec2", "AuthorizeSecurityGroupEgress"): (_together("IpPermissionsEgress"),),
}
