"""Keys of a stack file for providers of Pulumi that the program configures itself.

The engine passes them only to its default providers, which the program does not use, so they would have no effect.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from stacks.settings.assumed_role import KEY, OLD_KEY
from stacks.settings.namespaces import NAMESPACE

_ENVIRONMENT = MappingProxyType(
    {
        "aws:accessKey": "the environment variable AWS_ACCESS_KEY_ID",
        "aws:profile": "the environment variable AWS_PROFILE",
        "aws:secretKey": "the environment variable AWS_SECRET_ACCESS_KEY",
        "aws:sharedConfigFiles": "the environment variable AWS_CONFIG_FILE",
        "aws:sharedCredentialsFiles": "the environment variable AWS_SHARED_CREDENTIALS_FILE",
        "aws:token": "the environment variable AWS_SESSION_TOKEN",
    }
)
INSTEAD: Mapping[str, str] = MappingProxyType(
    {
        **_ENVIRONMENT,
        KEY: "",
        OLD_KEY: "",  # its own message is in stacks/settings/assumed_role.py
        "aws:allowedAccountIds": f"{NAMESPACE}:accountId",
        "aws:defaultTags": f"{NAMESPACE}:tags",
        "aws:region": f"{NAMESPACE}:region",
    }
)
"""Key -> what to use instead; empty if the program reads the key."""

PROVIDERS = {"aws": "aws", "kubernetes": "Kubernetes"}


def for_bootstrap(namespace: str) -> Mapping[str, str]:
    """Return the same for the program of the account, whose keys have another namespace."""
    return MappingProxyType(
        {
            **_ENVIRONMENT,
            KEY: "credentials of an administrator of the account, such as AWS_PROFILE",
            OLD_KEY: "credentials of an administrator of the account, such as AWS_PROFILE",
            "aws:allowedAccountIds": f"{namespace}:accountId",
            "aws:region": f"{namespace}:region",
        }
    )


def ignored_keys(keys: Iterable[str], instead: Mapping[str, str]) -> list[str]:
    """Return the error of each key that the program ignores, as `key: message`."""
    found = []
    for key in keys:
        provider = PROVIDERS.get(key.partition(":")[0])
        if provider and instead.get(key) != "":
            use = f"use {instead[key]} instead" if key in instead else "remove it"
            found.append(f"{key}: has no effect, because the program configures its own {provider} provider; {use}")
    return found
