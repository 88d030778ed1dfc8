"""stateful-resource-protected."""

import pytest

from infra.policy.rules.stateful_protected import RULE
from tests.infra.policy.judge import Given, violations

LOST = {
    "aws:rds/instance:Instance": "database",
    "aws:rds/cluster:Cluster": "database",
    "aws:dynamodb/table:Table": "table",
    "aws:s3/bucket:Bucket": "objects",
    "aws:s3/bucketV2:BucketV2": "objects",
    "aws:efs/fileSystem:FileSystem": "files",
    "aws:ebs/volume:Volume": "disk",
    "aws:elasticache/replicationGroup:ReplicationGroup": "cache",
    "aws:opensearch/domain:Domain": "index",
    "aws:kms/key:Key": "key, and with it all that it encrypts",
    "aws:secretsmanager/secret:Secret": "secret",
    "aws:sqs/queue:Queue": "messages",
    "aws:ecr/repository:Repository": "images",
    "aws:cognito/userPool:UserPool": "users",
    "aws:backup/vault:Vault": "backups",
    "aws:cloudwatch/logGroup:LogGroup": "logs",
    "kubernetes:core/v1:PersistentVolume": "disk",
    "kubernetes:core/v1:PersistentVolumeClaim": "disk",
}
"""Resource type -> what is lost with it."""


@pytest.mark.parametrize("resource_type", LOST)
def test_accepts_a_protected_resource(resource_type: str) -> None:
    """The resource has the option `protect`."""
    assert violations(RULE, Given(type=resource_type, properties={}, protect=True)) == []


@pytest.mark.parametrize("resource_type", LOST)
def test_rejects_an_unprotected_resource(resource_type: str) -> None:
    """The message names what would be lost."""
    [message] = violations(RULE, Given(type=resource_type, properties={}, protect=False))

    assert f"loses the {LOST[resource_type]}" in message


def test_accepts_an_unprotected_resource_without_state() -> None:
    """A VPC can be created again."""
    vpc = Given(type="aws:ec2/vpc:Vpc", properties={}, protect=False)

    assert violations(RULE, vpc) == []
