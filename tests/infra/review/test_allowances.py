"""What a policy allows beyond another one, compared with the evaluation of single requests."""

import json
from fnmatch import fnmatchcase
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.resources.properties import UNKNOWN
from infra.review.allowances import gained, trusts_services_only

ACTIONS = ("s3:Get", "s3:GetAcl", "s3:Put", "iam:Get")
RESOURCES = ("arn:aws:s3:::a", "arn:aws:s3:::ab", "arn:aws:s3:::b")
TAGS = (None, "x", "y")
PATTERNS = {
    "Action": ["*", "s3:*", "s3:Get*", "S3:get", "s3:Put", "iam:Get"],
    "Resource": ["*", "arn:aws:s3:::a*", "arn:aws:s3:::a", "arn:aws:s3:::b"],
}
OPERATORS = ("StringEquals", "StringNotEquals", "StringLike")


def element(name: str) -> st.SearchStrategy[dict[str, list[str]]]:
    """Return `Action` or `NotAction` with patterns, or the same for resources."""
    values = st.lists(st.sampled_from(PATTERNS[name]), min_size=1, max_size=2, unique=True)
    return st.tuples(st.sampled_from((name, name, f"Not{name}")), values).map(lambda pair: dict([pair]))


CONDITIONS = st.one_of(
    st.just({}),
    st.tuples(st.sampled_from(OPERATORS), st.lists(st.sampled_from(("x", "y", "x*")), min_size=1, unique=True)).map(
        lambda pair: {"Condition": {pair[0]: {"aws:PrincipalTag/team": pair[1]}}}
    ),
)
STATEMENTS = st.builds(
    lambda effect, action, resource, condition: {"Effect": effect, **action, **resource, **condition},
    st.sampled_from(("Allow", "Allow", "Deny")),
    element("Action"),
    element("Resource"),
    CONDITIONS,
)
POLICIES = st.lists(STATEMENTS, max_size=3).map(lambda each: json.dumps({"Statement": each}))


def allowed(policy: str, action: str, resource: str, tag: str | None) -> bool:
    """Evaluate a request, as IAM does for these elements."""
    applying = [
        each["Effect"]
        for each in json.loads(policy)["Statement"]
        if _applies(each, "Action", action.lower())
        and _applies(each, "Resource", resource)
        and _meets(each.get("Condition"), tag)
    ]
    return "Allow" in applying and "Deny" not in applying


def _applies(statement: dict[str, Any], name: str, value: str) -> bool:
    patterns = statement.get(name) or statement[f"Not{name}"]
    if name == "Action":
        patterns = [each.lower() for each in patterns]
    return any(fnmatchcase(value, each) for each in patterns) is (name in statement)


def _meets(condition: Any, tag: str | None) -> bool:
    if condition is None:
        return True
    ((operator, keys),) = condition.items()
    (values,) = keys.values()
    if operator == "StringLike":
        return tag is not None and any(fnmatchcase(tag, each) for each in values)
    return (tag in values) is (operator == "StringEquals")


@given(POLICIES, POLICIES)
def test_a_change_that_gains_nothing_allows_no_other_request(old: str, new: str) -> None:
    """Whatever the patterns, exceptions, conditions and denials are."""
    if list(gained([old], [new])):
        return
    for request in product(ACTIONS, RESOURCES, TAGS):
        assert allowed(old, *request) or not allowed(new, *request)


@given(POLICIES)
def test_a_policy_gains_nothing_compared_with_itself(policy: str) -> None:
    """Also beside others, and in another order."""
    statements = json.loads(policy)["Statement"]
    turned = json.dumps({"Statement": statements[::-1]})

    assert list(gained([policy], [turned])) == []
    assert list(gained([policy, "{}"], ["{}", policy])) == []


@given(POLICIES, STATEMENTS.filter(lambda each: each["Effect"] == "Allow"))
def test_a_statement_that_goes_gains_nothing(policy: str, statement: dict[str, Any]) -> None:
    """If it allowed something."""
    more = json.dumps({"Statement": [*json.loads(policy)["Statement"], statement]})

    assert list(gained([more], [policy])) == []


def one(effect: str = "Allow", **elements: Any) -> str:
    """Return a policy with one statement."""
    return json.dumps({"Statement": [{"Effect": effect, "Action": "s3:Get", "Resource": "*", **elements}]})


def if_(operator: str, *values: str) -> dict[str, Any]:
    """Return a condition."""
    return {"Condition": {operator: {"aws:SourceVpc": list(values)}}}


