"""Checks of the deploying identity: the account, and access to the cluster after its creation."""

from collections.abc import Iterator

from infra.preflight.finding import Ask, Finding, Wanted, judged
from stacks.administrator import REMEDY, administers, deployer
from stacks.settings.roles import account_of, role_arn, role_of


def account(wanted: Wanted, ask: Ask) -> Iterator[Finding]:
    """Check that the account of the credentials, or of the assumed role, is the account of the stack."""
    caller = ask("sts", "GetCallerIdentity")
    role = wanted.assumed_roles[-1] if wanted.assumed_roles else ""
    found, expected = account_of(role) or str(caller.get("Account", "")), wanted.settings.account_id
    yield judged(
        "account",
        f"{found}, as {caller.get('Arn', '')}",
        expected or "any, because accountId is not set",
        f"use credentials of {expected}, or correct accountId in Pulumi.{wanted.environment}.yaml",
        ok=expected in (None, found),
    )


def access(wanted: Wanted, ask: Ask) -> Iterator[Finding]:
    """Check that the deploying identity is an administrator of the cluster, because its creator gets no access.

    The program makes the same check, for those who deploy with Pulumi's own CLI.
    """
    admins = wanted.settings.cluster.admins(wanted.environment)
    role = deployer(str(ask("sts", "GetCallerIdentity").get("Arn", "")), wanted.assumed_roles)
    yield judged(
        "access to the cluster",
        f"{role} deploys",
        f"one of cluster.adminRoles: {', '.join(admins)}",
        REMEDY,
        ok=administers(role, admins),
    )


def admin_roles(wanted: Wanted, ask: Ask) -> Iterator[Finding]:
    """Check that all administrator roles exist, because EKS rejects access entries for roles that do not."""
    here = str(ask("sts", "GetCallerIdentity").get("Account", ""))
    for each in wanted.settings.cluster.admins(wanted.environment):
        role = ask("iam", "GetRole", RoleName=role_of(each).rpartition("/")[2]).get("Role") or {}
        arn = role_arn(each, account_of(each) or here)
        yield judged(
            "administrator",
            role.get("Arn", f"no role {each}"),
            arn,
            f"create the role {each}, or correct cluster.adminRoles (a role's path is a part of its name)",
            ok=role.get("Arn") == arn,
        )
