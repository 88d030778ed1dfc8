"""Rules that AWS's models do not contain: between parameters of a request, and between a request and the account.

Each service has one or more files. Each rule names its source.
"""

from collections.abc import Iterable, Mapping
from typing import TypeVar

from localcloud.aws.judge.partial import Partial, until_unknown
from localcloud.aws.judge.rules import (
    acm,
    cloudfront,
    cloudwatch,
    ec2_endpoint_services,
    ec2_endpoints,
    ec2_flow_logs,
    ec2_groups,
    ec2_network,
    ec2_routing,
    ec2_rule_sources,
    ec2_tags,
    ecr,
    eks_access,
    eks_addons,
    eks_clusters,
    eks_networks,
    eks_pod_identities,
    elbv2,
    elbv2_access_logs,
    elbv2_attributes,
    elbv2_health,
    elbv2_listeners,
    iam,
    kms,
    logs,
    one_network,
    rds_groups,
    rds_instances,
    rds_parameters,
    rds_settings,
    rds_storage,
    rds_upgrades,
    route53,
    s3,
    s3_lifecycle,
    s3_policies,
    secretsmanager,
    sqs,
    sqs_dead_letters,
    tags,
    wafv2,
    wafv2_actions,
)
from localcloud.aws.judge.rules.rule import Ask, Key, Parameters, remembering

_Rule = TypeVar("_Rule")
_SERVICES = (
    acm,
    cloudfront,
    cloudwatch,
    ec2_endpoint_services,
    ec2_endpoints,
    ec2_flow_logs,
    ec2_groups,
    ec2_network,
    ec2_routing,
    ec2_rule_sources,
    ec2_tags,
    ecr,
    eks_access,
    eks_addons,
    eks_clusters,
    eks_networks,
    eks_pod_identities,
    elbv2,
    elbv2_access_logs,
    elbv2_attributes,
    elbv2_health,
    elbv2_listeners,
    iam,
    kms,
    logs,
    one_network,
    rds_instances,
    rds_parameters,
    rds_settings,
    rds_storage,
    rds_upgrades,
    route53,
    rds_groups,
    s3,
    s3_lifecycle,
    s3_policies,
    secretsmanager,
    sqs,
    sqs_dead_letters,
    tags,
    wafv2,
    wafv2_actions,
)


def _together(tables: Iterable[Mapping[Key, tuple[_Rule, ...]]]) -> dict[Key, tuple[_Rule, ...]]:
    """Merge the rules of all files. If several files have rules for an operation, concatenate them."""
    found: dict[Key, tuple[_Rule, ...]] = {}
    for table in tables:
        for key, rules in table.items():
            found[key] = (*found.get(key, ()), *rules)
    return found


_REQUEST = _together(getattr(service, "REQUEST_RULES", {}) for service in _SERVICES)
_STATE = _together(getattr(service, "STATE_RULES", {}) for service in _SERVICES)


def check(service: str, operation: str, parameters: Parameters, ask: Ask | None, *, preview: bool = False) -> None:
    """Check a request against the rules of its operation.

    Args:
        service: botocore's name of the service.
        operation: the operation.
        parameters: parameters of the request.
        ask: reads the account. None to check only the request.
        preview: whether only a part of the request and of the account is known. A rule about the account then ends
            at the first value that is not known: a parameter, or something that `ask` cannot read.

    Raises:
        RefusedError: AWS would refuse the request. Reports the first violated rule.
    """
    key = (service, operation)
    for rule in _REQUEST.get(key, ()):
        for error in rule(parameters):
            raise error.of(operation)
    if ask is None:
        return
    remembered = remembering(ask)
    read = Partial(parameters) if preview else parameters
    for in_account in _STATE.get(key, ()):
        for error in until_unknown(in_account(read, remembered)):
            raise error.of(operation)
