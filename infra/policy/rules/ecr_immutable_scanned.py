"""Rule: image tags are immutable, and images are scanned on push.

Anchors: AWS-0030, AWS-0031, CKV_AWS_51, CKV_AWS_163, ECR.1, ECR.2.
"""

from collections.abc import Iterator

from pulumi_policy import Severity

from infra.policy.rule import resource_rule
from infra.resources.properties import UNKNOWN, mapping
from infra.resources.resource import Resource


def check(repository: Resource) -> Iterator[str]:
    """Yield a finding if tags can be overwritten, or if images are not scanned on push."""
    mutability = repository.properties.get("imageTagMutability")
    if mutability not in ("IMMUTABLE", UNKNOWN):
        yield f"imageTagMutability is {mutability or 'not set, so MUTABLE'}"
    scanning = repository.properties.get("imageScanningConfiguration")
    if scanning is not UNKNOWN and mapping(scanning).get("scanOnPush") not in (True, UNKNOWN):
        yield "imageScanningConfiguration.scanOnPush is not true"


RULE = resource_rule(
    name="aws-ecr-immutable-scanned",
    severity=Severity.HIGH,
    description="Image tags must be immutable, and images must be scanned on push.",
    remedy="set imageTagMutability to IMMUTABLE and imageScanningConfiguration.scanOnPush to true",
    types=["aws:ecr/repository:Repository"],
    check=check,
)
