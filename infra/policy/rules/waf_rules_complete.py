"""Rule: a web ACL limits the rate of clients and blocks known attacks.

Anchors: CKV_AWS_192, WAF.10, CKV_AWS_342.
"""

from collections.abc import Iterator

from pulumi_policy import Severity

from infra.policy.rule import resource_rule
from infra.resources.properties import UNKNOWN, at, items, unset
from infra.resources.resource import Resource

GROUPS = ("AWSManagedRulesCommonRuleSet", "AWSManagedRulesKnownBadInputsRuleSet")


def check(acl: Resource) -> Iterator[str]:
    """Yield rules that are missing, and rules that only count; an unknown rule may be any of them."""
    rules = acl.properties.get("rules")
    if rules is UNKNOWN or not unset(acl.properties.get("ruleJson")):
        return
    blocking = [rule for rule in items(rules) if not _counts(rule)]
    if not any(at(rule, "statement.rateBasedStatement") is not None for rule in blocking):
        yield "no rule limits the rate of requests"
    names = [at(rule, "statement.managedRuleGroupStatement.name") for rule in blocking]
    missing = [group for group in GROUPS if group not in names and UNKNOWN not in names]
    if missing:
        yield f"no rule blocks by {', '.join(missing)}"


def _counts(rule: object) -> bool:
    """Return whether a rule only counts requests."""
    return any(at(rule, path) not in (None, UNKNOWN) for path in ("action.count", "overrideAction.count"))


RULE = resource_rule(
    name="aws-waf-rules-complete",
    severity=Severity.HIGH,
    description="A web ACL must limit the rate of requests, and block common attacks and known bad inputs.",
    remedy="add a rate rule, and the managed groups of common attacks and of known bad inputs",
    types=["aws:wafv2/webAcl:WebAcl"],
    check=check,
)
