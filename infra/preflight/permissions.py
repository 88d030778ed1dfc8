"""Checks of the permissions of the deploy role, and of the permissions boundary of new roles."""

from collections.abc import Iterator

from infra.deploy_role import actions, rehearsed
from infra.preflight.finding import Ask, Finding, Wanted, judged, listed
from stacks.settings.roles import account_of, role_of

# https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html does not limit the number of
# actions; this value keeps requests small.
ACTIONS_A_REQUEST = 50
SHOWN = 5


def permissions(wanted: Wanted, ask: Ask) -> Iterator[Finding]:
    """Check with the policy simulation of IAM that no action is explicitly denied to the deploy role."""
    if not wanted.assumed_roles:
        return
    role = wanted.assumed_roles[-1]
    denied: list[str] = []
    shipped = shipped_actions()
    for start in range(0, len(shipped), ACTIONS_A_REQUEST):
        part = shipped[start : start + ACTIONS_A_REQUEST]
        answer = ask("iam", "SimulatePrincipalPolicy", PolicySourceArn=role, ActionNames=part)
        denied += [
            str(each["EvalActionName"])
            for each in listed(answer, "EvaluationResults")
            if each["EvalDecision"] == "explicitDeny"
        ]
    more = f" and {len(denied) - SHOWN} more" if len(denied) > SHOWN else ""
    yield judged(
        "permissions",
        f"{role} is denied {', '.join(denied[:SHOWN])}{more}" if denied else f"{role} is denied none explicitly",
        f"none of the {len(shipped)} actions of infra/deploy_role denied",
        "remove the deny from the role's policies, its permissions boundary or the organization's policies",
        ok=not denied,
    )


def boundary(wanted: Wanted, ask: Ask) -> Iterator[Finding]:
    """Check that the permissions boundary exists, which IAM requires of each new role.

    A policy that is the boundary of the deploy role exists. Only another one needs `iam:GetPolicy`, which the deploy
    role does not have.
    """
    name = wanted.settings.permissions_boundary
    if name is None:
        return
    role = wanted.assumed_roles[-1] if wanted.assumed_roles else ""
    account = wanted.settings.account_id or account_of(role) or ask("sts", "GetCallerIdentity").get("Account", "")
    arn = f"arn:aws:iam::{account}:policy/{name}"
    deploy = role_of(wanted.settings.cluster.admins(wanted.environment)[0]).rpartition("/")[2]
    attached = (ask("iam", "GetRole", RoleName=deploy).get("Role") or {}).get("PermissionsBoundary") or {}
    exists = attached.get("PermissionsBoundaryArn") == arn or bool(ask("iam", "GetPolicy", PolicyArn=arn).get("Policy"))
    yield judged(
        "permissions boundary",
        arn if exists else f"no policy {name}",
        arn,
        f"correct permissionsBoundary in Pulumi.{wanted.environment}.yaml (a path is a part of the name), or create "
        "the policy: bootstrap/ creates drydock-STACK-boundary",
        ok=exists,
    )


def shipped_actions() -> list[str]:
    """Return the actions in the policies of infra/deploy_role, except those that no rehearsal uses."""
    return sorted({action for document in rehearsed().values() for action in actions(document)})
