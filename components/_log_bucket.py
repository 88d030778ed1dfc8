"""A private, encrypted, versioned bucket that an AWS service writes its logs to."""

from __future__ import annotations

from collections.abc import Callable

import pulumi
from pulumi_aws import s3


def make_log_bucket(
    name: str,
    policy: Callable[[str, str], str],
    *,
    account_id: pulumi.Input[str],
    days: int,
    protect: bool,
    child: pulumi.ResourceOptions,
) -> tuple[s3.Bucket, s3.BucketPolicy]:
    """Create a bucket that deletes each log after some days. Its policy must exist before a service writes to it.

    `policy` returns the policy of the bucket from its ARN and the account.
    """
    bucket = s3.Bucket(
        name,
        force_destroy=not protect,
        opts=pulumi.ResourceOptions.merge(child, pulumi.ResourceOptions(protect=protect)),
    )
    s3.BucketVersioning(name, bucket=bucket.id, versioning_configuration={"status": "Enabled"}, opts=child)
    s3.BucketServerSideEncryptionConfiguration(
        name,
        bucket=bucket.id,
        # Access logs of a load balancer support no other encryption:
        # https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
        rules=[{"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}}],
        opts=child,
    )
    block = s3.BucketPublicAccessBlock(
        name,
        bucket=bucket.id,
        block_public_acls=True,
        block_public_policy=True,
        ignore_public_acls=True,
        restrict_public_buckets=True,
        opts=child,
    )
    s3.BucketLifecycleConfiguration(
        name,
        bucket=bucket.id,
        rules=[
            {
                "id": "expire",
                "status": "Enabled",
                "filter": {"prefix": ""},
                "expiration": {"days": days},
                "noncurrent_version_expiration": {"noncurrent_days": 30},
                "abort_incomplete_multipart_upload": {"days_after_initiation": 7},
            }
        ],
        opts=child,
    )
    return bucket, s3.BucketPolicy(
        name,
        bucket=bucket.id,
        policy=pulumi.Output.all(bucket.arn, account_id).apply(lambda known: policy(*known)),
        # S3 refuses concurrent changes of a bucket's access.
        opts=pulumi.ResourceOptions.merge(child, pulumi.ResourceOptions(depends_on=[block])),
    )
