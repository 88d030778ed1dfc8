"""The web application firewall of an Edge: AWS WAF with managed rules and a rate rule, and its log."""

from __future__ import annotations

from typing import Any

import pulumi
from pulumi_aws import cloudwatch

RATE_WINDOW_SECONDS = 300
# https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-list.html, in the order of evaluation.
MANAGED_GROUPS = (
    "AWSManagedRulesAmazonIpReputationList",
    "AWSManagedRulesKnownBadInputsRuleSet",
    "AWSManagedRulesCommonRuleSet",
)
# WAF logs to no group of another name: https://docs.aws.amazon.com/waf/latest/developerguide/logging-cw-logs.html
LOG_GROUP_PREFIX = "aws-waf-logs-"
SECRET_HEADERS = ("authorization", "cookie")


class _Resource(pulumi.CustomResource):
    """A resource of `pulumi_aws.wafv2` without that module: its types take more than a second to import."""

    arn: pulumi.Output[str]

    def __init__(self, token: str, name: str, props: dict[str, Any], opts: pulumi.ResourceOptions) -> None:
        super().__init__(f"aws:wafv2/{token}", name, {**props, "arn": None}, opts)


def make_firewall(
    name: str,
    balancer_arn: pulumi.Input[str],
    *,
    log_group: str,
    log_days: int,
    rate_limit: int,
    protect: bool,
    child: pulumi.ResourceOptions,
) -> None:
    """Put a web ACL in front of a load balancer. `rate_limit` is per client and five minutes; 0: no rate rule."""
    acl = _Resource(
        "webAcl:WebAcl",
        f"{name}-firewall",
        {
            "scope": "REGIONAL",
            "defaultAction": {"allow": {}},
            "rules": rules(rate_limit),
            "visibilityConfig": _visibility(name),
            "tags": {"Name": f"{name}-firewall"},
        },
        child,
    )
    association = {"webAclArn": acl.arn, "resourceArn": balancer_arn}
    _Resource("webAclAssociation:WebAclAssociation", f"{name}-firewall", association, child)
    group = cloudwatch.LogGroup(
        f"{name}-firewall-logs",
        name=log_group,
        retention_in_days=log_days,
        opts=pulumi.ResourceOptions.merge(child, pulumi.ResourceOptions(protect=protect)),
    )
    logging = {
        "resourceArn": acl.arn,
        "logDestinationConfigs": [group.arn],
        "redactedFields": [{"singleHeader": {"name": header}} for header in SECRET_HEADERS],
    }
    _Resource("webAclLoggingConfiguration:WebAclLoggingConfiguration", f"{name}-firewall", logging, child)


def rules(rate_limit: int) -> list[dict[str, Any]]:
    """Give the rules of a web ACL: a client that asks too often is refused before anything else is looked at."""
    limited = [_rate(rate_limit)] if rate_limit else []
    managed = [_managed(group, priority) for priority, group in enumerate(MANAGED_GROUPS, start=1)]
    return [*limited, *managed]


def _rate(limit: int) -> dict[str, Any]:
    counted = {"limit": limit, "aggregateKeyType": "IP", "evaluationWindowSec": RATE_WINDOW_SECONDS}
    return {
        "name": "rate",
        "priority": 0,
        "action": {"block": {}},
        "statement": {"rateBasedStatement": counted},
        "visibilityConfig": _visibility("rate"),
    }


def _managed(group: str, priority: int) -> dict[str, Any]:
    return {
        "name": group,
        "priority": priority,
        "overrideAction": {"none": {}},
        "statement": {"managedRuleGroupStatement": {"vendorName": "AWS", "name": group}},
        "visibilityConfig": _visibility(group),
    }


def _visibility(metric: str) -> dict[str, Any]:
    """Count in CloudWatch, and sample no request: a sample would show all headers."""
    return {"cloudwatchMetricsEnabled": True, "metricName": metric, "sampledRequestsEnabled": False}
