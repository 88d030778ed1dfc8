"""Rules of KMS and of services that use its keys: cases that the corpus does not cover, and unknown values."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud.protocol.values import UNKNOWN
from tests.localcloud.aws.judge.rules.verdict import verdict

ROOT = {"AWS": "arn:aws:iam::123456789012:root"}
ALL = {"Effect": "Allow", "Principal": ROOT, "Action": "kms:*", "Resource": "*"}
MALFORMED = "MalformedPolicyDocumentException"
STATEMENTS: list[tuple[list[dict[str, Any]], str]] = [
    ([ALL], ""),
    ([{**ALL, "Sid": "who may use it"}], ""),
    ([{**ALL, "Action": ["kms:Decrypt", "kms:Put*"]}], ""),
    ([{**ALL, "Action": ["kms:Decrypt", "kms:Encrypt"]}], MALFORMED),
    ([{**ALL, "Effect": "Deny"}], MALFORMED),
    ([{**ALL, "Principal": {"Service": "logs.amazonaws.com"}}], MALFORMED),
    ([{**ALL, "Principal": {"Service": "logs.amazonaws.com"}}, ALL], ""),
    ([{**ALL, "Principal": {"AWS": UNKNOWN}}], ""),
    ([{**ALL, "Action": UNKNOWN}], ""),
    ([{**ALL, "Efect": "Allow"}], MALFORMED),
]


@pytest.mark.parametrize(("statements", "code"), STATEMENTS, ids=lambda value: str(value)[:90])
def test_validates_a_key_policy(statements: list[dict[str, Any]], code: str) -> None:
    """A principal of the account has to be able to change the policy."""
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})

    assert verdict("kms", "CreateKey", {"Policy": policy}) == code
    assert verdict("kms", "PutKeyPolicy", {"Policy": policy}) == code


USAGES = [
    ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", ""),
    ("RSA_4096", "SIGN_VERIFY", ""),
    ("RSA_4096", "ENCRYPT_DECRYPT", ""),
    ("RSA_4096", "GENERATE_VERIFY_MAC", "ValidationException"),
    ("HMAC_256", "GENERATE_VERIFY_MAC", ""),
    ("HMAC_256", "SIGN_VERIFY", "ValidationException"),
    ("ECC_NIST_P256", "KEY_AGREEMENT", ""),
    ("ECC_SECG_P256K1", "KEY_AGREEMENT", "ValidationException"),
    (UNKNOWN, "SIGN_VERIFY", ""),
]


@pytest.mark.parametrize(("spec", "usage", "code"), USAGES)
def test_validates_the_usage_of_a_key(spec: str, usage: str, code: str) -> None:
    """Each key spec has its own usages."""
    assert verdict("kms", "CreateKey", {"KeySpec": spec, "KeyUsage": usage}) == code


@pytest.mark.parametrize(("days", "code"), [(6, "ValidationException"), (7, ""), (30, ""), (31, "ValidationException")])
def test_validates_the_waiting_period_of_a_deletion(days: int, code: str) -> None:
    """It is 7 to 30 days."""
    assert verdict("kms", "ScheduleKeyDeletion", {"PendingWindowInDays": days}) == code


@pytest.mark.parametrize(
    ("principal", "code"),
    [
        ({"Service": "logs.eu-central-1.amazonaws.com"}, ""),
        ({"Service": ["sqs.amazonaws.com", "logs.eu-central-1.amazonaws.com"]}, ""),
        ({"Service": "logs.eu-west-1.amazonaws.com"}, "AccessDeniedException"),
        (ROOT, "AccessDeniedException"),
        ("*", ""),
    ],
)
def test_the_key_of_a_log_group_needs_a_policy_for_the_service(principal: Any, code: str) -> None:
    """The key policy allows CloudWatch Logs in its region."""
    policy = json.dumps({"Statement": [{**ALL, "Principal": principal}]})
    request = {"logGroupName": "/app", "kmsKeyId": "arn:aws:kms:eu-central-1:123456789012:key/1"}

    assert verdict("logs", "AssociateKmsKey", request, lambda *_, **__: {"Policy": policy}) == code


def test_refuses_a_missing_key() -> None:
    """Alias, repository and log group have different error codes."""

    def ask(service: str, operation: str, **parameters: Any) -> Any:
        if operation == "DescribeLogGroups":
            return {"logGroups": []}
        raise ClientError({"Error": {"Code": "NotFoundException"}}, operation)

    key = "arn:aws:kms:eu-central-1:123456789012:key/1"

    assert verdict("kms", "CreateAlias", {"AliasName": "alias/a", "TargetKeyId": key}, ask) == "NotFoundException"
    encrypted = {"encryptionConfiguration": {"encryptionType": "KMS", "kmsKey": key}}
    assert verdict("ecr", "CreateRepository", encrypted, ask) == "KmsException"
    assert verdict("logs", "CreateLogGroup", {"logGroupName": "a", "kmsKeyId": key}, ask) == "AccessDeniedException"


@pytest.mark.parametrize(("length", "code"), [(32_768, ""), (32_769, "LimitExceededException")])
def test_a_key_policy_has_at_most_32_kib(length: int, code: str) -> None:
    """White space counts."""
    text = json.dumps({"Statement": [ALL]}).ljust(length)

    assert verdict("kms", "CreateKey", {"Policy": text}) == code
    assert verdict("kms", "PutKeyPolicy", {"Policy": text}) == code
