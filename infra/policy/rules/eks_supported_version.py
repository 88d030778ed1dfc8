"""Rule: a cluster has a version of Kubernetes in standard support.

Anchors: CKV_AWS_339, EKS.2.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime

from pulumi_policy import Severity

from infra.policy.rule import resource_rule
from infra.resources.properties import UNKNOWN, at, unset
from infra.resources.resource import Resource
from stacks.versions import KUBERNETES


def check(cluster: Resource) -> Iterator[str]:
    """Yield a finding for a version that is out of standard support, or that is not set."""
    version = cluster.properties.get("version")
    if at(cluster.properties, "upgradePolicy.supportType") in ("EXTENDED", UNKNOWN):
        return  # whoever pays for extended support has chosen so
    if unset(version):
        yield "version is not set, so it depends on the day of the deployment"
    elif isinstance(version, str) and not supported(version, datetime.now(UTC).date()):
        yield f"version is {version}, which is out of standard support"


def supported(version: str, today: date) -> bool:
    """Return whether a version is in standard support; a version that is newer than all known ones is."""
    if version in KUBERNETES:
        return today <= KUBERNETES[version].standard
    return _number(version) > max(map(_number, KUBERNETES))


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(each) for each in version.split(".") if each.isdigit())


RULE = resource_rule(
    name="aws-eks-supported-version",
    severity=Severity.HIGH,
    description="A cluster must run a version of Kubernetes that EKS supports.",
    remedy="set version to a newer one, one minor version at a time",
    types=["aws:eks/cluster:Cluster"],
    check=check,
)
