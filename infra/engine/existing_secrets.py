"""Existing secrets that a stack mounts: created with generated values in a temporary local cloud."""

import secrets
from collections.abc import Collection

from localcloud.aws.account import Account
from localcloud.cloud import Cloud


def make(cloud: Cloud, names: Collection[str]) -> None:
    """Create each secret with a random value."""
    for name in names:
        _account(cloud).call("secretsmanager", "CreateSecret", Name=name, SecretString=secrets.token_urlsafe(30))


def remove(cloud: Cloud, names: Collection[str]) -> None:
    """Delete them immediately."""
    for name in names:
        _account(cloud).call("secretsmanager", "DeleteSecret", SecretId=name, ForceDeleteWithoutRecovery=True)


def _account(cloud: Cloud) -> Account:
    return Account(cloud.account_id, cloud.region, cloud.aws_endpoint)
