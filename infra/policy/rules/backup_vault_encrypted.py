"""Rule: backups are encrypted with a customer managed key.

Anchors: CKV_AWS_166, Backup.1.
"""

from collections.abc import Iterator

from pulumi_policy import Severity

from infra.policy.rule import resource_rule
from infra.resources.properties import unset
from infra.resources.resource import Resource


def check(vault: Resource) -> Iterator[str]:
    """Yield vaults that a key of AWS encrypts, which cannot be shared with the account that restores."""
    if unset(vault.properties.get("kmsKeyArn")):
        yield "kmsKeyArn is not set"


RULE = resource_rule(
    name="aws-backup-vault-encrypted",
    severity=Severity.MEDIUM,
    description="A backup vault must have a customer managed key.",
    remedy="set kmsKeyArn",
    types=["aws:backup/vault:Vault"],
    check=check,
)
