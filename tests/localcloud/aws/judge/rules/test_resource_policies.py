"""Policies of keys, buckets, secrets, repositories, queues and endpoints: principals, and lock-out protection."""

import json
from typing import Any

import pytest

from localcloud.protocol.values import UNKNOWN
from tests.localcloud.aws.judge.rules.verdict import verdict

ROOT = {"AWS": "arn:aws:iam::123456789012:root"}
OWNER = {"Effect": "Allow", "Principal": ROOT, "Action": "kms:*", "Resource": "*"}
DENY = {"Effect": "Deny", "Principal": "*", "Action": "kms:PutKeyPolicy", "Resource": "*"}
MALFORMED = "MalformedPolicyDocumentException"


def policy(*statements: dict[str, Any], version: str = "2012-10-17") -> str:
    return json.dumps({"Version": version, "Statement": list(statements)})


@pytest.mark.parametrize("operation", ["CreateKey", "PutKeyPolicy"])
@pytest.mark.parametrize(
    ("added", "code"),
    [
        ({"Effect": "Allow", "Action": "kms:Encrypt", "Resource": "*"}, MALFORMED),
        ({"Effect": "Allow", "Principal": {}, "Action": "kms:Encrypt", "Resource": "*"}, MALFORMED),
        # KMS accepts statements without actions or resources, which have no effect.
        ({"Effect": "Allow", "Principal": ROOT, "Resource": "*"}, ""),
        ({"Effect": "Allow", "Principal": ROOT, "Action": "kms:Encrypt"}, ""),
        (DENY, MALFORMED),
        ({**DENY, "Principal": {"AWS": "*"}}, MALFORMED),
        ({**DENY, "Action": ["kms:Decrypt", "kms:*"]}, MALFORMED),
        ({**DENY, "Action": "kms:ScheduleKeyDeletion"}, ""),
        ({**DENY, "Principal": ROOT}, ""),
        ({**DENY, "Condition": {"Bool": {"aws:SecureTransport": "false"}}}, ""),
        ({**DENY, "Action": UNKNOWN}, ""),
    ],
    ids=str,
)
def test_validates_the_statements_of_a_key_policy(operation: str, added: dict[str, Any], code: str) -> None:
    """They are added to that of the owner. A policy that locks out is accepted with the bypass parameter."""
    request = {"KeyId": "key", "Policy": policy(OWNER, added)}
    locks_out = code and "Principal" in added and added["Principal"] != {}

    assert verdict("kms", operation, request) == code
    assert verdict("kms", operation, {**request, "BypassPolicyLockoutSafetyCheck": True}) == ("" if locks_out else code)


@pytest.mark.parametrize(
    ("service", "operation", "name", "code"),
    [
        ("secretsmanager", "PutResourcePolicy", "ResourcePolicy", MALFORMED),
        ("ecr", "SetRepositoryPolicy", "policyText", "InvalidParameterException"),
        ("kms", "PutKeyPolicy", "Policy", MALFORMED),
    ],
)
def test_a_resource_policy_needs_a_principal(service: str, operation: str, name: str, code: str) -> None:
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*"}

    for key in ("Principal", "NotPrincipal"):
        accepted = policy(OWNER, {**statement, key: ROOT})
        assert verdict(service, operation, {name: accepted}) == ""
    assert verdict(service, operation, {name: policy(OWNER, statement)}) == code
    assert verdict(service, operation, {name: UNKNOWN}) == ""


class AbsentError(Exception):
    """The error of IAM for a missing principal."""

    def __init__(self) -> None:
        self.response = {"Error": {"Code": "NoSuchEntity"}}


def ask(service: str, operation: str, **parameters: Any) -> dict[str, Any]:
    """Answer for an account that has only the role `here`."""
    if operation == "GetCallerIdentity":
        return {"Account": "123456789012"}
    if parameters.get("RoleName") == "here":
        return {"Role": {"Arn": "arn:aws:iam::123456789012:role/here"}}
    raise AbsentError


@pytest.mark.parametrize(
    ("principal", "exists"),
    [
        ("arn:aws:iam::123456789012:role/here", True),
        ("arn:aws:iam::123456789012:role/nobody", False),
        ("arn:aws:iam::123456789012:role/path/here", False),
        ("arn:aws:iam::123456789012:user/nobody", False),
        ("arn:aws:iam::123456789012:root", True),
        ("arn:aws:iam::210987654321:role/theirs", True),  # of another account, which is not checked
    ],
)
@pytest.mark.parametrize(
    ("service", "operation", "code"),
    [
        ("secretsmanager", "PutResourcePolicy", MALFORMED),
        ("ecr", "SetRepositoryPolicy", "InvalidParameterException"),
        ("kms", "PutKeyPolicy", MALFORMED),
        ("sqs", "SetQueueAttributes", "InvalidAttributeValue"),
    ],
)
def test_principals_of_the_account_have_to_exist(
    service: str, operation: str, code: str, principal: str, exists: bool
) -> None:
    """Roles and users of the own account are compared by their full ARN."""
    text = policy(OWNER, {"Effect": "Allow", "Principal": {"AWS": ["*", principal]}, "Action": "*", "Resource": "*"})
    named = {"secretsmanager": {"ResourcePolicy": text}, "ecr": {"policyText": text}, "kms": {"Policy": text}}
    request = named.get(service, {"QueueUrl": "https://sqs/q", "Attributes": {"Policy": text}})

    assert verdict(service, operation, request, ask) == ("" if exists else code)


BUCKET = {"Effect": "Allow", "Principal": ROOT, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}
LISTING = {**BUCKET, "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::b"}


@pytest.mark.parametrize("key", ["s3:prefix", "s3:delimiter", "S3:Max-Keys"])
@pytest.mark.parametrize(
    ("statement", "code"),
    [
        (BUCKET, "MalformedPolicy"),
        (LISTING, ""),
        ({**LISTING, "Action": "s3:List*"}, ""),
        ({**LISTING, "Action": "s3:ListBucketVersions"}, ""),
        ({**LISTING, "Action": "s3:GetBucketAcl"}, "MalformedPolicy"),
        ({**LISTING, "Action": UNKNOWN}, ""),
    ],
    ids=str,
)
def test_listing_condition_keys_need_a_listing_action(key: str, statement: dict[str, Any], code: str) -> None:
    text = policy({**statement, "Condition": {"StringLike": {key: "a"}}})

    assert verdict("s3", "PutBucketPolicy", {"Bucket": "b", "Policy": text}) == code


@pytest.mark.parametrize(
    ("version", "code"),
    [("2012-10-17", ""), ("2008-10-17", ""), ("2012-10-18", "MalformedPolicy"), ("", "MalformedPolicy")],
)
def test_validates_the_version_of_a_bucket_policy(version: str, code: str) -> None:
    text = policy(BUCKET, version=version)

    assert verdict("s3", "PutBucketPolicy", {"Bucket": "b", "Policy": text}) == code


@pytest.mark.parametrize("operation", ["CreateVpcEndpoint", "ModifyVpcEndpoint"])
@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", "InvalidPolicyDocument"),
        ("[]", "InvalidPolicyDocument"),
        (policy({"Effect": "Maybe", "Principal": "*", "Action": "*", "Resource": "*"}), "InvalidPolicyDocument"),
        (policy({"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}), ""),
        (policy({"Effect": "Allow", "Action": "*", "Resource": "*"}), "InvalidPolicyDocument"),
        (UNKNOWN, ""),
    ],
    ids=str,
)
def test_validates_endpoint_policies(operation: str, text: str, code: str) -> None:
    assert verdict("ec2", operation, {"PolicyDocument": text}) == code
