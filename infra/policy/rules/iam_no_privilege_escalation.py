"""Rule: no identity can give itself more permissions.

Anchors: CKV_AWS_286, CKV_AWS_289, CKV_AWS_110, CIS-AWS 2.14.
"""

from collections.abc import Iterator

from pulumi_policy import Severity

from infra.policy.documents import Statement, allowing, conditions, covers
from infra.policy.grants import everywhere, whole_services
from infra.policy.requirements import required
from infra.policy.rule import resource_rule
from infra.policy.rules.iam_no_wildcard_admin import TYPES, documents
from infra.resources.resource import Resource

# Actions with which a caller gets the permissions of another identity, or grants itself more:
# https://bishopfox.com/blog/privilege-escalation-in-aws
ESCALATING = (
    "iam:AddUserToGroup",
    "iam:AttachGroupPolicy",
    "iam:AttachRolePolicy",
    "iam:AttachUserPolicy",
    "iam:CreateAccessKey",
    "iam:CreateLoginProfile",
    "iam:CreatePolicyVersion",
    "iam:PassRole",
    "iam:PutGroupPolicy",
    "iam:PutRolePolicy",
    "iam:PutUserPolicy",
    "iam:SetDefaultPolicyVersion",
    "iam:UpdateAssumeRolePolicy",
    "iam:UpdateLoginProfile",
)
LIMITS = ("iam:permissionsboundary", "iam:passedtoservice", "iam:policyarn", "iam:associatedresourcearn")


def check(resource: Resource) -> Iterator[str]:
    """Yield actions that escalate, on all resources and without a condition that limits them."""
    for policy in documents(resource):
        for statement in allowing(policy):
            if not everywhere(statement) or _limited(statement) or "NotAction" in statement:
                continue  # the rule about administrators reports NotAction
            found = [action for action in ESCALATING if covers(statement, action)]
            if found and not any(whole_services(statement)):
                yield f"allows {', '.join(found)} on all resources"


def _limited(statement: Statement) -> bool:
    return any(required(operator) and key.lower() in LIMITS for operator, key, _ in conditions(statement))


RULE = resource_rule(
    name="aws-iam-no-privilege-escalation",
    severity=Severity.CRITICAL,
    description="An IAM policy must not allow an identity to give itself more permissions.",
    remedy="name the roles that the actions are for, or require iam:PermissionsBoundary or iam:PassedToService",
    types=list(TYPES),
    check=check,
)
