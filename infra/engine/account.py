"""Check that the credentials of this shell belong to the account of a stack."""

from functools import cache

from infra.errors import InputError
from infra.preflight.finding import Ask, UnreadableError
from infra.preflight.reader import Reader
from stacks.settings import AssumedRole, Settings


@cache
def reader(region: str) -> Reader:
    """Return the shared reader of a command, so that no API call is made twice."""
    return Reader(region)


def require_credentials(stack: str, ask: Ask) -> None:
    """Check that this shell has credentials that AWS accepts, which the state in a bucket needs too.

    Raises:
        InputError: it has none, they have expired, or AWS is unreachable.
    """
    try:
        ask("sts", "GetCallerIdentity")
    except UnreadableError as error:
        raise InputError(
            f"{stack} runs on AWS, but this shell has no access to it: {error.reason}; {error.sign_in}; "
            f"`drydock rehearse {stack}` needs no credentials"
        ) from error


def require_account(stack: str, settings: Settings, roles: tuple[AssumedRole, ...], ask: Ask) -> None:
    """Check `accountId` before the plan.

    The last of `roles` belongs to the account, which the settings ensure; without roles, this asks AWS for the caller.
    If AWS does not respond, Pulumi's provider makes the check, which has the account in its `allowedAccountIds`.

    Raises:
        InputError: the credentials belong to another account.
    """
    if settings.account_id is None or roles:
        return
    try:
        found = ask("sts", "GetCallerIdentity").get("Account")
    except UnreadableError:
        return
    if found and found != settings.account_id:
        raise InputError(
            f"Pulumi.{stack}.yaml: accountId is {settings.account_id}, but the credentials belong to account "
            f"{found}; use credentials of {settings.account_id}, or set accountId if {found} is the right one"
        )
