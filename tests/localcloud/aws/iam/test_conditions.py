"""Operators of policy conditions, with expected results from the IAM user guide."""

from typing import Any

import pytest

from localcloud.aws.iam.conditions import Context, holds

CONTEXT = Context(
    values={
        "aws:principaltag/team": ("red",),
        "aws:tagkeys": ("a", "b"),
        "aws:securetransport": ("true",),
        "aws:currenttime": ("2026-06-01T00:00:00Z",),
        "aws:sourcearn": ("arn:aws:eks:eu-central-1:123456789012:cluster/platform",),
        "s3:max-keys": ("10",),
        "aws:sourceip": ("10.1.2.3",),
    },
    known=frozenset({"aws:principaltag/", "aws:username", "kms:encryptioncontext:"}),
)
TABLE: list[tuple[str, str, Any, bool | None]] = [
    ("StringEquals", "aws:PrincipalTag/team", "red", True),
    ("StringEquals", "AWS:principaltag/TEAM", ["blue", "red"], True),
    ("StringEquals", "aws:PrincipalTag/team", "Red", False),
    ("StringEquals", "aws:PrincipalTag/team", "r*", False),
    ("StringEquals", "aws:PrincipalTag/other", "red", False),
    ("StringEquals", "kms:EncryptionContext:a", "b", False),
    ("StringEquals", "aws:SourceVpc", "vpc-1", None),
    ("StringEqualsIfExists", "aws:PrincipalTag/other", "red", True),
    ("StringEqualsIfExists", "aws:PrincipalTag/team", "blue", False),
    ("StringEqualsIgnoreCase", "aws:PrincipalTag/team", "RED", True),
    ("StringEquals", "aws:PrincipalTag/team", "${aws:PrincipalTag/team}", True),
    ("StringEquals", "aws:PrincipalTag/team", "${aws:username}", False),
    ("StringEquals", "aws:PrincipalTag/team", "${aws:SourceVpc}", None),
    ("StringNotEquals", "aws:PrincipalTag/team", ["blue", "green"], True),
    ("StringNotEquals", "aws:PrincipalTag/team", ["blue", "red"], False),
    ("StringNotEquals", "aws:PrincipalTag/other", "red", True),
    ("StringLike", "aws:PrincipalTag/team", "r*", True),
    ("StringNotLike", "aws:PrincipalTag/team", "r*", False),
    ("ArnLike", "aws:SourceArn", "arn:aws:eks:*:123456789012:cluster/*", True),
    ("ArnEquals", "aws:SourceArn", "arn:aws:eks:*:123456789012:cluster/plat*", True),
    ("ArnLike", "aws:SourceArn", "arn:aws:eks:*:cluster/*", False),
    ("ArnNotLike", "aws:SourceArn", "arn:aws:eks:*:123456789012:cluster/*", False),
    ("Bool", "aws:SecureTransport", "true", True),
    ("Bool", "aws:SecureTransport", True, True),
    ("Bool", "aws:SecureTransport", "false", False),
    ("BoolIfExists", "aws:username", "false", True),
    ("NumericLessThanEquals", "s3:max-keys", "10", True),
    ("NumericLessThan", "s3:max-keys", 10, False),
    ("NumericNotEquals", "s3:max-keys", "10", False),
    ("NumericEquals", "s3:max-keys", "ten", None),
    ("DateGreaterThan", "aws:CurrentTime", "2026-05-31T23:59:59Z", True),
    ("DateLessThan", "aws:CurrentTime", "2026-05-31T23:59:59Z", False),
    ("DateLessThan", "aws:CurrentTime", "1900000000", True),
    ("IpAddress", "aws:SourceIp", "10.0.0.0/8", True),
    ("NotIpAddress", "aws:SourceIp", ["10.0.0.0/8", "192.168.0.0/16"], False),
    ("Null", "aws:PrincipalTag/team", "false", True),
    ("Null", "aws:PrincipalTag/team", "true", False),
    ("Null", "aws:PrincipalTag/other", "true", True),
    ("ForAllValues:StringEquals", "aws:TagKeys", ["a", "b", "c"], True),
    ("ForAllValues:StringEquals", "aws:TagKeys", ["a"], False),
    ("ForAllValues:StringEquals", "aws:username", ["a"], True),
    ("ForAnyValue:StringEquals", "aws:TagKeys", ["b"], True),
    ("ForAnyValue:StringEquals", "aws:TagKeys", ["c"], False),
    ("ForAnyValue:StringEquals", "aws:username", ["a"], False),
    ("ForAnyValue:StringNotEquals", "aws:TagKeys", ["a"], True),
    ("ForAnyValue:StringNotEquals", "aws:username", ["a"], False),
    ("ForAllValues:StringNotEquals", "aws:TagKeys", ["c"], True),
    ("StringResembles", "aws:PrincipalTag/team", "red", None),
    ("ForSomeValues:StringEquals", "aws:TagKeys", "a", None),
]


@pytest.mark.parametrize(("operator", "key", "wanted", "answer"), TABLE)
def test_evaluates_an_operator(operator: str, key: str, wanted: Any, answer: bool | None) -> None:
    """The condition is met, not met, or cannot be evaluated; in that case its key is returned."""
    met, unknown = holds({operator: {key: wanted}}, CONTEXT, variables=True)

    assert met is answer
    assert bool(unknown) is (answer is None)


def test_all_conditions_have_to_be_met() -> None:
    """If one is not met, the result is False, even if others cannot be evaluated."""
    met = {"StringEquals": {"aws:PrincipalTag/team": "red"}}
    unmet = {"Bool": {"aws:SecureTransport": "false"}}
    unknown = {"StringLike": {"aws:SourceVpc": "vpc-*"}}

    assert holds({**met, **unmet, **unknown}, CONTEXT, variables=True)[0] is False
    assert holds({**met, **unknown}, CONTEXT, variables=True) == (None, {"aws:SourceVpc"})
    assert holds({}, CONTEXT, variables=True) == (True, set())


def test_variables_are_text_in_old_documents() -> None:
    """Version 2008-10-17 has no policy variables."""
    condition = {"StringEquals": {"aws:PrincipalTag/team": "${aws:PrincipalTag/team}"}}

    assert holds(condition, CONTEXT, variables=False)[0] is False
