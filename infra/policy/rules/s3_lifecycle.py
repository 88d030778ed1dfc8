"""Rule: incomplete uploads to a bucket are deleted.

Anchors: AWS-0088, CKV_AWS_300, CKV2_AWS_61, S3.13.
"""

from collections.abc import Iterator, Sequence

from pulumi_policy import Severity

from infra.policy.references import refers_to
from infra.policy.rule import stack_rule
from infra.resources.aws_types import BUCKETS
from infra.resources.properties import UNKNOWN, at, items
from infra.resources.resource import Resource

LIFECYCLES = (
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
    "aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2",
)


def check(resources: Sequence[Resource]) -> Iterator[tuple[Resource, str]]:
    """Yield buckets without a rule that deletes the parts of incomplete uploads, which AWS charges for."""
    lifecycles = [each for each in resources if each.type in LIFECYCLES]
    for bucket in resources:
        if bucket.type not in BUCKETS:
            continue
        own = [each.properties.get("rules") for each in lifecycles if refers_to(each, "bucket", bucket)]
        own.append(bucket.properties.get("lifecycleRules"))
        if not any(rules is UNKNOWN or any(map(_aborts, items(rules))) for rules in own):
            yield bucket, "no lifecycle rule of this bucket deletes incomplete uploads"


def _aborts(rule: object) -> bool:
    uploads = at(rule, "abortIncompleteMultipartUpload")
    days = at(rule, "abortIncompleteMultipartUploadDays")
    return at(rule, "status") in (None, "Enabled", UNKNOWN) and (uploads is not None or days is not None)


RULE = stack_rule(
    name="aws-s3-lifecycle",
    severity=Severity.LOW,
    description="Every bucket must delete incomplete uploads.",
    remedy="add a BucketLifecycleConfiguration with abortIncompleteMultipartUpload",
    check=check,
)
