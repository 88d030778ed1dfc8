"""The account of this shell's credentials: whether it is the one that a stack is meant for."""

from functools import cache

from infra.errors import InputError
from infra.preflight.finding import Ask, UnreadableError
from infra.preflight.reader import Reader
from stacks.settings import AssumedRole, Settings


@cache
def reader(region: str) -> Reader:
    """Return the one reader of a command, so that no question is asked twice, by the preflight for example."""
    return Reader(region)


def require_account(stack: str, settings: Settings, roles: tuple[AssumedRole, ...], ask: Ask) -> None:
    """Check `accountId` before anything is planned.

    The last of `roles` is of the account, which the settings see to; without roles, AWS is asked for the caller. If AWS
    gives no answer, the check is left to Pulumi's provider, which has the account in its `allowedAccountIds`.

    Raises:
        InputError: the credentials are of another account.
    """
    if settings.account_id is None or roles:
        return
    try:
        found = ask("sts", "GetCallerIdentity").get("Account")
    except UnreadableError:
        return
    if found and found != settings.account_id:
        raise InputError(
            f"Pulumi.{stack}.yaml: accountId is {settings.account_id}, and the credentials here are of account "
            f"{found}; use credentials of {settings.account_id}, or set accountId if {found} is the right one"
        )
