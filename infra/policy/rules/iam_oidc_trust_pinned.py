"""Rule: a role that can be assumed with OIDC tokens requires specific audiences and exact subjects.

Anchors: CKV_AWS_358, GitHub docs "Configuring OpenID Connect in Amazon Web Services".
"""

from collections.abc import Iterator

from pulumi_policy import Severity

from infra.policy.documents import Statement, allowing, conditions, covers, texts
from infra.policy.requirements import has_wildcards, required
from infra.policy.rule import resource_rule
from infra.resources.properties import mapping
from infra.resources.resource import Resource

ACTION = "sts:AssumeRoleWithWebIdentity"
PROVIDER = ":oidc-provider/"
# Identity pools issue one subject per user, so a role for them requires the pool and the kind of user:
# https://docs.aws.amazon.com/cognito/latest/developerguide/role-trust-and-permissions.html
COGNITO = "cognito-identity.amazonaws.com"


def check(role: Resource) -> Iterator[str]:
    """Yield a finding for trust in all tokens of a provider, or in all that match a wildcard."""
    for statement in allowing(role.properties.get("assumeRolePolicy")):
        if not covers(statement, ACTION):
            continue
        for provider in texts(mapping(statement.get("Principal")).get("Federated")):
            if _issues_tokens(provider):
                yield from _loose(statement, provider)


def _issues_tokens(provider: str) -> bool:
    """Return whether a federated principal is an OIDC provider; one for SAML has no tokens."""
    return PROVIDER in provider or not provider.startswith("arn:")


def _loose(statement: Statement, provider: str) -> Iterator[str]:
    for claim in ("aud", "amr" if provider == COGNITO else "sub"):
        pins = list(_pins(statement, provider, claim))
        if not pins:
            yield f"trusts tokens of {provider} with any `{claim}`"
        elif all(pins):  # one condition without wildcards is enough, because all conditions must be met
            yield f"trusts tokens of {provider} whose `{claim}` is like {', '.join(pins[0])}"


def _pins(statement: Statement, provider: str, claim: str) -> Iterator[list[str]]:
    """Yield the values with wildcards of each condition that requires a claim of the provider's tokens."""
    issuer = provider.rpartition(PROVIDER)[2].lower()
    for operator, key, values in conditions(statement):
        if required(operator) and values and key.lower() == f"{issuer}:{claim}":
            yield [value for value in values if has_wildcards(operator) and ("*" in value or "?" in value)]


RULE = resource_rule(
    name="aws-iam-oidc-trust-pinned",
    severity=Severity.CRITICAL,
    description="A role that trusts OIDC tokens must require one audience and exact subjects.",
    remedy="add StringEquals conditions on <provider>:aud and <provider>:sub, such as repo:ORG/REPO:environment:NAME "
    "or system:serviceaccount:NAMESPACE:NAME, without wildcards",
    types=["aws:iam/role:Role"],
    check=check,
)
