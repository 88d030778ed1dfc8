"""Service, operation and resources of HTTP requests. The requests are those of boto3, taken before they are sent."""

from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest

from localcloud.aws.iam import requests
from localcloud.aws.iam.actions import actions
from localcloud.aws.iam.requests import Call, Signature, Wire, call, signature
from localcloud.aws.specifications.models import loader

REGION = "eu-central-1"
QUEUE = f"https://sqs.{REGION}.amazonaws.com/123456789012/jobs"


class TakenError(Exception):
    """Carries the request out of boto3, instead of sending it."""


def wire(service: str, operation: str, **parameters: Any) -> Wire:
    """Return the HTTP request of a call."""
    client = boto3.client(  # type: ignore[call-overload]
        service,
        region_name=REGION,
        endpoint_url="http://127.0.0.1:9",
        aws_access_key_id="AKIDEXAMPLE",
        aws_secret_access_key="secret",
        aws_session_token="token",
    )
    taken = []

    def take(request: Any, **_: Any) -> None:
        taken.append(request)
        raise TakenError

    client.meta.events.register("before-send", take)
    with pytest.raises(TakenError):
        getattr(client, operation)(**parameters)
    url = urlsplit(taken[0].url)
    headers = {
        name.lower(): value.decode() if isinstance(value, bytes) else value for name, value in taken[0].headers.items()
    }
    body = taken[0].body or b""
    return Wire(
        method=taken[0].method,
        path=url.path,
        query=url.query,
        headers=headers,
        body=body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else body.read(),
    )


CASES: list[tuple[str, str, dict[str, Any], str, tuple[str, ...], dict[str, Any]]] = [
    (
        "sqs",
        "send_message_batch",
        {"QueueUrl": QUEUE, "Entries": []},
        "SendMessageBatch",
        ("sqs:SendMessage",),
        {"QueueUrl": QUEUE},
    ),
    (
        "sqs",
        "delete_message_batch",
        {"QueueUrl": QUEUE, "Entries": []},
        "DeleteMessageBatch",
        ("sqs:DeleteMessage",),
        {"QueueUrl": QUEUE},
    ),
    ("kms", "list_keys", {}, "ListKeys", ("kms:ListKeys",), {}),
    (
        "kms",
        "re_encrypt",
        {"CiphertextBlob": b"x", "DestinationKeyId": "k"},
        "ReEncrypt",
        ("kms:ReEncryptFrom", "kms:ReEncryptTo"),
        {"DestinationKeyId": "k"},
    ),
    (
        "secretsmanager",
        "get_secret_value",
        {"SecretId": "s"},
        "GetSecretValue",
        ("secretsmanager:GetSecretValue",),
        {"SecretId": "s"},
    ),
    ("ec2", "describe_vpcs", {}, "DescribeVpcs", ("ec2:DescribeVpcs",), {}),
    ("iam", "get_role", {"RoleName": "r"}, "GetRole", ("iam:GetRole",), {"RoleName": "r"}),
    ("cloudwatch", "list_metrics", {}, "ListMetrics", ("cloudwatch:ListMetrics",), {}),
    ("eks", "list_clusters", {}, "ListClusters", ("eks:ListClusters",), {}),
    ("eks", "describe_cluster", {"name": "c"}, "DescribeCluster", ("eks:DescribeCluster",), {"name": "c"}),
    (
        "eks",
        "create_addon",
        {"clusterName": "c", "addonName": "a", "serviceAccountRoleArn": "arn:aws:iam::123456789012:role/r"},
        "CreateAddon",
        ("eks:CreateAddon",),
        {"addonName": "a", "serviceAccountRoleArn": "arn:aws:iam::123456789012:role/r"},
    ),
    (
        "s3",
        "put_object",
        {"Bucket": "b", "Key": "k", "Body": b'{"Bucket": "other", "tags": {"a": "b"}, "versionId": "v"}'},
        "PutObject",
        ("s3:PutObject",),
        {"Bucket": "b", "Key": "k"},
    ),
    (
        "eks",
        "describe_pod_identity_association",
        {"clusterName": "c", "associationId": "a"},
        "DescribePodIdentityAssociation",
        ("eks:DescribePodIdentityAssociation",),
        {"associationId": "a"},
    ),
    (
        "sts",
        "assume_role",
        {"RoleArn": "arn:aws:iam::123456789012:role/r", "RoleSessionName": "ss"},
        "AssumeRole",
        ("sts:AssumeRole",),
        {"RoleArn": "arn:aws:iam::123456789012:role/r"},
    ),
    (
        "sts",
        "assume_role",
        {
            "RoleArn": "arn:aws:iam::123456789012:role/r",
            "RoleSessionName": "ss",
            "Tags": [{"Key": "k", "Value": "v"}],
        },
        "AssumeRole",
        ("sts:AssumeRole", "sts:TagSession"),
        {},
    ),
    ("s3", "list_buckets", {}, "ListBuckets", ("s3:ListAllMyBuckets",), {}),
    (
        "s3",
        "list_objects_v2",
        {"Bucket": "b", "Prefix": "p"},
        "ListObjectsV2",
        ("s3:ListBucket",),
        {"Bucket": "b", "prefix": "p"},
    ),
    ("s3", "list_objects", {"Bucket": "b"}, "ListObjects", ("s3:ListBucket",), {"Bucket": "b"}),
    ("s3", "head_bucket", {"Bucket": "b"}, "HeadBucket", ("s3:ListBucket",), {"Bucket": "b"}),
    (
        "s3",
        "get_object",
        {"Bucket": "b", "Key": "a/b c"},
        "GetObject",
        ("s3:GetObject",),
        {"Bucket": "b", "Key": "a/b c"},
    ),
    (
        "s3",
        "get_object",
        {"Bucket": "b", "Key": "k", "VersionId": "1"},
        "GetObject",
        ("s3:GetObjectVersion",),
        {"versionId": "1"},
    ),
    ("s3", "head_object", {"Bucket": "b", "Key": "k"}, "HeadObject", ("s3:GetObject",), {"Key": "k"}),
    (
        "s3",
        "get_object_tagging",
        {"Bucket": "b", "Key": "k"},
        "GetObjectTagging",
        ("s3:GetObjectTagging",),
        {"Key": "k"},
    ),
    ("s3", "put_object", {"Bucket": "b", "Key": "k", "Body": b"x"}, "PutObject", ("s3:PutObject",), {"Key": "k"}),
    (
        "s3",
        "copy_object",
        {"Bucket": "b", "Key": "k", "CopySource": "c/d e"},
        "CopyObject",
        ("s3:GetObject", "s3:PutObject"),
        {"CopySource": "c/d e"},
    ),
    (
        "s3",
        "upload_part",
        {"Bucket": "b", "Key": "k", "PartNumber": 1, "UploadId": "u", "Body": b"x"},
        "UploadPart",
        ("s3:PutObject",),
        {"Key": "k"},
    ),
    ("s3", "create_multipart_upload", {"Bucket": "b", "Key": "k"}, "CreateMultipartUpload", ("s3:PutObject",), {}),
    (
        "s3",
        "delete_objects",
        {"Bucket": "b", "Delete": {"Objects": [{"Key": "x"}, {"Key": "y"}]}},
        "DeleteObjects",
        ("s3:DeleteObject",),
        {"Keys": ["x", "y"]},
    ),
    ("s3", "get_bucket_policy", {"Bucket": "b"}, "GetBucketPolicy", ("s3:GetBucketPolicy",), {"Bucket": "b"}),
    ("s3", "get_bucket_encryption", {"Bucket": "b"}, "GetBucketEncryption", ("s3:GetEncryptionConfiguration",), {}),
    ("s3", "delete_bucket_lifecycle", {"Bucket": "b"}, "DeleteBucketLifecycle", ("s3:PutLifecycleConfiguration",), {}),
    ("s3", "delete_bucket", {"Bucket": "b"}, "DeleteBucket", ("s3:DeleteBucket",), {}),
    ("logs", "describe_log_groups", {}, "DescribeLogGroups", ("logs:DescribeLogGroups",), {}),
]


