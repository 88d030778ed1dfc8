"""Whom a statement allows. Reference: the evaluator of the local account, asked on behalf of strangers."""

from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.policy.callers import anyone, narrowed, public_statements
from localcloud.aws.iam.conditions import Context, holds

STRANGER = "666666666666"
ATTAINABLE = {
    "aws:PrincipalAccount": [STRANGER],
    "aws:SourceAccount": [STRANGER],
    "aws:PrincipalArn": [f"arn:aws:iam::{STRANGER}:role/Admin"],
    "aws:SourceArn": [f"arn:aws:sns:eu-central-1:{STRANGER}:logs", "arn:aws:s3:::strange-logs"],
    "aws:PrincipalOrgID": ["o-stranger00"],
    "aws:SourceVpc": ["vpc-666"],
    "aws:PrincipalTag/team": ["ops"],
    "aws:SecureTransport": ["true"],
}
"""Condition key -> values that a stranger can have."""
VALUES = {
    "aws:PrincipalAccount": ["123456789012", "*", "${aws:PrincipalAccount}"],
    "aws:SourceAccount": ["123456789012", "*"],
    "aws:PrincipalArn": [
        "arn:aws:iam::123456789012:role/*",
        "arn:aws:iam::*:role/Admin",
        "arn:aws:iam::*:role/*",
        "arn:aws:iam::123456789012:role/Admin",
    ],
    "aws:SourceArn": ["arn:aws:s3:::data", "arn:aws:s3:::*", "arn:aws:sns:*:123456789012:*", "arn:aws:sns:*:*:logs"],
    "aws:PrincipalOrgID": ["o-1234567890", "o-*", "*"],
    "aws:SourceVpc": ["vpc-1", "vpc-*"],
    "aws:PrincipalTag/team": ["ops"],
    "aws:SecureTransport": ["true"],
}
OPERATORS = [
    *("StringEquals", "StringLike", "StringEqualsIfExists", "StringNotEquals", "ForAllValues:StringEquals"),
    *("ForAnyValue:StringLike", "StringLikeIfExists", "ForAllValues:StringLike"),
]
ARN_OPERATORS = ["ArnLike", "ArnEquals", "ArnLikeIfExists", "ArnNotLike", "ForAllValues:ArnLike"]


@st.composite
def _conditions(draw: st.DrawFn) -> dict[str, dict[str, list[str]]]:
    found: dict[str, dict[str, list[str]]] = {}
    for key in draw(st.lists(st.sampled_from(sorted(VALUES)), min_size=1, max_size=3, unique=True)):
        operator = draw(st.sampled_from(ARN_OPERATORS if key.endswith("Arn") and draw(st.booleans()) else OPERATORS))
        values = draw(st.lists(st.sampled_from(VALUES[key]), min_size=1, max_size=2, unique=True))
        spelled = draw(st.sampled_from([key, key.lower(), key.upper()]))
        found.setdefault(operator, {})[spelled] = values
    return found


@settings(deadline=None, max_examples=600)
@given(_conditions())
def test_narrowed_if_no_stranger_meets_the_condition(condition: dict[str, dict[str, list[str]]]) -> None:
    """Strangers choose for each key whether they have it, and with which of the values that they can have."""
    assert narrowed({"Condition": condition}) == (not any(_met(condition, stranger) for stranger in _strangers()))


def _strangers() -> list[dict[str, str]]:
    options = [[None, *values] for values in ATTAINABLE.values()]
    return [
        {key: value for key, value in zip(ATTAINABLE, chosen, strict=True) if value} for chosen in product(*options)
    ]


def _met(condition: dict[str, Any], stranger: dict[str, str]) -> bool:
    context = Context(
        values={key.lower(): (value,) for key, value in stranger.items()},
        known=frozenset(key.lower() for key in ATTAINABLE),
    )
    met, unknown = holds(condition, context, variables=True)
    assert not unknown
    return met is True


@pytest.mark.parametrize(
    "principal", ["*", ["*"], {"AWS": "*"}, {"AWS": ["arn:aws:iam::1:root", "*"]}, {"*": "*"}, {"Service": "*"}]
)
def test_anyone(principal: object) -> None:
    """All spellings are found."""
    assert anyone({"Principal": principal})


@pytest.mark.parametrize("principal", [None, "arn:aws:iam::1:root", {"Service": "sns.amazonaws.com"}, {"AWS": []}])
def test_not_anyone(principal: object) -> None:
    """A named principal is not everyone."""
    assert not anyone({"Principal": principal})
    assert anyone({"NotPrincipal": principal})


