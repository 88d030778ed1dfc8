"""Checks of service quotas: needs of the stack, current usage, and limits of the account.

Codes and default values: https://docs.aws.amazon.com/general/latest/gr/vpc-service.html,
https://docs.aws.amazon.com/general/latest/gr/ec2-service.html, https://docs.aws.amazon.com/general/latest/gr/eks.html,
https://docs.aws.amazon.com/general/latest/gr/rds-service.html
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from infra.preflight.finding import Ask, Finding, UnreadableError, Wanted, judged, listed


@dataclass(frozen=True, kw_only=True)
class Quota:
    """A service quota that a stack uses."""

    name: str
    service: str
    """The service code in Service Quotas."""
    code: str
    default: int
    """The default value for an account."""
    used: Callable[[Ask], int]
    needed: Callable[[Wanted], int]


def _count(service: str, operation: str, key: str) -> Callable[[Ask], int]:
    return lambda ask: len(listed(ask(service, operation), key))


def _nat_gateways(wanted: Wanted) -> int:
    network = wanted.settings.network
    return {"none": 0, "single": 1}.get(network.nat_strategy, len(network.availability_zones))


QUOTAS = (
    Quota(
        name="VPCs",
        service="vpc",
        code="L-F678F1CE",
        default=5,
        used=_count("ec2", "DescribeVpcs", "Vpcs"),
        needed=lambda _: 1,
    ),
    Quota(
        name="Elastic IP addresses",
        service="ec2",
        code="L-0263D0A3",
        default=5,
        used=_count("ec2", "DescribeAddresses", "Addresses"),
        needed=_nat_gateways,
    ),
    Quota(
        name="EKS clusters",
        service="eks",
        code="L-1194D53C",
        default=100,
        used=_count("eks", "ListClusters", "clusters"),
        needed=lambda _: 1,
    ),
    Quota(
        name="RDS instances",
        service="rds",
        code="L-7B6409FD",
        default=40,
        used=_count("rds", "DescribeDBInstances", "DBInstances"),
        needed=lambda _: 1,
    ),
)


def quotas(wanted: Wanted, ask: Ask) -> Iterator[Finding]:
    """Check that the remaining quotas are sufficient; skip an existing stack, which already uses its share."""
    if wanted.existing:
        return
    for quota in QUOTAS:
        allowed, source = _allowed(quota, ask)
        used, needed = quota.used(ask), quota.needed(wanted)
        yield judged(
            "quota",
            f"{quota.name}: {used} of {allowed} used{source}",
            f"{needed} more",
            f"delete some, or ask for more: aws service-quotas request-service-quota-increase --service-code "
            f"{quota.service} --quota-code {quota.code} --desired-value {used + needed}",
            ok=used + needed <= allowed,
        )


def _allowed(quota: Quota, ask: Ask) -> tuple[int, str]:
    """Return the quota of this account, or the AWS default with a note if it cannot be read."""
    try:
        answer = ask("service-quotas", "GetServiceQuota", ServiceCode=quota.service, QuotaCode=quota.code)
        return int(answer["Quota"]["Value"]), ""
    except (UnreadableError, KeyError):
        return quota.default, " (the default: the account's own value cannot be read)"
