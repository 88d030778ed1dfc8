"""Rule: the storage of a database is encrypted with a customer managed key.

Anchors: AWS-0080, CKV_AWS_16, CIS-AWS 3.2.1, RDS.3.
"""

from collections.abc import Iterator

from pulumi_policy import Severity

from infra.policy.rule import resource_rule
from infra.resources.properties import UNKNOWN, unset
from infra.resources.resource import Resource


def check(database: Resource) -> Iterator[str]:
    """Yield a finding for unencrypted storage or an AWS managed key; a replica uses the settings of its source."""
    if not unset(database.properties.get("replicateSourceDb")):
        return
    if database.properties.get("storageEncrypted") not in (True, UNKNOWN):
        yield "storageEncrypted is not true"
    elif unset(database.properties.get("kmsKeyId")):
        yield "kmsKeyId is not set, so it is encrypted by a key that AWS manages and nobody can revoke"


RULE = resource_rule(
    name="aws-rds-storage-encrypted",
    severity=Severity.HIGH,
    description="The storage of a database must be encrypted with a customer managed key.",
    remedy="set storageEncrypted to true and kmsKeyId to a customer-managed key; both only at creation",
    types=["aws:rds/instance:Instance", "aws:rds/cluster:Cluster"],
    check=check,
)
