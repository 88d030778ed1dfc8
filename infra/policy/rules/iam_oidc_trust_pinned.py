"""Rule: a role that can be assumed with OIDC tokens requires specific audiences and exact subjects.

Anchors: CKV_AWS_358, GitHub docs "Configuring OpenID Connect in Amazon Web Services".
"""

from collections.abc import Iterator

from pulumi_policy import Severity

from infra.policy.documents import Statement, allowing, conditions, texts
from infra.policy.rule import resource_rule
from infra.resources.properties import UNKNOWN, mapping
from infra.resources.resource import Resource


def check(role: Resource) -> Iterator[str]:
    """Yield a finding for trust in all tokens of a provider, or in all that match a wildcard."""
    for statement in allowing(role.properties.get("assumeRolePolicy")):
        if "sts:AssumeRoleWithWebIdentity" not in texts(statement.get("Action")):
            continue
        provider = mapping(statement.get("Principal")).get("Federated")
        who = "an OIDC provider" if provider is UNKNOWN else f"{provider}"
        for claim in ("aud", "sub"):
            wanted = _pins(statement, claim)
            if not wanted:
                yield f"trusts tokens of {who} with any `{claim}`"
            loose = [value for value in wanted if "*" in value or "?" in value]
            if loose:
                yield f"trusts tokens of {who} whose `{claim}` is like {', '.join(loose)}"


def _pins(statement: Statement, claim: str) -> list[str]:
    return [
        value
        for operator, key, values in conditions(statement)
        if operator in ("StringEquals", "StringLike", "ForAnyValue:StringEquals", "ForAnyValue:StringLike")
        and key.endswith(f":{claim}")
        for value in values
    ]


RULE = resource_rule(
    name="aws-iam-oidc-trust-pinned",
    severity=Severity.CRITICAL,
    description="A role that trusts OIDC tokens must require one audience and exact subjects.",
    remedy="add StringEquals conditions on <provider>:aud and <provider>:sub, such as repo:ORG/REPO:environment:NAME "
    "or system:serviceaccount:NAMESPACE:NAME, without wildcards",
    types=["aws:iam/role:Role"],
    check=check,
)
