"""The permissions boundary of an environment: the maximum permissions of the deploy role and of every role it creates.

A boundary grants nothing. Roles that are created under it must have it too, so it cannot be bypassed by a new role:
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html (Delegating responsibility to others).
"""

from collections.abc import Sequence
from typing import Any

from components._iam import CLOUDFRONT_REGION, policy_document

# Services without regional endpoints; a request to them is one to us-east-1:
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_aws_deny-requested-region.html
GLOBAL = ("cloudfront:*", "iam:*", "route53:*", "sts:*")
FOR_CLOUDFRONT = ("acm:*", "logs:*", "wafv2:*")
"""What CloudFront uses in `CLOUDFRONT_REGION`."""

_WRITES = ("Add", "Attach", "Create", "Delete", "Detach", "Pass", "Put", "Remove", "Set", "Tag", "Untag", "Update")
_IDENTITIES = ("User", "AccessKey", "LoginProfile", "Group", "OpenIDConnectProvider*", "SAMLProvider*")


def names(environment: str) -> dict[str, str]:
    """Return the names of an environment's roles, `deploy` and `preview`, and of its policy, `boundary`."""
    return {kind: f"drydock-{environment}-{kind}" for kind in ("deploy", "preview", "boundary")}


def state_objects(bucket_arn: str, environment: str) -> list[str]:
    """Return the ARNs of an environment's objects in the state bucket, with wildcards.

    Pulumi keeps `.pulumi/{stacks,history,backups}/PROJECT/STACK...` and `.pulumi/locks/organization/PROJECT/STACK/...`:
    https://www.pulumi.com/docs/iac/concepts/state-and-backends/#using-a-self-managed-backend
    """
    return [f"{bucket_arn}/.pulumi/*/drydock/{environment}{end}" for end in (".json*", "/*")]


def boundary(
    *, account_id: str, region: str, policy_name: str, others: Sequence[str], bucket_arn: str, key_arn: str
) -> str:
    """Return the boundary of an environment as a policy document.

    Args:
        account_id: the account.
        region: the only region, except for what CloudFront needs.
        policy_name: name of the policy that is made of it.
        others: the other environments of the account, whose state is denied.
        bucket_arn: the state bucket. Objects may be read and written; the bucket itself must not be changed.
        key_arn: the key of the state. It may be used, but not changed.
    """
    own = f"arn:aws:iam::{account_id}:policy/{policy_name}"
    foreign = [arn for other in others for arn in state_objects(bucket_arn, other)]
    return policy_document(
        {"Sid": "AtMost", "Effect": "Allow", "Action": "*", "Resource": "*"},
        _region("OneRegion", {"NotAction": [*GLOBAL, *FOR_CLOUDFRONT]}, [region]),
        _region("CloudFrontRegion", {"Action": list(FOR_CLOUDFRONT)}, [region, CLOUDFRONT_REGION]),
        {
            # Of a role that is created, and of a role that is changed.
            "Sid": "RolesOnlyWithThisBoundary",
            "Effect": "Deny",
            "Action": [
                "iam:AttachRolePolicy",
                "iam:CreateRole",
                "iam:DeleteRolePolicy",
                "iam:DetachRolePolicy",
                "iam:PutRolePermissionsBoundary",
                "iam:PutRolePolicy",
            ],
            "Resource": "*",
            "Condition": {"StringNotEquals": {"iam:PermissionsBoundary": own}},
        },
        {
            "Sid": "BoundariesStay",
            "Effect": "Deny",
            "Action": ["iam:DeleteRolePermissionsBoundary", "iam:DeleteUserPermissionsBoundary"],
            "Resource": "*",
        },
        {
            "Sid": "NoIdentitiesBesideRoles",
            "Effect": "Deny",
            "Action": [
                *(f"iam:{verb}{kind}" for kind in _IDENTITIES for verb in ("Create", "Update")),
                "iam:AddUserToGroup",
                "iam:AttachUserPolicy",
                "iam:AttachGroupPolicy",
                "iam:PutUser*",
                "iam:PutGroupPolicy",
                "iam:*OpenIDConnectProvider",
                "organizations:*",
                "account:*",
            ],
            "Resource": "*",
        },
        {
            "Sid": "BootstrapRoles",
            "Effect": "Deny",
            "Action": [*(f"iam:{verb}*" for verb in _WRITES), "sts:AssumeRole", "sts:TagSession"],
            "Resource": [
                *(f"arn:aws:iam::{account_id}:role/drydock-*-{kind}" for kind in ("admin", "deploy", "preview")),
                f"arn:aws:iam::{account_id}:policy/drydock-*",
            ],
        },
        {
            "Sid": "StateBucket",
            "Effect": "Deny",
            "Action": ["s3:CreateBucket", "s3:DeleteBucket*", "s3:Put*Configuration", "s3:PutBucket*"],
            "Resource": bucket_arn,
        },
        {
            "Sid": "StateHistory",
            "Effect": "Deny",
            "Action": ["s3:DeleteObjectVersion", "s3:PutObjectAcl", "s3:PutObjectVersionAcl"],
            "Resource": f"{bucket_arn}/*",
        },
        {
            "Sid": "StateOfOthers",
            "Effect": "Deny",
            "Action": "s3:*",
            "Resource": [f"{bucket_arn}/.pulumi/*/drydock-bootstrap/*", *foreign],
        },
        {
            "Sid": "StateKey",
            "Effect": "Deny",
            "Action": [
                *(f"kms:{verb}*" for verb in ("Create", "Delete", "Disable", "Put", "Revoke", "Schedule")),
                "kms:TagResource",
                "kms:UntagResource",
                "kms:Update*",
            ],
            "Resource": key_arn,
        },
    )


def _region(sid: str, actions: dict[str, Any], regions: list[str]) -> dict[str, Any]:
    return {
        "Sid": sid,
        "Effect": "Deny",
        **actions,
        "Resource": "*",
        "Condition": {"StringNotEquals": {"aws:RequestedRegion": regions}},
    }
