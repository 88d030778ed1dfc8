"""StateStore: the bucket for Pulumi's state, and the key that encrypts it and the secrets in it."""

from dataclasses import dataclass

import pulumi
from pulumi_aws import kms, s3

from components._iam import deny_bucket_without_tls, policy_document


@dataclass(frozen=True, kw_only=True)
class StateStoreArgs:
    """Arguments of a StateStore."""

    bucket_name: str
    """Name of the bucket, globally unique. It is not generated, because backend URLs contain it."""

    key_alias: str = "drydock-state"
    """Name of the key without `alias/`, as in `awskms://alias/drydock-state`."""

    old_versions_days: int = 90
    """Days that a noncurrent version of the state is kept."""

    protect: bool = True
    """Protect the bucket and the key from deletion by Pulumi."""


class StateStore(pulumi.ComponentResource):
    """A private, versioned, encrypted bucket. Stateful: the Pulumi state of every environment.

    Pulumi locks a stack with a file in the bucket, `.pulumi/locks/organization/PROJECT/STACK/ID.json`, so it
    needs no lock table: https://www.pulumi.com/docs/iac/operations/stack-management/using-a-diy-backend/
    """

    bucket_name: pulumi.Output[str]
    """Name of the bucket."""

    bucket_arn: pulumi.Output[str]
    """ARN of the bucket."""

    key_arn: pulumi.Output[str]
    """ARN of the key."""

    def __init__(self, name: str, args: StateStoreArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("drydock:bootstrap:StateStore", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        stateful = pulumi.ResourceOptions(parent=self, protect=args.protect)

        key = kms.Key(
            f"{name}-key",
            description="Pulumi state of Drydock and the secrets in it",
            enable_key_rotation=True,
            deletion_window_in_days=30,
            opts=stateful,
        )
        kms.Alias(f"{name}-key", name=f"alias/{args.key_alias}", target_key_id=key.key_id, opts=child)
        bucket = s3.Bucket(f"{name}-bucket", bucket=args.bucket_name, force_destroy=not args.protect, opts=stateful)
        # Lifecycle and policy need versioning, and S3 refuses concurrent changes of access.
        versioning = s3.BucketVersioning(
            f"{name}-bucket", bucket=bucket.id, versioning_configuration={"status": "Enabled"}, opts=child
        )
        s3.BucketServerSideEncryptionConfiguration(
            f"{name}-bucket",
            bucket=bucket.id,
            rules=[
                {
                    "apply_server_side_encryption_by_default": {
                        "sse_algorithm": "aws:kms",
                        "kms_master_key_id": key.arn,
                    },
                    "bucket_key_enabled": True,
                }
            ],
            opts=child,
        )
        block = s3.BucketPublicAccessBlock(
            f"{name}-bucket",
            bucket=bucket.id,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=child,
        )
        s3.BucketLifecycleConfiguration(
            f"{name}-bucket",
            bucket=bucket.id,
            rules=[
                {
                    "id": "old-versions",
                    "status": "Enabled",
                    "filter": {"prefix": ""},
                    "noncurrent_version_expiration": {"noncurrent_days": args.old_versions_days},
                    "abort_incomplete_multipart_upload": {"days_after_initiation": 7},
                }
            ],
            opts=pulumi.ResourceOptions(parent=self, depends_on=[versioning]),
        )
        policy = s3.BucketPolicy(
            f"{name}-bucket",
            bucket=bucket.id,
            policy=bucket.arn.apply(lambda arn: policy_document(deny_bucket_without_tls(arn))),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[block]),
        )

        self.bucket_name = pulumi.Output.all(bucket.id, policy.id).apply(lambda known: str(known[0]))
        self.bucket_arn = bucket.arn
        self.key_arn = key.arn
        self.register_outputs({"bucket_name": self.bucket_name, "bucket_arn": self.bucket_arn, "key_arn": self.key_arn})