NOT_S3 = {"Action": None, "NotAction": ["s3:*"]}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (one(), one(Action=["s3:Get", "s3:Put"]), ["allows s3:Put on *"]),
        (one(Action="*"), one(Action=["s3:Get", "iam:*"]), []),
        (one(**if_("StringEquals", "a", "b")), one(**if_("StringEquals", "a")), []),
        (
            one(**if_("StringEquals", "a")),
            one(**if_("StringEquals", "a", "b")),
            ["allows s3:Get on * if StringEquals aws:sourcevpc is a or b"],
        ),
        (one(**if_("StringNotEquals", "a")), one(**if_("StringNotEquals", "a", "b")), []),
        (
            one(**if_("StringNotEquals", "a", "b")),
            one(**if_("StringNotEquals", "a")),
            ["allows s3:Get on * if StringNotEquals aws:sourcevpc is a"],
        ),
        (one(**if_("StringLike", "a*")), one(**if_("StringLike", "ab")), []),
        (
            one(**if_("StringLike", "a*")),
            one(**if_("StringLike", "b")),
            ["allows s3:Get on * if StringLike aws:sourcevpc is b"],
        ),
        (None, json.dumps({"Statement": [{"Effect": "Allow", "Principal": "*"}]}), []),
        (
            one(**if_("StringEquals", "a*")),
            one(**if_("StringEquals", "ab")),
            ["allows s3:Get on * if StringEquals aws:sourcevpc is ab"],
        ),
        (one(**if_("StringEquals", "a")), one(**if_("StringLike", "a")), []),
        (one(**if_("StringLike", "a")), one(**if_("StringEquals", "a")), []),
        (one(**if_("StringLike", "a*")), one(**if_("StringEquals", "ab")), []),
        (one(**if_("StringNotLike", "a", "b")), one(**if_("StringNotEquals", "a", "b")), []),
        (
            one(**if_("StringNotLike", "a*")),
            one(**if_("StringNotEquals", "a*")),
            ["allows s3:Get on * if StringNotEquals aws:sourcevpc is a*"],
        ),
        (
            one(**if_("StringEquals", "a*")),
            one(**if_("StringLike", "a*")),
            ["allows s3:Get on * if StringLike aws:sourcevpc is a*"],
        ),
        (one(**if_("ArnEquals", "a*")), one(**if_("ArnLike", "ab")), []),
        (one(**if_("ArnLike", "a*")), one(**if_("ArnEquals", "a*")), []),
        (one(Principal={"AWS": "12"}), one(Principal={"AWS": "arn:aws:iam::12:root"}), []),
        (
            one(Principal={"AWS": "12"}),
            one(Principal={"AWS": "arn:aws:iam::13:root"}),
            ["lets arn:aws:iam::13:root do s3:Get"],
        ),
        (one(Effect="Deny"), one(), ["allows s3:Get on *", "no longer denies s3:Get"]),
        (one(effect="Deny"), one(effect="Deny", Action="s3:*"), []),
        (
            one(effect="Deny", Action=["s3:Get", "s3:Put"]),
            one(effect="Deny", **if_("StringEquals", "a")),
            ["no longer denies s3:Get", "no longer denies s3:Put"],
        ),
        (one(Principal="*"), one(Principal={"AWS": "a"}), []),
        (one(Principal={"AWS": ["a", "b"]}), one(Principal={"AWS": ["b", "c"]}), ["lets c do s3:Get"]),
        (one(Principal={"AWS": "a"}), one(NotPrincipal={"AWS": "a"}), ["lets everybody do s3:Get"]),
        (
            one(NotAction=["s3:*", "iam:*"], Action=[]),
            one(NotAction=["s3:*"], Action=[]),
            ["allows all but a few actions on *"],
        ),
        (one(NotAction=["s3:Get"], Action=[]), one(NotAction=["s3:*", "iam:*"], Action=[]), []),
        (one(NotAction=["s3:*"], Action=[]), one(Action="iam:Get"), []),
        (one(NotAction=["s3:*"], Action=[]), one(Action="s3:Get"), ["allows s3:Get on *"]),
        (one(NotAction=["s3:Get"], Action=[]), one(Action="s3:*"), ["allows s3:* on *"]),
        (one(Resource="a:b:c:d:e:f*"), one(NotResource="x", Resource=[]), ["allows s3:Get on all but a few resources"]),
        (UNKNOWN, one(), []),
        (one(), UNKNOWN, []),
        (one(effect="Deny"), UNKNOWN, []),
        (one(), None, []),
        (one(effect="Deny"), None, ["no longer denies s3:Get"]),
        (None, one(), ["allows s3:Get on *"]),
        ("no JSON", one(), ["allows s3:Get on *"]),
        (one(Resource=[]), one(Resource=[]), []),
        (one(Resource="a"), one(Resource=[]), []),
    ],
)
def test_what_is_gained_is_told(old: Any, new: Any, expected: list[str]) -> None:
    """An unknown document neither allows nor allowed anything."""
    assert sorted(gained([old], [new])) == sorted(expected)


def test_all_documents_count_together() -> None:
    """A statement may move from one to another; nothing is known if one was not."""
    assert list(gained([one(), one(Action="s3:Put")], [one(Action=["s3:Put", "s3:Get"])])) == []
    assert list(gained([one(), UNKNOWN], [one(Action="*")])) == []
    assert list(gained([one(effect="Deny"), "{}"], [UNKNOWN, "{}"])) == []


@pytest.mark.parametrize(
    ("principal", "only"),
    [
        ({"Service": "ec2.amazonaws.com"}, True),
        ({"Service": ["ec2.amazonaws.com", "pods.eks.amazonaws.com"]}, True),
        ({"Service": "ec2.amazonaws.com", "AWS": "arn:aws:iam::1:root"}, False),
        ("*", False),
    ],
)
def test_a_role_of_services_is_told_from_others(principal: object, only: bool) -> None:
    """Everybody is no service."""
    assert trusts_services_only(one(Principal=principal)) is only
