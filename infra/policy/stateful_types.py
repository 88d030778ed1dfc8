"""The list of stateful resource types, whose deletion or replacement loses data, keys or referenced objects."""

from collections.abc import Mapping

STATEFUL_TYPES: Mapping[str, str] = {
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
"""Pulumi type -> what is lost when a resource of this type is deleted."""
