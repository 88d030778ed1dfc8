"""Bucket policies: combinations of actions, resources and principals, and public policies."""

import json
from typing import Any

import pytest

from localcloud.aws.judge import rules
from localcloud.aws.judge.refusal import RefusedError
from localcloud.aws.judge.rules.s3_policies import is_public
from localcloud.protocol.values import UNKNOWN

ROOT = {"AWS": "arn:aws:iam::123456789012:root"}
STATEMENT = {"Effect": "Allow", "Principal": ROOT, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::logs/*"}


def words(ask: Any = None, **changes: Any) -> str:
    """Return S3's message about a statement, or "" if it accepts it."""
    statement = {key: value for key, value in {**STATEMENT, **changes}.items() if value is not None}
    text = json.dumps({"Version": "2012-10-17", "Statement": [STATEMENT, statement]})
    try:
        rules.check("s3", "PutBucketPolicy", {"Bucket": "logs", "Policy": text}, ask)
    except RefusedError as refused:
        assert refused.path == ("Policy",)  # noqa: PT017 - of every refusal
        return str(refused.response["Error"]["Message"])
    return ""


INVALID_PRINCIPAL = "Invalid principal in policy"
INVALID_ACTION = "Policy has invalid action"
INVALID_RESOURCE = "Policy has invalid resource"
APART = "Action does not apply to any resource(s) in statement"
BUCKET, OBJECTS = "arn:aws:s3:::logs", "arn:aws:s3:::logs/*"
STATEMENTS: list[tuple[dict[str, Any], str]] = [
    ({}, ""),
    *(({name: None}, f"Missing required field {name}") for name in ("Effect", "Principal", "Action", "Resource")),
    ({"Action": None, "NotAction": "s3:PutObject"}, ""),
    ({"Principal": None, "NotPrincipal": ROOT, "Effect": "Deny"}, ""),
    ({"Principal": {"AWS": "123456789012"}}, ""),
    ({"Principal": {"AWS": ["arn:aws:iam::123456789012:role/path/reader", "AROAEXAMPLEID"]}}, ""),
    ({"Principal": {"Service": "delivery.logs.amazonaws.com"}}, ""),
    ({"Principal": {"AWS": "reader"}}, INVALID_PRINCIPAL),
    ({"Principal": {"AWS": "arn:aws:iam::12345:root"}}, INVALID_PRINCIPAL),
    ({"Principal": {"AWS": UNKNOWN}}, ""),
    ({"Action": "*"}, ""),
    ({"Action": "s3:*"}, ""),
    ({"Action": "S3:getobject"}, ""),
    ({"Action": ["s3:Get*", "s3:Put*"], "Resource": BUCKET}, ""),
    ({"Action": "GetObject"}, INVALID_ACTION),
    ({"Action": ["s3:GetObject", "s3:ReadObject"]}, INVALID_ACTION),
    ({"Action": "sqs:SendMessage"}, INVALID_ACTION),
    ({"Action": "s3:ListBucket", "Resource": BUCKET}, ""),
    ({"Action": "s3:ListBucket"}, APART),
    ({"Action": "s3:GetObject", "Resource": BUCKET}, APART),
    ({"Action": ["s3:GetObject", "s3:ListBucket"]}, APART),
    ({"Action": ["s3:GetObject", "s3:ListBucket"], "Resource": [BUCKET, OBJECTS]}, ""),
    ({"Action": ["s3:GetObject", "s3:ListBucket"], "Resource": "arn:aws:s3:::logs*"}, ""),
    ({"Resource": "*"}, INVALID_RESOURCE),
    ({"Resource": "logs/*"}, INVALID_RESOURCE),
    ({"Resource": "arn:aws:s3:::other/*"}, INVALID_RESOURCE),
    ({"Resource": "arn:aws:s3:::logs2/*"}, INVALID_RESOURCE),
    ({"Resource": [OBJECTS, "arn:aws:s3:::other/*"]}, INVALID_RESOURCE),
    ({"Resource": UNKNOWN}, ""),
]


@pytest.mark.parametrize(("changes", "expected"), STATEMENTS, ids=str)
def test_validates_a_statement(changes: dict[str, Any], expected: str) -> None:
    """It is the second one of a policy; the messages are those of S3."""
    assert words(**changes) == expected


@pytest.mark.parametrize(
    ("condition", "public"),
    [
        ({}, True),
        ({"Bool": {"aws:SecureTransport": "true"}}, True),
        ({"StringEquals": {"aws:SourceAccount": "123456789012"}}, False),
        ({"StringEquals": {"AWS:PrincipalOrgId": ["o-1", "o-2"]}}, False),
        ({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}, False),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:s3:::*"}}, True),
        ({"StringNotEquals": {"aws:SourceVpc": "vpc-1"}}, True),
    ],
)
@pytest.mark.parametrize("principal", ["*", {"AWS": "*"}, {"AWS": ["*"]}])
def test_recognizes_public_policies(principal: Any, condition: Any, public: bool) -> None:
    """A statement for everybody is public unless a condition names a fixed source; a denial never is."""
    statement = {**STATEMENT, "Principal": principal, "Condition": condition}

    assert is_public(statement) is public
    assert not is_public({**statement, "Effect": "Deny"})
    assert not is_public({**statement, "Principal": ROOT})


READER = "arn:aws:iam::123456789012:role/path/reader"


class Asked:
    """An account with a bucket and a role."""

    def __init__(self, block: dict[str, Any]) -> None:
        self.block = block

    def __call__(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        answers: dict[str, dict[str, Any]] = {
            "GetCallerIdentity": {"Account": "123456789012"},
            "GetPublicAccessBlock": self.block,
            "GetBucketVersioning": {"Status": "Enabled"},
            "GetRole": {"Role": {"Arn": READER}} if parameters.get("RoleName") == "reader" else {},
        }
        return answers.get(operation, {})


def block(blocked: bool) -> dict[str, Any]:
    return {"PublicAccessBlockConfiguration": {"BlockPublicPolicy": blocked}}


@pytest.mark.parametrize(
    ("answer", "expected"), [({}, "Access Denied"), (block(True), "Access Denied"), (block(False), "")]
)
def test_a_public_policy_needs_an_open_public_access_block(answer: dict[str, Any], expected: str) -> None:
    """Without a block the policy is refused, as for each new bucket."""
    assert words(Asked(answer), Principal="*") == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (READER, ""),
        ("arn:aws:iam::123456789012:role/reader", INVALID_PRINCIPAL),  # without its path
        ("arn:aws:iam::123456789012:role/writer", INVALID_PRINCIPAL),
        ("arn:aws:iam::123456789012:user/reader", INVALID_PRINCIPAL),
        ("arn:aws:iam::210987654321:role/writer", ""),
        ("arn:aws:sts::123456789012:assumed-role/writer/session", ""),
    ],
)
def test_roles_and_users_of_the_account_have_to_exist(name: str, expected: str) -> None:
    """Principals of other accounts are not checked."""
    assert words(Asked({}), Principal={"AWS": name}) == expected
