"""moto changes only IPv4 ranges in ModifySecurityGroupRules, and loses descriptions of groups and prefix lists.

Upstream in 2026-11: #8917 merged, for IPv4 ranges only; the rest not reported.
"""

import inspect
from typing import Any

from moto.ec2.models import EC2Backend
from moto.ec2.models.security_groups import SecurityGroupRule

from localcloud.aws.moto_patches.patch import Changes, Patch


def apply(changes: Changes) -> None:
    """Patch moto."""

    def modify_security_group_rules(self: Any, group_id: str, rules: dict[str, dict[str, Any]]) -> None:
        original(self, group_id, rules)
        group = self.get_security_group_by_name_or_id(group_id)
        for id_, asked in rules.items():
            rule = group.get_rule(id_)
            if asked.get("CidrIpv6"):
                rule.ip_range["CidrIpv6"] = asked["CidrIpv6"]
            if asked.get("PrefixListId"):
                rule.prefix_list_id = asked["PrefixListId"]
            if rule.prefix_list_id and asked.get("Description") is not None:
                rule.prefix_list_description = asked["Description"]
            if asked.get("ReferencedGroupId"):
                rule.source_group["GroupId"] = asked["ReferencedGroupId"]
            if rule.source_group and asked.get("Description") is not None:
                rule.source_group["Description"] = rule.ip_range.pop("Description")

    def new_rule(self: Any, *args: Any, **kwargs: Any) -> None:
        made(self, *args, **kwargs)
        bound = signature.bind(self, *args, **kwargs).arguments
        self.prefix_list_description = (bound.get("prefix_list_id") or {}).get("Description")

    def description(self: Any) -> Any:
        ranges = self.ip_range.get("Description") or self.source_group.get("Description")
        return ranges or self.prefix_list_description

    original = changes.put(EC2Backend, "modify_security_group_rules", modify_security_group_rules)
    made = changes.put(SecurityGroupRule, "__init__", new_rule)
    signature = inspect.signature(made)
    changes.put(SecurityGroupRule, "description", property(description))


PATCH = Patch(name="ec2_rule_sources", apply=apply)
