"""Security groups and their rules, either inline or as separate resources."""

from collections.abc import Iterable
from typing import Any, ClassVar

from localcloud.aws.account import Account
from localcloud.aws.resource import Resource
from localcloud.aws.services._ec2 import Ec2Resource
from localcloud.aws.shapes import lower_camel, pick
from localcloud.protocol.values import Properties

_DIRECTIONS = {
    "ingress": ("IpPermissions", "AuthorizeSecurityGroupIngress", "RevokeSecurityGroupIngress"),
    "egress": ("IpPermissionsEgress", "AuthorizeSecurityGroupEgress", "RevokeSecurityGroupEgress"),
}


class SecurityGroup(Ec2Resource):
    """A security group. Like Pulumi's provider, it removes the rule for all egress that EC2 adds to new groups."""

    type = "aws:ec2/securityGroup:SecurityGroup"
    gone = {"InvalidGroup.NotFound": ("id",)}
    kind = "security-group"
    autoname = "name"
    replaces: ClassVar[Iterable[str]] = ("vpcId", "description", "namePrefix")
    renames = {"name": "GroupName", "protocol": "IpProtocol"}
    defaults = {"description": "Managed by Pulumi"}
    create_operation = "CreateSecurityGroup"
    created_id = "GroupId"
    describe_operation = "DescribeSecurityGroups"
    found = "SecurityGroups.0"
    id_parameter = "GroupIds"
    delete_operation = "DeleteSecurityGroup"

    def create(self, aws: Account, inputs: Properties) -> str:
        """Create the group, then its inline rules."""
        id_ = super().create(aws, inputs)
        self.update(aws, id_, {}, inputs, set(_DIRECTIONS))
        return id_

    def update(self, aws: Account, id_: str, old: Properties, new: Properties, changed: set[str]) -> None:
        """Replace all rules of each direction that changed."""
        if not changed & set(_DIRECTIONS):
            return
        item = self.describe(aws, id_)
        for direction in changed & set(_DIRECTIONS):
            found, authorize, revoke = _DIRECTIONS[direction]
            if item[found]:
                aws.call("ec2", revoke, GroupId=id_, IpPermissions=item[found])
            wanted = [_permission(rule, id_) for rule in new.get(direction) or ()]
            if wanted:
                aws.call("ec2", authorize, GroupId=id_, IpPermissions=wanted)

    def state(self, aws: Account, id_: str, item: Any) -> Properties:
        """Return the state with rules in Pulumi's format."""
        state = super().state(aws, id_, item)
        for direction, (found, _, _) in _DIRECTIONS.items():
            state.pop(lower_camel(found), None)
            state[direction] = [rule for permission in item[found] for rule in _rules(permission, id_)]
        return state

    def delete(self, aws: Account, id_: str, inputs: Properties) -> None:
        """Delete the group. Revoke its rules first if `revokeRulesOnDelete` is set.

        EC2 refuses to delete a group that rules of other groups reference.
        """
        if inputs.get("revokeRulesOnDelete"):
            self.update(aws, id_, inputs, {}, set(_DIRECTIONS))
        super().delete(aws, id_, inputs)


class DefaultSecurityGroup(SecurityGroup):
    """The default group of a VPC, which EC2 creates. Pulumi adopts it, replaces its rules, and never deletes it."""

    type = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
    autoname = ""
    replaces = ("vpcId",)
    defaults = {}

    def create(self, aws: Account, inputs: Properties) -> str:
        """Adopt the group, and replace its rules and tags."""
        here = [
            {"Name": "vpc-id", "Values": [inputs["vpcId"]]},
            {"Name": "group-name", "Values": ["default"]},
        ]
        id_ = str(pick(aws.call("ec2", "DescribeSecurityGroups", Filters=here), "SecurityGroups.0.GroupId"))
        self.update(aws, id_, {}, inputs, set(_DIRECTIONS))
        self.retag(aws, id_, inputs, {}, inputs.get("tagsAll") or {})
        return id_

    def delete(self, aws: Account, id_: str, inputs: Properties) -> None:
        """Do nothing: EC2 deletes the group together with its VPC."""


