"""Rule: every bucket has a public access block with all four settings enabled.

Anchors: AWS-0086, AWS-0087, AWS-0091, AWS-0093, CKV2_AWS_6, CIS-AWS 3.1.4.
"""

from collections.abc import Iterator, Sequence

from pulumi_policy import Severity

from infra.policy.references import refers_to
from infra.policy.rule import stack_rule
from infra.resources.aws_types import BUCKETS
from infra.resources.properties import UNKNOWN
from infra.resources.resource import Resource

BLOCK = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
SWITCHES = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")


def check(resources: Sequence[Resource]) -> Iterator[tuple[Resource, str]]:
    """Yield buckets without a public access block, and blocks with settings that are not enabled."""
    blocks = [each for each in resources if each.type == BLOCK]
    for bucket in resources:
        if bucket.type in BUCKETS and not any(refers_to(block, "bucket", bucket) for block in blocks):
            yield bucket, "no BucketPublicAccessBlock of this stack is for this bucket"
    for block in blocks:
        off = [switch for switch in SWITCHES if block.properties.get(switch) not in (True, UNKNOWN)]
        if off:
            yield block, f"{', '.join(off)} not true"


RULE = stack_rule(
    name="aws-s3-public-access-block",
    severity=Severity.CRITICAL,
    description="Every bucket must have a public access block with all four settings enabled.",
    remedy=f"add an aws.s3.BucketPublicAccessBlock for the bucket with {', '.join(SWITCHES)} true",
    check=check,
)
