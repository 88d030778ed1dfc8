"""Rule: no identity is allowed all actions, or all actions of a service on all resources, or AdministratorAccess.

Anchors: AWS-0057, CKV_AWS_62, CKV_AWS_63, CKV_AWS_274, CIS-AWS 2.14, IAM.1.
"""

from collections.abc import Iterator

from pulumi_policy import Severity

from infra.policy.documents import allowing, texts
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
ADMINISTRATOR = ":aws:policy/AdministratorAccess"


def check(resource: Resource) -> Iterator[str]:
    """Yield wildcards in a policy document or in inline policies of a role, and attachments of AdministratorAccess."""
    properties = resource.properties
    inline = [mapping(each).get("policy") for each in items(properties.get("inlinePolicies"))]
    for policy in [properties.get("policy"), *inline]:
        for statement in allowing(policy):
            actions, resources = texts(statement.get("Action")), texts(statement.get("Resource"))
            everywhere = "*" in resources or "NotResource" in statement
            for action in actions:
                if action in ("*", "*:*") or (action.endswith(":*") and everywhere):
                    yield f"allows {action} on {', '.join(resources) or 'all but a few resources'}"
            if "NotAction" in statement and everywhere:
                yield "allows all but a few actions (NotAction) on all resources"
    for arn in [*texts(properties.get("policyArn")), *texts(properties.get("managedPolicyArns"))]:
        if arn.endswith(ADMINISTRATOR):
            yield f"attaches {arn}"


RULE = resource_rule(
    name="aws-iam-no-wildcard-admin",
    severity=Severity.CRITICAL,
    description="An IAM policy must not allow all actions, or all actions of a service on all resources.",
    remedy="name the actions, and the ARNs of the resources, that the identity really needs",
    types=TYPES,
    check=check,
)
