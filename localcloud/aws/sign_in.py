"""Assumes the roles of a deployment with STS, one after the other, like `assumeRoles` of Pulumi's aws provider.

Documentation of the properties: https://www.pulumi.com/registry/packages/aws/api-docs/provider/#providerassumerole
"""

import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from localcloud.aws.account import Account
from localcloud.aws.judge.refusal import error_code
from localcloud.protocol.servicer import ProviderError

if TYPE_CHECKING:
    from botocore.credentials import Credentials

SESSION_NAME = "pulumi"
_NAMES = {
    "roleArn": "RoleArn",
    "sessionName": "RoleSessionName",
    "externalId": "ExternalId",
    "policy": "Policy",
    "sourceIdentity": "SourceIdentity",
    "transitiveTagKeys": "TransitiveTagKeys",
}
_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}


def parameters(role: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters of AssumeRole for an item of the provider's `assumeRoles`."""
    asked = {theirs: role[ours] for ours, theirs in _NAMES.items() if role.get(ours)}
    if role.get("duration"):
        asked["DurationSeconds"] = seconds(str(role["duration"]))
    if role.get("tags"):
        asked["Tags"] = [{"Key": key, "Value": value} for key, value in role["tags"].items()]
    if role.get("policyArns"):
        asked["PolicyArns"] = [{"arn": arn} for arn in role["policyArns"]]
    return {"RoleSessionName": SESSION_NAME, **asked}


def seconds(duration: str) -> int:
    """Return a duration such as `1h30m` in seconds."""
    parts = re.findall(r"([\d.]+)(h|ms|m|s|us|µs|ns)", duration)
    if not parts or "".join(map("".join, parts)) != duration:
        raise ProviderError(f"assumeRoles: duration must be a number with its unit, such as 1h or 90m, got {duration}")
    return int(sum(float(number) * _SECONDS[unit] for number, unit in parts))


def sign_in(owner: Account, roles: Sequence[Mapping[str, Any]]) -> "Credentials | None":
    """Assume roles, each with the credentials of the previous one.

    Args:
        owner: the account, with the key that assumes the first role.
        roles: the provider's `assumeRoles`.

    Returns:
        Credentials that are renewed before they expire, or None if there are no roles.

    Raises:
        ProviderError: a role cannot be assumed.
    """
    from botocore.credentials import RefreshableCredentials  # noqa: PLC0415 - slow to load

    credentials: Credentials | None = None
    for role in roles:
        account = owner.in_region(owner.region, credentials)
        take = partial(_session, account, parameters(role))
        try:
            first = take()
        except Exception as error:
            code = error_code(error)
            if not code:
                raise
            message = error.response["Error"].get("Message", "")  # type: ignore[attr-defined]
            raise ProviderError(
                f"assumeRoles: AssumeRole was refused with {code}: {message} (the role must exist, and its trust "
                "policy must allow the caller to assume it: correct the role in IAM, or roleArn in the stack file)"
            ) from error
        credentials = RefreshableCredentials.create_from_metadata(first, take, "assume-role")
    return credentials


def _session(account: Account, asked: Mapping[str, Any]) -> dict[str, str]:
    """Create a session, and return it in botocore's format."""
    with Account.marked(""):  # the session is not a part of the operation that first needs it
        made = account.call("sts", "AssumeRole", **asked)["Credentials"]
    return {
        "access_key": made["AccessKeyId"],
        "secret_key": made["SecretAccessKey"],
        "token": made["SessionToken"],
        "expiry_time": made["Expiration"].isoformat(),
    }
