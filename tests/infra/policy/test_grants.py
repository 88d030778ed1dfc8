"""Breadth of statements. References: the evaluators of the local account and of moto, with names that nothing has."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from moto.iam.access_control import IAMPolicyStatement, PermissionResult

from infra.policy.grants import everywhere, whole_services
from localcloud.aws.iam.policy import Caller, Request, effect, statements

SERVICE = "dynamodb"
UNHEARD_OF = [f"{letter}xqzUnheardOf" for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"]
THING = f"arn:aws:{SERVICE}:eu-central-1:123456789012:zq-{'thing'}"
ACTIONS = st.lists(
    st.sampled_from(
        [f"{SERVICE}:*", "*", "*:*", "dynamo*:*", f"{SERVICE}:**", f"{SERVICE}:GetItem", f"{SERVICE}:Get*", "sqs:*"]
    ),
    min_size=1,
    max_size=3,
)
RESOURCES = st.lists(
    st.sampled_from(
        [
            "*",
            "arn:*",
            "arn:aws:*",
            f"arn:aws:{SERVICE}:*",
            f"arn:aws:{SERVICE}:*:*:*",
            f"arn:aws:{SERVICE}:eu-central-1:123456789012:*",
            f"arn:aws:{SERVICE}:*:*:table/orders",
            f"arn:aws:{SERVICE}:*:*:tab*",
            "arn:aws:sqs:*:*:jobs",
        ]
    ),
    min_size=1,
    max_size=3,
)


@settings(deadline=None, max_examples=300)
@given(ACTIONS, RESOURCES)
def test_agrees_with_evaluators_about_what_no_policy_names(actions: list[str], resources: list[str]) -> None:
    """A statement that allows every action of a service everywhere allows those that nobody has heard of."""
    statement = {"Effect": "Allow", "Action": actions, "Resource": resources}
    everything = everywhere(statement) and bool(_whole(statement))

    assert everything == all(_allows(statement, f"{SERVICE}:{name}") for name in UNHEARD_OF)
    assert everything == all(_allows_in_moto(statement, f"{SERVICE}:{name}") for name in UNHEARD_OF)


def _whole(statement: dict[str, Any]) -> list[str]:
    return [each for each in whole_services(statement) if each != "sqs:*"]


def _allows(statement: dict[str, Any], action: str) -> bool:
    request = Request(action=action, resource=THING, caller=Caller(names=frozenset()))
    return effect(statements({"Statement": [statement]}), request).allowed


def _allows_in_moto(statement: dict[str, Any], action: str) -> bool:
    return IAMPolicyStatement(statement).is_action_permitted(action, THING) is PermissionResult.PERMITTED


@pytest.mark.parametrize(
    ("patterns", "found"),
    [
        (["iam:*"], ["iam:*"]),
        (["IAM:*"], ["IAM:*"]),
        (["iam:?*"], ["iam:?*"]),
        (["i?m:*"], ["i?m:*"]),
        (
            [f"iam:{letter}*" for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"],
            [", ".join(f"iam:{c}*" for c in map(chr, range(65, 91)))],
        ),
        (["iam:Get*", "iam:List*"], []),
        (
            [*(f"iam:{letter}*" for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"), "s3:Get*"],
            [", ".join(f"iam:{letter}*" for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ")],
        ),
        (["iam:*Role"], []),
        (["iam:GetRole", "s3:*"], ["s3:*"]),
        ("*", ["*"]),
    ],
)
def test_whole_services(patterns: object, found: list[str]) -> None:
    """Case does not matter; patterns can cover a service together."""
    assert list(whole_services({"Action": patterns})) == found


@pytest.mark.parametrize(
    "resource",
    [
        "*",
        "arn:aws:s3:::*",
        "arn:aws:s3:::*/*",
        "arn:aws:iam::*:*",
        "arn:aws:iam::123456789012:role/*",
        "arn:*:kms:*:*:key/*",
        "arn:aws:iam::**",
        "arn:aws:s3*",
        ["arn:aws:s3:::data", "arn:*"],
    ],
)
def test_everywhere(resource: object) -> None:
    """A literal account or kind of resource is no restriction."""
    assert everywhere({"Resource": resource})


@pytest.mark.parametrize(
    "resource",
    [
        [],
        "arn:aws:s3:::data",
        "arn:aws:s3:::data/*",
        "arn:aws:s3:::data-*",
        "arn:aws:iam::123456789012:role/app/*",
        "arn:aws:execute-api:eu-central-1:123456789012:abc123/*",
        "arn:aws:iam::123456789012:user/${aws:username}",
        "arn:aws:sqs",
    ],
)
def test_not_everywhere(resource: object) -> None:
    """A name, a prefix or a variable restricts the resources."""
    assert not everywhere({"Resource": resource})


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"StringEquals": {"aws:ResourceTag/project": "drydock"}}, False),
        ({"StringEquals": {"ec2:ResourceTag/project": "drydock"}}, False),
        ({"StringLike": {"aws:ResourceTag/project": "*"}}, True),
        ({"StringEquals": {"aws:ResourceTag/project": []}}, True),
        ({"StringEqualsIfExists": {"aws:ResourceTag/project": "drydock"}}, True),
        ({"StringEquals": {"aws:RequestedRegion": "eu-central-1"}}, True),
    ],
)
def test_a_tag_of_the_resource_is_a_restriction(condition: object, expected: bool) -> None:
    """Only if the resource must have it."""
    assert everywhere({"Resource": "*", "Condition": condition}) is expected


def test_not_resource() -> None:
    """`NotResource` covers everything else, unless it names everything."""
    assert everywhere({"NotResource": "arn:aws:s3:::data"})
    assert not everywhere({"NotResource": "*"})
