"""Rules of AWS WAF: the rules of a web ACL, its scope and its log destination.

The messages about the scope and the log destination are AWS's. AWS does not document the messages of the other rules.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from localcloud.aws.judge.refusal import Path, RefusedError, known
from localcloud.aws.judge.rules.rule import Ask, Parameters, RequestRules, StateRules, region_of

_WINDOWS = (60, 120, 300, 600)
_GROUPS = frozenset({"ManagedRuleGroupStatement", "RuleGroupReferenceStatement"})
# AWS's messages, recorded from real requests.
_MEASURED = "https://github.com/badmintoncryer/cdk-preflight/tree/main/rules/wafv2/pf-wafv2"
# In 2026-09: https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-list.html
_AWS_GROUPS = frozenset(
    f"AWSManagedRules{name}"
    for name in """ACFPRuleSet ATPRuleSet AdminProtectionRuleSet AmazonIpReputationList AnonymousIpList AntiDDoSRuleSet
    BotControlRuleSet CommonRuleSet KnownBadInputsRuleSet LinuxRuleSet PHPRuleSet SQLiRuleSet UnixRuleSet WindowsRuleSet
    WordPressRuleSet""".split()  # noqa: SIM905 - read as a text
)
_CLOUDFRONT_REGION = "us-east-1"
_LOG_PREFIX = "aws-waf-logs-"
# AWS's message: https://github.com/hashicorp/terraform-provider-aws/issues/23934
_BAD_ARN = (
    "The ARN isn't valid. A valid ARN begins with arn: and includes other information separated by colons or slashes."
)
# botocore wafv2 AssociateWebACLRequest.ResourceArn
_PROTECTED = re.compile(
    "arn:[^:]+:(?:"
    + "|".join(
        (
            "elasticloadbalancing:[^:]*:[^:]*:loadbalancer/app/.+",
            "apigateway:[^:]*::/restapis/[^/]+/stages/[^/]+",
            "appsync:[^:]*:[^:]*:apis/[^/]+",
            "cognito-idp:[^:]*:[^:]*:userpool/[^/]+",
            "apprunner:[^:]*:[^:]*:service/[^/]+/[^/]+",
            "ec2:[^:]*:[^:]*:verified-access-instance/[^/]+",
            "amplify:[^:]*:[^:]*:apps/[^/]+",
            "bedrock-agentcore:[^:]*:[^:]*:gateway/[^/]+",
        )
    )
    + ")"
)


def _unique(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse rules with the same priority or the same name."""
    words = {
        "Priority": "You have a duplicate priority. Priorities must be unique.",
        "Name": "You have duplicated some of the information in the parameter.",
    }
    rules = rules_of(parameters)
    for name, text in words.items():
        counted = Counter(rule[name] for _, rule in rules if rule.get(name) is not None and known(rule[name]))
        for index, rule in rules:
            if counted[rule.get(name)] > 1:
                yield invalid(text, "RULE", ("Rules", index, name), rule[name], f"{_MEASURED}-rule-unique")


def _actions(parameters: Parameters) -> Iterator[RefusedError]:
    """Require `OverrideAction` for a rule that references a rule group, and `Action` for any other rule."""
    for index, rule in rules_of(parameters):
        statement = rule.get("Statement")
        if not isinstance(statement, Mapping):
            continue
        right, wrong = ("OverrideAction", "Action") if _GROUPS & set(statement) else ("Action", "OverrideAction")
        path = ("Rules", index)
        if rule.get(wrong) is not None:
            words = f"A rule with this statement takes {right} and not {wrong}."
            yield invalid(words, "RULE_ACTION", (*path, wrong), None, f"Rule.{wrong}")
        elif rule.get(right) is None:
            words = f"A rule with this statement needs {right}."
            yield invalid(words, "RULE_ACTION", (*path, right), None, f"Rule.{right}")


def _windows(parameters: Parameters) -> Iterator[RefusedError]:
    """Require an evaluation window of one, two, five or ten minutes for a rate-based rule."""
    for index, rule in rules_of(parameters):
        statement = rule.get("Statement")
        rate = statement.get("RateBasedStatement") if isinstance(statement, Mapping) else None
        seconds = rate.get("EvaluationWindowSec") if isinstance(rate, Mapping) else None
        if isinstance(seconds, int) and seconds not in _WINDOWS:
            path = ("Rules", index, "Statement", "RateBasedStatement", "EvaluationWindowSec")
            words = "Valid settings are 60, 120, 300, and 600."
            yield invalid(words, "EVALUATION_WINDOW", path, seconds, "RateBasedStatement.EvaluationWindowSec")


