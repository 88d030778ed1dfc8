"""Wildcards and variables in actions and ARNs of policies."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localcloud.aws.iam.patterns import (
    AbsentVariableError,
    UnknownVariableError,
    Values,
    matches_action,
    matches_arn,
    matches_text,
)

QUEUE = "arn:aws:sqs:eu-central-1:123456789012:jobs"


def lookup(key: str) -> Values | None:
    return {"aws:PrincipalTag/team": ("red*",), "aws:userid": ("AROA:x",), "aws:username": ()}.get(key)


@pytest.mark.parametrize(
    ("pattern", "action", "matches"),
    [
        ("*", "sqs:SendMessage", True),
        ("sqs:*", "sqs:SendMessage", True),
        ("SQS:sendmessage", "sqs:SendMessage", True),
        ("sqs:Send*", "sqs:SendMessage", True),
        ("sqs:SendMessag?", "sqs:SendMessage", True),
        ("sqs:Send", "sqs:SendMessage", False),
        ("kms:*", "sqs:SendMessage", False),
        ("sqs.*", "sqs:SendMessage", False),
    ],
)
def test_matches_actions(pattern: str, action: str, matches: bool) -> None:
    assert matches_action(pattern, action) is matches


@pytest.mark.parametrize(
    ("pattern", "arn", "matches"),
    [
        ("*", QUEUE, True),
        (QUEUE, QUEUE, True),
        ("arn:aws:sqs:*:*:*", QUEUE, True),
        ("arn:aws:sqs:eu-*-1:123456789012:job?", QUEUE, True),
        ("arn:aws:sqs:*", QUEUE, True),  # at the end of a part, a wildcard also matches colons
        ("arn:aws:sqs:eu-central-1:*", QUEUE, True),
        ("arn:aws:sqs:eu-central-1:*", QUEUE.replace("central", "west"), False),
        ("arn:aws:sqs:*:jobs", QUEUE, True),
        ("arn:aws:sqs:*:*", QUEUE, True),
        ("arn:aws:sqs:eu*l-1:123456789012:jobs", QUEUE, True),  # inside of a part, it does not
        ("arn:aws:sqs:eu*2:jobs", QUEUE, False),
        ("arn:aws:sqs:eu-central-1?123456789012:jobs", QUEUE, False),
        ("arn:aws:sqs", QUEUE, False),
        ("arn:aws:sqs:eu-central-1:123456789012:Jobs", QUEUE, False),
        ("arn:aws:s3:::bucket/*", "arn:aws:s3:::bucket/a/b:c", True),
        ("arn:aws:s3:::bucket", "arn:aws:s3:::bucket/a", False),
        ("arn:aws:s3:::${aws:userid}/*", "arn:aws:s3:::AROA:x/a", True),
        ("arn:aws:s3:::${aws:PrincipalTag/team}", "arn:aws:s3:::red*", True),
        ("arn:aws:s3:::${aws:PrincipalTag/team}", "arn:aws:s3:::reddish", False),  # a value is not a pattern
        ("arn:aws:s3:::${aws:username, 'all'}", "arn:aws:s3:::all", True),
        ("arn:aws:s3:::a${*}", "arn:aws:s3:::a*", True),
        ("arn:aws:s3:::a${*}", "arn:aws:s3:::ab", False),
    ],
)
def test_matches_arns(pattern: str, arn: str, matches: bool) -> None:
    assert matches_arn(pattern, arn, lookup) is matches


def test_variables_without_a_value() -> None:
    """Either the request does not have the variable, or its value is unknown here."""
    with pytest.raises(AbsentVariableError, match="aws:username"):
        matches_text("${aws:username}", "x", lookup)
    with pytest.raises(UnknownVariableError, match="aws:SourceVpc"):
        matches_text("${aws:SourceVpc}", "x", lookup)


def test_without_variables_a_dollar_is_text() -> None:
    """Documents of version 2008-10-17 have no variables."""
    assert matches_text("${aws:userid}", "${aws:userid}")
    assert not matches_text("${aws:userid}", "AROA:x")


@settings(max_examples=50)
@given(st.text(max_size=20))
def test_a_text_matches_itself_and_a_star(text: str) -> None:
    """It may have any characters, including those of regular expressions."""
    assert matches_text(text, text, wildcards=False)
    assert matches_text("*", text)
    assert matches_text("?" * len(text), text)
