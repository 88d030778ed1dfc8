"""Whether the credentials of this shell are those of the account that a stack is meant for."""

import shutil
import subprocess

from infra.errors import InputError
from stacks.settings import AssumedRole, Settings

SECONDS = 30


def require_account(stack: str, settings: Settings, roles: tuple[AssumedRole, ...]) -> None:
    """Check `accountId` before anything is planned.

    The last of `roles` is of the account, which the settings see to; without roles, AWS is asked who is here. Where the
    AWS CLI is missing or gets no answer, the check is left to Pulumi's provider, which has the account in its
    `allowedAccountIds`.

    Raises:
        InputError: the credentials are of another account.
    """
    if settings.account_id is None or roles:
        return
    found = caller_account()
    if found and found != settings.account_id:
        raise InputError(
            f"Pulumi.{stack}.yaml: accountId is {settings.account_id}, and the credentials here are of account "
            f"{found}; use credentials of {settings.account_id}, or set accountId if {found} is the right one"
        )


def caller_account() -> str:
    """Ask AWS for the account of this shell's credentials; "" where that cannot be told."""
    aws = shutil.which("aws")
    if aws is None:
        return ""
    command = [aws, "sts", "get-caller-identity", "--query", "Account", "--output", "text"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
