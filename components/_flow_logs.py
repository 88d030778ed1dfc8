"""The flow logs of a Network, in a private, encrypted, versioned bucket."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi
from pulumi_aws import ec2, s3

from components._iam import log_bucket_policy

if TYPE_CHECKING:
    from components.network import NetworkArgs


def make_flow_logs(
    name: str, args: NetworkArgs, vpc_id: pulumi.Output[str], child: pulumi.ResourceOptions
) -> s3.Bucket:
    """Log every flow of the VPC, accepted or rejected, and give back the bucket that holds the logs."""
    logs = f"{name}-flow-logs"
    bucket = s3.Bucket(
        logs,
        force_destroy=not args.protect,
        opts=pulumi.ResourceOptions.merge(child, pulumi.ResourceOptions(protect=args.protect)),
    )
    s3.BucketVersioning(logs, bucket=bucket.id, versioning_configuration={"status": "Enabled"}, opts=child)
    s3.BucketServerSideEncryptionConfiguration(
        logs,
        bucket=bucket.id,
        rules=[{"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}}],
        opts=child,
    )
    block = s3.BucketPublicAccessBlock(
        logs,
        bucket=bucket.id,
        block_public_acls=True,
        block_public_policy=True,
        ignore_public_acls=True,
        restrict_public_buckets=True,
        opts=child,
    )
    s3.BucketLifecycleConfiguration(
        logs,
        bucket=bucket.id,
        rules=[
            {
                "id": "expire",
                "status": "Enabled",
                "filter": {"prefix": ""},
                "expiration": {"days": args.flow_logs_retention_days},
                "noncurrent_version_expiration": {"noncurrent_days": 30},
                "abort_incomplete_multipart_upload": {"days_after_initiation": 7},
            }
        ],
        opts=child,
    )
    policy = s3.BucketPolicy(
        logs,
        bucket=bucket.id,
        policy=pulumi.Output.all(bucket.arn, args.account_id).apply(lambda known: log_bucket_policy(*known)),
        # S3 refuses two changes of a bucket's access at the same time.
        opts=pulumi.ResourceOptions.merge(child, pulumi.ResourceOptions(depends_on=[block])),
    )
    ec2.FlowLog(
        logs,
        vpc_id=vpc_id,
        traffic_type="ALL",
        log_destination_type="s3",
        log_destination=bucket.arn,
        max_aggregation_interval=60,
        tags={"Name": logs},
        opts=pulumi.ResourceOptions.merge(child, pulumi.ResourceOptions(depends_on=[policy])),
    )
    return bucket
