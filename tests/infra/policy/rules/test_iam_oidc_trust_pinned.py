"""aws-iam-oidc-trust-pinned."""

import json

import pytest
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE

from infra.policy.rules.iam_oidc_trust_pinned import RULE
from tests.infra.policy.compliant import web_identity_role
from tests.infra.policy.judge import Given, violations

ISSUER = "token.actions.githubusercontent.com"
AUD = {f"{ISSUER}:aud": "sts.amazonaws.com"}
SUB = {f"{ISSUER}:sub": "repo:acme/drydock:environment:prod"}
PINNED = {"StringEquals": AUD | SUB}


def test_accepts_a_pinned_audience_and_subject() -> None:
    """Both claims are compared with StringEquals."""
    assert violations(RULE, web_identity_role(PINNED)) == []


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ({"StringEquals": AUD}, "with any `sub`"),
        ({"StringEquals": SUB}, "with any `aud`"),
        (
            {"StringEquals": AUD, "StringLike": {f"{ISSUER}:sub": "repo:acme/*"}},
            "whose `sub` is like repo:acme/*",
        ),
        (
            {"StringEquals": AUD, "StringLike": {f"{ISSUER}:sub": ["repo:acme/drydock:ref:main", "repo:acme/?"]}},
            "whose `sub` is like repo:acme/?",
        ),
    ],
)
def test_rejects_loose_trust(condition: object, found: str) -> None:
    """A missing claim or a wildcard admits tokens of others."""
    [message] = violations(RULE, web_identity_role(condition))

    assert found in message


def test_rejects_trust_without_condition() -> None:
    """Neither claim is restricted, so there are two violations."""
    assert len(violations(RULE, web_identity_role({}))) == 2


def test_accepts_trust_in_a_service() -> None:
    """A role for EKS Pod Identity is not assumed with a token."""
    role = web_identity_role({}, Action="sts:AssumeRole", Principal={"Service": "pods.eks.amazonaws.com"})

    assert violations(RULE, role) == []


@pytest.mark.parametrize(
    "condition",
    [
        {"ForAllValues:StringEquals": AUD | SUB},
        {"StringEqualsIfExists": AUD | SUB},
        {"StringNotEquals": AUD | SUB},
        {"StringEquals": {"other.example.com:aud": "sts.amazonaws.com", "other.example.com:sub": "a"}},
        {"StringEquals": {f"{ISSUER}:aud": [], f"{ISSUER}:sub": []}},
    ],
)
def test_rejects_conditions_that_other_tokens_meet(condition: object) -> None:
    """They are met without the claim, or are about the claims of another provider."""
    assert len(violations(RULE, web_identity_role(condition))) == 2


@pytest.mark.parametrize("action", ["sts:*", "sts:AssumeRole*", "STS:AssumeRoleWithWebIdentity", "*", "sts:?ssume*"])
def test_rejects_loose_trust_with_a_pattern_as_action(action: str) -> None:
    """Actions are patterns, and case does not matter."""
    assert len(violations(RULE, web_identity_role({}, Action=action))) == 2


def test_rejects_loose_trust_with_not_action() -> None:
    """Every other action is allowed."""
    role = web_identity_role({}, Action=[], NotAction="sts:TagSession")

    assert len(violations(RULE, role)) == 2


@pytest.mark.parametrize(
    "condition",
    [
        {"StringEquals": {key.upper(): value for key, value in (AUD | SUB).items()}},
        {"ForAnyValue:StringEquals": AUD, "StringLike": SUB},
        {"StringEquals": AUD | SUB, "StringLike": {f"{ISSUER}:sub": "repo:acme/*"}},
    ],
)
def test_accepts_other_spellings_of_a_pin(condition: object) -> None:
    """Keys ignore case, `StringLike` may have no wildcard, and one exact condition is enough."""
    assert violations(RULE, web_identity_role(condition)) == []


COGNITO = "cognito-identity.amazonaws.com"
POOL = {"StringEquals": {f"{COGNITO}:aud": "eu-central-1:pool"}}
USERS = {"ForAnyValue:StringLike": {f"{COGNITO}:amr": "authenticated"}}


def test_accepts_the_users_of_an_identity_pool() -> None:
    """A role for them requires the pool and the kind of user, because each user is another subject."""
    assert violations(RULE, web_identity_role(POOL | USERS, Principal={"Federated": COGNITO})) == []


@pytest.mark.parametrize("condition", [POOL, USERS])
def test_rejects_the_users_of_every_identity_pool(condition: object) -> None:
    """Both conditions are needed."""
    assert len(violations(RULE, web_identity_role(condition, Principal={"Federated": COGNITO}))) == 1


def test_accepts_saml() -> None:
    """A SAML provider issues no tokens."""
    role = web_identity_role({}, Action="sts:*", Principal={"Federated": "arn:aws:iam::1:saml-provider/corp"})

    assert violations(RULE, role) == []


def test_accepts_an_unknown_provider() -> None:
    """The document is unknown as a whole then, and is judged by `up`."""
    trust = json.loads(web_identity_role({}).properties["assumeRolePolicy"])
    trust["Statement"][0]["Principal"]["Federated"] = UNKNOWN_STRING_VALUE

    assert violations(RULE, Given(type="aws:iam/role:Role", properties={"assumeRolePolicy": trust})) == []
