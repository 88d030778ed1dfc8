"""Rules of S3 for names, lifecycles and the deletion of buckets."""

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localcloud.aws.account import Account
from localcloud.aws.judge import rules
from localcloud.aws.judge.refusal import RefusedError
from localcloud.aws.server import AwsServer
from localcloud.protocol.servicer import ProviderError
from localcloud.protocol.values import UNKNOWN
from tests.localcloud.aws.conftest import ACCOUNT_ID, REGION, Stack


def answer(operation: str, **parameters: Any) -> str:
    """Return the code of the refusal, or "" if the request is accepted."""
    try:
        rules.check("s3", operation, {"Bucket": "logs", **parameters}, None)
    except RefusedError as refused:
        return str(refused.response["Error"]["Code"])
    return ""


@pytest.mark.parametrize("name", ["abc", "a" * 63, "a.b-c.1", "1.2.3", "1.2.3.4.5", "192.168.5.256", UNKNOWN])
def test_accepts_valid_bucket_names(name: str) -> None:
    assert answer("CreateBucket", Bucket=name) == ""


@pytest.mark.parametrize(
    "name",
    [
        "ab",
        "a" * 64,
        "A-b",
        "a_b",
        "a b",
        "-ab",
        "ab-",
        ".ab",
        "ab.",
        "a..b",
        "1.2.3.4",
        "été",
        "abc\n",
        "",
        "xn--abc",
        "sthree-abc",
        "amzn-s3-demo-abc",
        "abc-s3alias",
        "abc--ol-s3",
        "abc.mrap",
        "abc--x-s3",
        "abc--table-s3",
    ],
)
def test_refuses_invalid_bucket_names(name: str) -> None:
    assert answer("CreateBucket", Bucket=name) == "InvalidBucketName"


@settings(max_examples=30)
@given(st.text(st.characters(codec="utf-8"), max_size=70))
def test_accepts_only_names_with_valid_characters_and_length(name: str) -> None:
    """Any text is tested."""
    if not answer("CreateBucket", Bucket=name):
        assert re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", name)


ACTIONS: list[tuple[dict[str, Any], str]] = [
    ({}, "InvalidRequest"),
    ({"Expiration": {}}, "InvalidRequest"),
    ({"Expiration": {"Days": 1}}, ""),
    ({"Expiration": {"Days": 0}}, "InvalidArgument"),
    ({"Expiration": {"Days": UNKNOWN}}, ""),
    ({"Expiration": {"ExpiredObjectDeleteMarker": True}}, ""),
    ({"NoncurrentVersionExpiration": {"NoncurrentDays": 1}}, ""),
    ({"NoncurrentVersionExpiration": {"NoncurrentDays": 0}}, "InvalidArgument"),
    ({"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}}, ""),
    ({"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": -1}}, "InvalidArgument"),
    ({"Transitions": [{"Days": 0, "StorageClass": "GLACIER"}]}, ""),
    ({"Transitions": [{"Days": 30, "StorageClass": "ONEZONE_IA"}]}, ""),
    ({"Transitions": [{"Days": 29, "StorageClass": "ONEZONE_IA"}]}, "InvalidArgument"),
    ({"Transitions": [{"Days": 0, "StorageClass": "INTELLIGENT_TIERING"}]}, ""),
    ({"NoncurrentVersionTransitions": [{"NoncurrentDays": 29, "StorageClass": "STANDARD_IA"}]}, "InvalidArgument"),
    ({"NoncurrentVersionTransitions": [{"NoncurrentDays": 30, "StorageClass": "STANDARD_IA"}]}, ""),
    ({"NoncurrentVersionTransitions": [{"NoncurrentDays": 0, "StorageClass": "GLACIER"}]}, ""),
    ({"Transitions": [{"Days": -1, "StorageClass": "GLACIER"}]}, "InvalidArgument"),
    ({"Transitions": [{"Days": UNKNOWN, "StorageClass": "STANDARD_IA"}]}, ""),
    ({"Transitions": [{"Days": 5, "StorageClass": "GLACIER"}], "Expiration": {"Days": 6}}, ""),
    ({"Transitions": [{"Days": 5, "StorageClass": "GLACIER"}], "Expiration": {"Days": 5}}, "InvalidArgument"),
]


@pytest.mark.parametrize(("action", "code"), ACTIONS)
def test_validates_the_actions_of_a_lifecycle_rule(action: dict[str, Any], code: str) -> None:
    """Every rule is checked, not only the first."""
    good = {"ID": "a", "Expiration": {"Days": 30}}
    configuration = {"Rules": [good, {"ID": "b", **action}]}

    assert answer("PutBucketLifecycleConfiguration", LifecycleConfiguration=configuration) == code


@pytest.mark.parametrize(
    ("ids", "code"), [(["a", "b"], ""), (["a", "a"], "InvalidArgument"), ([UNKNOWN, UNKNOWN], ""), ([None, None], "")]
)
def test_ids_of_lifecycle_rules_are_unique(ids: list[Any], code: str) -> None:
    listed = [{**({"ID": name} if name else {}), "Expiration": {"Days": 30}} for name in ids]

    assert answer("PutBucketLifecycleConfiguration", LifecycleConfiguration={"Rules": listed}) == code


@pytest.mark.parametrize("versioned", [False, True])
def test_a_bucket_with_objects_is_not_deleted(stack: Stack, server: AwsServer, versioned: bool) -> None:
    """This includes a bucket with old versions only; with `forceDestroy` it is deleted."""
    bucket = stack.create("aws:s3/bucket:Bucket", "logs", bucket="drydock-logs")
    account = Account(ACCOUNT_ID, REGION, server.endpoint)
    if versioned:
        account.call("s3", "PutBucketVersioning", Bucket=bucket.id, VersioningConfiguration={"Status": "Enabled"})
    account.call("s3", "PutObject", Bucket=bucket.id, Key="a", Body=b"a")
    if versioned:
        account.call("s3", "DeleteObject", Bucket=bucket.id, Key="a")

    with pytest.raises(
        ProviderError, match=r"BucketNotEmpty: The bucket .* is not empty \(set forceDestroy .*; at forceDestroy"
    ):
        bucket.delete()

    bucket.update(forceDestroy=True)
    bucket.delete()
    assert bucket.is_gone()
