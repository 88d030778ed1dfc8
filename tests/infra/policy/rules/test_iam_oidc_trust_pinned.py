"""aws-iam-oidc-trust-pinned."""

import pytest

from infra.policy.rules.iam_oidc_trust_pinned import RULE
from tests.infra.policy.compliant import web_identity_role
from tests.infra.policy.judge import violations

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
