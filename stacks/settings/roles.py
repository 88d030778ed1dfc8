"""Names of IAM roles: with or without a path, or as an ARN.

EKS compares the complete ARN, so the path matters: "the ARN ... can include a path"
(https://docs.aws.amazon.com/eks/latest/userguide/creating-access-entries.html). Roles of IAM Identity Center have one,
`aws-reserved/sso.amazonaws.com/REGION/AWSReservedSSO_NAME_SUFFIX`
(https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html). Without it, EKS refuses the
access entry: https://github.com/terraform-aws-modules/terraform-aws-eks/issues/2969
"""

import re
from collections.abc import Iterator, Sequence

from stacks.settings.model import repeated

_PART = r"[A-Za-z0-9+=,.@_-]"
ROLE_PATTERN = rf"^(arn:aws:iam::[0-9]{{12}}:role/)?({_PART}{{1,64}}/){{0,8}}{_PART}{{1,64}}$"
"""A name, a path and a name, or an ARN. IAM accepts paths of 512 characters; at most 8 levels are accepted here."""
_OF_AN_ARN = "role/"
SSO_NAME, SSO_PATH = "AWSReservedSSO_", "aws-reserved/sso.amazonaws.com/"


def role(text: str) -> str:
    """Check a role. Raises ValueError."""
    if not re.fullmatch(ROLE_PATTERN.strip("^$"), text):
        raise ValueError("the name of an IAM role, with its path if it has one, such as ops/admin, or the role's ARN")
    if text.startswith(_OF_AN_ARN):
        raise ValueError(f"the name of an IAM role without role/ of its ARN: write {text.removeprefix(_OF_AN_ARN)}")
    path, _, name = role_of(text).rpartition("/")
    if name.startswith(SSO_NAME) and not f"{path}/".startswith(SSO_PATH):
        raise ValueError(
            f"the role of IAM Identity Center with its path, {SSO_PATH} and in most regions the region, or EKS refuses "
            f"it; this prints its ARN: aws iam get-role --role-name {name} --query Role.Arn"
        )
    return text


def role_problems(path: str, roles: Sequence[str]) -> Iterator[str]:
    """Find roles that are listed twice, also with different paths: a name exists once in an account.

    botocore iam CreateRoleRequest.RoleName: "must be unique within the account. Names are not distinguished by case".
    """
    names = [role_of(each) for each in roles]
    if doubled := list(repeated(path, "role", names)):
        yield from doubled
        return
    seen: dict[str, str] = {}
    for each in names:
        other = seen.setdefault(each.rpartition("/")[2].casefold(), each)
        if other != each:
            yield f"{path}: must not have {other} and {each}, because an account has only one role of a name; keep one"


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