class SecurityGroupIngressRule(Ec2Resource):
    """A rule for inbound traffic."""

    type = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
    gone = {
        "InvalidSecurityGroupRuleId.NotFound": ("id",),
        "InvalidGroup.NotFound": ("securityGroupId",),
        "InvalidPermission.NotFound": (),
    }
    kind = "security-group-rule"
    direction = "ingress"
    replaces = ("securityGroupId",)
    describe_operation = "DescribeSecurityGroupRules"
    found = "SecurityGroupRules.0"
    id_parameter = "SecurityGroupRuleIds"

    def create(self, aws: Account, inputs: Properties) -> str:
        """Add the rule to its group."""
        _, authorize, _ = _DIRECTIONS[self.direction]
        permission = _permission(_inline(inputs), inputs["securityGroupId"])
        request = {"GroupId": inputs["securityGroupId"], "IpPermissions": [permission]}
        aws.check("ec2", authorize, **request, RuleResource=True)
        answer = aws.call("ec2", authorize, **request, **self.create_tags(inputs))
        return str(pick(answer, "SecurityGroupRules.0.SecurityGroupRuleId"))

    def state(self, aws: Account, id_: str, item: Any) -> Properties:
        """Return the state in Pulumi's format. EC2 returns -1 for no port, and a referenced group as an object."""
        state = {
            "securityGroupRuleId": id_,
            "securityGroupId": item["GroupId"],
            "cidrIpv4": None,
            "cidrIpv6": None,
            "prefixListId": None,
            "description": None,
            "referencedSecurityGroupId": pick(item, "ReferencedGroupInfo.GroupId"),
            **super().state(aws, id_, item),
        }
        return {key: None if key in ("fromPort", "toPort") and item == -1 else item for key, item in state.items()}

    def update(self, aws: Account, id_: str, old: Properties, new: Properties, changed: set[str]) -> None:
        """Change the rule in place."""
        if changed:
            request = {
                "IpProtocol": str(new["ipProtocol"]),
                "FromPort": int(new.get("fromPort", -1)),
                "ToPort": int(new.get("toPort", -1)),
            }
            for ours, theirs in (
                ("cidrIpv4", "CidrIpv4"),
                ("cidrIpv6", "CidrIpv6"),
                ("prefixListId", "PrefixListId"),
                ("referencedSecurityGroupId", "ReferencedGroupId"),
                ("description", "Description"),
            ):
                if new.get(ours):
                    request[theirs] = new[ours]
            rules = [{"SecurityGroupRuleId": id_, "SecurityGroupRule": request}]
            aws.call("ec2", "ModifySecurityGroupRules", GroupId=new["securityGroupId"], SecurityGroupRules=rules)

    def delete(self, aws: Account, id_: str, inputs: Properties) -> None:
        """Remove the rule from its group."""
        _, _, revoke = _DIRECTIONS[self.direction]
        aws.call("ec2", revoke, GroupId=inputs["securityGroupId"], SecurityGroupRuleIds=[id_])


class SecurityGroupEgressRule(SecurityGroupIngressRule):
    """A rule for outbound traffic."""

    type = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
    direction = "egress"


def _inline(rule: Properties) -> Properties:
    """Convert the properties of a rule resource to an inline rule."""
    lists = {
        "cidrBlocks": "cidrIpv4",
        "ipv6CidrBlocks": "cidrIpv6",
        "prefixListIds": "prefixListId",
        "securityGroups": "referencedSecurityGroupId",
    }
    return {
        "protocol": rule["ipProtocol"],
        **{key: rule[key] for key in ("fromPort", "toPort", "description") if key in rule},
        **{ours: [rule[theirs]] for ours, theirs in lists.items() if rule.get(theirs)},
    }


def _permission(rule: Properties, group_id: str) -> dict[str, Any]:
    """Convert an inline rule to EC2's `IpPermission`."""
    text = {"Description": rule["description"]} if rule.get("description") else {}
    groups = [*(rule.get("securityGroups") or ()), *([group_id] if rule.get("self") else ())]
    permission: dict[str, Any] = {
        "IpProtocol": str(rule["protocol"]),
        "IpRanges": [{"CidrIp": cidr, **text} for cidr in rule.get("cidrBlocks") or ()],
        "Ipv6Ranges": [{"CidrIpv6": cidr, **text} for cidr in rule.get("ipv6CidrBlocks") or ()],
        "PrefixListIds": [{"PrefixListId": id_, **text} for id_ in rule.get("prefixListIds") or ()],
        "UserIdGroupPairs": [{"GroupId": id_, **text} for id_ in groups],
    }
    if str(rule["protocol"]) != "-1":
        permission |= {"FromPort": int(rule.get("fromPort", -1)), "ToPort": int(rule.get("toPort", -1))}
    return {key: value for key, value in permission.items() if value != []}


_SOURCES = {
    "IpRanges": ("cidrBlocks", "CidrIp"),
    "Ipv6Ranges": ("ipv6CidrBlocks", "CidrIpv6"),
    "PrefixListIds": ("prefixListIds", "PrefixListId"),
    "UserIdGroupPairs": ("securityGroups", "GroupId"),
}
"""EC2's list of sources -> the list of the inline rule, and the member with the source."""


def _rules(permission: dict[str, Any], group_id: str) -> list[Properties]:
    """Convert EC2's `IpPermission` to inline rules. EC2 has a description for each source, so group by description."""
    found: dict[str, Properties] = {}
    for theirs, (ours, member) in _SOURCES.items():
        for item in permission.get(theirs, ()):
            description = item.get("Description") or ""
            rule = found.setdefault(
                description,
                {
                    "protocol": permission["IpProtocol"],
                    "fromPort": permission.get("FromPort", 0),
                    "toPort": permission.get("ToPort", 0),
                    "self": False,
                    "description": description,
                },
            )
            if theirs == "UserIdGroupPairs" and item[member] == group_id:
                rule["self"] = True
            else:
                rule.setdefault(ours, []).append(item[member])
    return list(found.values())


TYPES: tuple[type[Resource], ...] = (
    SecurityGroup,
    DefaultSecurityGroup,
    SecurityGroupIngressRule,
    SecurityGroupEgressRule,
)