@pytest.mark.parametrize(
    ("operator", "key", "value"),
    [
        ("StringEquals", "AWS:SourceOwner", "123456789012"),
        ("StringEquals", "aws:PrincipalAccount", "${aws:ResourceAccount}"),
        ("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "o-1234567890/r-ab12/*"),
        ("StringLike", "aws:userid", "AROAEXAMPLEID:*"),
        ("IpAddress", "aws:SourceIp", "203.0.113.0/24"),
        ("ArnLike", "aws:SourceArn", "arn:aws:s3:::data/*"),
        ("StringEquals", "s3:DataAccessPointAccount", "123456789012"),
        ("ArnEquals", "aws:PrincipalArn", "arn:aws:iam::123456789012:role/*"),
        ("ArnLike", "aws:SourceArn", "arn:aws:route53:::hostedzone/Z123"),
        ("Bool", "elasticfilesystem:AccessedViaMountTarget", "true"),
        ("StringEquals", "aws:SourceArn", "arn:aws:s3:::*"),  # literally
    ],
)
def test_narrow_conditions(operator: str, key: str, value: str) -> None:
    """Each kind of key, in any case."""
    assert narrowed({"Condition": {operator: {key: value}}})


@pytest.mark.parametrize(
    ("operator", "key", "value"),
    [
        ("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "*/ou-ab12-1/*"),
        ("StringLike", "aws:userid", "*:session"),
        ("IpAddress", "aws:SourceIp", "0.0.0.0/0"),
        ("NotIpAddress", "aws:SourceIp", "203.0.113.0/24"),
        ("ArnLike", "aws:SourceArn", "arn:aws:s3:::data-*"),
        ("ArnLike", "aws:PrincipalArn", "arn:aws:iam"),
        ("ArnEquals", "aws:PrincipalArn", "arn:aws:iam::*:role/Admin"),
        ("ArnLike", "aws:SourceArn", "arn:aws:route53:::hostedzone/*"),
        ("StringEquals", "aws:PrincipalArn", "arn:aws:iam::${aws:PrincipalAccount}:role/Admin"),
        ("Null", "aws:PrincipalOrgID", "false"),
        ("StringEquals", "aws:PrincipalOrgID", []),
        ("Bool", "elasticfilesystem:AccessedViaMountTarget", "false"),
        ("StringEquals", "aws:UserAgent", "drydock"),
    ],
)
def test_wide_conditions(operator: str, key: str, value: object) -> None:
    """A wildcard for what identifies the caller, the whole internet, and keys that the caller chooses."""
    assert not narrowed({"Condition": {operator: {key: value}}})


OPEN = {"Effect": "Allow", "Principal": "*", "Action": ["s3:GetObject", "s3:Put*"], "Resource": "arn:aws:s3:::data/*"}
CLOSED = {
    "Effect": "Deny",
    "Principal": {"AWS": "*"},
    "Action": "s3:*",
    "Resource": ["arn:aws:s3:::data", "arn:aws:s3:::data/*"],
    "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-1234567890"}},
}


def test_a_denial_of_all_others_closes_a_statement() -> None:
    """Whoever is not of the organisation is refused."""
    assert list(public_statements({"Statement": [OPEN, CLOSED]})) == []


def test_a_denial_of_all_actions_closes_a_statement_with_not_action() -> None:
    """Which actions such a statement allows cannot be listed."""
    allowed = {key: value for key, value in OPEN.items() if key != "Action"} | {"NotAction": "s3:PutObject"}

    assert list(public_statements({"Statement": [allowed, CLOSED | {"Action": "*"}]})) == []
    assert list(public_statements({"Statement": [allowed, CLOSED]})) == [allowed]


def test_a_denial_with_not_resource_does_not_close_a_statement_without_resource() -> None:
    """The statement is about the resource with the policy, which the denial may leave out."""
    allowed, denial = ({key: value for key, value in each.items() if key != "Resource"} for each in (OPEN, CLOSED))

    assert list(public_statements({"Statement": [allowed, denial | {"NotResource": "arn:aws:s3:::data"}]})) == [allowed]
    assert list(public_statements({"Statement": [allowed, CLOSED]})) == []


@pytest.mark.parametrize(
    "change",
    [
        {"Action": [], "NotAction": "s3:GetObject"},
        {"Action": "s3:Get*"},
        {"Resource": "arn:aws:s3:::data/public/*"},
        {"Principal": {"AWS": "arn:aws:iam::666666666666:root"}},
        {"Principal": {}, "NotPrincipal": {"AWS": "arn:aws:iam::666666666666:root"}},
        {"Effect": "Allow", "Principal": {"AWS": "123456789012"}},
        {"Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1234567890"}}},
        {"Condition": {"StringNotLike": {"aws:PrincipalOrgID": "*"}}},
        {"Condition": {"ForAnyValue:StringNotEquals": {"aws:PrincipalOrgID": "o-1234567890"}}},
        {
            "Condition": {
                "StringNotEquals": {"aws:PrincipalOrgID": "o-1234567890"},
                "Bool": {"aws:SecureTransport": "false"},
            }
        },
    ],
)
def test_an_incomplete_denial_does_not(change: dict[str, object]) -> None:
    """It leaves an action, a resource or a caller, or has a second condition."""
    assert list(public_statements({"Statement": [OPEN, CLOSED | change]})) == [OPEN]
