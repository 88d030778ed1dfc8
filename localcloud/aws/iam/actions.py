"""The IAM actions of operations, where they differ from the name of the operation.

Sources: the pages of each service in https://docs.aws.amazon.com/service-authorization/latest/reference/;
https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html;
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-api-permissions-reference.html
"""

from collections.abc import Mapping

from localcloud.aws.iam.requests import Call, request_tags

_S3_CONFIGURATIONS = {
    "BucketEncryption": "EncryptionConfiguration",
    "BucketLifecycleConfiguration": "LifecycleConfiguration",
    "BucketLifecycle": "LifecycleConfiguration",
    "BucketReplication": "ReplicationConfiguration",
    "BucketAccelerateConfiguration": "AccelerateConfiguration",
    "BucketNotificationConfiguration": "BucketNotification",
    "BucketCors": "BucketCORS",
    "PublicAccessBlock": "BucketPublicAccessBlock",
    "BucketAnalyticsConfiguration": "AnalyticsConfiguration",
    "BucketInventoryConfiguration": "InventoryConfiguration",
    "BucketMetricsConfiguration": "MetricsConfiguration",
    "BucketIntelligentTieringConfiguration": "IntelligentTieringConfiguration",
    "ObjectLockConfiguration": "BucketObjectLockConfiguration",
}
OTHER_NAMES: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("sqs", "SendMessageBatch"): ("SendMessage",),
    ("sqs", "DeleteMessageBatch"): ("DeleteMessage",),
    ("sqs", "ChangeMessageVisibilityBatch"): ("ChangeMessageVisibility",),
    ("cloudfront", "CreateDistributionWithTags"): ("CreateDistribution", "TagResource"),
    ("kms", "ReEncrypt"): ("ReEncryptFrom", "ReEncryptTo"),
    ("s3", "ListBuckets"): ("ListAllMyBuckets",),
    ("s3", "ListObjects"): ("ListBucket",),
    ("s3", "ListObjectsV2"): ("ListBucket",),
    ("s3", "HeadBucket"): ("ListBucket",),
    ("s3", "HeadObject"): ("GetObject",),
    ("s3", "GetObjectAttributes"): ("GetObject", "GetObjectAttributes"),
    ("s3", "SelectObjectContent"): ("GetObject",),
    ("s3", "ListObjectVersions"): ("ListBucketVersions",),
    ("s3", "ListMultipartUploads"): ("ListBucketMultipartUploads",),
    ("s3", "ListParts"): ("ListMultipartUploadParts",),
    ("s3", "CopyObject"): ("GetObject", "PutObject"),
    ("s3", "UploadPartCopy"): ("GetObject", "PutObject"),
    ("s3", "UploadPart"): ("PutObject",),
    ("s3", "CreateMultipartUpload"): ("PutObject",),
    ("s3", "CompleteMultipartUpload"): ("PutObject",),
    ("s3", "DeleteObjects"): ("DeleteObject",),
    **{
        ("s3", f"{verb}{operation}"): (f"{'Get' if verb == 'Get' else 'Put'}{action}",)
        for operation, action in _S3_CONFIGURATIONS.items()
        for verb in ("Get", "Put", "Delete")
    },
    ("s3", "DeleteBucketTagging"): ("PutBucketTagging",),
}


def actions(asked: Call) -> tuple[str, ...]:
    """Return the actions that a call requires, such as `("sqs:SendMessage",)` for SendMessageBatch."""
    names = OTHER_NAMES.get((asked.service, asked.operation), (asked.operation,))
    if asked.service == "s3" and asked.parameters.get("versionId"):
        names = tuple(_VERSIONED.get(name, name) for name in names)
    if asked.service == "s3" and asked.operation in _S3_WRITES:
        names = (*names, *(action for name, action in _S3_WRITTEN.items() if asked.parameters.get(name)))
    if asked.operation.startswith(_MAKES) and request_tags(asked.parameters):
        names = (*names, *_TAGGING.get((asked.service, asked.operation), _TAGGING.get((asked.service, ""), ())))
    if (asked.service, asked.operation) == ("sts", "AssumeRole") and asked.parameters.get("SourceIdentity"):
        names = (*names, "SetSourceIdentity")
    return tuple(f"{asked.service}:{name}" for name in names)


_MAKES = ("Create", "Allocate", "Authorize", "AssumeRole", "PutMetricAlarm", "PutDelivery", "RequestCertificate")
# Service and operation -> the actions that are required to create a resource with tags. "" applies to all other
# operations of the service. Sources: the dependent actions and the notes of each service in
# https://docs.aws.amazon.com/service-authorization/latest/reference/;
# https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/supported-iam-actions-tagging.html
_TAGGING: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("acm", "RequestCertificate"): ("AddTagsToCertificate",),
    ("cloudwatch", "PutMetricAlarm"): ("TagResource",),
    ("ec2", ""): ("CreateTags",),
    ("ecr", ""): ("TagResource",),
    ("eks", ""): ("TagResource",),
    ("elasticloadbalancing", ""): ("AddTags",),
    ("iam", "CreateRole"): ("TagRole",),
    ("iam", "CreateUser"): ("TagUser",),
    ("iam", "CreatePolicy"): ("TagPolicy",),
    ("iam", "CreateInstanceProfile"): ("TagInstanceProfile",),
    ("kms", "CreateKey"): ("TagResource",),
    ("logs", ""): ("TagResource",),
    ("rds", ""): ("AddTagsToResource",),
    ("secretsmanager", ""): ("TagResource",),
    ("sqs", ""): ("TagQueue",),
    ("sts", "AssumeRole"): ("TagSession",),
    ("wafv2", "CreateWebACL"): ("TagResource",),
}


# Parameters of writes to S3 that require an additional action:
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
_S3_WRITES = ("PutObject", "CopyObject", "CreateMultipartUpload")
_S3_WRITTEN = {"Tagging": "PutObjectTagging", "ACL": "PutObjectAcl"}

_VERSIONED = {
    "GetObject": "GetObjectVersion",
    "DeleteObject": "DeleteObjectVersion",
    "GetObjectAcl": "GetObjectVersionAcl",
    "PutObjectAcl": "PutObjectVersionAcl",
    "GetObjectTagging": "GetObjectVersionTagging",
    "PutObjectTagging": "PutObjectVersionTagging",
    "DeleteObjectTagging": "DeleteObjectVersionTagging",
}