def _metric_names(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse the metric name that WAF uses itself."""
    blocks = [((), parameters), *((("Rules", index), rule) for index, rule in rules_of(parameters))]
    for at, block in blocks:
        visibility = block.get("VisibilityConfig")
        name = visibility.get("MetricName") if isinstance(visibility, Mapping) else None
        if name == "Default_Action":
            path = (*at, "VisibilityConfig", "MetricName")
            words, source = "The metric name is not valid.", f"{_MEASURED}-metric-name-reserved"
            yield invalid(words, "METRIC_NAME", path, name, source)


def _groups(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse a managed rule group that AWS does not have."""
    for index, rule in rules_of(parameters):
        statement = rule.get("Statement")
        group = statement.get("ManagedRuleGroupStatement") if isinstance(statement, Mapping) else None
        name = group.get("Name") if isinstance(group, Mapping) and group.get("VendorName") == "AWS" else None
        if isinstance(name, str) and known(name) and name not in _AWS_GROUPS:
            yield RefusedError(
                "WAFNonexistentItemException",
                "AWS WAF couldn't perform the operation because your resource doesn't exist.",
                path=("Rules", index, "Statement", "ManagedRuleGroupStatement", "Name"),
                value=name,
                source=f"{_MEASURED}-managed-rule-group",
            )


def _scope(parameters: Parameters, ask: Ask) -> Iterator[RefusedError]:
    """Refuse a web ACL for CloudFront in any other region than us-east-1."""
    if parameters.get("Scope") == "CLOUDFRONT" and region_of(ask) != _CLOUDFRONT_REGION:
        # AWS's message: https://github.com/aws-solutions/aws-waf-security-automations/issues/300
        yield invalid("The scope is not valid.", "SCOPE_VALUE", ("Scope",), "CLOUDFRONT", "CreateWebACLRequest.Scope")


def _log(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse a second log destination, and require the prefix `aws-waf-logs-` in the name of a destination."""
    wanted = parameters.get("LoggingConfiguration")
    given = wanted.get("LogDestinationConfigs") if isinstance(wanted, Mapping) else None
    if isinstance(given, list) and len(given) > 1:
        at = ("LoggingConfiguration", "LogDestinationConfigs")
        yield limit_exceeded(at, given[1], "https://github.com/hashicorp/terraform/issues/35152")
    for index, arn in enumerate(given if isinstance(given, list) else ()):
        if isinstance(arn, str) and known(arn) and not _log_name(arn).startswith(_LOG_PREFIX):
            path = ("LoggingConfiguration", "LogDestinationConfigs", index)
            yield invalid(_BAD_ARN, "LOG_DESTINATION", path, arn, "LoggingConfiguration.LogDestinationConfigs")


def _log_name(arn: str) -> str:
    """Return the name of the log group, bucket or delivery stream of an ARN, or "" for any other ARN."""
    parts = arn.split(":", 5)
    if len(parts) != 6 or parts[0] != "arn":
        return ""
    match parts[2]:
        case "logs":
            return parts[5].removeprefix("log-group:")
        case "s3":
            return parts[5]
        case "firehose":
            return parts[5].removeprefix("deliverystream/")
    return ""


def _protected(parameters: Parameters) -> Iterator[RefusedError]:
    """Refuse to associate a web ACL with a resource of a kind that WAF does not protect."""
    arn = parameters.get("ResourceArn")
    if isinstance(arn, str) and arn.startswith("arn:") and known(arn) and not _PROTECTED.fullmatch(arn):
        source = f"{_MEASURED}-association-resource-arn"
        yield invalid(_BAD_ARN, "RESOURCE_ARN", ("ResourceArn",), arn, source)


def rules_of(parameters: Parameters) -> list[tuple[int, Mapping[str, Any]]]:
    """Return the known rules of a web ACL with their indexes."""
    rules = parameters.get("Rules")
    listed = rules if isinstance(rules, list) else []
    return [(index, rule) for index, rule in enumerate(listed) if isinstance(rule, Mapping)]


def invalid(words: str, field: str, path: Path, value: Any, rule: str) -> RefusedError:
    """Return the error for an invalid parameter. `rule` is the URL of its source, or a member of botocore's model."""
    source = rule if rule.startswith("https://") else f"botocore wafv2 {rule}"
    text = f"Error reason: {words}, field: {field}, parameter: {value}"
    return RefusedError("WAFInvalidParameterException", text, path=path, value=value, source=source)


def limit_exceeded(path: Path, value: Any, source: str) -> RefusedError:
    """Return the error for more or larger settings than WAF accepts."""
    words = "AWS WAF couldn't perform the operation because you exceeded your resource limit."
    return RefusedError("WAFLimitsExceededException", words, path=path, value=value, source=source)


_ACL = (_unique, _actions, _windows, _metric_names, _groups)
REQUEST_RULES: RequestRules = {
    ("wafv2", "CreateWebACL"): _ACL,
    ("wafv2", "UpdateWebACL"): _ACL,
    ("wafv2", "AssociateWebACL"): (_protected,),
    ("wafv2", "PutLoggingConfiguration"): (_log,),
}
STATE_RULES: StateRules = {("wafv2", "CreateWebACL"): (_scope,)}
