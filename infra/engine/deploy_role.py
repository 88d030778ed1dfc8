"""The deploy role with the policies of this repository: created in a local cloud, and compared with its use."""

import json
from pathlib import Path

from infra.deploy_role import FOLDER, actions, policies, rehearsed
from infra.engine import admin_roles
from infra.engine.loopback import ask
from infra.engine.stack_file_copy import Overrides
from localcloud.aws.account import Account
from localcloud.cloud import ACCOUNT_ID, Cloud
from stacks.settings import AssumedRole, Settings, role_arn

SESSION_NAME = "rehearsal"
BOUNDARY = "drydock-rehearsal-boundary"
"""Name of the boundary of the role of a rehearsal and of every role that it creates."""


def arn_of(stack: str, settings: Settings, roles: tuple[AssumedRole, ...]) -> str:
    """Return the deploy role in the local account: from `aws:assumeRoles`, or the first administrator."""
    return role_arn(roles[-1].role_arn if roles else settings.cluster.admins(stack)[0], ACCOUNT_ID)


def overrides(arn: str) -> Overrides:
    """Return the settings that make a stack deploy as a role, with a boundary on the roles that it creates."""
    return {
        ("aws:assumeRoles",): [{"roleArn": arn, "sessionName": SESSION_NAME}],
        ("drydock:permissionsBoundary",): BOUNDARY,
    }


def make(cloud: Cloud, arn: str) -> None:
    """Create the role, which all principals of the account may assume, with all policies and its boundary."""
    from components._boundary import boundary  # noqa: PLC0415 - it brings the SDKs, which no other command waits for

    account = _account(cloud)
    limit = boundary(
        account_id=cloud.account_id,
        region=cloud.region,
        policy_name=BOUNDARY,
        others=(),
        bucket_arn="arn:aws:s3:::drydock-state",
        key_arn=f"arn:aws:kms:{cloud.region}:{cloud.account_id}:key/drydock-state",
    )
    limiting = account.call("iam", "CreatePolicy", PolicyName=BOUNDARY, PolicyDocument=limit)["Policy"]["Arn"]
    admin_roles.create(account, arn, PermissionsBoundary=limiting)
    name = arn.rpartition("/")[2]
    for file, document in policies().items():
        text = json.dumps(document)
        made = account.call("iam", "CreatePolicy", PolicyName=_policy_name(name, file), PolicyDocument=text)["Policy"]
        account.call("iam", "AttachRolePolicy", RoleName=name, PolicyArn=made["Arn"])


def remove(cloud: Cloud, arn: str) -> None:
    """Delete the role, its policies and its boundary."""
    call = _account(cloud).call
    name = arn.rpartition("/")[2]
    for file in policies():
        policy = f"arn:aws:iam::{cloud.account_id}:policy/{_policy_name(name, file)}"
        call("iam", "DetachRolePolicy", RoleName=name, PolicyArn=policy)
        call("iam", "DeletePolicy", PolicyArn=policy)
    call("iam", "DeleteRole", RoleName=name)
    call("iam", "DeletePolicy", PolicyArn=f"arn:aws:iam::{cloud.account_id}:policy/{BOUNDARY}")


def file_for(action: str) -> Path:
    """Return the policy file for an action: the one with the most actions of its service."""
    service = action.partition(":")[0]
    granted = {file: actions(document) for file, document in rehearsed().items()}
    return FOLDER / max(granted, key=lambda file: sum(each.startswith(f"{service}:") for each in granted[file]))


def unused(cloud: Cloud, arn: str) -> str:
    """Return a message about the granted actions that no request has used."""
    used = set(ask(f"{cloud.aws_endpoint}/drydock/uses").get(arn, ()))
    granted = [action for each in rehearsed().values() for action in actions(each)]
    idle = [action for action in granted if action not in used]
    names = f"; unused: {', '.join(idle)}" if idle else ""
    return f"used {len(granted) - len(idle)} of {len(granted)} actions that {FOLDER} grants for it{names}"


def _policy_name(role: str, file: str) -> str:
    return f"{role}-{Path(file).stem}"


def _account(cloud: Cloud) -> Account:
    return Account(cloud.account_id, cloud.region, cloud.aws_endpoint)
