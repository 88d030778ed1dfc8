"""Rule: a bucket keeps the previous versions of its objects.

Anchors: AWS-0090, CKV_AWS_21, S3.14.
"""

from collections.abc import Iterator, Sequence

from pulumi_policy import Severity

from infra.policy.references import refers_to
from infra.policy.rule import stack_rule
from infra.resources.aws_types import BUCKETS
from infra.resources.properties import UNKNOWN, at
from infra.resources.resource import Resource

VERSIONING = ("aws:s3/bucketVersioning:BucketVersioning", "aws:s3/bucketVersioningV2:BucketVersioningV2")


def check(resources: Sequence[Resource]) -> Iterator[tuple[Resource, str]]:
    """Yield buckets where a deletion or an overwritten object cannot be undone."""
    versionings = [each for each in resources if each.type in VERSIONING]
    for bucket in resources:
        off = bucket.type in BUCKETS and at(bucket.properties, "versioning.enabled") not in (True, UNKNOWN)
        if off and not any(refers_to(each, "bucket", bucket) for each in versionings if _on(each)):
            yield bucket, "no BucketVersioning enables the versioning of this bucket"


def _on(versioning: Resource) -> bool:
    return at(versioning.properties, "versioningConfiguration.status") in ("Enabled", UNKNOWN)


RULE = stack_rule(
    name="aws-s3-versioned",
    severity=Severity.MEDIUM,
    description="Every bucket must keep previous versions.",
    remedy="add a BucketVersioning with versioningConfiguration.status Enabled",
    check=check,
)
