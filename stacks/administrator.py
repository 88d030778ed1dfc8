"""Whether the identity that deploys administers the cluster, whose creator gets no access.

https://docs.aws.amazon.com/eks/latest/userguide/access-entries.html
"""

import re
from collections.abc import Sequence

import pulumi

from stacks.settings.roles import role_of

REMEDY = (
    "assume one of these roles, name it in aws:assumeRoles, or add the deploy role to cluster.adminRoles; "
    "without it every Kubernetes object fails with Unauthorized, after the cluster is made"
)
DOCUMENTED_ACCOUNT = "123456789012"
"""The account of AWS's documentation, which the stand-ins and mocks have. No caller on AWS belongs to it."""
_SESSION = re.compile(r"arn:aws[a-z-]*:sts::[0-9]{12}:assumed-role/([^/]+)/")


def deployer(caller: str, assumed_roles: Sequence[str] = ()) -> str:
    """Return the name of the deploy role, or the ARN of a caller that is not a role.

    Args:
        caller: ARN of the caller, as GetCallerIdentity returns it.
        assumed_roles: ARNs of the roles in `aws:assumeRoles`; the last one deploys.
    """
    session = _SESSION.match(caller)
    return role_of(assumed_roles[-1]) if assumed_roles else session[1] if session else caller


def administers(role: str, admins: Sequence[str]) -> bool:
    """Return whether the deploy role is one of the administrators.

    The ARN of a session has no path of the role, so only the names are compared, which are unique in an account:
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
    """
    # The ARN of a user or of another principal is no name, even if it ends like one.
    return ":" not in role and _name(role) in {_name(role_of(each)) for each in admins}


def require_administrator(
    caller: str, account_id: str, admins: Sequence[str], environment: str, provider: pulumi.Resource
) -> None:
    """Stop an update by a caller that the cluster would refuse; warn in a preview, which others may run.

    Args:
        caller: ARN of the caller.
        account_id: account of the caller.
        admins: administrator roles of the cluster, from the settings.
        environment: the stack.
        provider: resource of the warning.

    Raises:
        pulumi.RunError: the caller is not an administrator.
    """
    role = deployer(caller)
    if account_id == DOCUMENTED_ACCOUNT or administers(role, admins):
        return
    problem = (
        f"Pulumi.{environment}.yaml: cluster.adminRoles: must name the deploy role, got {role}; accepted: "
        f"{', '.join(admins)}; {REMEDY}"
    )
    if not pulumi.runtime.is_dry_run():
        raise pulumi.RunError(f"{problem}. Nothing was changed")
    pulumi.log.warn(f"{problem}. An update with these credentials stops before it changes anything", resource=provider)


def _name(role: str) -> str:
    return role.rpartition("/")[2]
