"""Checks of service quotas: needs of the stack, current usage, and limits of the account.

Codes and default values: https://docs.aws.amazon.com/general/latest/gr/vpc-service.html,
https://docs.aws.amazon.com/general/latest/gr/ec2-service.html, https://docs.aws.amazon.com/general/latest/gr/eks.html,
https://docs.aws.amazon.com/general/latest/gr/rds-service.html, and for spot instances
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-spot-limits.html
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from infra.preflight.finding import Ask, Finding, UnreadableError, Wanted, judged, listed

NODE_VCPUS = 2
STANDARD = re.compile(r"(a|c|d|h|i|im|is|m|r|t|z)[0-9]")
"""Families of the Standard quota. Others, such as `inf2`, `trn1`, `x2` and `hpc7`, have quotas of their own."""
ALLOW = "allow servicequotas:GetServiceQuota for the deployment"


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
    is_raised: bool = False
    """Whether AWS raises it with the usage of an account, so that the default says nothing about an older account."""


def _count(service: str, operation: str, key: str) -> Callable[[Ask], int]:
    return lambda ask: len(listed(ask(service, operation), key))


def _nat_gateways(wanted: Wanted) -> int:
    network = wanted.settings.network
    return {"none": 0, "single": 1}.get(network.nat_strategy, len(network.availability_zones))


def _vcpus(*, spot: bool) -> Callable[[Ask], int]:
    """Return a function that counts the vCPUs of running instances of the Standard families."""

    def count(ask: Ask) -> int:
        reservations = listed(ask("ec2", "DescribeInstances"), "Reservations")
        return sum(
            _vcpus_of(each)
            for reservation in reservations
            for each in listed(reservation, "Instances")
            if each.get("State", {}).get("Name") in ("pending", "running")
            and (each.get("InstanceLifecycle") == "spot") is spot
            and STANDARD.match(each.get("InstanceType", ""))
        )

    return count


def _vcpus_of(instance: dict[str, Any]) -> int:
    options = instance.get("CpuOptions", {})
    return int(options.get("CoreCount", 1)) * int(options.get("ThreadsPerCore", 1))


def _nodes(wanted: Wanted) -> int:
    """Return the vCPUs of a node in each zone, which the pods of the service and of the add-ons are spread over."""
    return NODE_VCPUS * len(wanted.settings.network.availability_zones)


def _spot_nodes(wanted: Wanted) -> int:
    return NODE_VCPUS if wanted.settings.cluster.spot_workers else 0


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
    Quota(
        name="vCPUs of on-demand Standard instances",
        service="ec2",
        code="L-1216C47A",
        default=5,
        used=_vcpus(spot=False),
        needed=_nodes,
        is_raised=True,
    ),
    Quota(
        name="vCPUs of spot Standard instances",
        service="ec2",
        code="L-34B43A08",
        default=5,
        used=_vcpus(spot=True),
        needed=_spot_nodes,
        is_raised=True,
    ),
)


def quotas(wanted: Wanted, ask: Ask) -> Iterator[Finding]:
    """Check that the remaining quotas are sufficient; skip an existing stack, which already uses its share."""
    if wanted.existing:
        return
    for quota in QUOTAS:
        allowed, source = _allowed(quota, ask)
        used, needed = quota.used(ask), quota.needed(wanted)
        found = f"{quota.name}: {used} of {allowed} used{source}"
        remedy = (
            f"delete some, or ask for more: aws service-quotas request-service-quota-increase --service-code "
            f"{quota.service} --quota-code {quota.code} --desired-value {used + needed}"
        )
        if source and quota.is_raised and used + needed > allowed:
            yield Finding(
                check="quota", verdict="unknown", found=found, accepted=f"{needed} more", remedy=f"{ALLOW}, or {remedy}"
            )
        else:
            yield judged("quota", found, f"{needed} more", remedy, ok=used + needed <= allowed)


def _allowed(quota: Quota, ask: Ask) -> tuple[int, str]:
    """Return the quota of this account, or the AWS default with a note if it cannot be read."""
    try:
        answer = ask("service-quotas", "GetServiceQuota", ServiceCode=quota.service, QuotaCode=quota.code)
        return int(answer["Quota"]["Value"]), ""
    except (UnreadableError, KeyError):
        return quota.default, " (the default: the account's own value cannot be read)"
