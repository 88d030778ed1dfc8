"""Names of IAM roles: with or without a path, or as an ARN.

EKS compares the complete ARN, so the path matters: "the ARN ... can include a path"
(https://docs.aws.amazon.com/eks/latest/userguide/creating-access-entries.html). Roles of IAM Identity Center have one,
`aws-reserved/sso.amazonaws.com/REGION/AWSReservedSSO_NAME_SUFFIX`
(https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html).
"""

import re

_PART = r"[A-Za-z0-9+=,.@_-]"
ROLE_PATTERN = rf"^(arn:aws:iam::[0-9]{{12}}:role/)?({_PART}{{1,64}}/){{0,8}}{_PART}{{1,64}}$"
"""A name, a path and a name, or an ARN. IAM accepts paths of 512 characters; at most 8 levels are accepted here."""


def role_of(text: str) -> str:
    """Return a role's name with its path and without its account, such as `ops/break-glass`."""
    return text.partition(":role/")[2] or text


def account_of(text: str) -> str | None:
    """Return the account of a role that is written as an ARN, or None."""
    found = re.match(r"arn:aws[a-z-]*:iam::([0-9]{12}):", text)
    return found[1] if found else None


def role_arn(text: str, account_id: str) -> str:
    """Return the ARN of a role in an account, for any of the forms."""
    return f"arn:aws:iam::{account_id}:role/{role_of(text)}"
