"""Rule: file systems, caches, tables and search domains are encrypted.

Anchors: AWS-0037, AWS-0045, AWS-0048, CKV_AWS_5, CKV_AWS_29, CKV_AWS_42, CIS-AWS 3.3.1, EFS.1, ES.1.
"""

from collections.abc import Iterator

from pulumi_policy import Severity

from infra.policy.rule import resource_rule
from infra.resources.properties import UNKNOWN, at
from infra.resources.resource import Resource

SWITCHES = {
    "aws:efs/fileSystem:FileSystem": ("encrypted",),
    "aws:elasticache/replicationGroup:ReplicationGroup": ("atRestEncryptionEnabled", "transitEncryptionEnabled"),
    "aws:opensearch/domain:Domain": ("encryptAtRest.enabled", "nodeToNodeEncryption.enabled"),
    "aws:redshift/cluster:Cluster": ("encrypted",),
    "aws:docdb/cluster:Cluster": ("storageEncrypted",),
    "aws:neptune/cluster:Cluster": ("storageEncrypted",),
}
"""Resource type -> properties that must be true."""


def check(resource: Resource) -> Iterator[str]:
    """Yield switches of encryption that are off, which is the default of AWS."""
    for path in SWITCHES[resource.type]:
        if at(resource.properties, path) not in (True, "true", UNKNOWN):
            yield f"{path} is not true"


RULE = resource_rule(
    name="aws-storage-encrypted",
    severity=Severity.HIGH,
    description="EFS file systems, ElastiCache groups, OpenSearch domains, and clusters of Redshift, DocumentDB and "
    "Neptune must be encrypted.",
    remedy="set it to true; encryption at rest can only be set at creation",
    types=list(SWITCHES),
    check=check,
)