@pytest.mark.parametrize(
    ("service", "method", "parameters", "operation", "expected", "read"), CASES, ids=[f"{c[0]}-{c[1]}" for c in CASES]
)
def test_reads_the_requests_of_boto3(
    service: str,
    method: str,
    parameters: dict[str, Any],
    operation: str,
    expected: tuple[str, ...],
    read: dict[str, Any],
) -> None:
    """Operation, actions and parameters with resources are found in every protocol."""
    sent = wire(service, method, **parameters)
    signed = signature(sent)
    assert signed is not None
    assert (signed.key_id, signed.region, signed.token) == ("AKIDEXAMPLE", signed.region, "token")

    asked = call(sent, signed)

    assert asked is not None
    assert asked.operation == operation
    assert actions(asked) == expected
    assert {key: asked.parameters.get(key) for key in read} == read


def test_reads_a_presigned_request() -> None:
    """Its signature is in the query."""
    credential = f"AKID%2F20260101%2F{REGION}%2Fs3%2Faws4_request"
    query = f"X-Amz-Credential={credential}&X-Amz-Security-Token=t%2F1&X-Amz-Signature=0"
    sent = Wire(method="GET", path="/b/k", query=query, headers={}, body=b"")

    assert signature(sent) == Signature(key_id="AKID", region=REGION, service="s3", token="t/1")
    assert signature(Wire(method="GET", path="/b/k", query="", headers={}, body=b"")) is None


@pytest.mark.parametrize(
    ("service", "headers", "path"),
    [
        ("sqs", {"x-amz-target": "secretsmanager.ListSecrets"}, "/"),
        ("none-such", {"x-amz-target": "NoneSuch.List"}, "/"),
        ("none-such", {}, "/things"),
        ("eks", {}, "/things"),
    ],
)
def test_an_unknown_operation_is_none(service: str, headers: dict[str, str], path: str) -> None:
    """Such a request is not allowed."""
    sent = Wire(method="GET", path=path, query="", headers=headers, body=b"{}")

    assert call(sent, Signature(key_id="k", region=REGION, service=service)) is None


def test_reads_the_older_protocol_of_sqs() -> None:
    """It is a form, sent to the URL of the queue."""
    headers = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}
    sent = Wire(method="POST", path="/123456789012/jobs", query="", headers=headers, body=b"Action=ReceiveMessage")

    assert call(sent, Signature(key_id="k", region=REGION, service="sqs")) == Call(
        service="sqs",
        operation="ReceiveMessage",
        parameters={"Action": "ReceiveMessage", "QueueUrl": "/123456789012/jobs"},
        region=REGION,
    )


def test_a_client_in_this_process_does_not_change_routes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client of S3 rewrites the URLs in its model, which is shared in the process."""
    shared = loader().load_service_model("s3", "service-2")["operations"]["HeadBucket"]["http"]
    monkeypatch.setitem(shared, "requestUri", "/")
    requests._routes.cache_clear()
    requests._model.cache_clear()
    sent = wire("s3", "head_bucket", Bucket="b")
    signed = signature(sent)
    assert signed is not None

    asked = call(sent, signed)

    assert asked is not None
    assert (asked.operation, asked.parameters["Bucket"]) == ("HeadBucket", "b")
