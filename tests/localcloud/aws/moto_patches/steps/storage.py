"""Steps that need the patches of ECR, CloudWatch Logs, S3 and SQS."""

import json

import pytest
from botocore.exceptions import ClientError

from tests.localcloud.aws.moto_patches.steps.common import REGION, client


def ecr_immutable_tags() -> None:
    ecr = client("ecr")
    ecr.create_repository(repositoryName="images", imageTagMutability="IMMUTABLE")
    media = "application/vnd.oci.image.manifest.v1+json"
    codes = []
    for text in ('{"schemaVersion": 2}', '{"schemaVersion": 2}', '{"schemaVersion": 2, "annotations": {}}'):
        try:
            ecr.put_image(repositoryName="images", imageTag="a", imageManifest=text, imageManifestMediaType=media)
        except ClientError as error:
            codes.append(error.response["Error"]["Code"])
    assert codes == ["ImageAlreadyExistsException", "ImageTagAlreadyExistsException"]


def ecr_names() -> None:
    ecr = client("ecr")
    for name in ("a.b/c__d", "a---b", "a_b/c.d"):
        assert ecr.create_repository(repositoryName=name)["repository"]["repositoryName"] == name
    for name in ("a..b", "a___b", "-ab"):
        with pytest.raises(ClientError, match="must satisfy regular expression"):
            ecr.create_repository(repositoryName=name)


def logs_class() -> None:
    logs = client("logs")
    logs.create_log_group(logGroupName="a", logGroupClass="INFREQUENT_ACCESS")
    logs.create_log_group(logGroupName="b")
    told = [group["logGroupClass"] for group in logs.describe_log_groups()["logGroups"]]
    assert told == ["INFREQUENT_ACCESS", "STANDARD"]


def logs_kms_key() -> None:
    logs = client("logs")
    logs.create_log_group(logGroupName="a")
    logs.associate_kms_key(logGroupName="a", kmsKeyId="arn:aws:kms:eu-central-1:123456789012:key/k")
    assert logs.describe_log_groups()["logGroups"][0]["kmsKeyId"].endswith("key/k")
    logs.disassociate_kms_key(logGroupName="a")
    assert "kmsKeyId" not in logs.describe_log_groups()["logGroups"][0]


def s3_lifecycle() -> None:
    s3 = client("s3")
    s3.create_bucket(Bucket="bucket", CreateBucketConfiguration={"LocationConstraint": REGION})
    expiration = {"NoncurrentDays": 5, "NewerNoncurrentVersions": 2}
    rules = [
        {
            "ID": "sizes",
            "Status": "Enabled",
            "Filter": {"And": {"Prefix": "a", "ObjectSizeGreaterThan": 10, "ObjectSizeLessThan": 20}},
            "NoncurrentVersionExpiration": expiration,
        },
        {"ID": "one", "Status": "Enabled", "Filter": {"ObjectSizeLessThan": 30}, "Expiration": {"Days": 1}},
    ]
    s3.put_bucket_lifecycle_configuration(Bucket="bucket", LifecycleConfiguration={"Rules": rules})
    assert s3.get_bucket_lifecycle_configuration(Bucket="bucket")["Rules"] == rules


def sqs() -> None:
    queues = client("sqs")
    allow = {"RedriveAllowPolicy": json.dumps({"redrivePermission": "denyAll"})}
    url = queues.create_queue(QueueName="q", Attributes=allow)["QueueUrl"]
    told = queues.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert json.loads(told["RedriveAllowPolicy"]) == {"redrivePermission": "denyAll"}


STEPS = (
    ecr_immutable_tags,
    ecr_names,
    logs_class,
    logs_kms_key,
    s3_lifecycle,
    sqs,
)
