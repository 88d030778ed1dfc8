"""Rows for resources with data: RDS, ECR, Secrets Manager, S3, SQS."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from tests.localcloud.aws.updates.row import SETTINGS_BUCKET, Row, World, document


def instance(world: World) -> Row:
    keys = world.arns(world.keys)
    return Row(
        base={
            "identifier": "row",
            "engine": "postgres",
            "engineVersion": "17.5",
            "instanceClass": "db.t4g.small",
            "dbName": "app",
            "username": "app",
            "password": "first-password",
            "port": 5432,
            "allocatedStorage": 20,
            "maxAllocatedStorage": 100,
            "storageType": "gp3",
            "storageEncrypted": True,
            "kmsKeyId": keys[0],
            "multiAz": False,
            "dbSubnetGroupName": world.subnet_groups[0].id,
            "parameterGroupName": world.parameters[0].id,
            "vpcSecurityGroupIds": [world.groups[0].id],
            "publiclyAccessible": False,
            "autoMinorVersionUpgrade": False,
            "backupRetentionPeriod": 7,
            "backupWindow": "02:00-03:00",
            "maintenanceWindow": "sun:03:30-sun:04:30",
            "copyTagsToSnapshot": True,
            "caCertIdentifier": "rds-ca-rsa2048-g1",
            "deletionProtection": False,
            "skipFinalSnapshot": True,
            "performanceInsightsEnabled": False,
            "databaseInsightsMode": "standard",
            "dedicatedLogVolume": False,
            "enabledCloudwatchLogsExports": ["postgresql"],
        },
        changes={
            "instanceClass": ["db.t4g.medium", "db.m7g.large"],
            "password": ["second-password", "third-password"],
            "port": [5433, 5434],
            "maxAllocatedStorage": [200, 300],
            "multiAz": [True, False],
            "dbSubnetGroupName": [world.subnet_groups[1].id, world.subnet_groups[0].id],
            "parameterGroupName": [world.parameters[1].id, world.parameters[0].id],
            "vpcSecurityGroupIds": [[world.groups[0].id, world.groups[1].id], [world.groups[2].id]],
            "publiclyAccessible": [True, False],
            "autoMinorVersionUpgrade": [True, False],
            "backupRetentionPeriod": [14, 1],
            "backupWindow": ["01:00-02:00", "05:00-06:00"],
            "maintenanceWindow": ["mon:03:30-mon:04:30", "tue:03:30-tue:04:30"],
            "copyTagsToSnapshot": [False, True],
            "caCertIdentifier": ["rds-ca-rsa4096-g1", "rds-ca-ecc384-g1"],
            "deletionProtection": [True, False],
            "performanceInsightsEnabled": [True, False],
            "databaseInsightsMode": ["advanced", "standard"],
            "dedicatedLogVolume": [True, False],
            "performanceInsightsRetentionPeriod": [31, 7],
            "performanceInsightsKmsKeyId": [keys[0], keys[1]],
            "enabledCloudwatchLogsExports": [["postgresql", "upgrade"], ["upgrade"], []],
            "iamDatabaseAuthenticationEnabled": [True, False, True],
            "applyImmediately": [True, False],
            "allowMajorVersionUpgrade": [True, False],
            "skipFinalSnapshot": [False, True],
            "finalSnapshotIdentifier": ["row-last", "row-end"],
            "deleteAutomatedBackups": [True, False],
            "storageType": ["gp2", "gp3"],
        },
        one_way={"allocatedStorage": [30, 40], "engineVersion": ["17.6", "17.7"]},
        replaces={
            "identifier": "other",
            "engine": "mysql",
            "username": "other",
            "dbName": "other",
            "storageEncrypted": False,
            "kmsKeyId": keys[1],
            "availabilityZone": "eu-central-1a",
        },
        kept=frozenset({"performanceInsightsRetentionPeriod", "performanceInsightsKmsKeyId"}),
        untold=frozenset(
            {
                "password",
                "port",  # the local endpoint has its own port
                "applyImmediately",
                "allowMajorVersionUpgrade",
                "skipFinalSnapshot",
                "finalSnapshotIdentifier",
                "deleteAutomatedBackups",
            }
        ),
    )


def managed_instance(world: World) -> Row:
    """RDS manages its password. This does not change in place, because another key needs a new secret."""
    own = {
        "identifier": "managed",
        "manageMasterUserPassword": True,
        "masterUserSecretKmsKeyId": world.keys[1].outputs["arn"],
    }
    given = instance(world).base
    return Row(base={**{name: value for name, value in given.items() if name != "password"}, **own})


def subnet_group(world: World) -> Row:
    first, second, third = world.subnet_ids
    return Row(
        base={"subnetIds": [first, second]},
        changes={
            "subnetIds": [[first, second, third], [first, third], [second, third]],
            "description": ["second", "third"],
        },
        replaces={"name": "other"},
    )


def parameter_group(world: World) -> Row:
    force = {"name": "rds.force_ssl", "value": "1", "applyMethod": "pending-reboot"}
    slow = {"name": "log_min_duration_statement", "value": "500"}
    return Row(
        base={"family": "postgres17", "parameters": [force]},
        changes={
            "parameters": [
                [force, slow],
                [force, {**slow, "value": "200"}],
                [{**slow, "applyMethod": "pending-reboot"}],
                [],
            ]
        },
        replaces={"family": "postgres18", "description": "other", "name": "other"},
    )


def repository(world: World) -> Row:
    keys = world.arns(world.keys)
    return Row(
        base={
            "name": "row",
            "imageTagMutability": "IMMUTABLE",
            "encryptionConfigurations": [{"encryptionType": "KMS", "kmsKey": keys[0]}],
            "imageScanningConfiguration": {"scanOnPush": True},
        },
        changes={
            "imageTagMutability": ["MUTABLE", "IMMUTABLE"],
            "imageScanningConfiguration": [{"scanOnPush": False}, {"scanOnPush": True}],
            "forceDelete": [True, False],
        },
        replaces={
            "name": "other",
            "encryptionConfigurations": [{"encryptionType": "KMS", "kmsKey": keys[1]}],
        },
        untold=frozenset({"forceDelete"}),
    )


def _expire(count: int) -> str:
    selection = {"tagStatus": "untagged", "countType": "imageCountMoreThan", "countNumber": count}
    return json.dumps({"rules": [{"rulePriority": 1, "selection": selection, "action": {"type": "expire"}}]})


def lifecycle_policy(world: World) -> Row:
    return Row(
        base={"repository": world.repository.id, "policy": _expire(5)},
        changes={"policy": [_expire(10), _expire(20)]},
        replaces={"repository": "other"},
    )


def repository_policy(world: World) -> Row:
    pull, push = document("ecr:BatchGetImage", "*"), document("ecr:PutImage", "*")
    return Row(
        base={"repository": world.repository.id, "policy": pull},
        changes={"policy": [push, document("ecr:*", "*")]},
        replaces={"repository": "other"},
    )


def secret(world: World) -> Row:
    keys = world.arns(world.keys)
    return Row(
        base={"name": "row", "recoveryWindowInDays": 0},
        changes={
            "description": ["first", "second"],
            "kmsKeyId": [keys[0], keys[1]],
            "policy": [document("secretsmanager:*", "*"), document("secretsmanager:GetSecretValue", "*")],
            "recoveryWindowInDays": [7, 30],
            "forceOverwriteReplicaSecret": [True, False],
        },
        replaces={"name": "other"},
        kept=frozenset({"kmsKeyId"}),
        untold=frozenset({"recoveryWindowInDays", "forceOverwriteReplicaSecret"}),
    )


def secret_version(world: World) -> Row:
    other = world.arns([world.secret])[0]
    return Row(
        base={"secretId": other, "secretString": "first"},
        replaces={"secretId": "other", "secretString": "second"},
    )


def bucket(world: World) -> Row:
    return Row(
        base={"bucket": "row"},
        changes={"forceDestroy": [True, False]},
        replaces={"bucket": "other"},
        untold=frozenset({"forceDestroy"}),
    )


def _setting(replaces: tuple[str, ...], **changes: list[Any]) -> Callable[[World], Row]:
    """Return a row for a setting of a bucket; it is created with the first value of each property."""

    def row(world: World) -> Row:
        values = {"bucket": world.bucket2.id}
        return Row(
            base={"bucket": world.bucket.id, **{name: given[0] for name, given in changes.items()}},
            changes={name: [*given[1:], given[0]] for name, given in changes.items()},
            replaces={name: values[name] for name in replaces},
        )

    return row


def _rule(days: int, **more: Any) -> dict[str, Any]:
    return {"id": "expire", "status": "Enabled", "filter": {"prefix": ""}, "expiration": {"days": days}, **more}


SETTINGS: Mapping[str, Callable[[World], Row]] = {
    "BucketVersioning": _setting(
        ("bucket",),
        versioningConfiguration=[{"status": "Enabled"}, {"status": "Suspended"}, {"status": "Enabled"}],
    ),
    "BucketServerSideEncryptionConfiguration": _setting(
        ("bucket",),
        rules=[
            [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}],
            [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms"}, "bucketKeyEnabled": True}],
            [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": "alias/k"}}],
        ],
    ),
    "BucketPublicAccessBlock": _setting(
        ("bucket",),
        blockPublicAcls=[True, False],
        blockPublicPolicy=[True, False],
        ignorePublicAcls=[True, False],
        restrictPublicBuckets=[True, False],
    ),
    "BucketPolicy": _setting(
        ("bucket",),
        policy=[
            document(action, "arn:aws:iam::123456789012:root", f"arn:aws:s3:::{SETTINGS_BUCKET}/*")
            for action in ("s3:GetObject", "s3:PutObject", "s3:*")
        ],
    ),
    "BucketLifecycleConfiguration": _setting(
        ("bucket",),
        rules=[
            [_rule(30, noncurrentVersionExpiration={"noncurrentDays": 30})],
            [_rule(60, abortIncompleteMultipartUpload={"daysAfterInitiation": 7})],
            [_rule(90), {**_rule(5), "id": "other", "filter": {"prefix": "tmp/"}}],
        ],
    ),
    "BucketOwnershipControls": _setting(
        ("bucket",),
        rule=[{"objectOwnership": name} for name in ("BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter")],
    ),
}


def queue(world: World) -> Row:
    keys, arns = world.arns(world.keys), world.arns([world.queue, world.queue2])
    redrive = [json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": count}) for arn in arns for count in (3, 5)]
    allow = [json.dumps({"redrivePermission": "byQueue", "sourceQueueArns": [arn]}) for arn in arns]
    return Row(
        base={"name": "row", "kmsMasterKeyId": keys[0]},
        changes={
            "kmsMasterKeyId": [keys[1], keys[2]],
            "kmsDataKeyReusePeriodSeconds": [600, 900],
            "delaySeconds": [5, 10],
            "maxMessageSize": [2048, 4096],
            "messageRetentionSeconds": [600, 1_209_600],
            "receiveWaitTimeSeconds": [10, 20],
            "visibilityTimeoutSeconds": [60, 90],
            "redrivePolicy": redrive,
            "redriveAllowPolicy": allow,
            "policy": [document("sqs:SendMessage", "*"), document("sqs:*", "*")],
        },
        replaces={"name": "other", "fifoQueue": True},
        kept=frozenset({"kmsDataKeyReusePeriodSeconds", "maxMessageSize"}),
    )


def queue_encrypted_by_sqs(world: World) -> Row:
    return Row(base={"name": "sse", "sqsManagedSseEnabled": True}, changes={"sqsManagedSseEnabled": [False, True]})


def fifo_queue(world: World) -> Row:
    return Row(
        base={"name": "row.fifo", "fifoQueue": True},
        changes={
            "contentBasedDeduplication": [True, False],
            "deduplicationScope": ["messageGroup", "queue"],
            "fifoThroughputLimit": ["perMessageGroupId", "perQueue"],
        },
        kept=frozenset({"deduplicationScope", "fifoThroughputLimit"}),
    )


def queue_policy(world: World) -> Row:
    return Row(
        base={"queueUrl": world.queue.id, "policy": document("sqs:SendMessage", "*")},
        changes={"policy": [document("sqs:ReceiveMessage", "*"), document("sqs:*", "*")]},
        replaces={"queueUrl": world.queue2.id},
    )


def redrive_allow(world: World) -> Row:
    arns = world.arns([world.queue, world.queue2])
    allow = [json.dumps({"redrivePermission": "byQueue", "sourceQueueArns": [arn]}) for arn in arns]
    return Row(
        base={"queueUrl": world.queue.id, "redriveAllowPolicy": '{"redrivePermission": "denyAll"}'},
        changes={"redriveAllowPolicy": allow},
        replaces={"queueUrl": world.queue2.id},
    )


ROWS: Mapping[str, Mapping[str, Callable[[World], Row]]] = {
    "aws:rds/instance:Instance": {"": instance, "managed": managed_instance},
    "aws:rds/subnetGroup:SubnetGroup": {"": subnet_group},
    "aws:rds/parameterGroup:ParameterGroup": {"": parameter_group},
    "aws:ecr/repository:Repository": {"": repository},
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": {"": lifecycle_policy},
    "aws:ecr/repositoryPolicy:RepositoryPolicy": {"": repository_policy},
    "aws:secretsmanager/secret:Secret": {"": secret},
    "aws:secretsmanager/secretVersion:SecretVersion": {"": secret_version},
    "aws:s3/bucket:Bucket": {"": bucket},
    **{f"aws:s3/{name[0].lower()}{name[1:]}:{name}": {"": row} for name, row in SETTINGS.items()},
    "aws:sqs/queue:Queue": {"": queue, "sse": queue_encrypted_by_sqs, "fifo": fifo_queue},
    "aws:sqs/queuePolicy:QueuePolicy": {"": queue_policy},
    "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": {"": redrive_allow},
}
