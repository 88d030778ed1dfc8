"""Rules of IAM and its policy documents: cases that the corpus does not cover, limits, and unknown values."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given, settings
from hypothesis import strategies as st

from localcloud.aws.judge.rules.iam_documents import faults
from localcloud.protocol.values import UNKNOWN
from tests.localcloud.aws.judge.rules.verdict import verdict

READ = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
TRUST = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "eks.amazonaws.com"}}
MALFORMED = "MalformedPolicyDocument"


def without(statement: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in statement.items() if key != name}


IDENTITY: list[tuple[Any, bool]] = [
    ({"Statement": READ}, True),
    ({"Version": "2012-10-17", "Statement": [READ]}, True),
    ({"Version": "2012-10-18", "Statement": [READ]}, False),
    ({"Statement": []}, False),
    ({"Statements": [READ]}, False),
    ([READ], False),
    ({"Statement": ["all"]}, False),
    ({"Statement": [{**READ, "Effect": "allow"}]}, False),
    ({"Statement": [without(READ, "Effect")]}, False),
    ({"Statement": [without(READ, "Action")]}, False),
    ({"Statement": [{**READ, "Action": "*"}]}, True),
    ({"Statement": [{**READ, "Action": ["s3:Get*", "GetObject"]}]}, False),
    ({"Statement": [{**READ, "Action": "s3:Get:Object"}]}, False),
    ({"Statement": [{**READ, "NotAction": "s3:PutObject"}]}, False),
    ({"Statement": [{**without(READ, "Action"), "NotAction": "s3:PutObject"}]}, True),
    ({"Statement": [{**READ, "Resource": ["arn:aws:s3:::bucket/*", "bucket"]}]}, False),
    ({"Statement": [{**READ, "Resource": "arn:aws:s3:::bucket"}]}, True),
    ({"Statement": [{**READ, "Resource": UNKNOWN}]}, True),
    ({"Statement": [{**READ, "Resource": f"{UNKNOWN}/*"}]}, True),
    ({"Statement": [{**READ, "Comment": "reads"}]}, False),
    ({"Statement": [{**READ, "Principal": "*"}]}, False),
    ({"Statement": [{**READ, "Sid": "Read1"}]}, True),
    ({"Statement": [{**READ, "Sid": "read-1"}]}, False),
    ({"Statement": [{**READ, "Sid": "a"}, {**READ, "Sid": "a"}]}, False),
    ({"Statement": [{**READ, "Condition": {"StringEquals": {"aws:PrincipalTag/a": "b"}}}]}, True),
    ({"Statement": [{**READ, "Condition": {"ForAnyValue:StringLikeIfExists": {"aws:TagKeys": "b"}}}]}, True),
    ({"Statement": [{**READ, "Condition": {"StringEqual": {"aws:PrincipalTag/a": "b"}}}]}, False),
    ({"Statement": [{**READ, "Condition": {"NullIfExists": {"aws:PrincipalTag/a": "true"}}}]}, False),
]


@pytest.mark.parametrize(("document", "valid"), IDENTITY, ids=lambda value: str(value)[:70])
def test_validates_an_identity_based_policy(document: Any, valid: bool) -> None:
    """Managed and inline policies have the same rules."""
    request = {"PolicyDocument": json.dumps(document)}

    assert verdict("iam", "CreatePolicy", request) == ("" if valid else MALFORMED)
    assert verdict("iam", "PutRolePolicy", request) == ("" if valid else MALFORMED)


TRUSTS: list[tuple[dict[str, Any], bool]] = [
    (TRUST, True),
    ({**TRUST, "Action": ["sts:AssumeRole", "sts:TagSession"]}, True),
    ({**TRUST, "Action": ["sts:AssumeRole", "s3:GetObject"]}, False),
    ({**TRUST, "Resource": "*"}, False),
    (without(TRUST, "Principal"), False),
    ({**TRUST, "Principal": {}}, False),
    ({**TRUST, "Principal": "*"}, False),
    ({**TRUST, "Principal": UNKNOWN}, True),
    ({**TRUST, "Principal": {"AWS": "*"}}, True),
    ({**TRUST, "Principal": {"AWS": []}}, False),
    ({**TRUST, "Principal": {"AWS": "123456789012"}}, True),
    ({**TRUST, "Principal": {"AWS": "12345678901"}}, False),
    ({**TRUST, "Principal": {"AWS": "arn:aws:iam::123456789012:role/team/app"}}, True),
    ({**TRUST, "Principal": {"AWS": "arn:aws:iam::123456789012:group/team"}}, False),
    ({**TRUST, "Principal": {"AWS": UNKNOWN}}, True),
    ({**TRUST, "Principal": {"Service": "eks"}}, False),
    ({**TRUST, "Principal": {"Service": ["eks.amazonaws.com", "*.amazonaws.com"]}}, False),
    ({**TRUST, "Principal": {"Federated": "arn:aws:iam::123456789012:oidc-provider/token"}}, True),
]


@pytest.mark.parametrize(("statement", "valid"), TRUSTS, ids=lambda value: str(value)[:90])
def test_validates_a_trust_policy(statement: dict[str, Any], valid: bool) -> None:
    """It is checked for a new and for an existing role."""
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})

    assert verdict("iam", "CreateRole", {"AssumeRolePolicyDocument": document}) == ("" if valid else MALFORMED)
    assert verdict("iam", "UpdateAssumeRolePolicy", {"PolicyDocument": document}) == ("" if valid else MALFORMED)


def test_accepts_an_unknown_policy() -> None:
    """The whole policy or a value outside of a text is unknown."""
    for text in (UNKNOWN, f'{{"Version": "2012-10-17", "Statement": {UNKNOWN}}}'):
        assert verdict("iam", "CreatePolicy", {"PolicyDocument": text}) == ""


def test_the_size_limit_ignores_white_space() -> None:
    """A managed policy has at most 6144 characters without it."""
    long = {**READ, "Resource": ["arn:aws:s3:::" + "b" * 5900]}
    spaced = json.dumps({"Version": "2012-10-17", "Statement": [long]}, indent=40)
    longer = json.dumps({"Version": "2012-10-17", "Statement": [{**READ, "Resource": ["arn:aws:s3:::" + "b" * 6100]}]})

    assert len(spaced) > 6144
    assert verdict("iam", "CreatePolicy", {"PolicyDocument": spaced}) == ""
    assert verdict("iam", "CreatePolicy", {"PolicyDocument": longer}) == "LimitExceeded"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*READ, "Sid", "x"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(deadline=None, max_examples=100)
@given(st.one_of(json_values, st.builds(lambda value: {"Statement": value}, json_values)))
def test_any_json_is_accepted_or_refused_without_an_error(document: Any) -> None:
    """The result is a list of messages for any document."""
    for kind in ("identity", "trust", "resource"):
        assert all(isinstance(words, str) for words in faults(json.dumps(document), kind))  # type: ignore[arg-type]


def test_principals_of_the_account_have_to_exist() -> None:
    """Principals of other accounts are not checked; the ARN of a role includes its path."""

    def ask(service: str, operation: str, **parameters: Any) -> Any:
        if operation == "GetCallerIdentity":
            return {"Account": "123456789012"}
        if parameters.get("RoleName") == "app":
            return {"Role": {"Arn": "arn:aws:iam::123456789012:role/team/app"}}
        raise ClientError({"Error": {"Code": "NoSuchEntity"}}, operation)

    def code(principal: str) -> str:
        document = json.dumps({"Statement": [{**TRUST, "Principal": {"AWS": principal}}]})
        return verdict("iam", "UpdateAssumeRolePolicy", {"PolicyDocument": document}, ask)

    assert code("arn:aws:iam::123456789012:role/team/app") == ""
    assert code("arn:aws:iam::123456789012:role/app") == MALFORMED
    assert code("arn:aws:iam::123456789012:user/person") == MALFORMED
    assert code("arn:aws:iam::999999999999:role/none") == ""
    assert code("arn:aws:iam::123456789012:root") == ""


def test_the_size_limit_is_for_all_inline_policies_of_a_role() -> None:
    """A policy that is replaced does not count."""
    text = json.dumps({"Statement": [{**READ, "Resource": "arn:aws:s3:::" + "b" * 6000}]})

    def ask(service: str, operation: str, **parameters: Any) -> Any:
        return {"PolicyNames": ["first"]} if operation == "ListRolePolicies" else {"PolicyDocument": json.loads(text)}

    def code(name: str) -> str:
        return verdict("iam", "PutRolePolicy", {"RoleName": "r", "PolicyName": name, "PolicyDocument": text}, ask)

    assert code("first") == ""
    assert code("second") == "LimitExceeded"
