"""Rule: no identity is allowed all actions, or all actions of a service on all resources, or AdministratorAccess.

Anchors: AWS-0057, CKV_AWS_62, CKV_AWS_63, CKV_AWS_274, CIS-AWS 2.14, IAM.1.
"""

from collections.abc import Iterator

from pulumi_policy import Severity

from infra.policy.documents import Statement, allowing, texts
from infra.policy.grants import every_action, everywhere, whole_services
from infra.policy.rule import resource_rule
from infra.resources.properties import items, mapping
from infra.resources.resource import Resource

TYPES = tuple(
    f"aws:iam/{kind[0].lower()}{kind[1:]}:{kind}"
    for kind in (
        "Policy",
        "RolePolicy",
        "UserPolicy",
        "GroupPolicy",
        "Role",
        "PolicyAttachment",
        "RolePolicyAttachment",
        "UserPolicyAttachment",
        "GroupPolicyAttachment",
    )
)
# Managed policies that allow all actions, all but those of IAM, or all of IAM, with which a caller allows the rest.
ADMINISTRATORS = (
    ":aws:policy/AdministratorAccess",
    ":aws:policy/IAMFullAccess",
    ":aws:policy/PowerUserAccess",
)


def check(resource: Resource) -> Iterator[str]:
    """Yield wildcards in a policy document or in inline policies of a role, and attachments of AdministratorAccess."""
    for policy in documents(resource):
        for statement in allowing(policy):
            yield from _wildcards(statement)
    for arn in [*texts(resource.properties.get("policyArn")), *texts(resource.properties.get("managedPolicyArns"))]:
        if arn.endswith(ADMINISTRATORS):
            yield f"attaches {arn}"


def documents(resource: Resource) -> list[object]:
    """Return the identity policies of a resource: its own document, and the inline policies of a role."""
    inline = [mapping(each).get("policy") for each in items(resource.properties.get("inlinePolicies"))]
    return [resource.properties.get("policy"), *inline]


def _wildcards(statement: Statement) -> Iterator[str]:
    resources = ", ".join(texts(statement.get("Resource"))) or "all but a few resources"
    whole = everywhere(statement)
    for pattern in whole_services(statement):
        if whole or every_action(pattern):
            yield f"allows {pattern} on {resources}"
    if whole and "NotAction" in statement and not any(map(every_action, texts(statement["NotAction"]))):
        yield f"allows all but a few actions (NotAction) on {resources}"


RULE = resource_rule(
    name="aws-iam-no-wildcard-admin",
    severity=Severity.CRITICAL,
    description="An IAM policy must not allow all actions, or all actions of a service on all resources.",
    remedy="name the actions, and the ARNs of the resources, that the identity really needs",
    types=TYPES,
    check=check,
)
