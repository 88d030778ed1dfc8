"""Administrator roles of the cluster: on AWS they exist before the program runs, so a local cloud needs them too."""

import json
from collections.abc import Collection, Iterable
from typing import Any

from localcloud.aws.account import Account
from localcloud.aws.inventory import GIVEN_ROLE
from localcloud.cloud import Cloud
from stacks.settings import role_arn


def ensure(cloud: Cloud, roles: Iterable[str]) -> list[str]:
    """Create the missing roles, with permissions only in the cluster. All of the account may assume them.

    Args:
        cloud: the local cloud.
        roles: as `cluster.adminRoles` names them.

    Returns:
        ARNs of the created roles.
    """
    account = _account(cloud)
    there = {role["RoleName"] for role in account.call("iam", "ListRoles", MaxItems=1000)["Roles"]}
    made = [arn for arn in (role_arn(role, cloud.account_id) for role in roles) if _name(arn) not in there]
    for arn in made:
        create(account, arn, Description=GIVEN_ROLE)
    return made


def remove(cloud: Cloud, arns: Collection[str]) -> None:
    """Delete the roles."""
    for arn in arns:
        _account(cloud).call("iam", "DeleteRole", RoleName=_name(arn))


def create(account: Account, arn: str, **parameters: Any) -> None:
    """Create a role that all principals of the account may assume."""
    statement = {"Effect": "Allow", "Principal": {"AWS": account.id}, "Action": ["sts:AssumeRole"]}
    path = arn.partition(":role/")[2].rpartition("/")[0]
    account.call(
        "iam",
        "CreateRole",
        RoleName=_name(arn),
        Path=f"/{path}/" if path else "/",
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
        **parameters,
    )


def described(arns: Collection[str]) -> str:
    """Return a message about the created roles."""
    names = ", ".join(arn.partition(":role/")[2] for arn in arns)
    return f"cluster.adminRoles: {names} created in the local account; on AWS they must exist before"


def _name(arn: str) -> str:
    """Return the name of a role, which has no path."""
    return arn.rpartition("/")[2]


def _account(cloud: Cloud) -> Account:
    return Account(cloud.account_id, cloud.region, cloud.aws_endpoint)
