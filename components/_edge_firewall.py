"""The web application firewall: AWS WAF with managed rules and a rate rule, and its log."""

from __future__ import annotations

from typing import Any

import pulumi
from pulumi_aws import cloudwatch

from components._untyped import Untyped

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


def make_firewall(
    name: str,
    *,
    log_group: str,
    log_days: int,
    rate_limit: int,
    protect: bool,
    child: pulumi.ResourceOptions,
    cloudfront_region: str | None = None,
) -> pulumi.Output[str]:
    """Create a web ACL and return its ARN. `rate_limit` is per client and five minutes; 0: no rate rule.

    With `cloudfront_region` it is a web ACL for distributions, created with its log in that region, as WAF requires:
    https://docs.aws.amazon.com/waf/latest/APIReference/API_CreateWebACL.html
    """
    region = {"region": cloudfront_region} if cloudfront_region else {}
    acl = Untyped(
        "aws:wafv2/webAcl:WebAcl",
        f"{name}-firewall",
        {
            **region,
            "scope": "CLOUDFRONT" if cloudfront_region else "REGIONAL",
            "defaultAction": {"allow": {}},
            "rules": rules(rate_limit),
            "visibilityConfig": _visibility(name),
            "tags": {"Name": f"{name}-firewall"},
        },
        child,
    )
    group = cloudwatch.LogGroup(
        f"{name}-firewall-logs",
        name=log_group,
        retention_in_days=log_days,
        region=cloudfront_region,
        opts=pulumi.ResourceOptions.merge(child, pulumi.ResourceOptions(protect=protect)),
    )
    logging = {
        **region,
        "resourceArn": acl.arn,
        "logDestinationConfigs": [group.arn],
        "redactedFields": [{"singleHeader": {"name": header}} for header in SECRET_HEADERS],
    }
    Untyped("aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration", f"{name}-firewall", logging, child)
    return acl.arn


def protect_balancer(
    name: str, acl_arn: pulumi.Input[str], balancer_arn: pulumi.Input[str], child: pulumi.ResourceOptions
) -> None:
    """Put a web ACL in front of a load balancer."""
    association = {"webAclArn": acl_arn, "resourceArn": balancer_arn}
    Untyped("aws:wafv2/webAclAssociation:WebAclAssociation", f"{name}-firewall", association, child)


def rules(rate_limit: int) -> list[dict[str, Any]]:
    """Return the rules of a web ACL: the rate limit first, then the managed rule groups."""
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
